"""Matching runs as coordinators read them, and as the file that leaves the platform."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models.applications import Application
from app.models.calls import Call, Round
from app.models.experts import Expert
from app.models.matching import Conflict, MatchRun, RunPanel, RunSeat
from app.models.people import Account, Person
from app.models.process import Promise
from app.queries.run_measures import met_targets
from app.workflow import bench as benches
from app.workflow import bench_dossiers, permissions, rounds, targets
from app.workflow.actors import Actor

PAGE = 50
WEAK_SHARE = 0.75  # of the run's mean: a panel below that deserves a look


@dataclass(frozen=True)
class RunRow:
    """One run with its numbers and, while it is under way, how far the work is."""

    public_id: str
    number: int
    round: int
    status: str
    seed: str
    parameters: Mapping[str, Any]
    summary: Mapping[str, Any]
    inputs_digest: str
    result_digest: str
    by: str  # empty: the operator at the command line
    created_at: datetime
    finished_at: datetime | None
    done: int
    total: int
    note: str  # code of what is being done
    trouble: str  # the last error of a worker
    dead: bool

    @property
    def under_way(self) -> bool:
        return self.status in ("queued", "running")

    @property
    def stored(self) -> bool:
        return self.status in ("done", "draft", "deployed", "withdrawn") and bool(self.result_digest)


@dataclass(frozen=True)
class Board:
    """What a coordinator sees before and between runs."""

    ready: int
    experts: int
    open_conflicts: int
    runs: tuple[RunRow, ...]

    @property
    def under_way(self) -> RunRow | None:
        return next((run for run in self.runs if run.under_way), None)


@dataclass(frozen=True)
class PanelRow:
    number: int
    dossiers: tuple[tuple[str, str], ...]  # label and title
    seats: int
    wanted: int
    mean: float
    lowest: float
    empty: int
    substitutes: int
    weak: bool


@dataclass(frozen=True)
class PanelPage:
    rows: tuple[PanelRow, ...]
    total: int
    page: int
    counts: Mapping[str, int]  # all, weak, gaps

    @property
    def last(self) -> int:
        return max(1, -(-self.total // PAGE))


def board(session: Session, call_id: str, *, actor: Actor, round_number: int | None = None) -> Board:
    permissions.require(actor, "matching.read")
    round_ = rounds.named(session, call_id, round_number)
    count = select(func.count())
    rows = session.execute(_runs().where(Round.id == round_.id).order_by(MatchRun.id.desc()))
    return Board(
        ready=session.execute(count.select_from(rounds.waiting(round_).subquery())).scalar_one(),
        experts=session.execute(count.select_from(Expert).where(Expert.active)).scalar_one(),
        open_conflicts=session.execute(
            count.select_from(Conflict)
            .join(Application, Application.id == Conflict.application_id)
            .where(rounds.judged_in(round_), Conflict.status == "raised")
        ).scalar_one(),
        runs=tuple(_run_row(*row) for row in rows),
    )


def run(session: Session, call_id: str, run_id: str, *, actor: Actor) -> RunRow:
    permissions.require(actor, "matching.read")
    call = select(Call.id).where(Call.public_id == call_id).scalar_subquery()
    found = session.execute(_runs().where(MatchRun.public_id == run_id, Round.call_id == call)).first()
    if found is None:
        raise NotFound("not_found")
    return _run_row(*found)


def panels(session: Session, run_id: str, *, actor: Actor, show: str = "all", page: int | None = 1) -> PanelPage:
    """The panels of a run, the weakest first; `show`: all, weak or gaps; `page` None gives them all."""
    permissions.require(actor, "matching.read")
    rows = _panel_rows(session, run_id)
    kept = {"all": rows, "weak": [r for r in rows if r.weak], "gaps": [r for r in rows if r.empty]}
    chosen = kept.get(show, rows)
    counts = {name: len(some) for name, some in kept.items()}
    if page is None:
        return PanelPage(tuple(chosen), len(chosen), 1, counts)
    page = min(max(page, 1), max(1, -(-len(chosen) // PAGE)))
    return PanelPage(tuple(chosen[(page - 1) * PAGE : page * PAGE]), len(chosen), page, counts)


def _panel_rows(session: Session, run_id: str) -> list[PanelRow]:
    owner = select(MatchRun.id).where(MatchRun.public_id == run_id).scalar_subquery()
    seated = (RunSeat.substitute_rank == 0).label("seated")
    counted = session.execute(
        select(RunSeat.run_panel_id, seated, func.count(), func.sum(RunSeat.affinity), func.min(RunSeat.affinity))
        .join(RunPanel, RunPanel.id == RunSeat.run_panel_id)
        .where(RunPanel.run_id == owner)
        .group_by(RunSeat.run_panel_id, seated)
    )
    numbers = {(row[0], bool(row[1])): (row[2], row[3], row[4]) for row in counted}
    stored = session.execute(select(RunPanel).where(RunPanel.run_id == owner).order_by(RunPanel.number)).scalars().all()
    titles = dossier_labels(session, {own for panel in stored for own in panel.application_ids})
    rows = []
    for panel in stored:
        n, total, lowest = numbers.get((panel.id, True), (0, 0.0, 0.0))
        rows.append(
            PanelRow(
                number=panel.number,
                dossiers=tuple(titles[own] for own in panel.application_ids),
                seats=n,
                wanted=n + panel.empty,
                mean=total / max(n + panel.empty, 1),
                lowest=lowest,
                empty=panel.empty,
                substitutes=numbers.get((panel.id, False), (0, 0, 0))[0],
                weak=False,
            )
        )
    usual = sum(row.mean for row in rows) / max(len(rows), 1)
    rows = [replace(row, weak=row.mean < WEAK_SHARE * usual) for row in rows]
    return sorted(rows, key=lambda row: (row.mean, row.number))


def dossier_labels(session: Session, ids: set[int]) -> dict[int, tuple[str, str]]:
    """Application → its label (A-117 once numbered for panels, else D-0412) and title."""
    if not ids:
        return {}
    rows = session.execute(
        select(Application.id, Application.panel_number, Application.number, Application.title).where(Application.id.in_(ids))
    )
    return {row.id: (f"A-{row.panel_number:03d}" if row.panel_number else f"D-{row.number:04d}", row.title) for row in rows}


def panel_labels(session: Session, run: int, numbers: Collection[int]) -> dict[int, tuple[str, str]]:
    """Number of a run's panel → label and title of its first dossier."""
    rows = session.execute(
        select(RunPanel.number, RunPanel.application_ids).where(RunPanel.run_id == run, RunPanel.number.in_(numbers))
    ).all()
    labels = dossier_labels(session, {applications[0] for _, applications in rows})
    return {number: labels[applications[0]] for number, applications in rows}


def _runs() -> Any:
    return (
        select(MatchRun, Round.number, Person.name, Promise)
        .join(Round, Round.id == MatchRun.round_id)
        .outerjoin(Account, Account.id == MatchRun.by_id)
        .outerjoin(Person, Person.id == Account.person_id)
        .outerjoin(Promise, Promise.id == MatchRun.promise_id)
    )


def _run_row(run: MatchRun, round_number: int, by: str | None, promise: Promise | None) -> RunRow:
    return RunRow(
        public_id=run.public_id,
        number=run.number,
        round=round_number,
        status=run.status,
        seed=run.seed,
        parameters=run.parameters,
        summary=run.summary,
        inputs_digest=run.inputs_digest,
        result_digest=run.result_digest,
        by=by or "",
        created_at=run.created_at,
        finished_at=run.finished_at,
        done=promise.done_n if promise else 0,
        total=promise.total_n if promise else 0,
        note=promise.note if promise else "",
        trouble=promise.last_error if promise and promise.state != "done" else "",
        dead=promise is not None and promise.state == "dead",
    )


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
        select(RunPanel.id, RunPanel.number, RunPanel.application_ids, RunPanel.notes)
        .where(RunPanel.run_id == run.id)
        .order_by(RunPanel.number)
    ).all()
    out = _out_of(session, run)
    file = {
        "call": run.round.call.code,
        "round": run.round.number,
        "run": run.public_id,
        "digest": run.inputs_digest,
        "result_digest": run.result_digest,
        "seed": run.seed,
        "seconds": run.summary["seconds"],
        "panels": [
            {
                "application_id": named[own],
                "seats": [seat for seat in seats.get(panel.id, []) if (panel.number, own, seat["expert_id"]) not in out],
            }
            for panel in panels
            for own in panel.application_ids
        ],
        "short": [
            {"application_ids": [named[own] for own in panel.application_ids], "rule": note["code"].removeprefix("short_")}
            | {name: note[name] for name in ("attribute", "value", "needed", "got")}
            for panel in panels
            for note in panel.notes
        ],
    }
    if targets.of(run.parameters):
        file["targets"] = _targets(session, run, {panel.number: [named[own] for own in panel.application_ids] for panel in panels})
    return file


def _out_of(session: Session, run: MatchRun) -> set[tuple[int, int, str]]:
    """Panel, application and expert of everybody who sits on a panel and leaves one of its dossiers to the others."""
    if run.parameters.get("panel_mode") != "batch":
        return set()
    bench = benches.lay_out(session, run)
    found = bench_dossiers.out_of(session, bench, tuple(bench.panels.values()))
    return {(*place, bench.pool[expert].external_id) for place, some in found.items() for expert in some}


def _targets(session: Session, run: MatchRun, named: Mapping[int, Sequence[str]]) -> dict[str, Any]:
    """What the targets cost in affinity, how far the panels meet each, and the applications that lack it."""
    return {
        "cost": run.summary.get("given", 0.0),
        "met": [
            {"attribute": met.attribute, "value": met.value, "least": met.least, "wanted": met.wanted, "got": met.got}
            | ({"lacking": [name for number in met.lacking for name in named[number]]} if met.least else {})
            for met in met_targets(benches.lay_out(session, run))
        ],
    }
