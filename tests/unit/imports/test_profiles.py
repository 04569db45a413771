"""One row of a file: what it may hold, what is refused, and that nothing is passed over in silence."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from app import i18n
from app.stages.imports.profiles import Reading, read_all
from app.stages.imports.row_files import Row

ROOT = Path(__file__).parents[3]
WORK = {"title": "Solid electrolytes", "abstract": "Sulphides conduct.", "year": 2020}


def expert(**changed: Any) -> Reading:
    row = {"expert_id": "E1", "organisation": "Acme", "works": [WORK]} | changed
    return read_all([Row(1, {name: value for name, value in row.items() if value is not ...})], "experts")


def dossier(**changed: Any) -> Reading:
    row = {"application_id": "A1", "organisation": "Acme", "title": "t", "summary": "s"} | changed
    return read_all([Row(1, {name: value for name, value in row.items() if value is not ...})], "dossiers")


def test_three_columns_are_enough_for_an_expert() -> None:
    reading = expert()
    assert reading.problems == []
    content = reading.profiles[0].content
    assert content["works"] == [WORK | {"kind": "paper", "url": "", "people": []}]
    assert (content["language"], content["fields"], content["load_cap"]) == ("en", [], None)


def test_a_korean_expert_is_known_by_the_script() -> None:
    assert expert(name="김하늘").profiles[0].content["language"] == "ko"


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"expert_id": ...}, "expert_id", "import.missing_field"),
        ({"expert_id": "  "}, "expert_id", "import.missing_field"),
        ({"expert_id": 7}, "expert_id", "import.not_text"),
        ({"expert_id": "x" * 81}, "expert_id", "import.too_long"),
        ({"organisation": ...}, "organisation", "import.missing_field"),
        ({"organisation": "a\x00b"}, "organisation", "import.bad_characters"),
        ({"organisation": "a\ud800b"}, "organisation", "import.bad_characters"),
        ({"organisation_no": "123"}, "organisation_no", "import.not_registration_no"),
        ({"works": ...}, "works", "import.missing_field"),
        ({"works": "a"}, "works", "import.not_list"),
        ({"works": ["a"]}, "works[0]", "import.not_object"),
        ({"works": [WORK, {"abstract": "b"}]}, "works[1].title", "import.missing_field"),
        ({"works": [WORK | {"year": "2020"}]}, "works[0].year", "import.not_whole"),
        ({"works": [WORK | {"year": True}]}, "works[0].year", "import.not_whole"),
        ({"works": [WORK | {"year": 20200}]}, "works[0].year", "import.out_of_range"),
        ({"works": [WORK | {"kind": "poem"}]}, "works[0].kind", "import.unknown_choice"),
        ({"works": [WORK | {"url": "javascript:alert(1)"}]}, "works[0].url", "import.not_url"),
        ({"works": [WORK] * 501}, "works", "import.too_many"),
        ({"fields": ["F99"]}, "fields[0].code", "import.unknown_field"),
        ({"fields": ["F01", {"code": "F01"}]}, "fields[1].code", "import.field_twice"),
        ({"fields": [{"code": "F01", "level": 4}]}, "fields[0].level", "import.out_of_range"),
        ({"fields": [{"code": "F01", "main": True}, {"code": "F02", "main": True}]}, "fields", "import.two_main_fields"),
        ({"mail": "nobody"}, "mail", "import.not_mail"),
        ({"sector": "church"}, "sector", "import.unknown_choice"),
        ({"seat_types": ["free"]}, "seat_types", "import.unknown_choice"),
        ({"load_cap": -1}, "load_cap", "import.out_of_range"),
        ({"language": "fr"}, "language", "import.unknown_choice"),
        ({"keywords": "a"}, "keywords", "import.not_list"),
        ({"declared": [{"ground": "kin"}]}, "declared[0].organisation", "import.missing_field"),
        ({"declared": [{"organisation": "B", "until": "soon"}]}, "declared[0].until", "import.not_date"),
    ],
)
def test_what_is_wrong_with_an_expert_is_named_by_field(changed: dict[str, Any], field: str, code: str) -> None:
    reading = expert(**changed)
    assert [(p.line, p.field, p.code) for p in reading.problems] == [(1, field, code)]
    assert reading.profiles == []


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"application_id": ...}, "application_id", "import.missing_field"),
        ({"title": ""}, "title", "import.missing_field"),
        ({"title": "x" * 301}, "title", "import.too_long"),
        ({"summary": ...}, "summary", "import.missing_field"),
        ({"fields": ["F01", "F02", "F03"]}, "fields", "import.too_many"),
        ({"fields": ["X"]}, "fields[0].code", "import.unknown_field"),
        ({"content": []}, "content", "import.not_object"),
        ({"content": {"a": "\x00"}}, "content", "import.bad_characters"),
    ],
)
def test_what_is_wrong_with_a_dossier_is_named_by_field(changed: dict[str, Any], field: str, code: str) -> None:
    assert [(p.line, p.field, p.code) for p in dossier(**changed).problems] == [(1, field, code)]


def test_all_that_is_wrong_with_a_row_is_told_at_once() -> None:
    assert {p.field for p in expert(expert_id=..., mail="x", sector="y").problems} == {"expert_id", "mail", "sector"}


def test_an_id_that_comes_twice_is_a_problem_of_the_later_row() -> None:
    values = {"expert_id": "E1", "organisation": "Acme", "works": [WORK]}
    reading = read_all([Row(4, values), Row(9, values)], "experts")
    assert [(p.line, p.code, dict(p.data)) for p in reading.problems] == [(9, "import.duplicate_id", {"first_line": 4})]
    assert [p.line for p in reading.profiles] == [4]


def test_columns_nobody_asked_for_are_told() -> None:
    reading = expert(shoe_size=44)
    assert (reading.ignored, reading.problems) == ({"shoe_size"}, [])


def test_the_first_sub_field_is_the_main_one_unless_another_is_named() -> None:
    plain = expert(fields=["F07", "F01"]).profiles[0].content["fields"]
    assert plain == [{"code": "F07", "level": 3, "main": True}, {"code": "F01", "level": 2, "main": False}]
    named = expert(fields=["F07", {"code": "F01", "main": True, "level": 1}]).profiles[0].content["fields"]
    assert [(f["code"], f["level"], f["main"]) for f in named] == [("F01", 1, True), ("F07", 2, False)]


def test_a_csv_row_says_the_same_as_its_json_twin() -> None:
    cells = {
        "expert_id": "E1",
        "organisation": "Acme",
        "works_title_1": "Solid electrolytes",
        "works_abstract_1": "Sulphides conduct.",
        "works_year_1": "2020",
        "works_title_2": "Cells",
        "fields": "F15:3; F12",
        "keywords": "battery; lithium",
        "load_cap": "4",
    }
    twin = expert(works=[WORK, {"title": "Cells"}], fields=["F15", "F12"], keywords=["battery", "lithium"], load_cap=4)
    reading = read_all([Row(1, cells, True)], "experts")
    assert (reading.problems, reading.ignored) == ([], set())
    assert reading.profiles[0].digest == twin.profiles[0].digest


def test_a_csv_cell_may_hold_the_works_as_json() -> None:
    cells = {"expert_id": "E1", "organisation": "Acme", "works": '[{"title": "Cells"}]'}
    assert read_all([Row(1, cells, True)], "experts").profiles[0].content["works"][0]["title"] == "Cells"
    broken = read_all([Row(1, cells | {"works": "[{"}, True)], "experts")
    assert [p.code for p in broken.problems] == ["import.broken_json"]


def test_every_problem_has_reason_and_remedy_in_both_languages() -> None:
    """The codes are those that the modules name."""
    folder = ROOT / "app" / "stages" / "imports"
    codes = {c for path in folder.glob("*.py") for c in re.findall(r'"(import\.[a-z0-9_]+)"', path.read_text("utf-8"))}
    assert len(codes) > 30
    for language in ("en", "ko"):
        known = i18n.catalogue(language)
        wanted = codes | {f"{code}.remedy" for code in codes}
        assert {code for code in wanted if known.gettext(code) == code} == set()
