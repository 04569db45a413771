"""The grounds of conflicts as staff read them: those that rules find, and those that people declare."""

from __future__ import annotations

from typing import Any

from app.workflow.declarations import GROUNDS

BY_RULE: dict[str, dict[str, str]] = {
    "same_organisation": {"ko": "신청기업 소속", "en": "Works for the applicant"},
    "declared": {"ko": "사전 신고한 이해관계", "en": "Standing interest declared"},
    "participant": {"ko": "과제 참여자", "en": "Listed in the dossier"},
    "co_work": {"ko": "공동 실적", "en": "Work made together"},
    "employment": {"ko": "최근 재직", "en": "Employed there lately"},
    "kin": {"ko": "친족", "en": "Kin"},
    "paid_work": {"ko": "유급 자문·용역", "en": "Paid work"},
    "adviser": {"ko": "지도교수·제자", "en": "Adviser or advisee"},
    "former_panellist": {"ko": "이전 회차 평가위원", "en": "Judged it in an earlier round"},
}


def label(code: str) -> Any:
    """A pair ko/en; a ground nobody labelled shows its code."""
    return BY_RULE.get(code) or GROUNDS.get(code) or {"ko": code, "en": code}
