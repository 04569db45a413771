"""Which dossiers a panel has to talk about: agreed high, agreed low, and the rest by how far apart and how near the mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import erf, sqrt
from typing import Any, Protocol

HIGH, LOW, DISCUSS = "agreed_high", "agreed_low", "discuss"
BAND = ("0.20", "0.80")


class Judged(Protocol):
    """A result as stored, or as computed for one reader."""

    @property
    def total(self) -> str: ...
    @property
    def sd(self) -> str: ...
    @property
    def n_sheets(self) -> int: ...
    @property
    def outcome(self) -> str: ...
    @property
    def gates(self) -> list[dict[str, Any]]: ...
    @property
    def sheets(self) -> list[dict[str, Any]]: ...


@dataclass(frozen=True)
class Triage:
    """`p_pass`: how probable it is that the value lies above the pass mark, None where nothing tells how exact it is."""

    group: str
    p_pass: float | None
    borderline: bool
    disagreement: float
    alarms: int

    @property
    def order(self) -> tuple[bool, bool, float, float]:
        """To be talked about first: not agreed, then in the borderline band, then furthest apart, then nearest the mark."""
        return (self.group != DISCUSS, not self.borderline, -self.disagreement, abs((self.p_pass or 0.0) - 0.5))


def of(result: Judged, policy: Mapping[str, Any], *, pulled: bool = False) -> Triage:
    """Agreed: the interval is clear of the pass mark, no alarm, no gate on which the panel is split, nobody pulled it back."""
    value, error = float(result.total or 0), standard_error(result)
    p_pass = (getattr(result, "detail", None) or {}).get("p_pass")
    if p_pass is None and error is not None and result.total:
        p_pass = _above(value - float(policy["pass_mark"]), error)
    low, high = (float(bound) for bound in policy.get("borderline") or BAND)
    band = p_pass is not None and low <= p_pass <= high
    alarms = sum(bool(sheet.get("alarm")) for sheet in result.sheets)
    split = any(gate["yes"] and gate["no"] for gate in result.gates)
    group = DISCUSS
    if p_pass is not None and not (band or alarms or split or pulled):
        if result.outcome == "recommended" and p_pass > high:
            group = HIGH
        elif result.outcome == "not_recommended" and p_pass < low:
            group = LOW
    return Triage(group, p_pass, band, float(result.sd or 0), alarms)


def standard_error(result: Judged) -> float | None:
    """Of the value; the model's where the run gives one, else that of the mean of its sheets."""
    given = getattr(result, "se", None)
    if given not in (None, ""):
        return float(given)
    return float(result.sd) / sqrt(result.n_sheets) if result.sd and result.n_sheets > 1 else None


def renumbered(values: Sequence[str]) -> list[int]:
    """Places among those that somebody may see: the same number for the same value, and no gap that tells of another."""
    return [1 + sum(float(other or -1) > float(value or -1) for other in values) for value in values]


def _above(distance: float, error: float) -> float:
    if error == 0:
        return 1.0 if distance >= 0 else 0.0
    return 0.5 * (1 + erf(distance / (error * sqrt(2))))
