"""What people do about conflicts: confirm, dismiss, waive, pin or reopen findings, ask the expert, and the expert's answer.

Each verb takes many findings: they are decided together, each with its own entry in the journal. A confirmed finding empties
the seats it bars, and the next in order is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import mail
from app.errors import Invalid, NotFound, WrongStage
from app.models.matching import Conflict
from app.models.people import Account
from app.queries.lookup import by_public_id
from app.workflow import door, permissions
from app.workflow.actors import Actor
from app.workflow.conflicts import deciding
from app.workflow.transitions import MOVE

NOTE_MOST = 2000


@dataclass
class Done:
    """Public ids of what was decided and of what waits for a second person; seats that were given up; what could not be moved."""

    moved: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    seats: int = 0
    passed_over: int = 0


def confirm(session: Session, ids: Collection[str], *, actor: Actor, now: datetime, reason: str = "") -> Done:
    """It is so: the expert is barred, and leaves the seats that the finding is about."""
    return _decide(session, ids, "upheld", reason, actor, now)


def pin(session: Session, ids: Collection[str], *, reason: str, actor: Actor, now: datetime) -> Done:
    """It is so whatever is found later: no recomputation takes it up again."""
    return _decide(session, ids, "pinned", reason, actor, now)


def dismiss(session: Session, ids: Collection[str], *, reason: str, actor: Actor, now: datetime) -> Done:
    """It is not so, and does not come back until its evidence changes. What bars by rule is dismissed by two persons."""
    return _decide(session, ids, "dismissed", reason, actor, now)


def waive(session: Session, ids: Collection[str], *, reason: str, actor: Actor, now: datetime) -> Done:
    """It is so and may sit all the same: a narrow field or another unit, by two persons, disclosed in the minutes."""
    return _decide(session, ids, "waived", reason, actor, now)


def reopen(session: Session, ids: Collection[str], *, actor: Actor, now: datetime) -> Done:
    """Take a decision back: the question is open again and bars until it is answered."""
    return _decide(session, ids, "raised", "", actor, now)


def refuse(session: Session, conflict_id: str, *, actor: Actor, now: datetime) -> None:
    """The second person does not agree, or whoever asked takes it back: the finding stays as it was."""
    door.refuse_pending(session, by_public_id(session, Conflict, conflict_id), actor=actor, now=now)


def ask(session: Session, ids: Collection[str], *, actor: Actor, now: datetime, base_url: str) -> Done:
    """Put the question to the expert. The letter tells of the expert's own records only, never of a dossier."""
    role = permissions.require(actor, "conflict.ask")
    done = Done()
    for row in _rows(session, ids):
        account = _account(session, row)
        to = account.mail if account else row.expert.mail
        if row.status != "raised" or not to or (row.asked_at and not row.answered_at):
            done.passed_over += 1
            continue
        row.asked_at, row.answer, row.answer_note, row.answered_at = now, "", "", None
        language = account.language if account else row.expert.language
        mail.send(
            session, "conflict_question", to=to, language=language, now=now,
            key=f"conflict_question:{row.public_id}:{now.isoformat()}",
            name=row.expert.person.name, link=f"{base_url}/panellist/questions/{row.public_id}",
        )  # fmt: skip
        door.record(session, row, "conflict.asked", actor=actor, role=role, now=now)
        done.moved.append(row.public_id)
    if not done.moved:
        raise WrongStage("conflict.nothing_to_ask")
    return done


def answer(session: Session, conflict_id: str, *, said: str, note: str = "", actor: Actor, now: datetime) -> Conflict:
    """The expert says whether it is so; a coordinator decides. Asked again, the expert may answer again."""
    row = by_public_id(session, Conflict, conflict_id)
    role = permissions.require(actor, "conflict.answer", row)
    if row.asked_at is None or row.status != "raised" or row.answered_at:
        raise WrongStage("conflict.not_asked")
    problems = {}
    if said not in ("yes", "no"):
        problems["said"] = "conflict.say_which"
    if said == "no" and not note.strip():
        problems["note"] = "conflict.note_needed"
    if len(note) > NOTE_MOST:
        problems["note"] = "conflict.note_long"
    if problems:
        raise Invalid("conflict.answer_incomplete", problems=problems)
    row.answer, row.answer_note, row.answered_at = said, note.strip(), now
    door.record(session, row, "conflict.answered", actor=actor, role=role, now=now, data={"answer": said})
    return row


def _decide(session: Session, ids: Collection[str], target: str, reason: str, actor: Actor, now: datetime) -> Done:
    permissions.require(actor, "conflict.decide")
    done = Done()
    for row in _rows(session, ids):
        if ("conflict", row.status, target) not in MOVE:
            done.passed_over += 1
            continue
        seats = deciding.decide(session, row, target, reason=reason, actor=actor, now=now)
        if seats is None:
            done.asked.append(row.public_id)
        else:
            done.moved.append(row.public_id)
            done.seats += seats
    if not done.moved and not done.asked:
        raise WrongStage("conflict.nothing_to_decide")
    return done


def _rows(session: Session, ids: Collection[str]) -> Sequence[Conflict]:
    rows = session.execute(select(Conflict).where(Conflict.public_id.in_(ids)).order_by(Conflict.id)).scalars().all()
    if not ids or len(rows) < len(set(ids)):
        raise NotFound("not_found") if ids else Invalid("conflict.choose", problems={"ids": "conflict.choose"})
    return rows


def _account(session: Session, row: Conflict) -> Account | None:
    own = select(Account).where(Account.person_id == row.expert.person_id, Account.status != "disabled")
    return session.execute(own.order_by(Account.id).limit(1)).scalar_one_or_none()
