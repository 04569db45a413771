"""From results to the panel's word: interview and site check, the chair confirms and concludes, the coordinator moves it on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal, mail
from app.errors import Invalid, NotFound, WrongStage
from app.models.applications import Application, Decision
from app.models.deliberations import Deliberation, Inspection, Minutes
from app.models.matching import Panel
from app.queries import minutes
from app.workflow import deliberations, door, duties, inspections, permissions, rounds, triage
from app.workflow import rules as call_rules
from app.workflow.actors import SYSTEM, Actor
from app.workflow.inspections import Inspected


def convene(session: Session, application_id: str, *, actor: Actor, now: datetime) -> Application:
    """Move on after scoring: interview and site check where the call asks for them, then the panel's deliberation."""
    application = _application(session, application_id)
    target = call_rules.after_scoring(call_rules.from_json(application.call.rules), application.status)
    door.advance(session, application, target, actor=actor, now=now)
    if target == "panel_deliberation":
        deliberations.of(session, application)
    return application


def inspect(
    session: Session, application_id: str, found: Inspected, *, actor: Actor, now: datetime
) -> Inspection:
    """Keep the record of an interview or a site check while the application stands at it; a second one is added."""
    permissions.require(actor, "inspection.record")
    application = _application(session, application_id)
    if application.status not in ("interview", "site_check"):
        raise WrongStage("inspection.not_now")
    if problems := inspections.problems(application.status, found, now=now):
        raise Invalid("inspection.incomplete", problems=problems)
    panel = rounds.panel_of(session, application)
    if panel is None:
        raise WrongStage("guard.no_panel")
    row = Inspection(
        application_id=application.id,
        round_id=panel.round_id,
        kind=application.status,
        held_on=found.held_on,
        place=found.place.strip(),
        people=[name.strip() for name in found.people if name.strip()],
        items=[dict(item) for item in found.items],
        outcome=found.outcome,
        text=found.text.strip(),
        signed_by=found.signed_by.strip(),
        by_id=actor.account_id,
        at=now,
    )
    session.add(row)
    data = {"kind": row.kind, "held_on": str(found.held_on), "outcome": row.outcome, "text_sha256": journal.sha256(row.text)}
    door.record(session, application, "inspection.recorded", actor=actor, role="coordinator", now=now, data=data)
    return row


def confirm(session: Session, application_id: str, *, digest: str, actor: Actor, now: datetime) -> Deliberation:
    """The chair confirms exactly the text that was shown, once everybody present has answered it and most approve."""
    application, seat, said = deliberations.chair_of(session, application_id, actor)
    if not said.text:
        raise WrongStage("guard.consensus_missing")
    if digest != deliberations.text_digest(said.text, said.alarms_note):
        raise WrongStage("deliberation.text_changed")
    there = duties.attending(session, seat.panel, application)
    quorum = call_rules.from_json(application.call.rules).quorum
    if len(there) < quorum:
        raise WrongStage("deliberation.quorum_absent", have=len(there), need=quorum)
    answered = deliberations.stances(said)
    missing = [s for s in there if s.id not in answered]
    if missing:
        raise WrongStage("deliberation.answers_missing", n=len(missing))
    approving = sum(answered[s.id].approves for s in there)
    if approving * 2 <= len(there):
        raise WrongStage("deliberation.not_approved", have=approving, of=len(there))
    said.confirmed_by_id, said.confirmed_at = actor.account_id, now
    door.record(
        session,
        application,
        "deliberation.confirmed",
        actor=actor,
        role="panellist",
        now=now,
        data={"text_sha256": journal.sha256(said.text), "approving": approving, "present": len(there)},
    )
    return said


def conclude(session: Session, application_id: str, *, actor: Actor, now: datetime) -> Application:
    """The chair closes the deliberation: the outcome is what the marks give under the call's rules. The minutes are kept."""
    application, _ = deliberations.seat_in(session, application_id, actor, "deliberation.confirm")
    result = rounds.result_of(session, application)
    if result is None:
        raise WrongStage("guard.not_calibrated")
    source = application.status
    target = result.outcome if result.outcome in ("recommended", "not_recommended") else "recommended"
    door.advance(
        session, application, target, actor=actor, now=now, data={"run": result.run.public_id, "total": result.total}
    )
    session.add(
        Decision(
            subject_kind="application",
            subject_id=application.id,
            move=f"{source}>{target}",
            outcome=target,
            reasons=list(result.reasons),
            inputs={
                "run": result.run.public_id,
                "inputs_sha256": result.run.inputs_digest,
                "total": result.total,
                "rubric": result.run.rubric,
            },
            rules_version=result.run.rules_version,
            by_id=actor.account_id,
            at=now,
        )
    )
    session.flush()
    _keep_minutes(session, application, actor=actor, now=now)
    panel = rounds.panel_of(session, application)
    if panel is not None and not any(_judging(panel, dossier.application) for dossier in panel.dossiers):
        _close(session, panel, actor=actor, now=now)
    return application


def conclude_together(
    session: Session, application_ids: Sequence[str], *, stated: int, actor: Actor, now: datetime
) -> int:
    """Confirm and close several on which the panel agrees, or none: `stated` is how many the chair was told they are."""
    chosen = list(dict.fromkeys(application_ids))
    if not chosen:
        raise Invalid("deliberation.none_chosen")
    if len(chosen) != stated:
        raise Invalid("deliberation.count_differs", n=len(chosen), stated=stated)
    for application_id in chosen:
        application, _, said = deliberations.chair_of(session, application_id, actor)
        result = rounds.result_of(session, application)
        agreed = triage.of(result, result.run.policy, pulled=said.pulled_at is not None).group if result else ""
        try:
            if agreed not in (triage.HIGH, triage.LOW):
                raise WrongStage("deliberation.not_agreed")
            digest = deliberations.text_digest(said.text, said.alarms_note)
            confirm(session, application_id, digest=digest, actor=actor, now=now)
            conclude(session, application_id, actor=actor, now=now)
        except WrongStage as refused:
            problems = {application.label: refused.code}
            raise Invalid("deliberation.none_concluded", problems=problems, **refused.data) from refused
    return len(chosen)


def to_fitness(session: Session, application_id: str, *, actor: Actor, now: datetime) -> Application:
    """Send a recommended application to the procurement service with its bundle."""
    application = _application(session, application_id)
    door.advance(session, application, "fitness_review", actor=actor, now=now)
    return application


def to_fitness_together(
    session: Session, call_id: str, application_ids: Sequence[str], *, actor: Actor, now: datetime
) -> int:
    """Send several of a call, or none: the refusal names the one that may not go and the rule that stops it."""
    if not application_ids:
        raise Invalid("deliberation.none_chosen")
    chosen = [_application(session, application_id) for application_id in dict.fromkeys(application_ids)]
    if any(application.call.public_id != call_id for application in chosen):
        raise NotFound("not_found")
    for application in chosen:
        try:
            door.advance(session, application, "fitness_review", actor=actor, now=now)
        except WrongStage as refused:
            raise Invalid(
                "deliberation.none_sent", problems={application.label: refused.code}, **refused.data
            ) from refused
    return len(chosen)


def reject(
    session: Session, application_id: str, *, reason: str, actor: Actor, now: datetime, base_url: str
) -> door.Outcome:
    """Refuse what the panel did not recommend: one coordinator asks with the reasons, another confirms; then the letter goes."""
    application = _application(session, application_id)
    source = application.status
    if source != "not_recommended":
        raise WrongStage("deliberation.not_refusable")
    pending = door.pending_of(session, application)
    words = reason.strip() or (pending.reason if pending else "")
    outcome = door.advance(session, application, "rejected", actor=actor, now=now, reason=reason)
    if not outcome.moved:
        return outcome
    result = rounds.result_of(session, application)
    session.add(
        Decision(
            subject_kind="application",
            subject_id=application.id,
            move=f"{source}>rejected",
            outcome="rejected",
            reasons=list(result.reasons) if result else [],
            text_ko=words,
            text_en=words,
            inputs={"run": result.run.public_id, "total": result.total} if result else {},
            rules_version=application.call.rules_version,
            by_id=outcome.asked_by_id,
            confirmed_by_id=actor.account_id,
            at=now,
        )
    )
    owner = application.owner
    if owner is not None:
        mail.send(
            session,
            "rejected",
            to=owner.mail,
            language=owner.language,
            key=f"rejected:{application.public_id}:{application.version}",
            now=now,
            name=owner.person.name,
            number=application.filed_number,
            title=application.title,
            reason=words,
            objection_days=call_rules.from_json(application.call.rules).objection_days,
            link=f"{base_url}/applicant/dossiers/{application.public_id}",
        )
    return outcome


def refuse_rejection(session: Session, application_id: str, *, actor: Actor, now: datetime) -> None:
    """Take a refusal that awaits its second person off the table."""
    door.refuse_pending(session, _application(session, application_id), actor=actor, now=now)


def _keep_minutes(session: Session, application: Application, *, actor: Actor, now: datetime) -> None:
    said = deliberations.of(session, application)
    deliberations.put_down(said, now=now)
    session.flush()
    content = minutes.content_of(session, application, said, now=now)
    row = Minutes(deliberation_id=said.id, content=content, digest=journal.sha256(content), by_id=actor.account_id, at=now)
    session.add(row)
    data = {"minutes_sha256": row.digest}
    door.record(session, application, "minutes.kept", actor=actor, role="panellist", now=now, data=data)


_WITH_PANEL = frozenset(
    {"eligible", "assigned", "in_review", "interview", "site_check", "panel_deliberation", "re_review"}
)


def _judging(panel: Panel, application: Application) -> bool:
    """What was sent to a re-review is no longer a matter of its former panel."""
    return rounds.judges(panel.round, application) and application.status in _WITH_PANEL


def _close(session: Session, panel: Panel, *, actor: Actor, now: datetime) -> None:
    """Nothing is left to judge: the seats are done and the panel closes."""
    for seat in panel.seats:
        if seat.status == "active":
            door.advance(session, seat, "done", actor=SYSTEM, now=now)
    panel.closed_at = now
    door.record(session, panel, "panel.closed", actor=actor, role="panellist", now=now)


def _application(session: Session, public_id: str) -> Application:
    row = session.execute(select(Application).where(Application.public_id == public_id)).scalar_one_or_none()
    if row is None:
        raise NotFound("not_found")
    return row
