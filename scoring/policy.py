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

    def __post_init__(self) -> None:
        _check("aggregate", self.aggregate in get_args(Aggregate), f"must be one of {get_args(Aggregate)}")
        _check("missing", self.missing in get_args(Missing), f"must be one of {get_args(Missing)}")
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
        for name in ("cut_lines", "gates", "tie_break"):
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

    def as_data(self) -> dict[str, Any]:
        """The policy as JSON values, decimals as text; what a call stores."""
        data: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        data |= {"pass_mark": _text(self.pass_mark), "deviation_pct": _text(self.deviation_pct)}
        data |= {"gates": list(self.gates), "tie_break": list(self.tie_break)}
        data["borderline"] = None if self.borderline is None else [_text(bound) for bound in self.borderline]
        data["cut_lines"] = [
            {"code": line.code, "criteria": list(line.criteria), "pct": _text(line.pct)} for line in self.cut_lines
        ]
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Policy:
        """The reverse of :meth:`as_data`. Raises PolicyInvalid for an unknown, missing or malformed field."""
        known = {field.name for field in fields(cls)}
        for name in data:
            _check(name, name in known, "is not known")
        values = dict(data)
        try:
            for name in ("pass_mark", "deviation_pct"):
                if name in values:
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
            return cls(**values)
        except (InvalidOperation, KeyError, TypeError, ValueError) as error:
            raise PolicyInvalid(field="", reason=f"{type(error).__name__}: {error}") from error

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical JSON, by which a call proves that its rules did not change."""
        text = json.dumps(self.as_data(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _text(number: Decimal) -> str:
    """70, 70.0 and 70.00 are one rule and must give one digest."""
    return f"{number.normalize():f}"


def _check(field: str, holds: bool, reason: str) -> None:
    if not holds:
        raise PolicyInvalid(field=field, reason=reason)
