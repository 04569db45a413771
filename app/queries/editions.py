"""Editions of the certified list, newest first, each with what differs from the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.clock import today_kst
from app.models.designations import ListEdition
from app.models.people import Account
from app.queries import list_rows
from app.queries.list_rows import Delta
from app.queries.lookup import by_public_id
from app.workflow import permissions
from app.workflow.actors import Actor


@dataclass(frozen=True)
class Edition:
    public_id: str
    number: int
    rows: Sequence[Mapping[str, Any]]
    delta: Mapping[str, Any]
    digest: str
    journal_head: str
    published_at: datetime
    received_at: datetime | None
    received_by: str


@dataclass(frozen=True)
class Preview:
    """What would be published now; `digest` is what the person agrees to."""

    rows: Sequence[Mapping[str, Any]]
    delta: Delta
    digest: str
    publishable: bool


def every(session: Session, *, actor: Actor) -> list[Edition]:
    permissions.require(actor, "designation.read")
    return [_edition(session, row) for row in session.execute(select(ListEdition).order_by(ListEdition.number.desc())).scalars()]


def one(session: Session, edition_id: str, *, actor: Actor) -> Edition:
    permissions.require(actor, "designation.read")
    return _edition(session, by_public_id(session, ListEdition, edition_id))


def preview(session: Session, now: datetime, *, actor: Actor) -> Preview:
    permissions.require(actor, "list.publish")
    rows = list_rows.current(session, today_kst(now))
    last = session.execute(select(ListEdition).order_by(ListEdition.number.desc()).limit(1)).scalar_one_or_none()
    delta = list_rows.difference(last.rows if last else [], rows)
    return Preview(rows, delta, journal.sha256(rows), bool(rows) if last is None else not delta.empty)


def _edition(session: Session, row: ListEdition) -> Edition:
    who = session.get(Account, row.received_by_id) if row.received_by_id else None
    return Edition(
        row.public_id,
        row.number,
        row.rows,
        row.delta,
        row.digest,
        row.journal_head,
        row.published_at,
        row.received_at,
        who.person.name if who else "",
    )
