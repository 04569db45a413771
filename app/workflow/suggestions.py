"""Suggested sub-fields: from which words, when they are asked for again, where the newest are. Computing is a worker's work."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import outbox
from app.documents import dossier
from app.models.applications import Application
from app.models.process import Promise
from app.models.suggestions import FieldSuggestion
from reviewers.text import enough

SETTLED = timedelta(seconds=12)  # after the first change: what is typed meanwhile goes into the same computation
SPEAKS = 0.25  # share of an expert's works from which they speak for a sub-field
SURE = 0.5  # share of a dossier's words from which another choice is worth a second look
ONE = "suggest_fields"
REST = "suggest_rest"
_WORD = re.compile(r"\w+")


def digest(texts: Iterable[str]) -> str:
    """Names the words alone: spaces, punctuation and capitals change nothing.

    >>> digest(["A robot."]) == digest(["a  ROBOT"]) != digest(["a drone"])
    True
    """
    return hashlib.sha256(" ".join(word for text in texts for word in _WORD.findall(text.casefold())).encode()).hexdigest()


def ask(
    session: Session,
    application: Application,
    content: dossier.Content,
    *,
    now: datetime,
    keeping: bool = False,
    settled: timedelta = SETTLED,
) -> None:
    """Promise a suggestion if the dossier's words changed; while one is owed, that one will read what is written by then.
    `keeping`: the one owed is being kept right now and has read already.
    """
    texts = dossier.subject(content)
    row = of_application(session, application.id)
    if not enough(texts) or (row is not None and (row.inputs_digest == digest(texts) or (not keeping and owed(session, row)))):
        return
    if row is None:
        row = FieldSuggestion(application_id=application.id, asked_at=now)
        session.add(row)
        session.flush()
    key = f"{ONE}:{application.public_id}:{row.promise_id or 0}"
    args = {"application": application.public_id}
    row.promise_id = outbox.promise(session, ONE, key=key, args=args, now=now, queue="ml", due_at=now + settled).id
    row.asked_at = now


def ask_rest(session: Session, *, now: datetime, due_at: datetime | None = None, beside: int = 0) -> Promise:
    """Owe the suggestions of experts and filed dossiers that have none of today. One promise at a time covers them all;
    the one being kept, `beside`, owes what is left after it.
    """
    waiting = select(Promise).where(Promise.kind == REST, Promise.state == "open", Promise.id != beside).limit(1)
    held = session.execute(waiting).scalar_one_or_none()
    if held is not None:
        return held
    last = session.execute(select(Promise.id).where(Promise.kind == REST).order_by(Promise.id.desc()).limit(1)).scalar_one_or_none()
    return outbox.promise(session, REST, key=f"{REST}:{last or 0}", args={}, now=now, queue="ml", due_at=due_at)


def owed(session: Session, row: FieldSuggestion) -> bool:
    held = session.get(Promise, row.promise_id) if row.promise_id is not None else None
    return held is not None and held.state == "open"


def of_application(session: Session, application_id: int) -> FieldSuggestion | None:
    return of_applications(session, [application_id]).get(application_id)


def of_applications(session: Session, ids: Sequence[int]) -> dict[int, FieldSuggestion]:
    rows = session.execute(select(FieldSuggestion).where(FieldSuggestion.application_id.in_(ids))).scalars()
    return {row.application_id: row for row in rows if row.application_id is not None}


def of_expert(session: Session, expert_id: int) -> FieldSuggestion | None:
    return session.execute(select(FieldSuggestion).where(FieldSuggestion.expert_id == expert_id)).scalar_one_or_none()
