"""The words of texts: which ones each text has and how often, counted once and kept beside the vectors.

A term is the stem of a word, a pair of neighbouring stems, or in Korean a pair of syllables, which sheds particles and endings.
Terms are named by 24 bits of a checksum: two in a million meet by chance, and such a number is exact in float32, so that counts
lie in the same cache as vectors.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from reviewers.text import digest_of_normal
from reviewers.vector_cache import VectorCache

DIGEST = "terms-2: stems, pairs, syllable pairs; 24 bits of CRC-32"
_WORD = re.compile(r"[a-z0-9]{2,}|[가-힣]+")
_STOP = frozenset(
    """a about above across after again against all almost also although always am among an and another any are as at be
    became because become been before being between both but by can could did do does done down due during each either else
    enough etc even ever every few for from further get give had has have he hence her here him his how however i if in
    indeed instead into is it its itself just last least less made many may me might more moreover most much must my
    neither never no nor not now of off often on once one only onto or other our out over own per perhaps please put rather
    same see seem several she should since so some still such than that the their them then there therefore these they
    this those though through throughout thus to together too toward under until up upon us very via was we well were what
    when where whether which while who whole whose why will with within without would yet you your""".split()
)
# The first of these goes where four letters stay: "batteries" meets "battery", "charging" and "charged" meet each other.
_ENDINGS = tuple(
    ending.split("-") for ending in "ies-y ization- izing- ized- ational- ations- ation- ings- ing- ed- es- s-".split()
)
_STEM_LEAST = 4
_BATCH = 2_000
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Bags:
    """Texts as counted terms: the terms of text i stand at `start[i]` to `start[i + 1]`, ascending, each once."""

    start: Numbers
    term: Numbers = field(repr=False)
    count: npt.NDArray[np.float32] = field(repr=False)

    def __len__(self) -> int:
        return len(self.start) - 1

    @property
    def row(self) -> Numbers:
        """The text that each term belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    def lengths(self) -> npt.NDArray[np.float64]:
        """How many terms each text has, repeated ones counted again."""
        total = np.concatenate([[0.0], np.cumsum(self.count, dtype=np.float64)])
        return np.asarray(total[self.start[1:]] - total[self.start[:-1]], dtype=np.float64)


def terms(text: str) -> list[str]:
    """The terms of one text in their order, with repetitions.

    >>> terms("The drones inspect the bridge")
    ['dron', 'inspect', 'bridge', 'dron inspect', 'inspect bridge']
    >>> terms("교량을 점검")
    ['교량', '량을', '점검', '교량 점검']
    """
    words = [_stem(word) for word in _WORD.findall(text.casefold()) if word not in _STOP]
    single = [part for word in words for part in (_syllables(word) if word[0] >= "가" else (word,))]
    heads = [word[:2] if word[0] >= "가" else word for word in words]
    return single + [f"{a} {b}" for a, b in pairwise(heads)]


def _stem(word: str) -> str:
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM_LEAST:
            return word[: -len(ending)] + instead
    return word


def _syllables(word: str) -> list[str]:
    return [word[i : i + 2] for i in range(max(1, len(word) - 1))]


def number(term: str) -> int:
    """The 24-bit name of a term."""
    return zlib.crc32(term.encode()) & 0xFFFFFF


def count(texts: Sequence[str], cache: VectorCache | None = None) -> Bags:
    """Normalised texts as bags of terms; counts are taken from the cache where it has them and kept there."""
    digests = [digest_of_normal(text) for text in texts] if cache else []
    known = cache.find(DIGEST, digests) if cache else {}
    fresh: dict[str, npt.NDArray[np.float32]] = {}
    flat = []
    for i, text in enumerate(texts):
        own = digests[i] if cache else ""
        if own not in known:
            counted = sorted(Counter(map(number, terms(text))).items())
            pair = np.array(counted, dtype=np.float32).reshape(-1, 2).ravel()
            if cache:
                known[own] = fresh[own] = pair
            flat.append(pair)
        else:
            flat.append(known[own])
        if cache and len(fresh) >= _BATCH:
            cache.keep(DIGEST, fresh)
            fresh = {}
    if cache and fresh:
        cache.keep(DIGEST, fresh)
    sizes = np.array([len(pair) // 2 for pair in flat], dtype=np.int64)
    both = np.concatenate([*flat, np.zeros(0, np.float32)])
    return Bags(np.concatenate([[0], np.cumsum(sizes)]), both[0::2].astype(np.int64), both[1::2])


def merge(bags: Bags, owner: Sequence[int], owners: int) -> Bags:
    """The bags of several texts of one owner as one bag; `owner` says whose each text is."""
    rows = np.asarray(owner, dtype=np.int64)[bags.row]
    key, place = np.unique(rows << 24 | bags.term, return_inverse=True)
    counts = np.bincount(place, bags.count, minlength=len(key)).astype(np.float32)
    start = np.searchsorted(key >> 24, np.arange(owners + 1))
    return Bags(start, key & 0xFFFFFF, counts)
