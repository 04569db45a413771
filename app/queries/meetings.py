"""The committee's meetings with their items, one item's bundle, and the cancellations it has to decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models.calls import Call
from app.models.designations import CommitteeItem, CommitteeMeeting, Designation
from app.queries import pending
from app.queries.bundles import Bundle, bundle_of
from app.queries.lookup import by_public_id
from app.queries.pending import Pending
from app.queries.products import names_of
from app.workflow import permissions
from app.workflow.actors import Actor


@dataclass(frozen=True)
class Item:
    application_id: str
    label: str
    title: str
    company: Mapping[str, str]
    field_1: str
    status: str
    opinion: str
    minutes: str
    outcome: str
    digest: str
    pending: Pending | None


@dataclass(frozen=True)
class Meeting:
    public_id: str
    number: int
    held_on: date
    call_id: str
    call_code: str
    call_title: Mapping[str, str]
    bundle_digest: str
    items: tuple[Item, ...]

    @property
    def open_n(self) -> int:
        return sum(not i.outcome for i in self.items)


@dataclass(frozen=True)
class Cancelling:
    """A designation whose cancellation was begun: when the time to be heard is over."""

    public_id: str
    number: str
    name: Mapping[str, str]
    company: Mapping[str, str]
    reason: str
    begun_at: datetime


def every(session: Session, *, actor: Actor) -> list[Meeting]:
    permissions.require(actor, "call.read")
    rows = session.execute(select(CommitteeMeeting).order_by(CommitteeMeeting.held_on.desc(), CommitteeMeeting.id.desc())).scalars()
    return [_meeting(session, row, actor) for row in rows]


def of_call(session: Session, call_id: str, *, actor: Actor) -> list[Meeting]:
    permissions.require(actor, "call.read")
    call = by_public_id(session, Call, call_id)
    rows = session.execute(
        select(CommitteeMeeting).where(CommitteeMeeting.call_id == call.id).order_by(CommitteeMeeting.number.desc())
    ).scalars()
    return [_meeting(session, row, actor) for row in rows]


def one(session: Session, meeting_id: str, *, actor: Actor) -> Meeting:
    permissions.require(actor, "call.read")
    return _meeting(session, by_public_id(session, CommitteeMeeting, meeting_id), actor)


def bundle(session: Session, meeting_id: str, application_id: str, *, actor: Actor) -> Bundle:
    """What the committee reads of one item on its agenda; nothing of what is not."""
    permissions.require(actor, "call.read")
    row = by_public_id(session, CommitteeMeeting, meeting_id)
    for item in row.items:
        if item.application.public_id == application_id:
            permissions.require(actor, "application.read", item.application)
            return bundle_of(session, item.application)
    raise NotFound("not_found")


def cancelling(session: Session, *, actor: Actor) -> list[Cancelling]:
    permissions.require(actor, "designation.read")
    rows = session.execute(select(Designation).where(Designation.status == "cancelling").order_by(Designation.id)).scalars()
    out = []
    for row in rows:
        begun = next(e for e in reversed(row.events) if e.kind == "cancelling")
        name = {"ko": row.product.get("name_ko") or "", "en": row.product.get("name_en") or row.product.get("name_ko") or ""}
        out.append(Cancelling(row.public_id, row.number, name, names_of(row.organisation), begun.note, begun.at))
    return out


def _meeting(session: Session, row: CommitteeMeeting, actor: Actor) -> Meeting:
    return Meeting(
        row.public_id,
        row.number,
        row.held_on,
        row.call.public_id,
        row.call.code,
        {"ko": row.call.title_ko, "en": row.call.title_en},
        row.bundle_digest,
        tuple(_item(session, item, actor) for item in row.items),
    )


def _item(session: Session, item: CommitteeItem, actor: Actor) -> Item:
    a = item.application
    return Item(
        a.public_id,
        a.label,
        a.title,
        names_of(a.organisation),
        a.field_1,
        a.status,
        item.opinion,
        item.minutes,
        item.outcome,
        item.digest,
        None if item.outcome else pending.of(session, a, actor=actor),
    )
