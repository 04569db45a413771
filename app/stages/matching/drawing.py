"""The public draw of a round's panels: the list is frozen, two coordinators commit and tell, the drawn order becomes a run.

The list is made of a computed run: its panels, its affinities and the conflicts on record. What is drawn is a run like any
other, to be looked at, deployed or withdrawn; its order can be repeated from the file of the draw alone.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session

from app import journal
from app.affinities import Kept
from app.errors import WrongStage
from app.models.lotteries import PanelDraw, PanelDrawSecret
from app.models.matching import MatchRun, RunPanel, RunSeat
from app.queries import draws
from app.stages import matching
from app.stages.matching import draft_numbers, draw_lists
from app.stages.matching.draw_lists import Place
from app.stages.matching.inputs import waiting
from app.workflow import bench as benches
from app.workflow import door, officials, permissions
from app.workflow import rules as call_rules
from app.workflow.actors import Actor
from app.workflow.bench import Bench, Laid
from reviewers import draw as lots
from reviewers.seat_types import FREE

LIST_RULES = ("draw_pool", "draw_multiple")


def freeze(session: Session, run_id: str, *, kept: Kept | None, actor: Actor, now: datetime) -> PanelDraw:
    """Fix who may be drawn for which seats of this run's panels; list and rules are named by their digests from now on.

    Nobody draws until the outcome pleases: what was drawn before is deployed, or withdrawn with a reason, first.
    """
    permissions.require(actor, "draw.hold")
    base = matching.find(session, run_id)
    rules = call_rules.from_json(base.round.call.rules)
    if rules.seating != "drawn":
        raise WrongStage("draw.not_in_rules")
    if not base.result_digest or base.status == "deployed":
        raise WrongStage("draw.base_not_stored")
    if session.execute(_standing(base.round_id)).first() is not None:
        raise WrongStage("draw.standing")
    bench = benches.lay_out(session, base)
    _still_waiting(session, base, bench)
    barred, recent = draw_lists.barriers(session, bench), draw_lists.recent_loads(session, now)
    strata = draw_lists.strata(bench, kept, barred, recent, rules.draw_pool)
    seating = draw_lists.seating(bench, strata, rules.draw_multiple)
    parameters = base.parameters | {name: getattr(rules, name) for name in LIST_RULES} | {"seating": "drawn"}
    last = session.execute(select(func.max(PanelDraw.number)).where(PanelDraw.round_id == base.round_id)).scalar_one()
    row = PanelDraw(
        round_id=base.round_id,
        number=(last or 0) + 1,
        base_id=base.id,
        parameters=parameters,
        rules_digest=journal.sha256(parameters),
        strata=strata,
        seating=seating,
        employers=draw_lists.employers(session, strata),
        list_digest=lots.list_digest(strata, seating),
        listed=_listed(bench, strata),
        frozen_by_id=actor.account_id,
        frozen_at=now,
    )
    session.add(row)
    data = {"list_sha256": row.list_digest, "rules_sha256": row.rules_digest, "base": base.public_id, **row.listed}
    door.record(session, row, "draw.frozen", actor=actor, role="coordinator", now=now, data=data)
    return row


def bind(session: Session, draw_id: str, *, secret: str, actor: Actor, now: datetime) -> PanelDrawSecret:
    """One of two coordinators binds themselves to a secret: only its digest is kept, here and in the journal."""
    row = _draw(session, draw_id, actor)
    said = officials.to_commit(row.secrets, secret, actor)
    digest = draws.commitment(row.public_id, actor.public_id, said)
    mine = PanelDrawSecret(account_id=actor.account_id, who=actor.public_id, digest=digest, committed_at=now)
    row.secrets.append(mine)
    door.record(session, row, "draw.committed", actor=actor, role="coordinator", now=now, data={"secret_sha256": digest})
    return mine


def tell(session: Session, draw_id: str, *, secret: str, kept: Kept | None, actor: Actor, now: datetime) -> PanelDraw:
    """Each tells the very secret they committed to; with the second the order is drawn and becomes a run."""
    row = _draw(session, draw_id, actor)
    mine = officials.tell(row.secrets, secret, partial(draws.commitment, row.public_id), actor=actor, now=now)
    door.record(session, row, "draw.told", actor=actor, role="coordinator", now=now, data={"secret_sha256": mine.digest})
    if officials.all_told(row.secrets):
        row.seed = lots.reveal(draws.said(row), [one.digest for one in row.secrets])
        row.drawn_at = now
        run = _become_run(session, row, kept, actor, now)
        data = {"seed": row.seed, "list_sha256": row.list_digest, "outcome_sha256": row.outcome_digest,
                "run": run.public_id, "result_sha256": run.result_digest}  # fmt: skip
        door.record(session, row, "draw.drawn", actor=actor, role="coordinator", now=now, data=data)
    return row


def _become_run(session: Session, row: PanelDraw, kept: Kept | None, actor: Actor, now: datetime) -> MatchRun:
    base, began = row.base, time.monotonic()
    bench = benches.lay_out(session, base)
    _still_waiting(session, base, bench)
    row.since = draw_lists.since(bench, row.seating, row.strata, draw_lists.barriers(session, bench))
    row.places = lots.walk(row.seating, lots.draw(row.strata, row.seed, row.seating), row.since)
    row.outcome_digest = lots.outcome_digest(row.since, row.places)
    last = session.execute(select(func.max(MatchRun.number)).where(MatchRun.round_id == base.round_id)).scalar_one()
    run = MatchRun(
        round_id=base.round_id,
        number=last + 1,
        seed=row.seed,
        parameters=row.parameters,
        inputs_digest=row.list_digest,
        summary=base.summary | {"method": "draw", "advice": [], "floor": None, "draw": row.public_id},
        base_id=base.id,
        by_id=actor.account_id,
        created_at=now,
        finished_at=now,
    )
    session.add(run)
    session.flush()
    _insert(session, run, bench, draw_lists.places(bench, row.places), kept)
    row.run = run
    draft_numbers.renew(session, run)
    run.summary = run.summary | {"seconds": round(time.monotonic() - began, 3)}
    door.advance(session, run, "running", actor=actor, now=now)
    door.advance(session, run, "done", actor=actor, now=now, data={"draw": row.public_id, "result_sha256": run.result_digest})
    return run


def _insert(session: Session, run: MatchRun, bench: Bench, drawn: Mapping[int, Sequence[Place]], kept: Kept | None) -> None:
    """The run's panels and seats; works are shown of those whom the run the list was made of had seated there too."""
    shown = select(RunSeat.run_panel_id, RunSeat.expert_id, RunSeat.works).join(RunPanel).where(RunPanel.run_id == bench.run.id)
    works = {(panel, expert): found for panel, expert, found in session.execute(shown)}
    for number, places in sorted(drawn.items()):
        panel = bench.panels[number]
        likings = kept.of(panel.applications) if kept else {}
        if not likings:
            raise WrongStage("board.no_affinity")
        seated = [place for place in places if not place.rank]
        row = RunPanel(
            run_id=run.id,
            number=number,
            application_ids=list(panel.applications),
            empty=panel.wanted - len(seated),
            notes=_notes(bench, panel, Counter(place.seat_type for place in seated)),
        )
        session.add(row)
        session.flush()
        rows = [
            {
                "run_panel_id": row.id,
                "expert_id": place.expert,
                "seat_type": place.seat_type,
                "ordinal": place.ordinal,
                "substitute_rank": place.rank,
                "affinity": likings.get(place.expert, 0.0),
                "works": works.get((panel.id, place.expert), []),
                "reasons": [{"code": "drawn"}],
            }
            for place in places
        ]
        if rows:
            session.execute(insert(RunSeat), rows)


def _notes(bench: Bench, panel: Laid, seated: Mapping[str, int]) -> list[dict[str, Any]]:
    """The seat types whose list ended before their seats were filled, as a run notes what it could not keep."""
    notes = []
    for kind, needed in draw_lists.wanted(bench, panel):
        if (got := seated.get(kind, 0)) < needed:
            typed = kind not in ("", FREE.code)
            notes.append({"code": "short_least" if typed else "short_seats", "attribute": "seat_type" if typed else None,
                          "value": kind if typed else None, "needed": needed, "got": got})  # fmt: skip
    return notes


def _listed(bench: Bench, strata: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """What the page says of a list without reading it."""
    short = sum(
        len(strata[draw_lists.stratum(panel, kind)]) < seats
        for panel in bench.panels.values()
        for kind, seats in draw_lists.wanted(bench, panel)
    )
    people = {expert for listed in strata.values() for expert in listed}
    return {"panels": len(bench.panels), "strata": len(strata), "entries": sum(map(len, strata.values())),
            "experts": len(people), "short": short}  # fmt: skip


def _standing(round_id: int) -> Select[int]:
    """Runs drawn in this round that are neither deployed nor withdrawn."""
    drawn = select(MatchRun.id).join(PanelDraw, PanelDraw.run_id == MatchRun.id)
    return drawn.where(PanelDraw.round_id == round_id, MatchRun.status == "done")


def _still_waiting(session: Session, base: MatchRun, bench: Bench) -> None:
    ready = {application.id for application in waiting(session, base)}
    if gone := {own for panel in bench.panels.values() for own in panel.applications} - ready:
        raise WrongStage("matching.dossiers_moved", n=len(gone))


def _draw(session: Session, public_id: str, actor: Actor) -> PanelDraw:
    permissions.require(actor, "draw.hold")
    return draws.find(session, public_id)
