"""Dossiers that are nearly the same text: how much of one stands word for word in another, and where.

Two texts are compared by their runs of five words, as a share of those of the shorter one (containment: Broder 1997,
doi:10.1109/SEQUEN.1997.666900). It sees copies, also shortened or with words changed here and there; it does not see a
translation or the same idea in other words (retold.py).
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import sparse

from reviewers.records import Dossier, Passage
from reviewers.text import normalise

RUN = 5  # words
# Among the 499,500 pairs of 1,000 real summaries no two share more than .111; a copy keeps .34 of its runs when one word in five
# is changed at random, .53 when one in eight is.
NEARLY = 0.3
FEWEST = 20  # runs: texts of less say too little to be compared
LONGEST = 30_000  # words of a dossier that are looked at: some hundred pages
_COMMON, _COMMON_SHARE = 10, 0.1  # a run in more than ten dossiers and a tenth of all is the form's own text, nobody's
_QUOTES, _QUOTE_MOST = 3, 400
_WORD = re.compile(r"[^\W_]+")
_FACTORS = np.array([0x9E3779B97F4A7C15 ** (n + 1) % (1 << 64) | 1 for n in range(RUN)], dtype=np.uint64)
Runs = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Quote:
    """Words that stand in two dossiers alike; both passages say where, their texts left out."""

    text: str
    first: Passage
    second: Passage


@dataclass(frozen=True)
class Overlap:
    """`share` of the runs of the shorter dossier that the other one holds, 0 to 1; the longest quotes first."""

    first: str
    second: str
    share: float
    quotes: tuple[Quote, ...]


def overlaps(dossiers: Sequence[Dossier], before: Sequence[Dossier] = (), *, quoted: int = 100) -> tuple[Overlap, ...]:
    """Every pair of `dossiers`, and of one of them with one of `before`, that is nearly equal; the most alike first.

    Only the first `quoted` pairs carry quotes.
    """
    every = [*dossiers, *before]
    runs = [_of_dossier(dossier) for dossier in every]
    repeated, common = _held_by_several(runs)
    held = _which(runs, repeated)
    size = np.array([len(own) - np.isin(own, common, assume_unique=True).sum() for own in runs], dtype=np.float64)
    met = sparse.coo_array(held[: len(dossiers)] @ held.T)
    shorter = np.minimum(size[met.row], size[met.col])
    near = (met.row < met.col) & (shorter >= FEWEST) & (met.data >= NEARLY * shorter)
    places = zip(met.row[near].tolist(), met.col[near].tolist(), (met.data[near] / shorter[near]).tolist(), strict=True)
    found = [Overlap(every[i].id, every[j].id, share, ()) for i, j, share in places]
    found.sort(key=lambda pair: (-pair.share, pair.first, pair.second))
    own = {dossier.id: dossier for dossier in every}
    shown = [replace(pair, quotes=tuple(_quotes(own[pair.first], own[pair.second], common))) for pair in found[:quoted]]
    return (*shown, *found[quoted:])


def _held_by_several(runs: Sequence[Runs]) -> tuple[Runs, Runs]:
    """The runs of more than one dossier that may tell a copy, and those that are everybody's."""
    named, holders = np.unique(np.concatenate([*runs, np.zeros(0, np.uint64)]), return_counts=True)
    everybody = holders > max(_COMMON, _COMMON_SHARE * len(runs))
    return named[(holders > 1) & ~everybody], named[everybody]


def _which(runs: Sequence[Runs], repeated: Runs) -> sparse.csr_array:
    """Which dossier holds which of these runs, (dossiers, runs)."""
    own = [np.flatnonzero(np.isin(repeated, held, assume_unique=True)) for held in runs]
    start = np.cumsum([0, *map(len, own)])
    place = np.concatenate([*own, np.zeros(0, np.intp)])
    return sparse.csr_array((np.ones(len(place), np.float32), place, start), shape=(len(runs), len(repeated)))


def _passages(dossier: Dossier) -> list[Passage]:
    """What is said, without the title."""
    typed = map(normalise, (dossier.summary, *dossier.passages))
    return [*(Passage(text) for text in typed if text), *dossier.documents]


def _of_dossier(dossier: Dossier) -> Runs:
    left, found = LONGEST, []
    for passage in _passages(dossier):
        words = _words(passage.text)[:left]
        left -= len(words)
        found.append(_runs(words))
    return np.unique(np.concatenate([*found, np.zeros(0, np.uint64)]))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _runs(words: Sequence[str]) -> Runs:
    """A number for each run, in the order of the words."""
    if len(words) < RUN:
        return np.zeros(0, dtype=np.uint64)
    names = np.array([zlib.crc32(word.encode()) for word in words], dtype=np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view(names, RUN)
    mixed = (windows * _FACTORS).sum(axis=1, dtype=np.uint64)
    return np.asarray(mixed ^ (mixed >> np.uint64(29)), dtype=np.uint64)


def _quotes(first: Dossier, second: Dossier, common: Runs) -> Iterator[Quote]:
    """The longest stretches of words that both have, from different passages of the first."""
    theirs: dict[int, Passage] = {}
    for passage in _passages(second):
        for run in _runs(_words(passage.text)).tolist():
            theirs.setdefault(run, passage)
    for run in common.tolist():
        theirs.pop(run, None)
    found = []
    for passage in _passages(first):
        runs = _runs(_words(passage.text)).tolist()
        met = [run in theirs for run in runs]
        if any(met):
            begin, end = _longest(met)
            home = Counter(id(theirs[run]) for run in runs[begin:end]).most_common(1)[0][0]
            where = next(theirs[run] for run in runs[begin:end] if id(theirs[run]) == home)
            found.append((end - begin, Quote(_stretch(passage.text, begin, end + RUN - 1), _place(passage), _place(where))))
    found.sort(key=lambda one: -one[0])
    yield from (quote for _, quote in found[:_QUOTES])


def _longest(met: Sequence[bool]) -> tuple[int, int]:
    """Where the longest unbroken stretch begins and ends."""
    edges = [-1, *(n for n, on in enumerate(met) if not on), len(met)]
    return max(((a + 1, b) for a, b in pairwise(edges)), key=lambda stretch: stretch[1] - stretch[0])


def _stretch(text: str, begin: int, end: int) -> str:
    spans = [found.span() for found in _WORD.finditer(text)]
    quoted = text[spans[begin][0] : spans[end - 1][1]]
    return quoted if len(quoted) <= _QUOTE_MOST else quoted[: quoted.rfind(" ", _QUOTE_MOST // 2, _QUOTE_MOST)] + " …"


def _place(passage: Passage) -> Passage:
    return Passage("", passage.slot, passage.document, passage.page)
