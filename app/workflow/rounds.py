"""Rounds of a call run side by side: which one a verb or a page is about, what it has to do, and who judges a dossier in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from app import outbox
from app.errors import NotFound
from app.models.applications import Application
from app.models.calls import Call, Round
from app.models.deliberations import Deliberation
from app.models.designations import FitnessReview
from app.models.matching import Panel, PanelDossier, Seat
from app.models.results import CalibrationRun, Result

NEVER_ASKED = ("candidate", "excluded")


def of_call(session: Session, call_id: str) -> Sequence[Round]:
    return session.execute(select(Round).join(Call).where(Call.public_id == call_id).order_by(Round.number)).scalars().all()


def named(session: Session, call_id: str, number: int | None = None) -> Round:
    """The round of this number; without one the lowest that still has something to do, else the newest."""
    rounds = of_call(session, call_id)
    if not rounds:
        raise NotFound("not_found")
    if number is None:
        return next((one for one in rounds if has_work(session, one)), rounds[-1])
    found = next((one for one in rounds if one.number == number), None)
    if found is None:
        raise NotFound("round.unknown", number=number)
    return found


def has_work(session: Session, round_: Round) -> bool:
    """Dossiers wait for a panel of the round, or a panel of it has not closed."""
    open_panel = select(Panel.id).where(Panel.round_id == round_.id, Panel.closed_at.is_(None)).limit(1)
    return any(session.execute(query).first() is not None for query in (waiting(round_).limit(1), open_panel))


def waiting(round_: Round) -> Select[Application]:
    """The applications that the round seats and that have no panel in it yet, by number."""
    ready = Application.status == ("eligible" if round_.kind == "first" else "re_review")
    return select(Application).where(ready, judged_in(round_), without_panel()).order_by(Application.number)


def judged_in(round_: Round) -> ColumnElement[bool]:
    """Of an application: `judges`, for a query."""
    own = Application.round_id.is_(None) if round_.kind == "first" else Application.round_id == round_.id
    return and_(Application.call_id == round_.call_id, own)


def without_panel() -> ColumnElement[bool]:
    """Of an application: no panel was deployed for it in the round that judges it."""
    own = or_(Application.round_id.is_(None), Panel.round_id == Application.round_id)
    panels = select(PanelDossier.id).join(Panel, Panel.id == PanelDossier.panel_id)
    return ~panels.where(PanelDossier.application_id == Application.id, own).correlate(Application).exists()


def judges(round_: Round, application: Application) -> bool:
    """The round in which this dossier is judged now; an earlier one has spoken."""
    return round_.kind == "first" if application.round_id is None else application.round_id == round_.id


def panel_of(session: Session, application: Application) -> Panel | None:
    """The panel that judges this dossier now, never a former one; None until it is deployed."""
    panels = select(Panel).join(PanelDossier, PanelDossier.panel_id == Panel.id)
    if application.round_id is not None:
        panels = panels.where(Panel.round_id == application.round_id)
    mine = panels.where(PanelDossier.application_id == application.id)
    return session.execute(mine.order_by(Panel.id.desc()).limit(1)).scalar_one_or_none()


def result_of(session: Session, application: Application, round_id: int | None = None) -> Result | None:
    """What the newest computation of the round that judges this dossier, or of the round given, says of it."""
    results = select(Result).join(CalibrationRun, CalibrationRun.id == Result.run_id)
    if round_id := round_id or application.round_id:
        results = results.where(CalibrationRun.round_id == round_id)
    mine = results.where(Result.application_id == application.id)
    return session.execute(mine.order_by(CalibrationRun.id.desc()).limit(1)).scalar_one_or_none()


def deliberation_of(session: Session, application: Application) -> Deliberation | None:
    """What the panel that judges this dossier now agreed on."""
    said = select(Deliberation).where(Deliberation.application_id == application.id)
    if application.round_id is not None:
        said = said.where(Deliberation.round_id == application.round_id)
    return session.execute(said.order_by(Deliberation.id.desc()).limit(1)).scalar_one_or_none()


def fitness_of(session: Session, application: Application) -> FitnessReview | None:
    """The last look of the fitness review at what this round recommended; one at a former recommendation has lapsed."""
    looks = select(FitnessReview).where(
        FitnessReview.application_id == application.id, FitnessReview.round_id.is_not_distinct_from(application.round_id)
    )
    return session.execute(looks.order_by(FitnessReview.id.desc()).limit(1)).scalar_one_or_none()


def has_run(session: Session, round_: Round) -> bool:
    return session.execute(select(CalibrationRun.id).where(CalibrationRun.round_id == round_.id).limit(1)).first() is not None


def compute_again(session: Session, round_: Round, *, because: str, now: datetime) -> None:
    """The sheets are no longer those the results were computed from: the job does it, once for each such change."""
    key = f"calibrate:{round_.public_id}:{because}"
    outbox.promise(session, "calibrate", key=key, args={"call": round_.call.public_id, "round": round_.number}, now=now)


def former_panellists(session: Session, application_ids: Collection[int], round_id: int) -> set[tuple[int, int]]:
    """(application, expert): whoever was asked to judge the dossier in another round; none of them judges it again."""
    rows = session.execute(
        select(PanelDossier.application_id, Seat.expert_id)
        .join(Panel, Panel.id == PanelDossier.panel_id)
        .join(Seat, Seat.panel_id == Panel.id)
        .where(
            PanelDossier.application_id.in_(application_ids), Panel.round_id != round_id, Seat.status.not_in(NEVER_ASKED)
        )
    )
    return {(application, expert) for application, expert in rows}
