"""Whether the panels of a run may become those of its round: what stops it, what a person should know first.

The same list stands on the deployment's page, as warnings on the board, and in the way of the verb that deploys.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.models.applications import Application
from app.models.matching import Conflict, MatchRun
from app.workflow import batches
from app.workflow import bench as benches
from app.workflow.bench import Barrier, Bench, Judged, Laid
from app.workflow.conflicts import barring

Standing = Mapping[tuple[int, int], bool]


@dataclass(frozen=True)
class Check:
    """`stops`: nothing is deployed while it holds for any of the `n` it counts."""

    code: str  # dossiers, barred, open, gone, loads, institution, most; seats, least, rules
    n: int
    stops: bool

    @property
    def kept(self) -> bool:
        return self.n == 0


def standing(session: Session, bench: Bench) -> dict[tuple[int, int], bool]:
    """(application, expert) of seats → whether a conflict bars; False: it is a question that nobody has answered.

    A member who may step out of one dossier of several is not among them, while enough judge it.
    """
    call_id = bench.run.round.call_id
    own = select(Application.id).where(Application.call_id == call_id)
    ledger = select(Conflict.application_id, Conflict.expert_id, Conflict.ground, Conflict.status, Conflict.hard).where(
        or_(Conflict.call_id == call_id, Conflict.application_id.in_(own)), Conflict.status.in_(barring.BARRING)
    )
    bars: dict[tuple[int | None, int], list[tuple[str, str, bool]]] = {}  # no application: from all of the call
    for about, expert, ground, status, hard in session.execute(ledger):
        bars.setdefault((about, expert), []).append((ground, status, hard))
    found: dict[tuple[int, int], bool] = {}
    for panel in bench.panels.values():
        here: dict[int, list[Barrier]] = {}
        for application, seat in product(panel.applications, panel.seats):
            for ground, status, hard in (*bars.get((application, seat.expert), ()), *bars.get((None, seat.expert), ())):
                here.setdefault(seat.expert, []).append(Barrier(ground, status, hard, {}, application))
        fair = _leaves_enough(bench, panel, here)
        for barrier, expert in ((barrier, expert) for expert, some in here.items() if expert not in fair for barrier in some):
            key = barrier.application, expert
            found[key] = found.get(key, False) or barrier.bars
    return found


def _leaves_enough(bench: Bench, panel: Laid, barred: Mapping[int, Sequence[Barrier]]) -> set[int]:
    """The members who step out of a dossier as the rules allow."""
    out = {expert: benches.steps_out(bench, panel, some) or frozenset() for expert, some in barred.items()}
    gone, most = Counter(own for some in out.values() for own in some), batches.step_out_most(bench.rules, panel.wanted)
    return {expert for expert, some in out.items() if some and all(gone[own] <= most for own in some)}


def checks(run: MatchRun, bench: Bench, applications: Mapping[int, Judged], conflicts: Standing) -> tuple[Check, ...]:
    """Every check, kept or not, those that stop first."""
    ready = "eligible" if run.round.kind == "first" else "re_review"
    seated = {seat.expert for panel in bench.panels.values() for seat in panel.seats}
    known = [bench.pool[own] for own in seated if own in bench.pool]
    short = Counter(rule.rule for _, rule in bench.shortfalls)
    barred = open_ = 0
    for panel in bench.panels.values():
        for seat in panel.seats:
            found = [conflicts.get((own, seat.expert)) for own in panel.applications]
            # Before the rules spoke of it, whoever was barred from one dossier of several stepped out of that one.
            if (any if "judges_least" in run.parameters else all)(one is not None for one in found):
                barred, open_ = barred + any(found), open_ + (not any(found))
    call = run.round.call.rules
    return (
        Check("dossiers", sum(row.status != ready for row in applications.values()), True),
        Check("barred", barred, True),
        Check("open", open_, True),
        Check("gone", sum(not who.active for who in known), True),
        Check("loads", sum(bench.loads.get(who.id, 0) > who.cap for who in known), True),
        Check("institution", short["institution"], True),
        Check("most", short["most"], True),
        Check("seats", short["seats"], False),
        Check("least", short["least"], False),
        Check("rules", sum(call.get(name) != value for name, value in run.parameters.items()), False),
    )
