"""Whether panels can keep a floor side by side: a proof in whole people for the few experts whom several of them need.

Prices of load share an expert out in parts, so that two panels may each live on a half. Here nobody is halved: for each panel
all smallest parts of the scarce experts are found with which it can keep the floor, everybody else being free to every panel,
and a small program looks whether the panels find one each. Where they do not, no panels keep that floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from reviewers.problem import Bools, Ints, Numbers, Problem, Slot
from reviewers.relaxed import conditions

MOST = 14  # scarce experts: their parts are counted through
_TOLERANCE = 1e-6
_INFEASIBLE = 2  # as milp says it

Part = tuple[int, ...]


@dataclass(frozen=True)
class Needs:
    """Of one panel: what it is worth at most, `worth` (parts,), with each part of the scarce experts it may have.

    `inside` (parts, own) says who of `own` is in each, `bits` the same as a number; the smaller parts come first.
    """

    row: int
    seats: int
    own: Ints
    inside: Bools
    bits: Ints
    worth: Numbers

    def smallest(self, floor: float) -> list[Part]:
        """The smallest parts with which the panel can keep the floor; `[()]` where it needs none of them."""
        enough = self.worth >= floor * self.seats - _TOLERANCE
        found: list[Part] = []
        while enough.any():
            first = int(np.argmax(enough))
            found.append(tuple(self.own[self.inside[first]].tolist()))
            enough &= self.bits & self.bits[first] != self.bits[first]
        return found


def apart(needs: Sequence[Needs], scarce: Sequence[int], load: Ints, floor: Numbers) -> bool:
    """Whether it is proved that these panels cannot all keep their `floor`, (P,) mean affinity; False says nothing.

    Only what makes a panel worth less is left out: the cap of institutions, the most of quotas, and the load of all but the scarce.
    """
    parts = {own.row: found for own in needs if (found := own.smallest(float(floor[own.row]))) != [()]}
    if not all(parts.values()):
        return True  # one of them cannot keep it alone
    return not _fit(parts, scarce, load)


def needs(problem: Problem, row: int, scarce: Sequence[int]) -> Needs:
    seats = int(problem.seats[row])
    score = problem.score[row].astype(np.float64)
    may = problem.allowed[row] & (problem.load > 0)
    kind, least = _kinds(conditions(problem.profiles[problem.profile[row]], seats), len(score))
    own = np.array([expert for expert in scarce if may[expert]], dtype=np.int64)
    inside, bits = _parts(len(own), seats)
    ways = np.array([inside.sum(axis=1), *(np.maximum(0, n - inside[:, kind[own] == k].sum(axis=1)) for k, n in enumerate(least))])
    _, places, way = np.unique((seats + 1) ** np.arange(len(ways)) @ ways, return_index=True, return_inverse=True)
    may[list(scarce)] = False
    order = np.flatnonzero(may)[np.argsort(-score[may], kind="stable")]
    beside = np.array([_best(score, kind, order, seats - size, missing) for size, *missing in ways[:, places].T.tolist()])
    return Needs(row, seats, own, inside, bits, inside @ score[own] + beside[way])


@cache
def _parts(n: int, most: int) -> tuple[Bools, Ints]:
    """All sets of up to `most` of n, the smaller first: (sets, n), and each as the bits of one number."""
    bits = np.arange(1 << n)
    inside = (bits[:, None] >> np.arange(n)) & 1 > 0
    size = inside.sum(axis=1)
    order = np.argsort(size, kind="stable")[: int((size <= most).sum())]
    return inside[order], bits[order]


def _kinds(rules: Sequence[Slot], n_experts: int) -> tuple[Ints, list[int]]:
    """Of the rules that ask for a least, those that speak of different people: whom each is about (-1: nobody's), and its least."""
    kind, least = np.full(n_experts, -1), list[int]()
    for rule in sorted(rules, key=lambda rule: -rule.least):
        if rule.least and (kind[rule.open_to] < 0).all():
            kind[rule.open_to] = len(least)
            least.append(rule.least)
    return kind, least


def _best(score: Numbers, kind: Ints, order: Ints, seats: int, missing: Sequence[int]) -> float:
    """The most that so many seats are worth of which so many must be of each kind, -inf if there are not; `order`: best first."""
    asked = [order[kind[order] == k][:n] for k, n in enumerate(missing)]
    if sum(missing) > seats or any(len(own) < n for own, n in zip(asked, missing, strict=True)):
        return -np.inf
    taken = np.concatenate([*asked, np.zeros(0, dtype=np.int64)]).astype(np.int64)
    more = order[: seats + len(taken)]
    more = more[~np.isin(more, taken)][: seats - len(taken)]
    return float(score[taken].sum() + score[more].sum()) if len(more) == seats - len(taken) else -np.inf


def _fit(parts: dict[int, list[Part]], scarce: Sequence[int], load: Ints) -> bool:
    """Whether the panels may find a part each; False is proved."""
    if not parts:
        return True
    columns = [(place, part) for place, found in enumerate(parts.values()) for part in found]
    seat = {expert: len(parts) + n for n, expert in enumerate(scarce)}
    cells = [(row, n) for n, (place, part) in enumerate(columns) for row in (place, *(seat[expert] for expert in part))]
    row, column = np.array(cells).T
    uses = coo_array((np.ones(len(cells)), (row, column)), shape=(len(parts) + len(scarce), len(columns)))
    most = np.concatenate([np.ones(len(parts)), load[list(scarce)]])
    least = np.concatenate([np.ones(len(parts)), np.zeros(len(scarce))])
    found = milp(np.zeros(len(columns)), integrality=np.ones(len(columns)), bounds=Bounds(0, 1),
                 constraints=LinearConstraint(uses.tocsr(), least, most))  # fmt: skip
    return bool(found.status != _INFEASIBLE)
