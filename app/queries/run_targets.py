"""How far a run meets what its call aims at without making it a rule, as the panels stand now, and where it does not."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models.matching import MatchRun
from app.queries import matching as runs
from app.queries.run_measures import met_targets
from app.workflow import bench as benches
from app.workflow import permissions, targets
from app.workflow.actors import Actor
from app.workflow.targets import Met

LISTED = 12


@dataclass(frozen=True)
class TargetRow:
    """`panels`: number, label and title of those that lack it, the first few."""

    met: Met
    panels: tuple[tuple[int, str, str], ...]

    @property
    def more(self) -> int:
        return len(self.met.lacking) - len(self.panels)


def of_run(session: Session, run_id: str, *, actor: Actor) -> tuple[TargetRow, ...]:
    """Each target of the run; nothing where it has none."""
    permissions.require(actor, "matching.read")
    run = session.execute(select(MatchRun).where(MatchRun.public_id == run_id)).scalar_one_or_none()
    if run is None:
        raise NotFound("not_found")
    if not run.result_digest or not targets.of(run.parameters):
        return ()
    found = met_targets(benches.lay_out(session, run))
    labels = runs.panel_labels(session, run.id, {number for met in found for number in met.lacking[:LISTED]})
    return tuple(TargetRow(met, tuple((number, *labels[number]) for number in met.lacking[:LISTED])) for met in found)
