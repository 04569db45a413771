"""The committee decides on a bundle; a designation it makes has a number, a term and a certificate anyone can check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import journal, mail
from app.clock import today_kst
from app.db import new_public_id
from app.errors import Invalid, NotFound, WrongStage
from app.models.applications import Application, Decision
from app.models.calls import Call
from app.models.designations import CommitteeItem, CommitteeMeeting, Designation, DesignationEvent
from app.queries.bundles import bundle_of
from app.queries.lookup import by_public_id
from app.queries.product_facts import content_of, facts
from app.workflow import certificates, door, permissions, terms
from app.workflow import rules as call_rules
from app.workflow.actors import Actor
from app.workflow.validity import number_of, series_of, valid_until
from app.workflow.wordlists import COMMITTEE_OUTCOMES

TEXT_MOST = 10_000
LEGAL_GROUND = "조달사업법 제27조, 같은 법 시행령 제33조"  # a call may pin another in its rules: extra.legal_ground
AUTHORITY = "과학기술정보통신부"  # ministries are renamed: extra.authority


def convene(
    session: Session, call_id: str, *, held_on: date, application_ids: Sequence[str], actor: Actor, now: datetime
) -> CommitteeMeeting:
    """Call the committee together on applications whose notice is over; the digest fixes what it is given to read."""
    role = permissions.require(actor, "committee.convene")
    call = by_public_id(session, Call, call_id)
    chosen = [by_public_id(session, Application, one) for one in dict.fromkeys(application_ids)]
    _check_agenda(session, call, held_on, chosen, now)
    number = (
        1
        + session.execute(
            select(func.count()).select_from(CommitteeMeeting).where(CommitteeMeeting.call_id == call.id)
        ).scalar_one()
    )
    meeting = CommitteeMeeting(call_id=call.id, number=number, held_on=held_on, created_at=now)
    session.add(meeting)
    session.flush()
    digests = []
    for application in chosen:
        digests.append(bundle_of(session, application).digest)
        session.add(CommitteeItem(meeting_id=meeting.id, application_id=application.id, digest=digests[-1]))
    meeting.bundle_digest = journal.sha256(digests)
    door.record(
        session,
        meeting,
        "committee.convened",
        actor=actor,
        role=role,
        now=now,
        data={"bundle_sha256": meeting.bundle_digest, "items": len(chosen), "held_on": held_on.isoformat()},
    )
    session.refresh(meeting)
    return meeting


def opine(session: Session, meeting_id: str, application_id: str, *, text: str, actor: Actor, now: datetime) -> CommitteeItem:
    """The committee's opinion on one item, as its members wrote it last."""
    role = permissions.require(actor, "committee.opine")
    item = _item(session, meeting_id, application_id)
    if item.outcome:
        raise WrongStage("committee.item_decided")
    if not text.strip() or len(text) > TEXT_MOST:
        raise Invalid("committee.opinion_form", problems={"opinion": "committee.opinion_form"}, most=TEXT_MOST)
    if item.opinion != text.strip():
        item.opinion = text.strip()
        door.record(
            session,
            item.meeting,
            "committee.opinion",
            actor=actor,
            role=role,
            now=now,
            data={"application": application_id, "text_sha256": journal.sha256(item.opinion)},
        )
    return item


def decide(
    session: Session,
    meeting_id: str,
    application_id: str,
    *,
    outcome: str,
    actor: Actor,
    now: datetime,
    base_url: str,
    minutes: str = "",
    reason: str = "",
) -> door.Outcome:
    """One member proposes with minutes and reason, a second confirms the same outcome; the second may leave both blank."""
    item = _item(session, meeting_id, application_id)
    application = item.application
    if outcome not in COMMITTEE_OUTCOMES:
        raise Invalid("committee.outcome_unknown", problems={"outcome": "committee.outcome_unknown"})
    if len(minutes) > TEXT_MOST or len(reason) > TEXT_MOST:
        raise Invalid("committee.text_long", problems={"minutes": "committee.text_long"}, most=TEXT_MOST)
    pending = door.pending_of(session, application)
    minutes = minutes.strip() or str((pending.data if pending else {}).get("minutes", ""))
    reason = reason.strip() or (pending.reason if pending else "")
    source = application.status
    told = door.advance(
        session,
        application,
        outcome,
        actor=actor,
        now=now,
        reason=reason,
        data={"minutes": minutes, "meeting": item.meeting.public_id},
    )
    if not told.moved:
        return told
    item.minutes, item.outcome = minutes, outcome
    session.add(
        Decision(
            subject_kind="application",
            subject_id=application.id,
            move=f"{source}>{outcome}",
            outcome=outcome,
            text_ko=reason,
            text_en=reason,
            inputs={"meeting": item.meeting.public_id, "bundle_sha256": item.digest, "minutes_sha256": journal.sha256(minutes)},
            rules_version=application.call.rules_version,
            by_id=told.asked_by_id,
            confirmed_by_id=actor.account_id,
            at=now,
        )
    )
    session.flush()
    made = _designate(session, application, actor=actor, role=told.role, now=now) if outcome == "designated" else None
    _tell(session, application, outcome, reason, made, now=now, base_url=base_url)
    return told


def refuse_decision(session: Session, application_id: str, *, actor: Actor, now: datetime) -> None:
    """A proposal that awaits its second member is taken off the table."""
    door.refuse_pending(session, by_public_id(session, Application, application_id), actor=actor, now=now)


def resume_deliberation(session: Session, application_id: str, *, reason: str, actor: Actor, now: datetime) -> Application:
    """What was deferred comes back once its reason is resolved; it then goes into a new meeting."""
    application = by_public_id(session, Application, application_id)
    door.advance(session, application, "committee_deliberation", actor=actor, now=now, reason=reason)
    return application


def _designate(session: Session, application: Application, *, actor: Actor, role: str, now: datetime) -> Designation:
    rules = call_rules.from_json(application.call.rules)
    on = today_kst(now)
    series = series_of(rules.number_pattern, on.year)
    # The journal's lock is held since the move above, so two decisions never count the same serial.
    serial = 1 + (session.execute(select(func.max(Designation.serial)).where(Designation.series == series)).scalar_one() or 0)
    row = Designation(
        application_id=application.id,
        organisation_id=application.organisation_id,
        number=number_of(rules.number_pattern, on.year, serial),
        series=series,
        serial=serial,
        verify_id=new_public_id(),
        product=facts(application, content_of(session, application)),
        legal_ground=str(rules.extra.get("legal_ground", LEGAL_GROUND)),
        authority=str(rules.extra.get("authority", AUTHORITY)),
        designated_on=on,
        valid_from=on,
        valid_until=valid_until(on, rules.validity_years),
    )
    row.events.append(DesignationEvent(kind="designated", on=on, by_id=actor.account_id, at=now))
    session.add(row)
    session.flush()
    door.record(
        session,
        row,
        "designation.active",
        actor=actor,
        role=role,
        now=now,
        data={"number": row.number, "valid_from": row.valid_from.isoformat(), "valid_until": row.valid_until.isoformat()},
    )
    certificates.issue(session, row, actor=actor, now=now)
    terms.owe(session, row, now)
    return row


def _check_agenda(session: Session, call: Call, held_on: date, chosen: Sequence[Application], now: datetime) -> None:
    if not chosen:
        raise Invalid("committee.nothing_chosen", problems={"applications": "committee.nothing_chosen"})
    if held_on < today_kst(now):
        raise Invalid("committee.held_in_past", problems={"held_on": "committee.held_in_past"})
    if any(a.call_id != call.id for a in chosen):
        raise NotFound("not_found")
    for application in chosen:
        if application.status != "committee_deliberation":
            raise WrongStage("committee.not_ready", number=application.label)
        open_item = select(CommitteeItem.id).where(CommitteeItem.application_id == application.id, CommitteeItem.outcome == "")
        if session.execute(open_item).first() is not None:
            raise WrongStage("committee.on_another_agenda", number=application.label)


def _item(session: Session, meeting_id: str, application_id: str) -> CommitteeItem:
    meeting = by_public_id(session, CommitteeMeeting, meeting_id)
    for item in meeting.items:
        if item.application.public_id == application_id:
            return item
    raise NotFound("not_found")


def _tell(
    session: Session, application: Application, outcome: str, reason: str, made: Designation | None, *, now: datetime, base_url: str
) -> None:
    owner = application.owner
    if owner is None:
        return
    rules = call_rules.from_json(application.call.rules)
    link = (
        f"{base_url}/applicant/designations/{made.public_id}"
        if made
        else f"{base_url}/applicant/objections/{application.public_id}"
    )
    mail.send(
        session,
        "decided",
        to=owner.mail,
        language=owner.language,
        key=f"decided:{application.public_id}:{application.version}",
        now=now,
        name=owner.person.name,
        number=application.filed_number,
        title=application.title,
        outcome=outcome,
        reason=reason,
        designation_no=made.number if made else "",
        valid_until=made.valid_until if made else None,
        objection_days=rules.objection_days,
        link=link,
    )
