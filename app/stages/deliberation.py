"""The panel speaks with one voice: the rapporteur drafts, the chair confirms and concludes; the coordinator moves it on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal, mail
from app.errors import Invalid, NotAllowed, NotFound, WrongStage
from app.models.applications import Application, Decision
from app.models.matching import Panel, Seat
from app.models.results import Deliberation
from app.workflow import door, permissions, rounds, seating
from app.workflow import rules as call_rules
from app.workflow.actors import SYSTEM, Actor

TEXT_MOST = 10_000


def next_step(application: Application) -> str:
    """Where the call's switches send an application after scoring."""
    rules = call_rules.from_json(application.call.rules)
    if application.status == "in_review" and rules.interview:
        return "interview"
    if application.status in ("in_review", "interview") and rules.site_check:
        return "site_check"
    return "panel_deliberation"


def convene(
    session: Session, application_id: str, *, actor: Actor, now: datetime, held_on: str = "", report: str = ""
) -> Application:
    """Move on after scoring: interview and site check where the call asks for them, then the panel's deliberation."""
    application = _application(session, application_id)
    data: dict[str, Any] = {name: value for name, value in (("held_on", held_on), ("report", report)) if value.strip()}
    target = next_step(application)
    door.advance(session, application, target, actor=actor, now=now, data=data)
    if target == "panel_deliberation":
        _deliberation(session, application)
    return application


def draft(
    session: Session, application_id: str, *, text: str, alarms_note: str, actor: Actor, now: datetime
) -> Deliberation:
    """The rapporteur (or the chair) writes the consensus and what was said about marks far from the mean.

    A new draft is unconfirmed.
    """
    application, seat = _seat_in(session, application_id, actor, "deliberation.draft")
    if seat.duty not in ("rapporteur", "chair"):
        raise NotAllowed("deliberation.not_rapporteur")
    _in_deliberation(application)
    if max(len(text), len(alarms_note)) > TEXT_MOST:
        raise Invalid("sheet.text_too_long", problems={"text": "sheet.text_too_long"})
    if not text.strip():
        raise Invalid("deliberation.text_missing", problems={"text": "deliberation.text_missing"})
    said = _deliberation(session, application)
    if (said.text, said.alarms_note) != (text.strip(), alarms_note.strip()):
        said.text, said.alarms_note = text.strip(), alarms_note.strip()
        said.drafted_by_id, said.drafted_at, said.confirmed_by_id, said.confirmed_at = actor.account_id, now, None, None
        door.record(
            session,
            application,
            "deliberation.drafted",
            actor=actor,
            role="panellist",
            now=now,
            data={"text_sha256": journal.sha256(said.text), "alarms_sha256": journal.sha256(said.alarms_note)},
        )
    return said


def confirm(session: Session, application_id: str, *, digest: str, actor: Actor, now: datetime) -> Deliberation:
    """The chair confirms exactly the text that was shown: `digest` names it."""
    application, seat = _seat_in(session, application_id, actor, "deliberation.confirm")
    if seat.duty != "chair":
        raise NotAllowed("guard.not_chair")
    _in_deliberation(application)
    said = _deliberation(session, application)
    if not said.text:
        raise WrongStage("guard.consensus_missing")
    if digest != text_digest(said.text, said.alarms_note):
        raise WrongStage("deliberation.text_changed")
    said.confirmed_by_id, said.confirmed_at = actor.account_id, now
    door.record(
        session,
        application,
        "deliberation.confirmed",
        actor=actor,
        role="panellist",
        now=now,
        data={"text_sha256": journal.sha256(said.text)},
    )
    return said


def conclude(session: Session, application_id: str, *, actor: Actor, now: datetime) -> Application:
    """The chair closes the deliberation: the outcome is what the marks give under the call's rules."""
    application, _ = _seat_in(session, application_id, actor, "deliberation.confirm")
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
    panel = rounds.panel_of(session, application)
    if panel is not None and not any(_judging(panel, dossier.application) for dossier in panel.dossiers):
        _close(session, panel, actor=actor, now=now)
    return application


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


def text_digest(text: str, alarms_note: str) -> str:
    return journal.sha256([text, alarms_note])


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


def _seat_in(session: Session, application_id: str, actor: Actor, verb: str) -> tuple[Application, Seat]:
    """The actor's active seat in the panel of this application; without one the application does not exist for them."""
    permissions.require(actor, verb)
    application = _application(session, application_id)
    panel = rounds.panel_of(session, application)
    seat = (
        next((s for s in panel.seats if s.expert_id == actor.expert_id and s.status == "active"), None)
        if panel
        else None
    )
    if seat is None or application.id in seating.barred_from(session, seat):
        raise NotFound("not_found")
    return application, seat


def _in_deliberation(application: Application) -> None:
    if application.status != "panel_deliberation":
        raise WrongStage("deliberation.not_now")


def _deliberation(session: Session, application: Application) -> Deliberation:
    found = rounds.deliberation_of(session, application)
    if found is None:
        panel = rounds.panel_of(session, application)
        if panel is None:
            raise WrongStage("guard.no_panel")
        found = Deliberation(application_id=application.id, round_id=panel.round_id)
        session.add(found)
        session.flush()
    return found


def _application(session: Session, public_id: str) -> Application:
    row = session.execute(select(Application).where(Application.public_id == public_id)).scalar_one_or_none()
    if row is None:
        raise NotFound("not_found")
    return row
