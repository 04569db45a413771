"""Panels of several dossiers: each dossier has members who know it, and a conflict with one costs where enough others remain."""

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewers import relaxation
from reviewers.assignment.panels import assign
from reviewers.checking import broken_rules
from reviewers.problem import build
from reviewers.randomised import panels
from reviewers.records import EVERY, AffinityTable, Conflict, Expert, PanelSpec, Quota, WorkShare
from reviewers.solving import method_for, solve

MILD = frozenset({"co_work"})


def batch(panel, dossiers, seats, *, known=0, **rules):
    ids = tuple(f"d{d}" for d in dossiers)
    quotas = tuple(Quota("dossier", own, known) for own in ids) if known else ()
    return PanelSpec(f"p{panel}", ids, seats, (*rules.pop("quotas", ()), *quotas), **rules)


def table(value):
    value = np.asarray(value, dtype=np.float32)
    return AffinityTable(tuple(f"d{i}" for i in range(len(value))), tuple(f"e{i}" for i in range(value.shape[1])), value)


def pool(count):
    return [Expert(f"e{i}", f"org {i}") for i in range(count)]


def seated(result):
    return [{seat.expert_id for seat in panel.seats} for panel in result.panels]


def test_each_dossier_of_a_panel_has_somebody_who_knows_it():
    value = [[0.9, 0.8, 0.4], [0.4, 0.3, 0.5]]
    spec = batch(0, (0, 1), 2, known=1, known_from=0.5)
    assert seated(assign([batch(0, (0, 1), 2)], pool(3), table(value), load_cap=2, seed=1)) == [{"e0", "e1"}]
    result = assign([spec], pool(3), table(value), load_cap=2, seed=1)
    assert seated(result) == [{"e0", "e2"}] and result.shortfalls == () and result.method == "mip"


def test_a_dossier_that_nobody_knows_is_named_and_what_would_help_is_found():
    value = [[0.9, 0.8, 0.4], [0.4, 0.3, 0.3]]
    spec = batch(0, (0, 1), 2, known=1, known_from=0.5)
    (short,) = assign([spec], pool(3), table(value), load_cap=2, seed=1).shortfalls
    assert (short.rule, short.attribute, short.value, short.needed, short.got) == ("quota", "dossier", "d1", 1, 0)
    advice = {change.kind: change for change in relaxation.advise([spec], pool(3), table(value), load_cap=2, seed=1)}
    assert advice["experts"].people == (("dossier", "d1", 1),) and advice["waive"].waived == (short,)


def test_who_has_a_conflict_with_one_dossier_judges_the_others_and_is_worth_less():
    value, conflict = [[0.9, 0.5], [0.9, 0.3]], [Conflict("e0", "d1", "co_work", True)]
    barring = assign([batch(0, (0, 1), 1)], pool(2), table(value), conflict, load_cap=2, seed=1)
    assert seated(barring) == [{"e1"}]
    spec = batch(0, (0, 1), 1, may_step_out=MILD, step_out_most=1)
    result = assign([spec], pool(2), table(value), conflict, load_cap=2, seed=1, explain=lambda d, e: (WorkShare(d, d, 1.0, 0.5),))
    (seat,) = result.panels[0].seats
    assert seat.expert_id == "e0" and seat.affinity == pytest.approx(0.45)
    assert "out_of:dossier:d1" in seat.reasons and [work.work_id for work in seat.works] == ["d0"]


@pytest.mark.parametrize("conflict", [
    Conflict("e0", "d1", "kin", True), Conflict("e0", EVERY, "co_work", True), Conflict("e0", "d0", "kin", True),
])  # fmt: skip
def test_other_grounds_and_conflicts_with_the_whole_call_bar_from_the_panel(conflict):
    spec = batch(0, (0, 1), 1, may_step_out=MILD, step_out_most=1)
    conflicts = [conflict, Conflict("e0", "d1", "co_work", True)]
    assert seated(assign([spec], pool(2), table([[0.9, 0.1]] * 2), conflicts, load_cap=2, seed=1)) == [{"e1"}]


def test_nobody_sits_who_would_judge_nothing():
    both = [Conflict("e0", own, "co_work", True) for own in ("d0", "d1")]
    for dossiers in ((0, 1), (0,)):
        spec = batch(0, dossiers, 1, may_step_out=MILD, step_out_most=1)
        assert seated(assign([spec], pool(2), table([[0.9, 0.1]] * 2), both, load_cap=2, seed=1)) == [{"e1"}]


def test_no_more_step_out_of_a_dossier_than_the_rule_allows_nor_would_with_a_substitute():
    value, conflicts = [[0.9, 0.9, 0.1, 0.05]] * 4, [Conflict(e, "d3", "co_work", True) for e in ("e0", "e1")]
    spec = batch(0, range(4), 2, may_step_out=MILD, step_out_most=1)
    result = assign([spec], pool(4), table(value), conflicts, load_cap=4, seed=1)
    assert len(seated(result)[0] & {"e0", "e1"}) == 1
    assert [seat.expert_id for seat in result.panels[0].substitutes] == ["e3"]


def instance(seed, n_panels=3, n_experts=14, size=3):
    """Random batches with conflicts of two kinds, one institution cap, seat types or none, loads that bind."""
    rng = np.random.default_rng(seed)
    value = rng.random((n_panels * size, n_experts)).astype(np.float32).round(3)
    experts = [
        Expert(f"e{i}", f"org {rng.integers(n_experts // 2)}", seat_types=frozenset(rng.choice(["technology", "market"], 1)))
        for i in range(n_experts)
    ]
    conflicts = [
        Conflict(f"e{e}", f"d{d}", str(rng.choice(["co_work", "kin"], p=[0.8, 0.2])), True)
        for d, e in itertools.product(range(len(value)), range(n_experts))
        if rng.random() < 0.15
    ]
    rules = {
        "quotas": (Quota("seat_type", "technology", 1),) if rng.random() < 0.5 else (),
        "institution_cap": 2,
        "known_from": 0.6,
        "may_step_out": MILD,
        "step_out_most": int(rng.integers(0, 3)),
    }
    specs = [batch(p, range(p * size, (p + 1) * size), 3, known=int(rng.integers(0, 3)), **rules) for p in range(n_panels)]
    return specs, experts, table(value), conflicts


def check(specs, conflicts, found):
    """Who sits with a conflict, once more from the records alone."""
    grounds = {}
    for conflict in conflicts:
        grounds.setdefault((conflict.expert_id, conflict.dossier_id), set()).add(conflict.ground)
    for spec, seats in zip(specs, found, strict=True):
        for own in spec.dossier_ids:
            out = [who for who in seats if (who, own) in grounds]
            assert len(out) <= spec.step_out_most and all(grounds[who, own] <= spec.may_step_out for who in out)
        assert all(any((who, own) not in grounds for own in spec.dossier_ids) for who in seats)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 1, 2]))
def test_hard_rules_hold_on_random_batches_however_they_are_seated(seed, once_in):
    specs, experts, affinity, conflicts = instance(seed)
    load_cap = 2 * len(specs[0].dossier_ids) + seed % 2
    problem = build(specs, experts, affinity, conflicts, load_cap=load_cap)
    drawn = panels(problem, once_in, seed=seed % 1000, fair=bool(seed % 2))
    assert broken_rules(problem, drawn.solution) == {}
    result = assign(specs, experts, affinity, conflicts, load_cap=load_cap, seed=seed % 1000, once_in=once_in, fair=bool(seed % 2))
    check(specs, conflicts, seated(result))
    loads = Counter(who for spec, seats in zip(specs, seated(result), strict=True) for who in seats for _ in spec.dossier_ids)
    assert max(loads.values(), default=0) <= load_cap
    known = {(s.panel_id, s.value): s.got for s in result.shortfalls if s.attribute == "dossier"}
    for spec, seats in zip(specs, seated(result), strict=True):
        for quota in (q for q in spec.quotas if q.attribute == "dossier"):
            row = affinity.value[int(quota.value[1:])]
            closed = {c.expert_id for c in conflicts if c.dossier_id == quota.value}
            got = sum(row[int(who[1:])] >= spec.known_from and who not in closed for who in seats)
            assert got >= quota.least or known[spec.id, quota.value] == got


def test_who_has_no_room_for_all_dossiers_of_a_panel_does_not_sit_there_and_the_advice_counts_dossiers():
    """The better expert has one dossier already: of three more, one is too many; one more panel is three dossiers more."""
    specs, value = [batch(0, (0, 1, 2), 1), batch(1, (3, 4, 5), 1)], [[0.9, 0.5]] * 6
    room = {"load_cap": 4, "taken": {"e0": 2}}
    assert seated(assign(specs[:1], pool(2), table(value), seed=1, load_cap=4, taken={"e0": 1})) == [{"e0"}]
    result = assign(specs, pool(2), table(value), seed=1, **room)
    assert sorted(map(sorted, seated(result))) == [[], ["e1"]]
    advice = {change.kind: change for change in relaxation.advise(specs, pool(2), table(value), seed=1, **room)}
    assert advice["load"].amount == 3
    assert assign(specs, pool(2), table(value), seed=1, load_cap=7, taken={"e0": 2}).empty_seats == 0


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_cost_equals_that_of_trying_every_panel(seed):
    """One panel of three among nine experts, every team weighed by hand: dossiers nobody knows first, then the affinity."""
    (spec, *_), experts, affinity, conflicts = instance(seed, n_panels=1, n_experts=9)
    problem = build([spec], experts, affinity, conflicts, load_cap=len(spec.dossier_ids))
    best = None
    for team in itertools.combinations(range(9), spec.seats):
        worth = weigh(problem, spec, list(team))
        best = worth if worth is not None and (best is None or worth > best) else best
    solution = solve(problem, method=method_for(problem), seed=1, fair=False).solution
    if best is None:
        assert len(solution.panel) < spec.seats
    else:
        assert weigh(problem, spec, solution.expert.tolist()) == pytest.approx(best, abs=1e-4)


def weigh(problem, spec, team):
    """(minus what quotas lack, affinity) of a team, None where a hard rule forbids it."""
    if not problem.allowed[0, team].all() or max(np.bincount(problem.institution[team])) > 2:
        return None
    profile = problem.profiles[0]
    for quota in profile.beside:
        if quota.open_to[team].sum() > quota.most:
            return None
    slots = [slot for slot in profile.slots if slot.value == "technology"]
    lacking = sum(max(0, quota.least - int(quota.open_to[team].sum())) for quota in (*slots, *profile.beside))
    return -lacking, float(problem.score[0, team].sum(dtype=np.float64))
