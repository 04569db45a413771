"""The questions of a call for its coordinator: by kind of evidence, with who decided what and what a decision would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select
from sqlalchemy.orm import Session

from app import records
from app.errors import NotFound
from app.models.applications import Application, Decision
from app.models.calls import Call, Round
from app.models.experts import Expert
from app.models.matching import Conflict, Panel, PanelDossier, Seat
from app.models.people import Account, Organisation, Person
from app.models.process import PendingMove
from app.workflow import grounds, permissions, seating
from app.workflow.actors import Actor
from app.workflow.conflicts import facts
from reviewers.identity import Known, Register

PAGE = 50
SHELVES: Mapping[str, tuple[str, ...]] = {
    "open": ("raised",),
    "standing": ("upheld", "pinned"),
    "cleared": ("dismissed", "waived"),
    "noted": ("noted",),
    "lapsed": ("lapsed",),
}


@dataclass(frozen=True)
class Decided:
    """Who decided what, when and why; both persons where two did."""

    outcome: str
    by: str
    second: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class Asked:
    """A decision that one coordinator asked for and another has to confirm."""

    target: str
    by: str
    reason: str
    mine: bool


@dataclass(frozen=True)
class Line:
    public_id: str
    kind: str
    ground: str
    nature: str
    hard: bool
    status: str
    reopened: str
    evidence: Mapping[str, Any]
    expert_id: str
    expert: str
    organisation: str
    application_id: str  # empty: the whole call
    label: str
    title: str
    applicant: str
    raised_at: datetime
    seats: int  # of deployed panels that it is about
    asked_at: datetime | None
    answer: str
    answer_note: str
    pending: Asked | None
    history: tuple[Decided, ...]  # newest first


@dataclass(frozen=True)
class Undo:
    """What this coordinator decided last, as long as all of it still stands."""

    outcome: str
    ids: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class Triage:
    rows: tuple[Line, ...]
    total: int
    page: int
    shelves: Mapping[str, int]
    kinds: tuple[tuple[str, int], ...]  # ground and how many of this shelf
    seats: int  # of deployed panels that the questions of this part are about
    undo: Undo | None

    @property
    def last(self) -> int:
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True)
class Unknown:
    """Somebody a dossier names without anything that tells them from others."""

    label: str
    application_id: str
    name: str
    role: str


def triage(session: Session, call_id: str, *, actor: Actor, shelf: str = "open", ground: str = "", page: int = 1) -> Triage:
    """The findings on one shelf, those about seats first."""
    permissions.require(actor, "conflict.read")
    call = _call(session, call_id)
    mine = and_(_of_call(call.id), Conflict.status.in_(SHELVES.get(shelf, SHELVES["open"])))
    chosen = and_(mine, Conflict.ground == ground) if ground else mine
    order = list(grounds.BY_RULE)
    kinds = session.execute(select(Conflict.ground, func.count()).where(mine).group_by(Conflict.ground)).all()
    total = sum(n for code, n in kinds if ground in ("", code))
    page = min(max(page, 1), max(1, -(-total // PAGE)))
    seats = _seats()
    rows = session.execute(
        select(Conflict, seats).where(chosen).order_by(seats.desc(), Conflict.id).limit(PAGE).offset((page - 1) * PAGE)
    ).all()
    counted = session.execute(select(Conflict.status, func.count()).where(_of_call(call.id)).group_by(Conflict.status)).all()
    return Triage(
        rows=tuple(_lines(session, rows, actor)),
        total=total,
        page=page,
        shelves={name: sum(n for status, n in counted if status in statuses) for name, statuses in SHELVES.items()},
        kinds=tuple(sorted(((code, n) for code, n in kinds), key=lambda k: order.index(k[0]) if k[0] in order else len(order))),
        seats=session.execute(select(func.coalesce(func.sum(seats), 0)).where(chosen)).scalar_one(),
        undo=_undo(session, call.id, actor),
    )


def ids_of(session: Session, call_id: str, *, actor: Actor, shelf: str, ground: str) -> list[str]:
    """Every finding of one kind on a shelf: what "all of this kind" means."""
    permissions.require(actor, "conflict.read")
    statuses = SHELVES.get(shelf, SHELVES["open"])
    mine = and_(_of_call(_call(session, call_id).id), Conflict.status.in_(statuses), Conflict.ground == ground)
    return list(session.execute(select(Conflict.public_id).where(mine).order_by(Conflict.id)).scalars())


def of_call(session: Session, call_id: str, ids: Sequence[str], *, actor: Actor) -> list[str]:
    """Those of the ids that belong to this call."""
    permissions.require(actor, "conflict.read")
    mine = and_(_of_call(_call(session, call_id).id), Conflict.public_id.in_(ids))
    return list(session.execute(select(Conflict.public_id).where(mine)).scalars())


def not_computable(session: Session, call_id: str, *, actor: Actor) -> list[Unknown]:
    """People of whom a dossier gives the name alone, and no expert has that name: whether they are in the pool cannot be known."""
    permissions.require(actor, "conflict.read")
    call = _call(session, call_id)
    rows = select(Application).where(Application.call_id == call.id, Application.status.not_in(facts.NOT_FILED))
    applications = session.execute(rows.order_by(Application.number)).scalars().all()
    filed = records.filed(session, applications)
    named = session.execute(select(Expert.id, Person.name, Person.name_en).join(Person).where(Expert.active))
    register = Register((Known(str(own), tuple(filter(None, names)), "") for own, *names in named), {})
    of = {application.filed_number: application for application in applications}
    return [
        Unknown(of[dossier.id].label, of[dossier.id].public_id, person.name, person.role)
        for dossier in filed.dossiers
        for person in dossier.listed
        if register.find(person).state == "not_computable"
    ]


def _call(session: Session, call_id: str) -> Call:
    call = session.execute(select(Call).where(Call.public_id == call_id)).scalar_one_or_none()
    if call is None:
        raise NotFound("not_found")
    return call


def _of_call(call_id: int) -> ColumnElement[bool]:
    applications = select(Application.id).where(Application.call_id == call_id)
    return or_(Conflict.call_id == call_id, Conflict.application_id.in_(applications))


def _seats() -> ScalarSelect[int]:
    """The seats of deployed panels that a finding is about."""
    about = or_(PanelDossier.application_id == Conflict.application_id, Round.call_id == Conflict.call_id)
    return (
        select(func.count(func.distinct(Seat.id)))
        .join(Panel, Panel.id == Seat.panel_id)
        .join(Round, Round.id == Panel.round_id)
        .join(PanelDossier, PanelDossier.panel_id == Panel.id)
        .where(Seat.expert_id == Conflict.expert_id, about, Seat.status.in_(seating.SEATED), Panel.closed_at.is_(None))
        .correlate(Conflict)
        .scalar_subquery()
    )


def _lines(session: Session, rows: Sequence[Any], actor: Actor) -> list[Line]:
    ids = [row.id for row, _ in rows]
    history = _history(session, ids)
    pending = _pending(session, ids, actor)
    experts = _experts(session, {row.expert_id for row, _ in rows})
    out = []
    for row, seats in rows:
        expert_id, name, organisation = experts[row.expert_id]
        application = row.application
        out.append(
            Line(
                row.public_id, row.kind, row.ground, row.nature, row.hard, row.status, row.reopened, row.evidence, expert_id, name,
                organisation, application.public_id if application else "", application.label if application else "",
                application.title if application else "", application.organisation.name if application else "", row.raised_at,
                seats, row.asked_at, row.answer, row.answer_note, pending.get((row.id, row.status)), tuple(history.get(row.id, ())),
            )
        )  # fmt: skip
    return out


def _experts(session: Session, ids: set[int]) -> dict[int, tuple[str, str, str]]:
    rows = session.execute(
        select(Expert.id, Expert.public_id, Person.name, Organisation.name)
        .join(Person, Person.id == Expert.person_id)
        .outerjoin(Organisation, Organisation.id == Expert.organisation_id)
        .where(Expert.id.in_(ids))
    )
    return {own: (public_id, name, organisation or "") for own, public_id, name, organisation in rows}


def _history(session: Session, ids: Sequence[int]) -> dict[int, list[Decided]]:
    decisions = select(Decision).where(Decision.subject_kind == "conflict", Decision.subject_id.in_(ids))
    rows = session.execute(decisions.order_by(Decision.id.desc())).scalars().all()
    names = _names(session, {row.by_id for row in rows} | {row.confirmed_by_id for row in rows})
    found: dict[int, list[Decided]] = {}
    for row in rows:
        who = Decided(row.outcome, names.get(row.by_id, ""), names.get(row.confirmed_by_id, ""), row.at, row.text_ko)
        found.setdefault(row.subject_id, []).append(who)
    return found


def _pending(session: Session, ids: Sequence[int], actor: Actor) -> dict[tuple[int, str], Asked]:
    rows = session.execute(
        select(PendingMove).where(
            PendingMove.subject_kind == "conflict", PendingMove.subject_id.in_(ids), PendingMove.closed_at.is_(None)
        )
    ).scalars()
    moves = rows.all()
    names = _names(session, {move.asked_by_id for move in moves})
    return {
        (move.subject_id, move.from_status): Asked(
            move.to_status, names.get(move.asked_by_id, ""), move.reason, move.asked_by_id == actor.account_id
        )
        for move in moves
    }


def _names(session: Session, accounts: set[int | None]) -> dict[int | None, str]:
    rows = session.execute(select(Account.id, Person.name).join(Person).where(Account.id.in_(accounts - {None})))
    return {row[0]: row[1] for row in rows}


def _undo(session: Session, call_id: int, actor: Actor) -> Undo | None:
    """The newest decisions of one moment by this person: taken back together, unless one of them was decided again."""
    mine = or_(Decision.by_id == actor.account_id, Decision.confirmed_by_id == actor.account_id)
    about = select(Decision.at, Decision.outcome).join(Conflict, Conflict.id == Decision.subject_id)
    decided = about.where(Decision.subject_kind == "conflict", mine, _of_call(call_id))
    last = session.execute(decided.order_by(Decision.id.desc()).limit(1)).first()
    if actor.account_id is None or last is None or last.outcome == "raised":
        return None
    together = session.execute(
        select(Conflict.public_id, Conflict.status)
        .join(Decision, and_(Decision.subject_id == Conflict.id, Decision.subject_kind == "conflict"))
        .where(mine, Decision.at == last.at, Decision.outcome == last.outcome, _of_call(call_id))
    ).all()
    if any(status != last.outcome for _own, status in together):
        return None
    return Undo(last.outcome, tuple(own for own, _status in together), last.at)
