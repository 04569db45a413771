"""Seats of one panel are drawn anew: solved again with everything else left where it is, so that only this panel changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from app.affinities import Kept
from app.errors import WrongStage
from app.models.matching import RunEdit
from app.stages.matching import editing
from app.workflow import bench as benches
from app.workflow.actors import Actor
from app.workflow.bench import Barrier, Bench, Broken, Cost, Laid, Sitting, Someone
from reviewers.assignment import assign
from reviewers.records import AffinityTable, Expert, PanelSpec, Quota

STAYS, ENTERS = 1.0, 0.5  # whoever stays is worth more than any other choice, so that they are seated again


def redraw(
    session: Session, run_id: str, number: int, ordinals: Sequence[int], *, kept: Kept | None, actor: Actor, now: datetime
) -> RunEdit:
    """Fill these places anew, with others than those who leave them; without any, every seat that is not locked."""
    opened = editing.open_draft(session, run_id, actor)
    panel = opened.panel(number)
    if any(seat.locked for seat in panel.seats if seat.ordinal in ordinals):
        raise WrongStage("board.seat_locked")
    likings = kept.of(panel.applications) if kept else {}
    if not likings:
        raise WrongStage("board.no_affinity")
    barred = benches.barriers(session, opened.run, panel.applications)
    changed = solved_again(opened.bench, panel, ordinals, likings, barred)
    changes = editing.changes_of(session, panel, changed)
    if not changes:
        raise WrongStage("board.already_best")
    cost = editing.allowed(session, opened, panel, changed, reason="redraw")
    return editing.store(session, opened, "redraw", changes, cost, "", actor=actor, now=now)


def redraw_panels(
    session: Session, run_id: str, numbers: Sequence[int], *, kept: Kept | None, actor: Actor, now: datetime
) -> RunEdit:
    """Every seat that is not locked of several panels, one panel after the other, as one change."""
    opened = editing.open_draft(session, run_id, actor)
    bench, changes, broken = opened.bench, [], list[Broken]()
    for number in editing.chosen(numbers):
        panel = opened.panel(number)
        likings = kept.of(panel.applications) if kept else {}
        if not likings:
            raise WrongStage("board.no_affinity")
        barred = benches.barriers(session, opened.run, panel.applications)
        changed = solved_again(bench, panel, (), likings, barred)
        broken += benches.weigh(bench, panel, changed, barred).broken
        changes += editing.changes_of(session, panel, changed)
        bench = bench.with_panel(changed)
    if not changes:
        raise WrongStage("board.already_best")
    delta = sum(panel.total for panel in bench.panels.values()) - sum(panel.total for panel in opened.bench.panels.values())
    cost = Cost(delta, 0.0, 0.0, opened.bench.lowest, bench.lowest, tuple(broken))
    return editing.store(session, opened, "redraw", changes, cost, "", actor=actor, now=now)


def solved_again(
    bench: Bench, panel: Laid, ordinals: Collection[int], likings: Mapping[int, float], barred: Mapping[int, Sequence[Barrier]]
) -> Laid:
    """The panel with these places (or all unlocked ones) filled as well as the rules allow, the others as they are."""
    opens = set(ordinals) or {n for n in range(1, panel.wanted + 1) if not (s := panel.at(n)) or not s.locked}
    staying = [seat for seat in panel.seats if seat.ordinal not in opens]
    leaving = {seat.expert for seat in panel.seats if seat.ordinal in opens} if ordinals else set[int]()
    free = _may_enter(bench, panel, staying, leaving, likings, barred)
    here = [*(bench.pool[seat.expert] for seat in staying), *free]
    stays = {seat.expert for seat in staying}
    value = np.array([[STAYS if who.id in stays else ENTERS * likings[who.id] for who in here]], dtype=np.float32)
    quotas = tuple(Quota(q["attribute"], q["value"], q["least"], q["most"]) for q in bench.quotas)
    spec = PanelSpec("panel", ("panel",), panel.wanted, quotas, bench.rules["institution_cap"])
    table = AffinityTable(("panel",), tuple(str(who.id) for who in here), value)
    people = [_record(who, staying) for who in here]
    [found] = assign([spec], people, table, load_cap=1, seed=panel.number, method="mip").panels  # exact, whatever its rules
    seated = {int(seat.expert_id): seat.seat_type or "" for seat in found.seats}
    if not stays <= set(seated):
        raise WrongStage("board.redraw_impossible")
    return _placed(panel, staying, opens, {who: kind for who, kind in seated.items() if who not in stays}, likings)


def _may_enter(
    bench: Bench, panel: Laid, staying: Sequence[Sitting], leaving: set[int], likings: Mapping[int, float],
    barred: Mapping[int, Sequence[Barrier]],
) -> list[Someone]:  # fmt: skip
    """Whoever could take a place without breaking a rule about people; those who sit here already carry this panel."""
    here = {seat.expert for seat in panel.seats}
    stays = {seat.expert for seat in staying}
    return [
        who
        for who in bench.pool.values()
        if who.id in likings and who.active and who.id not in stays and who.id not in leaving and not barred.get(who.id)
        and bench.loads.get(who.id, 0) - (who.id in here) < who.cap
    ]  # fmt: skip


def _record(who: Someone, staying: Sequence[Sitting]) -> Expert:
    """As the solver knows people; whoever stays keeps the seat type they sit under."""
    own = next((seat.seat_type for seat in staying if seat.expert == who.id), None)
    types = frozenset({own}) if own else who.seat_types
    return Expert(str(who.id), who.house, sector=who.sector or None, seat_types=types, region=who.region or None, load_cap=1)


def _placed(
    panel: Laid, staying: Sequence[Sitting], opens: Collection[int], entering: Mapping[int, str], likings: Mapping[int, float]
) -> Laid:
    """Whoever sat here before keeps the place; the others take the empty places in the order of their affinity."""
    seats = list(staying)
    left = sorted(opens)
    for sitting in panel.seats:
        if sitting.ordinal in opens and sitting.expert in entering:
            seats.append(sitting._replace(seat_type=entering[sitting.expert]))
            left.remove(sitting.ordinal)
    known = {seat.expert for seat in seats}
    order = sorted((who for who in entering if who not in known), key=lambda who: (-likings[who], who))
    seats += [Sitting(n, who, entering[who], likings[who], False) for n, who in zip(left, order, strict=False)]
    return replace(panel, seats=tuple(sorted(seats, key=lambda seat: seat.ordinal)))
