"""Panels by a mixed-integer program, for rules that no network holds: quotas over several attributes at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from reviewers import flow
from reviewers.candidates import SCALE, TIE_BITS, gains
from reviewers.errors import SolverFailed
from reviewers.flow import Solution
from reviewers.problem import Bools, Ints, Problem

# In units of affinity: a shortfall outweighs any gain within a panel and its neighbours, an empty seat any shortfall.
SHORTFALL = 10.0
EMPTY = 100.0
GAP = 1e-5
SECONDS = 300.0


@dataclass
class _Rows:
    """Constraints `lower <= row . x <= upper`, gathered as coordinates."""

    row: list[Ints] = field(default_factory=list)
    column: list[Ints] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)

    def add(self, columns: Ints, lower: float, upper: float) -> None:
        self.row.append(np.full(len(columns), len(self.lower)))
        self.column.append(columns)
        self.lower.append(lower)
        self.upper.append(upper)


def solve(problem: Problem, candidates: Bools, seed: int) -> Solution:
    """The best seats among the candidates, within GAP. Raises SolverFailed when time ran out without any answer.

    One variable per (panel, slot, expert); a shortfall per quota and the empty seats per panel are variables with a
    price, so an answer always exists. Prices of load come from the flow that leaves out the quotas beside the slots.
    """
    panel, expert, slot = _choices(problem, candidates)
    n = len(panel)
    rows, prices = _Rows(), []

    def slack(price: float) -> int:
        prices.append(price)
        return n + len(prices) - 1

    for p, own in enumerate(np.split(np.arange(n), np.searchsorted(panel, np.arange(1, len(problem.specs))))):
        seats = float(problem.seats[p])
        rows.add(np.append(own, slack(EMPTY)), seats, seats)
        profile = problem.profiles[problem.profile[p]]
        for s, quota in enumerate(profile.slots):
            _add_quota(rows, own[slot[own] == s], quota.least, quota.most, slack)
        for quota in profile.beside:
            _add_quota(rows, own[quota.open_to[expert[own]]], quota.least, quota.most, slack)
        _add_groups(rows, own, problem.institution[expert[own]], float(problem.cap[p]))
        _add_groups(rows, own, expert[own], 1.0)
    for e, own in _groups(np.arange(n), expert):
        if len(own) > problem.load[e]:
            rows.add(own, 0, float(problem.load[e]))
    chosen = _run(problem, panel, expert, np.array(prices), rows, seed)
    return Solution(panel[chosen], expert[chosen], slot[chosen], flow.solve(problem, candidates, seed).price)


def _choices(problem: Problem, candidates: Bools) -> tuple[Ints, Ints, Ints]:
    """Every (panel, expert, slot) that goes together, sorted by panel."""
    parts = []
    for p in range(len(problem.specs)):
        own = np.flatnonzero(candidates[p])
        for s, slot in enumerate(problem.profiles[problem.profile[p]].slots):
            fitting = own[slot.open_to[own]]
            parts.append(np.stack([np.full(len(fitting), p), fitting, np.full(len(fitting), s)]))
    panel, expert, slot = np.concatenate(parts, axis=1).astype(np.int64)
    return panel, expert, slot


def _add_quota(rows: _Rows, own: Ints, least: int, most: int, slack: Callable[[float], int]) -> None:
    if most < len(own):
        rows.add(own, 0, float(most))
    if least:
        rows.add(np.append(own, slack(SHORTFALL)), float(least), np.inf)


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


def _run(problem: Problem, panel: Ints, expert: Ints, prices: npt.NDArray[np.float64], rows: _Rows, seed: int) -> Ints:
    n, width = len(panel), len(panel) + len(prices)
    gain = gains(problem.score[panel, expert], seed) / (SCALE << TIE_BITS)
    row, column = np.concatenate(rows.row), np.concatenate(rows.column)
    matrix = coo_array((np.ones(len(row)), (row, column)), shape=(len(rows.lower), width)).tocsr()
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
