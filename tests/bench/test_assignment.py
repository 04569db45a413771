"""Without composition rules the candidates cost nothing: the total is that of one flow over every pair of the whole matrix.

Run alone, or with all others by `make bench`:

    python -m pytest tests/bench/test_assignment.py -m bench -s
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from ortools.graph.python import min_cost_flow

from reviewers import solving
from reviewers.problem import Problem, Profile, Slot
from reviewers.records import Expert, PanelSpec

pytestmark = pytest.mark.bench

PANELS, EXPERTS, SEATS, TOPICS = 1_000, 3_000, 5, 48
UNIT = 10_000  # affinities are rounded to 1e-4, so both sides count the same whole numbers


def instance(seed: int) -> Problem:
    """Applications and experts near two or three of 24 centres, one pair in a hundred barred, a third more room than seats."""
    rng = np.random.default_rng(seed)
    centre = rng.normal(size=(24, TOPICS))

    def points(n: int, mix: int) -> np.ndarray:
        x = centre[rng.integers(0, 24, (n, mix))].mean(axis=1) + 0.5 * rng.normal(size=(n, TOPICS))
        return x / np.linalg.norm(x, axis=1, keepdims=True)

    score = np.clip(points(PANELS, 2) @ points(EXPERTS, 3).T, 0, 1).round(4).astype(np.float32)
    return Problem(
        specs=tuple(PanelSpec(str(p), (str(p),), SEATS) for p in range(PANELS)),
        experts=tuple(Expert(str(e)) for e in range(EXPERTS)),
        score=score,
        allowed=rng.random(score.shape) > 0.01,
        load=rng.integers(1, 4, EXPERTS),
        institution=np.arange(EXPERTS),
        seats=np.full(PANELS, SEATS),
        cap=np.full(PANELS, SEATS),
        profile=np.zeros(PANELS, dtype=np.int64),
        profiles=(Profile((Slot(None, None, 0, SEATS, np.ones(EXPERTS, dtype=bool)),), ()),),
        own_cap=np.zeros(EXPERTS, dtype=bool),
    )


def dense(problem: Problem) -> float:
    """The best total by OR-tools with an arc for every pair that is allowed."""
    panel, expert = np.nonzero(problem.allowed)
    end = PANELS + EXPERTS
    solver = min_cost_flow.SimpleMinCostFlow()
    gain = np.rint(problem.score[panel, expert].astype(np.float64) * UNIT).astype(np.int64)
    solver.add_arcs_with_capacity_and_unit_cost(panel, PANELS + expert, np.ones(len(panel), dtype=np.int64), -gain)
    solver.add_arcs_with_capacity_and_unit_cost(
        PANELS + np.arange(EXPERTS), np.full(EXPERTS, end), problem.load, np.zeros(EXPERTS, int)
    )
    solver.set_nodes_supplies(np.arange(PANELS), problem.seats)
    solver.set_nodes_supplies(np.array([end]), np.array([-PANELS * SEATS]))
    assert solver.solve() == solver.OPTIMAL
    return -solver.optimal_cost() / UNIT


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_total_is_that_of_a_flow_over_the_whole_matrix(seed: int) -> None:
    problem = instance(seed)
    began = time.process_time()
    solved = solving.solve(problem, method="flow", seed=1, fair=False)
    ours, between = solving.total_of(problem, solved.solution), time.process_time()
    best = dense(problem)
    print(f"\nseed {seed}: {ours:.4f} in {between - began:.2f} CPU s, dense {best:.4f} in {time.process_time() - between:.2f}")
    assert ours == pytest.approx(best, abs=1e-3) and solved.bound == pytest.approx(best, abs=1e-3)
