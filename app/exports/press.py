"""Printed papers: PDF/A and PDF/UA by typst. The same data give the same bytes, so that a reissue is the same paper."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from app.clock import KST
from app.exports import fonts

TEMPLATES = Path(__file__).parents[1] / "templates" / "print"
STANDARDS = ["a-3b", "ua-1"]


def printed(template: str, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """`data` goes in as text and never as markup; `at` is the time the paper states, and the PDF with it."""
    local = at.astimezone(KST)
    date = [local.year, local.month, local.day, local.hour, local.minute, local.second]
    made: bytes = _press(template).compile(
        format="pdf",
        sys_inputs={"data": json.dumps({**data, "date": date}, ensure_ascii=False)},
        pdf_standards=STANDARDS,
        timestamp=int(at.timestamp()),
    )
    return made


def text(*words: object) -> dict[str, Any]:
    """A block of a paper: one paragraph for each line."""
    return {"kind": "text", "lines": [fonts.printable(line) for word in words for line in str(word).split("\n") if line.strip()]}


def head(words: str) -> dict[str, Any]:
    """What the lines under it are about."""
    return {"kind": "head", "lines": [fonts.printable(words)]}


def small(words: str) -> dict[str, Any]:
    return {"kind": "small", "lines": [fonts.printable(words)]}


def digest(value: str) -> dict[str, Any]:
    return {"kind": "digest", "value": value}


def items(rows: Sequence[str]) -> dict[str, Any]:
    return {"kind": "list", "rows": [fonts.printable(row) for row in rows]}


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, numbers: Sequence[int] = ()) -> dict[str, Any]:
    """`numbers` are the columns set to the right."""
    cells = [[fonts.printable("" if cell is None else str(cell)) for cell in row] for row in rows]
    sides = ["right" if n in numbers else "left" for n in range(len(columns))]
    return {"kind": "table", "columns": [fonts.printable(c) for c in columns], "rows": cells, "sides": sides}


def bars(rows: Sequence[tuple[str, float, float | None, str]]) -> dict[str, Any]:
    """Label, share of the whole and a line across it (0 to 1), and the numbers in words, for each bar."""
    told = [(fonts.printable(label), 100 * share, None if at is None else 100 * at, words) for label, share, at, words in rows]
    return {"kind": "bars", "rows": told}


def drawing(title: str, told: str, svg: str, *, wide: float) -> dict[str, Any]:
    """A picture drawn in lines and letters, and in words what it shows; `wide` is its share of the line."""
    lines = [fonts.printable(title), fonts.printable(told)]
    return {"kind": "drawing", "svg": svg, "lines": lines, "wide": round(100 * min(wide, 1.0), 1)}


def photo(png: bytes, *, alt: str, words: str, digest: str) -> dict[str, Any]:
    """A small photograph with its caption and the digest of the whole one."""
    lines = [fonts.printable(words), f"SHA-256 {digest[:16]}…"]
    return {"kind": "photo", "png": list(png), "alt": fonts.printable(alt), "lines": lines}


def section(title: str, *blocks: Mapping[str, Any]) -> dict[str, Any]:
    return {"title": fonts.printable(title), "blocks": list(blocks)}


@cache
def _press(template: str) -> typst.Compiler:
    """One for each process and template: reading the fonts takes longer than setting a page."""
    return typst.Compiler(TEMPLATES / template, root=TEMPLATES, font_paths=[fonts.FOLDER], ignore_system_fonts=True)
