"""A table of scores as text, and a fitted calibration as plain data: the borders of ``python -m scoring.calibration``.

Columns ``application``, ``panellist`` and ``score`` in any order, others ignored; separated by comma, semicolon or tab;
with or without a byte-order mark. Every fault names its line and column and what to do.

>>> marks = read("application,panellist,score\\nA-1,김,70\\nA-1,Lee,80.5\\nA-2,김,60\\n")
>>> marks.application_ids, marks.panellist_ids, marks.score.tolist()
(('A-1', 'A-2'), ('Lee', '김'), [80.5, 70.0, 60.0])
>>> try:
...     read("application,panellist,score\\nA-1,Kim,seventy\\n")
... except MarksFileInvalid as fault:
...     print(fault.sentence)
line 2, column score: 'seventy' is no number; write it like 72.5
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.calibration import Fit
from scoring.errors import MarksFileInvalid

COLUMNS = ("application", "panellist", "score")
SEPARATORS = ",;\t"


@dataclass(frozen=True, eq=False)
class Marks:
    """``app`` and ``rev`` int32[n] point into the sorted ids; ``score`` float64[n]."""

    application_ids: tuple[str, ...]
    panellist_ids: tuple[str, ...]
    app: NDArray[np.int32]
    rev: NDArray[np.int32]
    score: NDArray[np.float64]


def decode(content: bytes) -> str:
    """The text of a file: UTF-8, with or without a byte-order mark, or UTF-16 with one. Raises MarksFileInvalid."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise MarksFileInvalid(line=line, column="", reason="is not UTF-8", remedy="save the file as CSV UTF-8") from error


def read(text: str) -> Marks:
    """The scores of a table. Raises MarksFileInvalid for the first fault: a missing column, an empty id, no number, or
    a second score of a panellist for the same application."""
    lines = text.removeprefix("\ufeff").splitlines(keepends=True)
    head = next((line for line in lines if line.strip()), "")
    separator = max(SEPARATORS, key=head.count)
    rows = csv.reader(io.StringIO("".join(lines), newline=""), delimiter=separator, strict=True)
    try:
        return _marks(rows, separator)
    except csv.Error as error:
        raise MarksFileInvalid(
            line=rows.line_num, column="", reason=f"cannot be split: {error}", remedy="check the quotation marks"
        ) from error


def report(marks: Marks, fit: Fit) -> dict[str, Any]:
    """The fit as JSON values, unrounded, in the order of the ids; what is not known is null."""
    return {
        "applications": [
            {"application": identity, "value": _n(fit.value[a]), "se": _n(fit.se[a]), "raw": _n(fit.raw[a]), "k": int(fit.k[a])}
            for a, identity in enumerate(marks.application_ids)
        ],
        "panellists": [
            {"panellist": identity, "severity": _n(fit.severity[r]), "se": _n(fit.severity_se[r]), "n": int(fit.n[r])}
            for r, identity in enumerate(marks.panellist_ids)
        ],
        "variance": {
            "residual": fit.variance.residual,
            "severity": fit.variance.severity,
            "df": fit.variance.df,
            "method": fit.variance.method,
        },
        "likelihood_ratio": fit.variance.likelihood_ratio,
        "applied": fit.applied,
        "why": fit.why,
    }


def _marks(rows: Any, separator: str) -> Marks:
    at: dict[str, int] | None = None
    found: list[tuple[str, str, float]] = []
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        line = rows.line_num
        if not any(cell.strip() for cell in row):
            continue
        if at is None:
            at = _header(row, line)
            continue
        if len(row) != len(at):
            remedy = f"give every line as many cells as the first, separated by {separator!r}"
            raise MarksFileInvalid(line=line, column="", reason=f"has {len(row)} cells, not {len(at)}", remedy=remedy)
        cells = {name: row[at[name]].strip() for name in COLUMNS}
        for name in COLUMNS:
            if not cells[name]:
                raise MarksFileInvalid(line=line, column=name, reason="is empty", remedy="fill it in, or take the line out")
        pair = (cells["application"], cells["panellist"])
        if pair in seen:
            reason = f"{pair[1]!r} scored {pair[0]!r} already in line {seen[pair]}"
            raise MarksFileInvalid(line=line, column="panellist", reason=reason, remedy="keep one of the two lines")
        seen[pair] = line
        found.append((*pair, _score(cells["score"], line)))
    if at is None:
        raise MarksFileInvalid(line=1, column="", reason="the file is empty", remedy=f"begin with {','.join(COLUMNS)}")
    found.sort()  # the order of the lines must not matter, not even to the last digit
    apps, panellists = sorted({row[0] for row in found}), sorted({row[1] for row in found})
    app_at, rev_at = ({identity: place for place, identity in enumerate(ids)} for ids in (apps, panellists))
    return Marks(
        tuple(apps),
        tuple(panellists),
        np.array([app_at[row[0]] for row in found], dtype=np.int32),
        np.array([rev_at[row[1]] for row in found], dtype=np.int32),
        np.array([row[2] for row in found], dtype=np.float64),
    )


def _header(row: list[str], line: int) -> dict[str, int]:
    names = [cell.strip().casefold() for cell in row]
    for name in COLUMNS:
        if names.count(name) != 1:
            reason = "is missing in the first line" if name not in names else "stands twice in the first line"
            raise MarksFileInvalid(line=line, column=name, reason=reason, remedy=f"begin with {','.join(COLUMNS)}")
    if len(set(names)) != len(names):
        raise MarksFileInvalid(line=line, column="", reason="names a column twice", remedy="give each column its own name")
    return {name: place for place, name in enumerate(names)}


def _score(cell: str, line: int) -> float:
    try:
        value = float(cell)
    except ValueError:
        remedy = "write the decimals after a point, like 72.5" if "," in cell else "write it like 72.5"
        raise MarksFileInvalid(line=line, column="score", reason=f"{cell!r} is no number", remedy=remedy) from None
    if not math.isfinite(value) or abs(value) > 1e100:
        raise MarksFileInvalid(line=line, column="score", reason=f"{cell!r} is no finite number", remedy="take the line out")
    return value


def _n(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
