"""The procurement service's check: may public bodies buy this product as it stands? It passes, or returns with reasons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app import mail
from app.errors import Invalid, WrongStage
from app.models.applications import Application, Decision
from app.models.designations import FitnessReview
from app.queries.lookup import by_public_id
from app.workflow import door, permissions, rounds
from app.workflow import rules as call_rules
from app.workflow.actors import Actor
from app.workflow.wordlists import CHECK_ANSWERS, FITNESS_CHECKS

TEXT_MOST = 5_000


def review(
    session: Session,
    application_id: str,
    *,
    checks: Mapping[str, str],
    outcome: str,
    reasons: str,
    actor: Actor,
    now: datetime,
    base_url: str,
) -> FitnessReview:
    """Pass or return. A pass needs every check met or not applicable; a return needs reasons and gives a date to answer by."""
    role = permissions.require(actor, "fitness.review")
    application = by_public_id(session, Application, application_id)
    if application.status != "fitness_review":
        raise WrongStage("fitness.not_now")
    _check(checks, outcome, reasons)
    answer_by = (
        now + timedelta(days=call_rules.from_json(application.call.rules).fitness_answer_days) if outcome == "returned" else None
    )
    row = FitnessReview(
        application_id=application.id,
        round_id=application.round_id,
        checks=dict(checks),
        outcome=outcome,
        reasons=reasons.strip(),
        by_id=actor.account_id,
        at=now,
        answer_by=answer_by,
    )
    session.add(row)
    session.flush()
    if outcome == "returned":
        door.advance(
            session,
            application,
            "fitness_returned",
            actor=actor,
            now=now,
            reason=reasons,
            data={"answer_by": answer_by.isoformat() if answer_by else None},
        )
        _tell(
            session,
            application,
            "fitness_returned",
            key=f"fitness_returned:{row.id}",
            now=now,
            reason=row.reasons,
            answer_by=answer_by,
            link=f"{base_url}/applicant/fitness/{application.public_id}",
        )
    else:
        door.record(session, application, "fitness.passed", actor=actor, role=role, now=now, data=dict(checks))
    return row


def answer(session: Session, application_id: str, *, text: str, actor: Actor, now: datetime) -> Application:
    """The applicant answers what was returned, once, within the time given."""
    application = by_public_id(session, Application, application_id)
    permissions.require(actor, "fitness.answer", application)
    row = rounds.fitness_of(session, application)
    if application.status != "fitness_returned" or row is None:
        raise WrongStage("fitness.nothing_to_answer")
    if not text.strip() or len(text) > TEXT_MOST:
        raise Invalid("fitness.answer_form", problems={"text": "fitness.answer_form"}, most=TEXT_MOST)
    row.answer, row.answered_at = text.strip(), now
    session.flush()
    door.advance(session, application, "fitness_review", actor=actor, now=now)
    return application


def take_back(session: Session, application_id: str, *, actor: Actor, now: datetime) -> Application:
    """No answer came in time: the review goes on with what there is."""
    permissions.require(actor, "fitness.review")
    application = by_public_id(session, Application, application_id)
    door.advance(session, application, "fitness_review", actor=actor, now=now)
    return application


def reject(session: Session, application_id: str, *, reason: str, actor: Actor, now: datetime, base_url: str) -> door.Outcome:
    """A product that cannot be bought is refused by two coordinators, with reasons and a letter."""
    application = by_public_id(session, Application, application_id)
    if application.status != "fitness_review":
        raise WrongStage("fitness.not_now")
    pending = door.pending_of(session, application)
    words = reason.strip() or (pending.reason if pending else "")
    outcome = door.advance(session, application, "rejected", actor=actor, now=now, reason=reason)
    if not outcome.moved:
        return outcome
    row = rounds.fitness_of(session, application)
    session.add(
        Decision(
            subject_kind="application",
            subject_id=application.id,
            move="fitness_review>rejected",
            outcome="rejected",
            reasons=[{"code": "fitness", "checks": row.checks}] if row else [],
            text_ko=words,
            text_en=words,
            rules_version=application.call.rules_version,
            by_id=outcome.asked_by_id,
            confirmed_by_id=actor.account_id,
            at=now,
        )
    )
    session.flush()
    _tell(
        session,
        application,
        "decided",
        key=f"decided:{application.public_id}:{application.version}",
        now=now,
        outcome="rejected",
        reason=words,
        designation_no="",
        valid_until=None,
        objection_days=call_rules.from_json(application.call.rules).objection_days,
        link=f"{base_url}/applicant/objections/{application.public_id}",
    )
    return outcome


def _check(checks: Mapping[str, str], outcome: str, reasons: str) -> None:
    problems: dict[str, str] = {}
    for key in FITNESS_CHECKS:
        if checks.get(key) not in CHECK_ANSWERS:
            problems[key] = "fitness.check_unanswered"
        elif outcome == "passed" and checks[key] == "no":
            problems[key] = "fitness.check_not_met"
    if outcome not in ("passed", "returned"):
        problems["outcome"] = "fitness.outcome_missing"
    if outcome == "returned" and not reasons.strip():
        problems["reasons"] = "fitness.reasons_missing"
    if len(reasons) > TEXT_MOST:
        problems["reasons"] = "fitness.reasons_long"
    if problems:
        raise Invalid("fitness.invalid", problems=problems, most=TEXT_MOST)


def _tell(session: Session, application: Application, template: str, *, key: str, now: datetime, **values: object) -> None:
    """A letter to the applicant in their language; an imported dossier has nobody to write to."""
    if application.owner is not None:
        mail.send(
            session,
            template,
            to=application.owner.mail,
            language=application.owner.language,
            key=key,
            now=now,
            name=application.owner.person.name,
            number=application.filed_number,
            title=application.title,
            **values,
        )
