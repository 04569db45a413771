"""The first step: a call with everything it decides pinned on its row, versioned and dated."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal, mail, outbox
from app.errors import Duplicate, Invalid, NotFound, Stale, WrongStage
from app.models.applications import Application
from app.models.calls import Call, CallExtension, Round, RuleChange
from app.workflow import door, permissions, window
from app.workflow import rules as call_rules
from app.workflow.actors import SYSTEM, Actor
from app.workflow.rules import Rules
from scoring import rubric as rubrics
from scoring.errors import RubricNotFound

DEFAULT_RUBRIC = "ppir-default@1"
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


def create(
    session: Session,
    *,
    code: str,
    title_ko: str,
    title_en: str,
    rules: Rules,
    opens_at: datetime,
    closes_at: datetime,
    actor: Actor,
    now: datetime,
    rubric: str = DEFAULT_RUBRIC,
) -> Call:
    """A draft call with its rules pinned as version 1, its rubric by id, version and digest, and its first round."""
    role = permissions.require(actor, "call.create")
    problems = _problems(code, title_ko or title_en, opens_at, closes_at)
    if problems:
        raise Invalid("call.invalid", problems=problems)
    call_rules.check(rules)
    if session.execute(select(Call.id).where(Call.code == code)).first() is not None:
        raise Duplicate("call.code_taken", field="code", call=code)
    call = Call(
        code=code,
        title_ko=title_ko or title_en,
        title_en=title_en or title_ko,
        opens_at=opens_at,
        closes_at=closes_at,
        rules=rules.as_json(),
        rules_version=1,
        rubric=rubric,
        rubric_digest=_digest_of(rubric),
        created_at=now,
        rounds=[Round(number=1)],
    )
    session.add(call)
    session.flush()
    session.add(RuleChange(call_id=call.id, version=1, rules=rules.as_json(), by_id=actor.account_id, at=now))
    door.record(
        session,
        call,
        "call.created",
        actor=actor,
        role=role,
        now=now,
        data={
            "rubric": rubric,
            "rubric_sha256": call.rubric_digest,
            "seats": rules.panel_seats,
            "load_max": rules.load_max,
            "opens_at": opens_at,
            "closes_at": closes_at,
        },
    )
    return call


def edit(
    session: Session,
    call_id: str,
    *,
    title_ko: str,
    title_en: str,
    rules: Rules,
    opens_at: datetime,
    closes_at: datetime,
    rubric: str,
    reason: str,
    base: int,
    actor: Actor,
    now: datetime,
) -> Call:
    """Change a draft; changed rules or rubric become the next pinned version, with the reason."""
    call = _call(session, call_id)
    role = permissions.require(actor, "call.edit", call)
    if call.status != "draft":
        raise WrongStage("call.not_draft", status=call.status)
    if call.version != base:
        raise Stale("stale")
    problems = _problems(call.code, title_ko or title_en, opens_at, closes_at)
    if problems:
        raise Invalid("call.invalid", problems=problems)
    call_rules.check(rules)
    call.title_ko, call.title_en = title_ko or title_en, title_en or title_ko
    call.opens_at, call.closes_at = opens_at, closes_at
    if rules.as_json() != call_rules.from_json(call.rules).as_json() or rubric != call.rubric:
        call.rubric, call.rubric_digest = rubric, _digest_of(rubric)
        call.rules, call.rules_version = rules.as_json(), call.rules_version + 1
        session.add(
            RuleChange(
                call_id=call.id,
                version=call.rules_version,
                rules=rules.as_json(),
                reason=reason.strip()[:500],
                by_id=actor.account_id,
                at=now,
            )
        )
    door.record(
        session,
        call,
        "call.edited",
        actor=actor,
        role=role,
        now=now,
        data={"version": call.rules_version, "opens_at": opens_at, "closes_at": closes_at, "rubric": call.rubric},
    )
    return call


def open_call(session: Session, call_id: str, *, actor: Actor, now: datetime) -> Call:
    """Publish the call and owe its closing; from now on its rules stand."""
    call = _call(session, call_id)
    if call.closes_at <= now:
        raise WrongStage("call.closing_in_the_past", closes_at=call.closes_at)
    door.advance(session, call, "open", actor=actor, now=now)
    _owe_closing(session, call, now)
    return call


def reopen_draft(session: Session, call_id: str, *, actor: Actor, now: datetime) -> Call:
    """Back to draft, while nothing was filed."""
    call = _call(session, call_id)
    door.advance(session, call, "draft", actor=actor, now=now)
    return call


def extend(session: Session, call_id: str, *, closes_at: datetime, reason: str, actor: Actor, now: datetime) -> int:
    """One act moves the closing for everybody and tells everybody who has a dossier; how many letters went out."""
    call = _call(session, call_id)
    role = permissions.require(actor, "call.extend", call)
    if call.status != "open":
        raise WrongStage("guard.call_not_open", opens_at=call.opens_at)
    problems = {} if reason.strip() else {"reason": "guard.reason_given"}
    if closes_at <= max(call.closes_at, now):
        problems["closes_at"] = "call.not_later"
    if problems:
        raise Invalid("call.invalid", problems=problems)
    before, call.closes_at = call.closes_at, closes_at
    reason = reason.strip()[:500]
    session.add(CallExtension(call_id=call.id, from_at=before, to_at=closes_at, reason=reason, by_id=actor.account_id, at=now))
    door.record(
        session,
        call,
        "call.extended",
        actor=actor,
        role=role,
        now=now,
        data={"from": before, "to": closes_at, "reason_sha256": journal.sha256(reason)},
    )
    _owe_closing(session, call, now)
    concerned = (
        session.execute(
            select(Application).where(
                Application.call_id == call.id, Application.owner_id.is_not(None), Application.status.in_(("draft", "submitted"))
            )
        )
        .scalars()
        .all()
    )
    owners = {a.owner.id: a.owner for a in concerned if a.owner is not None}
    for owner in owners.values():
        mail.send(
            session,
            "call_extended",
            to=owner.mail,
            language=owner.language,
            key=f"extended:{call.public_id}:{closes_at.isoformat()}:{owner.public_id}",
            now=now,
            call=call.title_ko if owner.language == "ko" else call.title_en,
            before=before,
            closes_at=closes_at,
            reason=reason,
        )
    return len(owners)


def close_call(session: Session, call_id: str, *, actor: Actor, now: datetime) -> int:
    """Close once closing has passed, and owe the eligibility check of everything filed; how many those are."""
    call = _call(session, call_id)
    door.advance(session, call, "closed", actor=actor, now=now)
    filed = (
        session.execute(select(Application).where(Application.call_id == call.id, Application.status == "submitted"))
        .scalars()
        .all()
    )
    for application in filed:
        outbox.promise(
            session, "screen", key=f"screen:{application.public_id}:1", args={"application": application.public_id}, now=now
        )
    return len(filed)


def close_if_due(session: Session, call_id: str, *, now: datetime) -> bool:
    """What the promised closing does: nothing when the call was extended, taken back or closed by hand."""
    call = _call(session, call_id)
    if call.status != "open" or not window.of(call).over(now):
        return False
    close_call(session, call_id, actor=SYSTEM, now=now)
    return True


def plain_rules(*, seats: int, load_max: int) -> Rules:
    """What a call made at the command line decides: no quotas, one expert per organisation, nobody over `load_max`, no draw."""
    base = Rules()
    return replace(
        base,
        panel_seats=seats,
        quorum=min(base.quorum, seats),
        load_max=load_max,
        quotas=(),
        institution_cap=1,
        seating="optimal",
        review_links="none",
    )


def collected(session: Session, call: Call, *, actor: Actor, now: datetime) -> None:
    """Open and closed at once: its dossiers were collected elsewhere and come by import."""
    for status in ("open", "closed"):
        door.advance(session, call, status, actor=actor, now=now)


def named(session: Session, code: str) -> Call:
    """The call of this code; NotFound when there is none."""
    call = session.execute(select(Call).where(Call.code == code)).scalar_one_or_none()
    if call is None:
        raise NotFound("call.unknown", call=code)
    return call


def _owe_closing(session: Session, call: Call, now: datetime) -> None:
    outbox.promise(
        session,
        "close_call",
        key=f"close:{call.public_id}:{call.closes_at.isoformat()}",
        args={"call": call.public_id},
        now=now,
        due_at=window.of(call).over_at,
    )


def _call(session: Session, public_id: str) -> Call:
    call = session.execute(select(Call).where(Call.public_id == public_id)).scalar_one_or_none()
    if call is None:
        raise NotFound("not_found")
    return call


def _problems(code: str, title: str, opens_at: datetime, closes_at: datetime) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not CODE.fullmatch(code):
        problems["code"] = "call.code_form"
    if not title.strip() or len(title) > 200:
        problems["title"] = "call.title_form"
    if opens_at >= closes_at:
        problems["closes_at"] = "call.closes_before_opening"
    return problems


def _digest_of(rubric: str) -> str:
    try:
        return rubrics.load(rubric).digest
    except RubricNotFound as error:
        raise Invalid("call.rubric_unknown", problems={"rubric": "call.rubric_unknown"}, rubric=rubric) from error
