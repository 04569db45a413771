"""How pilot requests are ranked and how much one product, institution or company may take: one year's dated policy, not code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

# Which sub-fields a theme is meant for: assumed, since the programme publishes themes without a split.
THEME_FIELDS: dict[str, tuple[str, ...]] = {
    "tech_lead": ("F01", "F02", "F03", "F04", "F05", "F07", "F08", "F09", "F10", "F11", "F12", "F21", "F22"),
    "citizen": ("F03", "F06", "F18", "F19", "F20", "F22", "F23"),
    "social": ("F13", "F14", "F15", "F16", "F17", "F18", "F24"),
    "overseas": ("F06", "F22", "F23", "F24", "F21", "F09"),
}


AMOUNT_MOST = 10**13  # won; more than that is a slip of the keyboard


@dataclass(frozen=True)
class Policy:
    """Points add up to 100; caps are shares of a theme's budget in per cent."""

    version: int = 0  # 0: the programme's defaults, not pinned yet
    theme_points: int = 25
    commitment_points: int = 40
    fit_points: int = 20
    spread_points: int = 15
    company_cap_pct: int = 30
    institution_cap_pct: int = 30
    small_pilot_krw: int = 50_000_000
    pilot_months: int = 12
    theme_fields: Mapping[str, Sequence[str]] = field(default_factory=lambda: dict(THEME_FIELDS))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


POINTS = ("theme_points", "commitment_points", "fit_points", "spread_points")


def problems(policy: Policy, fields_known: Iterable[str]) -> dict[str, str]:
    """What cannot work, by field."""
    found: dict[str, str] = {}
    for name in POINTS:
        if not 0 <= getattr(policy, name) <= 100:
            found[name] = "pilot_rules.points_range"
    if not found and sum(getattr(policy, name) for name in POINTS) != 100:
        found["theme_points"] = "pilot_rules.points_sum"
    for name in ("company_cap_pct", "institution_cap_pct"):
        if not 1 <= getattr(policy, name) <= 100:
            found[name] = "pilot_rules.share_range"
    if not 0 <= policy.small_pilot_krw <= AMOUNT_MOST:
        found["small_pilot_krw"] = "budget.invalid"
    if not 1 <= policy.pilot_months <= 60:
        found["pilot_months"] = "pilot_rules.months_range"
    known = set(fields_known)
    for theme, codes in policy.theme_fields.items():
        if not codes or not set(codes) <= known:
            found[f"fields.{theme}"] = "pilot_rules.theme_empty"
    return found


def from_json(stored: Mapping[str, Any]) -> Policy:
    known = {f.name for f in fields(Policy)}
    return Policy(**{k: v for k, v in stored.items() if k in known})


@dataclass(frozen=True)
class Asked:
    """What ranking knows of a request: all from the request itself, its product and the year's other requests."""

    theme: str
    field: str
    running_cost: str
    follow_on: bool
    kpis: Sequence[str]
    purpose: str
    site: str
    same_region: bool
    of_institution: int  # requests of this institution this year, this one included
    of_product: int  # requests for this product this year, this one included


@dataclass(frozen=True)
class Part:
    """One reason of a rank: what it gave, of how much."""

    code: str
    points: float
    of: int
    data: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "points": self.points, "of": self.of, "data": dict(self.data)}


def score(asked: Asked, policy: Policy) -> tuple[float, tuple[Part, ...]]:
    """Theme, commitment, fit and spread, each with what it was computed from.

    >>> full = Asked("citizen", "F20", "own budget", True, ("a", "b", "c"), "why", "where", False, 1, 1)
    >>> score(full, Policy())[0]
    100.0
    """
    on_theme = asked.field in policy.theme_fields.get(asked.theme, ())
    paid = bool(asked.running_cost.strip())
    kpis = min(len(asked.kpis), 3)
    parts = (
        _part("theme", 1.0 if on_theme else 0.4, policy.theme_points, field=asked.field, theme=asked.theme, on_theme=on_theme),
        _part(
            "commitment", 0.4 * paid + 0.6 * asked.follow_on, policy.commitment_points, running_cost=paid, follow_on=asked.follow_on
        ),
        _part(
            "fit",
            0.2 * kpis + 0.2 * bool(asked.purpose.strip()) + 0.2 * bool(asked.site.strip()),
            policy.fit_points,
            kpis=len(asked.kpis),
        ),
        _part(
            "spread",
            (1 / asked.of_institution + 1 / asked.of_product) / 2 * (0.8 if asked.same_region else 1.0),
            policy.spread_points,
            of_institution=asked.of_institution,
            of_product=asked.of_product,
            same_region=asked.same_region,
        ),
    )
    return round(sum(p.points for p in parts), 2), parts


def _part(code: str, share: float, of: int, **data: Any) -> Part:
    return Part(code, round(of * min(share, 1.0), 2), of, data)
