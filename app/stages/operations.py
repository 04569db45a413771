"""What keeps the platform running rather than a call moving: dead jobs opened again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app import outbox
from app.errors import NotFound
from app.models.process import Promise
from app.workflow import door, permissions
from app.workflow.actors import Actor


def revive(session: Session, promise_id: int, *, actor: Actor, now: datetime) -> None:
    """Open a dead promise again; its effect still happens at most once."""
    role = permissions.require(actor, "promise.revive")
    row = session.get(Promise, promise_id)
    if row is None or row.state != "dead":
        raise NotFound("not_found")
    outbox.revive(session, promise_id, now=now)
    door.record(session, row, "promise.revived", actor=actor, role=role, now=now)
