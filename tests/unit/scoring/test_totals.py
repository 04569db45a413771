"""Totals are exact, whatever the order of the sheets; trimming drops one of tied extremes only."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.errors import ApplicationUnknown, DuplicateSheet, MarkInvalid, MarkMissing, ShapeInvalid
from scoring.records import Scores, Sheet
from scoring.rubric import load
from scoring.totals import median, raw, total, trimmed

RUBRIC = load("ppir-default@1")
GATES = dict.fromkeys(RUBRIC.gate_codes, True)
QUICK = settings(max_examples=15, deadline=None, derandomize=True, database=None)


def panels_up_to(top: int) -> st.SearchStrategy[list[list[list[int]]]]:
    """Applications × sheets × twelve marks 1 … top; drawn as one number per sheet, since mark by mark is slow."""
    sheet = st.integers(0, top**12 - 1).map(lambda number: [1 + number // top**at % top for at in range(12)])
    return st.lists(st.lists(sheet, min_size=1, max_size=6), min_size=1, max_size=3)


panels = panels_up_to(5)


def marks_worth(points: int) -> dict[str, int]:
    """Steps of the default rubric that sum to a whole total, 20 to 100."""
    steps = dict.fromkeys(RUBRIC.item_codes, 1)
    left = points - 20
    for item in RUBRIC.items:
        while left >= item.points // 5 and steps[item.code] < 5:
            steps[item.code] += 1
            left -= item.points // 5
    assert left == 0
    return steps


def panel_of(*points: int, application: str = "A-117") -> list[Sheet]:
    return [Sheet(application, f"e-{at}", marks_worth(value), GATES) for at, value in enumerate(points, start=1)]


def scores_of(panels: list[list[list[int]]]) -> Scores:
    """Panellist r of application a is e-r: panellists are shared."""
    sheets = [
        Sheet(f"A-{a}", f"e-{r}", dict(zip(RUBRIC.item_codes, marks, strict=True)), GATES)
        for a, panel in enumerate(panels)
        for r, marks in enumerate(panel)
    ]
    return Scores.from_sheets(sheets, RUBRIC)


def test_the_bidders_of_the_civil_service_test_of_2023_get_their_published_technical_scores() -> None:
    # 2023 grade-7 test, situational judgement, question 18: five panellists, one highest and one lowest dropped
    bidders = {
        "A": (68, 68, 68, 68, 72),
        "B": (65, 73, 62, 65, 65),
        "C": (73, 69, 69, 65, 69),
        "D": (75, 70, 65, 65, 75),
        "E": (65, 60, 60, 70, 75),
    }
    sheets = [sheet for name, points in bidders.items() for sheet in panel_of(*points, application=name)]
    result = trimmed(total(Scores.from_sheets(sheets, RUBRIC), RUBRIC))
    assert [result.exact(name) for name in bidders] == [68, 65, 69, 70, 65]
    assert result.kept.reshape(5, 5).sum(axis=1).tolist() == [3, 3, 3, 3, 3]


def test_of_tied_extremes_one_only_is_dropped() -> None:
    totals = total(Scores.from_sheets(panel_of(68, 65, 69, 70, 65), RUBRIC), RUBRIC)
    result = trimmed(totals)
    assert result.exact("A-117") == Fraction(202, 3)
    assert sorted(totals.value[result.kept].tolist()) == [65, 68, 69]


def test_a_panel_of_equals_keeps_all_but_two() -> None:
    result = trimmed(total(Scores.from_sheets(panel_of(70, 70, 70, 70), RUBRIC), RUBRIC))
    assert (result.exact("A-117"), int(result.kept.sum())) == (70, 2)


@pytest.mark.parametrize(("points", "value"), [((), None), ((70,), None), ((60, 80), None), ((60, 80, 90), 80)])
def test_trimming_needs_three_sheets(points: tuple[int, ...], value: int | None) -> None:
    scores = Scores.from_sheets(panel_of(*points), RUBRIC, application_ids=["A-117"])
    result = trimmed(total(scores, RUBRIC))
    assert result.exact("A-117") == value
    assert math.isnan(result.value[0]) == (value is None)


def test_a_mean_of_seventy_is_seventy_and_not_a_hair_less() -> None:
    # an earlier prototype, which summed floats, returned 70 - 1.4e-14 for such a panel and flipped a decision
    result = raw(total(Scores.from_sheets(panel_of(63, 77, 69, 71, 70), RUBRIC), RUBRIC))
    assert result.value.tolist() == [70.0]
    assert result.exact("A-117") == 70


def test_the_ai_rubric_gives_exact_fifths() -> None:
    rubric = load("ppir-ai@1")
    sheet = Sheet("A-1", "e-1", dict.fromkeys(rubric.item_codes, 3) | {"C1.4": 4})
    totals = total(Scores.from_sheets([sheet], rubric), rubric)
    assert totals.exact(0) == Fraction(306, 5)
    assert totals.value.tolist() == [61.2]


def test_the_median_is_taken_by_criterion_and_summed() -> None:
    panel = [[5] * 3 + [1] * 9, [1] * 3 + [5] * 3 + [1] * 6, [1] * 12]
    totals = total(scores_of([panel]), RUBRIC)
    assert median(totals).exact("A-0") == 20
    assert median(total(scores_of([panel[:2]]), RUBRIC)).exact("A-0") == 18 + 15 + 5 + 4


def test_the_deviation_is_that_of_a_sample_and_nothing_for_one_sheet() -> None:
    sheets = panel_of(60, 70, 80) + panel_of(70, application="B") + panel_of(70, 70, application="C")
    result = raw(total(Scores.from_sheets(sheets, RUBRIC), RUBRIC))
    assert result.sd[0] == pytest.approx(10) and math.isnan(result.sd[1]) and result.sd[2] == 0
    assert result.k.tolist() == [3, 1, 2]


def test_an_unmarked_item_is_an_error_that_names_sheet_and_item() -> None:
    sheets = panel_of(70, 80)
    holed = {code: mark for code, mark in sheets[1].marks.items() if code != "C2.3"}
    scores = Scores.from_sheets([sheets[0], replace(sheets[1], marks=holed)], RUBRIC)
    with pytest.raises(MarkMissing) as caught:
        total(scores, RUBRIC)
    assert dict(caught.value.data) == {"application_id": "A-117", "panellist_id": "e-2", "item": "C2.3"}
    left_out = raw(total(scores, RUBRIC, missing="leave_out"))
    assert (left_out.exact("A-117"), left_out.k.tolist(), left_out.kept.tolist()) == (70, [1], [True, False])


def test_an_unanswered_gate_is_missing_only_where_the_gate_counts() -> None:
    scores = Scores.from_sheets([replace(panel_of(70)[0], gates={"G1": True})], RUBRIC)
    assert total(scores, RUBRIC, gates=("G1",)).counted.all()
    with pytest.raises(MarkMissing) as caught:
        total(scores, RUBRIC, gates=("G1", "G3"))
    assert caught.value.data["item"] == "G3"


@pytest.mark.parametrize("bad", [{"C1.1": 6}, {"C1.1": 0}, {"C9.9": 3}, {"C1.1": True}, {"C1.1": 3.5}])
def test_a_mark_outside_the_scale_or_the_rubric_is_refused(bad: dict[str, int]) -> None:
    with pytest.raises(MarkInvalid):
        Scores.from_sheets([Sheet("A-1", "e-1", bad)], RUBRIC)


def test_a_second_sheet_of_one_panellist_is_refused() -> None:
    with pytest.raises(DuplicateSheet) as caught:
        Scores.from_sheets(panel_of(70) + panel_of(80), RUBRIC)
    assert dict(caught.value.data) == {"application_id": "A-117", "panellist_id": "e-1"}


def test_arrays_that_do_not_belong_together_are_refused() -> None:
    scores = Scores.from_sheets(panel_of(70, 80), RUBRIC)
    with pytest.raises(ShapeInvalid):
        replace(scores, rev=scores.rev[:1])
    with pytest.raises(ShapeInvalid):
        replace(scores, app=scores.app + 1)
    with pytest.raises(ShapeInvalid):
        total(scores, load("ppir-ai@1"))
    with pytest.raises(ShapeInvalid):
        total(replace(scores, steps=scores.steps + 3), RUBRIC)


def test_no_sheets_at_all_give_no_values_and_no_crash() -> None:
    scores = Scores.from_sheets([], RUBRIC, application_ids=["A-1"])
    for aggregate in (raw, trimmed, median):
        result = aggregate(total(scores, RUBRIC))
        assert (result.exact("A-1"), result.k.tolist()) == (None, [0])
        with pytest.raises(ApplicationUnknown):
            result.exact("A-2")
    assert raw(total(Scores.from_sheets([], RUBRIC), RUBRIC)).value.shape == (0,)


@QUICK
@given(panels)
def test_sheets_survive_the_way_through_the_arrays_in_any_order(panels: list[list[list[int]]]) -> None:
    scores = scores_of(panels)
    again = Scores.from_sheets(scores.sheets()[::-1], RUBRIC)
    assert again.app_ids == scores.app_ids and again.rev_ids == scores.rev_ids
    assert np.array_equal(again.steps, scores.steps) and np.array_equal(again.gates, scores.gates)


@QUICK
@given(panels, st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_names_of_panellists_change_a_value(panels, random) -> None:  # type: ignore[no-untyped-def]
    scores = scores_of(panels)
    rows = list(range(len(scores.app)))
    random.shuffle(rows)
    shuffled = replace(
        scores, app=scores.app[rows], rev=scores.rev[rows], steps=scores.steps[rows], gates=scores.gates[rows]
    )
    renamed = Scores.from_sheets(
        [replace(sheet, panellist_id=f"x{9 - int(sheet.panellist_id[2:])}") for sheet in scores.sheets()], RUBRIC
    )
    for aggregate in (raw, trimmed, median):
        expected = aggregate(total(scores, RUBRIC))
        for other in (shuffled, renamed):
            found = aggregate(total(other, RUBRIC))
            assert [found.exact(a) for a in scores.app_ids] == [expected.exact(a) for a in scores.app_ids]


@QUICK
@given(panels_up_to(4))
def test_one_step_more_on_every_mark_lifts_every_value_by_twenty_points(panels: list[list[list[int]]]) -> None:
    lifted = [[[mark + 1 for mark in marks] for marks in panel] for panel in panels]
    for aggregate in (raw, trimmed, median):
        low, high = aggregate(total(scores_of(panels), RUBRIC)), aggregate(total(scores_of(lifted), RUBRIC))
        for identity in low.app_ids:
            before, after = low.exact(identity), high.exact(identity)
            assert after == (None if before is None else before + 20)


@QUICK
@given(panels)
def test_trimming_keeps_k_minus_two_sheets_within_the_extremes(panels: list[list[list[int]]]) -> None:
    totals = total(scores_of(panels), RUBRIC)
    result = trimmed(totals)
    for at, panel in enumerate(panels):
        mine = totals.scores.app == at
        points = sorted(totals.exact(int(sheet)) for sheet in np.flatnonzero(mine))
        kept = sorted(totals.exact(int(sheet)) for sheet in np.flatnonzero(mine & result.kept))
        if len(panel) < 3:
            assert kept == [] and result.exact(f"A-{at}") is None
        else:
            assert kept == points[1:-1]
            assert result.exact(f"A-{at}") == sum(kept) / len(kept)


@QUICK
@given(panels, st.data())
def test_raising_one_mark_never_lowers_a_value(panels: list[list[list[int]]], data: st.DataObject) -> None:
    scores = scores_of(panels)
    row = data.draw(st.integers(0, len(scores.app) - 1))
    column = data.draw(st.integers(0, 11))
    steps = scores.steps.copy()
    steps[row, column] = 5
    for aggregate in (raw, trimmed, median):
        before, after = aggregate(total(scores, RUBRIC)), aggregate(total(replace(scores, steps=steps), RUBRIC))
        for identity in scores.app_ids:
            low, high = before.exact(identity), after.exact(identity)
            assert (low is None and high is None) or high >= low  # type: ignore[operator]


@QUICK
@given(panels)
def test_values_agree_with_plain_arithmetic(panels: list[list[list[int]]]) -> None:
    maximum = [item.points for item in RUBRIC.items]
    totals = total(scores_of(panels), RUBRIC)
    means = raw(totals)
    for at, panel in enumerate(panels):
        points = [sum(Fraction(p * m, 5) for p, m in zip(maximum, marks, strict=True)) for marks in panel]
        assert means.exact(f"A-{at}") == sum(points) / len(points)
        assert means.value[at] == float(sum(points) / len(points))
