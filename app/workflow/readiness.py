"""Whether the panels of a run may become those of its round: what stops it, what a person should know first.

The same list stands on the deployment's page, as warnings on the board, and in the way of the verb that deploys.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.models.applications import Application
from app.models.matching import Conflict, MatchRun
from app.workflow.bench import Bench, Judged
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
    """(application, expert) of seats → whether a conflict bars; False: it is a question that nobody has answered."""
    call_id = bench.run.round.call_id
    own = select(Application.id).where(Application.call_id == call_id)
    ledger = select(Conflict.application_id, Conflict.expert_id, Conflict.hard | (Conflict.status != "raised")).where(
        or_(Conflict.call_id == call_id, Conflict.application_id.in_(own)), Conflict.status.in_(barring.BARRING)
    )
    bars: dict[tuple[int | None, int], bool] = {}  # no application: from all of the call
    for about, expert, hard in session.execute(ledger):
        bars[about, expert] = bars.get((about, expert), False) or bool(hard)
    found = {}
    for panel in bench.panels.values():
        for application, seat in product(panel.applications, panel.seats):
            here = [bars[key] for key in ((application, seat.expert), (None, seat.expert)) if key in bars]
            if here:
                found[application, seat.expert] = any(here)
    return found


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
            if all(one is not None for one in found):  # a member barred from one dossier of several steps out of that one
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
