"""What people changed on a draft, edit by edit, and what a list of seats read from a file would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.affinities import Kept
from app.errors import NotFound
from app.models.experts import Expert
from app.models.matching import MatchRun, RunEdit
from app.models.people import Account, Person
from app.queries import matching as runs
from app.workflow import bench as benches
from app.workflow import permissions, seat_file
from app.workflow.actors import Actor
from app.workflow.bench import Cost
from app.workflow.seat_file import Plan


@dataclass(frozen=True)
class EditRow:
    number: int
    kind: str
    panel: int
    panels: int
    label: str
    ordinal: int
    left: tuple[str, ...]
    came: tuple[str, ...]
    seats: int
    delta: float
    lowest_before: float
    lowest_after: float
    broken: tuple[Mapping[str, Any], ...]
    reason: str
    by: str
    at: datetime
    undone_by: str
    undone_at: datetime | None


@dataclass(frozen=True)
class FileRow:
    """One panel that a file would change."""

    number: int
    label: str
    title: str
    left: tuple[str, ...]
    came: tuple[str, ...]
    cost: Cost


@dataclass(frozen=True)
class FilePlan:
    plan: Plan
    rows: tuple[FileRow, ...]


def root(session: Session, run_id: str, *, actor: Actor) -> str:
    """The run that was computed and that a draft, or a draft of a draft, goes back to."""
    permissions.require(actor, "matching.read")
    run = session.execute(select(MatchRun).where(MatchRun.public_id == run_id)).scalar_one_or_none()
    if run is None:
        raise NotFound("not_found")
    while run.base is not None:
        run = run.base
    return run.public_id


def read_file(session: Session, run_id: str, content: bytes, *, kept: Kept | None, actor: Actor) -> FilePlan:
    """What a list of seats would do to a draft: nothing is changed by looking."""
    permissions.require(actor, "matching.edit")
    run = session.execute(select(MatchRun).where(MatchRun.public_id == run_id)).scalar_one_or_none()
    if run is None or run.status != "draft":
        raise NotFound("not_found")
    bench = benches.lay_out(session, run)
    plan = seat_file.plan(session, bench, content, kept)
    labels = runs.panel_labels(session, run.id, [d.before.number for d in plan.differences])
    return FilePlan(plan, tuple(
        FileRow(d.before.number, *labels[d.before.number], tuple(bench.pool[own].name for own in d.left),
                tuple(bench.pool[own].name for own in d.came), d.cost)
        for d in plan.differences
    ))  # fmt: skip


def edits(session: Session, run_id: str, *, actor: Actor, most: int = 0) -> list[EditRow]:
    """The changes of a draft, the last first."""
    permissions.require(actor, "matching.read")
    run = session.execute(select(MatchRun).where(MatchRun.public_id == run_id)).scalar_one_or_none()
    if run is None:
        raise NotFound("not_found")
    query = select(RunEdit).where(RunEdit.run_id == run.id).order_by(RunEdit.number.desc())
    found = session.execute(query.limit(most) if most else query).scalars().all()
    ids = {side["expert_id"] for edit in found for c in edit.changes for side in (c["before"], c["after"]) if side}
    names = {r[0]: r[1] for r in session.execute(select(Expert.id, Person.name).join(Person).where(Expert.id.in_(ids)))}
    who = {edit.by_id for edit in found} | {edit.undone_by_id for edit in found}
    people = {r[0]: r[1] for r in session.execute(select(Account.id, Person.name).join(Person).where(Account.id.in_(who - {None})))}
    numbers = {c["panel"] for edit in found for c in edit.changes}
    labels = {n: text[0] for n, text in runs.panel_labels(session, run.id, numbers).items()}
    return [_edit(edit, names, people, labels) for edit in found]


def _edit(edit: RunEdit, names: Mapping[int, str], people: Mapping[int | None, str], labels: Mapping[int, str]) -> EditRow:
    seats = [c for c in edit.changes if not any(side and side["substitute_rank"] for side in (c["before"], c["after"]))]
    first = seats[0] if seats else edit.changes[0]
    named = {side: tuple(names.get(c[side]["expert_id"], "–") for c in seats if c[side]) for side in ("before", "after")}
    return EditRow(
        number=edit.number, kind=edit.kind, panel=first["panel"], panels=len({c["panel"] for c in edit.changes}),
        label=labels.get(first["panel"], ""), ordinal=first["ordinal"], left=named["before"], came=named["after"], seats=len(seats),
        delta=edit.delta, lowest_before=edit.lowest_before, lowest_after=edit.lowest_after, broken=tuple(edit.broken),
        reason=edit.reason, by=people.get(edit.by_id, ""), at=edit.at, undone_by=people.get(edit.undone_by_id, ""),
        undone_at=edit.undone_at,
    )  # fmt: skip
