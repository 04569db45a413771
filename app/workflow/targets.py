"""What a call aims at in its panels without making it a rule: people from outside the capital region, and first-timers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.workflow import regions
from reviewers.records import Target

OUTSIDE, FIRST_TIMER = ("capital", "outside"), ("first_timer", "yes")
ATTRIBUTES = (OUTSIDE[0], FIRST_TIMER[0])
LABELS = {
    OUTSIDE: {"ko": "수도권 밖 위원", "en": "Panellists from outside the capital region"},
    FIRST_TIMER: {"ko": "처음 평가하는 위원", "en": "First-time panellists"},
}
NAMES = ("outside_least", "outside_pct", "newcomer_pct", "target_price", "capital_regions")  # the rules that state them


@dataclass(frozen=True, slots=True)
class Met:
    """A target as panels stand: `wanted` and `got` count seats, `lacking` holds the numbers of the panels below a `least`."""

    attribute: str
    value: str
    least: int
    wanted: int
    got: int
    lacking: tuple[int, ...]

    @property
    def label(self) -> dict[str, str]:
        return LABELS[self.attribute, self.value]

    @property
    def missed(self) -> int:
        return max(0, self.wanted - self.got)


def of(given: Mapping[str, Any]) -> tuple[Target, ...]:
    """Under `given`, the rules of a call or the parameters of a run; a hundredth of affinity is the unit of the price."""
    price = given.get("target_price", 5) / 100
    wanted = (
        Target(*OUTSIDE, least=given.get("outside_least", 0), price=price),
        Target(*OUTSIDE, share=given.get("outside_pct", 0) / 100, price=price),
        Target(*FIRST_TIMER, share=given.get("newcomer_pct", 0) / 100, price=price),
    )
    return tuple(target for target in wanted if price and (target.least or target.share))


def attributes(given: Mapping[str, Any], region: str, *, newcomer: bool) -> dict[str, str]:
    """What targets ask of an expert; who says no region counts neither inside nor outside the capital."""
    found = {"first_timer": "yes" if newcomer else "no"}
    if region:
        inside = regions.short(region) in given.get("capital_regions", regions.CAPITAL)
        found["capital"] = "inside" if inside else "outside"
    return found


def met(given: Mapping[str, Any], panels: Iterable[tuple[int, int, Iterable[Mapping[str, str]]]]) -> tuple[Met, ...]:
    """How far panels meet the targets; each is its number, the seats wanted, and the attributes of whoever sits there."""
    laid = [(number, wanted, list(people)) for number, wanted, people in panels]
    found = []
    for target in of(given):
        got = [sum(who.get(target.attribute) == target.value for who in people) for _, _, people in laid]
        seats = sum(wanted for _, wanted, _ in laid)
        least = [min(target.least, wanted) for _, wanted, _ in laid]
        lacking = tuple(number for (number, _, _), n, low in zip(laid, got, least, strict=True) if n < low)
        wanted = sum(least) if target.least else -(-round(100 * target.share) * seats // 100)
        counted = sum(map(min, got, least)) if target.least else sum(got)
        found.append(Met(target.attribute, target.value, target.least, wanted, counted, lacking))
    return tuple(found)
