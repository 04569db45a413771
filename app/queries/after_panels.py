"""What a coordinator has to move on after the panels: fitness passed, notices and objections, committee, designations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.models.applications import Application
from app.models.calls import Call, Round
from app.models.designations import CommitteeItem, Designation, Objection
from app.queries import pending
from app.queries.bundles import ObjectionRow, objection_row
from app.queries.lookup import by_public_id
from app.queries.pending import Pending
from app.queries.products import names_of
from app.workflow import objections as against
from app.workflow import permissions, rounds
from app.workflow.actors import Actor
from app.workflow.phases import JUDGING


@dataclass(frozen=True)
class Row:
    """One application; `fitness` is the last review's outcome, `closes_at` the end of its last notice."""

    public_id: str
    label: str
    title: str
    company: Mapping[str, str]
    status: str
    fitness: str
    closes_at: datetime | None
    open_objections: int
    upheld: bool
    on_agenda: bool
    pending: Pending | None

    def notice_over(self, now: datetime) -> bool:
        return self.closes_at is not None and self.closes_at <= now


@dataclass(frozen=True)
class ReReview:
    """An application sent to another panel, and the round that judges it."""

    public_id: str
    label: str
    title: str
    company: Mapping[str, str]
    status: str
    round: int
    seated: bool


@dataclass(frozen=True)
class Held:
    """A designation with what may be done about it and what awaits a second person."""

    public_id: str
    number: str
    name: Mapping[str, str]
    company: Mapping[str, str]
    status: str
    valid_until: date
    pending: Pending | None


def rows(session: Session, call_id: str, statuses: Sequence[str], *, actor: Actor) -> list[Row]:
    """The applications of a call in these states, by the number their panel read."""
    permissions.require(actor, "call.read")
    call = by_public_id(session, Call, call_id)
    found = session.execute(
        select(Application)
        .where(Application.call_id == call.id, Application.status.in_(statuses))
        .options(selectinload(Application.organisation))
        .order_by(Application.panel_number, Application.number)
    ).scalars()
    return [_row(session, a, actor) for a in found]


def re_reviews(session: Session, call_id: str, *, actor: Actor) -> list[ReReview]:
    """The applications of a call whose re-review is not concluded, by round and number."""
    permissions.require(actor, "call.read")
    found = session.execute(
        select(Application, Round.number)
        .join(Round, Round.id == Application.round_id)
        .join(Call, Call.id == Application.call_id)
        .where(Call.public_id == call_id, Application.status.in_(("re_review", *JUDGING)))
        .options(selectinload(Application.organisation))
        .order_by(Round.number, Application.panel_number, Application.number)
    )
    return [
        ReReview(
            a.public_id, a.label, a.title, names_of(a.organisation), a.status, n, rounds.panel_of(session, a) is not None
        )
        for a, n in found
    ]


def objections(session: Session, call_id: str, *, actor: Actor) -> list[ObjectionRow]:
    """Of everybody about this call's applications; what still has to be answered first, the earliest date on top."""
    permissions.require(actor, "call.edit")
    call = by_public_id(session, Call, call_id)
    found = session.execute(
        select(Objection).join(Application, Application.id == Objection.application_id).where(Application.call_id == call.id)
    ).scalars()
    return [objection_row(o) for o in sorted(found, key=lambda o: (o.status not in against.OPEN, o.due_at, o.id))]


def designations(session: Session, call_id: str, *, actor: Actor) -> list[Held]:
    permissions.require(actor, "designation.read")
    call = by_public_id(session, Call, call_id)
    found = session.execute(
        select(Designation)
        .join(Application, Application.id == Designation.application_id)
        .where(Application.call_id == call.id)
        .order_by(Designation.series, Designation.serial)
    ).scalars()
    return [
        Held(
            d.public_id,
            d.number,
            {"ko": d.product.get("name_ko") or "", "en": d.product.get("name_en") or d.product.get("name_ko") or ""},
            names_of(d.organisation),
            d.status,
            d.valid_until,
            pending.of(session, d, actor=actor),
        )
        for d in found
    ]


def _row(session: Session, a: Application, actor: Actor) -> Row:
    fitness, notice = rounds.fitness_of(session, a), against.notice_of(session, a)
    left = select(Objection.id).where(
        Objection.application_id == a.id, Objection.kind == "notice", Objection.status.in_(against.OPEN)
    )
    agenda = select(CommitteeItem.id).where(CommitteeItem.application_id == a.id, CommitteeItem.outcome == "")
    return Row(
        a.public_id,
        a.label,
        a.title,
        names_of(a.organisation),
        a.status,
        fitness.outcome if fitness else "",
        notice.closes_at if notice else None,
        len(session.execute(left).all()),
        bool(against.upheld(session, a)),
        session.execute(agenda).first() is not None,
        pending.of(session, a, actor=actor),
    )
