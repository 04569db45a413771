"""The worst served rise in turn: the lowest as high as can be, then the next; nobody is pushed below somebody who has less."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from reviewers import fairness, leximin, solving
from reviewers.problem import Profile, Slot
from tests.unit.reviewers.test_fairness import by_highs, instance


def in_shares(problem):
    """What each panel reaches at leximin when seats may be shared, by another way: raise all, freeze who can rise no further."""
    n_panels, n_experts = problem.score.shape
    n = n_panels * n_experts
    panel, expert = np.divmod(np.arange(n), n_experts)
    mean = np.where(panel == np.arange(n_panels)[:, None], problem.score.ravel() / problem.seats[:, None], 0.0)
    full = (panel == np.arange(n_panels)[:, None]).astype(float)
    rows, most = [(expert == e).astype(float) for e in range(n_experts)], problem.load.tolist()
    for p in range(n_panels):
        for slot in problem.profiles[0].slots:
            inside = (panel == p) & slot.open_to[expert]
            rows += [-inside.astype(float), inside.astype(float)]
            most += [-slot.least, slot.most]
        for institution in np.unique(problem.institution):
            rows.append(((panel == p) & (problem.institution[expert] == institution)).astype(float))
            most.append(problem.cap[p])

    def best(goal, least, rising):
        """The highest t, or the highest mean of one panel, under these least means; columns are the seats and t."""
        together = np.column_stack([-mean, rising.astype(float)])
        rules = np.vstack([np.column_stack([rows, np.zeros(len(rows))]), together])
        found = linprog(
            -goal, A_ub=rules, b_ub=[*most, *-least], A_eq=np.column_stack([full, np.zeros(n_panels)]), b_eq=problem.seats,
            bounds=[*((0, int(may)) for may in problem.allowed.ravel()), (0, 1)],
        )  # fmt: skip
        return None if found.x is None else -found.fun

    level, rising = np.zeros(n_panels), np.ones(n_panels, dtype=bool)
    while rising.any():
        t = best(np.append(np.zeros(n), 1.0), np.where(rising, 0.0, level) - 1e-9, rising)
        if t is None:
            return None
        level[rising] = t
        room = {p: best(np.append(mean[p], 0.0), level - 1e-7, rising & False) - t for p in np.flatnonzero(rising)}
        rising[[p for p, more in room.items() if more <= max(1e-5, min(room.values()))]] = False
    return level


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_first_of_the_worst_served_that_fares_otherwise_than_by_an_independent_way_fares_better(seed):
    problem = instance(seed, n_panels=5, n_experts=12)
    expected = in_shares(problem)
    if expected is None:
        return
    solution, _ = solving._optimum(problem, solving.METHODS["flow"], 1, 1e-9)
    start = expected.min() - fairness.SLACK / 3
    found = leximin.levels(problem, solution, start, 1.0, 1)
    assert found.min() == pytest.approx(expected.min(), abs=fairness.SLACK)
    better = np.sort(found) - np.sort(expected)  # a little less for the lowest may be much more for the next
    apart = np.flatnonzero(np.abs(better) > 2 * fairness.SLACK)
    assert not len(apart) or better[apart[0]] > 0


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.2, 0.5, 1.0]))
def test_nobody_falls_below_the_floor_and_each_keeps_what_it_rose_to(seed, share):
    problem = instance(seed)
    fair = solving.solve(problem, method="flow", seed=1, fair=True)
    raised = solving.solve(problem, method="flow", seed=1, fair=True, rising=share)
    if fair.floor is None:
        assert raised.floor is None
        return
    means = [fairness.served(problem, one.solution.panel, one.solution.expert) for one in (fair, raised)]
    assert (means[1] >= raised.floor - 1e-6).all() or means[0].min() < fair.floor.min()
    assert means[1].min() >= means[0].min() - 1e-6
    best = by_highs(problem, raised.floor)
    if (means[1] >= raised.floor - 1e-6).all():
        assert solving.total_of(problem, raised.solution) - 1e-5 <= best <= raised.bound + 1e-6


def test_the_second_lowest_rises_too_although_the_total_would_have_it_low():
    """The first panel can reach .3 and no more. The others share four experts: .9 and .4 are worth most, .6 and .6 are leximin."""
    problem = replace(
        instance(1, n_panels=3, n_experts=6, seats=2),
        score=np.array([[0.3, 0.3, 0, 0, 0, 0], [0, 0, 1.0, 0.9, 0.6, 0.5], [0, 0, 0.7, 0.6, 0.5, 0.4]], dtype=np.float32),
        allowed=np.ones((3, 6), dtype=bool),
        load=np.ones(6, dtype=np.int64),
        institution=np.arange(6),
        profiles=(Profile((Slot(None, None, 0, 2, np.ones(6, dtype=bool)),), ()),),
    )
    fair, raised = (solving.solve(problem, method="flow", seed=1, fair=True, rising=share) for share in (0.0, 1.0))
    assert fairness.served(problem, fair.solution.panel, fair.solution.expert) == pytest.approx([0.3, 0.95, 0.45])
    assert fairness.served(problem, raised.solution.panel, raised.solution.expert) == pytest.approx([0.3, 0.7, 0.6])
