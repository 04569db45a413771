"""Whether panels can keep a floor side by side: a proof in whole people for the few experts whom several of them need.

Prices of load share an expert out in parts, so that two panels may each live on a half. Here nobody is halved: for each panel
all smallest parts of the scarce experts are found with which it can keep the floor, everybody else being free to every panel,
and a small program looks whether the panels find one each. Where they do not, no panels keep that floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from reviewers.problem import Ints, Numbers, Problem, Slot
from reviewers.relaxed import conditions

MOST = 14  # scarce experts: their parts are counted through
_TOLERANCE = 1e-6

Part = tuple[int, ...]


def apart(problem: Problem, rows: Sequence[int], scarce: Sequence[int], floor: float) -> bool:
    """Whether it is proved that the panels `rows` cannot all have a mean affinity of `floor`; False says nothing.

    Only what makes a panel worth less is left out: the cap of institutions, the most of quotas, and the load of all but the scarce.
    """
    parts = {row: found for row in rows if (found := smallest(problem, row, scarce, floor)) != [()]}
    if not all(parts.values()):
        return True  # one of them cannot keep it alone
    return _served(parts, scarce, problem.load) < len(parts)


def smallest(problem: Problem, row: int, scarce: Sequence[int], floor: float) -> list[Part]:
    """The smallest parts of the scarce experts with which the panel can keep the floor; `[()]` where it needs none of them."""
    seats, need = int(problem.seats[row]), floor * int(problem.seats[row]) - _TOLERANCE
    score = problem.score[row].astype(np.float64)
    may = problem.allowed[row] & (problem.load > 0)
    kind, least = _kinds(conditions(problem.profiles[problem.profile[row]], seats), len(score))
    others = may.copy()
    others[list(scarce)] = False
    rest = _Others(score, kind, np.flatnonzero(others)[np.argsort(-score[others], kind="stable")])
    own = [(1 << n, expert, float(score[expert]), int(kind[expert])) for n, expert in enumerate(scarce) if may[expert]]
    found: dict[int, Part] = {}  # by the bits of its members
    for size in range(seats + 1):
        for members in combinations(own, size):
            bits = sum(one[0] for one in members)
            if any(bits & smaller == smaller for smaller in found):
                continue
            kinds = [one[3] for one in members]
            missing = tuple(max(0, n - kinds.count(k)) for k, n in enumerate(least))
            if sum(one[2] for one in members) + rest.best(seats - size, missing) >= need:
                found[bits] = tuple(one[1] for one in members)
        if 0 in found:
            break
    return list(found.values())


def _kinds(rules: Sequence[Slot], n_experts: int) -> tuple[Ints, list[int]]:
    """Of the rules that ask for a least, those that speak of different people: whom each is about (-1: nobody's), and its least."""
    kind, least = np.full(n_experts, -1), list[int]()
    for rule in sorted(rules, key=lambda rule: -rule.least):
        if rule.least and (kind[rule.open_to] < 0).all():
            kind[rule.open_to] = len(least)
            least.append(rule.least)
    return kind, least


@dataclass(frozen=True)
class _Others:
    """Everybody but the scarce, best first."""

    score: Numbers
    kind: Ints
    order: Ints
    known: dict[tuple[int, Part], float] = field(default_factory=dict)

    def best(self, seats: int, missing: Part) -> float:
        """The most that so many seats are worth of which so many must be of each kind; -inf where that cannot be."""
        key = seats, missing
        if key not in self.known:
            self.known[key] = self._best(seats, missing)
        return self.known[key]

    def _best(self, seats: int, missing: Part) -> float:
        asked = [self.order[self.kind[self.order] == k][:n] for k, n in enumerate(missing)]
        if sum(missing) > seats or any(len(own) < n for own, n in zip(asked, missing, strict=True)):
            return -np.inf
        taken = np.concatenate([*asked, np.zeros(0, dtype=np.int64)]).astype(np.int64)
        more = self.order[: seats + len(taken)]
        more = more[~np.isin(more, taken)][: seats - len(taken)]
        return float(self.score[taken].sum() + self.score[more].sum()) if len(more) == seats - len(taken) else -np.inf


def _served(parts: dict[int, list[Part]], scarce: Sequence[int], load: Ints) -> int:
    """How many of the panels can find a part each, at most."""
    if not parts:
        return 0
    columns = [(place, part) for place, found in enumerate(parts.values()) for part in found]
    seat = {expert: len(parts) + n for n, expert in enumerate(scarce)}
    cells = [(row, n) for n, (place, part) in enumerate(columns) for row in (place, *(seat[expert] for expert in part))]
    row, column = np.array(cells).T
    uses = coo_array((np.ones(len(cells)), (row, column)), shape=(len(parts) + len(scarce), len(columns)))
    most = np.concatenate([np.ones(len(parts)), load[list(scarce)]])
    found = milp(-np.ones(len(columns)), integrality=np.ones(len(columns)), bounds=Bounds(0, 1),
                 constraints=LinearConstraint(uses.tocsr(), -np.inf, most))  # fmt: skip
    return round(-found.fun) if found.status == 0 else len(parts)
