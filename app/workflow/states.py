"""Every state of every subject, with the label staff read and the one the public or the applicant reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class State:
    key: str
    ko: str
    en: str
    public_ko: str
    public_en: str
    final: bool = False

    @property
    def public(self) -> dict[str, str]:
        return {"ko": self.public_ko, "en": self.public_en}


def _states(*rows: str) -> dict[str, State]:
    """`key | ko | en [| public ko | public en]`; a key that ends in ! is final."""
    out: dict[str, State] = {}
    for row in rows:
        parts = [p.strip() for p in row.split("|")]
        key, ko, en = parts[:3]
        public_ko, public_en = parts[3:5] if len(parts) == 5 else (ko, en)
        out[key.rstrip("!")] = State(key.rstrip("!"), ko, en, public_ko, public_en, key.endswith("!"))
    return out


STATES: dict[str, dict[str, State]] = {
    "call": _states(
        "draft | 작성 중 | Draft", "open | 접수 중 | Open", "closed | 접수 마감 | Closed", "archived! | 종료 | Archived",
    ),
    "application": _states(
        "draft | 작성 중 | Draft",
        "submitted | 제출 | Submitted | 접수 | Received",
        "eligibility | 요건심사 | Eligibility check",
        "supplement | 보완 | Supplement | 보완 요청 | Supplement asked",
        "ineligible | 부적격 | Ineligible | 요건 미충족 | Requirements not met",
        "eligible | 적격 | Eligible | 요건 충족 | Requirements met",
        "assigned | 배정 | Assigned | 평가 준비 | Review being prepared",
        "in_review | 평가 중 | In review | 평가 중 | In review",
        "interview | 면접 | Interview | 평가 중 | In review",
        "site_check | 현장확인 | Site check | 현장확인 | Site check",
        "panel_deliberation | 종합심사 | Panel deliberation | 평가 중 | In review",
        "recommended | 추천 | Recommended | 심의 준비 | Deliberation being prepared",
        "not_recommended | 미추천 | Not recommended | 심의 준비 | Deliberation being prepared",
        "fitness_review | 조달적합성 검토 | Fitness review | 조달적합성 검토 | Fitness review",
        "fitness_returned | 적합성 보완 | Fitness returned | 조달적합성 보완 | Fitness: answer needed",
        "public_notice | 심의예정 공고 | Public notice",
        "committee_deliberation | 조달정책심의 | Committee deliberation | 위원회 심의 | Committee deliberation",
        "deferred | 보류 | Deferred",
        "designated! | 지정 | Designated",
        "rejected | 미지정 | Rejected | 미지정 | Not designated",
        "re_review | 재심의 | Re-review",
        "withdrawn | 철회 | Withdrawn",
    ),
    "import_run": _states(
        "queued | 대기 | Queued", "done! | 완료 | Done", "refused! | 거부 | Refused",
    ),
    "match_run": _states(
        "queued | 대기 | Queued", "running | 실행 중 | Running", "done | 산출 완료 | Computed",
        "draft | 조정안 | Edited draft", "failed! | 실패 | Failed", "stopped! | 중지 | Stopped",
        "deployed | 확정 | Deployed", "withdrawn! | 철회 | Withdrawn",
    ),
    "seat": _states(
        "candidate | 후보 | Candidate", "excluded | 제척 | Excluded", "drawn | 선정 | Drawn", "invited | 위촉 요청 | Invited",
        "accepted | 수락 | Accepted", "declined | 거절 | Declined", "no_answer | 무응답 | No answer", "pledged | 서약 | Pledged",
        "active | 평가 중 | Active", "done! | 완료 | Done", "recused | 회피 | Recused", "challenged_out | 기피 | Challenged out",
        "replaced! | 교체 | Replaced", "called_off! | 요청 취소 | Called off",
    ),
    "sheet": _states(
        "empty | 새 평가 | New", "draft | 작성 중 | Draft", "locked | 제출 | Locked", "reopened | 재작성 | Reopened",
        "void! | 무효 | Void",
    ),
    "conflict": _states(
        "raised | 확인 전 | Suggested", "upheld | 인정 | Confirmed", "pinned | 고정 | Pinned", "dismissed | 기각 | Dismissed",
        "waived | 예외 인정 | Waived", "noted | 참고 | Shown only", "lapsed | 근거 소멸 | No longer found",
    ),
    "challenge": _states(
        "filed | 접수 | Filed", "upheld! | 인용 | Upheld", "dismissed! | 기각 | Dismissed", "withdrawn! | 취하 | Withdrawn",
    ),
    "objection": _states(
        "filed | 접수 | Filed", "inadmissible! | 각하 | Inadmissible", "under_review | 검토 중 | Under review",
        "extended | 기간 연장 | Extended", "upheld! | 인용 | Upheld", "partly_upheld! | 일부 인용 | Partly upheld",
        "dismissed! | 기각 | Dismissed",
    ),
    "designation": _states(
        "active | 유효 | Active | 유효 | Valid", "suspended | 거래정지 | Suspended",
        "cancelling | 취소 절차 | Cancellation in progress", "cancelled! | 지정취소 | Cancelled",
        "returned! | 반납 | Returned", "expired! | 만료 | Expired",
    ),
    "designation_request": _states(
        "filed | 접수 | Filed", "under_review | 검토 중 | Under review",
        "returned | 보완 요청 | Returned | 보완 요청 | Answer needed",
        "approved! | 승인 | Approved", "refused! | 불승인 | Refused", "withdrawn! | 철회 | Withdrawn",
    ),
    "pilot_request": _states(
        "draft | 작성 중 | Draft", "submitted | 제출 | Submitted", "ranked | 순위 결정 | Ranked | 심사 중 | Under review",
        "matched | 매칭 | Matched", "reserve | 예비 | Reserve", "refused! | 미선정 | Refused",
    ),
    "pilot": _states(
        "matched | 매칭 | Matched", "agreed | 합의 | Agreed", "contracted | 계약 | Contracted", "delivered | 납품 | Delivered",
        "inspected | 검수 | Inspected", "in_use | 사용 중 | In use", "reported | 보고 | Reported",
        "graded | 등급 결정 | Graded", "correction | 시정 | Correction", "repilot | 재시범 | Second chance",
        "closed! | 종료 | Closed", "cancelled! | 취소 | Cancelled",
    ),
}


def state(kind: str, key: str) -> State:
    """The state's labels; a key outside the table is a defect and raises KeyError."""
    return STATES[kind][key]
