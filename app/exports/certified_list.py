"""One edition of the certified list: the columns of the public mall with ours, as it was published and never changes."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.exports.tables import Table, Value
from app.i18n import pair
from app.models.designations import ListEdition
from app.queries.list_rows import COLUMNS
from app.queries.lookup import by_public_id
from app.workflow import permissions
from app.workflow.actors import Actor


def build(session: Session, edition_id: str, *, actor: Actor) -> Table:
    permissions.require(actor, "designation.read")
    edition = by_public_id(session, ListEdition, edition_id)
    rows: list[list[Value]] = [[row.get(c.key) for c in COLUMNS] for row in edition.rows]
    return Table(f"ppir-certified-list-{edition.number:04d}", [(c.key, pair(c)) for c in COLUMNS], rows)
