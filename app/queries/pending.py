"""Moves that one person asked for and another must confirm, as the page of their subject shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.models.people import Account
from app.workflow import door
from app.workflow.actors import Actor


@dataclass(frozen=True)
class Pending:
    """`mine`: the reader asked, so somebody else has to confirm."""

    target: str
    role: str
    reason: str
    data: Mapping[str, Any]
    asked_by: str
    asked_at: datetime
    mine: bool
    may_confirm: bool


def of(session: Session, row: Any, *, actor: Actor) -> Pending | None:
    """What waits for a second person about this row; callers check that the actor may read the row."""
    found = door.pending_of(session, row)
    if found is None:
        return None
    account = session.get(Account, found.asked_by_id)
    mine = found.asked_by_id == actor.account_id
    return Pending(
        found.to_status,
        found.role,
        found.reason,
        found.data or {},
        account.person.name if account else "",
        found.asked_at,
        mine,
        not mine and found.role in actor.roles,
    )
