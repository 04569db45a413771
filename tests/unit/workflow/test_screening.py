"""Every eligibility rule at its border, on plain data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.workflow import screening
from app.workflow.rules import Rules
from app.workflow.screening import RULES, Case
from tests.dossiers import FULL, dossier_with

CLOSING = date(2026, 3, 31)
RIGHT = {"kind": "patent", "number": "10-1", "title": "", "holder": "", "expires_on": "2030-01-01"}
CERTIFICATE = {"kind": "KC", "number": "R-1", "issuer": "", "issued_on": "2026-03-31", "valid_until": "2028-01-01"}


def case(content: Any = FULL, *, files: tuple[str, ...] = ("D02", "D03"), same: tuple[str, ...] = (), **rules: Any) -> Case:
    return Case(content, replace(Rules(), **rules), CLOSING, frozenset(files), same)


def result(code: str, examined: Case) -> str | None:
    verdict = RULES[code].judge(examined)
    return verdict.result if verdict else None


@pytest.mark.parametrize(
    ("code", "place", "value", "expected"),
    [
        ("E01", "company__size", "sme", "pass"),
        ("E01", "company__size", "large", "fail"),
        ("E01", "company__size", "", "needs_person"),
        ("E02", "rnd__ministry", "MSIT", "pass"),
        ("E02", "rnd__ministry", "MSS", "fail"),
        ("E03", "rnd__result", "success", "pass"),
        ("E03", "rnd__result", "running", "fail"),
        ("E04", "rnd__ended_on", "2021-03-31", "pass"),
        ("E04", "rnd__ended_on", "2021-03-30", "fail"),
        ("E04", "rnd__ended_on", "2026-03-31", "pass"),
        ("E04", "rnd__ended_on", "2026-04-01", "fail"),
        ("E04", "rnd__ended_on", "", "needs_person"),
        ("E05", "rnd__link_type", "own", "pass"),
        ("E05", "rnd__link_type", "transfer", "pass"),
        ("E05", "rnd__link_type", "joint", "fail"),
        ("E05", "rnd__link_type", "licence", "fail"),
        ("E06", "product__trl", 7, "pass"),
        ("E06", "product__trl", 6, "fail"),
        ("E06", "product__trl", "seven", "needs_person"),
        ("E07", "product__designated_before", "no", "pass"),
        ("E07", "product__designated_before", "yes", "fail"),
        ("E10", "company__active", "yes", "pass"),
        ("E10", "company__active", "no", "fail"),
        ("E10", "company__active", "", "needs_person"),
        ("E11", "company__no_bar", "yes", "pass"),
        ("E11", "company__no_bar", "no", "fail"),
        ("E12", "rights__ip", [], None),
        ("E12", "rights__ip", [RIGHT], "pass"),
        ("E12", "rights__ip", [RIGHT | {"expires_on": "2026-03-31"}], "pass"),
        ("E12", "rights__ip", [RIGHT | {"expires_on": "2026-03-30"}], "fail"),
        ("E13", "rights__certificates", [], "needs_person"),
        ("E13", "rights__certificates", [CERTIFICATE], "pass"),
        ("E13", "rights__certificates", [CERTIFICATE | {"valid_until": "2026-03-30"}], "fail"),
        ("E14", "product__partners", ["a", "b", "c"], "pass"),
        ("E14", "product__partners", ["a", "b", "c", "d"], "fail"),
        ("E16", "product__item_ids", ["23456789"], "pass"),
        ("E16", "product__item_ids", [], "fail"),
        ("E17", "narrative__novelty", "something", "pass"),
        ("E17", "narrative__novelty", "   ", "fail"),
        ("E18", "rights__certificates", [CERTIFICATE], "pass"),
        ("E18", "rights__certificates", [CERTIFICATE | {"issued_on": "2026-04-01"}], "fail"),
        ("E18", "rights__certificates", [], None),
        ("E19", "product__is_ai", False, None),
        ("E19", "product__is_ai", True, "fail"),
    ],
)
def test_a_rule_at_its_border(code: str, place: str, value: Any, expected: str | None) -> None:
    assert result(code, case(dossier_with(**{place: value}))) == expected


@pytest.mark.parametrize(
    ("ended", "expected"), [("2021-01-01", "pass"), ("2026-12-31", "pass"), ("2020-12-31", "fail"), ("2027-01-01", "fail")]
)
def test_the_window_may_be_counted_by_the_year_of_the_end(ended: str, expected: str) -> None:
    assert result("E04", case(dossier_with(rnd__ended_on=ended), window_reference="end_year")) == expected


def test_the_window_is_a_rule_of_the_call() -> None:
    content = dossier_with(rnd__ended_on="2021-03-30")
    assert result("E04", case(content, window_years=6)) == "pass"


def test_a_window_that_starts_on_a_leap_day_starts_on_the_last_of_february() -> None:
    assert screening.years_before(date(2028, 2, 29), 5) == date(2023, 2, 28)


def test_a_licence_needs_a_person_where_the_call_admits_licences() -> None:
    assert result("E05", case(dossier_with(rnd__link_type="licence"), links=("own", "licence"))) == "needs_person"


def test_a_pending_dispute_needs_a_person() -> None:
    assert result("E12", case(dossier_with(rights__ip=[RIGHT], rights__dispute=True))) == "needs_person"


def test_the_same_product_filed_twice_fails_and_names_the_other() -> None:
    verdict = RULES["E09"].judge(case(same=("D-0007",)))
    assert verdict is not None and (verdict.result, verdict.inputs["others"]) == ("fail", ["D-0007"])
    assert result("E09", case()) == "pass"


def test_statements_and_annexes_are_looked_for_in_their_slots() -> None:
    ai = dossier_with(product__is_ai=True)
    assert result("E19", case(ai, files=("D02", "D03", "D16"))) == "pass"
    assert result("E15", case(files=())) == "fail"
    assert result("E15", case(files=("D12",))) == "needs_person"


def test_the_slots_demanded_are_a_rule_of_the_call() -> None:
    verdict = RULES["E17"].judge(case(extra={"slots": ["D02", "D04"]}))
    assert verdict is not None and verdict.inputs["missing"] == ["D04"]


def test_a_false_document_is_found_by_people_only() -> None:
    assert result("E20", case()) is None


def test_screening_runs_what_the_call_switched_on_in_order() -> None:
    found = screening.screen(case(eligibility_on=("E04", "E01", "E20")))
    assert [f.rule.code for f in found] == ["E01", "E04"]


def test_a_complete_dossier_passes_every_rule_that_is_on_by_default() -> None:
    assert {f.result for f in screening.screen(case(dossier_with(rnd__ended_on="2024-03-31")))} == {"pass"}


def test_the_self_check_asks_for_no_files() -> None:
    examined = Case({}, Rules(), CLOSING, self_check=True)
    assert "E17" not in {f.rule.code for f in screening.screen(examined)}


def test_every_rule_tells_its_remedy_in_both_languages() -> None:
    for rule in RULES.values():
        assert rule.ko and rule.en and rule.remedy["ko"] and rule.remedy["en"]


def test_what_could_not_be_read_needs_a_person() -> None:
    """Not a fail: the file is there. Only demanded slots count for completeness, only dated ones for the day of issue."""
    case = Case(dossier_with(), Rules(), CLOSING, files=frozenset({"D02", "D03", "D07"}), unread=frozenset({"D02", "D07"}))
    complete, dated = screening.RULES["E17"].judge(case), screening.RULES["E18"].judge(case)
    assert complete is not None and (complete.result, complete.inputs["unread"]) == ("needs_person", ["D02"])
    assert dated is not None and (dated.result, dated.inputs["unread"]) == ("needs_person", ["D07"])
