"""The certified list as the procurement service receives it: an edition never changes, the next one says what differs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.clock import today_kst
from app.errors import Duplicate, WrongStage
from app.models.designations import Designation, DesignationEvent, ListEdition
from app.queries import list_rows
from app.queries.lookup import by_public_id
from app.workflow import door, permissions
from app.workflow.actors import Actor


def publish(session: Session, *, actor: Actor, now: datetime, expected: str = "") -> ListEdition:
    """Publish what holds today. `expected` is the digest of the rows a person previewed: other rows are not published unseen."""
    role = permissions.require(actor, "list.publish")
    rows = list_rows.current(session, today_kst(now))
    digest = journal.sha256(rows)
    if expected and expected != digest:
        raise WrongStage("list.changed_since_preview")
    last = newest(session)
    delta = list_rows.difference(last.rows if last else [], rows)
    if (last is None and not rows) or (last is not None and delta.empty):
        raise WrongStage("list.nothing_new")
    edition = ListEdition(
        number=(last.number if last else 0) + 1,
        rows=rows,
        delta=delta.as_json(),
        digest=digest,
        journal_head=journal.head(session),
        published_by_id=actor.account_id,
        published_at=now,
    )
    session.add(edition)
    session.flush()
    _note_listed(session, delta.added, actor, now)
    door.record(
        session,
        edition,
        "list.published",
        actor=actor,
        role=role,
        now=now,
        data={
            "number": edition.number,
            "digest": digest,
            "rows": len(rows),
            "added": len(delta.added),
            "removed": len(delta.removed),
            "changed": len(delta.changed),
            "journal_head": edition.journal_head,
        },
    )
    return edition


def receive(session: Session, edition_id: str, *, actor: Actor, now: datetime) -> ListEdition:
    """The procurement service confirms that it has taken the edition over."""
    role = permissions.require(actor, "list.receive")
    edition = by_public_id(session, ListEdition, edition_id)
    if edition.received_at is not None:
        raise Duplicate("list.received_already")
    edition.received_at, edition.received_by_id = now, actor.account_id
    door.record(
        session,
        edition,
        "list.received",
        actor=actor,
        role=role,
        now=now,
        data={"number": edition.number, "digest": edition.digest},
    )
    return edition


def newest(session: Session) -> ListEdition | None:
    return session.execute(select(ListEdition).order_by(ListEdition.number.desc()).limit(1)).scalar_one_or_none()


def _note_listed(session: Session, numbers: tuple[str, ...], actor: Actor, now: datetime) -> None:
    for row in session.execute(select(Designation).where(Designation.number.in_(numbers))).scalars():
        row.events.append(DesignationEvent(kind="listed", on=today_kst(now), by_id=actor.account_id, at=now))
