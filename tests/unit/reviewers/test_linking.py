"""Panels hang together by shared panellists, at the least cost, and nothing that was asked for gives way."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewers.assignment.panels import assign
from reviewers.checking import broken_rules, short_of_quota
from reviewers.fairness import served
from reviewers.linking import Linking, link, links
from reviewers.problem import build
from reviewers.records import AffinityTable, Expert, PanelSpec, Quota
from reviewers.solving import method_for, solve, total_of


def blocks(seed, n_fields=3, panels=3, experts=5, seats=3, load=3):
    """Panels of several sub-fields, each with experts of its own who are far better there than anybody else."""
    rng = np.random.default_rng(seed)
    of_panel, of_expert = np.repeat(np.arange(n_fields), panels), np.repeat(np.arange(n_fields), experts)
    near = of_panel[:, None] == of_expert
    value = np.where(near, rng.uniform(0.6, 0.9, near.shape), rng.uniform(0.1, 0.3, near.shape)).astype(np.float32)
    people = [Expert(f"e{e}", f"org {rng.integers(8)}", sector=str(rng.choice(["a", "b"]))) for e in range(len(of_expert))]
    specs = [PanelSpec(f"p{p}", (f"d{p}",), seats, (Quota("sector", "a", 1),), 2) for p in range(len(of_panel))]
    table = AffinityTable(tuple(f"d{p}" for p in range(len(specs))), tuple(e.id for e in people), value)
    return specs, people, table, {"load_cap": load}, Linking(tuple(f"F{field}" for field in of_panel))


def two_pairs():
    """Two panels of two seats each, with nobody in common: one change joins them, and one is the cheapest."""
    value = np.float32([[0.9, 0.8, 0.3, 0.1], [0.2, 0.1, 0.9, 0.6]])
    specs = [PanelSpec(f"p{p}", (f"d{p}",), 2) for p in range(2)]
    return specs, [Expert(f"e{e}") for e in range(4)], AffinityTable(("d0", "d1"), ("e0", "e1", "e2", "e3"), value)


def test_two_panels_without_a_common_panellist_are_joined_by_the_cheapest_change():
    specs, people, table = two_pairs()
    result = assign(specs, people, table, load_cap=2, seed=1, linking=Linking(("F01", "F02")))
    before, after = result.links
    assert (before.groups, before.largest, before.share, after.groups, result.relinked) == (2, 0.5, 0.0, 1, 1)
    assert [{seat.expert_id for seat in panel.seats} for panel in result.panels] == [{"e0", "e1"}, {"e0", "e2"}]
    assert after.share == pytest.approx(0.25) and result.total == pytest.approx(2.8)
    assert result.expected == pytest.approx(2.8) and result.bound == pytest.approx(3.2) and result.gap == pytest.approx(0.125)


def test_where_nobody_has_room_for_a_second_panel_the_groups_are_reported_and_nothing_changes():
    specs, people, table = two_pairs()
    result = assign(specs, people, table, load_cap=1, seed=1, linking=Linking(("F01", "F02")))
    assert result.links[0] == result.links[1] and result.links[1].groups == 2 and result.relinked == 0


def test_panels_may_be_looked_at_without_a_change():
    specs, people, table = two_pairs()
    result = assign(specs, people, table, load_cap=2, seed=1, linking=Linking(("F01", "F02"), joins=False))
    assert result.links[0] == result.links[1] and result.relinked == 0
    assert assign(specs, people, table, load_cap=2, seed=1).links is None


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.3]), st.booleans())
def test_links_never_break_a_rule_and_never_leave_more_groups(seed, share, fair):
    specs, people, table, load, wanted = blocks(seed)
    problem = build(specs, people, table, **load)
    solved = solve(problem, method=method_for(problem), seed=1, fair=fair)
    found = link(problem, solved.solution, Linking(wanted.fields, share), solved.floor)
    before, after = (links(problem, one, wanted.fields) for one in (solved.solution, found))
    assert broken_rules(problem, found) == {} and after.groups <= before.groups
    assert len(found.panel) == len(solved.solution.panel)
    assert not (short_of_quota(problem, found) & ~short_of_quota(problem, solved.solution)).any()
    assert total_of(problem, found) <= total_of(problem, solved.solution) + 1e-4
    if solved.floor is not None:
        means = [served(problem, one.panel, one.expert) for one in (solved.solution, found)]
        assert (means[1] >= np.minimum(solved.floor, means[0]) - 1e-6).all()
    elif before.groups > 1:
        assert after.groups == 1
        assert not share or after.share >= share


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_one_join_costs_as_little_as_the_best_of_all_single_changes(seed):
    specs, people, table, load, wanted = blocks(seed, n_fields=2, panels=1, experts=4)
    problem = build(specs, people, table, **load)
    first = solve(problem, method=method_for(problem), seed=1, fair=False).solution
    if links(problem, first, wanted.fields).groups == 1:
        return
    best = -np.inf
    for place, expert in itertools.product(range(len(first.expert)), range(len(people))):
        tried = first.expert.copy()
        tried[place] = expert
        changed = type(first)(first.panel, tried, first.slot, first.price)
        lacks = short_of_quota(problem, changed) & ~short_of_quota(problem, first)
        if not broken_rules(problem, changed) and not lacks.any() and links(problem, changed, wanted.fields).groups == 1:
            best = max(best, total_of(problem, changed))
    assert total_of(problem, link(problem, first, wanted, None)) == pytest.approx(best, abs=1e-5)
