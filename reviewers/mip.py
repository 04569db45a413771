"""Panels by a mixed-integer program, for rules that no network holds: quotas over several attributes at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from reviewers import flow
from reviewers.candidates import pairs_of
from reviewers.errors import SolverFailed
from reviewers.flow import Solution
from reviewers.problem import Aim, Bools, Floats, Ints, Numbers, Problem

# In units of affinity: a shortfall outweighs any gain within a panel and its neighbours, an empty seat any shortfall.
SHORTFALL = 1_000.0
EMPTY = 10_000.0
BELOW_FLOOR = 1_000.0  # for each unit that a panel's affinities lack to its floor
GAP = 1e-5
SECONDS = 300.0


@dataclass
class _Rows:
    """Constraints `lower <= row . x <= upper`, gathered as coordinates."""

    row: list[Ints] = field(default_factory=list)
    column: list[Ints] = field(default_factory=list)
    factor: list[Numbers] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)

    def add(self, columns: Ints, lower: float, upper: float, factor: Numbers | float = 1.0) -> None:
        self.row.append(np.full(len(columns), len(self.lower)))
        self.column.append(columns)
        self.factor.append(np.broadcast_to(np.asarray(factor, dtype=np.float64), columns.shape))
        self.lower.append(lower)
        self.upper.append(upper)


def solve(problem: Problem, candidates: Bools, seed: int, weight: Numbers | None = None) -> Solution:
    """The best seats among the candidates at the panels' weights, within GAP. Raises SolverFailed without any answer.

    Prices of load come from the flow that leaves out the quotas beside the slots.
    """
    return Solution(*seats(problem, candidates, seed, weight), flow.prices(problem, candidates, seed, weight))


def seats(
    problem: Problem,
    candidates: Bools,
    seed: int,
    weight: Numbers | None = None,
    *,
    floor: Numbers | None = None,
    aims: Sequence[Aim] = (),
) -> tuple[Ints, Ints, Ints]:
    """Panel, expert and slot of each seat. `floor` (P,) is what the affinities of a panel's seats should sum up to; `aims` are
    aimed at, at their prices, and then the floor is none to be missed.

    One variable per (panel, slot, expert); a shortfall per quota, the empty seats per panel and what it lacks to its floor
    are variables with a price, so an answer always exists. Raises SolverFailed when time ran out without any.
    """
    panel, expert, slot = _choices(problem, candidates, seed)
    n = len(panel)
    rows, prices = _Rows(), []

    def slack(price: float) -> int:
        prices.append(price)
        return n + len(prices) - 1

    for p, own in enumerate(np.split(np.arange(n), np.searchsorted(panel, np.arange(1, len(problem.specs))))):
        wanted = float(problem.seats[p])
        rows.add(np.append(own, slack(EMPTY)), wanted, wanted)
        profile = problem.profiles[problem.profile[p]]
        for s, quota in enumerate(profile.slots):
            _add_quota(rows, own[slot[own] == s], quota.least, quota.most, slack)
        for quota in profile.beside:
            _add_quota(rows, own[quota.open_to[expert[own]]], quota.least, quota.most, slack)
        if floor is not None:
            _add_floor(rows, own, problem.score[p, expert[own]], float(floor[p]), None if aims else slack)
        _add_groups(rows, own, problem.institution[expert[own]], float(problem.cap[p]))
        for aim in aims:
            _add_aim(rows, own[aim.open_to[expert[own]]], min(aim.least, int(wanted)), aim.price, slack)
        _add_groups(rows, own, expert[own], 1.0)
    for e, own in _groups(np.arange(n), expert):
        if len(own) > problem.load[e]:
            rows.add(own, 0, float(problem.load[e]))
    for aim in aims:
        _add_aim(rows, np.flatnonzero(aim.open_to[expert]), aim.wanted, aim.price, slack)
    gain = problem.score[panel, expert].astype(np.float64) * (1.0 if weight is None else weight[panel])
    chosen = _run(gain, np.array(prices), rows)
    return panel[chosen], expert[chosen], slot[chosen]


def _choices(problem: Problem, candidates: Bools, seed: int) -> tuple[Ints, Ints, Ints]:
    """Every (panel, expert, slot) that goes together, sorted by panel."""
    pair_panel, pair_expert = pairs_of(candidates, seed)
    pair, slot = flow.fits(problem, pair_panel, pair_expert)
    return pair_panel[pair], pair_expert[pair], slot


def _add_quota(rows: _Rows, own: Ints, least: int, most: int, slack: Callable[[float], int]) -> None:
    if most < len(own):
        rows.add(own, 0, float(most))
    if least:
        rows.add(np.append(own, slack(SHORTFALL)), float(least), np.inf)


def _add_aim(rows: _Rows, own: Ints, wanted: int, price: float, slack: Callable[[float], int]) -> None:
    if wanted:
        rows.add(np.append(own, slack(price)), float(wanted), np.inf)


def _add_floor(rows: _Rows, own: Ints, score: Floats, floor: float, slack: Callable[[float], int] | None) -> None:
    if slack is None:
        rows.add(own, floor, np.inf, score.astype(np.float64))
    else:
        rows.add(np.append(own, slack(BELOW_FLOOR)), floor, np.inf, np.append(score, 1.0))


def _add_groups(rows: _Rows, own: Ints, key: Ints, most: float) -> None:
    for _, members in _groups(own, key):
        if len(members) > most:
            rows.add(members, 0, most)


def _groups(own: Ints, key: Ints) -> list[tuple[int, Ints]]:
    if not len(own):
        return []
    order = np.argsort(key, kind="stable")
    values, starts = np.unique(key[order], return_index=True)
    return list(zip(values.tolist(), np.split(own[order], starts[1:]), strict=True))


def _run(gain: Numbers, prices: Numbers, rows: _Rows) -> Ints:
    n, width = len(gain), len(gain) + len(prices)
    row, column = np.concatenate(rows.row), np.concatenate(rows.column)
    matrix = coo_array((np.concatenate(rows.factor), (row, column)), shape=(len(rows.lower), width)).tocsr()
    result = milp(
        np.concatenate([-gain, prices]),
        integrality=np.concatenate([np.ones(n), np.zeros(len(prices))]),
        bounds=Bounds(0, np.concatenate([np.ones(n), np.full(len(prices), np.inf)])),
        constraints=LinearConstraint(matrix, np.array(rows.lower), np.array(rows.upper)),
        options={"mip_rel_gap": GAP, "time_limit": SECONDS},
    )
    if result.x is None or result.status not in (0, 1):  # 1: time ran out, the best answer so far is returned
        raise SolverFailed(status=str(result.message))
    return np.flatnonzero(result.x[:n] > 0.5)
