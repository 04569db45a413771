"""Runs side by side: the numbers of each, and the seats in which they differ."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.matching import MatchRun
from app.queries import matching as runs
from app.queries.matching import RunRow
from app.queries.run_measures import Measures, measure, seats_that_differ
from app.workflow import bench as benches
from app.workflow import permissions
from app.workflow.actors import Actor
from app.workflow.bench import Bench

MOST = 4  # side by side; more are not read across
LISTED = 100


@dataclass(frozen=True)
class Column:
    run: RunRow
    measures: Measures
    differ: int | None  # seats that the first run of the comparison fills otherwise; None for itself

    @property
    def given(self) -> float:
        """The affinity that the targets cost when the run was computed."""
        return float(self.run.summary.get("given", 0.0))


@dataclass(frozen=True)
class PanelDifference:
    label: str
    title: str
    means: tuple[float, float]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    choice: tuple[RunRow, ...]
    columns: tuple[Column, ...]
    panels: tuple[PanelDifference, ...]  # between the first two, the widest first
    n_panels: int


def compare(
    session: Session, call_id: str, run_ids: Collection[str], *, actor: Actor, round_number: int | None = None
) -> Comparison:
    """Without a choice the deployed run and the newest ones."""
    permissions.require(actor, "matching.read")
    stored = tuple(row for row in runs.board(session, call_id, actor=actor, round_number=round_number).runs if row.stored)
    chosen = [row for row in stored if row.public_id in run_ids][:MOST]
    if len(chosen) < 2 and not run_ids:
        chosen = sorted(stored, key=lambda row: row.status != "deployed")[:2]
    laid = [(row, _lay_out(session, row)) for row in sorted(chosen, key=lambda row: row.number)]
    columns = [
        Column(row, measure(bench), None if n == 0 else seats_that_differ(laid[0][1], bench)) for n, (row, bench) in enumerate(laid)
    ]
    panels = _panels(session, [bench for _, bench in laid[:2]])
    return Comparison(stored, tuple(columns), tuple(panels[:LISTED]), len(panels))


def _lay_out(session: Session, row: RunRow) -> Bench:
    return benches.lay_out(session, session.execute(select(MatchRun).where(MatchRun.public_id == row.public_id)).scalar_one())


def _panels(session: Session, pair: Sequence[Bench]) -> list[PanelDifference]:
    if len(pair) < 2:
        return []
    one, other = pair
    theirs = {panel.applications: panel for panel in other.panels.values()}
    both = [(mine, theirs[mine.applications]) for mine in one.panels.values() if mine.applications in theirs]
    changed = [(a, b) for a, b in both if {s.expert for s in a.seats} != {s.expert for s in b.seats}]
    labels = runs.dossier_labels(session, {a.applications[0] for a, _ in changed})
    found = []
    for a, b in changed:
        first, second = {s.expert for s in a.seats}, {s.expert for s in b.seats}
        names = [tuple(sorted(one.pool[own].name for own in some)) for some in (first - second, second - first)]
        found.append(PanelDifference(*labels[a.applications[0]], (a.mean, b.mean), names[0], names[1]))
    return sorted(found, key=lambda d: (-max(len(d.only_first), len(d.only_second)), -abs(d.means[1] - d.means[0]), d.label))
