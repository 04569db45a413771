"""A decision rounds first, names every rule with its own result, and never turns for the worse by a better value."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.decision import decide, rank, round_half_up, standings
from scoring.errors import ApplicationUnknown, MarkMissing, PolicyInvalid
from scoring.policy import CutLine, Policy
from scoring.records import Decision, Scores, Sheet, Standing
from scoring.rubric import load

RUBRIC = load("ppir-default@1")
POLICY = Policy.for_rubric(RUBRIC)
QUICK = settings(max_examples=25, deadline=None, derandomize=True, database=None)
ALL_YES = dict.fromkeys(RUBRIC.gate_codes, (5, 0))


def standing(c1: str, c2: str, c3: str, c4: str, *, n_sheets: int = 5, identity: str = "A-117") -> Standing:
    criteria = dict(zip(RUBRIC.criterion_codes, map(Fraction, (c1, c2, c3, c4)), strict=True))
    return Standing(identity, sum(criteria.values(), Fraction(0)), criteria, ALL_YES, n_sheets)


def reasons(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def test_a_total_of_75_99_with_one_criterion_a_hundredth_short_is_not_recommended() -> None:
    decision = decide(standing("24", "18", "14.99", "19"), POLICY, RUBRIC)
    assert (decision.status, decision.value) == ("not_recommended", Decimal("75.99"))
    assert [(line.code, line.met) for line in decision.cut_lines] == [("C1", True), ("C2", True), ("C3", False)]
    assert [dict(reason.data) for reason in decision.reasons] == [
        {"cut_line": "C3", "value": "14.99", "limit": "15.00"}
    ]


def test_a_cut_line_met_after_rounding_is_met() -> None:
    assert decide(standing("24", "18", "14.995", "19"), POLICY, RUBRIC).status == "recommended"
    assert decide(standing("24", "18", "14.9949", "19"), POLICY, RUBRIC).status == "not_recommended"


def test_a_criterion_without_a_cut_line_may_fall_to_nothing() -> None:
    assert decide(standing("30", "25", "25", "0"), POLICY, RUBRIC).status == "recommended"


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (Fraction(70), "recommended"),
        (Fraction(70 - 1.4e-14), "recommended"),
        (Fraction("69.995"), "recommended"),
        (Fraction("69.99499"), "not_recommended"),
    ],
)
def test_the_total_is_rounded_half_up_before_it_is_compared(value: Fraction, status: str) -> None:
    decision = decide(replace(standing("25", "20", "20", "5"), value=value), POLICY, RUBRIC)
    assert decision.status == status
    assert decision.exact == value


def test_a_recommendation_says_that_every_rule_was_met() -> None:
    decision = decide(standing("25", "20", "20", "10"), POLICY, RUBRIC)
    assert (decision.status, reasons(decision)) == ("recommended", ["all_met"])


def test_everything_that_stands_against_is_named() -> None:
    poor = replace(standing("10", "20", "10", "5"), votes=ALL_YES | {"G2": (1, 4)})
    decision = decide(poor, POLICY, RUBRIC)
    assert decision.status == "not_recommended"
    assert reasons(decision) == ["gate_failed", "below_cut_line", "below_cut_line", "below_pass_mark"]
    assert dict(decision.reasons[0].data) == {"gate": "G2", "n_yes": 1, "n_no": 4}


@pytest.mark.parametrize(("n_sheets", "n_no", "met"), [(5, 2, True), (5, 3, False), (6, 3, True), (6, 4, False)])
def test_a_gate_is_failed_by_more_than_half_of_the_panel(n_sheets: int, n_no: int, met: bool) -> None:
    votes = ALL_YES | {"G3": (n_sheets - n_no, n_no)}
    decision = decide(replace(standing("28", "20", "20", "15"), votes=votes, n_sheets=n_sheets), POLICY, RUBRIC)
    assert [gate.met for gate in decision.gates] == [True, True, met, True]
    assert decision.status == ("recommended" if met else "not_recommended")


def test_below_the_quorum_nothing_is_decided_either_way() -> None:
    for marks in (("30", "25", "25", "20"), ("5", "5", "5", "5")):
        decision = decide(standing(*marks, n_sheets=4), POLICY, RUBRIC)
        assert (decision.status, reasons(decision)) == ("insufficient", ["below_quorum"])
        assert not decision.borderline


def test_an_application_without_a_sheet_gets_a_plain_result() -> None:
    scores = Scores.from_sheets([], RUBRIC, application_ids=["A-1"])
    (found,) = standings(scores, RUBRIC, POLICY)
    decision = decide(found, POLICY, RUBRIC)
    assert (decision.status, decision.value, decision.p_pass) == ("insufficient", None, None)
    assert [line.met for line in decision.cut_lines] == [False, False, False]


def test_two_sheets_cannot_be_trimmed_even_where_the_quorum_is_two() -> None:
    policy = replace(POLICY, aggregate="trimmed", quorum=2)
    (found,) = standings(panel([5, 5]), RUBRIC, policy)
    assert reasons(decide(found, policy, RUBRIC)) == ["no_value"]


def panel(steps: list[int], identity: str = "A-1") -> Scores:
    marks = [dict.fromkeys(RUBRIC.item_codes, step) for step in steps]
    gates = dict.fromkeys(RUBRIC.gate_codes, True)
    return Scores.from_sheets([Sheet(identity, f"e-{at}", row, gates) for at, row in enumerate(marks)], RUBRIC)


def test_cut_lines_are_compared_with_raw_means_whatever_the_aggregate() -> None:
    scores = panel([1, 4, 4, 4, 5])
    for aggregate, value in (("mean", 72), ("trimmed", 80), ("median", 80)):
        (found,) = standings(scores, RUBRIC, replace(POLICY, aggregate=aggregate))
        assert found.value == value
        assert found.criteria == {"C1": Fraction(108, 5), "C2": 18, "C3": 18, "C4": Fraction(72, 5)}


def test_the_standing_counts_votes_and_the_standard_error_of_the_mean() -> None:
    (found,) = standings(panel([3, 4, 5]), RUBRIC, POLICY)
    assert found.votes == dict.fromkeys(RUBRIC.gate_codes, (3, 0))
    assert found.se == pytest.approx(20 / 3**0.5)


def test_an_incomplete_sheet_stops_the_decision_unless_the_policy_leaves_it_out() -> None:
    whole = panel([4, 4]).sheets()
    scores = Scores.from_sheets([whole[0], replace(whole[1], gates={})], RUBRIC)
    with pytest.raises(MarkMissing):
        standings(scores, RUBRIC, POLICY)
    (found,) = standings(scores, RUBRIC, replace(POLICY, missing="leave_out"))
    assert (found.n_sheets, found.votes["G1"]) == (1, (1, 0))


def test_a_policy_for_another_rubric_is_refused() -> None:
    with pytest.raises(PolicyInvalid):
        standings(panel([4]), RUBRIC, replace(POLICY, gates=("G7",)))


def test_a_cut_line_may_join_the_criteria_of_an_index() -> None:
    publicness = CutLine("publicness", ("C2", "C3"), Decimal("62.5"))
    policy = replace(POLICY, cut_lines=(publicness,))
    assert decide(standing("30", "11.24", "20", "20"), policy, RUBRIC).cut_lines[0].met is False
    decision = decide(standing("30", "11.25", "20", "20"), policy, RUBRIC)
    assert (decision.cut_lines[0].limit, decision.cut_lines[0].met) == (Decimal("31.25"), True)


@pytest.mark.parametrize(
    ("value", "se", "borderline"),
    [
        ("70", 3.0, True),
        ("72.5", 3.0, True),
        ("72.6", 3.0, False),
        ("67.4", 3.0, False),
        ("70", 0.0, False),
        ("70", None, False),
    ],
)
def test_borderline_is_where_the_chance_to_pass_is_between_a_fifth_and_four_fifths(
    value: str, se: float | None, borderline: bool
) -> None:
    found = replace(standing("25", "20", "20", "5"), value=Fraction(value), se=se)
    assert decide(found, POLICY, RUBRIC).borderline is borderline
    assert decide(found, replace(POLICY, borderline=None), RUBRIC).borderline is False


# --- ranking -------------------------------------------------------------------------------------------------------

EARLY, LATE = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)


def test_two_bidders_tied_at_84_are_parted_by_the_higher_technical_score() -> None:
    # the same question: technical 68 65 69 70 65 and price 13 20 15 14 17; B and E fall to a technical minimum of 68
    technical, price = (68, 65, 69, 70, 65), (13, 20, 15, 14, 17)
    bids = [
        Standing(name, Fraction(t + p), {"technical": Fraction(t)}, {}, 5)
        for name, t, p in zip("ABCDE", technical, price, strict=True)
        if t >= 68
    ]
    policy = replace(POLICY, tie_break=("technical",))
    places = [
        (place.rank, place.application_id, int(place.value), place.decided_by) for place in rank(bids, policy, {})
    ]
    assert places == [(1, "D", 84, ("technical",)), (2, "C", 84, ("technical",)), (3, "A", 81, ())]


def test_ties_go_by_novelty_then_procurement_potential_then_the_earlier_submission() -> None:
    found = [
        standing("20", "20", "20", "10", identity="low-novelty"),
        standing("25", "20", "15", "10", identity="low-potential"),
        standing("25", "15", "20", "10", identity="late"),
        standing("25", "15", "20", "10", identity="early"),
        standing("25", "15", "20", "11", identity="best"),
    ]
    submitted = dict.fromkeys([row.application_id for row in found], EARLY) | {"late": LATE}
    places = rank(found, POLICY, submitted)
    assert [place.application_id for place in places] == ["best", "early", "late", "low-potential", "low-novelty"]
    assert [place.rank for place in places] == [1, 2, 3, 4, 5]
    assert places[1].decided_by == ("C1", "C3", "submitted")
    assert not any(place.tied for place in places)


def test_what_stays_tied_shares_its_rank_and_the_next_is_skipped() -> None:
    found = [standing("25", "20", "20", "10", identity=name) for name in ("b", "a")]
    found.append(standing("20", "20", "20", "10", identity="c"))
    places = rank(found, POLICY, dict.fromkeys("abc", EARLY))
    assert [(place.rank, place.application_id, place.tied) for place in places] == [
        (1, "a", True), (1, "b", True), (3, "c", False),
    ]  # fmt: skip


def test_values_equal_after_rounding_are_a_tie() -> None:
    found = [standing("25", "20", "20", "10.001", identity="more"), standing("25.0", "20", "20", "10", identity="less")]
    places = rank(found, POLICY, {"more": LATE, "less": EARLY})
    assert [place.application_id for place in places] == ["less", "more"]


def test_a_ranking_by_submission_needs_the_time_of_each() -> None:
    with pytest.raises(ApplicationUnknown):
        rank([standing("25", "20", "20", "10")], POLICY, {})


def test_what_has_no_value_has_no_rank() -> None:
    assert rank([Standing("A-1", None, {}, {}, 0)], POLICY, {}) == ()


# --- properties ----------------------------------------------------------------------------------------------------

points = st.fractions(min_value=0, max_value=100, max_denominator=10_000)


@QUICK
@given(points, st.integers(0, 4))
def test_rounding_agrees_with_decimal_arithmetic(value: Fraction, decimals: int) -> None:
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        expected = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    found = round_half_up(value, decimals)
    assert found == expected and found.as_tuple().exponent == -decimals
    assert abs(Fraction(found) - value) <= Fraction(1, 2 * 10**decimals)


@QUICK
@given(st.integers(0, 10_000))
def test_every_half_goes_up(hundredths: int) -> None:
    assert round_half_up(Fraction(2 * hundredths + 1, 200), 2) == Decimal(hundredths + 1) / 100


@QUICK
@given(
    *[st.fractions(0, weight, max_denominator=1000) for weight in (30, 25, 25, 20)],
    st.fractions(0, 5),
    st.integers(0, 3),
)
def test_a_better_criterion_never_turns_a_recommendation_down(
    c1: Fraction, c2: Fraction, c3: Fraction, c4: Fraction, more: Fraction, which: int
) -> None:
    criteria = dict(zip(RUBRIC.criterion_codes, (c1, c2, c3, c4), strict=True))
    code = RUBRIC.criterion_codes[which]
    raised = criteria | {code: criteria[code] + more}
    before = decide(Standing("A", sum(criteria.values(), Fraction(0)), criteria, ALL_YES, 5, 4.0), POLICY, RUBRIC)
    after = decide(Standing("A", sum(raised.values(), Fraction(0)), raised, ALL_YES, 5, 4.0), POLICY, RUBRIC)
    assert not (before.status == "recommended" and after.status != "recommended")
    assert after.p_pass >= before.p_pass  # type: ignore[operator]
    assert len([r for r in after.reasons if r.code != "all_met"]) <= len(
        [r for r in before.reasons if r.code != "all_met"]
    )


@QUICK
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=8), st.randoms(use_true_random=False))
def test_a_ranking_does_not_depend_on_the_order_it_is_given(rows: list[tuple[int, int]], random) -> None:  # type: ignore[no-untyped-def]
    found = [
        Standing(f"A-{at}", Fraction(value), {"C1": Fraction(novelty), "C3": Fraction(0)}, {}, 5)
        for at, (value, novelty) in enumerate(rows)
    ]
    submitted = {row.application_id: EARLY for row in found}
    places = rank(found, POLICY, submitted)
    random.shuffle(found)
    assert rank(found, POLICY, submitted) == places
    for place in places:
        better = sum((v, n) > rows[int(place.application_id[2:])] for v, n in rows)
        assert place.rank == 1 + better
