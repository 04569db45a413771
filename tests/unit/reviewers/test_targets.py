"""Targets are aimed at for their price and no more: no rule is broken for one, and on small instances the best answer is found."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from reviewers import fairness, solving, targets
from reviewers.assignment.panels import assign
from reviewers.checking import broken_rules, shortfalls
from reviewers.problem import Aim, Profile, Slot
from reviewers.randomised import panels
from reviewers.records import AffinityTable, Expert, PanelSpec, Quota, Target
from tests.unit.reviewers.test_fairness import instance


def aimed(seed, *, price=0.2, n_panels=4, n_experts=20, region=False):
    """A random problem with one first-timer wanted on each panel and three seats in ten from far away; `region`: a quota beside."""
    problem = instance(seed, n_panels=n_panels, n_experts=n_experts)
    rng = np.random.default_rng([seed, 7])
    new, far = rng.random(n_experts) < 0.3, rng.random(n_experts) < 0.3
    wanted = round(0.5 * problem.seats.sum())
    aims = (Aim("first_timer", "yes", 1, 0, price, new), Aim("capital", "no", 0, wanted, price, far))
    if region:
        near_sea = rng.random(n_experts) < 0.5
        beside = (Slot("region", "coast", 1, 2, near_sea),)
        problem = replace(problem, profiles=(Profile(problem.profiles[0].slots, beside),))
    return replace(problem, aims=aims)


def by_highs(problem):
    """Total less the price of what targets lack, of full panels under every rule, by another program; None if there are none."""
    n_panels, n_experts = problem.score.shape
    n_pairs, rows, low, high = n_panels * n_experts, [], [], []
    profile = problem.profiles[0]
    price = np.array([aim.price for aim in problem.aims for _ in range(n_panels + 1)])

    def rule(mask, least, most, slack=None):
        row = np.zeros(n_pairs + len(price))
        row[:n_pairs] = mask.ravel()
        if slack is not None:
            row[n_pairs + slack] = 1
        rows.append(row)
        low.append(least)
        high.append(most)

    for p in range(n_panels):
        own = np.zeros((n_panels, n_experts))
        own[p] = 1
        rule(own, problem.seats[p], problem.seats[p])
        for slot in (*profile.slots, *profile.beside):
            rule(own * slot.open_to, slot.least, slot.most)
        for house in np.unique(problem.institution):
            rule(own * (problem.institution == house), 0, problem.cap[p])
        for n, aim in enumerate(problem.aims):
            rule(own * aim.open_to, aim.least, np.inf, n * (n_panels + 1) + p)
    for n, aim in enumerate(problem.aims):
        rule(np.ones((n_panels, n_experts)) * aim.open_to, aim.wanted, np.inf, n * (n_panels + 1) + n_panels)
    for e in range(n_experts):
        own = np.zeros((n_panels, n_experts))
        own[:, e] = 1
        rule(own, 0, problem.load[e])
    found = milp(
        np.concatenate([-problem.score.ravel().astype(float), price]),
        integrality=np.concatenate([np.ones(n_pairs), np.zeros(len(price))]),
        bounds=Bounds(0, np.concatenate([problem.allowed.ravel().astype(float), np.full(len(price), np.inf)])),
        constraints=LinearConstraint(np.array(rows), low, high),
    )
    return None if found.x is None else -found.fun


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from((0.02, 0.2, 5.0)), st.booleans())
def test_the_best_answer_at_these_prices_is_found(seed, price, region):
    problem = aimed(seed, price=price, region=region)
    best = by_highs(problem)
    found = solving.solve(problem, method=solving.method_for(problem), seed=1, fair=False).solution
    assert broken_rules(problem, found) == {}
    if best is not None:
        assert not shortfalls(problem, found)
        assert solving.total_of(problem, found) - targets.cost(problem, found) == pytest.approx(best, abs=1e-3)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from((1, 2)), st.booleans())
def test_no_rule_is_broken_for_a_target_and_no_floor_is_left(seed, fair, once_in, region):
    problem = aimed(seed, price=5.0, region=region and once_in == 1)
    plain = panels(replace(problem, aims=()), once_in, seed=1, fair=fair)
    found = panels(problem, once_in, seed=1, fair=fair)
    assert broken_rules(problem, found.solution) == {}
    if once_in == 1:
        lacking = [sum(short.needed - short.got for short in shortfalls(problem, one.solution)) for one in (plain, found)]
        assert lacking[1] <= lacking[0]
        if found.floor is not None:
            before = set(fairness.below(problem, plain.solution, found.floor - 1e-6).tolist())
            assert set(fairness.below(problem, found.solution, found.floor - 2e-6).tolist()) <= before
        assert targets.cost(problem, found.solution) <= targets.cost(problem, plain.solution) + 1e-9
        given = solving.total_of(problem, plain.solution) - solving.total_of(problem, found.solution)
        assert found.given == pytest.approx(given, abs=1e-3)


def test_a_target_never_buys_a_seat_or_a_quota():
    """The only one from far away is the only one of sector 1 with a load left for it: the quota keeps them, whatever the price."""
    table = AffinityTable(("a", "b"), ("w", "x", "y", "z"), np.float32([[0.9, 0.8, 0.7, 0.1], [0.9, 0.8, 0.7, 0.1]]))
    experts = [Expert("w", sector="s", region="near"), Expert("x", sector="s", region="near"),
               Expert("y", sector="t", region="near"), Expert("z", sector="s", region="far")]  # fmt: skip
    specs = [PanelSpec(own, (own,), 2, (Quota("sector", "t", 1),)) for own in ("a", "b")]
    wish = [Target("region", "far", least=2, share=1.0, price=9.0)]
    found = assign(specs, experts, table, load_cap=2, seed=1, targets=wish)
    assert not found.shortfalls and found.empty_seats == 0
    assert all({"y", "z"} == {seat.expert_id for seat in panel.seats} for panel in found.panels)
    least, share = found.reached
    assert (least.wanted, least.got, least.missed, least.lacking) == (4, 2, 2, (("a", 1), ("b", 1)))
    assert (share.wanted, share.got, share.lacking) == (4, 2, ())
    assert found.given == pytest.approx(1.6, abs=1e-4)


def test_a_target_costs_no_more_than_its_price():
    table = AffinityTable(("a",), ("near", "far"), np.float32([[0.9, 0.8]]))
    experts = [Expert("near", attributes={"capital": "yes"}), Expert("far", attributes={"capital": "no"})]
    for price, seated in ((0.05, "near"), (0.15, "far")):
        wish = [Target("capital", "no", share=0.5, price=price)]
        found = assign([PanelSpec("a", ("a",), 1)], experts, table, load_cap=1, seed=1, targets=wish)
        assert [seat.expert_id for seat in found.panels[0].seats] == [seated]
        assert found.reached[0].missed == (seated == "near")


def test_drawn_seats_meet_a_share_on_average():
    problem = aimed(3, price=5.0, n_panels=8, n_experts=60)
    share = replace(problem, aims=(replace(problem.aims[1], wanted=12),))
    plain, counts = [], []
    for seed in range(30):
        plain.append(int(share.aims[0].open_to[panels(replace(share, aims=()), 2, seed=seed, fair=False).solution.expert].sum()))
        counts.append(targets.reached(share, panels(share, 2, seed=seed, fair=False).solution)[0].got)
    assert np.mean(counts) > 11.4 > np.mean(plain) + 1
