"""What leaves as a file opens in a spreadsheet as the data it is."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import openpyxl
import pytest

from app.exports.tables import Table, Value, as_csv, as_json, as_xlsx, write

DANGERS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", '=HYPERLINK("https://example.org")']
TABLE = Table("t", [("id", "번호"), ("text", "글"), ("n", "수"), ("on", "날")],
              [[n, text, -1.5, date(2026, 11, 23)] for n, text in enumerate(DANGERS)])  # fmt: skip


def test_csv_starts_with_the_mark_that_tells_spreadsheets_it_is_utf8() -> None:
    assert as_csv(TABLE).startswith("\ufeff번호,글".encode())


def test_no_text_of_a_csv_file_starts_like_a_formula() -> None:
    rows = list(csv.reader(io.StringIO(as_csv(TABLE).decode("utf-8-sig"))))[1:]
    assert [row[1] for row in rows] == [f"'{text}" for text in DANGERS]
    assert {row[2] for row in rows} == {"-1.5"}


def test_xlsx_holds_texts_as_texts_and_numbers_as_numbers() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(TABLE))).active
    cells = list(sheet.iter_rows(min_row=2))
    assert [row[1].data_type for row in cells] == ["s"] * len(DANGERS)
    assert [row[1].value for row in cells] == DANGERS
    assert {row[2].value for row in cells} == {-1.5}


def test_json_keeps_what_was_there() -> None:
    assert json.loads(as_json(TABLE))[0] == {"id": 0, "text": "=1+1", "n": -1.5, "on": "2026-11-23"}


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_a_table_without_rows_is_still_a_file(kind: str) -> None:
    empty: list[list[Value]] = []
    assert write(Table("t", [("id", "Id")], empty), kind)
