"""The coordinators' part: a request is taken up, sent back for more, approved or refused by two of them with reasons."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import journal
from app.errors import Duplicate, Invalid, WrongStage
from app.models.applications import Decision
from app.models.designation_requests import DesignationRequest
from app.models.designations import Designation, DesignationFamily
from app.models.people import Account
from app.queries import request_effects
from app.queries.lookup import by_public_id
from app.queries.request_effects import Effect
from app.stages.designation_requests import effects
from app.workflow import door, effect_words, holders, permissions
from app.workflow.actors import Actor
from app.workflow.wordlists import REQUEST_KINDS

TEXT_MOST = 5_000


def take_up(session: Session, request_id: str, *, actor: Actor, now: datetime) -> DesignationRequest:
    """A coordinator begins to look at it."""
    request = by_public_id(session, DesignationRequest, request_id)
    door.advance(session, request, "under_review", actor=actor, now=now)
    request.taken_up_at = now
    return request


def ask_more(
    session: Session, request_id: str, *, reason: str, actor: Actor, now: datetime, base_url: str
) -> DesignationRequest:
    """Send it back with what is missing or unclear; the holder answers with a new version."""
    request = by_public_id(session, DesignationRequest, request_id)
    door.advance(session, request, "returned", actor=actor, now=now, reason=reason)
    request.question = reason.strip()[:TEXT_MOST]
    session.flush()
    holders.tell(
        session,
        request.designation,
        "request_returned",
        key=f"request_returned:{request.public_id}:{request.version}",
        now=now,
        link=f"{base_url}/applicant/designation-requests/{request.public_id}",
        kind=REQUEST_KINDS[request.kind],
        question=request.question,
    )
    return request


def approve(
    session: Session, request_id: str, *, text_ko: str, text_en: str, actor: Actor, now: datetime, base_url: str
) -> door.Outcome:
    """One coordinator proposes, another confirms exactly the change that was proposed; then it takes effect."""
    request = by_public_id(session, DesignationRequest, request_id)
    return _decide(session, request, "approved", text_ko, text_en, actor, now, base_url)


def refuse(
    session: Session, request_id: str, *, text_ko: str, text_en: str, actor: Actor, now: datetime, base_url: str
) -> door.Outcome:
    """By two coordinators, with reasons; the designation stays as it is."""
    request = by_public_id(session, DesignationRequest, request_id)
    return _decide(session, request, "refused", text_ko, text_en, actor, now, base_url)


def put_aside(session: Session, request_id: str, *, actor: Actor, now: datetime) -> None:
    """The second coordinator does not agree, or the first takes the proposal back: the request is as it was."""
    door.refuse_pending(session, by_public_id(session, DesignationRequest, request_id), actor=actor, now=now)


def name_family(
    session: Session, designation_id: str, *, first_number: str, reason: str, actor: Actor, now: datetime
) -> DesignationFamily:
    """Say that the product uses the technology of an earlier designation: no extension reaches past that one's end (E08)."""
    row = by_public_id(session, Designation, designation_id)
    role = permissions.require(actor, "designation.name_family")
    if not reason.strip():
        raise Invalid("guard.reason_given", problems={"reason": "guard.reason_given"})
    if row.family is not None:
        raise Duplicate("family.named_already", number=row.family.first.number)
    named = select(Designation).where(func.upper(Designation.number) == first_number.strip().upper())
    first = session.execute(named).scalar_one_or_none()
    if first is None or first.id == row.id or (first.designated_on, first.id) >= (row.designated_on, row.id):
        raise Invalid("family.first_unknown", problems={"first_number": "family.first_unknown"})
    first = first.family.first if first.family else first
    row.family = DesignationFamily(first=first, reason=reason.strip()[:TEXT_MOST], by_id=actor.account_id, at=now)
    door.record(
        session,
        row,
        "designation.family_named",
        actor=actor,
        role=role,
        now=now,
        data={"first": first.number, "reason_sha256": journal.sha256(reason.strip())},
    )
    return row.family


def _decide(
    session: Session,
    request: DesignationRequest,
    outcome: str,
    text_ko: str,
    text_en: str,
    actor: Actor,
    now: datetime,
    base_url: str,
) -> door.Outcome:
    pending = door.pending_of(session, request)
    said = dict(pending.data) if pending is not None and pending.to_status == outcome else {}
    texts = {
        "text_ko": text_ko.strip()[:TEXT_MOST] or said.get("text_ko", ""),
        "text_en": text_en.strip()[:TEXT_MOST] or said.get("text_en", ""),
    }
    reason = texts["text_ko"] or texts["text_en"]
    effect = request_effects.of(session, request) if outcome == "approved" else {}
    given = {"version": request.versions[-1].number, "effect_sha256": journal.sha256(effect)}
    if said and said["effect_sha256"] != given["effect_sha256"]:
        raise WrongStage("request.changed_since_proposed")
    source, former = request.status, holders.accounts(session, request.designation)
    told = door.advance(session, request, outcome, actor=actor, now=now, reason=reason, data=texts | given)
    if not told.moved:
        return told
    if outcome == "approved":
        effects.apply(session, request, effect, actor=actor, role=told.role, now=now)
    _record(session, request, source, outcome, texts, effect, told, actor, now)
    _tell(session, request, outcome, texts, effect, former, now, base_url)
    return told


def _record(
    session: Session,
    request: DesignationRequest,
    source: str,
    outcome: str,
    texts: dict[str, str],
    effect: Effect,
    told: door.Outcome,
    actor: Actor,
    now: datetime,
) -> None:
    asked = request.versions[-1]
    session.add(
        Decision(
            subject_kind="designation_request",
            subject_id=request.id,
            move=f"{source}>{outcome}",
            outcome=outcome,
            text_ko=texts["text_ko"] or texts["text_en"],
            text_en=texts["text_en"] or texts["text_ko"],
            inputs={"version": asked.number, "digest": asked.digest, "effect": effect},
            rules_version=request.designation.application.call.rules_version,
            by_id=told.asked_by_id,
            confirmed_by_id=actor.account_id,
            at=now,
        )
    )
    session.flush()


def _tell(
    session: Session,
    request: DesignationRequest,
    outcome: str,
    texts: dict[str, str],
    effect: Effect,
    former: list[Account],
    now: datetime,
    base_url: str,
) -> None:
    """The holder; after a transfer the former one and the new."""
    row = request.designation
    holders.tell(
        session,
        row,
        "request_decided",
        key=f"request_decided:{request.public_id}",
        now=now,
        link=f"{base_url}/applicant/designation-requests/{request.public_id}",
        to=list(dict.fromkeys([*former, *holders.accounts(session, row)])),
        kind=REQUEST_KINDS[request.kind],
        outcome=outcome,
        changes=effect_words.changes(effect),
        text_ko=texts["text_ko"] or texts["text_en"],
        text_en=texts["text_en"] or texts["text_ko"],
    )
