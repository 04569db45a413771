"""How marks become a decision: chosen before the round, pinned on the call as data, and named by its digest.

>>> from scoring.rubric import load
>>> policy = Policy.for_rubric(load("ppir-default@1"), aggregate="trimmed")
>>> policy.pass_mark, policy.quorum, [cut_line.code for cut_line in policy.cut_lines]
(Decimal('70.00'), 5, ['C1', 'C2', 'C3'])
>>> Policy.from_data(policy.as_data()) == policy
True
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, get_args

from scoring.errors import PolicyInvalid
from scoring.rubric import Rubric

Aggregate = Literal["mean", "trimmed", "median"]
Missing = Literal["error", "leave_out"]
Calibrate = Literal["F", "none"]
ApplyIf = Literal["auto", "always", "lrt"]
Order = Literal["simultaneous", "sequential"]

SUBMITTED = "submitted"
"""The name, in a tie-break list, of "the earlier submission goes first"."""


@dataclass(frozen=True)
class CutLine:
    """A least share of the points of one criterion, or of several together (an index such as publicness).

    ``pct`` is per cent of the summed weights, 0–100.
    """

    code: str
    criteria: tuple[str, ...]
    pct: Decimal


@dataclass(frozen=True)
class Bonus:
    """Points a fact outside the sheets may add to a total (a certificate, a region); it never lifts a failed cut-line."""

    code: str
    points: Decimal


@dataclass(frozen=True)
class Stage:
    """Checks that are made together: codes of gates, of cut-lines, and :data:`TOTAL` for the pass mark."""

    code: str
    checks: tuple[str, ...]


TOTAL = "total"


@dataclass(frozen=True)
class Policy:
    """The rules of a round. Values are points of 100 unless the name says otherwise.

    ========================  =====================================================================================
    ``pass_mark``             least published total, 0–100
    ``cut_lines``             each compared with the raw mean points of its criteria
    ``gates``                 codes of the gates that count; failed by a majority of the counted sheets
    ``quorum``                least number of counted sheets for a decision
    ``aggregate``             ``mean``, ``trimmed`` (drops one highest, one lowest) or ``median`` (summed by criterion)
    ``decimals``, rounding    half-up, before any comparison
    ``borderline``            (low, high): a P(pass) inside, ends included, asks for deliberation; None: never
    ``deviation_pct``         alarm for a sheet further than this from the mean of its panel
    ``tie_break``             criterion codes, then ``submitted``
    ``missing``               an unmarked item or gate: ``error``, or ``leave_out`` the whole sheet
    ``calibrate``             ``F`` takes severities out of the mean (:mod:`scoring.calibration`), or ``none``;
                              a trimmed mean or a median is published as it is
    ``apply_if``              ``always``, ``lrt`` (only with evidence), ``auto``: ``lrt`` below 100 applications
    ``cap``                   most points by which calibration may move a total; None: no bound
    ``bonuses``, most         points for facts outside the sheets, and their most in sum (None: no bound)
    ``stages``, ``order``     which checks are made together; ``sequential`` stops at the first stage that fails
    ``pass_marks``            (group, mark): another pass mark for a group of applications
    ========================  =====================================================================================

    Raises PolicyInvalid naming the field.
    """

    pass_mark: Decimal
    cut_lines: tuple[CutLine, ...]
    gates: tuple[str, ...]
    quorum: int
    aggregate: Aggregate = "mean"
    decimals: int = 2
    rounding: Literal["half_up"] = "half_up"
    borderline: tuple[Decimal, Decimal] | None = (Decimal("0.20"), Decimal("0.80"))
    deviation_pct: Decimal = Decimal(10)
    tie_break: tuple[str, ...] = ("C1", "C3", SUBMITTED)
    missing: Missing = "error"
    calibrate: Calibrate = "F"
    apply_if: ApplyIf = "auto"
    cap: Decimal | None = Decimal(10)
    bonuses: tuple[Bonus, ...] = ()
    bonus_most: Decimal | None = None
    stages: tuple[Stage, ...] = ()
    order: Order = "simultaneous"
    pass_marks: tuple[tuple[int, Decimal], ...] = ()

    def __post_init__(self) -> None:
        for name, kind in CHOICES.items():
            _check(name, getattr(self, name) in get_args(kind), f"must be one of {get_args(kind)}")
        _check("rounding", self.rounding == "half_up", "must be half_up")
        _check("pass_mark", 0 <= self.pass_mark <= 100, "must be 0 to 100")
        _check("quorum", self.quorum >= 1, "must be 1 or more")
        _check("decimals", 0 <= self.decimals <= 6, "must be 0 to 6")
        _check("deviation_pct", 0 <= self.deviation_pct <= 100, "must be 0 to 100")
        if self.borderline is not None:
            low, high = self.borderline
            _check("borderline", 0 <= low <= high <= 1, "must be two probabilities, the lower first")
        for cut_line in self.cut_lines:
            _check(f"cut_lines[{cut_line.code}]", 0 <= cut_line.pct <= 100, "must be 0 to 100 per cent")
            _check(f"cut_lines[{cut_line.code}]", bool(cut_line.criteria), "must name a criterion")
        _check("cap", self.cap is None or self.cap >= 0, "must be 0 or more points")
        _check("bonuses", all(bonus.points >= 0 for bonus in self.bonuses), "must be 0 or more points")
        _check("bonus_most", self.bonus_most is None or self.bonus_most >= 0, "must be 0 or more points")
        for group, mark in self.pass_marks:
            _check(f"pass_marks[{group}]", 0 <= mark <= 100, "must be 0 to 100")
        _check("pass_marks", len({group for group, _ in self.pass_marks}) == len(self.pass_marks), "names a group twice")
        known = {*self.gates, *(line.code for line in self.cut_lines), TOTAL}
        staged = [check for stage in self.stages for check in stage.checks]
        _check("stages", not self.stages or sorted(staged) == sorted(known), "must name every check once")
        _check("order", self.order == "simultaneous" or bool(self.stages), "sequential needs stages")
        for name in ("cut_lines", "gates", "tie_break", "bonuses", "stages"):
            codes = [getattr(entry, "code", entry) for entry in getattr(self, name)]
            _check(name, len(set(codes)) == len(codes), "names a code twice")

    @classmethod
    def for_rubric(cls, rubric: Rubric, **changes: Any) -> Policy:
        """The policy a rubric suggests (its cut-lines, gates, pass mark, decimals, quorum), with ``changes`` on top."""
        cut_lines = tuple(
            CutLine(criterion.code, (criterion.code,), criterion.cut_line_pct)
            for criterion in rubric.criteria
            if criterion.cut_line_pct is not None
        )
        known = set(rubric.criterion_codes) | {SUBMITTED}
        suggested: dict[str, Any] = {
            "pass_mark": rubric.pass_mark,
            "cut_lines": cut_lines,
            "gates": rubric.gate_codes,
            "quorum": rubric.quorum,
            "decimals": rubric.decimals,
            "tie_break": tuple(code for code in ("C1", "C3", SUBMITTED) if code in known),
        }
        policy = cls(**(suggested | changes))
        policy.check(rubric)
        return policy

    def check(self, rubric: Rubric) -> None:
        """Raise PolicyInvalid when the policy names a criterion or gate the rubric has not."""
        criteria = set(rubric.criterion_codes)
        for cut_line in self.cut_lines:
            _check(f"cut_lines[{cut_line.code}]", set(cut_line.criteria) <= criteria, "names an unknown criterion")
        _check("gates", set(self.gates) <= set(rubric.gate_codes), "names an unknown gate")
        _check("tie_break", set(self.tie_break) <= criteria | {SUBMITTED}, "names an unknown criterion")

    @property
    def calibrates(self) -> bool:
        """Whether severities are estimated: model F speaks of means only."""
        return self.calibrate == "F" and self.aggregate == "mean"

    def mark_of(self, group: int) -> Decimal:
        """The pass mark of a group of applications."""
        return dict(self.pass_marks).get(group, self.pass_mark)

    def as_data(self) -> dict[str, Any]:
        """The policy as JSON values, decimals as text; what a call stores."""
        data: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        data |= {"pass_mark": _text(self.pass_mark), "deviation_pct": _text(self.deviation_pct)}
        data |= {name: None if data[name] is None else _text(data[name]) for name in ("cap", "bonus_most")}
        data |= {"gates": list(self.gates), "tie_break": list(self.tie_break)}
        data["bonuses"] = [{"code": bonus.code, "points": _text(bonus.points)} for bonus in self.bonuses]
        data["stages"] = [{"code": stage.code, "checks": list(stage.checks)} for stage in self.stages]
        data["pass_marks"] = [[group, _text(mark)] for group, mark in self.pass_marks]
        data["borderline"] = None if self.borderline is None else [_text(bound) for bound in self.borderline]
        data["cut_lines"] = [
            {"code": line.code, "criteria": list(line.criteria), "pct": _text(line.pct)} for line in self.cut_lines
        ]
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Policy:
        """The reverse of :meth:`as_data`. Raises PolicyInvalid for an unknown, missing or malformed field.

        A policy stored before calibration was offered names none, and means none.
        """
        known = {field.name for field in fields(cls)}
        for name in data:
            _check(name, name in known, "is not known")
        values: dict[str, Any] = {"calibrate": "none"} | dict(data)
        try:
            for name in ("pass_mark", "deviation_pct", "cap", "bonus_most"):
                if values.get(name) is not None:
                    values[name] = Decimal(values[name])
            for name in ("gates", "tie_break"):
                if name in values:
                    values[name] = tuple(values[name])
            if values.get("borderline") is not None:
                low, high = values["borderline"]
                values["borderline"] = (Decimal(low), Decimal(high))
            values["cut_lines"] = tuple(
                CutLine(line["code"], tuple(line["criteria"]), Decimal(line["pct"])) for line in values["cut_lines"]
            )
            values["bonuses"] = tuple(Bonus(row["code"], Decimal(row["points"])) for row in values.get("bonuses", ()))
            values["stages"] = tuple(Stage(row["code"], tuple(row["checks"])) for row in values.get("stages", ()))
            values["pass_marks"] = tuple((int(group), Decimal(mark)) for group, mark in values.get("pass_marks", ()))
            return cls(**values)
        except (InvalidOperation, KeyError, TypeError, ValueError) as error:
            raise PolicyInvalid(field="", reason=f"{type(error).__name__}: {error}") from error

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical JSON, by which a call proves that its rules did not change."""
        text = json.dumps(self.as_data(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


CHOICES: Mapping[str, Any] = {
    "aggregate": Aggregate,
    "missing": Missing,
    "calibrate": Calibrate,
    "apply_if": ApplyIf,
    "order": Order,
}


def _text(number: Decimal) -> str:
    """70, 70.0 and 70.00 are one rule and must give one digest."""
    return f"{number.normalize():f}"


def _check(field: str, holds: bool, reason: str) -> None:
    if not holds:
        raise PolicyInvalid(field=field, reason=reason)
