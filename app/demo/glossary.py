"""The demonstration's two languages: an encoder of words that knows how the Korean phrases of the vocabulary read in English."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from app.demo.vocabulary_file import sub_fields
from app.demo.words import Pair
from reviewers.lexical import LexicalEncoder

_START = 2  # syllables by which a phrase is looked up


class GlossaryEncoder:
    """Adds to a Korean text what its phrases are in English, then counts words: the past panels need no language model for that."""

    def __init__(self) -> None:
        self._words = LexicalEncoder()
        self.name, self.dim = f"glossary-{self._words.dim}", self._words.dim
        pairs = sorted((ko, en) for phrases in _phrases().values() for ko, en in phrases)
        self.digest = hashlib.sha256(f"{self._words.digest}{pairs}".encode()).hexdigest()

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return self._words.encode([" ".join([text, *_english(text)]) for text in texts])


def _english(text: str) -> Iterator[str]:
    phrases, at = _phrases(), 0
    while at < len(text):
        found = next((pair for pair in phrases.get(text[at : at + _START], ()) if text.startswith(pair[0], at)), None)
        if found is not None:
            yield found[1]
        at += len(found[0]) if found is not None else 1


@cache
def _phrases() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """First syllables → phrases that begin with them, in both languages, the longest first."""
    by_start: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for pair in _pairs():
        ko, en = str(pair.ko), str(pair.en)
        by_start[ko[:_START]].add((ko, en))
    return {start: tuple(sorted(pairs, key=lambda pair: (-len(pair[0]), pair))) for start, pairs in by_start.items()}


def _pairs() -> Iterator[Pair]:
    for field in sub_fields():
        for topic in field.topics:
            yield from (topic.subject, topic.problem, *topic.methods, *topic.objects, *topic.uses)
            yield from (gain.name for gain in topic.gains)
        for product in field.products:
            yield from (product.name, product.what, product.new, product.use)
