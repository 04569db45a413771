"""Raw, trimmed and calibrated beside each other: who moves, and whose decision changes in which direction.

>>> found = compare(["A-1", "A-2"], raw=[70.0, 69.4], trimmed=[70.5, 68.0], calibrated=[69.2, 70.1], pass_mark=70.0)
>>> [(row.application_id, row.moved, row.change) for row in found.rows]
[('A-1', -0.8, 'down'), ('A-2', 0.7, 'up')]
>>> found.n_up, found.n_down, found.trimmed_up, found.trimmed_down
(1, 1, 0, 0)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scoring.errors import ShapeInvalid

Change = Literal["up", "down", "same"]


@dataclass(frozen=True)
class Movement:
    """One application: its three values as published, how far calibration moves it, and ranks by either value."""

    application_id: str
    raw: float
    trimmed: float
    calibrated: float
    moved: float
    raw_rank: int
    calibrated_rank: int
    change: Change
    trimmed_change: Change


@dataclass(frozen=True)
class Comparison:
    """Rows in the order given. ``up``: fails by the raw mean and passes by the other value; ``down`` the reverse."""

    rows: tuple[Movement, ...]
    n_up: int
    n_down: int
    trimmed_up: int
    trimmed_down: int
    greatest: float


def compare(
    app_ids: Sequence[str],
    *,
    raw: Sequence[float],
    trimmed: Sequence[float],
    calibrated: Sequence[float],
    pass_mark: float | Sequence[float],
) -> Comparison:
    """The movement table of values already rounded as published (NaN: none). Raises ShapeInvalid for other lengths."""
    marks = [float(pass_mark)] * len(app_ids) if isinstance(pass_mark, int | float) else list(pass_mark)
    for name, values in (("raw", raw), ("trimmed", trimmed), ("calibrated", calibrated), ("pass_mark", marks)):
        if len(values) != len(app_ids):
            raise ShapeInvalid(field=name, reason=f"has {len(values)} values for {len(app_ids)} applications")
    by_raw, by_calibrated = _ranks(raw), _ranks(calibrated)
    rows = tuple(
        Movement(
            identity,
            raw[at],
            trimmed[at],
            calibrated[at],
            round(calibrated[at] - raw[at], 9),
            by_raw[at],
            by_calibrated[at],
            _change(raw[at], calibrated[at], marks[at]),
            _change(raw[at], trimmed[at], marks[at]),
        )
        for at, identity in enumerate(app_ids)
    )
    return Comparison(
        rows,
        n_up=sum(row.change == "up" for row in rows),
        n_down=sum(row.change == "down" for row in rows),
        trimmed_up=sum(row.trimmed_change == "up" for row in rows),
        trimmed_down=sum(row.trimmed_change == "down" for row in rows),
        greatest=max((abs(row.moved) for row in rows if not math.isnan(row.moved)), default=0.0),
    )


def _change(before: float, after: float, mark: float) -> Change:
    if math.isnan(before) or math.isnan(after) or (before >= mark) == (after >= mark):
        return "same"
    return "up" if after >= mark else "down"


def _ranks(values: Sequence[float]) -> list[int]:
    """1 the best, equal values share; 0 without a value."""
    known = sorted((value for value in values if not math.isnan(value)), reverse=True)
    first: dict[float, int] = {}
    for place, value in enumerate(known, 1):
        first.setdefault(value, place)
    return [0 if math.isnan(value) else first[value] for value in values]
