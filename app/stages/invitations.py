"""Asking experts to judge: one letter each, declared conflicts, the pledge; whoever steps out is followed by the next in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import mail
from app.clock import today_kst
from app.errors import Duplicate, Invalid, NotFound, WrongStage
from app.models.applications import Application
from app.models.matching import Conflict, Panel, Seat
from app.models.people import Account
from app.models.reviews import Declaration, Invitation
from app.workflow import declarations, door, permissions, rounds, seating, stepping_out
from app.workflow.actors import SYSTEM, Actor
from app.workflow.conflicts import barring, check


@dataclass(frozen=True)
class Declared:
    """What a panellist says about one dossier."""

    conflicted: bool
    ground: str = ""
    note: str = ""


# asking


def send(session: Session, call_id: str, *, actor: Actor, now: datetime, round_number: int | None = None) -> int:
    """Invite every expert with drawn seats of the round: one letter covers all their seats. Returns the number of experts."""
    permissions.require(actor, "invitation.send")
    round_ = rounds.named(session, call_id, round_number)
    drawn = select(Seat).join(Panel).where(Panel.round_id == round_.id, Panel.closed_at.is_(None), Seat.status == "drawn")
    by_expert: dict[int, list[Seat]] = {}
    for seat in session.execute(drawn.order_by(Seat.id)).scalars().all():
        by_expert.setdefault(seat.expert_id, []).append(seat)
    for expert_id, theirs in by_expert.items():
        seating.invite(session, expert_id, theirs, actor=actor, now=now)
    return len(by_expert)


def write_letter(session: Session, invitation_id: str, *, now: datetime, base_url: str) -> None:
    """The letter itself; its link opens a page and does nothing else. The same seats are written about once."""
    invitation = _invitation(session, invitation_id)
    seats = _seats(session, invitation)
    account = _account_of(session, invitation)
    to = account.mail if account else invitation.expert.mail
    if invitation.answer or not to:
        return
    call = invitation.round.call
    language = account.language if account else invitation.expert.language
    mail.send(
        session,
        "invitation",
        to=to,
        language=language,
        key=f"invitation:{invitation.public_id}:{len(seats)}",
        now=now,
        name=invitation.expert.person.name,
        call=call.title_ko if language == "ko" else call.title_en,
        dossiers=sum(len(s.panel.dossiers) for s in seats),
        answer_by=invitation.answer_by,
        link=f"{base_url}/panellist/invitations/{invitation.public_id}",
    )


def remind(session: Session, invitation_id: str, *, actor: Actor, now: datetime, base_url: str) -> None:
    """Ask again, at most once a day, while there is time to answer or something to sign."""
    permissions.require(actor, "invitation.send")
    invitation = _invitation(session, invitation_id)
    waiting = invitation.answer == "accepted" or (not invitation.answer and now < invitation.answer_by)
    if invitation.pledged_at or not waiting:
        raise WrongStage("invitation.answered")
    account = _account_of(session, invitation)
    to = account.mail if account else invitation.expert.mail
    if not to:
        raise Invalid("invitation.no_address")
    language = account.language if account else invitation.expert.language
    mail.send(
        session,
        "invitation_reminder",
        to=to,
        language=language,
        now=now,
        key=f"reminder:{invitation.public_id}:{today_kst(now)}",
        name=invitation.expert.person.name,
        answer_by=invitation.answer_by,
        accepted=bool(invitation.answer),
        pledge_by=invitation.pledge_by,
        link=f"{base_url}/panellist/invitations/{invitation.public_id}",
    )
    door.record(session, invitation, "invitation.reminded", actor=actor, role="coordinator", now=now)


def remind_unanswered(
    session: Session, call_id: str, *, actor: Actor, now: datetime, base_url: str, round_number: int | None = None
) -> int:
    """Remind everybody of the round who can still answer, or accepted and has not signed. Returns how many."""
    permissions.require(actor, "invitation.send")
    round_ = rounds.named(session, call_id, round_number)
    unsigned = select(Invitation).where(
        Invitation.round_id == round_.id, Invitation.pledged_at.is_(None), Invitation.answer.in_(("", "accepted"))
    )
    letters = session.execute(unsigned).scalars().all()
    reminded = 0
    for letter in letters:
        waiting = {s.status for s in _seats(session, letter)} & {"invited", "accepted"}
        reachable = letter.expert.mail or _account_of(session, letter)
        if waiting and reachable and (letter.answer or now < letter.answer_by):
            remind(session, letter.public_id, actor=actor, now=now, base_url=base_url)
            reminded += 1
    return reminded


# answering


def accept(session: Session, invitation_id: str, declared: Mapping[str, Declared], *, actor: Actor, now: datetime) -> Invitation:
    """Accept after answering for every dossier, with no default; a conflict gives that dossier's seat away at once."""
    invitation = _mine(session, invitation_id, actor)
    seats = _open_seats(session, invitation)
    asked = {d.application.public_id: d.application for s in seats for d in s.panel.dossiers}
    _check_declared(asked, declared)
    for seat in seats:
        door.advance(session, seat, "accepted", actor=actor, now=now)
    invitation.answer, invitation.answered_at = "accepted", now
    door.record(session, invitation, "invitation.accepted", actor=actor, role="panellist", now=now)
    for public_id, application in asked.items():
        said = declared[public_id]
        session.add(
            Declaration(
                invitation_id=invitation.id,
                application_id=application.id,
                conflicted=said.conflicted,
                ground=said.ground if said.conflicted else "",
                note=said.note,
                at=now,
            )
        )
        if said.conflicted:
            _raise_conflict(session, invitation.expert_id, application, said, actor=actor, now=now)
    session.flush()
    for seat in seats:
        stepping_out.leaves_if_barred(session, seat, actor=actor, now=now)
    if any(seat.status == "accepted" for seat in seats):
        seating.await_pledge(session, invitation, now=now)
    return invitation


def decline(session: Session, invitation_id: str, *, reason: str, note: str = "", actor: Actor, now: datetime) -> Invitation:
    """Decline with a reason; the next substitutes are asked at once."""
    invitation = _mine(session, invitation_id, actor)
    if reason not in declarations.DECLINE_REASONS:
        raise Invalid("invitation.reason_needed", problems={"reason": "invitation.reason_needed"})
    seats = _open_seats(session, invitation)
    invitation.answer, invitation.answered_at, invitation.decline_reason, invitation.note = (
        "declined",
        now,
        reason,
        note.strip(),
    )
    door.record(session, invitation, "invitation.declined", actor=actor, role="panellist", now=now, data={"reason": reason})
    for seat in seats:
        door.advance(session, seat, "declined", actor=actor, now=now, data={"why": reason})
        seating.replace(session, seat, now=now)
    return invitation


def pledge(session: Session, invitation_id: str, *, version: str, actor: Actor, now: datetime) -> Invitation:
    """Sign the pledge; only then do the dossiers open. In a panel already at work the new member begins at once.

    Conflicts are looked for once more: a seat that one bars goes to the next in order. Nothing is signed where no seat is left,
    or while a question about all of them is open.
    """
    invitation = _mine(session, invitation_id, actor)
    seats = [s for s in _seats(session, invitation) if s.status == "accepted"]
    if not seats:
        raise WrongStage("invitation.nothing_to_pledge")
    if version != declarations.CURRENT.version:
        raise Invalid("invitation.pledge_changed", problems={"pledge": "invitation.pledge_changed"})
    if not (seats := _still_clear(session, invitation, seats, now)):
        return invitation
    invitation.pledge_version, invitation.pledged_at = version, now
    door.record(session, invitation, "invitation.pledged", actor=actor, role="panellist", now=now, data={"pledge": version})
    for seat in seats:
        door.advance(session, seat, "pledged", actor=actor, now=now)
        quorum = seating.rules_of(seat.panel).quorum
        running = [s for s in seat.panel.seats if s.status == "active"]
        if running and len(running) + 1 >= quorum:
            seating.activate(session, [seat], actor=SYSTEM, now=now, accept_short=True)
            seating.appoint_missing(seat.panel)
    return invitation


def _still_clear(session: Session, invitation: Invitation, seats: list[Seat], now: datetime) -> list[Seat]:
    """The seats that may be pledged now; whoever is barred has left them."""
    applications = [d.application for seat in seats for d in seat.panel.dossiers]
    check.again(session, (invitation.expert_id,), applications, about=invitation, now=now)
    asked = [application.id for application in applications]
    stepping_out.exclude_barred(session, invitation.expert_id, asked, actor=SYSTEM, now=now, statuses=barring.STANDING)
    return [
        s for s in seats
        if s.status == "accepted" and not seating.barred_from(session, s) >= {d.application_id for d in s.panel.dossiers}
    ]  # fmt: skip


def expire(session: Session, invitation_id: str, *, now: datetime) -> bool:
    """The reply time is over: unanswered seats go to the next in order. Running it again changes nothing."""
    invitation = _invitation(session, invitation_id)
    if invitation.answer or now < invitation.answer_by:
        return False
    invitation.answer, invitation.answered_at = "no_answer", now
    door.record(session, invitation, "invitation.no_answer", actor=SYSTEM, role="system", now=now)
    for seat in _seats(session, invitation):
        if seat.status == "invited":
            door.advance(session, seat, "no_answer", actor=SYSTEM, now=now)
            seating.replace(session, seat, now=now)
    return True


def lapse(session: Session, invitation_id: str, *, now: datetime, base_url: str) -> bool:
    """Accepted and never signed: the seats go to the next in order and the expert is told. Again, it changes nothing."""
    invitation = _invitation(session, invitation_id)
    seats = [s for s in _seats(session, invitation) if s.status == "accepted"]
    if not seats or invitation.pledged_at or invitation.pledge_by is None or now < invitation.pledge_by:
        return False
    invitation.answer = "lapsed"
    door.record(session, invitation, "invitation.lapsed", actor=SYSTEM, role="system", now=now, data={"seats": len(seats)})
    for seat in seats:
        door.advance(session, seat, "no_answer", actor=SYSTEM, now=now)
        seating.replace(session, seat, now=now)
    account = _account_of(session, invitation)
    to = account.mail if account else invitation.expert.mail
    if to:
        language = account.language if account else invitation.expert.language
        call = invitation.round.call
        mail.send(
            session,
            "pledge_lapsed",
            to=to,
            language=language,
            key=f"pledge_lapsed:{invitation.public_id}",
            now=now,
            name=invitation.expert.person.name,
            call=call.title_ko if language == "ko" else call.title_en,
            pledge_by=invitation.pledge_by,
            link=f"{base_url}/panellist/invitations/{invitation.public_id}",
        )
    return True


# stepping out later

_MAY_STEP_OUT = stepping_out.SCORING | stepping_out.AFTER_SCORING


def recuse(session: Session, seat_id: str, application_id: str, said: Declared, *, actor: Actor, now: datetime) -> Seat:
    """A panellist reports a conflict at any time: the sheet is void, the dossier closes, the seat goes to the next in order."""
    seat = _seat(session, seat_id)
    permissions.require(actor, "invitation.answer", seat)
    application = next((d.application for d in seat.panel.dossiers if d.application.public_id == application_id), None)
    if application is None:
        raise NotFound("not_found")
    if seat.status not in ("accepted", "pledged", "active"):
        raise WrongStage("invitation.seat_closed")
    if not rounds.judges(seat.panel.round, application) or application.status not in _MAY_STEP_OUT:
        raise WrongStage("invitation.review_over")
    _check_declared({application_id: application}, {application_id: said})
    if said.conflicted:
        _raise_conflict(session, seat.expert_id, application, said, actor=actor, now=now)
        stepping_out.steps_out(session, seat, [application], actor=actor, now=now)
        stepping_out.tell_coordinators(session, seat, said.ground, said.note.strip(), now)
        stepping_out.leaves_if_barred(session, seat, actor=actor, now=now)
    return seat


def withdraw(session: Session, invitation_id: str, *, reason: str, note: str = "", actor: Actor, now: datetime) -> Invitation:
    """A member who accepted cannot go on, without a conflict: all seats of the letter are given up, the coordinators are told."""
    invitation = _mine(session, invitation_id, actor)
    if reason not in declarations.DECLINE_REASONS or reason == "conflict":  # a conflict is reported for its dossier
        raise Invalid("invitation.reason_needed", problems={"reason": "invitation.reason_needed"})
    seats = [s for s in _seats(session, invitation) if s.status in ("accepted", "pledged", "active")]
    if not seats:
        raise WrongStage("invitation.seat_closed")
    if any(d.application.status not in _MAY_STEP_OUT for s in seats for d in s.panel.dossiers):
        raise WrongStage("invitation.review_over")
    invitation.decline_reason, invitation.note = reason, note.strip()
    door.record(session, invitation, "invitation.withdrawn", actor=actor, role="panellist", now=now, data={"reason": reason})
    for seat in seats:
        stepping_out.steps_out(session, seat, [d.application for d in seat.panel.dossiers], actor=actor, now=now)
        stepping_out.leaves(session, seat, "declined", actor=actor, now=now, data={"why": reason})
        stepping_out.tell_coordinators(session, seat, reason, note.strip(), now)
    return invitation


def _raise_conflict(
    session: Session, expert_id: int, application: Application, said: Declared, *, actor: Actor, now: datetime
) -> None:
    """A recusal is immediate: raised by the panellist and standing at once."""
    known = session.execute(
        select(Conflict).where(
            Conflict.expert_id == expert_id,
            Conflict.application_id == application.id,
            Conflict.ground == said.ground,
            Conflict.status != "dismissed",
        )
    ).scalar_one_or_none()
    if known is not None and known.status in ("waived", "noted", "lapsed"):  # what the panellist says stands above it
        door.advance(session, known, "raised", actor=SYSTEM, now=now)
        known.kind, known.hard, known.note, known.raised_by_id = "recusal", True, said.note.strip(), actor.account_id
    if known is None:
        known = Conflict(
            expert_id=expert_id,
            application_id=application.id,
            kind="recusal",
            ground=said.ground,
            hard=True,
            note=said.note.strip(),
            raised_by_id=actor.account_id,
            raised_at=now,
        )
        session.add(known)
        session.flush()
        door.record(session, known, "conflict.raised", actor=actor, role="panellist", now=now, data={"ground": said.ground})
    if known.status == "raised":
        known.decided_at = now
        door.advance(session, known, "upheld", actor=SYSTEM, now=now)


def _check_declared(asked: Mapping[str, Application], declared: Mapping[str, Declared]) -> None:
    problems: dict[str, str] = {}
    for public_id in asked:
        said = declared.get(public_id)
        if said is None:
            problems[public_id] = "invitation.declare"
        elif said.conflicted and said.ground not in declarations.GROUNDS:
            problems[public_id] = "invitation.ground_needed"
        elif said.conflicted and said.ground == "other" and not said.note.strip():
            problems[public_id] = "invitation.note_needed"
    if problems:
        raise Invalid("invitation.declaration_incomplete", problems=problems)


# loading


def _invitation(session: Session, public_id: str) -> Invitation:
    row = session.execute(select(Invitation).where(Invitation.public_id == public_id)).scalar_one_or_none()
    if row is None:
        raise NotFound("not_found")
    return row


def _mine(session: Session, public_id: str, actor: Actor) -> Invitation:
    invitation = _invitation(session, public_id)
    permissions.require(actor, "invitation.answer", invitation)
    return invitation


def _seat(session: Session, public_id: str) -> Seat:
    row = session.execute(select(Seat).where(Seat.public_id == public_id)).scalar_one_or_none()
    if row is None:
        raise NotFound("not_found")
    return row


def _seats(session: Session, invitation: Invitation) -> list[Seat]:
    return list(session.execute(select(Seat).where(Seat.invitation_id == invitation.id).order_by(Seat.id)).scalars())


def _open_seats(session: Session, invitation: Invitation) -> list[Seat]:
    """The seats still to be answered for; a second answer is refused."""
    if invitation.answer:
        raise Duplicate("invitation.answered")
    return [s for s in _seats(session, invitation) if s.status == "invited"]


def _account_of(session: Session, invitation: Invitation) -> Account | None:
    return session.execute(
        select(Account)
        .where(Account.person_id == invitation.expert.person_id, Account.status != "disabled")
        .order_by(Account.id)
        .limit(1)
    ).scalar_one_or_none()
