"""An applicant's challenge: filed on the applicant's page, or taken down by a coordinator; two coordinators uphold it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import today_kst
from app.errors import Duplicate, Invalid, NotFound, WrongStage
from app.models.applications import Application
from app.models.challenges import Challenge
from app.models.experts import Expert
from app.models.matching import Conflict, Seat
from app.queries.lookup import by_public_id
from app.workflow import challenges as policy
from app.workflow import declarations, door, permissions, stepping_out
from app.workflow.actors import SYSTEM, Actor
from app.workflow.conflicts import barring, deciding

TEXT_MOST = 2000


# as the applicant files it


@dataclass(frozen=True)
class Filed:
    """What the applicant wrote. `seat`: of a member whom the call has named; else `name`, `organisation` or both."""

    ground: str
    reason: str
    evidence: str = ""
    seat: str = ""
    name: str = ""
    organisation: str = ""


def file(session: Session, application_id: str, said: Filed, *, actor: Actor, now: datetime) -> Challenge:
    """Until the review begins about anybody; then about members the call has named, within its days. Coordinators are told."""
    application = by_public_id(session, Application, application_id)
    role = permissions.require(actor, "application.file", application)
    name, organisation, seat = " ".join(said.name.split()), " ".join(said.organisation.split()), None
    if said.seat:
        member = next((one for one in policy.named(session, application) if one.seat.public_id == said.seat), None)
        if member is None or now >= member.until:
            raise WrongStage("challenge.too_late")
        seat, name = member.seat, member.seat.expert.person.name
        organisation = seat.expert.organisation.name if seat.expert.organisation else ""
    elif application.status not in policy.ASKED_IN:
        raise WrongStage("challenge.too_late")
    _check(said, name, organisation)
    _not_again(session, application, name, organisation)
    row = Challenge(
        application_id=application.id,
        seat_id=seat.id if seat else None,
        name=name,
        organisation=organisation,
        ground=said.ground,
        reason=said.reason.strip(),
        evidence=said.evidence.strip(),
        filed_by_id=actor.account_id,
        filed_at=now,
    )
    session.add(row)
    data = {"ground": said.ground, "named": seat is not None}
    door.record(session, row, "challenge.filed", actor=actor, role=role, now=now, data=data)
    stepping_out.tell_all_coordinators(
        session, "challenge_filed", key=f"challenge_filed:{row.public_id}", now=now, call=application.call,
        label=application.label, title=application.title, who=", ".join(filter(None, (name, organisation))),
    )  # fmt: skip
    return row


def take_back(session: Session, challenge_id: str, *, actor: Actor, now: datetime) -> Challenge:
    """The applicant withdraws it while it is open; what waited for a second coordinator no longer does."""
    row = by_public_id(session, Challenge, challenge_id)
    door.advance(session, row, "withdrawn", actor=actor, now=now)
    for finding in policy.findings(session, row, "raised"):
        door.advance(session, finding, "lapsed", actor=SYSTEM, now=now)
    return row


def take_up(
    session: Session, challenge_id: str, *, experts: Collection[str] = (), reason: str = "", actor: Actor, now: datetime
) -> Challenge:
    """Uphold it: a finding about each expert it is about, who judges nothing of the dossier until a second coordinator agrees.

    Repeated by the second, it stands. Where it is about nobody in the pool it takes two coordinators all the same.
    """
    row = by_public_id(session, Challenge, challenge_id)
    role = permissions.require(actor, "conflict.decide")
    if row.status != "filed":
        raise WrongStage("challenge.none_open")
    open_ = policy.findings(session, row, "raised")
    if not open_:
        said = policy.Said(row.ground, row.reason, today_kst(row.filed_at), row)
        for one in _experts(session, row, experts):
            if not policy.known(session, one, row.application, row.ground):
                open_.append(policy.finding(session, one, row.application, said, actor=actor, role=role, now=now))
    if not open_:
        if door.advance(session, row, "upheld", actor=actor, now=now, reason=reason, second_person=True).moved:
            policy.answer(session, row, "", now)
        return row
    for finding in open_:
        deciding.decide(session, finding, "upheld", reason=reason or row.reason, actor=actor, now=now)
    return row


def turn_down(session: Session, challenge_id: str, *, reason: str, actor: Actor, now: datetime) -> Challenge:
    """Dismiss it with a reason, which the applicant reads; by either of the two where one had upheld it."""
    row = by_public_id(session, Challenge, challenge_id)
    permissions.require(actor, "conflict.decide")
    open_ = policy.findings(session, row, "raised")
    for finding in open_:
        deciding.decide(session, finding, "dismissed", reason=reason, actor=actor, now=now)
    if not open_:
        door.advance(session, row, "dismissed", actor=actor, now=now, reason=reason)
        policy.answer(session, row, reason, now)
    return row


def _check(said: Filed, name: str, organisation: str) -> None:
    problems = {
        "name": "challenge.name_somebody" if not name and not organisation else "challenge.too_long" if len(name) > 60 else "",
        "organisation": "challenge.too_long" if len(organisation) > 200 else "",
        "ground": "invitation.ground_needed" if said.ground not in declarations.GROUNDS else "",
        "reason": "challenge.say_why" if not said.reason.strip() else "challenge.too_long" if len(said.reason) > TEXT_MOST else "",
        "evidence": "challenge.too_long" if len(said.evidence) > TEXT_MOST else "",
    }
    if any(problems.values()):
        raise Invalid("challenge.incomplete", problems={name: code for name, code in problems.items() if code})


def _not_again(session: Session, application: Application, name: str, organisation: str) -> None:
    mine = select(Challenge).where(Challenge.application_id == application.id, Challenge.status == "filed")
    open_ = session.execute(mine).scalars().all()
    if any((row.name, row.organisation) == (name, organisation) for row in open_):
        raise Duplicate("challenge.filed_already")
    if len(open_) >= policy.MOST_OPEN:
        raise Duplicate("challenge.too_many", most=policy.MOST_OPEN)


def _experts(session: Session, row: Challenge, chosen: Collection[str]) -> list[int]:
    """Whom it is about: the member it names, or the experts a coordinator knows it to mean."""
    if row.seat is not None:
        return [row.seat.expert_id]
    found = session.execute(select(Expert.id).where(Expert.public_id.in_(chosen)).order_by(Expert.id)).scalars().all()
    if len(found) < len(set(chosen)):
        raise NotFound("not_found")
    return list(found)


# as a coordinator takes it down


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
    said = policy.Said(ground, reason, received_on)
    about = _about(seat, application_id)
    rows = [policy.finding(session, seat.expert_id, each, said, actor=actor, role=role, now=now) for each in about]
    for row in rows:
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


def _open(session: Session, seat: Seat) -> list[Conflict]:
    mine = barring.rows([d.application_id for d in seat.panel.dossiers], ("raised",))
    rows = session.execute(mine.where(Conflict.expert_id == seat.expert_id, Conflict.kind == "challenge")).scalars().all()
    if not rows:
        raise WrongStage("challenge.none_open")
    return list(rows)
