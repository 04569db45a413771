"""How much of a dossier's words a work has: BM25 over single words and pairs, as a share of the most it could reach.

Robertson & Zaragoza 2009, doi:10.1561/1500000019. Rare words count more than common ones; how rare a word is comes from the
pool that was fitted, so that one more work or dossier moves nobody else.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import sparse

from reviewers.terms import Bags

SATURATION, LENGTH = 1.2, 0.75  # the textbook's values of k1 and b
_MANY = 500_000  # terms
DENSE = 0.01  # the share of pairs that have a term from which a dense product is the faster one
QUERY_MOST = 400  # terms of a dossier that are looked for: a summary has some 280; a full text is cut to what marks it
Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rarity:
    """How many of `works` have each term, for terms of at least two works, and the mean length of a work in terms."""

    works: int
    length: float
    term: Numbers = field(repr=False)
    holders: Numbers = field(repr=False)

    def of(self, term: Numbers) -> Floats:
        """The weight of terms: high for rare ones. A term that the pool never met counts like one met once."""
        if not len(self.term):
            return np.full(len(term), self._weight(np.ones(1))[0], dtype=np.float32)
        place = np.minimum(np.searchsorted(self.term, term), len(self.term) - 1)
        holders = np.where(self.term[place] == term, self.holders[place], 1)
        return self._weight(holders)

    def _weight(self, holders: npt.NDArray[np.generic]) -> Floats:
        counted = np.asarray(holders, dtype=np.float64)
        return np.log1p((max(self.works, 1) - counted + 0.5).clip(0) / (counted + 0.5)).astype(np.float32)


def rarity(works: Bags) -> Rarity:
    """Counted once over all works of a pool; terms of one single work are left out, which keeps nine tenths of the file."""
    term, holders = np.unique(works.term, return_counts=True)
    kept = holders > 1
    length = float(works.lengths().mean()) if len(works) else 1.0
    return Rarity(len(works), max(length, 1.0), term[kept], holders[kept].astype(np.int64))


def queries(dossiers: Bags, rare: Rarity) -> sparse.csr_array:
    """What is looked for, one row a dossier: weights that sum to 1, over the columns 0 to 2²⁴ of terms.

    Of more than QUERY_MOST terms those count that are rare in the pool and frequent in the dossier.
    """
    weight = rare.of(dossiers.term)
    strength = weight * (1 + np.log(dossiers.count))
    kept = np.ones(len(weight), dtype=bool)
    for row in np.flatnonzero(np.diff(dossiers.start) > QUERY_MOST):
        own = slice(dossiers.start[row], dossiers.start[row + 1])
        kept[own][np.argsort(-strength[own], kind="stable")[QUERY_MOST:]] = False
    weight = np.where(kept, weight, 0)
    total = np.bincount(dossiers.row, weight, minlength=len(dossiers)).astype(np.float32)
    data = weight / np.maximum(total, 1e-9)[dossiers.row]
    out = sparse.csr_array((data, dossiers.term, dossiers.start), shape=(len(dossiers), 1 << 24), copy=True)
    out.eliminate_zeros()
    return out


def saturated(works: Bags, rare: Rarity) -> Bags:
    """How present each term is in its work, 0 to 1: less in a long one, and ever less for each repetition."""
    length = SATURATION * (1 - LENGTH + LENGTH * works.lengths() / rare.length)
    return Bags(works.start, works.term, (works.count / (works.count + length[works.row])).astype(np.float32))


def _places(column: Numbers, terms: Numbers) -> Numbers:
    """Where each term stands in an ascending column; -1 where it does not."""
    if len(terms) < _MANY:
        place = np.minimum(np.searchsorted(column, terms), max(len(column) - 1, 0))
        return np.where(column[place] == terms, place, -1) if len(column) else np.full(len(terms), -1)
    table = np.zeros(1 << 24, dtype=np.int32)  # at most 64 MB for a moment, ten times faster than searching
    table[column] = np.arange(1, len(column) + 1)
    return table[terms].astype(np.int64) - 1


class Matcher:
    """The words of some dossiers against the words of all works, with only the terms that both have."""

    def __init__(self, looked_for: sparse.csr_array, works: Bags) -> None:
        self.column = np.unique(looked_for.indices).astype(np.int64)
        place = _places(self.column, works.term)
        met = place >= 0
        start = np.concatenate([[0], np.cumsum(met, dtype=np.int32)])[works.start]
        own = np.searchsorted(self.column, looked_for.indices)
        self.looked_for = sparse.csr_array((looked_for.data, own, looked_for.indptr), shape=(looked_for.shape[0], len(self.column)))
        self._hold(sparse.csr_array((works.count[met], place[met], start), shape=(len(works), len(self.column))))

    def _hold(self, works: sparse.csr_array) -> None:
        self.works = works
        holders = np.bincount(works.indices, minlength=len(self.column))
        askers = np.bincount(self.looked_for.indices, minlength=len(self.column))
        pairs = works.shape[0] * self.looked_for.shape[0]
        self.common = np.flatnonzero(holders * askers > pairs * DENSE)  # most of the products: dense is faster there
        rest = np.ones(len(self.column), dtype=np.float32)
        rest[self.common] = 0
        self._common_works = works[:, self.common].toarray().T
        self._rare_works = sparse.csr_array(works * rest[None, :]) if len(self.common) else works
        self._rare_works.eliminate_zeros()
        self._rare_works = self._rare_works.T.tocsr()

    def together(self, owner: npt.NDArray[np.intp], owners: int, kept: Floats) -> Matcher:
        """The same dossiers against owners of several works: of each term, the work that has most of it after `kept` of it.

        A further work can only add. `kept` is one number for each work; 0 leaves it out.
        """
        counts = np.diff(self.works.indptr)
        value = self.works.data * np.repeat(kept, counts)
        key = np.repeat(owner * len(self.column), counts) + self.works.indices
        order = np.argsort(key, kind="stable")
        key = key[order]
        first = np.flatnonzero(np.diff(key, prepend=-1))
        most = np.maximum.reduceat(value[order], first) if len(first) else value
        start = np.searchsorted(key[first], np.arange(owners + 1) * len(self.column))
        out = copy(self)
        out._hold(sparse.csr_array((most, key[first] % max(len(self.column), 1), start), shape=(owners, len(self.column))))
        return out

    def rows(self, which: npt.NDArray[np.intp]) -> Floats:
        """Shares of some dossiers' words that each work has, (len(which), works)."""
        wanted = self.looked_for[which]
        dense = np.asarray(wanted[:, self.common].toarray() @ self._common_works, dtype=np.float32)
        dense += (wanted @ self._rare_works).toarray()
        return dense

    def pair(self, row: int, works: slice) -> Floats:
        """The same for one dossier and a few works."""
        query = np.zeros(len(self.column), dtype=np.float32)
        own = slice(self.looked_for.indptr[row], self.looked_for.indptr[row + 1])
        query[self.looked_for.indices[own]] = self.looked_for.data[own]
        start = self.works.indptr[works.start : works.stop + 1]
        found = slice(start[0], start[-1])
        product = self.works.data[found] * query[self.works.indices[found]]
        return np.bincount(np.repeat(np.arange(len(start) - 1), np.diff(start)), product, minlength=len(start) - 1).astype(
            np.float32
        )

    def best(self, row: int, works: slice, kept: Floats) -> Floats:
        """What each of one owner's works adds to what they have together: the terms of which it has most."""
        own = sparse.csr_array(self.works[works])
        query = np.zeros(len(self.column), dtype=np.float32)
        asked = slice(self.looked_for.indptr[row], self.looked_for.indptr[row + 1])
        query[self.looked_for.indices[asked]] = self.looked_for.data[asked]
        holder = np.repeat(np.arange(own.shape[0]), np.diff(own.indptr))
        value = own.data * kept[holder]
        order = np.lexsort((-value, own.indices))
        first = order[np.flatnonzero(np.diff(own.indices[order], prepend=-1))]
        added = np.bincount(holder[first], value[first] * query[own.indices[first]], minlength=own.shape[0])
        return added.astype(np.float32)

    def met(self, row: int, work: int) -> tuple[Numbers, Floats]:
        """The terms that a dossier and a work both have, with what each adds to that work's share."""
        query = slice(self.looked_for.indptr[row], self.looked_for.indptr[row + 1])
        own = slice(self.works.indptr[work], self.works.indptr[work + 1])
        both, here, there = np.intersect1d(self.looked_for.indices[query], self.works.indices[own], return_indices=True)
        return self.column[both], np.asarray(self.looked_for.data[query][here] * self.works.data[own][there], dtype=np.float32)
