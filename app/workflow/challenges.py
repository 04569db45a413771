"""An applicant's challenge: whom it may be about and until when, what it becomes in the ledger, and how it is answered."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import mail
from app.clock import end_of_day_kst, today_kst
from app.errors import Duplicate
from app.models.applications import Application
from app.models.challenges import Challenge
from app.models.matching import Conflict, Panel, PanelDossier, Seat
from app.models.process import JournalEntry
from app.models.reviews import Sheet
from app.workflow import door
from app.workflow import rules as call_rules
from app.workflow.actors import SYSTEM, Actor
from app.workflow.conflicts import barring

# Until the review begins the applicant names whom they will; whether any of them is an expert, or on the panel, is not told.
ASKED_IN = frozenset({"submitted", "eligibility", "supplement", "eligible", "re_review"})
SHOWN_IN = {
    "review": ("in_review", "interview", "site_check", "panel_deliberation"),
    "interview": ("interview", "site_check", "panel_deliberation"),
}
MOST_OPEN = 10


@dataclass(frozen=True)
class Named:
    """A member whom the call has named to the applicant, and until when they may be challenged."""

    seat: Seat
    until: datetime


def names_shown(row: Application) -> str:
    return call_rules.from_json(row.call.rules).names_shown


def named(session: Session, row: Application) -> list[Named]:
    """The members who judge this application, by name; none unless the call names them in this state."""
    rules = call_rules.from_json(row.call.rules)
    states = SHOWN_IN.get(rules.names_shown, ())
    if row.status not in states:
        return []
    since = _moved(session, "application", row.public_id, states)
    seats = session.execute(
        select(Seat)
        .join(Panel, Panel.id == Seat.panel_id)
        .join(PanelDossier, PanelDossier.panel_id == Panel.id)
        .join(Sheet, (Sheet.seat_id == Seat.id) & (Sheet.application_id == row.id) & (Sheet.status != "void"))
        .where(PanelDossier.application_id == row.id, Panel.closed_at.is_(None), Seat.status.in_(("active", "done")))
    ).scalars()
    found = []
    for seat in sorted(seats.all(), key=lambda seat: (seat.expert.person.name, seat.public_id)):
        joined = [at for at in (since, _moved(session, "seat", seat.public_id, ("active",))) if at]
        if joined:
            found.append(Named(seat, end_of_day_kst(today_kst(max(joined) + timedelta(days=rules.challenge_days)))))
    return found


def _moved(session: Session, kind: str, subject: str, states: Collection[str]) -> datetime | None:
    """When something last came into these states from another."""
    entries = session.execute(
        select(JournalEntry.at, JournalEntry.data)
        .where(JournalEntry.subject_kind == kind, JournalEntry.subject == subject)
        .order_by(JournalEntry.id.desc())
    )
    moves = ((at, json.loads(data)) for at, data in entries)
    return next((at for at, move in moves if move.get("to") in states and move.get("from") not in states), None)


@dataclass(frozen=True)
class Said:
    """What a challenge says, on whose word, and when it was received."""

    ground: str
    reason: str
    on: date
    challenge: Challenge | None = None


def known(session: Session, expert_id: int, application: Application, ground: str) -> bool:
    """Whether the ledger bars this expert from the dossier on this ground already."""
    rows = barring.rows((application.id,)).where(Conflict.expert_id == expert_id, Conflict.ground == ground)
    return session.execute(rows.limit(1)).first() is not None


def finding(
    session: Session, expert_id: int, application: Application, said: Said, *, actor: Actor, role: str, now: datetime
) -> Conflict:
    """The challenge as a finding of the ledger about one expert: it bars until it is decided."""
    if known(session, expert_id, application, said.ground):
        raise Duplicate("challenge.known")
    row = Conflict(
        expert_id=expert_id,
        application_id=application.id,
        kind="challenge",
        ground=said.ground,
        status="raised",
        note=said.reason.strip(),
        evidence={"challenge": said.reason.strip(), "on": said.on.isoformat()},
        challenge_id=said.challenge.id if said.challenge else None,
        raised_by_id=actor.account_id,
        raised_at=now,
    )
    session.add(row)
    session.flush()
    data = {"ground": said.ground, "kind": "challenge"}
    door.record(session, row, "conflict.raised", actor=actor, role=role, now=now, data=data)
    return row


def findings(session: Session, challenge: Challenge, *statuses: str) -> list[Conflict]:
    own = select(Conflict).where(Conflict.challenge_id == challenge.id).order_by(Conflict.id)
    return list(session.execute(own.where(Conflict.status.in_(statuses)) if statuses else own).scalars())


def follow(session: Session, challenge: Challenge, *, reason: str, now: datetime) -> None:
    """Once every finding of it is decided, so is the challenge, and the applicant is told: upheld where one is."""
    own = findings(session, challenge)
    if challenge.status != "filed" or any(row.status == "raised" for row in own):
        return
    upheld = any(row.status in barring.STANDING for row in own)
    door.advance(session, challenge, "upheld" if upheld else "dismissed", actor=SYSTEM, now=now, reason=reason or "upheld")
    answer(session, challenge, "" if upheld else reason, now)


def answer(session: Session, challenge: Challenge, reason: str, now: datetime) -> None:
    """Put the answer down and tell the applicant; of whom the call has not named it says nothing but that."""
    challenge.answer, challenge.answered_at = reason.strip(), now
    owner, application = challenge.application.owner, challenge.application
    if owner is not None:
        mail.send(
            session, "challenge_answered" if challenge.seat_id else "challenge_request_answered",
            to=owner.mail, language=owner.language, now=now, key=f"challenge_answered:{challenge.public_id}",
            name=owner.person.name, title=application.title, upheld=challenge.status == "upheld", answer=reason.strip(),
            who=", ".join(filter(None, (challenge.name, challenge.organisation))),
        )  # fmt: skip
