"""What each number of a year's pilot policy means, in words; the form and the history of versions are drawn from it."""

from __future__ import annotations

from app.workflow.rule_labels.words import KRW, MONTHS, PERCENT, RuleLabel


def _label(name: str, ko: str, en: str, why_ko: str, why_en: str, unit: dict[str, str] | None = None) -> RuleLabel:
    return RuleLabel(name, {"ko": ko, "en": en}, {"ko": why_ko, "en": why_en}, unit=unit)


POINTS = (
    _label(
        "theme_points",
        "분야 적합",
        "Theme",
        "제품의 세부기술분야가 해당 예산 분야에 속하는지",
        "Whether the product's sub-field belongs to the budget line",
    ),
    _label(
        "commitment_points",
        "이용 의지",
        "Commitment",
        "운영비 확보와 후속구매 계획",
        "Running cost named and follow-on purchase planned",
    ),
    _label("fit_points", "준비도", "Readiness", "성과지표, 목적, 설치 장소", "Indicators, purpose and site"),
    _label(
        "spread_points",
        "고른 배분",
        "Even spread",
        "같은 기관, 같은 제품, 같은 지역에 몰리지 않는지",
        "Not many of one institution, product or region",
    ),
)
LIMITS = (
    _label(
        "company_cap_pct",
        "기업별 상한",
        "Cap of one company",
        "예산 분야마다 한 기업이 차지할 수 있는 몫",
        "What one company may take of a budget line",
        PERCENT,
    ),
    _label(
        "institution_cap_pct",
        "기관별 상한",
        "Cap of one institution",
        "예산 분야마다 한 기관이 차지할 수 있는 몫",
        "What one institution may take of a budget line",
        PERCENT,
    ),
    _label(
        "small_pilot_krw",
        "소액 시범구매 상한",
        "Small pilot, at most",
        "같은 기관의 같은 제품 재신청은 이 금액까지만 됩니다.",
        "A second pilot of the same product at the same institution stays under it.",
        KRW,
    ),
    _label(
        "pilot_months",
        "시범사용 기간",
        "Months of pilot use",
        "지나면 결과를 보고합니다.",
        "Then the institution reports.",
        MONTHS,
    ),
)
LABELS: dict[str, RuleLabel] = {label.name: label for label in (*POINTS, *LIMITS)}
