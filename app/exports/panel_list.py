"""Who sits on which panel of a matching run, substitutes with their rank, each with the works that speak for them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.exports.tables import Table, Value
from app.i18n import gettext as _
from app.i18n import pair
from app.models.experts import Expert
from app.models.matching import MatchRun, RunPanel, RunSeat
from app.models.people import Organisation, Person
from app.queries import run_targets
from app.queries.matching import dossier_labels
from app.queries.rounds import file_stem
from app.workflow import permissions
from app.workflow.actors import Actor
from reviewers.seat_types import SEAT_TYPES


def build(session: Session, run_id: str, *, actor: Actor) -> Table:
    permissions.require(actor, "matching.read")
    run = session.execute(select(MatchRun).where(MatchRun.public_id == run_id)).scalar_one_or_none()
    if run is None:
        raise NotFound("not_found")
    seats = session.execute(
        select(RunPanel.number, RunPanel.application_ids, RunSeat, Expert.external_id, Person.name, Organisation.name)
        .join(RunPanel, RunPanel.id == RunSeat.run_panel_id)
        .join(Expert, Expert.id == RunSeat.expert_id)
        .join(Person, Person.id == Expert.person_id)
        .outerjoin(Organisation, Organisation.id == Expert.organisation_id)
        .where(RunPanel.run_id == run.id)
        .order_by(RunPanel.number, RunSeat.substitute_rank, RunSeat.ordinal)
    ).all()
    labels = dossier_labels(session, {own for row in seats for own in row[1]})
    lacking: dict[int, list[str]] = {}
    for row in run_targets.of_run(session, run_id, actor=actor):
        for number in row.met.lacking:
            lacking.setdefault(number, []).append(pair(row.met.label))
    rows: list[list[Value]] = [
        [
            number,
            "; ".join(labels[own][0] for own in applications),
            "; ".join(labels[own][1] for own in applications),
            seat.ordinal,
            seat.substitute_rank or None,
            pair(SEAT_TYPES.get(seat.seat_type)),
            external_id,
            name,
            organisation or "",
            round(seat.affinity, 4),
            _("locked") if seat.locked else "",
            "; ".join(f"{work['title']} ({round(100 * work['share'])} %)" for work in seat.works),
            "; ".join(lacking.get(number, ())),
        ]
        for number, applications, seat, external_id, name, organisation in seats
    ]
    columns = [
        ("panel", _("Panel")),
        ("dossier", _("Dossier")),
        ("title", _("Title")),
        ("seat", _("Seat")),
        ("substitute_rank", _("Substitute")),
        ("seat_type", _("Seat type")),
        ("expert_id", _("Expert id")),
        ("name", _("Name")),
        ("organisation", _("Organisation")),
        ("affinity", _("Affinity")),
        ("locked", _("Locked")),
        ("works", _("Works that speak for the seat")),
        ("targets_missed", _("Targets this panel misses")),
    ]
    return Table(f"{file_stem(run.round)}-panels-run-{run.number}", columns, rows)
