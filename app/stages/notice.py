"""Before the committee sits, the public may speak: the notice, its objections, the applicant's own objections, their answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import journal, mail
from app.errors import Duplicate, Invalid, NotFound, WrongStage
from app.models.applications import Application, Decision
from app.models.calls import Call, Round
from app.models.designations import NoticeEdition, NoticeItem, Objection
from app.models.matching import Panel
from app.queries.lookup import by_public_id
from app.queries.product_facts import content_of, facts
from app.workflow import door, objections, permissions, rounds
from app.workflow import rules as call_rules
from app.workflow.actors import Actor
from app.workflow.wordlists import APPLICANT_GROUNDS, NOTICE_GROUNDS

TEXT_MOST = 5_000
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def publish(session: Session, call_id: str, application_ids: Sequence[str], *, actor: Actor, now: datetime) -> NoticeEdition:
    """Publish product, company and technology of applications that passed the fitness review, for the days the call gives."""
    role = permissions.require(actor, "notice.publish")
    call = by_public_id(session, Call, call_id)
    chosen = [by_public_id(session, Application, one) for one in dict.fromkeys(application_ids)]
    if not chosen:
        raise Invalid("notice.nothing_chosen", problems={"applications": "notice.nothing_chosen"})
    if any(a.call_id != call.id for a in chosen):
        raise NotFound("not_found")
    content = [_entry(session, a) for a in chosen]
    number = (
        1 + session.execute(select(func.count()).select_from(NoticeEdition).where(NoticeEdition.call_id == call.id)).scalar_one()
    )
    edition = NoticeEdition(
        call_id=call.id,
        number=number,
        opens_at=now,
        content=content,
        digest=journal.sha256(content),
        closes_at=now + timedelta(days=call_rules.from_json(call.rules).notice_days),
        published_by_id=actor.account_id,
        published_at=now,
    )
    session.add(edition)
    session.flush()
    for application in chosen:
        door.advance(session, application, "public_notice", actor=actor, now=now, data={"edition": edition.public_id})
        session.add(NoticeItem(edition_id=edition.id, application_id=application.id))
    door.record(
        session,
        edition,
        "notice.published",
        actor=actor,
        role=role,
        now=now,
        data={"digest": edition.digest, "products": len(chosen), "closes_at": edition.closes_at.isoformat()},
    )
    return edition


def object_to(
    session: Session,
    edition_id: str,
    application_id: str,
    *,
    name: str,
    address: str,
    ground: str,
    text: str,
    language: str,
    actor: Actor,
    now: datetime,
) -> Objection:
    """Anyone may object to a product on notice while it is open; a receipt goes to the address given."""
    role = permissions.require(actor, "notice.object")
    edition = by_public_id(session, NoticeEdition, edition_id)
    application = _on_notice(session, edition, application_id)
    if not edition.opens_at <= now < edition.closes_at:
        raise WrongStage("notice.closed", closes_at=edition.closes_at)
    problems = _problems(name, address, ground in NOTICE_GROUNDS, text)
    if problems:
        raise Invalid("objection.invalid", problems=problems, most=TEXT_MOST)
    row = _file(
        session,
        application,
        kind="notice",
        edition_id=edition.id,
        name=name.strip(),
        address=address.strip().lower(),
        ground=ground,
        text=text.strip(),
        language=language,
        actor=actor,
        now=now,
    )
    door.record(session, row, "objection.filed", actor=actor, role=role, now=now, data={"ground": ground, "kind": "notice"})
    mail.send(
        session,
        "objection_received",
        to=row.mail,
        language=language,
        key=f"objection_received:{row.public_id}",
        now=now,
        name=row.name,
        title=application.title,
        receipt=row.public_id,
        text=row.text,
        due_at=row.due_at,
    )
    return row


def file_objection(session: Session, application_id: str, *, ground: str, text: str, actor: Actor, now: datetime) -> Objection:
    """The applicant objects to the refusal that stands: once on each ground, within the days the call gives."""
    application = by_public_id(session, Application, application_id)
    role = permissions.require(actor, "objection.file", application)
    refusal, until = objections.refusal_of(session, application), objection_until(session, application)
    if refusal is None or until is None:
        raise WrongStage("objection.nothing_decided")
    if until <= now:
        raise WrongStage("objection.time_over", until=until)
    problems = _problems(actor.name or "-", "a@b.c", ground in APPLICANT_GROUNDS, text)
    if problems:
        raise Invalid("objection.invalid", problems=problems, most=TEXT_MOST)
    if any(known.ground == ground for known in objections.standing(session, application)):
        raise Duplicate("objection.ground_used", field="ground")
    owner = application.owner
    row = _file(
        session,
        application,
        kind="applicant",
        decision_id=refusal.id,
        name=actor.name,
        address=owner.mail if owner else "",
        ground=ground,
        text=text.strip(),
        language=actor.language,
        actor=actor,
        now=now,
    )
    door.record(session, row, "objection.filed", actor=actor, role=role, now=now, data={"ground": ground, "kind": "applicant"})
    return row


def admit(session: Session, objection_id: str, *, actor: Actor, now: datetime) -> Objection:
    """The objection is heard."""
    row = by_public_id(session, Objection, objection_id)
    door.advance(session, row, "under_review", actor=actor, now=now)
    return row


def extend(session: Session, objection_id: str, *, reason: str, actor: Actor, now: datetime) -> Objection:
    """The answer to an applicant may be put off once; a notice objection is answered before the committee sits."""
    row = by_public_id(session, Objection, objection_id)
    door.advance(session, row, "extended", actor=actor, now=now, reason=reason)
    row.due_at += timedelta(days=call_rules.from_json(row.application.call.rules).answer_extra_days)
    return row


def answer(session: Session, objection_id: str, *, outcome: str, text: str, actor: Actor, now: datetime) -> Objection:
    """Answer with reasons: inadmissible at once, or upheld, partly upheld, dismissed after review. The person is told by mail."""
    row = by_public_id(session, Objection, objection_id)
    if len(text) > TEXT_MOST or not text.strip():
        raise Invalid("objection.answer_form", problems={"text": "objection.answer_form"}, most=TEXT_MOST)
    door.advance(session, row, outcome, actor=actor, now=now, reason=text)
    row.answer, row.answered_by_id, row.answered_at = text.strip(), actor.account_id, now
    session.flush()
    if row.mail:
        mail.send(
            session,
            "objection_answered",
            to=row.mail,
            language=row.language,
            key=f"objection_answered:{row.public_id}",
            now=now,
            name=row.name,
            title=row.application.title,
            receipt=row.public_id,
            outcome=outcome,
            answer=row.answer,
        )
    return row


def to_committee(session: Session, application_id: str, *, actor: Actor, now: datetime) -> Application:
    """The notice is over and every objection to this product is answered: it goes before the committee."""
    application = by_public_id(session, Application, application_id)
    door.advance(session, application, "committee_deliberation", actor=actor, now=now)
    return application


def reopen(session: Session, application_id: str, *, reason: str, actor: Actor, now: datetime, base_url: str) -> door.Outcome:
    """An objection was upheld: two coordinators send the application back, to eligibility or to a panel of other people."""
    application = by_public_id(session, Application, application_id)
    source, target = application.status, "eligibility" if application.status == "ineligible" else "re_review"
    grounds = [row.public_id for row in objections.upheld(session, application)]
    pending = door.pending_of(session, application)
    words = reason.strip() or (pending.reason if pending else "")
    outcome = door.advance(session, application, target, actor=actor, now=now, reason=reason)
    if outcome.moved:
        if target == "re_review":
            application.round = _re_review_round(session, application.call, actor=actor, role=outcome.role, now=now)
        session.add(
            Decision(
                subject_kind="application",
                subject_id=application.id,
                move=f"{source}>{target}",
                outcome=target,
                text_ko=words,
                text_en=words,
                inputs={"objections": grounds, "round": application.round.number if application.round else 1},
                rules_version=application.call.rules_version,
                by_id=outcome.asked_by_id,
                confirmed_by_id=actor.account_id,
                at=now,
            )
        )
        session.flush()
        owner = application.owner
        if owner is not None:
            mail.send(
                session,
                "re_review",
                to=owner.mail,
                language=owner.language,
                key=f"re_review:{application.public_id}:{application.version}",
                now=now,
                name=owner.person.name,
                number=application.filed_number,
                title=application.title,
                target=target,
                reason=words,
                link=f"{base_url}/applicant/dossiers/{application.public_id}",
            )
    return outcome


def _re_review_round(session: Session, call: Call, *, actor: Actor, role: str, now: datetime) -> Round:
    """The round in which other people judge, beside those that run; re-reviews share it until a panel of it is deployed."""
    session.execute(select(Call.id).where(Call.id == call.id).with_for_update())  # two orders at once open one round
    last = rounds.of_call(session, call.public_id)[-1]
    if last.kind == "re_review" and session.execute(select(Panel.id).where(Panel.round_id == last.id).limit(1)).first() is None:
        return last
    opened = Round(call_id=call.id, number=last.number + 1, kind="re_review")
    session.add(opened)
    data = {"number": opened.number, "kind": opened.kind}
    door.record(session, opened, "round.opened", actor=actor, role=role, now=now, data=data)
    return opened


def refuse_reopening(session: Session, application_id: str, *, actor: Actor, now: datetime) -> None:
    """A move of this application that awaits its second coordinator is taken off the table."""
    door.refuse_pending(session, by_public_id(session, Application, application_id), actor=actor, now=now)


def until_for(session: Session, application_id: str, *, actor: Actor) -> datetime | None:
    """The same for the applicant of one application."""
    application = by_public_id(session, Application, application_id)
    permissions.require(actor, "objection.file", application)
    return objection_until(session, application)


def objection_until(session: Session, application: Application) -> datetime | None:
    """The last moment to object to the refusal that stands; None when nothing was refused."""
    refusal = objections.refusal_of(session, application)
    days = call_rules.from_json(application.call.rules).objection_days
    return refusal.at + timedelta(days=days) if refusal else None


def _file(
    session: Session,
    application: Application,
    *,
    kind: str,
    edition_id: int | None = None,
    decision_id: int | None = None,
    name: str,
    address: str,
    ground: str,
    text: str,
    language: str,
    actor: Actor,
    now: datetime,
) -> Objection:
    due_at = now + timedelta(days=call_rules.from_json(application.call.rules).answer_days)
    row = Objection(
        kind=kind,
        application_id=application.id,
        edition_id=edition_id,
        decision_id=decision_id,
        filed_by_id=actor.account_id,
        name=name,
        mail=address,
        ground=ground,
        text=text,
        language=language,
        filed_at=now,
        due_at=due_at,
    )
    session.add(row)
    session.flush()
    return row


def _on_notice(session: Session, edition: NoticeEdition, application_id: str) -> Application:
    application = by_public_id(session, Application, application_id)
    listed = select(NoticeItem.id).where(NoticeItem.edition_id == edition.id, NoticeItem.application_id == application.id)
    if session.execute(listed).first() is None:
        raise NotFound("not_found")
    return application


def _problems(name: str, address: str, ground_known: bool, text: str) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not name.strip() or len(name) > 120:
        problems["name"] = "objection.name_form"
    if not _MAIL.fullmatch(address.strip()) or len(address) > 254:
        problems["mail"] = "objection.mail_form"
    if not ground_known:
        problems["ground"] = "objection.ground_unknown"
    if not text.strip() or len(text) > TEXT_MOST:
        problems["text"] = "objection.text_form"
    return problems


def _entry(session: Session, application: Application) -> dict[str, object]:
    """What the notice shows of a product: enough to recognise it, nothing confidential."""
    known = facts(application, content_of(session, application))
    return {
        "application": application.public_id,
        "company": application.organisation.name,
        "company_en": application.organisation.name_en,
        "language": application.language,
        **{name: known[name] for name in ("name_ko", "name_en", "field_1", "models", "summary", "rnd", "ip")},
    }
