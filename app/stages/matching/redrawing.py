"""Seats of one panel are drawn anew: solved again with everything else left where it is, so that only this panel changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from app.affinities import Kept
from app.errors import WrongStage
from app.models.matching import RunEdit
from app.stages.matching import editing
from app.workflow import batches, bench_dossiers, targets
from app.workflow import bench as benches
from app.workflow.actors import Actor
from app.workflow.bench import Barrier, Bench, Broken, Cost, Laid, Sitting, Someone
from reviewers.assignment.panels import assign
from reviewers.records import AffinityTable, Expert, PanelSpec, Quota

STAYS, ENTERS = 1.0, 0.5  # whoever stays is worth more than any other choice, so that they are seated again
DEAREST = 0.4  # of a target's price here: less than whoever stays is worth


def redraw(
    session: Session, run_id: str, number: int, ordinals: Sequence[int], *, kept: Kept | None, actor: Actor, now: datetime
) -> RunEdit:
    """Fill these places anew, with others than those who leave them; without any, every seat that is not locked."""
    opened = editing.open_draft(session, run_id, actor)
    panel = opened.panel(number)
    if any(seat.locked for seat in panel.seats if seat.ordinal in ordinals):
        raise WrongStage("board.seat_locked")
    barred = benches.barriers(session, opened.run, panel.applications)
    likings = bench_dossiers.likings(opened.bench, panel, kept, barred)
    if not likings:
        raise WrongStage("board.no_affinity")
    changed = solved_again(opened.bench, panel, ordinals, likings, barred, kept)
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
        barred = benches.barriers(session, opened.run, panel.applications)
        likings = bench_dossiers.likings(bench, panel, kept, barred)
        if not likings:
            raise WrongStage("board.no_affinity")
        changed = solved_again(bench, panel, (), likings, barred, kept)
        broken += benches.weigh(bench, panel, changed, barred).broken
        changes += editing.changes_of(session, panel, changed)
        bench = bench.with_panel(changed)
    if not changes:
        raise WrongStage("board.already_best")
    delta = sum(panel.total for panel in bench.panels.values()) - sum(panel.total for panel in opened.bench.panels.values())
    cost = Cost(delta, 0.0, 0.0, opened.bench.lowest, bench.lowest, tuple(broken))
    return editing.store(session, opened, "redraw", changes, cost, "", actor=actor, now=now)


def solved_again(
    bench: Bench, panel: Laid, ordinals: Collection[int], likings: Mapping[int, float], barred: Mapping[int, Sequence[Barrier]],
    kept: Kept | None = None,
) -> Laid:  # fmt: skip
    """The panel with these places (or all unlocked ones) filled as well as the rules and its own targets allow, the others as they
    are. What is wanted of all seats of the run is not looked at.
    """
    opens = set(ordinals) or {n for n in range(1, panel.wanted + 1) if not (s := panel.at(n)) or not s.locked}
    staying = [seat for seat in panel.seats if seat.ordinal not in opens]
    leaving = {seat.expert for seat in panel.seats if seat.ordinal in opens} if ordinals else set[int]()
    free = _may_enter(bench, panel, staying, leaving, likings, barred)
    here = [*(bench.pool[seat.expert] for seat in staying), *free]
    stays = {seat.expert for seat in staying}
    value = np.array([[STAYS if who.id in stays else ENTERS * likings[who.id] for who in here]], dtype=np.float32)
    quotas = tuple(Quota(q["attribute"], q["value"], q["least"], q["most"]) for q in bench.quotas)
    marks = _marks(bench, panel, here, barred, kept)
    spec = PanelSpec(
        "panel", ("panel",), panel.wanted, (*quotas, *_own_quotas(bench, panel, marks)), bench.rules["institution_cap"]
    )
    table = AffinityTable(("panel",), tuple(str(who.id) for who in here), value)
    people = [_record(bench, who, staying, marks.get(who.id, frozenset())) for who in here]
    aims = [replace(target, price=min(ENTERS * target.price, DEAREST)) for target in targets.of(bench.rules) if target.least]
    solved = assign([spec], people, table, load_cap=1, seed=panel.number, targets=aims, method="mip")  # exact, whatever its rules
    [found] = solved.panels
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
        if who.id in likings and who.active and who.id not in stays and who.id not in leaving
        and (not (against := barred.get(who.id)) or benches.steps_out(bench, panel, against))
        and bench.loads.get(who.id, 0) + (who.id not in here) * len(panel.applications) <= who.cap
    ]  # fmt: skip


def _marks(
    bench: Bench, panel: Laid, here: Sequence[Someone], barred: Mapping[int, Sequence[Barrier]], kept: Kept | None
) -> dict[int, frozenset[str]]:
    """Expert → which dossiers of a panel of several they know, and which they step out of, as attributes for quotas."""
    if len(panel.applications) == 1 or kept is None:
        return {}
    known_from = bench.rules.get("known_pct", 0) / 100
    known = {own: kept.of((own,)) for own in panel.applications}
    found = {}
    for who in here:
        out = benches.steps_out(bench, panel, barred.get(who.id, ())) or frozenset()
        knows = {own for own in panel.applications if own not in out and known[own].get(who.id, 0.0) >= known_from}
        found[who.id] = frozenset({*(f"knows:{own}" for own in knows), *(f"out:{own}" for own in out)})
    return found


def _own_quotas(bench: Bench, panel: Laid, marks: Mapping[int, frozenset[str]]) -> Iterable[Quota]:
    most, named = batches.step_out_most(bench.rules, panel.wanted), frozenset().union(*marks.values())
    for own in panel.applications if marks else ():
        if least := bench.rules.get("known_by", 0):
            yield Quota(f"knows:{own}", "yes", min(least, panel.wanted))
        if f"out:{own}" in named:
            yield Quota(f"out:{own}", "yes", 0, most)


def _record(bench: Bench, who: Someone, staying: Sequence[Sitting], marks: Collection[str]) -> Expert:
    """As the solver knows people; whoever stays keeps the seat type they sit under."""
    own = next((seat.seat_type for seat in staying if seat.expert == who.id), None)
    types = frozenset({own}) if own else who.seat_types
    return Expert(str(who.id), who.house, sector=who.sector or None, seat_types=types, region=who.region or None, load_cap=1,
                  attributes=benches.attributes_of(bench, who) | dict.fromkeys(marks, "yes"))  # fmt: skip


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
