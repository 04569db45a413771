"""A draft: a copy of a run that people change seat by seat. Each change is weighed first, kept on record, and can be taken back.

The run it was copied from stays as it was computed. A rule without exception refuses a change; any other asks for a reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, literal, select, update
from sqlalchemy.orm import Session

from app import journal
from app.affinities import Kept
from app.errors import Invalid, NotFound, Stale, WrongStage
from app.models.experts import Expert
from app.models.matching import MatchRun, RunEdit, RunPanel, RunSeat
from app.stages import matching
from app.stages.matching import draft_numbers
from app.workflow import bench as benches
from app.workflow import bench_dossiers, door, permissions
from app.workflow.actors import Actor
from app.workflow.bench import Bench, Cost, Laid, Sitting

COPIED = ("expert_id", "seat_type", "ordinal", "substitute_rank", "affinity", "works", "reasons", "locked")
BY_HAND = {"code": "by_hand"}
REASON_MOST = 2000
PANELS_MOST = 50  # changed together


@dataclass(frozen=True)
class Opened:
    """A draft with its panels laid out, for one verb."""

    run: MatchRun
    bench: Bench
    role: str

    def panel(self, number: int) -> Laid:
        if number not in self.bench.panels:
            raise NotFound("not_found")
        return self.bench.panels[number]


def copy(session: Session, run_id: str, *, actor: Actor, now: datetime) -> MatchRun:
    """A draft with the panels of a stored run, under the next number of its round."""
    role = permissions.require(actor, "matching.edit")
    base = matching.find(session, run_id)
    if not base.result_digest:
        raise WrongStage("board.not_stored")
    last = session.execute(select(func.max(MatchRun.number)).where(MatchRun.round_id == base.round_id)).scalar_one()
    draft = MatchRun(
        round_id=base.round_id, number=last + 1, seed=base.seed, parameters=base.parameters, inputs_digest=base.inputs_digest,
        result_digest=base.result_digest, summary=base.summary, base_id=base.id, by_id=actor.account_id, created_at=now,
        finished_at=now,
    )  # fmt: skip
    session.add(draft)
    session.flush()
    _copy_panels(session, base.id, draft.id)
    door.advance(session, draft, "draft", actor=actor, now=now, data={"base": base.public_id})
    door.record(session, base, "match_run.copied", actor=actor, role=role, now=now, data={"draft": draft.public_id})
    return draft


def seat(
    session: Session, run_id: str, number: int, ordinal: int, expert_id: str, *, kept: Kept | None, holder: str = "",
    reason: str = "", actor: Actor, now: datetime,
) -> RunEdit:  # fmt: skip
    """Give a place to an expert, in the stead of `holder` or where it is empty; `holder` is who the page showed there."""
    opened = open_draft(session, run_id, actor)
    panel = opened.panel(number)
    there = _there(opened, panel, ordinal, holder)
    expert = _expert(session, expert_id)
    changed = with_seat(opened.bench, panel, ordinal, expert, liking(session, opened, kept, panel, expert))
    cost = allowed(session, opened, panel, changed, reason)
    changes = [_change(session, panel, ordinal, _hand_seat(changed, ordinal)), *_without_substitute(session, panel, expert)]
    return store(session, opened, "replace" if there else "add", changes, cost, reason, actor=actor, now=now)


def remove(
    session: Session, run_id: str, number: int, ordinal: int, *, holder: str, reason: str = "", actor: Actor, now: datetime
) -> RunEdit:
    """Empty a place; the gap stays visible until somebody fills it."""
    opened = open_draft(session, run_id, actor)
    panel = opened.panel(number)
    there = _there(opened, panel, ordinal, holder)
    if there is None:
        raise Stale("board.seat_moved")
    changed = replace(panel, seats=tuple(s for s in panel.seats if s is not there))
    cost = allowed(session, opened, panel, changed, reason)
    return store(session, opened, "remove", [_change(session, panel, ordinal, None)], cost, reason, actor=actor, now=now)


def lock(session: Session, run_id: str, number: int, ordinals: Sequence[int], on: bool, *, actor: Actor, now: datetime) -> RunEdit:
    """Lock or unlock seats; no ordinal means all of the panel. Whoever is locked stays until somebody unlocks the seat."""
    return _lock(session, run_id, {number: ordinals}, on, actor, now)


def lock_panels(session: Session, run_id: str, numbers: Sequence[int], on: bool, *, actor: Actor, now: datetime) -> RunEdit:
    """Lock or unlock every seat of several panels as one change."""
    return _lock(session, run_id, dict.fromkeys(chosen(numbers), ()), on, actor, now)


def chosen(numbers: Sequence[int]) -> Sequence[int]:
    """Panels picked from a list: at least one, and no more than a list shows."""
    if not numbers or len(numbers) > PANELS_MOST:
        raise Invalid("board.choose_panels", most=PANELS_MOST)
    return sorted(set(numbers))


def _lock(session: Session, run_id: str, places: Mapping[int, Sequence[int]], on: bool, actor: Actor, now: datetime) -> RunEdit:
    opened = open_draft(session, run_id, actor)
    changes = []
    for number, ordinals in places.items():
        panel = opened.panel(number)
        for sitting in panel.seats:
            if (not ordinals or sitting.ordinal in ordinals) and sitting.locked is not on:
                change = _change(session, panel, sitting.ordinal, None)
                changes.append(change | {"after": change["before"] | {"locked": on}})
    if not changes:
        raise WrongStage("board.nothing_to_lock" if on else "board.nothing_to_unlock")
    lowest = opened.bench.lowest
    none = Cost(0.0, 0.0, 0.0, lowest, lowest, ())
    return store(session, opened, "lock" if on else "unlock", changes, none, "", actor=actor, now=now)


def undo(session: Session, run_id: str, number: int, *, actor: Actor, now: datetime) -> int:
    """Take back the edit of this number and every later one, the last first. Returns how many."""
    opened = open_draft(session, run_id, actor)
    edits = session.execute(
        select(RunEdit)
        .where(RunEdit.run_id == opened.run.id, RunEdit.number >= number, RunEdit.undone_at.is_(None))
        .order_by(RunEdit.number.desc())
    ).scalars().all()  # fmt: skip
    if not edits:
        raise WrongStage("board.nothing_to_undo")
    for edit in edits:
        put(session, opened.run, [c | {"before": c["after"], "after": c["before"]} for c in edit.changes])
        edit.undone_at, edit.undone_by_id = now, actor.account_id
    draft_numbers.renew(session, opened.run)
    door.record(session, opened.run, "match_run.edit_undone", actor=actor, role=opened.role, now=now,
                data={"from": edits[-1].number, "n": len(edits)})  # fmt: skip
    return len(edits)


# what the verbs share with redraws and files


def open_draft(session: Session, run_id: str, actor: Actor) -> Opened:
    """The draft, held for this transaction: two people's changes come one after the other."""
    role = permissions.require(actor, "matching.edit")
    run = session.execute(select(MatchRun).where(MatchRun.public_id == run_id).with_for_update()).scalar_one_or_none()
    if run is None:
        raise NotFound("not_found")
    if run.status != "draft":
        raise WrongStage("board.no_draft")
    return Opened(run, benches.lay_out(session, run), role)


def with_seat(bench: Bench, panel: Laid, ordinal: int, expert: int, affinity: float) -> Laid:
    """The panel with this expert at this place, under the seat type the place has or needs."""
    there = panel.at(ordinal)
    sitting = Sitting(ordinal, expert, there.seat_type if there else bench.free_type(panel), affinity, False)
    return replace(panel, seats=tuple(sorted((*(s for s in panel.seats if s is not there), sitting), key=lambda s: s.ordinal)))


def liking(session: Session, opened: Opened, kept: Kept | None, panel: Laid, expert: int) -> float:
    barred = benches.barriers(session, opened.run, panel.applications)
    found = bench_dossiers.likings(opened.bench, panel, kept, barred).get(expert)
    if found is None:
        raise WrongStage("board.no_affinity")
    return found


def allowed(session: Session, opened: Opened, panel: Laid, changed: Laid, reason: str) -> Cost:
    """The cost of a change; Invalid where a rule refuses it, or where it wants a reason and there is none."""
    cost = benches.weigh(opened.bench, panel, changed, benches.barriers(session, opened.run, panel.applications))
    if cost.refused:
        rule = next(rule for rule in cost.broken if rule.hard)
        raise Invalid(f"board.refused_{rule.rule}", **rule.data)
    if cost.needs_reason and not reason.strip():
        raise Invalid("board.reason_needed", problems={"reason": "board.reason_needed"})
    return cost


def store(
    session: Session, opened: Opened, kind: str, changes: list[dict[str, Any]], cost: Cost, reason: str, *, actor: Actor,
    now: datetime,
) -> RunEdit:  # fmt: skip
    """Put the changes in place and keep them on record."""
    put(session, opened.run, changes)
    last = session.execute(select(func.max(RunEdit.number)).where(RunEdit.run_id == opened.run.id)).scalar_one()
    edit = RunEdit(
        run_id=opened.run.id, number=(last or 0) + 1, kind=kind, changes=changes, delta=cost.delta,
        lowest_before=cost.lowest_before, lowest_after=cost.lowest_after, broken=[rule.as_json() for rule in cost.broken],
        reason=reason.strip()[:REASON_MOST], by_id=actor.account_id, at=now,
    )  # fmt: skip
    session.add(edit)
    session.flush()
    draft_numbers.renew(session, opened.run)
    door.record(
        session, opened.run, "match_run.edited", actor=actor, role=opened.role, now=now,
        data={"edit": edit.public_id, "number": edit.number, "kind": kind, "seats": len(changes), "reason": edit.reason,
              "changes_sha256": journal.sha256(changes), "result_sha256": opened.run.result_digest},
    )  # fmt: skip
    return edit


def put(session: Session, run: MatchRun, changes: Sequence[Mapping[str, Any]]) -> None:
    """Each place from what it held to what it shall hold; all leave before anybody enters."""
    numbers = {change["panel"] for change in changes}
    rows = session.execute(select(RunPanel.number, RunPanel.id).where(RunPanel.run_id == run.id, RunPanel.number.in_(numbers)))
    panel_of = {row[0]: row[1] for row in rows}
    for change in (c for c in changes if c["before"]):
        gone = session.execute(
            delete(RunSeat).where(
                RunSeat.run_panel_id == panel_of[change["panel"]],
                RunSeat.ordinal == change["ordinal"],
                RunSeat.expert_id == change["before"]["expert_id"],
            )
        )
        if not gone.rowcount:  # type: ignore[attr-defined]
            raise Stale("board.seat_moved")
    entering = [{"run_panel_id": panel_of[c["panel"]], "ordinal": c["ordinal"], **c["after"]} for c in changes if c["after"]]
    if entering:
        session.execute(insert(RunSeat), entering)
    for number in numbers:
        grown = sum(_seated(c["after"]) - _seated(c["before"]) for c in changes if c["panel"] == number)
        if grown:
            wanted = RunPanel.id == panel_of[number]
            session.execute(update(RunPanel).where(wanted).values(empty=RunPanel.empty - grown))
    session.expire_all()


def seat_values(sitting: Sitting, **more: Any) -> dict[str, Any]:
    """A seat given by hand or by a redraw as its row will hold it."""
    return {
        "expert_id": sitting.expert, "seat_type": sitting.seat_type, "substitute_rank": 0, "affinity": round(sitting.affinity, 6),
        "works": [], "reasons": [BY_HAND], "locked": sitting.locked, **more,
    }  # fmt: skip


def changes_of(session: Session, panel: Laid, changed: Laid, **more: Any) -> list[dict[str, Any]]:
    """Every place in which two states of a panel differ, and the substitutes who move up."""
    out = []
    for ordinal in range(1, panel.wanted + 1):
        was, becomes = panel.at(ordinal), changed.at(ordinal)
        if was == becomes:
            continue
        if was and becomes and was.expert == becomes.expert:  # the same person under another seat type
            change = _change(session, panel, ordinal, None)
            out.append(change | {"after": change["before"] | {"seat_type": becomes.seat_type}})
            continue
        out.append(_change(session, panel, ordinal, seat_values(becomes, **more) if becomes else None))
        if becomes:
            out += _without_substitute(session, panel, becomes.expert)
    return out


def _hand_seat(changed: Laid, ordinal: int) -> dict[str, Any]:
    sitting = changed.at(ordinal)
    assert sitting is not None
    return seat_values(sitting)


def _change(session: Session, panel: Laid, ordinal: int, after: Mapping[str, Any] | None) -> dict[str, Any]:
    """From the row that is there to `after`."""
    place = RunSeat.run_panel_id == panel.id, RunSeat.ordinal == ordinal
    row = session.execute(select(RunSeat).where(*place)).scalar_one_or_none()
    return {"panel": panel.number, "ordinal": ordinal, "before": _values(row), "after": dict(after) if after else None}


def _values(row: RunSeat | None) -> dict[str, Any] | None:
    return None if row is None else {name: getattr(row, name) for name in COPIED if name != "ordinal"}


def _without_substitute(session: Session, panel: Laid, expert: int) -> list[dict[str, Any]]:
    """Whoever takes a seat waits no longer for one in the same panel."""
    waiting = and_(RunSeat.run_panel_id == panel.id, RunSeat.expert_id == expert, RunSeat.substitute_rank > 0)
    ordinal = session.execute(select(RunSeat.ordinal).where(waiting)).scalar_one_or_none()
    return [] if ordinal is None else [_change(session, panel, ordinal, None)]


def _seated(values: Mapping[str, Any] | None) -> int:
    return int(values is not None and values["substitute_rank"] == 0)


def _there(opened: Opened, panel: Laid, ordinal: int, holder: str) -> Sitting | None:
    """Who sits at a place; Stale when it is not whom the page showed, WrongStage when the seat is locked."""
    if not 1 <= ordinal <= panel.wanted:
        raise NotFound("not_found")
    there = panel.at(ordinal)
    known = opened.bench.pool[there.expert].public_id if there else ""
    if known != holder:
        raise Stale("board.seat_moved")
    if there is not None and there.locked:
        raise WrongStage("board.seat_locked")
    return there


def _expert(session: Session, public_id: str) -> int:
    found = session.execute(select(Expert.id).where(Expert.public_id == public_id)).scalar_one_or_none()
    if found is None:
        raise NotFound("not_found")
    return found


def _copy_panels(session: Session, base: int, draft: int) -> None:
    """In two statements, whatever the size of the run."""
    columns = (RunPanel.number, RunPanel.application_ids, RunPanel.empty, RunPanel.notes)
    source = select(literal(draft), *columns).where(RunPanel.run_id == base)
    session.execute(insert(RunPanel).from_select(["run_id", "number", "application_ids", "empty", "notes"], source))
    old, new = RunPanel.__table__.alias("old"), RunPanel.__table__.alias("new")
    seats = [getattr(RunSeat, name) for name in COPIED]
    rows = (
        select(new.c.id, *seats)
        .join(old, old.c.id == RunSeat.run_panel_id)
        .join(new, and_(new.c.number == old.c.number, new.c.run_id == draft))
        .where(old.c.run_id == base)
    )
    session.execute(insert(RunSeat).from_select(["run_panel_id", *COPIED], rows))
