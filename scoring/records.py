"""What goes in and comes out: sheets and scores, and the results of totals, decision, flags and explanation.

>>> from scoring.rubric import load
>>> rubric = load("ppir-default@1")
>>> marks = {item.code: 4 for item in rubric.items}
>>> gates = {gate.code: True for gate in rubric.gates}
>>> scores = Scores.from_sheets([Sheet("A-117", "e-1", marks, gates), Sheet("A-117", "e-2", marks, gates)], rubric)
>>> scores.app_ids, scores.rev_ids, scores.steps.shape
(('A-117',), ('e-1', 'e-2'), (2, 12))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from scoring.errors import ApplicationUnknown, DuplicateSheet, MarkInvalid, ShapeInvalid
from scoring.rubric import Rubric

UNMARKED = 0
UNANSWERED = -1


@dataclass(frozen=True)
class Sheet:
    """The marks of one panellist on one application: step per item code, yes (True) or no per gate code."""

    application_id: str
    panellist_id: str
    marks: Mapping[str, int]
    gates: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Scores:
    """All sheets of a round as arrays that carry their id vectors. n sheets, M applications, R panellists.

    ==============  ==================================================================================
    ``app_ids``     M ids; ``app`` int32[n] points into them
    ``rev_ids``     R ids; ``rev`` int32[n] points into them
    ``item_codes``  columns of ``steps`` int16[n, items]: 1 … top, 0 where unmarked
    ``gate_codes``  columns of ``gates`` int8[n, gates]: 1 yes, 0 no, -1 where unanswered
    ``group``       int32[M]: the pass-mark group (0 for all when there is but one)
    ==============  ==================================================================================

    Raises ShapeInvalid when lengths or kinds differ.
    """

    app_ids: tuple[str, ...]
    rev_ids: tuple[str, ...]
    item_codes: tuple[str, ...]
    gate_codes: tuple[str, ...]
    app: NDArray[np.int32]
    rev: NDArray[np.int32]
    steps: NDArray[np.int16]
    gates: NDArray[np.int8]
    group: NDArray[np.int32]

    def __post_init__(self) -> None:
        n, m = len(self.app), len(self.app_ids)
        shapes: dict[str, tuple[NDArray[Any], tuple[int, ...]]] = {
            "rev": (self.rev, (n,)),
            "steps": (self.steps, (n, len(self.item_codes))),
            "gates": (self.gates, (n, len(self.gate_codes))),
            "group": (self.group, (m,)),
        }
        for name, (array, shape) in shapes.items():
            _need(array.shape == shape, name, f"has shape {array.shape}, not {shape}")
        for name, array in (("app", self.app), ("rev", self.rev), ("steps", self.steps), ("gates", self.gates)):
            _need(np.issubdtype(array.dtype, np.integer), name, "must hold integers")
        for name, array, size in (("app", self.app, m), ("rev", self.rev, len(self.rev_ids))):
            _need(n == 0 or bool(array.min() >= 0 and array.max() < size), name, "points outside its ids")
        _need(not ((self.gates < UNANSWERED) | (self.gates > 1)).any(), "gates", "must be 1, 0 or -1")
        _need(len(set(self.app_ids)) == m, "app_ids", "holds an id twice")
        _need(len(set(self.rev_ids)) == len(self.rev_ids), "rev_ids", "holds an id twice")

    @classmethod
    def from_sheets(
        cls,
        sheets: Iterable[Sheet],
        rubric: Rubric,
        *,
        application_ids: Iterable[str] = (),
        groups: Mapping[str, int] | None = None,
    ) -> Scores:
        """Arrays from sheets, sorted by ids, so that the order of the sheets never matters.

        ``application_ids`` adds applications that may have no sheet yet; ``groups`` gives pass-mark groups (default 0).
        Raises MarkInvalid for an unknown code or step, DuplicateSheet for a second sheet of one panellist.
        """
        rows = sorted(sheets, key=lambda sheet: (sheet.application_id, sheet.panellist_id))
        app_ids = tuple(sorted({sheet.application_id for sheet in rows} | set(application_ids)))
        rev_ids = tuple(sorted({sheet.panellist_id for sheet in rows}))
        app_at = {identity: place for place, identity in enumerate(app_ids)}
        rev_at = {identity: place for place, identity in enumerate(rev_ids)}
        for before, after in pairwise(rows):
            if (before.application_id, before.panellist_id) == (after.application_id, after.panellist_id):
                raise DuplicateSheet(application_id=after.application_id, panellist_id=after.panellist_id)
        for sheet in rows:
            _check_codes(sheet, rubric)
        items, gates = rubric.item_codes, rubric.gate_codes
        steps = [[sheet.marks.get(code, UNMARKED) for code in items] for sheet in rows]
        answers = [[int(sheet.gates.get(code, UNANSWERED)) for code in gates] for sheet in rows]
        return cls(
            app_ids=app_ids,
            rev_ids=rev_ids,
            item_codes=items,
            gate_codes=gates,
            app=np.array([app_at[sheet.application_id] for sheet in rows], dtype=np.int32),
            rev=np.array([rev_at[sheet.panellist_id] for sheet in rows], dtype=np.int32),
            steps=np.array(steps, dtype=np.int16).reshape(len(rows), len(items)),
            gates=np.array(answers, dtype=np.int8).reshape(len(rows), len(gates)),
            group=np.array([(groups or {}).get(identity, 0) for identity in app_ids], dtype=np.int32),
        )

    def sheets(self) -> tuple[Sheet, ...]:
        """The sheets again, in the order of the rows; what is unmarked or unanswered is left out."""
        return tuple(
            Sheet(
                self.app_ids[app],
                self.rev_ids[rev],
                {code: int(step) for code, step in zip(self.item_codes, steps, strict=True) if step != UNMARKED},
                {code: bool(yes) for code, yes in zip(self.gate_codes, gates, strict=True) if yes != UNANSWERED},
            )
            for app, rev, steps, gates in zip(self.app, self.rev, self.steps, self.gates, strict=True)
        )

    def app_at(self, application_id: str) -> int:
        """The place of an application in ``app_ids``. Raises ApplicationUnknown."""
        try:
            return self.app_ids.index(application_id)
        except ValueError:
            raise ApplicationUnknown(application_id=application_id) from None


@dataclass(frozen=True, eq=False)
class Totals:
    """Exact points per sheet, as integers in units of 1 / ``unit`` point (``unit`` is the top step of the scale).

    ``points`` int64[n], of 100 · unit; ``by_criterion`` int64[n, c]; ``counted`` bool[n] is False for a sheet left out
    as incomplete (its points are then those of the marked items and enter no value).
    """

    scores: Scores
    criterion_codes: tuple[str, ...]
    unit: int
    points: NDArray[np.int64]
    by_criterion: NDArray[np.int64]
    counted: NDArray[np.bool_]

    @property
    def value(self) -> NDArray[np.float64]:
        """float64[n], 0–100: the total of each sheet; NaN where not counted."""
        value = self.points / self.unit
        value[~self.counted] = np.nan
        return np.asarray(value, dtype=np.float64)

    def exact(self, sheet: int) -> Fraction:
        """The total of one sheet (row number), exact."""
        return Fraction(int(self.points[sheet]), self.unit)


@dataclass(frozen=True, eq=False)
class Values:
    """One value per application, exact as ``numerator / denominator`` (int64[M]; denominator 0: no value).

    ``sd`` float64[M] is the sample deviation of the counted sheet totals (NaN below two sheets), ``k`` int32[M] their
    number, ``kept`` bool[n] the sheets that enter the value.
    """

    app_ids: tuple[str, ...]
    numerator: NDArray[np.int64]
    denominator: NDArray[np.int64]
    sd: NDArray[np.float64]
    k: NDArray[np.int32]
    kept: NDArray[np.bool_]

    @property
    def value(self) -> NDArray[np.float64]:
        """float64[M], 0–100, each the nearest float to the exact value; NaN where there is none."""
        value = np.full(len(self.app_ids), np.nan)
        has = self.denominator > 0
        value[has] = self.numerator[has] / self.denominator[has]
        return value

    def exact(self, application_id: str) -> Fraction | None:
        """The exact value of one application, None when it has none. Raises ApplicationUnknown."""
        if application_id not in self.app_ids:
            raise ApplicationUnknown(application_id=application_id)
        at = self.app_ids.index(application_id)
        if self.denominator[at] == 0:
            return None
        return Fraction(int(self.numerator[at]), int(self.denominator[at]))


@dataclass(frozen=True)
class Standing:
    """Where one application stands before the decision: exact points, votes and the number of counted sheets.

    ``value`` is what will be published (of 100, None without enough sheets), bonus points included; ``criteria`` the raw
    mean points by code, ``votes`` {gate: (yes, no)}, ``se`` the standard error of the value in points (None when
    unknown) and ``degrees`` its degrees of freedom (0: as a normal error). ``group`` chooses the pass mark; ``exempt``
    names checks that this application need not meet again (a second publicness test, say).
    """

    application_id: str
    value: Fraction | None
    criteria: Mapping[str, Fraction]
    votes: Mapping[str, tuple[int, int]]
    n_sheets: int
    se: float | None = None
    degrees: int = 0
    raw: Fraction | None = None
    bonus: Fraction = Fraction(0)
    group: int = 0
    exempt: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Check:
    """One rule applied: ``value`` against ``limit``, both rounded points (or counts); met when value >= limit.

    ``value`` is None, and the rule not met, where there is nothing to compare.
    """

    code: str
    value: Decimal | None
    limit: Decimal
    met: bool


@dataclass(frozen=True)
class GateCheck:
    """One gate with its votes; failed when "no" is more than half of the counted sheets."""

    code: str
    n_yes: int
    n_no: int
    met: bool


@dataclass(frozen=True)
class Reason:
    """Why a decision is what it is: a code for the catalogues and plain data for its blanks, no prose."""

    code: str
    data: Mapping[str, Any]


Status = Literal["recommended", "not_recommended", "insufficient"]


@dataclass(frozen=True)
class Decision:
    """The result for one application with every rule's own result; ``exact`` is kept beside the rounded ``value``.

    ``p_pass`` (0–1) is the chance that the true value reaches the pass mark, None when the error is unknown;
    ``borderline`` asks for deliberation and decides nothing.
    """

    application_id: str
    status: Status
    value: Decimal | None
    exact: Fraction | None
    total: Check
    cut_lines: tuple[Check, ...]
    gates: tuple[GateCheck, ...]
    quorum: Check
    p_pass: float | None
    borderline: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Place:
    """A rank, 1 the best. ``decided_by`` names the tie-breaks that parted this application from others of its value.

    ``tied`` is True where all tie-breaks left a tie: those applications share the rank.
    """

    rank: int
    application_id: str
    value: Decimal
    decided_by: tuple[str, ...]
    tied: bool


FlagCode = Literal["deviation", "straight_lining", "severe", "lenient", "outlier", "narrow_range", "agreement", "few_sheets"]


@dataclass(frozen=True)
class Flag:
    """A prompt to reread; it never decides anything. ``code`` with ``data``: numbers and texts.

    ``application_id`` is empty where all sheets of the panellist are meant.
    """

    code: FlagCode
    application_id: str
    panellist_id: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One sheet in the explanation of a value: its exact points, whether it was kept, and the share it adds.

    The share is the part of the published value that comes from this sheet: total / k for a mean, ``adjusted`` / k where
    calibration applies, 0 for a dropped sheet, the middle points it provides for a median per criterion. ``severity``
    is what calibration takes off the total (0 where it does not apply).
    """

    panellist_id: str
    total: Fraction
    by_criterion: Mapping[str, Fraction]
    kept: bool
    share: Fraction
    severity: Fraction = Fraction(0)

    @property
    def adjusted(self) -> Fraction:
        return self.total - self.severity


@dataclass(frozen=True)
class Explanation:
    """How the value of one application came about.

    The shares of ``rows``, what the bound on the shift gave back (``cap``) and the ``bonus`` add up to ``value`` exactly;
    with ``rounding`` they add up to ``published``.
    """

    application_id: str
    aggregate: str
    value: Fraction | None
    rows: tuple[Row, ...]
    raw: Fraction | None = None
    cap: Fraction = Fraction(0)
    bonus: Fraction = Fraction(0)
    published: Decimal | None = None
    calibrated: bool = False

    @property
    def rounding(self) -> Fraction:
        if self.published is None or self.value is None:
            return Fraction(0)
        return Fraction(self.published) - self.value


def _check_codes(sheet: Sheet, rubric: Rubric) -> None:
    place = {"application_id": sheet.application_id, "panellist_id": sheet.panellist_id}
    for code, step in sheet.marks.items():
        # bool is an int to Python; a mark of True is a mistake of the caller
        whole = isinstance(step, int | np.integer) and not isinstance(step, bool)
        if code not in rubric.item_codes or not whole or not 1 <= step <= rubric.top:
            raise MarkInvalid(**place, item=code, value=step)
    for code, answer in sheet.gates.items():
        if code not in rubric.gate_codes or not isinstance(answer, bool | np.bool_):
            raise MarkInvalid(**place, item=code, value=answer)


def _need(holds: bool, name: str, reason: str) -> None:
    if not holds:
        raise ShapeInvalid(field=name, reason=reason)
