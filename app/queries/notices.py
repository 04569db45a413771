"""Public notices as anybody may read them, and with their objections as coordinators do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.errors import NotFound
from app.models.applications import Application
from app.models.designations import NoticeEdition, NoticeItem, Objection
from app.queries.lookup import by_public_id
from app.workflow import permissions
from app.workflow.actors import Actor


@dataclass(frozen=True)
class Item:
    """A product on notice: what was published of it, and where its application stands now."""

    application_id: str
    content: Mapping[str, Any]
    status: str
    objections: int

    @property
    def name(self) -> Mapping[str, str]:
        ko = str(self.content.get("name_ko") or "")
        return {"ko": ko, "en": str(self.content.get("name_en") or ko)}

    @property
    def company(self) -> Mapping[str, str]:
        ko = str(self.content.get("company") or "")
        return {"ko": ko, "en": str(self.content.get("company_en") or ko)}


@dataclass(frozen=True)
class Notice:
    public_id: str
    number: int
    call_id: str
    call_code: str
    call_title: Mapping[str, str]
    opens_at: datetime
    closes_at: datetime
    digest: str
    items: tuple[Item, ...]

    def open_at(self, moment: datetime) -> bool:
        return self.opens_at <= moment < self.closes_at

    def item(self, application_id: str) -> Item | None:
        return next((i for i in self.items if i.application_id == application_id), None)


@dataclass(frozen=True)
class Receipt:
    """What the person who objected keeps: number, product, ground, when it is answered."""

    public_id: str
    product: Mapping[str, str]
    ground: str
    status: str
    filed_at: datetime
    due_at: datetime
    edition: str


def public(session: Session, now: datetime) -> list[Notice]:
    """The notices that are open, or the last that closed when none is."""
    rows = list(
        session.execute(
            select(NoticeEdition).where(NoticeEdition.opens_at <= now).order_by(NoticeEdition.closes_at.desc())
        ).scalars()
    )
    open_ = [r for r in rows if r.closes_at > now]
    return [_notice(session, r) for r in (open_ or rows[:1])]


def one(session: Session, public_id: str) -> Notice:
    return _notice(session, by_public_id(session, NoticeEdition, public_id))


def of_call(session: Session, call_row_id: str, *, actor: Actor) -> list[Notice]:
    permissions.require(actor, "call.read")
    rows = session.execute(select(NoticeEdition).order_by(NoticeEdition.number.desc())).scalars()
    return [_notice(session, r) for r in rows if r.call.public_id == call_row_id]


def receipt(session: Session, objection_id: str) -> Receipt:
    """By its number alone, which only the person who filed it was given: nobody's name, mail or words are shown."""
    row = by_public_id(session, Objection, objection_id)
    if row.kind != "notice":
        raise NotFound("not_found")
    edition = session.get(NoticeEdition, row.edition_id) if row.edition_id else None
    content: Mapping[str, Any] = next(
        (c for c in (edition.content if edition else []) if c.get("application") == row.application.public_id), {}
    )
    ko = str(content.get("name_ko") or row.application.title)
    return Receipt(
        row.public_id,
        {"ko": ko, "en": str(content.get("name_en") or ko)},
        row.ground,
        row.status,
        row.filed_at,
        row.due_at,
        edition.public_id if edition else "",
    )


def _notice(session: Session, row: NoticeEdition) -> Notice:
    listed = session.execute(
        select(NoticeItem)
        .where(NoticeItem.edition_id == row.id)
        .options(selectinload(NoticeItem.application))
        .order_by(NoticeItem.id)
    ).scalars()
    by_id = {c.get("application"): c for c in row.content}
    return Notice(
        row.public_id,
        row.number,
        row.call.public_id,
        row.call.code,
        {"ko": row.call.title_ko, "en": row.call.title_en},
        row.opens_at,
        row.closes_at,
        row.digest,
        tuple(_items(session, row, [i.application for i in listed], by_id)),
    )


def _items(
    session: Session, row: NoticeEdition, applications: Sequence[Application], by_id: Mapping[Any, Mapping[str, Any]]
) -> list[Item]:
    filed: dict[int, int] = {}
    for application_id in session.execute(select(Objection.application_id).where(Objection.edition_id == row.id)).scalars():
        filed[application_id] = filed.get(application_id, 0) + 1
    return [Item(a.public_id, by_id.get(a.public_id, {}), a.status, filed.get(a.id, 0)) for a in applications]
