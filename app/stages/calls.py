"""The first step: a call with everything it decides pinned on its row, versioned and dated."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Duplicate, Invalid, NotFound
from app.models.calls import Call, Round, RuleChange
from app.workflow import door, permissions
from app.workflow import rules as call_rules
from app.workflow.actors import Actor
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


def plain_rules(*, seats: int, load_max: int) -> Rules:
    """What a call made at the command line decides: no quotas, one expert per organisation, nobody over `load_max`."""
    base = Rules()
    return replace(base, panel_seats=seats, quorum=min(base.quorum, seats), load_max=load_max, quotas=(), institution_cap=1)


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
