"""The journal as the auditor reads it, and the story of one thing: every event and decision about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import journal
from app.errors import NotFound
from app.models.applications import Application, Decision
from app.models.calls import Call
from app.models.designation_requests import DesignationRequest
from app.models.people import Account
from app.models.process import JournalEntry
from app.workflow import permissions
from app.workflow.actors import Actor

PAGE = 100


@dataclass(frozen=True)
class Event:
    number: int
    at: datetime
    actor: str
    role: str
    action: str
    kind: str
    subject: str
    rules: str
    data: Mapping[str, Any]
    previous: str
    hash: str


@dataclass(frozen=True)
class Events:
    rows: tuple[Event, ...]
    total: int
    first_at: datetime | None
    last_at: datetime | None


def events(
    session: Session,
    actor: Actor,
    *,
    subject: str = "",
    action: str = "",
    who: str = "",
    before: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Events:
    """The newest events that fit the filter; `before` pages towards the past."""
    permissions.require(actor, "journal.read")
    query = select(JournalEntry)
    if subject:
        query = query.where(JournalEntry.subject.startswith(subject.strip().lower()))
    if action:
        query = query.where(JournalEntry.action.startswith(action.strip()))
    if who:
        query = query.where(JournalEntry.actor.startswith(who.strip().lower()))
    if since:
        query = query.where(JournalEntry.at >= since)
    if until:
        query = query.where(JournalEntry.at < until)
    total = session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    if before:
        query = query.where(JournalEntry.id < before)
    rows = session.execute(query.order_by(JournalEntry.id.desc()).limit(PAGE)).scalars()
    span = session.execute(select(func.min(JournalEntry.at), func.max(JournalEntry.at))).one()
    return Events(tuple(_event(r) for r in rows), total, span[0], span[1])


def event(session: Session, actor: Actor, number: int) -> Event:
    permissions.require(actor, "journal.read")
    row = session.get(JournalEntry, number)
    if row is None:
        raise NotFound("not_found")
    return _event(row)


def verify(session: Session, actor: Actor) -> journal.Verdict:
    permissions.require(actor, "journal.verify")
    return journal.verify(session)


@dataclass(frozen=True)
class DecisionRow:
    at: datetime
    outcome: str
    move: str
    rules_version: int
    by: str
    confirmed_by: str
    reasons: tuple[Mapping[str, Any], ...]
    text_ko: str
    text_en: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True)
class Story:
    kind: str
    subject: str
    title: str
    events: tuple[Event, ...]
    decisions: tuple[DecisionRow, ...]


def story(session: Session, actor: Actor, subject: str) -> Story:
    """Who did and decided what about one thing, when, under which rules, from which inputs."""
    permissions.require(actor, "decision.explain")
    rows = session.execute(select(JournalEntry).where(JournalEntry.subject == subject).order_by(JournalEntry.id)).scalars().all()
    if not rows:
        raise NotFound("not_found")
    application = session.execute(select(Application).where(Application.public_id == subject)).scalar_one_or_none()
    request = session.execute(select(DesignationRequest).where(DesignationRequest.public_id == subject)).scalar_one_or_none()
    decided = application or request
    decisions = (
        session.execute(
            select(Decision)
            .where(Decision.subject_kind == rows[0].subject_kind, Decision.subject_id == decided.id)
            .order_by(Decision.id)
        )
        .scalars()
        .all()
        if decided
        else []
    )
    title = f"{application.filed_number} {application.title}" if application else ""
    return Story(
        rows[0].subject_kind,
        subject,
        f"{request.designation.number} {request.designation.application.title}" if request else title,
        tuple(_event(r) for r in rows),
        tuple(_decision(session, d) for d in decisions),
    )


def subject_named(session: Session, name: str) -> str:
    """`CALL/D-0001` or `CALL/A-101` as the public id it stands for; anything else is an id already."""
    code, slash, label = name.partition("/")
    kind, dash, digits = label.partition("-")
    if not (slash and dash and digits.isdigit() and kind.upper() in ("D", "A")):
        return name
    column = Application.number if kind.upper() == "D" else Application.panel_number
    found = session.execute(
        select(Application.public_id).join(Call, Call.id == Application.call_id).where(Call.code == code, column == int(digits))
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("not_found")
    return found


def _decision(session: Session, d: Decision) -> DecisionRow:
    def name(account_id: int | None) -> str:
        account = session.get(Account, account_id) if account_id else None
        return account.person.name if account else ""

    return DecisionRow(
        d.at,
        d.outcome,
        d.move,
        d.rules_version,
        name(d.by_id),
        name(d.confirmed_by_id),
        tuple(d.reasons),
        d.text_ko,
        d.text_en,
        d.inputs,
    )


def _event(r: JournalEntry) -> Event:
    return Event(
        r.id,
        r.at,
        r.actor,
        r.role,
        r.action,
        r.subject_kind,
        r.subject,
        r.rules,
        json.loads(r.data),
        r.previous,
        r.hash,
    )
