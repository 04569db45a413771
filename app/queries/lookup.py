"""One row by its public id, for verbs and pages alike: what nobody can name does not exist."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound

Row = TypeVar("Row")


def by_public_id(session: Session, model: type[Row], public_id: str) -> Row:
    """The row of this public id; NotFound when there is none."""
    named: Any = model
    row = session.execute(select(model).where(named.public_id == public_id)).scalar_one_or_none()
    if row is None:
        raise NotFound("not_found")
    return row
