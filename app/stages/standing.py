"""What may happen to a designation while it holds: suspended and resumed, cancelled after a hearing, given back, expired.

What its holder asks for (extension, change, transfer) is in designation_requests.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.clock import today_kst
from app.errors import WrongStage
from app.models.designations import Designation, DesignationEvent
from app.queries.lookup import by_public_id
from app.workflow import door, holders, terms
from app.workflow.actors import SYSTEM, Actor


def suspend(session: Session, designation_id: str, *, actor: Actor, now: datetime, base_url: str, reason: str = "") -> door.Outcome:
    """Halt trading on a safety ground: two coordinators. The term keeps running; the list carries it the same day."""
    return _by_two(session, designation_id, "suspended", "suspended", actor, now, reason, base_url)


def resume(session: Session, designation_id: str, *, actor: Actor, now: datetime, base_url: str, reason: str = "") -> door.Outcome:
    """Lift a suspension: two coordinators."""
    return _by_two(session, designation_id, "active", "resumed", actor, now, reason, base_url)


def refuse(session: Session, designation_id: str, *, actor: Actor, now: datetime) -> None:
    """Take a change that awaits its second person off the table."""
    door.refuse_pending(session, by_public_id(session, Designation, designation_id), actor=actor, now=now)


def begin_cancellation(
    session: Session, designation_id: str, *, reason: str, actor: Actor, now: datetime, base_url: str
) -> Designation:
    """Give notice of a cancellation; the holder is heard before the committee decides."""
    row = by_public_id(session, Designation, designation_id)
    former = row.status
    door.advance(session, row, "cancelling", actor=actor, now=now, reason=reason, data={"former": former})
    _event(row, "cancelling", reason, actor, now)
    session.flush()
    _tell(session, row, "cancellation_notice", reason, now, base_url, decided_from=hearing_over_at(row))
    return row


def cancel(session: Session, designation_id: str, *, reason: str, actor: Actor, now: datetime, base_url: str) -> Designation:
    """The committee cancels, once the time to be heard is over."""
    row = by_public_id(session, Designation, designation_id)
    over = hearing_over_at(row)
    door.advance(
        session, row, "cancelled", actor=actor, now=now, reason=reason, data={"notice_over": over is not None and over <= now}
    )
    _changed(session, row, "cancelled", reason, actor, now, base_url)
    return row


def keep(session: Session, designation_id: str, *, reason: str, actor: Actor, now: datetime, base_url: str) -> Designation:
    """The committee does not uphold the cancellation: the designation stands as it stood before."""
    row = by_public_id(session, Designation, designation_id)
    door.advance(session, row, former_status(row), actor=actor, now=now, reason=reason)
    _changed(session, row, "kept", reason, actor, now, base_url)
    return row


def give_back(session: Session, designation_id: str, *, reason: str, actor: Actor, now: datetime) -> Designation:
    """The holder returns the designation in writing."""
    row = by_public_id(session, Designation, designation_id)
    door.advance(session, row, "returned", actor=actor, now=now, reason=reason)
    _event(row, "returned", reason, actor, now)
    terms.owe_list(session, row, now)
    return row


def expire(session: Session, designation_id: str, *, now: datetime) -> bool:
    """The day after the last valid day. What ended before stays as it ended; a longer term waits for its own end."""
    row = by_public_id(session, Designation, designation_id)
    if row.status not in ("active", "suspended"):
        return False
    if row.valid_until >= today_kst(now):
        terms.owe(session, row, now)
        return False
    door.advance(session, row, "expired", actor=SYSTEM, now=now)
    _event(row, "expired", "", SYSTEM, now)
    terms.owe_list(session, row, now)
    return True


def remind(session: Session, designation_id: str, *, until: date, now: datetime, base_url: str) -> bool:
    """Tell the holder that the term ends. What ended before, or ends on another day by now, is not written about."""
    row = by_public_id(session, Designation, designation_id)
    if row.status not in ("active", "suspended") or row.valid_until != until or until < today_kst(now):
        return False
    days = (until - today_kst(now)).days
    term = terms.next_term(row)
    holders.tell(
        session,
        row,
        "expiry_reminder",
        key=f"expiry_reminder:{row.public_id}:{until}:{days}",
        now=now,
        link=f"{base_url}/applicant/designations/{row.public_id}",
        valid_until=until,
        days=days,
        extended_until=term.until if term and term.until > until and not terms.barred_by_pilot(session, row) else None,
        opens_on=terms.opens_on(row),
    )
    door.record(session, row, "designation.reminded", actor=SYSTEM, role="system", now=now, data={"until": until, "days": days})
    return True


def hearing_over_at(row: Designation) -> datetime | None:
    """When the committee may decide on a cancellation; None when none was begun."""
    begun = next((e.at for e in reversed(row.events) if e.kind == "cancelling"), None)
    days = terms.rules_of(row).cancel_notice_days
    return begun + timedelta(days=days) if begun else None


def former_status(row: Designation) -> str:
    """What a designation was when its cancellation began."""
    if row.status != "cancelling":
        raise WrongStage("designation.not_cancelling")
    last = next((e.kind for e in reversed(row.events) if e.kind in ("suspended", "resumed")), "designated")
    return "suspended" if last == "suspended" else "active"


def _by_two(
    session: Session, designation_id: str, target: str, kind: str, actor: Actor, now: datetime, reason: str, base_url: str
) -> door.Outcome:
    row = by_public_id(session, Designation, designation_id)
    if row.status == "cancelling":  # only the committee ends a cancellation
        raise WrongStage("door.no_such_move", kind="designation", status=row.status, target=target, open="")
    pending = door.pending_of(session, row)
    words = reason.strip() or (pending.reason if pending else "")
    outcome = door.advance(session, row, target, actor=actor, now=now, reason=words)
    if outcome.moved:
        _changed(session, row, kind, words, actor, now, base_url)
    return outcome


def _changed(session: Session, row: Designation, kind: str, reason: str, actor: Actor, now: datetime, base_url: str) -> None:
    _event(row, kind, reason, actor, now)
    session.flush()
    _tell(session, row, "designation_changed", reason, now, base_url, kind=kind)
    terms.owe_list(session, row, now)


def _event(row: Designation, kind: str, note: str, actor: Actor, now: datetime) -> None:
    row.events.append(DesignationEvent(kind=kind, on=today_kst(now), note=note.strip(), by_id=actor.account_id, at=now))


def _tell(session: Session, row: Designation, template: str, reason: str, now: datetime, base_url: str, **values: Any) -> None:
    holders.tell(
        session,
        row,
        template,
        key=f"{template}:{row.public_id}:{row.version}",
        now=now,
        link=f"{base_url}/applicant/designations/{row.public_id}",
        reason=reason.strip(),
        **values,
    )
