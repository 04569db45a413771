"""Files of experts and dossiers: read row by row, stored as a whole or not at all, each bad row with its reason.

`order` promises the import of an uploaded file; `read` checks the file without a database; `store` writes it.
The same file twice changes nothing; other content under the same id is a new version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import outbox
from app.errors import DomainError, Invalid, NotFound
from app.models.calls import Call
from app.models.process import ImportRun
from app.stages.imports import dossiers, experts, row_files
from app.stages.imports.profiles import Reading, read_all
from app.stages.imports.row_files import Problem
from app.workflow import door, permissions
from app.workflow.actors import Actor

KINDS = ("experts", "dossiers")
LISTED_MOST = 1000  # problems kept with the run; all are counted


def order(
    session: Session,
    *,
    kind: str,
    name: str,
    sha256: str,
    actor: Actor,
    now: datetime,
    partial: bool = False,
    call_id: str | None = None,
) -> ImportRun:
    """An import that a worker will do; the file lies under its digest."""
    run = begin(session, kind=kind, name=name, sha256=sha256, actor=actor, now=now, partial=partial, call_id=call_id)
    promised = outbox.promise(session, "import", key=f"import:{run.public_id}", args={"run": run.public_id}, now=now)
    run.promise_id = promised.id
    return run


def begin(
    session: Session,
    *,
    kind: str,
    name: str,
    sha256: str,
    actor: Actor,
    now: datetime,
    partial: bool = False,
    call_id: str | None = None,
) -> ImportRun:
    """The row of an import that the caller does at once."""
    if kind not in KINDS:
        raise Invalid("import.unknown_kind", problems={"kind": "import.unknown_kind"})
    role = permissions.require(actor, f"{kind}.import")
    call = _call(session, call_id) if kind == "dossiers" else None
    run = ImportRun(
        kind=kind,
        call_id=call.id if call else None,
        name=name[:255],
        sha256=sha256,
        partial=partial,
        by_id=actor.account_id,
        at=now,
    )
    session.add(run)
    session.flush()
    door.record(session, run, "import_run.queued", actor=actor, role=role, now=now, data={"kind": kind, "sha256": sha256})
    return run


def read(path: Path, name: str, kind: str, tell: Callable[[int], None] | None = None) -> Reading:
    """Every row of the file checked, outside any transaction; a file that cannot be read is a problem of line 0."""
    try:
        return read_all(row_files.read(path, name), kind, tell)
    except DomainError as error:
        return Reading(problems=[Problem(int(error.data.get("line", 0)), "", error.code, error.data)], unreadable=True)


def store(session: Session, run_id: str, reading: Reading, *, actor: Actor, now: datetime) -> ImportRun:
    """Write all good rows, or none: with a bad row only `partial` lets the good ones in. A run is stored once."""
    run = session.execute(select(ImportRun).where(ImportRun.public_id == run_id)).scalar_one()
    if run.status != "queued":
        return run
    problems, profiles = list(reading.problems), list(reading.profiles)
    call = session.get_one(Call, run.call_id) if run.call_id else None
    late = experts.refused(session, profiles) if call is None else dossiers.refused(session, call, profiles)
    problems += late
    barred = {problem.line for problem in late}
    profiles = [profile for profile in profiles if profile.line not in barred]
    run.bad_n = len({problem.line for problem in problems})
    run.problems = [problem.as_json() for problem in sorted(problems, key=lambda p: p.line)[:LISTED_MOST]]
    run.ignored, run.finished_at = sorted(reading.ignored)[:50], now
    if problems and (reading.unreadable or not run.partial or not profiles):
        door.advance(session, run, "refused", actor=actor, now=now, data={"bad": run.bad_n, "sha256": run.sha256})
        return run
    if call is not None:
        counts = dossiers.store(session, call, profiles, now, run.by_id)
    else:
        counts = experts.store(session, profiles, now)
    run.created_n, run.changed_n, run.unchanged_n = counts.created, counts.changed, counts.unchanged
    door.advance(
        session,
        run,
        "done",
        actor=actor,
        now=now,
        data={
            "kind": run.kind,
            "created": counts.created,
            "changed": counts.changed,
            "unchanged": counts.unchanged,
            "bad": run.bad_n,
            "sha256": run.sha256,
        },
    )
    return run


def file_digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _call(session: Session, call_id: str | None) -> Call:
    call = session.execute(select(Call).where(Call.public_id == (call_id or ""))).scalar_one_or_none()
    if call is None:
        raise NotFound("import.call_missing")
    return call
