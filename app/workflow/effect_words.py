"""A change of a designation in words, both languages: what each field of the certificate stated before and states after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.workflow.wordlists import REQUEST_FIELDS, TERMS, Entry

Pair = Mapping[str, str]


@dataclass(frozen=True)
class Change:
    field: str
    label: Entry
    before: Pair
    after: Pair


def changes(effect: Mapping[str, Any]) -> tuple[Change, ...]:
    """In the order of the certificate; what is no field of it (the request's id) is left out."""
    return tuple(
        Change(field, label, _pair(field, effect[field][0]), _pair(field, effect[field][1]))
        for field, label in REQUEST_FIELDS.items()
        if field in effect
    )


def _pair(field: str, value: Any) -> Pair:
    if isinstance(value, Mapping):
        return {"ko": str(value.get("ko") or ""), "en": str(value.get("en") or value.get("ko") or "")}
    if field == "term":
        return {"ko": TERMS[value].ko, "en": TERMS[value].en}
    if field == "valid_until":
        day = date.fromisoformat(value)
        return {"ko": f"{day.year}. {day.month}. {day.day}.", "en": value}
    text = ", ".join(value) if isinstance(value, list) else str(value)
    return {"ko": text or "–", "en": text or "–"}
