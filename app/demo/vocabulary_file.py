"""Read the vocabulary: what each sub-field works on, with which methods, and which products could come of it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.demo.words import Pair

VOCABULARY = Path(__file__).parent / "vocabulary"
PHRASES = Path(__file__).parent / "phrases"


@dataclass(frozen=True)
class Gain:
    """A measure that a work improves; `up` says whether more of it is better."""

    name: Pair
    up: bool


@dataclass(frozen=True)
class Topic:
    subject: Pair
    problem: Pair
    methods: tuple[Pair, ...]
    objects: tuple[Pair, ...]
    gains: tuple[Gain, ...]
    uses: tuple[Pair, ...]


@dataclass(frozen=True)
class Product:
    topic: Topic
    name: Pair
    what: Pair
    new: Pair
    use: Pair
    buyers: tuple[str, ...]  # kinds of institution, see institutions.py
    price_krw: int
    unit: str
    is_ai: bool
    is_software: bool


@dataclass(frozen=True)
class SubField:
    code: str
    item_class: str
    related: tuple[str, ...]
    topics: tuple[Topic, ...]
    products: tuple[Product, ...]


def _pairs(text: str) -> tuple[Pair, ...]:
    return tuple(Pair.read(part) for part in text.split(";"))


def _gain(text: str) -> Gain:
    text = text.strip()
    return Gain(Pair.read(text[1:]), up=text[0] == "+")


def _topic(row: dict[str, Any]) -> Topic:
    return Topic(
        Pair.read(row["subject"]),
        Pair.read(row["problem"]),
        _pairs(row["methods"]),
        _pairs(row["objects"]),
        tuple(_gain(part) for part in row["gains"].split(";")),
        _pairs(row["uses"]),
    )


def _product(row: dict[str, Any], topics: tuple[Topic, ...]) -> Product:
    return Product(
        topics[row["topic"] - 1],
        Pair.read(row["name"]),
        Pair.read(row["what"]),
        Pair.read(row["new"]),
        Pair.read(row["use"]),
        tuple(row["buyers"].split(", ")),
        row["price"],
        row["unit"],
        row.get("ai", False),
        row.get("software", False),
    )


@cache
def sub_fields() -> tuple[SubField, ...]:
    """The vocabulary of all sub-fields, in the order of their codes."""
    read = []
    for path in sorted(VOCABULARY.glob("f*.toml")):
        row = tomllib.loads(path.read_text(encoding="utf-8"))
        topics = tuple(_topic(t) for t in row["topic"])
        products = tuple(_product(p, topics) for p in row["product"])
        read.append(SubField(row["code"], row["item_class"], tuple(row["related"]), topics, products))
    return tuple(read)


@cache
def phrases(name: str) -> dict[str, Any]:
    """The sentences of one file of `phrases/`."""
    return tomllib.loads((PHRASES / f"{name}.toml").read_text(encoding="utf-8"))
