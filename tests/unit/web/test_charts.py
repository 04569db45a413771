"""A chart says the same three times: drawn, described and as a table."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from app.web.charts import (
    Interval,
    Part,
    Series,
    Words,
    bars,
    gini,
    histogram,
    intervals,
    lorenz,
    lorenz_points,
    number,
    stacked,
    ticks,
    trend,
)

WORDS = Words("loads", "Load <per> expert", "Most carry one or two.", "Show the numbers", ("Expert", "Seats"))
FIVE = Words("totals", "Totals", "Five of them.", "Show", ("Application", "Total", "Low", "High", "Status"))


def drawn(chart: Markup) -> ElementTree.Element:
    """Every chart is well-formed, whatever the labels hold."""
    return ElementTree.fromstring(str(chart))


def rects(chart: Markup, look: str) -> list[ElementTree.Element]:
    return [e for e in drawn(chart).iter("rect") if e.get("class") == look]


def circles(chart: Markup) -> list[str]:
    return [e.get("class", "") for e in drawn(chart).iter("circle")]


def table(chart: Markup) -> list[list[str]]:
    body = drawn(chart).find(".//tbody")
    assert body is not None
    return [["".join(cell.itertext()) for cell in row] for row in body]


ALL = [
    bars(WORDS, [("Kim & Lee", 3), ("<script>", 1)]),
    histogram(WORDS, [1, 2, 2, 5], [0, 2, 4, 6]),
    intervals(FIVE, [Interval("A-1", 71, 68, 74, "band")], pass_at=70, pass_label="pass"),
    stacked(WORDS, [Part("done", 3), Part("late", 1, "mark-bad")]),
    lorenz(WORDS, [0, 1, 3], x_label="experts", y_label="seats"),
]


@pytest.mark.parametrize("chart", ALL)
def test_a_chart_has_a_title_a_description_and_a_table_twin(chart: Markup) -> None:
    root = drawn(chart)
    svg = root.find(".//svg[@role='img']")
    assert svg is not None
    named = (svg.get("aria-labelledby") or "").split()
    ids = {e.get("id"): e.text for e in svg.iter() if e.get("id")}
    assert [bool(ids.get(name)) for name in named] == [True, True]
    assert root.find(".//table/caption") is not None
    assert table(chart)


@pytest.mark.parametrize("chart", ALL)
def test_a_chart_carries_no_inline_style_script_or_address(chart: Markup) -> None:
    assert not re.search(r"\sstyle=|<script|https?:|\son\w+=", str(chart))


def test_labels_are_escaped_everywhere() -> None:
    chart = bars(WORDS, [("<script>", 1)])
    assert "<script" not in chart
    assert table(chart)[0][0] == "<script>"


def test_bars_are_as_long_as_their_values() -> None:
    chart = bars(WORDS, [("a", 40), ("b", 10), ("c", 0)])
    lengths = [float(e.get("width", "")) for e in rects(chart, "mark-a")]
    assert lengths[0] == pytest.approx(4 * lengths[1], abs=0.2)
    assert lengths[2] == 0
    assert table(chart) == [["a", "40"], ["b", "10"], ["c", "0"]]


def test_bars_of_nothing_but_zeros_are_drawn_empty() -> None:
    assert [e.get("width") for e in rects(bars(WORDS, [("a", 0)]), "mark-a")] == ["0"]


@pytest.mark.parametrize("value", [-1, float("nan")])
def test_a_negative_or_missing_length_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="negative"):
        bars(WORDS, [("a", value)])


def test_a_histogram_counts_an_edge_once_and_keeps_the_last_one() -> None:
    chart = histogram(WORDS, [0, 1.9, 2, 4, 6, 7], [0, 2, 4, 6])
    assert table(chart) == [["0–2", "2"], ["2–4", "1"], ["4–6", "2"]]


def test_a_dot_is_hollow_where_the_interval_contains_the_pass_mark() -> None:
    rows = [Interval("sure", 80, 76, 84), Interval("band", 69, 65, 73), Interval("edge", 74, 70, 78)]
    assert circles(intervals(FIVE, rows, pass_at=70)) == ["mark-a", "open", "open"]
    assert circles(intervals(FIVE, rows)) == ["mark-a"] * 3


def test_intervals_keep_their_order_on_the_axis_and_their_figures_in_the_table() -> None:
    chart = intervals(FIVE, [Interval("A", 60, 55, 65, "below"), Interval("B", 80, 75, 85, "pass")], pass_at=70)
    xs = [float(e.get("cx", "")) for e in drawn(chart).iter("circle")]
    line = next(e for e in drawn(chart).iter("line") if e.get("class") == "pass")
    assert xs[0] < float(line.get("x1", "")) < xs[1]
    assert table(chart)[1] == ["B", "80.0", "75.0", "85.0", "pass"]


def test_the_parts_of_a_stacked_bar_fill_its_width() -> None:
    words = Words("s", "Sheets", "By state.", "Show", ("State", "Count", "Share"))
    chart = stacked(words, [Part("done", 3), Part("draft", 1), Part("late", 0)])
    widths = [float(e.get("width", "")) for e in drawn(chart).iter("rect") if "edge" in e.get("class", "")]
    assert sum(widths) == pytest.approx(552, abs=0.2)
    assert table(chart) == [["done", "3", "75.0 %"], ["draft", "1", "25.0 %"], ["late", "0", "0.0 %"]]


def test_the_gini_coefficient_of_known_spreads() -> None:
    assert gini([2, 2, 2, 2]) == pytest.approx(0)
    assert gini([0, 0, 0, 4]) == pytest.approx(0.75)
    assert gini([1, 2, 3, 4]) == pytest.approx(0.25)
    assert gini([]) == gini([0, 0]) == 0


def test_a_lorenz_curve_starts_at_nothing_and_ends_at_everything() -> None:
    assert lorenz_points([3, 1]) == [(0, 0), (0.5, 0.25), (1, 1)]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 97, [0, 20, 40, 60, 80, 100]),
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (53, 85, [50, 60, 70, 80, 90]),
        (7, 7, None),
    ],
)
def test_axis_steps_are_round_and_cover_the_data(low: float, high: float, expected: list[float] | None) -> None:
    scale = ticks(low, high)
    assert scale[0] <= low <= high <= scale[-1]
    assert expected is None or scale == expected


@pytest.mark.parametrize(
    ("value", "decimals", "words"), [(1234.5, 0, "1,235"), (66.45, 1, "66.5"), (-0.4, 0, "0"), (-2.5, 0, "-3")]
)
def test_numbers_round_half_up_as_scores_do(value: float, decimals: int, words: str) -> None:
    assert number(value, decimals) == words


def test_a_trend_leaves_a_gap_where_nothing_is_known_and_says_the_same_as_a_table() -> None:
    words = Words("growth", "Growth", "Two lines.", "Show", ("Year", "Sales", "Export"))
    chart = trend(words, ["2026", "2027", "2028"], [Series("Sales", [10, None, 30]), Series("Export", [1, 2, None])])
    spans = [e for e in drawn(chart).iter("line") if e.get("class") == "span"]
    assert len(spans) == 1, "only 2026 to 2027 of the export is joined"
    cells = re.findall(r"<(?:th scope=\"row\"|td class=\"num\")>([^<]+)<", str(chart))
    assert cells == ["2026", "10", "1", "2027", "–", "2", "2028", "30", "–"]


def test_lines_of_a_trend_are_told_apart_without_colour() -> None:
    four = [Series(str(n), [n]) for n in range(1, 5)]
    marks = drawn(trend(Words("t", "T", "d", "s", ("x", "1", "2", "3", "4")), ["2026"], four))
    shapes = {(e.tag, e.get("class")) for e in marks.iter() if e.get("transform", "").startswith("translate(6 6)")}
    assert len(shapes) == 4
    with pytest.raises(ValueError, match="at most 4"):
        trend(WORDS, ["2026"], [*four, Series("5", [5])])
