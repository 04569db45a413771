"""Dossiers that may tell the same thing in another language or in other words: their vectors lie closer than strangers' do.

overlap.py sees copies by their words; this sees what it cannot, translations and rewordings, and is less sure. Two English texts
are compared by the English model, all others by the multilingual one less the mean of each language. Vectors are those that a
match has left in the cache: no model is opened, and a dossier that nobody ever matched is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reviewers.embeddings import Vectors
from reviewers.errors import VectorMissing
from reviewers.evidence import Remembered
from reviewers.records import Dossier
from reviewers.sides import MODELS, language_means
from reviewers.text import digest_of_normal, dossier_texts, enough, language_of
from reviewers.vector_cache import VectorCache

# From here on: cosines within a language; across languages how far a pair stands out in both its dossiers' nearnesses to the
# other language, in standard deviations (there cosines of twins and of strangers overlap). Figures: README, "Evidence and overlap".
NEARLY: Mapping[str, float] = {"en": 0.8, "ko": 0.75, "across": 3.3}
FEWEST = 12  # dossiers of the other language: among fewer nothing can stand out so far
_ROWS = 256
Floats = npt.NDArray[np.float32]
Spread = tuple[Floats, Floats]


@dataclass(frozen=True)
class Retold:
    """How alike two dossiers' titles with summaries are, on the scale of their `kind`: "en", "ko" or "across" languages."""

    first: str
    second: str
    likeness: float
    kind: str


@dataclass(frozen=True)
class Told:
    """The dossiers as vectors by model; a row of zeros where none is known."""

    ids: tuple[str, ...]
    korean: npt.NDArray[np.bool_]
    vectors: Mapping[str, Vectors]

    @property
    def unread(self) -> int:
        """How many have no vector at all."""
        return int((~np.any([rows.any(axis=1) for rows in self.vectors.values()], axis=0)).sum()) if len(self.ids) else 0


def read(dossiers: Sequence[Dossier], encoders: Mapping[str, str], cache: VectorCache) -> Told:
    """Title with summary of each dossier that says enough; `encoders` are the digests of those that measured."""
    texts = {dossier.id: found[0] for dossier in dossiers if (found := dossier_texts(dossier)) and enough(found[:1])}
    korean = np.array([language_of(text) == "ko" for text in texts.values()], dtype=np.bool_)
    digests = [digest_of_normal(text) for text in texts.values()]
    vectors = {model: _known(encoders.get(model, ""), digests, cache) for model in MODELS}
    vectors["english"][korean] = 0
    known: npt.NDArray[np.bool_] = np.asarray(vectors["multilingual"].any(axis=1), dtype=np.bool_)
    if known.any():
        try:
            mean = language_means(Remembered(encoders).multilingual, cache)
        except VectorMissing:
            known = np.zeros_like(known)
            mean = dict.fromkeys(("en", "ko"), np.zeros(vectors["multilingual"].shape[1], dtype=np.float32))
        centred = vectors["multilingual"] - np.where(korean[:, None], mean["ko"], mean["en"])
        length = np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
        vectors["multilingual"] = np.where(known[:, None], centred / length, 0).astype(np.float32)
    return Told(tuple(texts), korean, vectors)


def _known(model: str, digests: Sequence[str], cache: VectorCache) -> Vectors:
    found = cache.find(model, digests) if model else {}
    width = len(next(iter(found.values()), ()))
    nothing = np.zeros(width, dtype=np.float32)
    return np.array([found.get(digest, nothing) for digest in digests], dtype=np.float32).reshape(len(digests), width)


def retold(told: Told, n_own: int, nearly: Mapping[str, float] = NEARLY) -> tuple[Retold, ...]:
    """Every pair of the first `n_own` dossiers, and of one of them with a later one, that lies nearly together; nearest first."""
    out, across = [], _spread(told)
    for start in range(0, n_own, _ROWS):
        rows = np.arange(start, min(start + _ROWS, n_own))
        for kind, near in _nearness(told, rows, across):
            near[np.arange(len(told.ids))[None, :] <= rows[:, None]] = 0
            for i, j in np.argwhere(near >= nearly[kind]).tolist():
                out.append(Retold(told.ids[start + i], told.ids[j], float(near[i, j]), kind))
    return tuple(sorted(out, key=lambda pair: (-pair.likeness, pair.first, pair.second)))


def _nearness(told: Told, rows: npt.NDArray[np.intp], across: Spread) -> list[tuple[str, Floats]]:
    """By kind of pair how alike, 0 where a pair is of another kind or not known."""
    english, both = (told.vectors[model][rows] @ told.vectors[model].T for model in MODELS)
    korean, own = told.korean[None, :], told.korean[rows][:, None]
    return [
        ("en", np.where(~own & ~korean, english, 0)),
        ("ko", np.where(own & korean, both, 0)),
        ("across", np.where((own ^ korean) & (both != 0), _standing_out(both, across, rows), 0)),
    ]


def _spread(told: Told) -> Spread:
    """Mean and width of each dossier's nearness to those of the other language; width 0 where these are too few."""
    vectors = told.vectors["multilingual"]
    known = vectors.any(axis=1)
    mean, width = np.zeros(len(told.ids), dtype=np.float32), np.zeros(len(told.ids), dtype=np.float32)
    for own in (told.korean & known, ~told.korean & known):
        other = known & (told.korean != told.korean[own][0]) if own.any() else own
        if other.sum() >= FEWEST:
            near = vectors[own] @ vectors[other].T
            mean[own], width[own] = near.mean(axis=1), near.std(axis=1)
    return mean, width


def _standing_out(near: Floats, across: Spread, rows: npt.NDArray[np.intp]) -> Floats:
    mean, width = across
    wide = np.where(width > 0, width, np.inf)
    return np.minimum((near - mean[rows][:, None]) / wide[rows][:, None], (near - mean[None, :]) / wide[None, :])
