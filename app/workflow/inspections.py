"""What the record of an interview or a site check says, and what it must say before the application goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.clock import today_kst

ANSWERS = ("yes", "no", "not_applicable")
OUTCOMES = ("fit", "supplement", "unfit")
INSPECTORS_LEAST = 2
TEXT_MOST = 10_000
CHECKS: Mapping[str, Mapping[str, str]] = {
    "facility": {"ko": "생산시설이 신청서류와 같다", "en": "The facility is as the dossier says"},
    "core_technology": {"ko": "핵심기술이 실제로 쓰인다", "en": "The core technology is in use"},
    "parts_origin": {"ko": "부품의 원산지가 확인된다", "en": "The origin of the parts is shown"},
    "quality": {"ko": "품질관리 절차가 운영된다", "en": "Quality assurance is in operation"},
    "test_equipment": {"ko": "시험장비를 갖추고 있다", "en": "The test equipment is there"},
}


@dataclass(frozen=True)
class Inspected:
    """As the coordinator enters it; a site check answers every item of CHECKS."""

    held_on: date | None
    text: str
    place: str = ""
    people: Sequence[str] = ()
    items: Sequence[Mapping[str, str]] = ()
    outcome: str = ""
    signed_by: str = ""


def problems(kind: str, found: Inspected, *, now: datetime) -> dict[str, str]:
    """By field, what is missing or wrong."""
    wrong: dict[str, str] = {}
    if found.held_on is None:
        wrong["held_on"] = "guard.date_missing"
    elif found.held_on > today_kst(now):
        wrong["held_on"] = "inspection.in_future"
    if not found.text.strip():
        wrong["text"] = "guard.report_missing"
    elif len(found.text) > TEXT_MOST:
        wrong["text"] = "sheet.text_too_long"
    if kind != "site_check":
        return wrong
    if len([name for name in found.people if name.strip()]) < INSPECTORS_LEAST:
        wrong["people"] = "inspection.two_inspectors"
    if not found.signed_by.strip():
        wrong["signed_by"] = "inspection.signature_missing"
    if found.outcome not in OUTCOMES:
        wrong["outcome"] = "inspection.outcome_missing"
    answered = {item.get("code"): item for item in found.items if item.get("answer") in ANSWERS}
    for code in CHECKS:
        if code not in answered:
            wrong[f"item.{code}"] = "inspection.answer_missing"
        elif answered[code]["answer"] == "no" and not answered[code].get("note", "").strip():
            wrong[f"item.{code}"] = "inspection.note_missing"
    return wrong
