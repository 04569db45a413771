"""Opening scoring: pledged seats become active, sheets are laid out, applications go into review; chair and rapporteur."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import end_of_day_kst, today_kst
from app.errors import DomainError, Invalid, NotFound, WrongStage
from app.models.calls import Round
from app.models.matching import Panel, Seat
from app.workflow import door, permissions, rounds, seating, stepping_out
from app.workflow.actors import SYSTEM, Actor
from app.workflow.conflicts import barring, check

DUTIES = ("chair", "rapporteur", "member")


def start(session: Session, panel_id: str, *, actor: Actor, now: datetime, accept_short: bool = False) -> Panel | None:
    """Begin scoring when every seat has pledged, or when the coordinator accepts fewer, never under the quorum.

    Conflicts are looked for once more. None: something came up, so that a member left or a question waits; nothing has begun.
    """
    permissions.require(actor, "panel.start")
    panel = _panel(session, panel_id)
    if not _ready(panel):
        raise WrongStage("panel.nobody_pledged")
    if _something_came_up(session, [panel], now):
        return None
    return _begin(session, panel, actor=actor, now=now, accept_short=accept_short)


def _ready(panel: Panel) -> list[Seat]:
    return [s for s in panel.seats if s.status == "pledged"]


def _something_came_up(session: Session, panels: Sequence[Panel], now: datetime) -> set[int]:
    """The panels a new conflict touches: whoever it bars has left for the next in order, or a question waits."""
    seats = [seat for panel in panels for seat in _ready(panel)]
    applications = [d.application for panel in panels for d in panel.dossiers]
    experts, asked = {s.expert_id for s in seats}, [a.id for a in applications]
    before = barring.undecided(session, experts, asked)
    check.again(session, experts, applications, about=panels[0].round, now=now)
    new = barring.undecided(session, experts, asked) - before
    left = {
        gone.panel_id
        for expert, application in sorted(barring.barred(session, experts, asked, barring.STANDING))
        for gone in stepping_out.exclude_barred(
            session, expert, (application,), actor=SYSTEM, now=now, statuses=barring.STANDING
        )
    }
    here = {panel.id: {d.application_id for d in panel.dossiers} for panel in panels}
    return left | {s.panel_id for s in seats if any(s.expert_id == e and own in here[s.panel_id] for e, own in new)}


def _begin(session: Session, panel: Panel, *, actor: Actor, now: datetime, accept_short: bool = False) -> Panel:
    ready = _ready(panel)
    mine = [d.application for d in panel.dossiers if rounds.judges(panel.round, d.application)]
    waiting = [application for application in mine if application.status in ("eligible", "re_review", "assigned")]
    for application in waiting:
        if application.status != "assigned":
            door.advance(session, application, "assigned", actor=actor, now=now, data={"accept_short": accept_short})
        door.advance(session, application, "in_review", actor=SYSTEM, now=now)
    seating.activate(session, ready, actor=actor, now=now, accept_short=accept_short)
    seating.appoint_missing(panel)
    _give_time(panel.round, now)
    door.record(
        session,
        panel,
        "panel.started",
        actor=actor,
        role="coordinator",
        now=now,
        data={"seats": len(ready), "dossiers": len(waiting), "short": accept_short},
    )
    return panel


def start_all_full(
    session: Session, call_id: str, *, actor: Actor, now: datetime, round_number: int | None = None
) -> int:
    """Start every panel of the round whose seats have all pledged; the others stay as they are."""
    permissions.require(actor, "panel.start")
    round_ = rounds.named(session, call_id, round_number)
    open_panels = select(Panel).where(Panel.round_id == round_.id, Panel.closed_at.is_(None)).order_by(Panel.number)
    panels = session.execute(open_panels).scalars().all()
    full = [panel for panel in panels if _full(panel)]
    waiting = _something_came_up(session, full, now) if full else set()
    started = 0
    for panel in full:
        if panel.id not in waiting:
            try:
                with session.begin_nested():
                    _begin(session, panel, actor=actor, now=now)
                started += 1
            except DomainError:
                continue  # an open conflict, say: it shows on the panel's own row
    return started


def _full(panel: Panel) -> bool:
    statuses = [s.status for s in panel.seats if s.status in seating.SEATED]
    return statuses.count("pledged") == len(statuses) >= seating.rules_of(panel).panel_seats


def appoint(session: Session, seat_id: str, duty: str, *, actor: Actor, now: datetime) -> Seat:
    """The coordinator names chair or rapporteur; whoever held the duty becomes a member again."""
    permissions.require(actor, "panel.appoint")
    seat = session.execute(select(Seat).where(Seat.public_id == seat_id)).scalar_one_or_none()
    if seat is None:
        raise NotFound("not_found")
    if duty not in DUTIES:
        raise Invalid("panel.unknown_duty", problems={"duty": "panel.unknown_duty"})
    if seat.status not in ("accepted", "pledged", "active"):
        raise WrongStage("invitation.seat_closed")
    for other in seat.panel.seats:
        if other.duty == duty and duty != "member":
            other.duty = "member"
    seat.duty = duty
    door.record(session, seat, "seat.appointed", actor=actor, role="coordinator", now=now, data={"duty": duty})
    return seat


def extend_scoring(
    session: Session, call_id: str, until: datetime, *, actor: Actor, now: datetime, round_number: int | None = None
) -> Round:
    """Move the end of scoring for everybody in the round; never back before now."""
    permissions.require(actor, "panel.start")
    round_ = rounds.named(session, call_id, round_number)
    if until <= now:
        raise Invalid("panel.until_past", problems={"until": "panel.until_past"})
    round_.scoring_closes_at = until
    door.record(
        session,
        round_,
        "round.scoring_extended",
        actor=actor,
        role="coordinator",
        now=now,
        data={"until": until.isoformat()},
    )
    return round_


def _give_time(round_: Round, now: datetime) -> None:
    """Whoever starts last still has the promised days to read."""
    days = timedelta(days=int(round_.call.rules.get("reading_days", 7)))
    least = end_of_day_kst(today_kst(now + days))
    if round_.scoring_closes_at is None or round_.scoring_closes_at < least:
        round_.scoring_closes_at = least


def _panel(session: Session, public_id: str) -> Panel:
    row = session.execute(select(Panel).where(Panel.public_id == public_id)).scalar_one_or_none()
    if row is None:
        raise NotFound("not_found")
    return row
