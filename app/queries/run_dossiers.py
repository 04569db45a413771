"""The dossiers of panels that judge several: who judges each, how many know it, who steps out and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.affinities import Kept
from app.errors import NotFound
from app.models.matching import MatchRun
from app.workflow import bench as benches
from app.workflow import bench_dossiers, permissions
from app.workflow.actors import Actor
from app.workflow.bench import Barrier, Bench, Laid


@dataclass(frozen=True)
class Out:
    expert: str  # public id
    name: str
    ground: str


@dataclass(frozen=True)
class DossierLine:
    """`known`: judges whose affinity to it is high enough, None where affinities are not kept; `needed`: as the call asks."""

    panel: int
    label: str
    title: str
    judges: int
    known: int | None
    needed: int
    out: tuple[Out, ...]

    @property
    def short(self) -> bool:
        return self.known is not None and self.known < self.needed


@dataclass(frozen=True)
class Dossiers:
    """`lines`: all of one panel; of a run those that are short, then those that somebody steps out of. `n`: looked at."""

    lines: tuple[DossierLine, ...]
    n: int
    short: int
    stepped: int
    known_pct: int


def of_run(session: Session, run_id: str, *, kept: Kept | None, actor: Actor, panel: int = 0) -> Dossiers | None:
    """None where every panel looked at judges one dossier."""
    permissions.require(actor, "matching.read")
    run = session.execute(select(MatchRun).where(MatchRun.public_id == run_id)).scalar_one_or_none()
    if run is None or not run.result_digest:
        raise NotFound("not_found")
    if run.parameters.get("panel_mode") != "batch":
        return None
    bench = benches.lay_out(session, run)
    chosen = [laid for number, laid in bench.panels.items() if panel in (0, number) and len(laid.applications) > 1]
    if not chosen:
        return None
    out = bench_dossiers.out_of(session, bench, chosen)
    titles = benches.applications_of(session, bench)
    lines = [
        _line(
            bench,
            laid,
            titles[own].label,
            titles[own].title,
            own,
            kept.of((own,)) if kept else None,
            out.get((laid.number, own), {}),
        )
        for laid in chosen
        for own in laid.applications
    ]
    shown = sorted((line for line in lines if line.short or line.out), key=lambda line: (not line.short, line.label))
    short, stepped = sum(line.short for line in lines), sum(bool(line.out) for line in lines)
    return Dossiers(tuple(lines if panel else shown), len(lines), short, stepped, run.parameters.get("known_pct", 0))


def _line(
    bench: Bench, laid: Laid, label: str, title: str, own: int, affinity: Mapping[int, float] | None, out: Mapping[int, Barrier]
) -> DossierLine:
    judges = [seat.expert for seat in laid.seats if seat.expert not in out]
    known_from, needed = bench.rules.get("known_pct", 0) / 100, min(bench.rules.get("known_by", 0), laid.wanted)
    return DossierLine(
        panel=laid.number,
        label=label,
        title=title,
        judges=len(judges),
        known=sum(affinity.get(who, 0.0) >= known_from for who in judges) if affinity else None,
        needed=needed,
        out=tuple(Out(bench.pool[who].public_id, bench.pool[who].name, barrier.ground) for who, barrier in out.items()),
    )
