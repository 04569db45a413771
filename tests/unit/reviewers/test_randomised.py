"""A drawn panel keeps every rule, no pair is more likely than the cap, and every chance is what it was said to be."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewers import solving
from reviewers.assignment.panels import assign
from reviewers.checking import broken_rules, shortfalls
from reviewers.randomised import draw, enlarged, panels
from reviewers.records import AffinityTable, Expert, PanelSpec, Quota
from tests.unit.reviewers.test_fairness import instance


def chances(problem, times):
    return solving.solve(enlarged(problem, times), method="flow", seed=1, fair=False).solution


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 4))
def test_no_draw_ever_breaks_a_rule_and_each_is_full_where_the_chances_are(seed, times):
    problem = instance(seed, n_panels=5, n_experts=30)
    found = chances(problem, times)
    whole = len(found.panel) == problem.seats.sum() * times and not shortfalls(enlarged(problem, times), found)
    for turn in range(6):
        seats = draw(problem, found, times, turn)
        assert broken_rules(problem, seats) == {}
        if whole:
            assert shortfalls(problem, seats) == ()


def test_the_chances_are_exact_over_two_thousand_draws():
    problem = instance(5, n_panels=4, n_experts=20)
    found = chances(problem, 3)
    counts = np.zeros(problem.score.shape)
    for turn in range(2000):
        seats = draw(problem, found, 3, turn)
        counts[seats.panel, seats.expert] += 1
    said = np.zeros(problem.score.shape)
    said[found.panel, found.expert] = 1 / 3
    assert (counts[said == 0] == 0).all()
    z = (counts[said > 0] / 2000 - 1 / 3) / np.sqrt(1 / 3 * 2 / 3 / 2000)
    assert np.abs(z).max() < 4 and 0.5 < z.std() < 1.5


def test_a_seed_gives_the_same_seats_again_and_another_seed_others():
    problem = instance(5, n_panels=4, n_experts=20)
    found = chances(problem, 2)
    drawn = [draw(problem, found, 2, seed).expert.tolist() for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_the_expected_total_is_within_the_price_of_the_cap():
    problem = instance(5, n_panels=4, n_experts=40)
    best = solving.solve(problem, method="flow", seed=1, fair=False)
    large = enlarged(problem, 2)
    capped = solving.solve(large, method="flow", seed=1, fair=False)
    expected = solving.total_of(large, capped.solution) / 2
    assert 0.85 * best.bound < expected <= best.bound + 1e-6 and capped.bound / 2 >= expected - 1e-6


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_panel_that_the_cap_would_leave_short_is_seated_as_without_a_draw(seed):
    problem = instance(seed)
    best = solving.solve(problem, method="flow", seed=1, fair=False)
    drawn = panels(problem, 2, seed=1, fair=False)
    assert broken_rules(problem, drawn.solution) == {}
    assert len(drawn.solution.panel) <= len(best.solution.panel)
    if not shortfalls(problem, best.solution) and len(drawn.certain) == len(problem.specs):
        assert shortfalls(problem, drawn.solution) == ()


def test_nobody_is_drawn_where_there_is_nobody_to_choose_from():
    problem = instance(5, n_panels=1, n_experts=40)
    few = replace(problem, load=np.where(np.arange(40) < 5, problem.load, 0), cap=problem.seats)
    drawn = panels(few, 4, seed=1, fair=True)
    best = solving.solve(few, method="flow", seed=1, fair=True)
    assert drawn.certain.tolist() == [0] and sorted(drawn.solution.expert) == sorted(best.solution.expert)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_cap_that_spans_several_seat_types_holds_in_every_draw(seed):
    rng = np.random.default_rng(seed)
    kinds = ["technology", "market"]
    experts = [
        Expert(f"e{i}", f"org {i % 6}", seat_types=frozenset(rng.choice(kinds, int(rng.integers(1, 3)), replace=False)))
        for i in range(24)
    ]
    quotas = (Quota("seat_type", "technology", 1), Quota("seat_type", "market", 1))
    specs = [PanelSpec(f"p{p}", (f"d{p}",), 4, quotas, institution_cap=1) for p in range(3)]
    table = AffinityTable(("d0", "d1", "d2"), tuple(e.id for e in experts), rng.random((3, 24)).astype(np.float32))
    for turn in range(3):
        result = assign(specs, experts, table, load_cap=2, seed=turn, once_in=2, fair=True)  # checks every rule itself
        assert result.empty_seats == 0 and not result.shortfalls
