"""A question about the expert's own record, as the expert reads it: nothing of a dossier or of the people it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.matching import Conflict
from app.queries.lookup import by_public_id
from app.workflow import permissions
from app.workflow.actors import Actor

OWN = ("expert_organisation", "expert_unit", "title", "year", "kind", "declared", "on")  # what the expert's own record says


@dataclass(frozen=True)
class Question:
    public_id: str
    ground: str
    record: Mapping[str, Any]
    asked_at: datetime | None
    answered: bool
    open: bool


def one(session: Session, conflict_id: str, *, actor: Actor) -> Question:
    row = by_public_id(session, Conflict, conflict_id)
    permissions.require(actor, "conflict.answer", row)
    return _question(row)


def waiting(session: Session, expert_id: int) -> list[Question]:
    """The questions this expert has not answered."""
    rows = session.execute(
        select(Conflict)
        .where(
            Conflict.expert_id == expert_id,
            Conflict.asked_at.is_not(None),
            Conflict.answered_at.is_(None),
            Conflict.status == "raised",
        )
        .order_by(Conflict.id)
    ).scalars()
    return [_question(row) for row in rows]


def _question(row: Conflict) -> Question:
    own = {name: row.evidence[name] for name in OWN if row.evidence.get(name)}
    still = row.asked_at is not None and row.answered_at is None and row.status == "raised"
    return Question(row.public_id, row.ground, own, row.asked_at, row.answered_at is not None, still)
