"""Writes what a run found: panels with seats, reasons and works, conflicts found by rule, and the numbers that sum it up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app import journal, records
from app.models.matching import RunPanel, RunSeat
from app.stages import matching
from app.stages.matching.inputs import Inputs
from app.workflow import door, permissions, suggestions
from app.workflow.actors import Actor
from app.workflow.conflicts import ledger
from reviewers.records import Conflict, Panel, Seat


@dataclass(frozen=True)
class Found:
    """What a worker computed from the inputs: the library's panels and conflicts, and how it went.

    `notes` holds, by panel, the rules that could not be kept; `measures` are numbers for the summary (total, bound, gap,
    seconds, peak memory …); `encoders` names the models with their digests.
    """

    panels: Sequence[Panel]
    conflicts: Sequence[Conflict]
    measures: Mapping[str, Any]
    notes: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    encoders: Mapping[str, str] = field(default_factory=dict)
    not_computable: int = 0  # people of dossiers of whom only a name is known


def record_run(session: Session, run_id: str, inputs: Inputs, found: Found, *, actor: Actor, now: datetime) -> None:
    """Store a run once and whole; a second attempt at a stored run writes nothing."""
    permissions.require(actor, "matching.record")
    run = matching.find(session, run_id)
    if run.status not in ("queued", "running"):
        return
    panel_ids = _panels(session, run.id, inputs, found)
    seats = [
        _seat_row(panel_id, place, inputs.pool)
        for panel_id, panel in zip(panel_ids, found.panels, strict=True)
        for place in _places(panel, inputs.substitutes)
    ]
    if seats:
        session.execute(insert(RunSeat), seats)
    scope = ledger.Scope(inputs.pool.row_ids, inputs.filed.row_ids, run.round.call_id)
    ledger.record(session, found.conflicts, scope, about=run, now=now)
    run.inputs_digest = inputs.digest
    run.result_digest = journal.sha256([[s.expert_id for s in panel.seats] for panel in found.panels])
    run.summary = summary(inputs, found)
    run.finished_at = now
    suggestions.ask_rest(session, now=now)
    door.advance(
        session, run, "done", actor=actor, now=now,
        data={"inputs_sha256": run.inputs_digest, "result_sha256": run.result_digest, "seats": run.summary["seats"],
              "empty": run.summary["empty"], "fit_sha256": run.summary.get("fit", ""),
              "affinity_sha256": run.summary.get("affinity", "")},
    )  # fmt: skip


def summary(inputs: Inputs, found: Found) -> dict[str, Any]:
    """The numbers above a run's page."""
    seated = [seat for panel in found.panels for seat in panel.seats]
    loads = Counter(seat.expert_id for seat in seated)
    by_load = Counter(loads.values())
    means = [panel_mean(panel) for panel in found.panels]
    counted = [conflict for conflict in found.conflicts if inputs.judged.counts(conflict)]
    blocked = Counter(conflict.ground for conflict in counted if conflict.hard)
    return {
        "dossiers": len(inputs.dossiers),
        "experts": len(inputs.experts),
        "works": sum(len(expert.works) for expert in inputs.experts),
        "panels": len(found.panels),
        "seats": len(seated),
        "empty": sum(len(panel.empty) for panel in found.panels),
        "mean": sum(seat.affinity for seat in seated) / max(len(seated), 1),
        "lowest": min(means, default=0.0),
        "loads": {str(load): by_load.get(load, 0) for load in range(1, max(by_load, default=0) + 1)},
        "unused": len(inputs.experts) - len(loads),
        "load_max": inputs.load_max,
        "full": dict(sorted(inputs.full.items())),
        "blocked": dict(sorted(blocked.items())),
        "to_look_at": sum(not conflict.hard and conflict.nature != "shown" for conflict in counted),
        "not_computable": found.not_computable,
        "encoders": dict(found.encoders),
        **found.measures,
    }


def panel_mean(panel: Panel) -> float:
    """Mean affinity over the seats wanted: an empty one counts as none."""
    wanted = len(panel.seats) + len(panel.empty)
    return sum(seat.affinity for seat in panel.seats) / max(wanted, 1)


@dataclass(frozen=True)
class _Place:
    seat: Seat
    ordinal: int
    substitute_rank: int


def _places(panel: Panel, substitutes: int) -> Iterator[_Place]:
    """Seats in their order, then the substitutes with their rank within the seat type; nobody twice."""
    taken = set()
    ranks: Counter[str | None] = Counter()
    for ordinal, seat in enumerate(panel.seats, 1):
        taken.add(seat.expert_id)
        yield _Place(seat, ordinal, 0)
    ordinal = len(panel.seats) + len(panel.empty)
    for seat in panel.substitutes:
        if seat.expert_id in taken or ranks[seat.seat_type] >= substitutes:
            continue
        taken.add(seat.expert_id)
        ranks[seat.seat_type] += 1
        ordinal += 1
        yield _Place(seat, ordinal, ranks[seat.seat_type])


def _panels(session: Session, run_id: int, inputs: Inputs, found: Found) -> list[int]:
    spec_of = {spec.id: spec for spec in inputs.specs}
    rows = [
        {
            "run_id": run_id,
            "number": int(panel.spec_id),
            "application_ids": [inputs.filed.row_ids[own] for own in spec_of[panel.spec_id].dossier_ids],
            "empty": len(panel.empty),
            "notes": [dict(note) for note in found.notes.get(panel.spec_id, ())],
        }
        for panel in found.panels
    ]
    if not rows:
        return []
    return list(session.execute(insert(RunPanel).returning(RunPanel.id, sort_by_parameter_order=True), rows).scalars())


def _seat_row(panel_id: int, place: _Place, pool: records.Pool) -> dict[str, Any]:
    seat = place.seat
    return {
        "run_panel_id": panel_id,
        "expert_id": pool.row_ids[seat.expert_id],
        "seat_type": seat.seat_type or "",
        "ordinal": place.ordinal,
        "substitute_rank": place.substitute_rank,
        "affinity": round(seat.affinity, 6),
        "works": [
            {
                "work_id": pool.work_ids[work.work_id],
                "title": work.title,
                "share": round(work.share, 4),
                "similarity": round(work.similarity, 4),
                "kind": work.kind,
                "year": work.year,
                "fading": round(work.fading, 4),
            }
            for work in seat.works
        ],
        "reasons": [_reason(code) for code in seat.reasons],
    }


def _reason(code: str) -> dict[str, str]:
    """`quota:seat_type:market` → {"code": "quota", "attribute": "seat_type", "value": "market"}."""
    name, *rest = code.split(":", 2)
    return {"code": name, **dict(zip(("attribute", "value"), rest, strict=False))}
