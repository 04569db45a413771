"""What labels of rules are made of: the records, units and choices that several rules share."""

from __future__ import annotations

from dataclasses import dataclass

from app.workflow.regions import REGIONS

Pair = dict[str, str]


def pair(ko: str, en: str) -> Pair:
    return {"ko": ko, "en": en}


def choices_of(*rows: str) -> dict[str, Pair]:
    parts = [[part.strip() for part in row.split("|")] for row in rows]
    return {key: pair(ko, en) for key, ko, en in parts}


@dataclass(frozen=True)
class RuleLabel:
    """`kind`: whole, numbers, text, choice, choices, flag, quotas, points (a number for some choices). `unit` follows a number."""

    name: str
    label: Pair
    why: Pair
    kind: str = "whole"
    unit: Pair | None = None
    choices: dict[str, Pair] | None = None


@dataclass(frozen=True)
class RuleGroup:
    key: str
    label: Pair
    rules: tuple[RuleLabel, ...]


DAYS, YEARS, SEATS, PEOPLE = pair("일", "days"), pair("년", "years"), pair("석", "seats"), pair("명", "people")
KRW, PERCENT, SECONDS, MONTHS = pair("원", "KRW"), pair("%", "%"), pair("초", "seconds"), pair("개월", "months")

SEAT_TYPES = choices_of(
    "technology | 기술 | Technology", "market | 시장 | Market", "procurement | 조달·수요기관 | Procurement and demand"
)
AREAS = {("capital", "outside"): pair("수도권 밖", "Outside the capital region")} | {
    ("region", key): label for key, label in REGIONS.items()
}
SECTORS = choices_of("academia | 학계 | Academia", "industry | 산업계 | Industry", "public | 공공 | Public sector")
QUOTA_VALUES = SEAT_TYPES | SECTORS | {value: label for (_attribute, value), label in AREAS.items()}


def rule(
    name: str,
    ko: str,
    en: str,
    why_ko: str,
    why_en: str,
    kind: str = "whole",
    unit: Pair | None = None,
    choices: dict[str, Pair] | None = None,
) -> RuleLabel:
    return RuleLabel(name, pair(ko, en), pair(why_ko, why_en), kind, unit, choices)
