"""The kinds of seats a panel has, with their labels: one place for the library, the pages and the exports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SeatType:
    """A kind of seat: `code` in data, `ko` and `en` on pages."""

    code: str
    ko: str
    en: str


TECHNOLOGY = SeatType("technology", "기술", "Technology")
MARKET = SeatType("market", "시장", "Market")
PROCUREMENT = SeatType("procurement", "조달·수요기관", "Procurement and demand")
FREE = SeatType("free", "자유", "Free")  # any expert may take it; it is never a property of an expert

SEAT_TYPES: dict[str, SeatType] = {kind.code: kind for kind in (TECHNOLOGY, MARKET, PROCUREMENT, FREE)}
