"""What is missing is told exactly, and what is offered works."""

import numpy as np

from reviewers.assignment import assign
from reviewers.records import AffinityTable, Expert, PanelSpec, Quota
from reviewers.relaxation import changes


def case(n_panels, experts, quotas=(), cap=None, seats=1):
    table = AffinityTable(
        tuple(f"d{i}" for i in range(n_panels)),
        tuple(expert.id for expert in experts),
        np.full((n_panels, len(experts)), 0.5, dtype=np.float32),
    )
    return [PanelSpec(f"p{i}", (f"d{i}",), seats, quotas, cap) for i in range(n_panels)], experts, table


def offered(specs, experts, table, load_cap):
    result = assign(specs, experts, table, load_cap=load_cap, seed=1)
    found = changes(result, specs, experts, table, load_cap=load_cap)
    return [(change.kind, change.amount, change.attribute, change.value, len(change.panel_ids)) for change in found]


def test_complete_panels_need_no_change():
    assert offered(*case(2, [Expert("a")]), load_cap=2) == []


def test_empty_seats_name_the_load_cap_and_the_people_that_would_fill_them():
    assert offered(*case(5, [Expert("a")]), load_cap=2) == [
        ("load_cap", 5, None, None, 3),
        ("experts", 2, None, None, 3),
        ("waive", 3, None, None, 3),
    ]


def test_a_quota_that_nobody_fits_is_not_mended_by_a_cap():
    specs, experts, table = case(4, [Expert("a", sector="academia")], (Quota("sector", "industry", 1),))
    assert offered(specs, experts, table, load_cap=4) == [
        ("experts", 1, "sector", "industry", 4),
        ("waive", 4, "sector", "industry", 4),
    ]


def test_an_institution_cap_that_leaves_seats_empty_is_named():
    experts = [Expert("a", "X"), Expert("b", "X Inc.")]
    assert ("institution_cap", 2, None, None, 1) in offered(*case(1, experts, cap=1, seats=2), load_cap=1)
