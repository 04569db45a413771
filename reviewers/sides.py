"""The texts of dossiers and of works as vectors: each text in every model that some pair needs it in, no more."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import compress
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from reviewers.embeddings import Encoder, Progress, Vectors, embed
from reviewers.text import language_of
from reviewers.vector_cache import VectorCache

LANGUAGES = ("en", "ko")
MODELS = ("english", "multilingual")
REFERENCE = Path(__file__).with_name("reference.toml")


class Encoders(Protocol):
    """The two encoders; each is opened when first asked for, so a purely English pool never loads the multilingual."""

    @property
    def english(self) -> Encoder: ...

    @property
    def multilingual(self) -> Encoder: ...


@dataclass(frozen=True)
class Side:
    """The texts of one side (dossiers or works): places of their owners (ascending), languages, vectors by model.

    `vectors` holds one row per text and model of MODELS; the row of a text that no pair needs in that model is 0.
    """

    owner: npt.NDArray[np.intp]
    language: npt.NDArray[np.str_]
    vectors: Mapping[str, Vectors] = field(repr=False)


Owned = Sequence[tuple[int, str]]  # whose each text is, and the text, normalised


def embed_sides(
    left: Owned, right: Owned, encoders: Encoders, cache: VectorCache | None, progress: Progress | None
) -> tuple[Side, Side]:
    """Embed each text with every model that some pair needs it in, and nothing more."""
    languages = [np.array([language_of(text) for _, text in side], dtype="U2") for side in (left, right)]
    needed = {(side, model): _needed(languages[side], languages[1 - side], model) for side in (0, 1) for model in MODELS}
    counts = {model: int(needed[0, model].sum() + needed[1, model].sum()) for model in MODELS}
    means = language_means(encoders.multilingual, cache) if counts["multilingual"] else {}
    done = 0
    vectors: tuple[dict[str, Vectors], dict[str, Vectors]] = ({}, {})
    for model in MODELS:
        if not counts[model]:
            continue
        encoder: Encoder = getattr(encoders, model)
        texts = [text for s, side in enumerate((left, right)) for _, text in compress(side, needed[s, model])]
        told = _shifted(progress, done, len(texts), sum(counts.values()))
        rows = embed(texts, encoder, cache, told, normal=True)
        done += len(texts)
        for s, part in enumerate(np.split(rows, [int(needed[0, model].sum())])):
            full = np.zeros((len(languages[s]), rows.shape[1]), dtype=np.float32)
            full[needed[s, model]] = part
            if model == "multilingual":
                _centre(full, languages[s], needed[s, model], means)
            vectors[s][model] = full
    owners = [np.array([i for i, _ in side], dtype=np.intp) for side in (left, right)]
    return Side(owners[0], languages[0], vectors[0]), Side(owners[1], languages[1], vectors[1])


def _needed(own: npt.NDArray[np.str_], other: npt.NDArray[np.str_], model: str) -> npt.NDArray[np.bool_]:
    english = np.asarray(own == "en", dtype=np.bool_)
    if model == "english":
        return np.logical_and(english, "en" in other)
    return np.logical_or(np.logical_and(english, "ko" in other), np.logical_and(~english, len(other) > 0))


def _shifted(progress: Progress | None, before: int, count: int, total: int) -> Progress | None:
    """Progress over both models: equal texts are encoded once, so a model's part is stretched to its texts."""
    if progress is None:
        return None
    report = progress
    return lambda done, distinct: report(before + round(count * done / max(distinct, 1)), total)


@cache
def _reference() -> Mapping[str, tuple[str, ...]]:
    pairs = tomllib.loads(REFERENCE.read_text(encoding="utf-8"))["pair"]
    return {language: tuple(pair[language] for pair in pairs) for language in LANGUAGES}


def language_means(encoder: Encoder, cache: VectorCache | None = None) -> dict[str, Vectors]:
    """What an encoder says about a language as such: the mean vector of the shipped reference text, by language."""
    return {language: embed(texts, encoder, cache).mean(axis=0) for language, texts in _reference().items()}


def _centre(vectors: Vectors, languages: npt.NDArray[np.str_], used: npt.NDArray[np.bool_], means: Mapping[str, Vectors]) -> None:
    for language, mean in means.items():
        rows = used & (languages == language)
        centred = vectors[rows] - mean
        vectors[rows] = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
