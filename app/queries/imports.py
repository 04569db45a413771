"""Imports as their page shows them: what was brought, how it went, each bad row with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models.calls import Call
from app.models.experts import Expert
from app.models.people import Account, Person
from app.models.process import ImportRun, Promise
from app.workflow import permissions
from app.workflow.actors import Actor

SHOWN_MOST = 100


@dataclass(frozen=True)
class ImportRow:
    public_id: str
    kind: str
    name: str
    call: str
    call_id: str
    status: str
    partial: bool
    created: int
    changed: int
    unchanged: int
    bad: int
    problems: tuple[Mapping[str, Any], ...]
    ignored: tuple[str, ...]
    by: str  # empty: the operator at the command line
    at: datetime
    finished_at: datetime | None
    sha256: str
    rows_read: int
    trouble: str  # the last error of a worker, when it could not do its work
    dead: bool


@dataclass(frozen=True)
class CallChoice:
    public_id: str
    code: str
    title: Mapping[str, str]


def latest(session: Session, *, actor: Actor) -> list[ImportRow]:
    """The newest imports first."""
    permissions.require(actor, "experts.import")
    return [_row(*found) for found in session.execute(_query().order_by(ImportRun.id.desc()).limit(SHOWN_MOST))]


def one(session: Session, run_id: str, *, actor: Actor) -> ImportRow:
    permissions.require(actor, "experts.import")
    found = session.execute(_query().where(ImportRun.public_id == run_id)).first()
    if found is None:
        raise NotFound("not_found")
    return _row(*found)


def calls(session: Session, *, actor: Actor) -> list[CallChoice]:
    """Where dossiers may go: calls that are not archived, the newest first."""
    permissions.require(actor, "experts.import")
    rows = session.execute(select(Call).where(Call.status != "archived").order_by(Call.id.desc())).scalars()
    return [CallChoice(call.public_id, call.code, {"ko": call.title_ko, "en": call.title_en}) for call in rows]


def pool_size(session: Session, *, actor: Actor) -> int:
    permissions.require(actor, "experts.import")
    return session.execute(select(func.count()).select_from(Expert).where(Expert.active)).scalar_one()


def _query() -> Any:
    return (
        select(ImportRun, Call.code, Call.public_id, Person.name, Promise)
        .outerjoin(Call, Call.id == ImportRun.call_id)
        .outerjoin(Account, Account.id == ImportRun.by_id)
        .outerjoin(Person, Person.id == Account.person_id)
        .outerjoin(Promise, Promise.id == ImportRun.promise_id)
    )


def _row(run: ImportRun, code: str | None, call_id: str | None, by: str | None, promise: Promise | None) -> ImportRow:
    return ImportRow(
        public_id=run.public_id,
        kind=run.kind,
        name=run.name,
        call=code or "",
        call_id=call_id or "",
        status=run.status,
        partial=run.partial,
        created=run.created_n,
        changed=run.changed_n,
        unchanged=run.unchanged_n,
        bad=run.bad_n,
        problems=tuple(run.problems),
        ignored=tuple(run.ignored),
        by=by or "",
        at=run.at,
        finished_at=run.finished_at,
        sha256=run.sha256,
        rows_read=promise.done_n if promise else 0,
        trouble=promise.last_error if promise and promise.state != "done" else "",
        dead=promise is not None and promise.state == "dead",
    )
