"""Exact totals of sheets, and the one value of an application: mean, trimmed mean or median per criterion.

Marks are integer steps, so every total is an integer in units of 1 / top step and every mean a ratio of integers:
nothing is lost before the one rounding that the policy asks for.

>>> from scoring.records import Sheet
>>> from scoring.rubric import load
>>> rubric = load("ppir-default@1")
>>> steps = {"e-1": 3, "e-2": 4, "e-3": 5, "e-4": 3}
>>> sheets = [Sheet("A-117", who, {code: step for code in rubric.item_codes}) for who, step in steps.items()]
>>> totals = total(Scores.from_sheets(sheets, rubric), rubric)
>>> totals.value.tolist()
[60.0, 80.0, 100.0, 60.0]
>>> raw(totals).exact("A-117"), trimmed(totals).exact("A-117"), median(totals).exact("A-117")
(Fraction(75, 1), Fraction(70, 1), Fraction(70, 1))
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scoring.errors import MarkMissing, ShapeInvalid
from scoring.policy import Missing, Policy
from scoring.records import UNANSWERED, UNMARKED, Scores, Totals, Values
from scoring.rubric import Rubric

TRIM_LEAST = 3
"""Without one highest and one lowest sheet, at least one must be left."""


def total(scores: Scores, rubric: Rubric, *, missing: Missing = "error", gates: Sequence[str] = ()) -> Totals:
    """Points per sheet, 0–100, and per criterion: the sum over items of maximum × step / top.

    A sheet is complete when every item is marked and each gate of ``gates`` answered. ``missing="error"`` raises
    MarkMissing for the first gap, ``"leave_out"`` counts complete sheets only. Raises ShapeInvalid when the columns are
    not those of the rubric, or a step lies outside its scale.
    """
    if scores.item_codes != rubric.item_codes:
        raise ShapeInvalid(field="item_codes", reason=f"are not the items of {rubric.key}")
    if ((scores.steps < UNMARKED) | (scores.steps > rubric.top)).any():
        raise ShapeInvalid(field="steps", reason=f"lie outside 0 to {rubric.top}")
    answers = scores.gates[:, [_column(scores.gate_codes, code) for code in gates]]
    gaps = np.hstack([scores.steps == UNMARKED, answers == UNANSWERED])
    if missing == "error" and gaps.any():
        sheet, column = np.argwhere(gaps)[0]
        raise MarkMissing(
            application_id=scores.app_ids[scores.app[sheet]],
            panellist_id=scores.rev_ids[scores.rev[sheet]],
            item=(*scores.item_codes, *gates)[column],
        )
    maximum = np.array([item.points for item in rubric.items], dtype=np.int64)
    points = scores.steps.astype(np.int64) * maximum
    first_items = np.cumsum([0] + [len(criterion.items) for criterion in rubric.criteria[:-1]])
    by_criterion = np.add.reduceat(points, first_items, axis=1)
    complete = np.asarray(~gaps.any(axis=1), dtype=np.bool_)
    return Totals(scores, rubric.criterion_codes, rubric.top, by_criterion.sum(axis=1), by_criterion, complete)


def values(totals: Totals, policy: Policy) -> Values:
    """The value of each application by the aggregate of the policy: :func:`raw`, :func:`trimmed` or :func:`median`."""
    return {"mean": raw, "trimmed": trimmed, "median": median}[policy.aggregate](totals)


def raw(totals: Totals) -> Values:
    """The mean of the counted sheets of each application; no value without a sheet."""
    return _mean_of(totals, totals.counted)


def trimmed(totals: Totals) -> Values:
    """The mean without one highest and one lowest sheet; of tied extremes one only is dropped.

    No value below three sheets. Which of tied sheets is dropped follows the order of the panellists' ids; the value
    does not depend on it. A call may choose this aggregate; in simulations it is a little less accurate than the mean.
    """
    rows, starts, ends = _segments(totals, totals.points)
    enough = ends - starts >= TRIM_LEAST
    kept = np.zeros(len(totals.points), dtype=np.bool_)
    kept[rows[np.repeat(enough, ends - starts)]] = True
    kept[rows[starts[enough]]] = False
    kept[rows[ends[enough] - 1]] = False
    return _mean_of(totals, kept)


def median(totals: Totals) -> Values:
    """The sum over criteria of the median points of the counted sheets; no value without a sheet.

    An even number of sheets takes the mean of the middle two, criterion by criterion.
    """
    numerator = np.zeros(len(totals.scores.app_ids), dtype=np.int64)
    has = np.bincount(totals.scores.app[totals.counted], minlength=len(numerator)) > 0
    for column in range(len(totals.criterion_codes)):
        lower, upper = middles(totals, column)
        numerator[has] += totals.by_criterion[lower, column] + totals.by_criterion[upper, column]
    return _values(totals, numerator, np.where(has, 2 * totals.unit, 0), totals.counted)


def middles(totals: Totals, column: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of the lower and the upper middle sheet by one criterion, for each application that has a counted sheet.

    The two are the same row when the number of sheets is odd.
    """
    rows, starts, ends = _segments(totals, totals.by_criterion[:, column])
    has = ends > starts
    first, size = starts[has], (ends - starts)[has]
    return rows[first + (size - 1) // 2], rows[first + size // 2]


def _segments(totals: Totals, key: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Counted rows sorted by application, key and panellist, with start and end of each application among them."""
    counted = np.flatnonzero(totals.counted)
    app, rev = totals.scores.app[counted], totals.scores.rev[counted]
    order = np.lexsort((rev, key[counted], app))
    every = np.arange(len(totals.scores.app_ids))
    ordered = app[order]
    return counted[order], np.searchsorted(ordered, every, "left"), np.searchsorted(ordered, every, "right")


def _mean_of(totals: Totals, kept: NDArray[np.bool_]) -> Values:
    sums = _sum(totals, np.where(kept, totals.points, 0))
    return _values(totals, sums, totals.unit * _sum(totals, kept.astype(np.int64)), kept)


def _values(
    totals: Totals, numerator: NDArray[np.int64], denominator: NDArray[np.int64], kept: NDArray[np.bool_]
) -> Values:
    points = np.where(totals.counted, totals.points, 0)
    k = _sum(totals, totals.counted.astype(np.int64))
    # k·Σx² − (Σx)² in integers: identical totals give exactly 0, where the float formula leaves dust
    spread = k * _sum(totals, points * points) - _sum(totals, points) ** 2
    sd = np.full(len(k), np.nan)
    many = k > 1
    sd[many] = np.sqrt(spread[many] / (k[many] * (k[many] - 1))) / totals.unit
    return Values(totals.scores.app_ids, numerator, denominator, sd, k.astype(np.int32), kept)


def _sum(totals: Totals, of_sheets: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64[M]: sums per application, exact (bincount adds in float64, whose integers are exact below 2**53)."""
    sums = np.bincount(totals.scores.app, weights=of_sheets, minlength=len(totals.scores.app_ids))
    return np.asarray(sums, dtype=np.int64)


def _column(codes: Sequence[str], code: str) -> int:
    if code not in codes:
        raise ShapeInvalid(field="gate_codes", reason=f"lack {code}")
    return codes.index(code)
