"""Challenges as the applicant reads them, and as coordinators decide them: whom of the pool they may mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models.applications import Application
from app.models.calls import Call
from app.models.challenges import Challenge
from app.models.experts import Expert
from app.models.matching import Panel, PanelDossier, Seat
from app.models.people import Organisation, Person
from app.queries import pending
from app.queries.pending import Pending
from app.workflow import challenges as policy
from app.workflow import permissions
from app.workflow.actors import Actor
from reviewers.organisations import organisation_key


@dataclass(frozen=True)
class Member:
    """Somebody the call has named to the applicant."""

    seat: str
    name: str
    organisation: str
    until: datetime


@dataclass(frozen=True)
class Own:
    """One challenge for its applicant. `open`: it may still be taken back."""

    public_id: str
    who: str
    ground: str
    reason: str
    evidence: str
    status: str
    filed_at: datetime
    answer: str
    answered_at: datetime | None
    open: bool


@dataclass(frozen=True)
class Challenges:
    public_id: str
    number: str
    title: str
    call: Mapping[str, str]
    names_shown: str  # by the rules of the call
    asking: bool  # the review has not begun: anybody may be named
    members: tuple[Member, ...]
    filed: tuple[Own, ...]
    files_it: bool


def of_application(session: Session, application_id: str, *, actor: Actor) -> Challenges:
    """What its applicant may challenge, and what became of it: nothing tells who is on a panel before the call names it."""
    row = session.execute(select(Application).where(Application.public_id == application_id)).scalar_one_or_none()
    if row is None:
        raise NotFound("not_found")
    permissions.require(actor, "application.follow", row)
    members = tuple(
        Member(one.seat.public_id, one.seat.expert.person.name, _house(one.seat.expert), one.until)
        for one in policy.named(session, row)
    )
    mine = select(Challenge).where(Challenge.application_id == row.id).order_by(Challenge.id.desc())
    files_it = permissions.may(actor, "application.file", row)
    return Challenges(
        public_id=row.public_id,
        number=row.filed_number,
        title=row.title,
        call={"ko": row.call.title_ko, "en": row.call.title_en},
        names_shown=policy.names_shown(row),
        asking=row.status in policy.ASKED_IN,
        members=members,
        filed=tuple(_own(one) for one in session.execute(mine).scalars()),
        files_it=files_it,
    )


@dataclass(frozen=True)
class Candidate:
    """An expert whom a challenge may mean. `sits`: in the panel of the dossier, or waits there as a substitute."""

    expert_id: str
    name: str
    organisation: str
    sure: bool
    sits: bool


@dataclass(frozen=True)
class Line:
    """One challenge for coordinators. `waiting`: one of them has upheld it, another confirms."""

    own: Own
    label: str
    title: str
    applicant: str
    application_id: str
    named: bool  # a member whom the call had named
    candidates: tuple[Candidate, ...]
    waiting: Pending | None


def of_call(session: Session, call_id: str, *, actor: Actor) -> tuple[Line, ...]:
    """Every challenge of the call, the open ones first."""
    permissions.require(actor, "conflict.read")
    call = session.execute(select(Call).where(Call.public_id == call_id)).scalar_one_or_none()
    if call is None:
        raise NotFound("not_found")
    rows = select(Challenge).join(Application).where(Application.call_id == call.id)
    found = session.execute(rows.order_by(Challenge.status != "filed", Challenge.id.desc())).scalars().all()
    return tuple(_line(session, row, actor) for row in found)


def open_of(session: Session, call_id: str) -> int:
    """How many challenges of the call wait for a decision."""
    own = select(func.count()).select_from(Challenge).join(Application).join(Call, Call.id == Application.call_id)
    return session.execute(own.where(Call.public_id == call_id, Challenge.status == "filed")).scalar_one()


def of_call_is(session: Session, call_id: str, challenge_id: str) -> bool:
    """Whether this challenge belongs to the call of the page."""
    own = select(Challenge.id).join(Application).join(Call, Call.id == Application.call_id)
    return session.execute(own.where(Call.public_id == call_id, Challenge.public_id == challenge_id)).first() is not None


def _line(session: Session, row: Challenge, actor: Actor) -> Line:
    application, open_ = row.application, row.status == "filed"
    raised = policy.findings(session, row, "raised") if open_ else []
    asked = (pending.of(session, own, actor=actor) for own in (*raised, row)) if open_ else ()
    waiting = next((one for one in asked if one), None)
    return Line(
        own=_own(row),
        label=application.label,
        title=application.title,
        applicant=application.organisation.name,
        application_id=application.public_id,
        named=row.seat_id is not None,
        candidates=tuple(_candidates(session, row)) if open_ and not raised else (),
        waiting=waiting,
    )


def _candidates(session: Session, row: Challenge) -> Sequence[Candidate]:
    """By name, and where nobody is named by organisation; equal names of two organisations are told apart by people."""
    if row.seat is not None:
        expert = row.seat.expert
        return [Candidate(expert.public_id, expert.person.name, _house(expert), sure=True, sits=True)]
    key = organisation_key(row.organisation) if row.organisation else ""
    person = or_(Person.name == row.name, Person.name_en == row.name) if row.name else Organisation.key == key
    experts = session.execute(
        select(Expert)
        .join(Person, Person.id == Expert.person_id)
        .outerjoin(Organisation, Organisation.id == Expert.organisation_id)
        .where(Expert.active, person)
        .order_by(Person.name, Expert.id)
        .limit(50)
    ).scalars()
    sitting = set(
        session.execute(
            select(Seat.expert_id)
            .join(Panel, Panel.id == Seat.panel_id)
            .join(PanelDossier, PanelDossier.panel_id == Panel.id)
            .where(PanelDossier.application_id == row.application_id, Panel.closed_at.is_(None))
        ).scalars()
    )
    return [
        Candidate(
            one.public_id,
            one.person.name,
            _house(one),
            sure=bool(key) and organisation_key(_house(one)) == key,
            sits=one.id in sitting,
        )
        for one in experts
    ]


def _own(row: Challenge) -> Own:
    who = ", ".join(filter(None, (row.name, row.organisation)))
    return Own(row.public_id, who, row.ground, row.reason, row.evidence, row.status, row.filed_at, row.answer, row.answered_at,
               row.status == "filed")  # fmt: skip


def _house(expert: Expert) -> str:
    return expert.organisation.name if expert.organisation else ""
