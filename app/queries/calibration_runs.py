"""A calibration run computed again from what it kept: the same results, or the name of what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.models.results import CalibrationRun, Result
from app.models.reviews import Sheet, SheetLock
from app.queries.lookup import by_public_id
from app.workflow import calibrations, permissions
from app.workflow.actors import Actor
from scoring.errors import RubricNotFound, ScoringError
from scoring.policy import Policy
from scoring.rubric import load

FIELDS = ("n_sheets", "total", "raw_mean", "trimmed_mean", "calibrated", "sd", "se", "criteria", "gates", "sheets", "outcome",
          "rank", "reasons", "detail")  # fmt: skip


@dataclass(frozen=True)
class Recomputed:
    """`changed` names everything that is no longer as the run left it; empty: the run holds. `software` is told, not judged."""

    run: str
    number: int
    at: datetime
    computed_with: str
    changed: tuple[str, ...]
    software: Mapping[str, tuple[str, str]]

    @property
    def holds(self) -> bool:
        return not self.changed


def recompute(session: Session, run_id: str, *, actor: Actor) -> Recomputed:
    """Inputs against their digest and the receipts of their sheets, rubric and policy against theirs, then every result."""
    permissions.require(actor, "run.verify")
    run = by_public_id(session, CalibrationRun, run_id)
    changed = _inputs_changed(session, run)
    if not changed:
        changed = _outputs_changed(session, run)
    before, now = dict((run.fit or {}).get("software", {})), calibrations.software()
    moved = {name: (str(before[name]), now.get(name, "")) for name in before if before[name] != now.get(name)}
    return Recomputed(run.public_id, run.number, run.at, run.computed_with, tuple(changed), moved)


def _inputs_changed(session: Session, run: CalibrationRun) -> list[str]:
    if run.inputs is None:
        return [f"library: computed with {run.computed_with!r}, before runs kept their inputs; it cannot be computed again"]
    found = []
    if run.computed_with != calibrations.LIBRARY:
        found.append(f"library: computed with {run.computed_with!r}, here is {calibrations.LIBRARY!r}")
    try:
        if load(run.rubric).digest != run.rubric_digest:
            found.append(f"rubric: {run.rubric} is no longer the one of digest {run.rubric_digest[:12]}")
    except RubricNotFound:
        found.append(f"rubric: {run.rubric} is not here")
    try:
        if Policy.from_data(run.policy).digest != run.policy_digest:
            found.append(f"policy: is no longer the one of digest {run.policy_digest[:12]}")
    except ScoringError as error:
        found.append(f"policy: {error}")
    if calibrations.digest_of(run.inputs, run.rubric_digest, run.policy_digest) != run.inputs_digest:
        found.append(f"inputs: are no longer those of digest {run.inputs_digest[:12]}")
    return found + _sheets_changed(session, run.inputs)


def _sheets_changed(session: Session, inputs: list[dict[str, Any]]) -> list[str]:
    """Each sheet against the lock whose receipt it names: a lock is never changed, whatever became of the sheet later."""
    ids = [row["sheet"] for row in inputs]
    locks = session.execute(
        select(Sheet.public_id, SheetLock.receipt, SheetLock.content).join(Sheet, Sheet.id == SheetLock.sheet_id).where(
            Sheet.public_id.in_(ids)
        )
    ).all()
    kept = {(sheet, receipt): content for sheet, receipt, content in locks}
    found = []
    for row in inputs:
        content = kept.get((row["sheet"], row["receipt"]))
        if content is None:
            found.append(f"sheet {row['sheet']}: no lock has the receipt {row['receipt'][:12]}")
        elif differing := _differing(content, row):
            found.append(f"sheet {row['sheet']}: {differing} is not what was locked")
        elif journal.sha256(content) != row["receipt"]:
            found.append(f"sheet {row['sheet']}: the lock is no longer that of its receipt {row['receipt'][:12]}")
    return found


def _differing(content: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """The first item whose mark differs; empty when all agree."""
    locked = {str(m["item"]): m["step"] for m in content["marks"] if m["step"] is not None}
    counted = dict(row["marks"]) | {code: int(yes) for code, yes in row["gates"].items()}
    return next((item for item, step in sorted(counted.items()) if locked.get(item) != step), "")


def _outputs_changed(session: Session, run: CalibrationRun) -> list[str]:
    assert run.inputs is not None
    seed = int(run.inputs_digest[:8], 16)
    again = calibrations.compute(run.inputs, load(run.rubric), Policy.from_data(run.policy), seed=seed)
    results = session.execute(select(Result).where(Result.run_id == run.id)).scalars()
    kept = {r.application.public_id: {name: getattr(r, name) for name in FIELDS} for r in results}
    return [f"result {place}" for place in calibrations.differences(again, kept, run.fit or {})]
