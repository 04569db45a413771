"""The numbers that sum a draft up follow each change, so that every list and page shows it as it stands."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.models.experts import Expert
from app.models.matching import MatchRun, RunPanel, RunSeat


def renew(session: Session, run: MatchRun) -> None:
    """Recount the summary of a run from its seats, and name its panels by their digest anew."""
    rows = session.execute(
        select(RunPanel.id, RunSeat.affinity, Expert.source, Expert.external_id)
        .join(RunSeat, RunSeat.run_panel_id == RunPanel.id)
        .join(Expert, Expert.id == RunSeat.expert_id)
        .where(RunPanel.run_id == run.id, RunSeat.substitute_rank == 0)
        .order_by(RunPanel.number, RunSeat.ordinal)
    ).all()
    stored = session.execute(select(RunPanel.id, RunPanel.empty).where(RunPanel.run_id == run.id).order_by(RunPanel.number)).all()
    people: dict[int, list[str]] = {own: [] for own, _ in stored}
    totals = dict.fromkeys(people, 0.0)
    for panel_id, affinity, source, external_id in rows:
        people[panel_id].append(f"{source}:{external_id}")
        totals[panel_id] += affinity
    loads = Counter(who for own in people.values() for who in own)
    by_load = Counter(loads.values())
    total = sum(totals.values())
    bound = run.summary.get("bound", 0.0)
    run.result_digest = journal.sha256(list(people.values()))
    run.summary = run.summary | {
        "seats": len(rows),
        "empty": sum(empty for _, empty in stored),
        "mean": total / max(len(rows), 1),
        "lowest": min((totals[own] / max(len(people[own]) + empty, 1) for own, empty in stored), default=0.0),
        "loads": {str(load): by_load.get(load, 0) for load in range(1, max(by_load, default=0) + 1)},
        "unused": run.summary["experts"] - len(loads),
        "total": total,
        "gap": max(0.0, (bound - total) / bound) if bound else 0.0,
    }
