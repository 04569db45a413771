"""Whole teams for the panels that a floor presses: all that are nearly the best at given prices, and which of them go together.

Shares of seats bound such panels loosely, since half of an expert lifts a panel as half of a seat does. Teams are whole, so
the best of them bounds a panel exactly, and few are worth looking at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from reviewers.errors import SolverFailed
from reviewers.problem import Bools, Ints, Numbers, Problem, Slot
from reviewers.relaxed import LINEAR, MISSED, Worth, conditions, values

_TOLERANCE = 1e-6
_PARTS = 60_000  # of teams, looked at at once
_WITHIN = np.array([0.03, 0.06, 0.12, 0.25, 0.5, 1.0, 2.0])  # of what a panel could be worth
_CLOSER = np.array([0.01, 0.003, 0.001])
_FEW, _MANY = 12, 400


@dataclass(frozen=True)
class Teams:
    """Teams of one panel that keep every rule and its floor: `member` (n, seats), `worth` (n,) their affinity less the prices of
    their load, the worthiest first. `best`: no team of the panel is worth more, whether it is among them or not."""

    row: int
    member: Ints
    worth: Numbers
    best: float


def near_best(problem: Problem, row: int, price: Worth, load: Numbers, floor: float) -> Teams:
    """The teams of a panel that are worth nearly as much, at the prices of `load`, as any could be.

    `price` says what floor, quotas and institutions are worth to it: with good ones few teams have to be looked at.
    """
    seats = int(problem.seats[row])
    score = problem.score[row].astype(np.float64)
    rules = conditions(problem.profiles[problem.profile[row]], seats)
    worth, added = values(problem, np.array([row]), price, load, np.array([floor]))
    value, given = worth[0], float(added[0])
    order = np.argsort(-value, kind="stable")[: int((value > -np.inf).sum())]
    best = float(value[order[:seats]].sum()) + given if len(order) >= seats else -np.inf

    def kept(within: float) -> Ints | None:
        member = _sums(value[order], score[order], seats, best - within - given, floor * seats - _TOLERANCE)
        if member is None:
            return None
        member = order[member]
        member = member[_kept(problem, member, int(problem.cap[row]), rules)]
        enough: Bools = (score[member] - load[member]).sum(axis=1) >= best - within
        return member[enough]

    found = np.zeros((0, seats), dtype=np.int64)
    wide = max(1.0, float(price.floor[row]) / 4)
    for within in _WITHIN * wide if len(order) >= seats else ():
        more = kept(within)
        if more is None:
            break
        found = more
        if len(found) >= _FEW:
            break
    for within in _CLOSER * wide if not len(found) and len(order) >= seats else ():  # where even the first were too many
        if (more := kept(within)) is not None and len(more):
            found = more
            break
    total = (score[found] - load[found]).sum(axis=1)
    order = np.argsort(-total, kind="stable")[:_MANY]
    best = float(total.max()) if len(found) else best
    return Teams(row, found[order], total[order], best)


def _sums(value: Numbers, score: Numbers, seats: int, least: float, floor: float) -> Ints | None:
    """All sets of `seats` places with a sum of at least `least` in the falling `value`, of `floor` in `score`; None if too many."""
    n = int(np.searchsorted(-value, value[: seats - 1].sum() - least + 1e-12, side="right"))
    value, score = value[: max(n, seats)], score[: max(n, seats)]
    upto = np.concatenate([[0.0], np.cumsum(value)])
    highest = np.maximum.accumulate(score[::-1])[::-1]
    place = np.arange(len(value))[:, None]
    worth, reach = value.copy(), score.copy()
    for left in range(seats - 1, 0, -1):
        following = upto[left:] - upto[:-left]  # the best that `left` places from here on add
        last = np.searchsorted(-following, worth - least + 1e-12, side="right")
        count = np.maximum(0, last - place[:, -1] - 1)
        if count.sum() > _PARTS:
            return None
        part = np.repeat(np.arange(len(place)), count)
        following_place = place[part, -1] + 1 + np.arange(len(part)) - np.repeat(np.cumsum(count) - count, count)
        hopeful = reach[part] + left * highest[following_place] >= floor
        part, following_place = part[hopeful], following_place[hopeful]
        place = np.concatenate([place[part], following_place[:, None]], axis=1)
        worth, reach = worth[part] + value[following_place], reach[part] + score[following_place]
    return place[reach >= floor]


def _kept(problem: Problem, member: Ints, cap: int, rules: Sequence[Slot]) -> Bools:
    """Which of the teams keep the institution's cap and the quotas."""
    good = np.ones(len(member), dtype=bool)
    if cap < member.shape[1]:
        home = np.sort(problem.institution[member], axis=1)
        good &= (home[:, cap:] != home[:, :-cap]).all(axis=1)
    for rule in rules:
        inside = rule.open_to[member].sum(axis=1)
        good &= (inside >= rule.least) & (inside <= rule.most)
    return good


def merged(one: Teams, other: Teams) -> Teams:
    """The teams of both, each once, at the worth they have there."""
    both = np.concatenate([np.sort(one.member, axis=1), np.sort(other.member, axis=1)])
    _, first = np.unique(both, axis=0, return_index=True)
    return Teams(one.row, both[first], np.concatenate([one.worth, other.worth])[first], one.best)


def scarcity(problem: Problem, pool: Sequence[Teams], missed: float = MISSED) -> tuple[Numbers, float]:
    """What load costs, (E,), beyond its price in the worth of the teams, when every panel shares its teams; how many lack one.

    `missed` is what a panel without a team costs.
    """
    n = sum(len(teams.worth) for teams in pool)
    which = np.repeat(np.arange(len(pool)), [len(teams.worth) for teams in pool])
    expert = np.concatenate([teams.member.ravel() for teams in pool])
    column = np.repeat(np.arange(n), np.concatenate([np.full(len(t.worth), t.member.shape[1]) for t in pool]))
    users = np.bincount(np.concatenate([np.unique(teams.member) for teams in pool]), minlength=len(problem.load))
    scarce = np.flatnonzero(users > problem.load)
    place = np.full(len(problem.load), -1)
    place[scarce] = np.arange(len(scarce))
    inside = place[expert] >= 0
    width = n + len(pool)
    loads = coo_array((np.ones(int(inside.sum())), (place[expert[inside]], column[inside])), shape=(len(scarce), width))
    owner = np.concatenate([which, np.arange(len(pool))])
    one = coo_array((np.ones(width), (owner, np.arange(width))), shape=(len(pool), width))
    found = linprog(
        np.concatenate([*(-teams.worth for teams in pool), np.full(len(pool), missed)]),
        A_ub=loads.tocsr(),
        b_ub=problem.load[scarce],
        A_eq=one.tocsr(),
        b_eq=np.ones(len(pool)),
        **LINEAR,
    )
    if found.x is None:
        raise SolverFailed(status=str(found.message))
    cost = np.zeros(len(problem.load))
    cost[scarce] = np.maximum(0.0, -found.ineqlin.marginals)
    return cost, float(found.x[n:].sum())
