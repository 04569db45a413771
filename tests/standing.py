"""Requests about designations for tests: what a holder sends, filed and taken up, decided by two coordinators."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

from app.documents.intake import Sent
from app.files import Files
from app.models.designation_requests import DesignationRequest
from app.models.designations import Designation
from app.stages.designation_requests import deciding, filing
from app.workflow.actors import Actor
from tests.after_panels import BASE, World

ENTERED: dict[str, dict[str, str]] = {
    "extension": {"text": "공공기관 열두 곳에 판매하였습니다."},
    "change": {"nature": "addition", "models": "RD-1\nRD-1S", "item_ids": "2345-6789", "text": "야간용 모델을 더합니다."},
    "transfer": {
        "ground": "merger",
        "business_no": "380-81-00318",
        "company": "(주)이어받음",
        "company_en": "Successor Ltd",
        "text": "합병하였습니다.",
    },
}


def paper(text: str = "증빙") -> Sent:
    return Sent(BytesIO(b"%PDF-1.7\n" + text.encode()), f"{text}.pdf")


def near_the_end(here: World, row: Designation, days: int = 100) -> None:
    """So many days before the last valid day."""
    day = row.valid_until - timedelta(days=days)
    here.now = here.now.replace(year=day.year, month=day.month, day=day.day)


def ask(
    here: World, files: Files, row: Designation, kind: str, *, actor: Actor | None = None, **changed: str
) -> DesignationRequest:
    return filing.file(
        here.session,
        row.public_id,
        kind,
        entered=ENTERED[kind] | changed,
        evidence=[paper()],
        files=files,
        actor=actor or here.applicant,
        now=here.now,
    )


def under_review(here: World, files: Files, row: Designation, kind: str, **changed: str) -> DesignationRequest:
    request = ask(here, files, row, kind, **changed)
    return deciding.take_up(here.session, request.public_id, actor=here.coordinator, now=here.now)


def decide(here: World, request: DesignationRequest, actor: Actor, verb: str = "approve", **texts: str) -> Any:
    given: dict[str, Any] = {"text_ko": "", "text_en": ""} | texts
    return getattr(deciding, verb)(here.session, request.public_id, actor=actor, now=here.now, base_url=BASE, **given)


def granted(here: World, files: Files, row: Designation, kind: str, **changed: str) -> DesignationRequest:
    request = under_review(here, files, row, kind, **changed)
    decide(here, request, here.coordinator, text_ko="기준을 충족함.", text_en="The criteria are met.")
    decide(here, request, here.second)
    return request
