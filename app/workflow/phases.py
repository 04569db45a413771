"""The way of an application in plain phases, as its applicant reads it: the same for everybody, whatever happens inside."""

from __future__ import annotations

from dataclasses import dataclass

Pair = dict[str, str]


@dataclass(frozen=True)
class Phase:
    """`states` are those in which an application stands in this phase; `what` says what happens and who acts."""

    key: str
    label: Pair
    what: Pair
    states: tuple[str, ...]


def _phase(key: str, ko: str, en: str, what_ko: str, what_en: str, *states: str) -> Phase:
    return Phase(key, {"ko": ko, "en": en}, {"ko": what_ko, "en": what_en}, states)


JUDGING = ("assigned", "in_review", "interview", "site_check", "panel_deliberation")
PHASES: tuple[Phase, ...] = (
    _phase(
        "received", "접수", "Received", "마감 뒤 요건심사를 시작합니다.", "The eligibility check begins after closing.", "submitted"
    ),
    _phase(
        "eligibility",
        "요건심사",
        "Eligibility check",
        "담당자가 요건을 확인하고, 필요하면 한 번 보완을 요청합니다.",
        "Coordinators check the requirements and may ask once for a supplement.",
        "eligibility",
        "supplement",
        "ineligible",
    ),
    _phase(
        "review",
        "평가",
        "Review",
        "평가위원회가 신청서류를 평가합니다. 위원에 관한 사항은 알려 드리지 않습니다.",
        "A panel judges the dossier. Nothing is said about its members.",
        "eligible",
        *JUDGING,
    ),
    _phase(
        "fitness",
        "조달적합성 검토",
        "Fitness review",
        "조달청이 인증, 직접생산, 물품번호, 가격을 확인합니다.",
        "The procurement service looks at certificates, production, catalogue number and price.",
        "recommended",
        "not_recommended",
        "fitness_review",
        "fitness_returned",
    ),
    _phase(
        "notice", "심의예정 공고", "Public notice", "누구나 공고 이의를 낼 수 있습니다.", "Anybody may object.", "public_notice"
    ),
    _phase(
        "committee",
        "조달정책심의",
        "Committee deliberation",
        "조달정책심의위원회가 지정 여부를 정합니다.",
        "The committee decides on the designation.",
        "committee_deliberation",
        "deferred",
    ),
    _phase(
        "decided",
        "지정",
        "Designation",
        "지정 인증서가 발급되고 목록에 오릅니다.",
        "The certificate is issued and the product listed.",
        "designated",
        "rejected",
    ),
)
ENDS: dict[str, Pair] = {
    "ineligible": {"ko": "요건 미충족", "en": "Requirements not met"},
    "rejected": {"ko": "미지정", "en": "Not designated"},
    "withdrawn": {"ko": "철회", "en": "Withdrawn"},
}
PHASE_OF: dict[str, str] = {state: phase.key for phase in PHASES for state in phase.states}
RE_REVIEW = _phase(
    "re_review",
    "재심의",
    "Re-review",
    "이의가 인용되어, 앞선 평가에 참여하지 않은 위원들이 다시 평가합니다. 앞선 평가 결과는 효력이 없습니다.",
    "An objection was upheld: people who took no part before judge the dossier again. The former result no longer counts.",
    "re_review",
    *JUDGING,
)


def phases_of(again: bool) -> tuple[Phase, ...]:
    """The way of an application; `again`: a re-review was ordered, and follows the review."""
    at = 1 + next(n for n, phase in enumerate(PHASES) if phase.key == "review")
    return (*PHASES[:at], RE_REVIEW, *PHASES[at:]) if again else PHASES


def phase_of(state: str, again: bool) -> str | None:
    return RE_REVIEW.key if again and state in RE_REVIEW.states else PHASE_OF.get(state)
