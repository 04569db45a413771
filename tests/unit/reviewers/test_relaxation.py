"""What is missing is told exactly, and each change that is offered makes every panel complete."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewers.records import AffinityTable, Expert, PanelSpec, Quota
from reviewers.relaxation import advise, changes, unmet, waive, with_institution, with_people, words
from tests.unit.reviewers.test_fairness import instance


def case(n_panels, experts, quotas=(), cap=None, seats=1):
    table = AffinityTable(
        tuple(f"d{i}" for i in range(n_panels)),
        tuple(expert.id for expert in experts),
        np.full((n_panels, len(experts)), 0.5, dtype=np.float32),
    )
    return [PanelSpec(f"p{i}", (f"d{i}",), seats, quotas, cap) for i in range(n_panels)], experts, table


def offered(specs, experts, table, load_cap):
    return advise(specs, experts, table, load_cap=load_cap, seed=1)


def told(*args, **kwargs):
    return [words(change) for change in offered(*args, **kwargs)]


def test_complete_panels_need_no_change():
    assert offered(*case(2, [Expert("a")]), load_cap=2) == ()


def test_empty_seats_name_the_load_the_people_and_the_seats_to_do_without():
    found = offered(*case(5, [Expert("a")]), load_cap=2)
    assert [(c.kind, c.amount) for c in found] == [("load", 3), ("experts", 2), ("waive", 3)]
    assert found[1].people == ((None, None, 2),)
    assert sorted(len(panels) for panels in found[1].seats) == [1, 2], "the three panels that the one expert leaves"
    assert [(short.needed, short.got) for short in found[2].waived] == [(1, 0)] * 3


def test_a_quota_that_nobody_fits_is_not_mended_by_a_cap():
    specs, experts, table = case(4, [Expert("a", sector="academia")], (Quota("sector", "industry", 1),))
    assert told(specs, experts, table, load_cap=4) == [
        "find 1 more experts of sector industry",
        "accept " + "; ".join(f"application p{p}: 0 of 1 experts of sector industry" for p in range(4)),
    ]


def test_an_institution_cap_that_leaves_seats_empty_is_named():
    experts = [Expert("a", "X"), Expert("b", "X Inc.")]
    assert ("institution", 1) in [(c.kind, c.amount) for c in offered(*case(1, experts, cap=1, seats=2), load_cap=1)]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_change_that_is_offered_makes_an_infeasible_instance_feasible(seed):
    problem = instance(seed, n_panels=5, n_experts=11, houses=4 + seed % 5, mixed=bool(seed % 2))
    problem = replace(problem, load=np.minimum(problem.load, 1 + seed % 2))

    def with_load(more):
        return replace(problem, load=problem.load + more)

    found = changes(problem, with_load, load_cap=2, seed=1)
    assert bool(found) == bool(unmet(problem, 1))
    for change in found:
        mended = {
            "load": lambda c: with_load(c.amount),
            "institution": lambda c: with_institution(problem, c.amount),
            "experts": lambda c: with_people(problem, c.people, 2),
            "waive": lambda c: waive(problem, c.waived),
        }[change.kind](change)
        assert unmet(mended, 1) == (), change
        if change.kind == "experts":
            assert len(change.seats) == change.amount and all(1 <= len(set(own)) == len(own) <= 2 for own in change.seats)
    if found:
        assert found[-1].kind == "waive"
        for n in [c.amount for c in found if c.kind == "load"]:
            assert n == 1 or unmet(with_load(n - 1), 1)
