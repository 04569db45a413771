"""Score sheets: opened, saved mark by mark as versions, locked with a receipt, reopened for a reason. No mark is ever changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import journal, mail
from app.clock import today_kst
from app.errors import Invalid, NotFound, Stale, WrongStage
from app.models.matching import Panel, Seat
from app.models.people import Account
from app.models.reviews import Mark, Sheet, SheetLock
from app.workflow import door, permissions, quotes, rounds
from app.workflow.actors import Actor
from app.workflow.quotes import Quote
from app.workflow.scores import SURE, gaps
from scoring.rubric import Rubric, load

COMMENT_MOST, NOTE_MOST = 4000, 8000


@dataclass(frozen=True)
class Entry:
    """What stands in the form for one item, gate or criterion; a gate's step is 1 (yes) or 0 (no), a criterion's how sure."""

    step: int | None = None
    comment: str = ""
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True)
class Filled:
    """A sheet as its author sends it; `version` is the one the form was drawn from."""

    version: int
    entries: Mapping[str, Entry] = field(default_factory=dict)
    to_applicant: str = ""
    to_panel: str = ""
    private: str = ""


def open_sheet(session: Session, sheet_id: str, *, actor: Actor, now: datetime) -> Sheet:
    """Begin a sheet: from here the dossier is read, and that is recorded. Opening again changes nothing."""
    sheet = _mine(session, sheet_id, actor)
    if sheet.status == "empty":
        door.advance(session, sheet, "draft", actor=actor, now=now)
        sheet.opened_at = now
    return sheet


def save(session: Session, sheet_id: str, filled: Filled, *, actor: Actor, now: datetime) -> Sheet:
    """Keep what is new: one mark version for each item whose step, comment or quotes changed. An older tab is refused."""
    sheet = _mine(session, sheet_id, actor)
    if sheet.version != filled.version:
        raise Stale("sheet.stale")
    if sheet.status not in ("empty", "draft", "reopened"):
        raise WrongStage("sheet.not_open")
    rubric = load(sheet.application.call.rubric)
    _check_values(session, sheet, rubric, filled)
    if sheet.status == "empty":
        open_sheet(session, sheet_id, actor=actor, now=now)
    stored = newest(sheet)
    changed = 0
    for code in (*rubric.item_codes, *rubric.gate_codes, *rubric.criterion_codes):
        entry, old = filled.entries.get(code), stored.get(code)
        if entry is None:
            continue
        comment = entry.comment.strip()
        before = (old.step, old.comment, quotes.of_data(old.quotes)) if old else (None, "", ())
        if before == (entry.step, comment, entry.quotes):
            continue
        session.add(
            Mark(
                sheet_id=sheet.id,
                item=code,
                number=old.number + 1 if old else 1,
                step=entry.step,
                comment=comment,
                quotes=[quote.as_data() for quote in entry.quotes] or None,
                by_id=actor.account_id,
                at=now,
            )
        )
        changed += 1
    texts = {
        "to_applicant": filled.to_applicant.strip(),
        "to_panel": filled.to_panel.strip(),
        "private": filled.private.strip(),
    }
    for name, text in texts.items():
        if getattr(sheet, name) != text:
            setattr(sheet, name, text)
            changed += 1
    if changed:
        sheet.saves, sheet.saved_at = sheet.saves + 1, now
        session.flush()
        session.refresh(sheet, ["marks", "version"])
        door.record(
            session,
            sheet,
            "sheet.saved",
            actor=actor,
            role="panellist",
            now=now,
            data={"version": sheet.version, "changed": changed},
        )
    return sheet


def lock(session: Session, sheet_id: str, *, version: int, actor: Actor, now: datetime) -> SheetLock:
    """Submit a complete sheet; the receipt is the digest of exactly what was submitted."""
    sheet = _mine(session, sheet_id, actor)
    if sheet.version != version:
        raise Stale("sheet.stale")
    rubric = load(sheet.application.call.rubric)
    missing = gaps(newest(sheet), rubric)
    if missing:
        raise Invalid("sheet.incomplete", problems=missing, n=len(missing))
    row = _lock_row(session, sheet, rubric, actor=actor, now=now)
    sheet.locked_at = now
    data = {"missing": [], "receipt": row.receipt, "number": row.number}
    door.advance(session, sheet, "locked", actor=actor, now=now, data=data)
    session.flush()
    return row


def revise(
    session: Session, sheet_id: str, entries: Mapping[str, Entry], *, reason: str, actor: Actor, now: datetime
) -> SheetLock:
    """While the panel deliberates an author may adjust marks and says why: a further lock; the ones before it stay."""
    sheet = _mine(session, sheet_id, actor)
    application = sheet.application
    if sheet.status != "locked" or application.status != "panel_deliberation":
        raise WrongStage("sheet.not_revisable")
    if not rounds.judges(sheet.seat.panel.round, application):
        raise WrongStage("sheet.not_revisable")
    if not reason.strip():
        raise Invalid("sheet.revision_reason", problems={"reason": "sheet.revision_reason"})
    rubric = load(application.call.rubric)
    _check_values(session, sheet, rubric, Filled(sheet.version, entries))
    stored, changed = newest(sheet), 0
    for code, entry in entries.items():
        old = stored.get(code)
        if old is None or entry.step is None or (old.step, old.comment) == (entry.step, entry.comment.strip()):
            continue
        session.add(
            Mark(
                sheet_id=sheet.id,
                item=code,
                number=old.number + 1,
                step=entry.step,
                comment=entry.comment.strip(),
                quotes=old.quotes,
                by_id=actor.account_id,
                at=now,
            )
        )
        changed += 1
    if not changed:
        raise Invalid("sheet.nothing_revised", problems={"reason": "sheet.nothing_revised"})
    sheet.saves, sheet.saved_at = sheet.saves + 1, now
    session.flush()
    session.refresh(sheet, ["marks", "version"])
    if missing := gaps(newest(sheet), rubric):
        raise Invalid("sheet.incomplete", problems=missing, n=len(missing))
    row = _lock_row(session, sheet, rubric, actor=actor, now=now, because=reason.strip())
    door.record(
        session,
        sheet,
        "sheet.revised",
        actor=actor,
        role="panellist",
        now=now,
        data={"changed": changed, "number": row.number, "receipt": row.receipt, "reason_sha256": journal.sha256(reason.strip())},
    )
    rounds.compute_again(session, sheet.seat.panel.round, because=row.receipt, now=now)
    return row


def reopen(session: Session, sheet_id: str, *, reason: str, actor: Actor, now: datetime, base_url: str) -> Sheet:
    """Give a submitted sheet back to its author; the earlier lock and all marks stay. Refused once deliberation began."""
    sheet = _sheet(session, sheet_id)
    door.advance(session, sheet, "reopened", actor=actor, now=now, reason=reason)
    last = session.execute(
        select(SheetLock).where(SheetLock.sheet_id == sheet.id).order_by(SheetLock.number.desc()).limit(1)
    ).scalar_one()
    last.reopened_at, last.reopen_reason = now, reason.strip()
    expert = sheet.seat.expert
    account = _account_of(session, expert.person_id)
    to = account.mail if account else expert.mail
    if to:
        mail.send(
            session,
            "sheet_reopened",
            to=to,
            language=account.language if account else expert.language,
            now=now,
            key=f"reopened:{sheet.public_id}:{last.number}",
            name=expert.person.name,
            label=sheet.application.label,
            title=sheet.application.title,
            reason=reason.strip(),
            link=f"{base_url}/panellist/sheets/{sheet.public_id}",
        )
    return sheet


def remind_open(
    session: Session, call_id: str, *, actor: Actor, now: datetime, base_url: str, round_number: int | None = None
) -> int:
    """Write to everybody with sheets of the round still open, at most once a day. Returns how many panellists."""
    permissions.require(actor, "invitation.send")
    round_ = rounds.named(session, call_id, round_number)
    rows = session.execute(
        select(Sheet)
        .join(Seat, Seat.id == Sheet.seat_id)
        .join(Panel, Panel.id == Seat.panel_id)
        .where(Panel.round_id == round_.id, Seat.status == "active", Sheet.status.in_(("empty", "draft", "reopened")))
    ).scalars()
    by_expert: dict[int, list[Sheet]] = {}
    for sheet in rows:
        by_expert.setdefault(sheet.seat.expert_id, []).append(sheet)
    written = 0
    for theirs in by_expert.values():
        expert = theirs[0].seat.expert
        account = _account_of(session, expert.person_id)
        to = account.mail if account else expert.mail
        if to:
            mail.send(
                session,
                "sheets_due",
                to=to,
                language=account.language if account else expert.language,
                now=now,
                key=f"sheets_due:{round_.public_id}:{expert.public_id}:{today_kst(now)}",
                name=expert.person.name,
                left=len(theirs),
                closes_at=round_.scoring_closes_at,
                link=f"{base_url}/panellist/",
            )
            door.record(
                session, theirs[0].seat, "seat.reminded", actor=actor, role="coordinator", now=now, data={"sheets": len(theirs)}
            )
            written += 1
    return written


def newest(sheet: Sheet) -> dict[str, Mark]:
    """The mark that counts for each item and gate: the last version."""
    found: dict[str, Mark] = {}
    for mark in sorted(sheet.marks, key=lambda m: m.number):
        found[mark.item] = mark
    return found


def canonical_content(sheet: Sheet, rubric: Rubric, *, number: int, at: datetime) -> dict[str, Any]:
    """All that a lock stands for, in plain values; the author's private notes are no part of it."""
    stored = newest(sheet)
    return {
        "sheet": sheet.public_id,
        "application": sheet.application.public_id,
        "dossier_version": sheet.application.dossier_version,
        "rubric": rubric.key,
        "rubric_sha256": rubric.digest,
        "lock": number,
        "at": at.isoformat(),
        "marks": [
            {
                "item": code,
                "step": stored[code].step,
                "comment": stored[code].comment,
                "quotes": stored[code].quotes or [],
                "version": stored[code].number,
            }
            for code in (*rubric.item_codes, *rubric.gate_codes)
        ],
        "sure": {code: stored[code].step for code in rubric.criterion_codes if code in stored},
        "to_applicant": sheet.to_applicant,
        "to_panel": sheet.to_panel,
    }


def _lock_row(
    session: Session, sheet: Sheet, rubric: Rubric, *, actor: Actor, now: datetime, because: str = ""
) -> SheetLock:
    """The sheet as it stands, under the next number; its digest becomes the sheet's receipt."""
    number = session.execute(select(func.count()).select_from(SheetLock).where(SheetLock.sheet_id == sheet.id)).scalar_one() + 1
    content = canonical_content(sheet, rubric, number=number, at=now)
    if because:
        content["revised_because"] = because
    sheet.receipt = journal.sha256(content)
    row = SheetLock(
        sheet_id=sheet.id,
        number=number,
        content=content,
        receipt=sheet.receipt,
        revised_because=because,
        by_id=actor.account_id,
        at=now,
    )
    session.add(row)
    return row


def _check_values(session: Session, sheet: Sheet, rubric: Rubric, filled: Filled) -> None:
    problems: dict[str, str] = {}
    for code, entry in filled.entries.items():
        if code in rubric.item_codes:
            good = entry.step is None or 1 <= entry.step <= rubric.top
        elif code in rubric.gate_codes:
            good = entry.step in (None, 0, 1)
        elif code in rubric.criterion_codes:
            good = entry.step in (None, *SURE) and not entry.comment and not entry.quotes
        else:
            good = False
        if not good:
            problems[code] = "sheet.step_unknown"
        elif len(entry.comment) > COMMENT_MOST:
            problems[code] = "sheet.text_too_long"
        elif entry.quotes and (wrong := quotes.problem(session, sheet.application, entry.quotes)):
            problems[code] = wrong
    for name in ("to_applicant", "to_panel", "private"):
        if len(getattr(filled, name)) > NOTE_MOST:
            problems[name] = "sheet.text_too_long"
    if problems:
        raise Invalid("sheet.invalid", problems=problems)


def _account_of(session: Session, person_id: int) -> Account | None:
    return session.execute(
        select(Account).where(Account.person_id == person_id, Account.status != "disabled").order_by(Account.id).limit(1)
    ).scalar_one_or_none()


def _sheet(session: Session, public_id: str) -> Sheet:
    row = session.execute(select(Sheet).where(Sheet.public_id == public_id)).scalar_one_or_none()
    if row is None:
        raise NotFound("not_found")
    return row


def _mine(session: Session, public_id: str, actor: Actor) -> Sheet:
    """Own sheets only, and only while the seat is held: a void sheet no longer exists for its author."""
    sheet = _sheet(session, public_id)
    permissions.require(actor, "sheet.write", sheet)
    if sheet.status == "void" or sheet.seat.status not in ("active", "done"):
        raise NotFound("not_found")
    return sheet
