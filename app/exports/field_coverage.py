"""Supply and demand of a call by sub-field: the numbers of the coverage page."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.exports.tables import Table
from app.i18n import gettext as _
from app.i18n import pair
from app.models.calls import Call
from app.queries import field_coverage
from app.queries.lookup import by_public_id
from app.workflow.actors import Actor


def build(session: Session, call_id: str, *, actor: Actor) -> Table:
    found = field_coverage.of_call(session, call_id, actor=actor)
    columns = [
        ("field", _("Sub-field")),
        ("name", _("Name")),
        ("experts_main", _("Experts, main")),
        ("experts_named", _("Experts, all")),
        ("experts_by_works", _("Experts by works")),
        ("places_left", _("Places left")),
        ("dossiers", _("Dossiers")),
        ("dossiers_waiting", _("Without a panel")),
        ("seats_wanted", _("Seats wanted")),
        ("thin", _("thin")),
        ("short", _("short")),
    ]
    rows = [
        [r.field.code, pair(r.field), r.main, r.named, r.by_works, r.places, r.dossiers, r.waiting, r.wanted, r.thin, r.short]
        for r in found.rows
    ]
    return Table(f"{by_public_id(session, Call, call_id).code}-sub-fields", columns, rows)
