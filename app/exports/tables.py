"""A table as a file: CSV with a byte-order mark, XLSX, JSON. No cell of it is run as a formula by a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter

Value = str | int | float | bool | date | datetime | None
MIME = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # also full width: spreadsheets take them alike


@dataclass(frozen=True)
class Table:
    """`name` becomes the file's name; `columns` are (key for JSON, label in the reader's language)."""

    name: str
    columns: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[Value]]


def write(table: Table, kind: str) -> bytes:
    return {"csv": as_csv, "xlsx": as_xlsx, "json": as_json}[kind](table)


def as_csv(table: Table) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([defused(label) for _, label in table.columns])
    writer.writerows([defused(value) for value in row] for row in table.rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def as_xlsx(table: Table) -> bytes:
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet, head = book.add_worksheet(), book.add_format({"bold": True, "bottom": 1})
        for column, (_, label) in enumerate(table.columns):
            sheet.write_string(0, column, label, head)
        for n, row in enumerate(table.rows, 1):
            for column, value in enumerate(row):
                _cell(sheet, n, column, value)
        sheet.freeze_panes(1, 0)
        sheet.autofit(400)
    return out.getvalue()


def as_json(table: Table) -> bytes:
    keys = [key for key, _ in table.columns]
    rows = [dict(zip(keys, row, strict=True)) for row in table.rows]
    return json.dumps(rows, ensure_ascii=False, indent=1, default=_plain).encode("utf-8")


def defused(value: Value) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it; numbers stay numbers."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return "" if value is None else _plain(value)


def _cell(sheet: Any, row: int, column: int, value: Value) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(_plain(value))[:32_767])  # the format's own limit


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
