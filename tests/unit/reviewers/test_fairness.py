"""Nobody is served far below the best that the worst served could be, and the price of that is proved."""

from collections import Counter
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from reviewers import fairness, packing, solving
from reviewers.bound import alone
from reviewers.problem import Problem, Profile, Slot
from reviewers.records import Expert, PanelSpec
from reviewers.relaxed import conditions, worth
from reviewers.teams import near_best


def instance(seed, n_panels=6, n_experts=14, seats=3, cap=1, *, houses=8, mixed=False):
    """A random problem with one expert of an institution and quotas over sectors, mostly with an answer.

    `mixed`: the people of an institution work in both sectors.
    """
    rng = np.random.default_rng(seed)
    institution = rng.integers(0, houses, n_experts)
    sector = rng.integers(0, 2, n_experts) if mixed else rng.integers(0, 2, houses)[institution]
    slots = (
        Slot("sector", "0", 1, seats, sector == 0),
        Slot("sector", "1", 1, seats, sector == 1),
        Slot("sector", None, 0, seats, sector > 1),
    )
    return Problem(
        specs=tuple(PanelSpec(str(p), (str(p),), seats) for p in range(n_panels)),
        experts=tuple(Expert(str(e)) for e in range(n_experts)),
        score=rng.integers(0, 10_001, (n_panels, n_experts)).astype(np.float32) / 10_000,
        allowed=rng.random((n_panels, n_experts)) > 0.1,
        load=rng.integers(1, 4, n_experts),
        institution=institution,
        seats=np.full(n_panels, seats),
        cap=np.full(n_panels, cap),
        profile=np.zeros(n_panels, dtype=np.int64),
        profiles=(Profile(slots, ()),),
        own_cap=np.zeros(n_experts, dtype=bool),
    )


def by_highs(problem, floor=None):
    """The best total of full panels under every rule, by an independent solver; None where there is no answer.

    `floor`: one for all panels or each its own.
    """
    n_panels, n_experts = problem.score.shape
    rows, low, high = [], [], []

    def rule(mask, least, most, factor=1.0):
        rows.append((mask * factor).ravel())
        low.append(least)
        high.append(most)

    for p in range(n_panels):
        own = np.zeros((n_panels, n_experts))
        own[p] = 1
        rule(own, problem.seats[p], problem.seats[p])
        for slot in problem.profiles[0].slots:
            rule(own * slot.open_to, slot.least, slot.most)
        for institution in np.unique(problem.institution):
            rule(own * (problem.institution == institution), 0, problem.cap[p])
        if floor is not None:
            rule(own * problem.score[p], np.broadcast_to(floor, n_panels)[p] * problem.seats[p] - 1e-6, np.inf)
    for e in range(n_experts):
        own = np.zeros((n_panels, n_experts))
        own[:, e] = 1
        rule(own, 0, problem.load[e])
    found = milp(
        -problem.score.ravel().astype(float),
        integrality=np.ones(n_panels * n_experts),
        bounds=Bounds(0, problem.allowed.ravel().astype(float)),
        constraints=LinearConstraint(np.array(rows), low, high),
        options={"mip_rel_gap": 0},
    )
    return -found.fun if found.status == 0 else None


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_without_a_floor_the_total_is_that_of_an_independent_solver_and_the_bound_meets_it(seed):
    problem = instance(seed)
    best = by_highs(problem)
    solved = solving.solve(problem, method="flow", seed=1, fair=False)
    if best is None:
        assert len(solved.solution.panel) < problem.seats.sum() or solving.short_of_quota(problem, solved.solution).any()
    else:
        assert solving.total_of(problem, solved.solution) == pytest.approx(best, abs=1e-4)
        assert best <= solved.bound + 1e-6


def test_an_institution_with_people_in_two_sectors_leaves_no_quota_short_that_could_be_kept():
    answers = 0
    for seed in range(60):
        problem = instance(seed, n_panels=1 + seed % 4, n_experts=7, seats=2, houses=3, mixed=True)
        best = by_highs(problem)
        solved = solving.solve(problem, method="flow", seed=1, fair=False)
        lacking = len(solved.solution.panel) < problem.seats.sum() or solving.short_of_quota(problem, solved.solution).any()
        assert lacking == (best is None), seed
        if best is not None:
            answers += 1
            assert solving.total_of(problem, solved.solution) == pytest.approx(best, abs=1e-4)
    assert 20 <= answers <= 50


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_under_the_floor_the_total_is_below_what_is_possible_and_the_bound_above_it(seed):
    problem = instance(seed)
    solved = solving.solve(problem, method="flow", seed=1, fair=True)
    best = by_highs(problem, solved.floor)
    assert (solved.floor is None) == (by_highs(problem) is None)
    lowest = fairness.served(problem, solved.solution.panel, solved.solution.expert).min()
    assert lowest <= solved.lowest_bound + 1e-6
    if solved.floor is not None:
        assert by_highs(problem, solved.lowest_bound + 1e-4) is None
    if best is not None:
        assert best <= solved.bound + 1e-6
        if solved.floor is None or lowest >= solved.floor.min() - 1e-6:
            assert solving.total_of(problem, solved.solution) <= best + 1e-5


def test_the_floor_is_kept_where_it_can_be_at_little_cost():
    kept = 0
    for seed in range(12):
        problem = instance(seed, n_panels=5, n_experts=40)
        solved = solving.solve(problem, method="flow", seed=1, fair=True)
        if by_highs(problem, solved.floor) is None:
            continue
        kept += 1
        assert fairness.served(problem, solved.solution.panel, solved.solution.expert).min() >= solved.floor.min() - 1e-6
        assert solved.bound - solving.total_of(problem, solved.solution) <= 0.03 * solved.bound
    assert kept >= 6


def test_a_floor_that_panels_could_keep_only_one_by_one_is_proved_to_be_out_of_reach():
    """Three panels want the one expert of sector 1 who suits them; alone each reaches .9, together one of them .6."""
    score = np.array([[0.9, 0.9, 0.9, 0.3]] * 3, dtype=np.float32)
    problem = replace(
        instance(1, n_panels=3, n_experts=4, seats=2),
        score=score,
        allowed=np.ones((3, 4), dtype=bool),
        load=np.array([3, 3, 1, 3]),
        institution=np.arange(4),
        profiles=(Profile((Slot("sector", "1", 1, 2, np.arange(4) > 1), Slot("sector", None, 0, 2, np.arange(4) < 2)), ()),),
    )
    solved = solving.solve(problem, method="flow", seed=1, fair=True)
    assert fairness.lowest_bound(problem) == pytest.approx(0.9)
    assert 0.6 <= solved.lowest_bound <= 0.605 and solved.floor.max() == pytest.approx(solved.lowest_bound - fairness.SLACK)
    assert fairness.served(problem, solved.solution.panel, solved.solution.expert).min() == pytest.approx(0.6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.3, 0.9), st.integers(0, 8))
def test_panels_are_proved_apart_only_where_none_keep_the_floor_and_always_when_everybody_is_scarce(seed, floor, n):
    problem = instance(seed, 4, 8, seats=2, cap=2, mixed=True)
    kept = by_highs(problem, floor) is not None
    some = np.random.default_rng(seed).permutation(8)[:n].tolist()

    def apart(scarce):
        needs = [packing.needs(problem, row, scarce) for row in range(4)]
        return packing.apart(needs, scarce, problem.load, np.full(4, floor))

    assert not (kept and apart(some))
    assert apart(range(8)) is not kept


def test_panels_that_lack_a_quota_are_measured_against_panels_that_need_none():
    problem = instance(3, n_panels=8, n_experts=30, houses=30)
    one = int(np.flatnonzero(problem.profiles[0].slots[1].open_to)[0])  # the one expert of sector 1
    slots = (Slot("sector", "1", 1, 3, np.arange(30) == one), Slot("sector", None, 0, 3, np.arange(30) != one))
    scarce = replace(problem, profiles=(Profile(slots, ()),), load=np.full(30, 2), institution=np.arange(30))
    free = replace(scarce, profiles=(Profile(tuple(replace(slot, least=0) for slot in slots), ()),))
    short = solving.solve(scarce, method="flow", seed=1, fair=False)
    most = solving.solve(free, method="flow", seed=1, fair=False)
    assert solving.short_of_quota(scarce, short.solution).any()
    assert short.bound == pytest.approx(solving.total_of(free, most.solution), abs=1e-3)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_panel_keeps_its_quotas_exactly_when_it_meets_the_conditions(seed):
    rng = np.random.default_rng(seed)
    n_slots, seats = int(rng.integers(1, 4)), 4
    slots = tuple(
        Slot("seat_type", str(s), int(rng.integers(0, 2)), int(rng.integers(1, 4)), rng.random(seats) < 0.6) for s in range(n_slots)
    )
    rules = conditions(Profile(slots, ()), seats)
    met = all(rule.least <= rule.open_to.sum() <= rule.most for rule in rules)
    ways = (Counter(way) for way in product(range(n_slots), repeat=seats) if all(slots[s].open_to[m] for m, s in enumerate(way)))
    assert met == any(all(slot.least <= way[s] <= slot.most for s, slot in enumerate(slots)) for way in ways)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.3, 0.8))
def test_the_best_team_at_any_prices_is_the_best_of_all_that_keep_rules_and_floor(seed, floor):
    problem = instance(seed, n_panels=1)
    if by_highs(problem) is None:
        return
    rng = np.random.default_rng(seed)
    load = rng.random(14) * (rng.random(14) < 0.4)
    one = np.ones(1, dtype=bool)
    found = near_best(problem, 0, worth(problem, problem.allowed & (problem.load > 0), np.array([floor]), one, load), load, floor)
    score, sector = problem.score[0].astype(float), [slot.open_to for slot in problem.profiles[0].slots]
    teams = [
        team
        for team in (list(members) for members in combinations(np.flatnonzero(problem.allowed[0]).tolist(), 3))
        if score[team].sum() >= 3 * floor - 1e-6
        and len(set(problem.institution[team].tolist())) == 3
        and all(slot[team].any() for slot in sector[:2])
    ]
    best = max((float((score - load)[team].sum()) for team in teams), default=None)
    if best is None:
        assert not len(found.member)
    elif len(found.member):
        assert found.best == pytest.approx(best) and sorted(found.member[0].tolist()) in teams
    else:
        assert found.best >= best  # too many to be looked at: a bound all the same


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_best_of_a_panel_alone_is_what_an_independent_solver_finds_for_it(seed):
    problem = instance(seed, n_panels=1)
    best = by_highs(problem)
    if best is not None:
        assert alone(problem).worth[0] == pytest.approx(best, abs=1e-5)
