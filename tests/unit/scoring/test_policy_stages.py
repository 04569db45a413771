"""Rules beyond one total and its cut-lines: calibrated values, bonus points, stages, exemptions, marks by group."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from scoring.decision import decide, standings
from scoring.errors import PolicyInvalid
from scoring.explain import explain
from scoring.policy import TOTAL, Bonus, CutLine, Policy, Stage
from scoring.published import publish
from scoring.records import Scores, Standing
from scoring.rubric import load
from scoring.simulate import random_seats, simulate
from scoring.totals import total

RUBRIC = load("ppir-default@1")
SEVERE = {"e-0001": -20.0}


def round_of(n: int = 30, per_application: int = 5) -> Scores:
    seats = random_seats(n, 15, per_application=per_application, seed=4)
    return simulate(seats, RUBRIC, seed=4, severity=SEVERE).scores


def standing(**changes: object) -> Standing:
    means = {"C1": Fraction(24), "C2": Fraction(14), "C3": Fraction(16), "C4": Fraction(15)}
    return Standing(**{"application_id": "A", "value": Fraction(69), "criteria": means, "votes": {}, "n_sheets": 7} | changes)  # type: ignore[arg-type]


def test_the_rows_of_a_calibrated_value_add_up_to_what_is_published() -> None:
    policy = Policy.for_rubric(RUBRIC, gates=(), apply_if="always", cap=Decimal(2), bonuses=(Bonus("NET", Decimal("1.5")),))
    scores = round_of()
    found = publish(total(scores, RUBRIC), policy)
    assert found.applied and any(found.capped)
    for at, here in enumerate(standings(scores, RUBRIC, policy, bonuses={"A-0003": ["NET"]})):
        bonus = ["NET"] if here.application_id == "A-0003" else []
        told = explain(here.application_id, scores, RUBRIC, policy, bonus=bonus)
        parts = sum(row.share for row in told.rows) + told.cap + told.bonus
        assert told.value == here.value == parts
        assert told.published is not None and parts + told.rounding == Fraction(told.published)
        assert (told.cap != 0) == found.capped[at]
        assert [row.adjusted for row in told.rows] == [row.total - row.severity for row in told.rows]
        assert here.raw == sum(row.total for row in told.rows) / len(told.rows)


def test_complete_panels_are_published_at_their_exact_raw_mean() -> None:
    scores = simulate([(f"A-{a}", f"e-{r}") for a in range(9) for r in range(5)], RUBRIC, seed=1, severity={"e-1": -15.0}).scores
    policy = Policy.for_rubric(RUBRIC, gates=(), apply_if="always")
    found = publish(total(scores, RUBRIC), policy)
    assert found.applied and found.severity and min(found.severity) < -5
    assert [found.exact(name) for name in scores.app_ids] == [found.raw.exact(name) for name in scores.app_ids]


def test_below_a_hundred_applications_the_likelihood_ratio_decides_and_above_it_does_not() -> None:
    quiet = simulate(random_seats(30, 15, per_application=5, seed=4), RUBRIC, seed=4, severity={f"e-{r:04d}": 0 for r in range(99)})
    policy = Policy.for_rubric(RUBRIC, gates=())
    found = publish(total(quiet.scores, RUBRIC), policy)
    assert (found.applied, found.why) == (False, "lrt_not_exceeded")
    assert publish(total(round_of(), RUBRIC), policy).why == "lrt_exceeded"
    assert publish(total(round_of(120), RUBRIC), policy).why == "always"


def test_cut_lines_see_raw_means_where_the_total_is_calibrated() -> None:
    scores = round_of()
    with_f = standings(scores, RUBRIC, Policy.for_rubric(RUBRIC, gates=(), apply_if="always"))
    without = standings(scores, RUBRIC, Policy.for_rubric(RUBRIC, gates=(), calibrate="none"))
    assert [s.criteria for s in with_f] == [s.criteria for s in without]
    assert [s.raw for s in with_f] == [s.value for s in without] != [s.value for s in with_f]


def test_a_bonus_lifts_the_total_within_its_most_and_never_a_failed_cut_line() -> None:
    bonuses = (Bonus("NET", Decimal(2)), Bonus("REGION", Decimal(2)))
    policy = Policy.for_rubric(RUBRIC, gates=(), bonuses=bonuses, bonus_most=Decimal(3), calibrate="none")
    scores = round_of()
    plain, lifted = (standings(scores, RUBRIC, policy, bonuses=b)[0] for b in ({}, {"A-0001": ["NET", "REGION"]}))
    assert lifted.bonus == 3 and lifted.value == (plain.value or 0) + 3
    assert decide(standing(value=Fraction(99)), policy, RUBRIC).reasons[0].data["cut_line"] == "C2"
    with pytest.raises(PolicyInvalid):
        standings(scores, RUBRIC, policy, bonuses={"A-0001": ["NONE"]})


def test_sequential_stages_stop_at_the_first_that_fails_and_simultaneous_ones_name_all() -> None:
    """Publicness first, then innovativeness of 75 %; in 2026 both stages were put together."""
    publicness, novelty = CutLine("public", ("C2", "C3"), Decimal(62)), CutLine("novel", ("C1",), Decimal(85))
    stages = (Stage("publicness", ("public",)), Stage("innovation", ("novel", TOTAL)))
    policy = Policy.for_rubric(RUBRIC, gates=(), cut_lines=(publicness, novelty), stages=stages, order="sequential")
    at_once = Policy.for_rubric(RUBRIC, gates=(), cut_lines=(publicness, novelty), stages=stages)
    assert [reason.data.get("cut_line") for reason in decide(standing(), policy, RUBRIC).reasons] == ["public"]
    codes = [reason.code for reason in decide(standing(), at_once, RUBRIC).reasons]
    assert codes == ["below_cut_line", "below_cut_line", "below_pass_mark"]
    # a specification addition has no second test of publicness
    again = decide(standing(exempt=frozenset({"public"})), policy, RUBRIC)
    assert [reason.data.get("cut_line") for reason in again.reasons] == ["novel", None]
    assert again.cut_lines[0].met is False


def test_stages_must_name_every_check_once() -> None:
    with pytest.raises(PolicyInvalid):
        Policy.for_rubric(RUBRIC, gates=(), stages=(Stage("one", (TOTAL,)),))
    with pytest.raises(PolicyInvalid):
        Policy.for_rubric(RUBRIC, order="sequential")


def test_a_group_may_have_a_pass_mark_of_its_own() -> None:
    policy = Policy.for_rubric(RUBRIC, gates=(), cut_lines=(), pass_marks=((2, Decimal(65)),))
    assert decide(standing(), policy, RUBRIC).status == "not_recommended"
    assert decide(standing(group=2), policy, RUBRIC).status == "recommended"


def test_a_policy_with_everything_comes_back_from_its_data_and_an_old_one_asks_for_no_calibration() -> None:
    stages = (Stage("public", ("C1", "C2", "C3")), Stage("rest", (TOTAL,)))
    policy = Policy.for_rubric(
        RUBRIC,
        gates=(),
        bonuses=(Bonus("NET", Decimal("1.50")),),
        bonus_most=Decimal(3),
        stages=stages,
        order="sequential",
        pass_marks=((1, Decimal(65)),),
        cap=None,
        apply_if="lrt",
    )
    assert Policy.from_data(policy.as_data()) == policy and Policy.from_data(policy.as_data()).digest == policy.digest
    old = {name: value for name, value in Policy.for_rubric(RUBRIC).as_data().items() if name in OLD}
    assert Policy.from_data(old).calibrate == "none"


OLD = ("pass_mark", "cut_lines", "gates", "quorum", "aggregate", "decimals", "rounding", "borderline", "deviation_pct",
       "tie_break", "missing")  # fmt: skip
