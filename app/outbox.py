"""Work owed: promised with the change that owes it, claimed by one worker at a time, its effect written once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import LostLease
from app.models.process import Promise

BACKOFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))


@dataclass(frozen=True)
class Claim:
    promise_id: int
    token: str
    attempt: int
    kind: str
    args: Mapping[str, Any]


def promise(session: Session, kind: str, *, key: str, args: Mapping[str, Any], now: datetime,
            queue: str = "default", due_at: datetime | None = None) -> Promise:
    """Owe `kind`; a promise with the same key stands for the same effect and is not made twice."""
    existing = session.execute(select(Promise).where(Promise.key == key)).scalar_one_or_none()
    if existing is not None:
        return existing
    row = Promise(kind=kind, key=key, args=dict(args), queue=queue, due_at=due_at or now, created_at=now)
    session.add(row)
    session.flush()
    return row


def due(session: Session, now: datetime, limit: int = 100) -> list[Promise]:
    """Open promises whose time has come and that nobody holds."""
    free = Promise.leased_until.is_(None) | (Promise.leased_until < now)
    query = select(Promise).where(Promise.state == "open", Promise.due_at <= now, free).order_by(Promise.due_at, Promise.id)
    return list(session.execute(query.limit(limit)).scalars())


def claim(session: Session, promise_id: int, *, now: datetime, lease: timedelta) -> Claim | None:
    """Take a promise for `lease`, or None when it is done or another worker holds it. Commit before computing."""
    token = secrets.token_hex(16)
    taken = session.execute(
        update(Promise)
        .where(Promise.id == promise_id, Promise.state == "open", Promise.due_at <= now,
               Promise.leased_until.is_(None) | (Promise.leased_until < now))
        .values(token=token, attempt=Promise.attempt + 1, leased_until=now + lease)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        return None
    row = session.get_one(Promise, promise_id, populate_existing=True)
    return Claim(row.id, token, row.attempt, row.kind, dict(row.args))


def complete(session: Session, claim: Claim, *, now: datetime) -> None:
    """Settle the promise in the transaction of its effect; a late worker's token no longer fits and everything rolls back."""
    _held(session, claim, state="done", done_at=now, leased_until=None, note="")


def progress(session: Session, claim: Claim, *, done: int, total: int, note: str, now: datetime, lease: timedelta) -> None:
    """Say how far the work is, and hold the promise for another `lease`."""
    _held(session, claim, done_n=done, total_n=total, note=note, leased_until=now + lease)


def renew(session: Session, claim: Claim, *, now: datetime, lease: timedelta) -> None:
    """Hold the promise for another `lease`."""
    _held(session, claim, leased_until=now + lease)


def release(session: Session, claim: Claim) -> None:
    """Put the promise down unkept: another worker may take it up at once."""
    _held(session, claim, leased_until=None)


def fail(session: Session, claim: Claim, *, error: str, now: datetime) -> None:
    """Try again after a growing pause; after the last pause the promise is dead and an administrator sees it."""
    dead = claim.attempt > len(BACKOFF)
    pause = BACKOFF[min(claim.attempt, len(BACKOFF)) - 1]
    _held(session, claim, state="dead" if dead else "open", due_at=now + pause, leased_until=None, last_error=error[:2000])


def revive(session: Session, promise_id: int, *, now: datetime) -> None:
    """An administrator opens a dead promise again."""
    session.execute(update(Promise).where(Promise.id == promise_id, Promise.state == "dead")
                    .values(state="open", attempt=0, due_at=now, leased_until=None))


def hasten(session: Session, promise_id: int, *, now: datetime) -> None:
    """Somebody asks for it now: no pause after an earlier failure, and a dead promise opens again. A holder keeps it."""
    revive(session, promise_id, now=now)
    session.execute(update(Promise).where(Promise.id == promise_id, Promise.state == "open", Promise.due_at > now)
                    .values(due_at=now))


def _held(session: Session, claim: Claim, **values: Any) -> None:
    mine = update(Promise).where(Promise.id == claim.promise_id, Promise.token == claim.token, Promise.state == "open")
    if session.execute(mine.values(**values)).rowcount != 1:  # type: ignore[attr-defined]
        raise LostLease("outbox.lost_lease", promise=claim.promise_id)
