"""A panel of a run dossier by dossier: who leaves one to the others, and what each expert would be worth to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from app.affinities import Kept
from app.workflow import batches
from app.workflow.bench import Barrier, Bench, Laid, barriers_by_dossier, steps_out


def likings(bench: Bench, panel: Laid, kept: Kept | None, barred: Mapping[int, Sequence[Barrier]]) -> Mapping[int, float]:
    """What each expert of the run would be worth to the panel; {} where its affinities are not kept."""
    return batches.likings(kept, {own: steps_out(bench, panel, some) or () for own, some in barred.items()}, panel.applications)


def out_of(session: Session, bench: Bench, panels: Sequence[Laid]) -> dict[tuple[int, int], dict[int, Barrier]]:
    """(panel, application) → the members who leave it to the others, each with the conflict."""
    by_dossier = barriers_by_dossier(session, bench.run, [own for laid in panels for own in laid.applications])
    found: dict[tuple[int, int], dict[int, Barrier]] = {}
    for laid in panels:
        for seat in laid.seats:
            against = [barrier for own in laid.applications for barrier in by_dossier.get(own, {}).get(seat.expert, ())]
            for barrier in against if steps_out(bench, laid, against) else ():
                found.setdefault((laid.number, barrier.application), {}).setdefault(seat.expert, barrier)
    return found
