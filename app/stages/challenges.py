"""An applicant's challenge of a panellist, as the coordinator takes it down: who, when, on which ground; two persons uphold it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.clock import today_kst
from app.errors import Duplicate, Invalid, NotFound, WrongStage
from app.models.applications import Application
from app.models.matching import Conflict, Seat
from app.queries.lookup import by_public_id
from app.workflow import declarations, door, permissions
from app.workflow.actors import Actor
from app.workflow.conflicts import barring, deciding


def take_down(
    session: Session,
    seat_id: str,
    *,
    ground: str,
    reason: str,
    received_on: date | None = None,
    application_id: str = "",
    actor: Actor,
    now: datetime,
) -> list[Conflict]:
    """The challenge is on record and the first coordinator upholds it; the member judges nothing of it until it is decided.

    It is about the dossier named, or about every dossier of the panel.
    """
    role = permissions.require(actor, "conflict.decide")
    seat = by_public_id(session, Seat, seat_id)
    if seat.status not in ("accepted", "pledged", "active"):
        raise WrongStage("invitation.seat_closed")
    received_on = received_on or today_kst(now)
    problems = {
        "ground": "invitation.ground_needed" if ground not in declarations.GROUNDS else "",
        "reason": "guard.reason_given" if not reason.strip() else "",
        "received_on": "challenge.not_yet" if received_on > today_kst(now) else "",
    }
    if any(problems.values()):
        raise Invalid("challenge.incomplete", problems={name: code for name, code in problems.items() if code})
    rows = [_row(session, seat, each, ground, reason, received_on, actor, now) for each in _about(seat, application_id)]
    for row in rows:
        door.record(session, row, "conflict.raised", actor=actor, role=role, now=now, data={"ground": ground, "kind": "challenge"})
        deciding.decide(session, row, "upheld", reason=reason, actor=actor, now=now)
    return rows


def uphold(session: Session, seat_id: str, *, actor: Actor, now: datetime) -> int:
    """The second coordinator agrees: the member leaves, the next in order is asked, member and applicant are told."""
    rows = _open(session, by_public_id(session, Seat, seat_id))
    return sum(deciding.decide(session, row, "upheld", reason="", actor=actor, now=now) or 0 for row in rows)


def dismiss(session: Session, seat_id: str, *, reason: str, actor: Actor, now: datetime) -> None:
    """It is not upheld, by either of the two: the member stays, and the applicant reads the reason."""
    for row in _open(session, by_public_id(session, Seat, seat_id)):
        deciding.decide(session, row, "dismissed", reason=reason, actor=actor, now=now)


def _about(seat: Seat, application_id: str) -> Sequence[Application]:
    chosen = [d.application for d in seat.panel.dossiers if application_id in ("", d.application.public_id)]
    if not chosen:
        raise NotFound("not_found")
    return chosen


def _row(
    session: Session, seat: Seat, application: Application, ground: str, reason: str, on: date, actor: Actor, now: datetime
) -> Conflict:
    known = barring.rows((application.id,)).where(Conflict.expert_id == seat.expert_id, Conflict.ground == ground)
    if session.execute(known.limit(1)).first() is not None:
        raise Duplicate("challenge.known")
    row = Conflict(
        expert_id=seat.expert_id,
        application_id=application.id,
        kind="challenge",
        ground=ground,
        status="raised",
        note=reason.strip(),
        evidence={"challenge": reason.strip(), "on": on.isoformat()},
        raised_by_id=actor.account_id,
        raised_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _open(session: Session, seat: Seat) -> list[Conflict]:
    mine = barring.rows([d.application_id for d in seat.panel.dossiers], ("raised",))
    rows = session.execute(mine.where(Conflict.expert_id == seat.expert_id, Conflict.kind == "challenge")).scalars().all()
    if not rows:
        raise WrongStage("challenge.none_open")
    return list(rows)
