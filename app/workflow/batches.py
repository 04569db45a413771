"""A panel of several dossiers: who steps out of one and judges the others, whom a conflict keeps from the whole panel."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy.orm import Session

from app.affinities import Kept
from app.models.applications import Application
from app.models.matching import Conflict, Seat
from app.workflow.conflicts import barring
from app.workflow.rules import Rules


class Against(Protocol):
    """A conflict between an expert and one dossier."""

    @property
    def application(self) -> int: ...
    @property
    def ground(self) -> str: ...


def step_out_most(parameters: Mapping[str, Any], seats: int) -> int:
    """How many members of a panel may be out of one dossier: as many as leave its judges, never fewer than the quorum."""
    if "judges_least" not in parameters:
        return 0
    judges: int = max(parameters["judges_least"], parameters["quorum"])
    return max(0, seats - judges)


def steps_out(
    parameters: Mapping[str, Any], seats: int, applications: Collection[int], against: Iterable[Against]
) -> frozenset[int] | None:
    """The dossiers that an expert with these conflicts would not judge; None where they keep from the whole panel."""
    found = list(against)
    out = frozenset(one.application for one in found)
    mild = step_out_most(parameters, seats) > 0 and all(one.ground in parameters["step_out_grounds"] for one in found)
    return out if not found or (mild and len(out) < len(applications)) else None


def likings(kept: Kept | None, out: Mapping[int, Collection[int]], applications: Sequence[int]) -> Mapping[int, float]:
    """Expert → mean affinity to these dossiers; those that somebody steps out of, as `out` says, count as none."""
    found = kept.of(applications) if kept else {}
    if kept is None or not any(out.values()):
        return found
    by_dossier = {own: kept.of((own,)) for own in applications}
    less = {
        expert: sum(by_dossier[own][expert] for own in applications if own not in some) / len(applications)
        for expert, some in out.items()
        if some and expert in found
    }
    return {**found, **{expert: round(mean, 6) for expert, mean in less.items()}}


def may_join(session: Session, seat: Seat, seated: Sequence[Seat], rules: Rules) -> bool:
    """Whether no conflict keeps a substitute from the panel, and each dossier they step out of keeps judges enough."""
    applications = [dossier.application_id for dossier in seat.panel.dossiers]
    who = {seat.expert_id, *(other.expert_id for other in seated)}
    rows = session.execute(
        barring.rows(applications).where(Conflict.expert_id.in_(who)).with_only_columns(
            Conflict.expert_id, Application.id.label("application"), Conflict.ground
        )
    ).all()  # fmt: skip
    own = steps_out(rules.as_json(), rules.panel_seats, applications, [row for row in rows if row.expert_id == seat.expert_id])
    if own is None:
        return False
    out = {(row.expert_id, row.application) for row in rows}
    most = step_out_most(rules.as_json(), rules.panel_seats)
    return all(sum((other.expert_id, application) in out for other in seated) < most for application in own)
