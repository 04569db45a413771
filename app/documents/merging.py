"""Two people write in one section: fields that only one of them changed are joined, the others are for people to settle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.documents.conditions import empty


@dataclass(frozen=True)
class Clash:
    """A field that both changed since they last agreed, to two different values."""

    mine: Any
    theirs: Any


@dataclass(frozen=True)
class Merged:
    values: Mapping[str, Any]  # what of mine is to be written
    clashes: Mapping[str, Clash]


def merge(seen: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Merged:
    """`seen` is what the writer had before them, `theirs` what is stored now.

    >>> merge({"a": "1", "b": "1"}, {"a": "2", "b": "2"}, {"a": "1", "b": "3"})
    Merged(values={'a': '2'}, clashes={'b': Clash(mine='2', theirs='3')})
    """
    values: dict[str, Any] = {}
    clashes: dict[str, Clash] = {}
    for name, own in mine.items():
        stored = theirs.get(name)
        if same(own, stored) or same(own, seen.get(name)):
            continue
        if same(stored, seen.get(name)):
            values[name] = own
        else:
            clashes[name] = Clash(own, stored)
    return Merged(values, clashes)


def same(one: Any, other: Any) -> bool:
    """Nothing entered and a box not ticked are one: a form cannot say which it was."""
    return one == other or (_nothing(one) and _nothing(other))


def _nothing(entered: Any) -> bool:
    return entered is False or empty(entered)
