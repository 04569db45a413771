"""How pilot requests are ranked and how much one product, institution or company may take: one year's dated policy, not code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

# Which sub-fields a theme is meant for: assumed, since the programme publishes themes without a split.
THEME_FIELDS: dict[str, tuple[str, ...]] = {
    "tech_lead": ("F01", "F02", "F03", "F04", "F05", "F07", "F08", "F09", "F10", "F11", "F12", "F21", "F22"),
    "citizen": ("F03", "F06", "F18", "F19", "F20", "F22", "F23"),
    "social": ("F13", "F14", "F15", "F16", "F17", "F18", "F24"),
    "overseas": ("F06", "F22", "F23", "F24", "F21", "F09"),
}


@dataclass(frozen=True)
class Policy:
    """Points add up to 100; caps are shares of a theme's budget in per cent."""

    version: int = 1
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
