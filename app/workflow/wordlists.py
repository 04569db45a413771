"""Closed lists of the later steps, each entry with its two labels: checks, grounds, outcomes, themes, indicators."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    key: str
    ko: str
    en: str


def _entries(*rows: str) -> dict[str, Entry]:
    """`key | ko | en`"""
    parsed = (Entry(*(part.strip() for part in row.split("|"))) for row in rows)
    return {entry.key: entry for entry in parsed}


FITNESS_CHECKS = _entries(
    "certificates | 법정인증을 갖추었거나 해당하지 않음 | Statutory certificates held, or none needed",
    "direct_production | 직접생산 또는 협업계약 확인 | Direct production or partner contract shown",
    "catalogue_no | 물품목록번호(세부품명번호) 확인 | Catalogue number confirmed",
    "price_evidence | 가격 근거 자료 확인 | Evidence of the price",
)
CHECK_ANSWERS = _entries("yes | 충족 | Met", "no | 미충족 | Not met", "not_applicable | 해당 없음 | Not applicable")

NOTICE_GROUNDS = _entries(
    "earlier_product | 이미 판매되던 제품과 같거나 베낀 제품 | The product copies one sold before",
    "rights | 특허 등 권리 침해 | Infringes a patent or another right",
    "false_document | 서류가 사실과 다름 | A document is false",
    "requirements | 신청 요건 미충족 | A requirement is not met",
    "safety | 안전 문제 | Safety",
    "other | 그 밖의 사유 | Another ground",
)
APPLICANT_GROUNDS = _entries(
    "procedure | 절차 위반 | The procedure was not followed",
    "fact | 사실 오인 | Facts were misread",
    "calculation | 점수 계산 오류 | The marks were added up wrongly",
    "conflict | 평가위원의 이해충돌 | A panellist had a conflict of interest",
    "requirements | 요건 판단 오류 | A requirement was judged wrongly",
)
ANSWERS = _entries(
    "upheld | 인용 | Upheld",
    "partly_upheld | 일부 인용 | Partly upheld",
    "dismissed | 기각 | Dismissed",
)

COMMITTEE_OUTCOMES = _entries("designated | 지정 | Designate", "rejected | 미지정 | Do not designate", "deferred | 보류 | Defer")

EVENTS = _entries(
    "designated | 지정 | Designated",
    "extended | 유효기간 연장 | Term extended",
    "changed | 규격추가 | Specification added",
    "transferred | 지정서 이전 | Transferred to another holder",
    "suspended | 거래정지 | Suspended",
    "resumed | 거래정지 해제 | Suspension lifted",
    "cancelling | 취소 절차 시작 | Cancellation begun",
    "kept | 취소하지 않음 | Cancellation not upheld",
    "cancelled | 지정취소 | Cancelled",
    "returned | 반납 | Returned",
    "expired | 만료 | Expired",
    "listed | 목록 공표 | Put on the certified list",
)

TERMS = _entries(
    "base | 최초 지정 | First term",
    "ext1 | 1차 연장 | First extension",
    "ext2 | 2차 연장 | Second extension",
    "ext3 | 3차 연장 | Third extension",
)
REQUEST_KINDS = _entries(
    "extension | 유효기간 연장 | Extension of the term",
    "change | 규격추가·변경 | Specification addition or change",
    "transfer | 지정서 이전 | Transfer to another company",
)
CHANGE_NATURES = _entries(
    "addition | 규격추가: 증빙자료를 붙여 신청 | Specification addition, with evidence",
    "minor | 경미한 변경: 서약으로 신청 | Minor change, with a pledge",
)
TRANSFER_GROUNDS = _entries(
    "comprehensive | 포괄적 양도·양수 | Comprehensive transfer of the business",
    "merger | 합병·분할 | Merger or division",
    "closure | 폐업에 따른 승계 | Succession after a closure",
    "youth | 청년창업기업 승계 | Taken over by a youth start-up",
)
REQUEST_FIELDS = _entries(
    "term | 구분 | Term",
    "valid_until | 유효기간 만료일 | Last valid day",
    "models | 모델명 | Models",
    "item_ids | 물품식별번호 | Item identification numbers",
    "company | 지정기업 | Holder",
    "business_no | 사업자등록번호 | Business registration number",
)

THEMES = _entries(
    "tech_lead | 기술선도 | Leading technology",
    "citizen | 국민체감 | Felt by citizens",
    "social | 사회적 책임 | Social responsibility",
    "overseas | 해외실증 | Overseas demonstration",
)
GRADES = _entries("good | 우수 | Good", "fair | 보통 | Fair", "poor | 미흡 | Poor")

OUTCOME_GROUPS = _entries("corporate_growth | 기업 성장 | Corporate growth", "pilot_relevance | 시범사용 성과 | Pilot relevance")
INDICATORS: dict[str, dict[str, Entry]] = {
    "corporate_growth": _entries(
        "sales | 매출액 | Sales",
        "public_sales | 공공 매출액 | Public sales",
        "export | 수출액 | Export",
        "jobs | 고용 | Jobs",
        "investment | 투자 유치 | Investment",
        "ip | 지식재산 | Intellectual property",
        "certificates | 인증 | Certificates",
    ),
    "pilot_relevance": _entries(
        "targets_met | 목표 달성 | Targets met",
        "follow_up | 같은 기관의 후속구매 | Follow-up by the same institution",
        "purchases_elsewhere | 다른 기관의 구매 | Purchases elsewhere",
        "improvements | 의견 반영 개선 | Improvements from feedback",
        "still_in_use | 계속 사용 | Still in use",
    ),
}
ATTRIBUTIONS = _entries("direct | 직접 | Direct", "indirect | 간접 | Indirect", "none | 없음 | None")

# What each indicator is counted in: assumed, since the programme names the groups and not the figures.
INDICATOR_UNITS = _entries(
    "krw | 원 | KRW", "people | 명 | people", "cases | 건 | cases", "percent | % | %", "units | 대 | units"
)
UNIT_OF = {
    "sales": "krw",
    "public_sales": "krw",
    "export": "krw",
    "investment": "krw",
    "jobs": "people",
    "ip": "cases",
    "certificates": "cases",
    "targets_met": "percent",
    "follow_up": "krw",
    "purchases_elsewhere": "krw",
    "improvements": "cases",
    "still_in_use": "units",
}
AFTER_USES = _entries(
    "in_use | 사용 중 | In use",
    "stopped | 사용 중단 | No longer used",
    "moved | 다른 곳으로 이전 | Moved elsewhere",
    "returned | 반환 | Returned",
    "scrapped | 폐기 | Scrapped",
)
