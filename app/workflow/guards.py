"""The conditions of the moves: one small function each, raising WrongStage with a code when its rule does not hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clock import today_kst
from app.errors import WrongStage
from app.models.applications import Application, Finding, Supplement
from app.models.calls import Call
from app.models.deliberations import Inspection
from app.models.designations import Objection
from app.models.matching import Conflict, MatchRun, Panel, PanelDossier, Seat
from app.models.pilots import LedgerEntry, PilotBudget
from app.models.results import Result
from app.models.reviews import Declaration, Invitation, Sheet
from app.workflow import dossiers, duties, objections, rounds, terms, window
from app.workflow import rules as call_rules
from app.workflow.actors import Actor
from app.workflow.conflicts import barring


@dataclass(frozen=True)
class Moment:
    """What a guard may look at. `data` is what the verb knows beyond the rows."""

    session: Session
    row: Any
    target: str
    actor: Actor
    now: datetime
    reason: str
    data: Mapping[str, Any]

    @property
    def call(self) -> Call:
        return self.row if isinstance(self.row, Call) else self.row.call

    @property
    def rules(self) -> call_rules.Rules:
        return call_rules.from_json(self.call.rules)

    def count(self, model: Any, *where: Any) -> int:
        return self.session.execute(select(func.count()).select_from(model).where(*where)).scalar_one()


Guard = Callable[[Moment], None]
GUARDS: dict[str, Guard] = {}


def guard(function: Guard) -> Guard:
    GUARDS[function.__name__] = function
    return function


def _need(holds: object, code: str, **data: Any) -> None:
    if not holds:
        raise WrongStage(code, **data)


@guard
def reason_given(m: Moment) -> None:
    _need(m.reason.strip(), "guard.reason_given")


# the call


@guard
def rules_complete(m: Moment) -> None:
    call_rules.check(m.rules)
    _need(m.call.rubric, "guard.rubric_missing")


@guard
def nothing_submitted(m: Moment) -> None:
    filed = m.count(Application, Application.call_id == m.row.id, Application.status != "draft")
    _need(filed == 0, "guard.nothing_submitted", n=filed)


@guard
def call_open(m: Moment) -> None:
    """What arrives between opening and closing with its grace is taken; both times are named when it is not."""
    when = window.of(m.call)
    _need(m.call.opens_at <= m.now, "guard.call_not_open", opens_at=m.call.opens_at)
    _need(not when.over(m.now), "guard.call_closed", last_at=when.last_at, now=m.now)
    _need(m.call.status == "open", "guard.call_not_open", opens_at=m.call.opens_at)


@guard
def revivable(m: Moment) -> None:
    """The call says whether what was withdrawn may come back while dossiers are taken."""
    _need(m.rules.revive_until == "closing", "guard.not_revivable")


@guard
def closing_passed(m: Moment) -> None:
    """And its grace: until then something filed in time may still be on its way."""
    when = window.of(m.call)
    _need(when.over(m.now), "guard.closing_not_passed", closes_at=when.last_at)


@guard
def all_decided(m: Moment) -> None:
    final = ("designated", "rejected", "ineligible", "withdrawn", "draft")
    left = m.count(Application, Application.call_id == m.row.id, Application.status.not_in(final))
    _need(left == 0, "guard.undecided_left", n=left)


@guard
def dossier_complete(m: Moment) -> None:
    """Required fields filled, every entry by its rule, a file in each slot the call demands and none that reading stopped."""
    left = dossiers.left(m.session, m.row)
    _need(not left, "guard.dossier_incomplete", n=len(left))


# eligibility


def _findings(m: Moment) -> list[Finding]:
    return dossiers.findings(m.session, m.row)


@guard
def no_open_finding(m: Moment) -> None:
    found = _findings(m)
    imported = m.row.source == "import"
    bad = [f.rule for f in found if f.result == "needs_person" or (f.result == "fail" and f.hard)]
    _need((found or imported) and not bad, "guard.open_findings", rules=", ".join(bad))


@guard
def hard_fail(m: Moment) -> None:
    _need(any(f.result == "fail" and f.hard for f in _findings(m)), "guard.no_hard_fail")


@guard
def supplement_left(m: Moment) -> None:
    asked = m.count(Supplement, Supplement.application_id == m.row.id)
    _need(asked <= m.rules.supplement_rounds, "guard.supplement_used", n=m.rules.supplement_rounds)


@guard
def answered_or_over(m: Moment) -> None:
    last = m.session.execute(
        select(Supplement).where(Supplement.application_id == m.row.id).order_by(Supplement.number.desc()).limit(1)
    ).scalar_one()
    _need(last.answered_at or last.due_at <= m.now, "guard.supplement_running", due_at=last.due_at)


# panels


@guard
def panel_pledged(m: Moment) -> None:
    panel = rounds.panel_of(m.session, m.row)
    _need(panel is not None, "guard.no_panel")
    assert panel is not None
    seated = [s for s in panel.seats if s.status in ("pledged", "active")]
    _need(
        len(seated) >= m.rules.panel_seats or (m.data.get("accept_short") and len(seated) >= m.rules.quorum),
        "guard.panel_not_pledged",
        have=len(seated),
        need=m.rules.panel_seats,
    )


@guard
def fresh_panel(m: Moment) -> None:
    """After a re-review is ordered, nobody who was asked to judge the dossier before judges it again."""
    panel = rounds.panel_of(m.session, m.row)
    _need(panel is not None, "guard.no_panel")
    assert panel is not None
    former = {expert for _, expert in rounds.former_panellists(m.session, (m.row.id,), panel.round_id)}
    _need(not former & {seat.expert_id for seat in panel.seats}, "guard.former_panellist")


@guard
def no_open_conflict(m: Moment) -> None:
    """Nothing undecided, and with those whose conflict stands stepping out of this dossier the quorum still holds."""
    panel = rounds.panel_of(m.session, m.row)
    experts = {s.expert_id for s in panel.seats if s.status in ("pledged", "active")} if panel else set()
    undecided = barring.undecided(m.session, experts, (m.row.id,))
    _need(not undecided, "guard.open_conflicts", n=len(undecided))
    free = experts - {expert for expert, _ in barring.barred(m.session, experts, (m.row.id,))}
    _need(len(free) >= m.rules.quorum, "guard.panel_not_pledged", have=len(free), need=m.rules.quorum)


@guard
def no_panel_twice(m: Moment) -> None:
    """Several runs of a round may be deployed as long as no dossier gets two panels."""
    mine = {a for panel in m.row.panels for a in panel.application_ids}
    taken = set(
        m.session.execute(
            select(PanelDossier.application_id)
            .join(Panel, Panel.id == PanelDossier.panel_id)
            .join(MatchRun, MatchRun.id == Panel.run_id)
            .where(Panel.round_id == m.row.round_id, MatchRun.status == "deployed", MatchRun.id != m.row.id)
        ).scalars()
    )
    _need(not mine & taken, "guard.other_run_deployed", n=len(mine & taken))


@guard
def nothing_accepted(m: Moment) -> None:
    """Whoever was only asked can be told that the request no longer stands; whoever accepted has a seat."""
    taken = m.session.execute(
        select(func.count())
        .select_from(Seat)
        .join(Panel, Panel.id == Seat.panel_id)
        .where(Panel.run_id == m.row.id, Seat.status.in_(("accepted", "pledged", "active", "done", "recused", "challenged_out")))
    ).scalar_one()
    _need(taken == 0, "guard.seats_taken", n=taken)


def _invitation(m: Moment) -> Invitation:
    return m.session.get_one(Invitation, m.row.invitation_id)


@guard
def in_reply_time(m: Moment) -> None:
    _need(m.now < _invitation(m).answer_by, "guard.reply_time_over", answer_by=_invitation(m).answer_by)


@guard
def reply_time_over(m: Moment) -> None:
    _need(_invitation(m).answer_by <= m.now, "guard.reply_time_running", answer_by=_invitation(m).answer_by)


@guard
def pledge_time_over(m: Moment) -> None:
    """Accepted is not sworn: without a signature by the day told at acceptance the seat is free again."""
    last = _invitation(m).pledge_by
    _need(last is not None and last <= m.now, "guard.pledge_time_running", pledge_by=last)


@guard
def conflicts_declared(m: Moment) -> None:
    """Every dossier of the panel was answered, and no conflict stands against this expert."""
    invitation = _invitation(m)
    asked = {d.application_id for d in m.row.panel.dossiers}
    answered = set(
        m.session.execute(select(Declaration.application_id).where(Declaration.invitation_id == invitation.id)).scalars()
    )
    _need(asked <= answered, "guard.declaration_missing", n=len(asked - answered))
    _need(invitation.pledged_at, "guard.pledge_missing")
    standing = {application for _, application in barring.barred(m.session, (m.row.expert_id,), asked)}
    _need(asked - standing, "guard.open_conflicts", n=len(standing))


@guard
def challenge_upheld(m: Moment) -> None:
    """Two coordinators upheld an applicant's challenge about every dossier that nothing else bars the member from."""
    here = [d.application_id for d in m.row.panel.dossiers]
    upheld = barring.rows(here, barring.STANDING).where(Conflict.expert_id == m.row.expert_id, Conflict.kind == "challenge")
    _need(m.session.execute(upheld.limit(1)).first() is not None, "guard.no_challenge")


@guard
def panel_full(m: Moment) -> None:
    rules = call_rules.from_json(m.row.panel.round.call.rules)
    ready = [s for s in m.row.panel.seats if s.status in ("pledged", "active")]
    need = rules.quorum if m.data.get("accept_short") else rules.panel_seats
    _need(len(ready) >= need, "guard.panel_not_pledged", have=len(ready), need=need)


@guard
def sheets_locked(m: Moment) -> None:
    left = m.count(Sheet, Sheet.seat_id == m.row.id, Sheet.status.not_in(("locked", "void")))
    _need(left == 0, "guard.sheets_unlocked", n=left)


# sheets


@guard
def seat_active(m: Moment) -> None:
    _need(m.row.seat.status == "active", "guard.seat_not_active")
    barred = len(barring.barred(m.session, (m.row.seat.expert_id,), (m.row.application_id,)))
    _need(barred == 0, "guard.open_conflicts", n=barred)
    closes = m.row.seat.panel.round.scoring_closes_at
    _need(closes is None or m.now < closes, "guard.scoring_closed", closes_at=closes)


@guard
def sheet_complete(m: Moment) -> None:
    """The verb computes what is missing from the rubric and passes it on."""
    missing = list(m.data.get("missing", ["?"]))
    _need(not missing, "guard.sheet_incomplete", missing=", ".join(missing))


@guard
def not_calibrated_away(m: Moment) -> None:
    application = m.row.application
    judging = application.status == "in_review" and rounds.judges(m.row.seat.panel.round, application)
    _need(judging, "guard.review_over")


# results and deliberation: of the panel that judges now; in a re-review the former one's count for nothing


def _receipts(m: Moment) -> list[str]:
    """Of the sheets submitted to the panel."""
    panel = rounds.panel_of(m.session, m.row)
    seats = select(Seat.id).where(Seat.panel_id == (panel.id if panel else None))
    locked = select(Sheet.receipt).where(
        Sheet.application_id == m.row.id, Sheet.status == "locked", Sheet.seat_id.in_(seats)
    )
    return sorted(m.session.execute(locked).scalars())


def _result(m: Moment) -> Result | None:
    return rounds.result_of(m.session, m.row)


@guard
def quorum_locked(m: Moment) -> None:
    locked = len(_receipts(m))
    _need(locked >= m.rules.quorum, "guard.quorum_missing", have=locked, need=m.rules.quorum)


@guard
def calibrated(m: Moment) -> None:
    """From exactly the sheets as they are submitted: one given back and submitted again wants a new computation."""
    result = _result(m)
    computed = sorted(sheet["receipt"] for sheet in result.sheets) if result else None
    _need(computed == _receipts(m), "guard.not_calibrated")


def _inspected(m: Moment) -> bool:
    """A record of the step the application stands at, in the round that judges it."""
    panel = rounds.panel_of(m.session, m.row)
    mine = (Inspection.application_id == m.row.id, Inspection.kind == m.row.status)
    return bool(panel and m.count(Inspection, *mine, Inspection.round_id == panel.round_id))


@guard
def held(m: Moment) -> None:
    _need(_inspected(m), "guard.date_missing")


@guard
def report_signed(m: Moment) -> None:
    """Only signed reports are kept: workflow.inspections."""
    _need(_inspected(m), "guard.report_missing")


@guard
def is_chair(m: Moment) -> None:
    panel = rounds.panel_of(m.session, m.row)
    held = duties.of(m.session, panel, m.row) if panel else {}
    chair = next((s for s in panel.seats if held.get(s.id) == "chair"), None) if panel else None
    _need(chair is not None and m.actor.expert_id == chair.expert_id, "guard.not_chair")


@guard
def consensus_confirmed(m: Moment) -> None:
    said = rounds.deliberation_of(m.session, m.row)
    _need(said is not None and said.text.strip() and said.confirmed_at, "guard.consensus_missing")
    _need(said is None or all(vote.closed_at for vote in said.votes), "deliberation.vote_open")
    result = _result(m)
    alarms = [s for s in result.sheets if s.get("alarm")] if result else []
    _need(not alarms or (said is not None and said.alarms_note.strip()), "guard.alarms_undiscussed", n=len(alarms))


@guard
def outcome_agrees(m: Moment) -> None:
    """The panel confirms what the rules give: it cannot recommend what a cut-line or gate stopped."""
    result = _result(m)
    _need(result is not None and result.outcome == m.target, "guard.outcome_differs", outcome=result.outcome if result else "")


# fitness, notice, committee


@guard
def bundle_complete(m: Moment) -> None:
    _need(_result(m) is not None and rounds.deliberation_of(m.session, m.row) is not None, "guard.bundle_incomplete")


@guard
def answered_in_time(m: Moment) -> None:
    """The applicant answers within the time given; once it is over, PPS goes on with what it has."""
    last = rounds.fitness_of(m.session, m.row)
    assert last is not None
    if last.answered_at is None and m.actor.has("procurement"):
        _need(last.answer_by is not None and last.answer_by <= m.now, "guard.fitness_answer_running", answer_by=last.answer_by)
        return
    _need(last.answered_at is not None, "guard.answer_missing")
    _need(last.answer_by is None or (last.answered_at or m.now) <= last.answer_by, "guard.answer_late", answer_by=last.answer_by)


@guard
def fitness_passed(m: Moment) -> None:
    last = rounds.fitness_of(m.session, m.row)
    _need(last is not None and last.outcome == "passed", "guard.fitness_not_passed")


@guard
def notice_over(m: Moment) -> None:
    edition = objections.notice_of(m.session, m.row)
    _need(edition is not None, "guard.not_published")
    assert edition is not None
    _need(edition.closes_at <= m.now, "guard.notice_running", closes_at=edition.closes_at)


@guard
def objections_answered(m: Moment) -> None:
    """Of every edition: whoever objected to an earlier one is owed an answer as well."""
    mine = (Objection.application_id == m.row.id, Objection.kind == "notice")
    left = m.count(Objection, *mine, Objection.status.in_(objections.OPEN))
    _need(left == 0, "guard.objections_open", n=left)


@guard
def objection_upheld(m: Moment) -> None:
    """To the notice or the refusal that stands; one that led to an earlier re-review does not order a second."""
    _need(objections.upheld(m.session, m.row), "guard.no_objection_upheld")


@guard
def only_applicant_objection(m: Moment) -> None:
    _need(m.row.kind == "applicant", "guard.notice_objection_not_extended")


@guard
def minutes_written(m: Moment) -> None:
    _need(str(m.data.get("minutes", "")).strip(), "guard.minutes_missing")


# designation and pilot


@guard
def validity_over(m: Moment) -> None:
    _need(m.row.valid_until < today_kst(m.now), "guard.still_valid", valid_until=m.row.valid_until)


@guard
def cancel_notice_over(m: Moment) -> None:
    _need(m.data.get("notice_over"), "guard.cancel_notice_running")


@guard
def still_grantable(m: Moment) -> None:
    """What held when it was asked for still holds when it is granted."""
    terms.require_grantable(m.session, m.row.designation, m.row.kind, today_kst(m.now))


@guard
def waivable(m: Moment) -> None:
    """A question of identity is confirmed or dismissed; a hard ground is neither waived nor bargained over."""
    _need(m.row.nature in ("narrow_field", "waivable"), "guard.not_waivable")


@guard
def designation_valid(m: Moment) -> None:
    _need(m.row.designation.status == "active", "guard.designation_not_active")
    _need(m.row.designation.valid_until >= today_kst(m.now), "guard.designation_not_active")


@guard
def plan_respected(m: Moment) -> None:
    """The quantity stays within what the supplier's pilot-use basic plan offers."""
    plan = m.row.designation.product.get("pilot_plan", {})
    least, most = int(plan.get("min_units", 1)), plan.get("max_units")
    _need(m.row.quantity >= least and (most is None or m.row.quantity <= int(most)), "guard.outside_plan", least=least, most=most)
    _need(m.row.running_cost.strip(), "guard.running_cost_missing")


@guard
def money_left(m: Moment) -> None:
    budget = m.session.execute(
        select(PilotBudget).where(PilotBudget.year == m.row.year, PilotBudget.theme == m.row.theme)
    ).scalar_one_or_none()
    _need(budget is not None, "guard.no_budget", year=m.row.year)
    assert budget is not None
    spent = m.session.execute(
        select(func.coalesce(func.sum(LedgerEntry.amount_krw), 0)).where(LedgerEntry.budget_id == budget.id)
    ).scalar_one()
    wanted = int(m.data.get("amount_krw", m.row.amount_krw))
    _need(spent + wanted <= budget.amount_krw, "guard.budget_exceeded", missing_krw=spent + wanted - budget.amount_krw)


@guard
def running_cost_named(m: Moment) -> None:
    _need(m.row.request.running_cost.strip(), "guard.running_cost_missing")


@guard
def contract_numbered(m: Moment) -> None:
    _need(m.row.contract_no.strip(), "guard.contract_no_missing")


@guard
def report_written(m: Moment) -> None:
    """A report of this use: after a second chance the first report does not count."""
    _need(str(m.row.report.get("text", "")).strip(), "guard.report_missing")


@guard
def graded_poor(m: Moment) -> None:
    _need(m.row.grade == "poor", "guard.not_graded_poor")


@guard
def corrected(m: Moment) -> None:
    _need(m.row.correction.strip(), "guard.correction_missing")


@guard
def once_only(m: Moment) -> None:
    _need(not m.row.report.get("second_chance"), "guard.second_chance_used")


@guard
def after_use_planned(m: Moment) -> None:
    _need(m.row.after_use_plan.strip(), "guard.after_use_missing")
