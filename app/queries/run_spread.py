"""How a run spreads its seats: over people, regions, sectors, seat types and sub-fields; and why people said no in its round."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models.experts import ExpertField
from app.models.matching import MatchRun
from app.models.reviews import Invitation
from app.queries.run_measures import Measures, measure
from app.workflow import bench as benches
from app.workflow import permissions
from app.workflow.actors import Actor


@dataclass(frozen=True)
class FieldSpread:
    """One sub-field: dossiers that name it first, seats of experts who work mainly in it, experts of the pool who do."""

    code: str
    dossiers: int
    seats: int
    experts: int


@dataclass(frozen=True)
class Spread:
    measures: Measures
    newcomers: int  # experts, not seats
    experts: int  # seated
    fields: tuple[FieldSpread, ...]
    declines: Mapping[str, int]  # reason → letters of the round
    letters: int
    silent: int


def spread(session: Session, run_id: str, *, actor: Actor) -> Spread:
    permissions.require(actor, "matching.read")
    run = session.execute(select(MatchRun).where(MatchRun.public_id == run_id)).scalar_one_or_none()
    if run is None or not run.result_digest:
        raise NotFound("not_found")
    bench = benches.lay_out(session, run)
    applications = benches.applications_of(session, bench)
    main = {row[0]: row[1] for row in session.execute(select(ExpertField.expert_id, ExpertField.code).where(ExpertField.main))}
    seats = [seat for panel in bench.panels.values() for seat in panel.seats]
    seated = {seat.expert for seat in seats}
    asked = Counter(row.field_1 for row in applications.values() if row.field_1)
    filled = Counter(main[seat.expert] for seat in seats if seat.expert in main)
    pool = Counter(code for own, code in main.items() if own in bench.pool and bench.pool[own].active)
    letters = session.execute(
        select(Invitation.answer, Invitation.decline_reason, func.count())
        .where(Invitation.round_id == run.round_id)
        .group_by(Invitation.answer, Invitation.decline_reason)
    ).all()
    return Spread(
        measures=measure(bench),
        newcomers=sum(bench.pool[own].newcomer for own in seated if own in bench.pool),
        experts=len(seated),
        fields=tuple(FieldSpread(code, asked[code], filled[code], pool[code]) for code in sorted({*asked, *filled, *pool})),
        declines=dict(Counter({reason: 0 for _, reason, _ in letters if reason})
                      + Counter({reason: n for answer, reason, n in letters if answer == "declined"})),
        letters=sum(n for _, _, n in letters),
        silent=sum(n for answer, _, n in letters if answer in ("no_answer", "lapsed")),
    )  # fmt: skip
