"""Flags follow the rule of the call to the hundredth; the rows of an explanation add up to the published value."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.decision import standings
from scoring.errors import ApplicationUnknown
from scoring.explain import explain
from scoring.flags import deviation, flags, straight_lining
from scoring.policy import Policy
from scoring.records import Scores, Sheet
from scoring.rubric import from_toml, load
from scoring.totals import total

RUBRIC = load("ppir-default@1")
POLICY = Policy.for_rubric(RUBRIC, gates=())
QUICK = settings(max_examples=12, deadline=None, derandomize=True, database=None)

# sheets worth a whole number of points; the default rubric reaches every whole total from 20 to 100
STEPS = {
    62: [4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3], 63: [4, 3, 3, 3, 3, 4, 3, 3, 3, 3, 3, 3],
    70: [4, 4, 4, 3, 3, 3, 4, 4, 3, 3, 3, 3], 77: [4, 4, 4, 4, 4, 3, 4, 4, 4, 4, 3, 3],
    78: [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3],
}  # fmt: skip


def panel(*points: int) -> Scores:
    sheets = [
        Sheet("A-117", f"e-{at}", dict(zip(RUBRIC.item_codes, STEPS[value], strict=True)))
        for at, value in enumerate(points, start=1)
    ]
    scores = Scores.from_sheets(sheets, RUBRIC)
    assert total(scores, RUBRIC).value.tolist() == list(points)
    return scores


def alarms(*points: int, policy: Policy = POLICY) -> list[tuple[str, str]]:
    return [(flag.panellist_id, flag.data["side"]) for flag in deviation(total(panel(*points), RUBRIC), policy)]


def test_at_a_mean_of_70_there_is_no_alarm_at_63_or_77() -> None:
    assert alarms(63, 70, 77) == []


def test_at_a_mean_of_70_there_is_an_alarm_at_62_and_78() -> None:
    assert alarms(62, 70, 78) == [("e-1", "below"), ("e-3", "above")]


def test_the_limit_of_the_deviation_is_the_one_of_the_call() -> None:
    assert alarms(63, 70, 77, policy=replace(POLICY, deviation_pct=Decimal("9.9"))) == [
        ("e-1", "below"),
        ("e-3", "above"),
    ]
    assert alarms(62, 70, 78, policy=replace(POLICY, deviation_pct=Decimal(12))) == []


def test_an_alarm_shows_the_total_the_mean_and_the_limits() -> None:
    flag = deviation(total(panel(62, 70, 78), RUBRIC), POLICY)[0]
    assert dict(flag.data) == {"total": "62.00", "mean": "70.00", "low": "63.00", "high": "77.00", "side": "below"}


def test_one_sheet_alone_deviates_from_nothing() -> None:
    assert alarms(62) == []


def test_a_sheet_left_out_as_incomplete_moves_no_mean_and_gets_no_alarm() -> None:
    sheets = list(panel(62, 70, 78).sheets())
    sheets[0] = replace(sheets[0], marks={"C1.1": 1})
    totals = total(Scores.from_sheets(sheets, RUBRIC), RUBRIC, missing="leave_out")
    assert deviation(totals, POLICY) == ()


def test_one_step_on_every_item_is_flagged_and_one_other_step_is_enough_not_to_be() -> None:
    same = dict.fromkeys(RUBRIC.item_codes, 4)
    sheets = [Sheet("A", "e-1", same), Sheet("A", "e-2", same | {"C4.3": 3}), Sheet("A", "e-3", {})]
    found = straight_lining(Scores.from_sheets(sheets, RUBRIC))
    assert [(flag.panellist_id, dict(flag.data)) for flag in found] == [("e-1", {"step": 4, "n_items": 12})]


def test_a_rubric_of_one_item_cannot_be_straight_lined() -> None:
    one = from_toml(
        """
        id = "one"
        version = 1
        pass_mark = 60
        decimals = 1
        quorum = 1
        comment_required_at = []
        title = { ko = "평가표", en = "Sheet" }
        scale = [{ value = 2, ko = "적", en = "Fit" }, { value = 1, ko = "부", en = "Unfit" }]
        [[criteria]]
        code = "K"
        ko = "종합"
        en = "Overall"
        index = { ko = "종합", en = "Overall" }
        weight = 100
        [[criteria.items]]
        code = "K.1"
        ko = "종합"
        en = "Overall"
        points = 100
        description = { ko = "종합", en = "Overall" }
        anchors = [{ step = 2, ko = "적", en = "Fit" }, { step = 1, ko = "부", en = "Unfit" }]
        """
    )
    scores = Scores.from_sheets([Sheet("A", "e-1", {"K.1": 2})], one)
    assert straight_lining(scores) == ()
    assert total(scores, one).value.tolist() == [100.0]


def test_all_flags_come_in_the_order_of_applications_and_panellists() -> None:
    sheets = [Sheet(app, who, dict.fromkeys(RUBRIC.item_codes, step)) for app, who, step in
              [("B", "e-2", 5), ("A", "e-3", 1), ("B", "e-1", 5), ("A", "e-1", 3)]]  # fmt: skip
    found = flags(Scores.from_sheets(sheets, RUBRIC), RUBRIC, POLICY)
    assert [(flag.application_id, flag.panellist_id, flag.code) for flag in found] == [
        ("A", "e-1", "deviation"), ("A", "e-1", "straight_lining"),
        ("A", "e-3", "deviation"), ("A", "e-3", "straight_lining"),
        ("B", "e-1", "straight_lining"), ("B", "e-2", "straight_lining"),
    ]  # fmt: skip


# --- explanation ---------------------------------------------------------------------------------------------------


def test_a_trimmed_value_shows_which_sheets_were_dropped() -> None:
    explanation = explain("A-117", panel(62, 70, 77, 78), RUBRIC, replace(POLICY, aggregate="trimmed"))
    assert [(row.panellist_id, row.kept, row.share) for row in explanation.rows] == [
        ("e-1", False, 0), ("e-2", True, 35), ("e-3", True, Fraction(77, 2)), ("e-4", False, 0),
    ]  # fmt: skip
    assert explanation.value == Fraction(147, 2)


def test_a_value_that_does_not_exist_is_explained_by_shares_of_nothing() -> None:
    explanation = explain("A-117", panel(62, 70), RUBRIC, replace(POLICY, aggregate="trimmed"))
    assert explanation.value is None
    assert [(row.total, row.kept, row.share) for row in explanation.rows] == [(62, False, 0), (70, False, 0)]


def test_an_unknown_application_has_no_explanation() -> None:
    with pytest.raises(ApplicationUnknown):
        explain("A-118", panel(70), RUBRIC, POLICY)


@QUICK
@given(st.lists(st.permutations([1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 5]), min_size=1, max_size=7))
def test_the_shares_add_up_to_the_published_value_for_every_aggregate(panel: list[list[int]]) -> None:
    sheets = [
        Sheet(app, f"e-{at}", dict(zip(RUBRIC.item_codes, steps, strict=True)))
        for app in ("A", "B")
        for at, steps in enumerate(panel if app == "A" else panel[::-1])
    ]
    scores = Scores.from_sheets(sheets, RUBRIC)
    for aggregate in ("mean", "trimmed", "median"):
        policy = replace(POLICY, aggregate=aggregate)
        for at, standing in enumerate(standings(scores, RUBRIC, policy)):
            explanation = explain(scores.app_ids[at], scores, RUBRIC, policy)
            assert explanation.value == standing.value
            assert sum(row.share for row in explanation.rows) == (standing.value or 0)
            assert all(sum(row.by_criterion.values()) == row.total for row in explanation.rows)
