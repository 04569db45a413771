"""How often the sub-field that people chose is suggested first, or among three: for `python -m reviewers.evaluation fields`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reviewers.errors import UnknownField
from reviewers.fields import all_fields
from reviewers.sides import LANGUAGES, Encoders
from reviewers.suggestion import Described, Floats, Reader, standard
from reviewers.text import language_of
from reviewers.vector_cache import VectorCache

Chosen = npt.NDArray[np.intp]


def fields(path: Path, encoders: Encoders, cache: VectorCache | None = None) -> dict[str, Any]:
    """Over lines of {"text", "field"}: n, top_1, top_3, the mean score of the first, and the same by language.

    A score means the same in both languages where `first_score` stands as near to `top_1` in one as in the other.
    """
    texts, chosen = _read(path)
    scores = Reader(tuple(all_fields().values()), encoders, cache).scores([[text] for text in texts])
    language = np.array([language_of(text) for text in texts])
    by_language = {one: _figures(scores[language == one], chosen[language == one]) for one in LANGUAGES if one in language}
    return {**_figures(scores, chosen), "languages": by_language}


def ablation(path: Path, encoders: Encoders, cache: VectorCache | None = None) -> dict[str, Any]:
    """top_1 and top_3 by language of each part of the method alone, and of mixtures: the table of README.md."""
    texts, chosen = _read(path)
    language = np.array([language_of(text) for text in texts])
    table: dict[str, dict[str, Any]] = {}
    for one in (one for one in LANGUAGES if one in language):
        own = [text for text in texts if language_of(text) == one]
        described = Described(one, tuple(all_fields().values()), encoders, cache)
        for name, method in _methods().items():
            table.setdefault(name, {})[one] = _figures(method(described, own), chosen[language == one], scored=False)
    return table


def _methods() -> Mapping[str, Callable[[Described, list[str]], Floats]]:
    def meaning(nearness: float) -> Callable[[Described, list[str]], Floats]:
        return lambda described, texts: described.meaning(described.embedded(texts), nearness)

    def mixed(words: float | None, users: float) -> Callable[[Described, list[str]], Floats]:
        return lambda described, texts: described.mixed(texts, words, users)

    return {
        "words": lambda described, texts: standard(described.words.similarities(texts)),
        **{f"meaning, nearness {nearness:g}": meaning(nearness) for nearness in (1, 15, 100)},
        **{f"both, words {share:.1f}": mixed(share, 0.0) for share in (0.2, 0.3, 0.4, 0.5)},
        **{f"both, users {share:.1f}": mixed(None, share) for share in (0.4, 0.6, 0.8)},
    }


def _read(path: Path) -> tuple[list[str], Chosen]:
    place = {code: n for n, code in enumerate(all_fields())}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    if unknown := next((row["field"] for row in rows if row["field"] not in place), None):
        raise UnknownField(field=unknown)
    return [row["text"] for row in rows], np.array([place[row["field"]] for row in rows], dtype=np.intp)


def _figures(scores: npt.NDArray[Any], chosen: Chosen, *, scored: bool = True) -> dict[str, Any]:
    """Rank of the chosen sub-field in each row; among equals it stands last."""
    if not len(chosen):
        return {"n": 0}
    own = scores[np.arange(len(chosen)), chosen][:, None]
    rank = (scores >= own).sum(axis=1)
    figures = {"n": len(chosen), "top_1": round(float((rank <= 1).mean()), 4), "top_3": round(float((rank <= 3).mean()), 4)}
    return {**figures, "first_score": round(float(scores.max(axis=1).mean()), 4)} if scored else figures
