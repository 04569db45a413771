"""Pictures of a scored round: well-formed, told twice, and readable without colour."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from app.web import score_charts as charts
from app.web.charts import Words

WORDS = Words("picture", "Title <&>", "What it says.", "Show the numbers", ("A", "B", "C", "D", "E", "F"))

PICTURES = {
    "forest": charts.forest(
        WORDS,
        [
            charts.Standing("A-1 <b>", 74.0, 71.0, 77.0, 73.2, "pass", "P", ".99"),
            charts.Standing("A-2", 70.1, 66.0, 74.0, 69.5, "borderline", "B"),
            charts.Standing("A-3", 61.0, 58.0, 64.0, 62.0, "fail", "F", own=65.0),
        ],
        pass_at=70,
        pass_label="pass mark",
    ),
    "caterpillar": charts.caterpillar(
        WORDS,
        [charts.Strictness("R01", -6.0, -9.0, -3.0, 9), charts.Strictness("R02", 1.0, 0.5, 4.0, 4, "too few")],
        severe="severe",
        lenient="lenient",
    ),
    "residuals": charts.residuals(WORDS, ["R01", "R02"], ["A-1", "A-2"], [(0, 0, 11.0), (1, 0, -5.5), (1, 1, 0.2)], step=5),
    "leave_one_out": charts.leave_one_out(
        WORDS,
        [charts.Reach("A-1", 70.4, 69.1, 71.0, 2), charts.Reach("A-2", 80, 79, 81, 0)],
        pass_at=70,
        pass_label="mark",
        flips="flips",
    ),
    "slopes": charts.slopes(
        WORDS,
        [charts.Slope("A-1", 69.9, 70.6, True), charts.Slope("A-2", 70.2, 69.2, False)],
        pass_at=70,
        raw="raw",
        calibrated="cal",
        pass_label="mark",
    ),
    "connectivity": charts.connectivity(WORDS, [charts.Tie("F01", 20, 4, 1), charts.Tie("F02", 0, 0, 0)], least=0.15),
    "profile": charts.profile(WORDS, [charts.Part("C1", 17.5, 30, 18), charts.Part("C4", 12, 20, None)]),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_drawn_described_and_given_as_a_table(name: str) -> None:
    found = ElementTree.fromstring(str(PICTURES[name]))
    svg = found.find(".//svg")
    assert svg is not None and svg.get("role") == "img"
    assert found.findall(".//table/tbody/tr") and "style=" not in str(PICTURES[name])
    for rectangle in found.iter("rect"):
        assert float(rectangle.get("width", "0")) >= 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("forest", ["P · 74.00 · .99", "B · 70.10", "F · 61.00", "pass mark 70.0"]),
        ("caterpillar", ["−6.0 · n=9", "+1.0 · n=4 · too few"]),
        ("residuals", ["++", "−"]),
        ("leave_one_out", ["70.40 · flips 2"]),
        ("profile", ["17.50 / 30 ✕"]),
    ],
)
def test_what_colour_says_is_also_written(name: str, words: list[str]) -> None:
    shown = {text.text for text in ElementTree.fromstring(str(PICTURES[name])).iter("text")}
    assert set(words) <= shown


def test_a_pass_mark_of_its_own_is_drawn_in_its_row_and_told() -> None:
    found = ElementTree.fromstring(str(PICTURES["forest"]))
    assert [line.get("class") for line in found.iter("line")].count("pass-own") == 1
    told = [[cell.text for cell in row] for row in found.findall(".//tbody/tr")]
    assert [row[4] for row in told] == ["70.00", "70.00", "65.00"]


def test_nothing_to_show_is_drawn_as_an_empty_frame() -> None:
    assert isinstance(charts.forest(WORDS, [], pass_at=70, pass_label=""), Markup)
    assert isinstance(charts.caterpillar(WORDS, [], severe="", lenient=""), Markup)
