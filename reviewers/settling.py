"""Whole seats for everybody: whole teams (teams.py) for the panels that a floor presses, seat by seat for the others.

Shared seats are almost whole by themselves then. Where few panels share, a program settles these; where many do, the largest
shares of teams are made whole by turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from reviewers.errors import SolverFailed
from reviewers.problem import Bools, Ints, Numbers, Problem
from reviewers.relaxed import LINEAR, MISSED, TOLERANCE, Rows, rules_of

_GAP, _NODES = 1e-4, 200
_TORN, _DIVE = 60, 8  # panels that share, from which teams are made whole by turns, an eighth of those shared at once
_CLOSE, _RINGS = 1e-4, 4  # of what shares reach: no need to look further; how far is looked


@dataclass(frozen=True)
class Seats:
    """Panel and expert of each seat; the panels `without` a team or a seat, if only in part; and what `load` (E,) is worth."""

    panel: Ints
    expert: Ints
    without: list[int]
    load: Numbers


def seats(problem: Problem, candidates: Bools, pool: Sequence[tuple[int, Ints]]) -> Seats:
    """The seats that are worth most; where even shared seats would leave a panel without, whatever part of a seat anybody has.

    A panel of the pool takes one of its teams (n, seats), any other its candidates one by one. Raises SolverFailed.
    """
    panel, expert = (side.astype(np.int64) for side in np.nonzero(candidates))
    n = len(panel)
    owner = np.repeat(np.array([row for row, _ in pool], dtype=np.int64), [len(member) for _, member in pool])
    teams = [team for _, member in pool for team in member]
    size = np.array([len(team) for team in teams], dtype=np.int64)
    members = np.concatenate(teams) if teams else np.zeros(0, np.int64)
    column = n + np.repeat(np.arange(len(teams)), size)
    every = np.arange(len(problem.specs))
    rules = rules_of(problem, panel, expert, np.zeros(len(every)), every < 0, loaded=True)
    assert rules.load is not None
    rules.rows.put(rules.load.start + members, column)
    gain = problem.score[panel, expert].astype(np.float64)
    total = np.bincount(column - n, problem.score[np.repeat(owner, size), members], minlength=len(teams))
    full = Rows()
    wanted = problem.seats.astype(np.float64)
    wanted[[row for row, _ in pool]] = 1.0
    taken = n + len(teams)
    full.add(np.concatenate([panel, owner]), np.arange(taken), wanted)
    full.put(every, taken + every)
    width = taken + len(every)
    cost = np.concatenate([-gain, -total, np.full(len(every), MISSED)])
    most = np.concatenate([np.ones(taken), np.full(len(every), np.inf)])
    limit = np.concatenate(rules.rows.limit)
    program = _Program(cost, most, rules.rows.matrix(width), limit, full.matrix(width), wanted, n)
    share, price = _settled(program)
    chosen = np.flatnonzero(share[:taken] > TOLERANCE)
    single, whole = chosen[chosen < n], chosen[chosen >= n]
    inside = np.isin(column, whole)
    return Seats(
        np.concatenate([panel[single], np.repeat(owner, size)[inside]]),
        np.concatenate([expert[single], members[inside]]),
        np.flatnonzero(share[taken:] > TOLERANCE).tolist(),
        price[rules.load],
    )


def _settled(program: _Program) -> tuple[Numbers, Numbers]:
    """What is taken of each column, in whole unless something is lacking even in shares; and the prices of the rules."""
    share, price, worth = program.shared(np.zeros_like(program.most), program.most)
    torn = _torn(share)
    open_ = (program.full @ torn) > 0  # the panels of which something is shared
    if open_.sum() > _TORN:
        share, price, worth = program.dived(share, price)
        torn = _torn(share)
        open_ = (program.full @ torn) > 0
    if program.lacking(share) or not torn.any():
        return share, price
    for _ in range(_RINGS):  # where these panels alone do not do, who sits in their way as well
        free = program.full.T @ open_ > 0
        taken = np.rint(share)
        found = program.whole(np.where(free, 0.0, taken), np.where(free, program.most, taken))
        if found is not None and program.cost @ found - worth <= _CLOSE * abs(worth):
            break
        in_the_way = (program.rules.T @ ((program.rules @ free) > 0) > 0) & (taken > 0)
        open_ |= (program.full @ in_the_way) > 0
    if found is None:
        raise SolverFailed(status="no whole seats")
    return found, price


def _torn(share: Numbers) -> Bools:
    torn: Bools = np.abs(share - np.rint(share)) > TOLERANCE
    return torn


@dataclass(frozen=True)
class _Program:
    """Columns at a cost, `rules . x <= limit` and `full . x = wanted`: seats, teams, and without a most what is lacking."""

    cost: Numbers
    most: Numbers
    rules: csr_array
    limit: Numbers
    full: csr_array
    wanted: Numbers
    first_team: int

    def lacking(self, share: Numbers) -> bool:
        return bool((share[~np.isfinite(self.most)] > TOLERANCE).any())

    def shared(self, low: Numbers, high: Numbers) -> tuple[Numbers, Numbers, float]:
        """Shares, prices of the rules, and the cost. Raises SolverFailed."""
        bounds = np.stack([low, high], axis=1)
        found = linprog(self.cost, A_ub=self.rules, b_ub=self.limit, A_eq=self.full, b_eq=self.wanted, bounds=bounds, **LINEAR)
        if found.x is None:
            raise SolverFailed(status=str(found.message))
        return found.x, np.maximum(0.0, -found.ineqlin.marginals), float(found.fun)

    def whole(self, low: Numbers, high: Numbers) -> Numbers | None:
        """Whole columns within these ends."""
        found = milp(
            self.cost,
            integrality=np.isfinite(self.most),
            bounds=Bounds(low, high),
            constraints=[
                LinearConstraint(self.rules, -np.inf, self.limit),
                LinearConstraint(self.full, self.wanted, self.wanted),
            ],
            options={"mip_rel_gap": _GAP, "node_limit": _NODES},
        )
        return None if found.x is None else np.rint(found.x)

    def dived(self, share: Numbers, price: Numbers) -> tuple[Numbers, Numbers, float]:
        """Shares with every team whole, the largest first, some at a time; or those at which that leaves something lacking."""
        low, worth = np.zeros_like(self.most), float(self.cost @ share)
        teams = np.isfinite(self.most) & (np.arange(len(self.most)) >= self.first_team)
        while not self.lacking(share) and (torn := np.flatnonzero(_torn(share) & teams)).size:
            for column in torn[np.argsort(-share[torn], kind="stable")[: max(1, len(torn) // _DIVE)]].tolist():
                low[column] = 1.0
                if (self.rules @ low > self.limit + TOLERANCE)[self.limit >= 0].any() or (self.full @ low > self.wanted).any():
                    low[column] = 0.0
            share, price, worth = self.shared(low, self.most)
        return share, price, worth
