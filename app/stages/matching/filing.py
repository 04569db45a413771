"""A list of seats read from a file becomes one change of a draft: all of it or nothing, as it was shown, and taken back as one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.affinities import Kept
from app.errors import Invalid, Stale, WrongStage
from app.models.matching import RunEdit
from app.stages.matching import editing
from app.workflow import seat_file
from app.workflow.actors import Actor


def apply(
    session: Session, run_id: str, content: bytes, *, kept: Kept | None, digest: str, reason: str, actor: Actor, now: datetime
) -> RunEdit:
    """Put every panel of the file in place; `digest` is the difference that people saw before they agreed."""
    opened = editing.open_draft(session, run_id, actor)
    plan = seat_file.plan(session, opened.bench, content, kept)
    if plan.bad:
        raise Invalid("seat_file.bad_rows", n=len(plan.bad))
    if not plan.differences:
        raise WrongStage("seat_file.no_difference")
    if plan.digest != digest:
        raise Stale("seat_file.moved")
    if plan.cost.needs_reason and not reason.strip():
        raise Invalid("board.reason_needed", problems={"reason": "board.reason_needed"})
    changes = [change for d in plan.differences for change in editing.changes_of(session, d.before, d.after)]
    return editing.store(session, opened, "file", changes, plan.cost, reason, actor=actor, now=now)
