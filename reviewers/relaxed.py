"""Seats under floors as one program in which they may be shared: it prices load, floors, quotas and institutions.

Its answer is no panel, but its prices bound what real panels reach, and closely. Whole seats: settling.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array

from reviewers.errors import SolverFailed
from reviewers.flow import HEAVIEST
from reviewers.problem import Bools, Ints, Numbers, Problem, Profile, Slot

MISSED = 10.0  # what a panel costs that finds no team, or a seat nobody takes, in units of affinity
_MOST_SLOTS = 6  # beyond, only single slots and pairs of them are looked at
_AT_ONCE = 128
TOLERANCE = 1e-6
LINEAR: dict[str, Any] = {"method": "highs-ds", "options": {"presolve": False}}  # which takes longer here than it saves
_DEAREST = 1000.0


@dataclass(frozen=True)
class Worth:
    """Prices, none negative: `load` (E,) of a seat; `least` and `most` (P, conditions) of what the panels' profiles ask;
    `institution`, by panel, of one more from the institutions named. `floor` (P,) is what affinity weighs in a panel that must rise
    to its floor, one elsewhere. Summed over its seats, `share` (P,) is the affinity that each panel reaches and `missed` (P,) what
    it lacks to its floor; `used` (P, E) the pairs that it is made of.
    """

    load: Numbers
    floor: Numbers
    least: Numbers
    most: Numbers
    institution: dict[int, tuple[Ints, Numbers]]
    share: Numbers
    missed: Numbers
    used: Bools = field(repr=False)


@dataclass
class Rows:
    """Constraints `row . x <= limit` in whole blocks of coordinates."""

    row: list[Ints] = field(default_factory=list)
    column: list[Ints] = field(default_factory=list)
    factor: list[Numbers] = field(default_factory=list)
    limit: list[Numbers] = field(default_factory=list)
    size: int = 0

    def add(self, key: Ints, column: Ints, limit: npt.NDArray[Any], factor: Numbers | float = 1.0) -> slice:
        """One row for each place in `limit`; `key` says in which of them each column counts."""
        self.put(key + self.size, column, factor)
        self.limit.append(limit.astype(np.float64))
        self.size += len(limit)
        return slice(self.size - len(limit), self.size)

    def put(self, row: Ints, column: Ints, factor: Numbers | float = 1.0) -> None:
        self.row.append(row)
        self.column.append(column)
        self.factor.append(np.broadcast_to(np.asarray(factor, dtype=np.float64), column.shape))

    def matrix(self, width: int) -> csr_array:
        place = (np.concatenate(self.row), np.concatenate(self.column))
        return coo_array((np.concatenate(self.factor), place), shape=(self.size, width)).tocsr()


@lru_cache(maxsize=256)
def conditions(profile: Profile, seats: int) -> tuple[Slot, ...]:
    """What a panel must meet, told of its members alone: it keeps its quotas if and only if it meets all of these.

    Where experts fit several slots, every group of slots that overlap asks for as many as its least together, and holds no
    more than its most of those who fit nothing else (Hall).
    """
    slots = profile.slots
    fits = np.array([slot.open_to for slot in slots])
    found: list[Slot] = []
    sizes = range(1, (len(slots) if len(slots) <= _MOST_SLOTS else 2) + 1)
    for group in (list(members) for size in sizes for members in combinations(range(len(slots)), size)):
        if len(group) > 1 and not (fits[group].sum(axis=0) > 1).any():
            continue  # nobody fits two of them: what each asks for says it all
        least, most = sum(slots[s].least for s in group), sum(slots[s].most for s in group)
        some: Bools = np.logical_or.reduce(fits[group])
        only: Bools = some & ~np.logical_or.reduce(np.delete(fits, group, axis=0), initial=False)
        if least and not some.all():
            found.append(Slot(None, None, least, seats, some))
        if most < seats and only.any():
            found.append(Slot(None, None, 0, most, only))
    if not fits.any(axis=0).all():
        found.append(Slot(None, None, 0, 0, ~np.logical_or.reduce(fits)))
    return (*found, *profile.beside)


@dataclass(frozen=True)
class Rules:
    """Where the rows of each rule stand, and of whom they speak."""

    rows: Rows
    load: slice | None
    floor: tuple[Ints, slice]
    quotas: list[tuple[Ints, int, slice | None, slice | None]]
    institution: tuple[Ints, slice]


def rules_of(problem: Problem, panel: Ints, expert: Ints, floor: Numbers, floored: Bools, *, loaded: bool) -> Rules:
    """The rules of these pairs, one column for each of them: load, floors, quotas, institutions."""
    rows, every = Rows(), np.arange(len(panel))
    load = rows.add(expert, every, problem.load) if loaded else None
    raised, own = np.flatnonzero(floored), np.flatnonzero(floored[panel])
    place = np.cumsum(floored) - 1
    lifted = rows.add(
        place[panel[own]], own, -(floor * problem.seats)[raised], -problem.score[panel[own], expert[own]].astype(np.float64)
    )
    quotas = []
    present = np.isin(np.arange(len(problem.specs)), panel)
    for kind, profile in enumerate(problem.profiles):
        concerned = (problem.profile == kind) & present
        members, place = np.flatnonzero(concerned), np.cumsum(concerned) - 1
        seats = int(problem.seats[members[0]]) if len(members) else 0
        for c, rule in enumerate(conditions(profile, seats) if seats else ()):
            inside = np.flatnonzero(concerned[panel] & rule.open_to[expert])
            key, ones = place[panel[inside]], np.ones(len(members))
            least = rows.add(key, inside, -rule.least * ones, -1.0) if rule.least else None
            most = rows.add(key, inside, rule.most * ones) if rule.most < seats else None
            quotas.append((members, c, least, most))
    home = panel * (int(problem.institution.max(initial=0)) + 1) + problem.institution[expert]
    groups, member, size = np.unique(home, return_inverse=True, return_counts=True)
    cap = problem.cap[groups // (int(problem.institution.max(initial=0)) + 1)]
    tight = size > cap
    inside = np.flatnonzero(tight[member])
    capped = rows.add((np.cumsum(tight) - 1)[member[inside]], inside, cap[tight])
    return Rules(rows, load, (raised, lifted), quotas, (groups[tight], capped))


def worth(
    problem: Problem,
    candidates: Bools,
    floor: Numbers,
    floored: Bools,
    load: Numbers | None = None,
    *,
    lacking: Numbers | None = None,
) -> Worth:
    """The prices at which the best shares of the candidates' seats keep the floor, (P,), in the panels `floored`, bool (P,).

    `load` (E,) given, nobody's load ends and each seat costs its price instead. A floor that cannot be kept is missed at a
    price, so an answer always exists unless `lacking` (P,) says by how much, at most. Raises SolverFailed.
    """
    panel, expert = (side.astype(np.int64) for side in np.nonzero(candidates))
    n = len(panel)
    score = problem.score[panel, expert].astype(np.float64)
    rules = rules_of(problem, panel, expert, floor, floored, loaded=load is None)
    raised, lifted = rules.floor
    rules.rows.put(lifted.start + np.arange(len(raised)), n + np.arange(len(raised)), -1.0)
    seats = Rows()
    seats.add(panel, np.arange(n), problem.seats)
    width = n + len(raised)
    missed = (HEAVIEST if load is None else _DEAREST) - 1.0
    most = np.full(len(raised), np.inf) if lacking is None else (lacking * problem.seats)[raised]
    found = linprog(
        np.concatenate([-score if load is None else load[expert] - score, np.full(len(raised), missed)]),
        A_ub=rules.rows.matrix(width),
        b_ub=np.concatenate(rules.rows.limit),
        A_eq=seats.matrix(width),
        b_eq=problem.seats,
        bounds=np.stack([np.zeros(width), np.concatenate([np.ones(n), most])], axis=1),
        **LINEAR,
    )
    if found.x is None:
        raise SolverFailed(status=str(found.message))
    share: Numbers = np.bincount(panel, score * found.x[:n], minlength=len(problem.specs)).astype(np.float64)
    used = np.zeros(problem.score.shape, dtype=bool)
    used[panel, expert] = found.x[:n] > TOLERANCE
    missing = np.zeros(len(problem.specs))
    missing[raised] = found.x[n:]
    return _worth(problem, rules, np.maximum(0.0, -found.ineqlin.marginals), (share, missing, used), load)


def _worth(problem: Problem, rules: Rules, price: Numbers, reached: tuple[Numbers, Numbers, Bools], load: Numbers | None) -> Worth:
    n_rules = max((c for _, c, _, _ in rules.quotas), default=-1) + 1
    least, most = np.zeros((len(problem.specs), n_rules)), np.zeros((len(problem.specs), n_rules))
    for members, c, low, high in rules.quotas:
        if low is not None:
            least[members, c] = price[low]
        if high is not None:
            most[members, c] = price[high]
    weight = np.ones(len(problem.specs))
    raised, lifted = rules.floor
    weight[raised] += price[lifted]
    groups, capped = rules.institution
    dear = price[capped] > 0
    groups, cost = groups[dear], price[capped][dear]
    panel, institution = np.divmod(groups, int(problem.institution.max(initial=0)) + 1)
    owners, starts = np.unique(panel, return_index=True)
    parts = zip(np.split(institution, starts[1:]), np.split(cost, starts[1:]), strict=True)
    by_panel = dict(zip(owners.tolist(), parts, strict=False)) if len(owners) else {}
    return Worth(price[rules.load] if load is None and rules.load else load, weight, least, most, by_panel, *reached)  # type: ignore[arg-type]


def values(problem: Problem, rows: Ints, price: Worth, load: Numbers, floor: Numbers) -> tuple[Numbers, Numbers]:
    """What each expert is worth to these panels (rows, E), -inf where barred, and what is to be added to the sum of its members.

    No team that keeps the rules and the floor is worth more, in affinity less the price of its load, than that sum.
    """
    value = price.floor[rows, None] * problem.score[rows] - load
    given = -(price.floor[rows] - 1) * floor * problem.seats[rows]
    for kind in np.unique(problem.profile[rows]):
        own = np.flatnonzero(problem.profile[rows] == kind)
        rules = conditions(problem.profiles[kind], int(problem.seats[rows[own[0]]]))
        for c, rule in enumerate(rules[: price.least.shape[1]]):
            least, most = price.least[rows[own], c], price.most[rows[own], c]
            if least.any() or most.any():
                value[own] += (least - most)[:, None] * rule.open_to
                given[own] += most * rule.most - least * rule.least
    of = np.zeros(int(problem.institution.max(initial=0)) + 1)
    for place, row in enumerate(rows.tolist()):
        if row in price.institution:
            dear, cost = price.institution[row]
            of[dear] = cost
            value[place] -= of[problem.institution]
            given[place] += float(cost.sum()) * int(problem.cap[row])
            of[dear] = 0.0
    value[~(problem.allowed[rows] & (problem.load > 0))] = -np.inf
    return value, given


def marginal(problem: Problem, rows: Ints, price: Worth, floor: Numbers, reach: float) -> Bools:
    """The pairs, (P, E), that are worth to one of the panels `rows` no less by `reach` than the last that would be taken."""
    chosen = np.zeros(problem.score.shape, dtype=bool)
    for some in np.array_split(rows, -(-len(rows) // _AT_ONCE)) if len(rows) else ():
        value, _ = values(problem, some, price, price.load, floor[some])
        most = value.shape[1] - int(problem.seats[some].max(initial=0))
        last = np.partition(value, most, axis=1)[:, most]
        chosen[some] = (value >= last[:, None] - reach) & (value > -np.inf)
    return chosen
