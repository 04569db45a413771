"""What a designation may still be given, from when and what bars it; and what time and change owe to one that holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import outbox
from app.clock import end_of_day_kst
from app.errors import DomainError, Duplicate, WrongStage
from app.models.designation_requests import DesignationRequest
from app.models.designations import Designation
from app.models.pilots import Pilot, PilotRequest
from app.workflow import rules as call_rules
from app.workflow.validity import extended_until

OPEN = ("filed", "under_review", "returned")
STANDING = {"extension": ("active",), "change": ("active",), "transfer": ("active", "suspended")}
JUDGED = ("graded", "correction", "closed")  # states of a pilot whose grade stands; between them a correction is being tried
REMINDED_AT = timedelta(hours=9)


@dataclass(frozen=True)
class Term:
    """What an extension would give. `capped`: the family's first designation ends before these years would."""

    key: str
    until: date
    capped: bool


def rules_of(row: Designation) -> call_rules.Rules:
    return call_rules.from_json(row.application.call.rules)


def next_term(row: Designation) -> Term | None:
    """The next extension by the rules of the call; None when all have been granted."""
    rules = rules_of(row)
    given = 0 if row.term == "base" else int(row.term.removeprefix("ext"))
    cap = row.family.first.valid_until if row.family else None
    whole = extended_until(row.designated_on, rules.validity_years, rules.extension_years, given)
    until = extended_until(row.designated_on, rules.validity_years, rules.extension_years, given, cap)
    return Term(f"ext{given + 1}", until, until != whole) if until and whole else None


def opens_on(row: Designation) -> date:
    """The first day on which an extension may be asked for; the last valid day is the last."""
    return row.valid_until - timedelta(days=rules_of(row).extension_window_days)


def require_grantable(session: Session, row: Designation, kind: str, today: date) -> None:
    """It holds, and for an extension: one is left, no pilot bars it, and the family's first designation leaves room."""
    if row.status not in STANDING[kind] or row.valid_until < today:
        raise WrongStage("guard.designation_not_active")
    if kind != "extension":
        return
    term = next_term(row)
    if term is None:
        raise WrongStage("guard.extensions_used")
    if term.until <= row.valid_until:
        raise WrongStage("guard.family_cap", until=term.until)
    if barred_by_pilot(session, row):
        raise WrongStage("guard.extension_barred")


def require_fileable(session: Session, row: Designation, kind: str, today: date) -> None:
    """Grantable today, in its window, and not asked for already."""
    asked = select(DesignationRequest.id).where(
        DesignationRequest.designation_id == row.id, DesignationRequest.kind == kind, DesignationRequest.status.in_(OPEN)
    )
    if session.execute(asked).first() is not None:
        raise Duplicate("request.open_already")
    require_grantable(session, row, kind, today)
    if kind == "extension" and today < opens_on(row):
        raise WrongStage("request.window_not_open", opens_on=opens_on(row))


Check = Callable[[Session, Designation, str, date], None]


def against(check: Check, session: Session, row: Designation, kind: str, today: date) -> DomainError | None:
    """What one of the two checks above says against it; None when it holds."""
    try:
        check(session, row, kind, today)
    except DomainError as refused:
        return refused
    return None


def barred_by_pilot(session: Session, row: Designation) -> bool:
    """A pilot was graded poor and stayed so: its correction was not made, or was made by halves."""
    poor = (
        select(Pilot.id)
        .join(PilotRequest, PilotRequest.id == Pilot.request_id)
        .where(PilotRequest.designation_id == row.id, Pilot.grade == "poor", Pilot.status.in_(JUDGED))
    )
    return session.execute(poor).first() is not None


def owe(session: Session, row: Designation, now: datetime) -> None:
    """Time owes a designation its end, and its holder a word so many days before, as the rules of the call say."""
    outbox.promise(
        session,
        "expire_designation",
        key=f"expire:{row.public_id}:{row.valid_until}",
        args={"designation": row.public_id},
        now=now,
        due_at=end_of_day_kst(row.valid_until),
    )
    for days in rules_of(row).reminder_days:
        morning = end_of_day_kst(row.valid_until - timedelta(days=days + 1)) + REMINDED_AT
        if morning > now:
            outbox.promise(
                session,
                "remind_expiry",
                key=f"remind:{row.public_id}:{row.valid_until}:{days}",
                args={"designation": row.public_id, "until": row.valid_until.isoformat()},
                now=now,
                due_at=morning,
            )


def owe_list(session: Session, row: Designation, now: datetime) -> None:
    """The procurement service gets a new edition the same day."""
    session.flush()
    outbox.promise(session, "publish_list", key=f"list:{row.public_id}:{row.version}", args={}, now=now)
