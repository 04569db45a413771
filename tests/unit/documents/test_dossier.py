"""The form decides what is missing, what is wrong and what a panel sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from app import i18n
from app.documents import dossier
from app.documents.form import SECTION, SECTIONS, SLOTS
from app.documents.veil import Veil
from tests.dossiers import FULL, dossier_with

HELD = {"D02", "D03"}


def entered(**texts: str | list[str]) -> Any:
    def of(name: str) -> Sequence[str]:
        found = texts.get(name.replace(".", "__"), [])
        return [found] if isinstance(found, str) else found

    return of


def codes(problems: list[dossier.Problem]) -> set[tuple[str, str]]:
    return {(p.place, p.code) for p in problems}


def test_a_full_dossier_lacks_nothing() -> None:
    assert dossier.left(FULL, HELD) == []


def test_an_empty_dossier_lacks_every_required_field_and_demanded_file() -> None:
    required = {f"{s.key}.{f.name}" for s in SECTIONS for f in s.fields if f.required and not f.when}
    assert {p.place for p in dossier.missing({}, ())} == required | HELD


def test_a_blank_page_counts_as_missing() -> None:
    assert ("narrative.novelty", "dossier.missing") in codes(dossier.missing(dossier_with(narrative__novelty=" \n "), HELD))


def test_a_call_demands_the_slots_it_names_and_never_the_form_itself() -> None:
    assert dossier.demanded({}, FULL) == ("D02", "D03")
    demanded = dossier.demanded({"slots": ["D01", "D04"]}, FULL)
    assert codes(dossier.missing(FULL, HELD, demanded)) == {("D04", "dossier.file_missing")}


@pytest.mark.parametrize(
    ("place", "value", "code"),
    [
        ("product__trl", 10, "dossier.out_of_range"),
        ("product__trl", "eight", "dossier.not_a_number"),
        ("product__unit", "gallon", "dossier.unknown_choice"),
        ("rnd__ended_on", "31.3.2024", "dossier.not_a_date"),
        ("rnd__ended_on", "2013-01-01", "dossier.dates_reversed"),
        ("narrative__summary", "가" * 1501, "dossier.too_long"),
        ("classification__keywords", list("abcdef"), "dossier.too_many"),
        ("classification__field_2", "F09", "dossier.same_field"),
        ("classification__field_3", "F20", "dossier.same_field"),
        ("product__item_class_nos", ["4321150"], "id.eight_digits"),
        ("classification__nstc", [{"code": "EE02", "weight": "60"}, {"code": "ED01", "weight": "30"}], "dossier.weights_of_100"),
        ("classification__nstc", [{"code": "EE02", "weight": "half"}], "dossier.weights_of_100"),
        ("classification__nstc", [{"code": "E2", "weight": "100"}], "id.nstc_code"),
        ("company__business_no", "123-45-67890", "id.check_digit"),
        ("product__item_ids", ["2345678"], "id.eight_digits"),
        ("pilot_plan__max_units", 0, "dossier.out_of_range"),
        ("pilot_plan__min_units", 9, "dossier.units_reversed"),
    ],
)
def test_a_wrong_entry_is_named_by_place_with_words_in_both_languages(place: str, value: Any, code: str) -> None:
    found = dossier.check(dossier_with(**{place: value}))
    assert code in {p.code for p in found if p.hard}
    for language in ("ko", "en"):
        assert i18n.catalogue(language).gettext(code) != code


def test_up_to_three_codes_of_the_national_classification_share_a_hundred() -> None:
    shares = [{"code": "EE0203", "weight": "50"}, {"code": "ed", "weight": "30"}, {"code": "EA01", "weight": "20"}]
    assert dossier.check(dossier_with(classification__nstc=shares)) == []
    assert {p.code for p in dossier.check(dossier_with(classification__nstc=[*shares, shares[0]]))} >= {"dossier.too_many"}


def test_an_old_project_number_warns_but_does_not_stop() -> None:
    content = dossier_with(rnd__ntis_project_no="692218")
    assert [(p.code, p.hard) for p in dossier.check(content)] == [("id.legacy_project_no", False)]
    assert dossier.left(content, HELD) == []


def test_a_row_needs_its_required_columns() -> None:
    content = dossier_with(rights__ip=[{"kind": "patent", "number": "", "title": "t", "holder": "", "expires_on": ""}])
    assert ("rights.ip.0.number", "dossier.missing") in codes(dossier.missing(content, HELD))


def test_numbers_lists_and_rows_are_read_from_a_form() -> None:
    product = dossier.parse("product", entered(price_krw="12,000,000원", trl="８", models="A\r\n\r\nB", is_ai="y"))
    assert (product["price_krw"], product["models"], product["is_ai"]) == (12_000_000, ["A", "B"], True)
    assert product["trl"] == "８"  # kept as typed; check names it
    people = dossier.parse(
        "people",
        entered(interest__name=["이발명", ""], interest__organisation=["가상대", ""], interest__role=["inventor", "other"]),
    )
    assert people["interest"] == [{"name": "이발명", "organisation": "가상대", "unit": "", "role": "inventor", "identifier": ""}]
    assert dossier.parse("classification", entered(keywords="드론, 구조 ,, AI"))["keywords"] == ["드론", "구조", "AI"]


def test_a_panel_sees_the_product_and_neither_numbers_of_the_company_nor_requested_exclusions() -> None:
    content = dossier_with(people__exclusions=[{"name": "박경쟁", "organisation": "", "reason": "경쟁사"}])
    seen = {f"{v.section.key}.{s.field.name}" for v in dossier.panel_view(content, Veil()) for s in v.fields}
    assert "narrative.novelty" in seen and "product.name_ko" in seen
    assert not seen & {"company.business_no", "company.corporate_no", "people.exclusions", "company.no_bar"}
    assert "people.exclusions" in {f"{v.section.key}.{s.field.name}" for v in dossier.full_view(content) for s in v.fields}


def test_panel_slots_hold_nothing_confidential() -> None:
    assert {slot.code for slot in dossier.panel_slots()} & {slot.code for slot in SLOTS if slot.confidential} == set()
    assert [slot.code for slot in SLOTS] == [f"D{n:02d}" for n in range(1, 17)]


def test_sub_fields_are_read_in_their_rank_and_a_third_only_after_a_second() -> None:
    assert dossier.sub_fields(dossier_with(classification__field_3="F01")) == ("F09", "F20", "F01")
    assert dossier.sub_fields(dossier_with(classification__field_2="", classification__field_3="F01")) == ("F09",)


def test_matching_reads_the_summary_first_and_conflicts_everybody_named() -> None:
    assert dossier.passages(FULL)[0] == FULL["narrative"]["summary"]
    assert dossier.people(FULL) == ("김연구", "홍길동", "이발명")


def test_an_imported_dossier_has_the_shape_of_the_form() -> None:
    content = dossier.imported(title="Rescue drone", summary="Finds people", organisation="Acme", fields=["F09"], language="en")
    assert dossier.title(content) == "Rescue drone"
    assert dossier.passages(content) == ("Finds people",)
    assert all(name in {f.name for f in SECTION[key].fields} for key, values in content.items() for name in values)


def test_every_label_of_the_form_exists_in_both_languages() -> None:
    for section in SECTIONS:
        for thing in (section, section.hint, *section.fields, *(c for f in section.fields for c in (*f.columns, *f.choices))):
            assert thing.ko and thing.en
