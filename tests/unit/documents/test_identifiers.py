"""The examples of the identifiers' rules, each as the programme states it."""

from __future__ import annotations

import pytest

from app.documents import identifiers as ids


@pytest.mark.parametrize("number", ["380-81-00318", "214-87-00027", "305-86-00030", "3808100318", " 380 81 00318 "])
def test_a_business_number_with_its_check_digit_passes(number: str) -> None:
    assert ids.business_no(number).fault == ""


def test_a_business_number_is_stored_in_one_way() -> None:
    assert ids.business_no("3808100318").clean == "380-81-00318"


@pytest.mark.parametrize(
    "number",
    ["123-45-67890", "0000000000", "4444444444", "8888888888", "380-81-0031", "380-81-0031x", "", "３808100318"],
)
def test_a_wrong_business_number_stops(number: str) -> None:
    verdict = ids.business_no(number)
    assert verdict.fault and verdict.hard


@pytest.mark.parametrize("number", ["130111-0006246", "110111-1129497"])
def test_a_corporate_number_passes(number: str) -> None:
    assert ids.corporate_no(number) == ids.Verdict(number)


def test_a_corporate_number_without_a_fitting_check_digit_only_warns() -> None:
    verdict = ids.corporate_no("110111-1129498")
    assert verdict.fault == "id.check_digit_warning" and not verdict.hard


def test_a_resident_number_in_place_of_a_corporate_number_is_refused_and_not_kept() -> None:
    verdict = ids.corporate_no("900101-1234568")
    assert verdict.fault == "id.resident_number" and verdict.hard and verdict.clean == ""


@pytest.mark.parametrize(("number", "item_class"), [("8111189901", "81111899"), ("4321150102", "43211501"), ("4321150102", "")])
def test_a_detail_item_number_belongs_to_its_class(number: str, item_class: str) -> None:
    assert ids.detail_item_no(number, item_class).fault == ""


def test_a_detail_item_number_of_another_class_stops() -> None:
    assert ids.detail_item_no("8111189901", "43211501") == ids.Verdict("8111189901", "id.not_of_class", True)


def test_nine_digits_are_no_detail_item_number() -> None:
    assert ids.detail_item_no("811118990") == ids.Verdict("811118990", "id.ten_digits", True)


def test_item_numbers_have_their_lengths() -> None:
    assert ids.item_class_no("43211501").fault == "" and ids.item_class_no("4321150").hard
    assert ids.item_id("23456789").fault == "" and ids.item_id("2345678").hard
    assert ids.item_list_no("4321150123456789").fault == "" and ids.item_list_no("43211501").hard


def test_a_project_number_of_ten_digits_passes() -> None:
    assert ids.ntis_project_no("1711190129").fault == ""


@pytest.mark.parametrize("number", ["108062-03-2-SB010", "692218"])
def test_a_legacy_project_number_only_warns(number: str) -> None:
    verdict = ids.ntis_project_no(number)
    assert verdict.fault == "id.legacy_project_no" and not verdict.hard


def test_what_cannot_be_a_project_number_stops() -> None:
    assert ids.ntis_project_no("과제").hard


def test_a_procurement_service_number_passes_or_warns() -> None:
    assert ids.g2b_no("R25BK00916502-000").fault == ""
    verdict = ids.g2b_no("R25B00916502")
    assert verdict.fault == "id.g2b_no" and not verdict.hard
