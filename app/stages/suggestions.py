"""Suggested sub-fields: a worker stores what it computed, a coordinator asks for what is missing. Choosing stays with people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app import outbox
from app.models.suggestions import FieldSuggestion
from app.workflow import dossiers, permissions, suggestions
from app.workflow.actors import Actor


@dataclass(frozen=True)
class Found:
    """What was computed for one dossier or expert: `inputs_digest` names the words, `suggested` is plain, best first."""

    inputs_digest: str
    suggested: Sequence[Mapping[str, Any]]


def ask(session: Session, application_id: str, *, actor: Actor, now: datetime) -> None:
    """Somebody who writes the dossier wants it now: one that failed is tried again, one that is owed is hastened."""
    application = dossiers.find(session, application_id, lock=True)
    permissions.require(actor, "application.edit", application)
    row = suggestions.of_application(session, application.id)
    if row is not None and row.promise_id is not None:
        outbox.hasten(session, row.promise_id, now=now)
        row.asked_at = now
    suggestions.ask(session, application, dossiers.latest(session, application).content, now=now, settled=timedelta(0))


def record(session: Session, application_id: str, found: Found, *, model_digest: str, actor: Actor, now: datetime) -> None:
    """Keep the suggestion for a dossier; if its words changed while it was computed, the next one is owed."""
    permissions.require(actor, "suggestion.record")
    application = dossiers.find(session, application_id, lock=True)
    row = suggestions.of_application(session, application.id)
    if row is None:
        row = FieldSuggestion(application_id=application.id, asked_at=now)
        session.add(row)
    _fill(row, found, model_digest, now)
    session.flush()
    suggestions.ask(session, application, dossiers.latest(session, application).content, now=now, keeping=True)


def record_rest(
    session: Session,
    experts: Mapping[int, Found],
    applications: Mapping[int, Found],
    *,
    model_digest: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep what was computed for one chunk of experts and filed dossiers; an older row of the same subject goes."""
    permissions.require(actor, "suggestion.record")
    for column, found in (("expert_id", experts), ("application_id", applications)):
        if not found:
            continue
        subject = getattr(FieldSuggestion, column)
        before = session.execute(select(subject, FieldSuggestion.promise_id).where(subject.in_(found)))
        promised = {row[0]: row[1] for row in before}
        session.execute(delete(FieldSuggestion).where(subject.in_(found)))
        values = [
            {column: own, "inputs_digest": one.inputs_digest, "model_digest": model_digest, "suggested": list(one.suggested)}
            | {"asked_at": now, "computed_at": now, "promise_id": promised.get(own)}  # the next one asked for is another
            for own, one in found.items()
        ]
        session.execute(insert(FieldSuggestion), values)


def order_rest(session: Session, *, actor: Actor, now: datetime) -> None:
    """Have the suggestions computed that are missing, for the whole pool and all filed dossiers."""
    permissions.require(actor, "suggestion.order")
    suggestions.ask_rest(session, now=now)


def go_on_later(session: Session, *, beside: int, now: datetime, after: timedelta) -> None:
    """The chunk is done, or something more urgent waits in the line: the rest is owed anew."""
    suggestions.ask_rest(session, now=now, due_at=now + after, beside=beside)


def _fill(row: FieldSuggestion, found: Found, model_digest: str, now: datetime) -> None:
    row.inputs_digest, row.model_digest = found.inputs_digest, model_digest
    row.suggested, row.computed_at = [dict(one) for one in found.suggested], now
