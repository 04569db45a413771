"""Every move: from, to, who, under which guards, whether a second person confirms, and the letter it sends."""

from __future__ import annotations

from dataclasses import dataclass

A, C, P, R = "applicant", "coordinator", "panellist", "procurement"
I, K, S = "institution", "committee", "system"  # noqa: E741 - the letters of the process description


@dataclass(frozen=True)
class Transition:
    kind: str
    source: str
    target: str
    roles: frozenset[str]
    guards: tuple[str, ...] = ()
    second_person: bool = False
    mail: str | None = None

    @property
    def action(self) -> str:
        """The name of the event in the journal."""
        return f"{self.kind}.{self.target}"


def _moves(kind: str, *rows: str) -> list[Transition]:
    """`from, from > to, to : roles [+2] [: guard guard] [: mail]`"""
    letters = {"A": A, "C": C, "P": P, "R": R, "I": I, "K": K, "S": S}
    out: list[Transition] = []
    for row in rows:
        parts = [p.strip() for p in row.split(":")]
        sources, targets = (side.split(",") for side in parts[0].split(">"))
        who = parts[1]
        roles = frozenset(letters[x] for x in who.replace("+2", "").split())
        guards = tuple(parts[2].split()) if len(parts) > 2 else ()
        mail = parts[3] if len(parts) > 3 and parts[3] else None
        out += [Transition(kind, s.strip(), t.strip(), roles, guards, "+2" in who, mail) for s in sources for t in targets]
    return out


MOVES: list[Transition] = [
    *_moves(
        "call",
        "draft > open : C : rules_complete",
        "open > draft : C : nothing_submitted",
        "open > closed : C S : closing_passed",
        "closed > archived : C : all_decided",
    ),
    *_moves(
        "application",
        "draft > submitted : A : call_open dossier_complete : receipt",
        "submitted > draft : A : call_open",
        "draft, submitted, eligibility, supplement > withdrawn : A",
        "withdrawn > draft : A : call_open revivable",
        "submitted > eligibility : S : closing_passed",
        "eligibility > supplement : C : supplement_left reason_given : supplement",
        "supplement > eligibility : A S : answered_or_over",
        "eligibility > ineligible : C +2 : hard_fail reason_given : ineligible",
        "eligibility > eligible : C : no_open_finding : eligible",
        "eligible > assigned : C S : panel_pledged",
        "assigned > in_review : S : no_open_conflict",
        "in_review > interview, site_check, panel_deliberation : C : quorum_locked calibrated",
        "interview > site_check, panel_deliberation : C : held",
        "site_check > panel_deliberation : C : report_signed",
        "panel_deliberation > recommended, not_recommended : P : is_chair calibrated consensus_confirmed outcome_agrees",
        "recommended > fitness_review : C : bundle_complete",
        "fitness_review > fitness_returned : R : reason_given : fitness_returned",
        "fitness_returned > fitness_review : A R : answered_in_time",
        "not_recommended, fitness_review > rejected : C +2 : reason_given : rejected",
        "fitness_review > public_notice : R C : fitness_passed",
        "public_notice > re_review : C +2 : objection_upheld : re_review",
        "public_notice > committee_deliberation : C : notice_over objections_answered",
        "committee_deliberation > designated, rejected, deferred : K C +2 : minutes_written reason_given : decided",
        "deferred > committee_deliberation : C : reason_given",
        "ineligible > eligibility : C +2 : objection_upheld : re_review",
        "rejected > re_review : C +2 : objection_upheld : re_review",
        "re_review > assigned : C S : panel_pledged fresh_panel",
    ),
    *_moves("import_run", "queued > done, refused : S C"),
    *_moves(
        "match_run",
        "queued > running : S C",
        "queued, running > done : S C",
        "queued, running > failed : S C",
        "queued, running > stopped : C",
        "queued > draft : C",
        "done, draft > deployed : C : no_panel_twice",
        "done, draft, deployed > withdrawn : C : nothing_accepted reason_given",
    ),
    *_moves(
        "seat",
        "candidate, drawn, invited, accepted, pledged, active > excluded : S C",
        "candidate > drawn : S C",
        "drawn > invited : C S",
        "invited > accepted : P : in_reply_time",
        "invited > declined : P",
        "invited > no_answer : S : reply_time_over",
        "invited > called_off : C",
        "accepted > pledged : P : conflicts_declared",
        "accepted > no_answer : S : pledge_time_over",
        "pledged > active : S C : panel_full",
        "active > done : S C P : sheets_locked",
        "accepted, pledged, active > recused : P",
        "accepted, pledged, active > challenged_out : C S : challenge_upheld",
        "accepted, pledged, active > declined : P",
        "declined, no_answer, recused, challenged_out, excluded > replaced : S C",
    ),
    *_moves(
        "sheet",
        "empty > draft : P : seat_active",
        "draft, reopened > locked : P : seat_active sheet_complete",
        "locked > reopened : C : reason_given not_calibrated_away : sheet_reopened",
        "empty, draft, locked, reopened > void : P C S",
    ),
    *_moves(
        "conflict",
        "raised > upheld : C S",
        "raised, upheld > dismissed : C : reason_given",
        "raised, upheld > waived : C +2 : reason_given waivable",
        "raised, upheld > pinned : C : reason_given",
        "upheld, dismissed, waived, pinned > raised : C S",
        "raised, upheld, noted > lapsed : S",
        "lapsed > raised, upheld, noted : S",
        "noted > raised : S",
    ),
    *_moves(
        "challenge",
        "filed > upheld : C S",
        "filed > dismissed : C S : reason_given",
        "filed > withdrawn : A",
    ),
    *_moves(
        "objection",
        "filed > inadmissible : C : reason_given : objection_answered",
        "filed > under_review : C",
        "under_review > extended : C : only_applicant_objection reason_given",
        "under_review, extended > upheld, partly_upheld, dismissed : C : reason_given : objection_answered",
    ),
    *_moves(
        "designation",
        "active > suspended : C +2 : reason_given : designation_changed",
        "suspended > active : C +2 : reason_given : designation_changed",
        "active, suspended > cancelling : C : reason_given : cancellation_notice",
        "cancelling > cancelled : K : reason_given cancel_notice_over : designation_changed",
        "cancelling > active, suspended : K : reason_given : designation_changed",
        "active, suspended > returned : A : reason_given",
        "active, suspended > expired : S : validity_over",
    ),
    *_moves(
        "designation_request",
        "filed > under_review : C",
        "under_review > returned : C : reason_given : request_returned",
        "returned > under_review : A",
        "under_review > approved : C +2 : reason_given still_grantable : request_decided",
        "under_review, returned > refused : C +2 : reason_given : request_decided",
        "filed, under_review, returned > withdrawn : A",
    ),
    *_moves(
        "pilot_request",
        "draft > submitted : I : designation_valid plan_respected",
        "submitted > draft : I",
        "submitted > ranked : R",
        "ranked > matched : R : money_left reason_given : pilot_matched",
        "ranked > reserve, refused : R : reason_given : pilot_answered",
        "reserve > matched : R : money_left reason_given : pilot_matched",
    ),
    *_moves(
        "pilot",
        "matched > agreed : R I : running_cost_named",
        "agreed > contracted : R : contract_numbered",
        "contracted > delivered : A R",
        "delivered > inspected : I",
        "inspected > in_use : I",
        "in_use > reported : I : report_written",
        "reported > graded : R : reason_given",
        "graded > correction : R : graded_poor",
        "correction > repilot : A : corrected once_only",
        "repilot > reported : I : report_written",
        "graded, correction > closed : R : after_use_planned",
        "matched, agreed, contracted, delivered > cancelled : R : reason_given",
    ),
]
MOVE: dict[tuple[str, str, str], Transition] = {(m.kind, m.source, m.target): m for m in MOVES}


def open_moves(kind: str, status: str) -> list[Transition]:
    return [m for m in MOVES if m.kind == kind and m.source == status]
