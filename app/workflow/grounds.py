"""The grounds of conflicts as staff read them: those that rules find, and those that people declare."""

from __future__ import annotations

from typing import Any

from app.workflow.declarations import GROUNDS

# In the order in which people look through them.
BY_RULE: dict[str, dict[str, str]] = {
    "same_organisation": {"ko": "신청기업 소속", "en": "Works for the applicant"},
    "participant": {"ko": "과제 참여자·이해관계자", "en": "Listed in the dossier"},
    "employment": {"ko": "최근 재직", "en": "Employed there lately"},
    "holding": {"ko": "주식·스톡옵션 보유", "en": "Holds shares or options"},
    "kin": {"ko": "친족", "en": "Kin"},
    "same_unit": {"ko": "같은 학과·부서", "en": "Same department"},
    "rival": {"ko": "경쟁 신청기업", "en": "Rival applicant"},
    "paid_work": {"ko": "유급 자문·용역", "en": "Paid work"},
    "litigation": {"ko": "소송·분쟁", "en": "Litigation"},
    "sanction": {"ko": "평가 제재", "en": "Sanctioned over a review"},
    "adviser": {"ko": "지도교수·제자", "en": "Adviser or advisee"},
    "co_work": {"ko": "공동 실적", "en": "Work made together"},
    "same_institution": {"ko": "같은 기관, 다른 부서", "en": "Same institution, another unit"},
    "declared": {"ko": "사전 신고한 이해관계", "en": "Standing interest declared"},
    "judged_before": {"ko": "해당 과제·신청기업 평가 이력", "en": "Judged research or applicant before"},
    "former_panellist": {"ko": "이전 회차 평가위원", "en": "Judged it in an earlier round"},
}


def label(code: str) -> Any:
    """A pair ko/en; a ground nobody labelled shows its code."""
    return BY_RULE.get(code) or GROUNDS.get(code) or {"ko": code, "en": code}
