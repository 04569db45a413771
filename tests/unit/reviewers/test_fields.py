"""The table of sub-fields is complete in both languages and knows its dates."""

from datetime import date

import pytest

from reviewers.errors import DuplicateId, UnknownField
from reviewers.fields import all_fields, field_of, fields_on, public_users, read_fields
from reviewers.seat_types import SEAT_TYPES


def test_there_are_24_sub_fields_numbered_in_order():
    assert list(all_fields()) == [f"F{n:02d}" for n in range(1, 25)]


def test_every_sub_field_speaks_korean_and_english():
    for entry in all_fields().values():
        assert any("가" <= letter <= "힣" for letter in entry.ko + entry.description_ko)
        assert entry.en.isascii() and entry.description_en.isascii()
        assert len(entry.examples) >= 20 and all(any("가" <= letter <= "힣" for letter in ko) for ko, _ in entry.examples)
        assert all(en.isascii() for _, en in entry.examples)
        assert len(entry.description_ko) > 40 and len(entry.description_en) > 80 and entry.nstc


def test_no_example_stands_twice():
    for language in ("ko", "en"):
        examples = [example for entry in all_fields().values() for example in entry.examples_in(language)]
        assert len(set(examples)) == len(examples)
        assert len(public_users(language)) == len(set(public_users(language))) > 20


def test_a_sub_field_holds_from_its_first_day_on():
    assert len(fields_on(date(2025, 1, 1))) == 24
    assert fields_on(date(2024, 12, 31)) == ()


def test_an_unknown_code_is_refused_by_name():
    with pytest.raises(UnknownField) as caught:
        field_of("F25")
    assert caught.value.data["field"] == "F25"


def test_a_code_used_twice_is_refused(tmp_path):
    row = '[[field]]\ncode="F01"\nko="가"\nen="a"\ndescription_ko="가"\ndescription_en="a"\nnstc=[]\n'
    row += "valid_from=2025-01-01\n"
    table = tmp_path / "fields.toml"
    table.write_text(row + row, encoding="utf-8")
    with pytest.raises(DuplicateId):
        read_fields(table)


def test_a_sub_field_ends_on_the_day_before_valid_to(tmp_path):
    table = tmp_path / "fields.toml"
    table.write_text(
        '[[field]]\ncode="F01"\nko="가"\nen="a"\ndescription_ko="가"\ndescription_en="a"\nnstc=["EE"]\n'
        "valid_from=2025-01-01\nvalid_to=2026-01-01\n",
        encoding="utf-8",
    )
    entry = read_fields(table)["F01"]
    assert entry.holds_on(date(2025, 12, 31)) and not entry.holds_on(date(2026, 1, 1))


def test_seat_types_have_both_labels():
    assert set(SEAT_TYPES) == {"technology", "market", "procurement", "free"}
    assert all(kind.ko and kind.en for kind in SEAT_TYPES.values())
