"""Who sits at the table over one dossier: whose seat it is, who is there, who has stepped out, and which text stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.errors import NotAllowed, NotFound, WrongStage
from app.models.applications import Application
from app.models.deliberations import Deliberation, Paragraph, Sitting, Stance, StepOut
from app.models.matching import Panel, PanelDossier, Seat
from app.workflow import duties, permissions, rounds, seating
from app.workflow.actors import Actor
from scoring.rubric import Rubric

OVERALL, ALARMS = "overall", "alarms"  # beside one paragraph for each criterion


def topics(rubric: Rubric) -> tuple[str, ...]:
    return (*rubric.criterion_codes, OVERALL, ALARMS)


def seat_in(session: Session, application_id: str, actor: Actor, verb: str) -> tuple[Application, Seat]:
    """The actor's active seat in the panel of this application; without one the application does not exist for them."""
    permissions.require(actor, verb)
    application = session.execute(select(Application).where(Application.public_id == application_id)).scalar_one_or_none()
    panel = rounds.panel_of(session, application) if application else None
    seat = next((s for s in panel.seats if s.expert_id == actor.expert_id and s.status == "active"), None) if panel else None
    if application is None or seat is None or application.id in seating.barred_from(session, seat):
        raise NotFound("not_found")
    return application, seat


def chair_of(session: Session, application_id: str, actor: Actor) -> tuple[Application, Seat, Deliberation]:
    """As `seat_in`, for what only the chair does while the panel deliberates."""
    application, seat = seat_in(session, application_id, actor, "deliberation.confirm")
    if duties.of(session, seat.panel, application).get(seat.id) != "chair":
        raise NotAllowed("guard.not_chair")
    now_on(application)
    return application, seat, of(session, application)


def now_on(application: Application) -> None:
    if application.status != "panel_deliberation":
        raise WrongStage("deliberation.not_now")


def of(session: Session, application: Application) -> Deliberation:
    """The deliberation of the round that judges this dossier, begun if it was not."""
    found = rounds.deliberation_of(session, application)
    if found is None:
        panel = rounds.panel_of(session, application)
        if panel is None:
            raise WrongStage("guard.no_panel")
        found = Deliberation(application_id=application.id, round_id=panel.round_id)
        session.add(found)
        session.flush()
    return found


def newest(said: Deliberation | None) -> dict[str, Paragraph]:
    """The paragraph that counts for each topic: the last version."""
    return {paragraph.topic: paragraph for paragraph in said.paragraphs} if said else {}


def text_digest(text: str, alarms_note: str) -> str:
    """Names the text that members answer and the chair confirms."""
    return journal.sha256([text, alarms_note])


def stances(said: Deliberation) -> dict[int, Stance]:
    """By seat, what its member last answered to the text as it stands."""
    digest = text_digest(said.text, said.alarms_note)
    return {stance.seat_id: stance for stance in said.stances if stance.digest == digest}


def require_there(said: Deliberation, seat: Seat) -> None:
    if any(absence.seat_id == seat.id and absence.ended_at is None for absence in said.absences):
        raise WrongStage("deliberation.absent")


def sitting_of(said: Deliberation) -> Sitting | None:
    """The sitting that goes on now."""
    return next((sitting for sitting in said.sittings if sitting.put_down_at is None), None)


def step_out(session: Session, said: Deliberation, seats: Sequence[Seat], *, now: datetime) -> int:
    """Whoever of these has a conflict leaves for as long as the dossier is before the panel; once noted, not again."""
    out = {row.seat_id for row in said.step_outs if row.back_at is None}
    barred = duties.barred(session, said.application_id, seats)
    leaving = [seat for seat in seats if seat.expert_id in barred and seat.id not in out]
    for seat in leaving:
        said.step_outs.append(StepOut(seat_id=seat.id, ground=barred[seat.expert_id], out_at=now))
    return len(leaving)


def leaves_the_table(session: Session, seat: Seat, application: Application, *, now: datetime) -> None:
    """A conflict reported while the panel sits over the dossier: the member is out from this moment."""
    said = rounds.deliberation_of(session, application)
    if said is not None and sitting_of(said) is not None:
        step_out(session, said, [seat], now=now)


def put_down(said: Deliberation, *, now: datetime) -> None:
    """The dossier is no longer before the panel: the sitting ends and whoever stepped out is back."""
    for sitting in said.sittings:
        sitting.put_down_at = sitting.put_down_at or now
    for row in said.step_outs:
        row.back_at = row.back_at or now


def at_the_table(session: Session, panel: Panel) -> list[Deliberation]:
    """What the panel has before it now."""
    return list(
        session.execute(
            select(Deliberation)
            .join(Sitting, Sitting.deliberation_id == Deliberation.id)
            .join(PanelDossier, PanelDossier.application_id == Deliberation.application_id)
            .where(
                PanelDossier.panel_id == panel.id, Deliberation.round_id == panel.round_id, Sitting.put_down_at.is_(None)
            )
        ).scalars()
    )
