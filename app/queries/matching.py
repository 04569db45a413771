"""Matching runs as coordinators read them, and as the file that leaves the platform."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models.applications import Application
from app.models.experts import Expert
from app.models.matching import MatchRun, RunPanel, RunSeat
from app.workflow import permissions
from app.workflow.actors import Actor


def run_file(session: Session, run_id: str, *, actor: Actor) -> dict[str, Any]:
    """The run as run.json: ids as imported, seats with the works that speak for them; substitutes are left out."""
    permissions.require(actor, "matching.read")
    run = session.execute(select(MatchRun).where(MatchRun.public_id == run_id)).scalar_one_or_none()
    if run is None or not run.result_digest:
        raise NotFound("not_found")
    named = {
        row.id: row.external_id or f"D-{row.number:04d}"
        for row in session.execute(
            select(Application.id, Application.external_id, Application.number).where(Application.call_id == run.round.call_id)
        )
    }
    seats: dict[int, list[dict[str, Any]]] = {}
    rows = session.execute(
        select(RunSeat.run_panel_id, RunSeat.affinity, RunSeat.works, RunSeat.seat_type, Expert.external_id)
        .join(RunPanel, RunPanel.id == RunSeat.run_panel_id)
        .join(Expert, Expert.id == RunSeat.expert_id)
        .where(RunPanel.run_id == run.id, RunSeat.substitute_rank == 0)
        .order_by(RunSeat.run_panel_id, RunSeat.ordinal)
    )
    for row in rows:
        works = [{"title": work["title"], "share": work["share"]} for work in row.works]
        seat = {"expert_id": row.external_id, "affinity": row.affinity, "works": works}
        seats.setdefault(row.run_panel_id, []).append(seat | ({"seat_type": row.seat_type} if row.seat_type else {}))
    panels = session.execute(
        select(RunPanel.id, RunPanel.application_ids).where(RunPanel.run_id == run.id).order_by(RunPanel.number)
    )
    return {
        "call": run.round.call.code,
        "run": run.public_id,
        "digest": run.inputs_digest,
        "result_digest": run.result_digest,
        "seed": run.seed,
        "seconds": run.summary["seconds"],
        "panels": [
            {"application_id": named[own], "seats": seats.get(panel.id, [])} for panel in panels for own in panel.application_ids
        ],
    }
