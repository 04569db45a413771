"""The only writer of a status: checks the move, the person and the guards, asks for a second person, writes the journal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.errors import NotAllowed, NotFound, WrongStage
from app.models.calls import Call, Round
from app.models.process import PendingMove
from app.workflow import permissions
from app.workflow.actors import Actor
from app.workflow.guards import GUARDS, Moment
from app.workflow.transitions import MOVE, Transition, open_moves


@dataclass(frozen=True)
class Outcome:
    """`moved` is false while a second person has yet to confirm; `asked_by_id` is who asked first, once both have spoken."""

    moved: bool
    transition: Transition
    role: str
    asked_by_id: int | None = None
    data: Mapping[str, Any] | None = None


def advance(session: Session, row: Any, target: str, *, actor: Actor, now: datetime, reason: str = "",
            data: Mapping[str, Any] | None = None, second_person: bool = False) -> Outcome:
    """Move `row` to `target`. A move of two persons is stored first and done when another of the same role repeats it.

    A verb may ask for a second person where the table does not: an exception that a rule allows to two.
    """
    kind = str(row.__tablename__)
    move = MOVE.get((kind, row.status, target))
    if move is None:
        raise WrongStage("door.no_such_move", kind=kind, status=row.status, target=target,
                         open=", ".join(m.target for m in open_moves(kind, row.status)))
    role = _role(actor, move, row)
    given = dict(data or {})
    pending = _pending(session, kind, row)
    second_person = second_person or move.second_person
    if second_person and pending is not None and pending.to_status == target:
        given, reason = dict(pending.data) | given, reason or pending.reason
    moment = Moment(session, row, target, actor, now, reason, given)
    for name in move.guards:
        GUARDS[name](moment)
    if second_person:
        first = _second_person(session, row, move, actor, role, now, reason, given, pending)
        if first is None:
            return Outcome(False, move, role)
    else:
        first = None
        if pending is not None:  # overtaken: it must not come back to life when a later move returns to this state
            pending.closed_at, pending.confirmed = now, False
    source, row.status = row.status, target
    record(session, row, move.action, actor=actor, role=role, now=now,
           data={"from": source, "to": target, **({"reason_sha256": journal.sha256(reason)} if reason else {}), **_plain(given)})
    return Outcome(True, move, role, first, given)


def advance_all(session: Session, rows: Sequence[Any], target: str, *, about: Any, actor: Actor, now: datetime) -> None:
    """The same move of many rows of one kind at once: each is checked, the journal gets one entry about `about`."""
    moves = set()
    for row in rows:
        kind = str(row.__tablename__)
        move = MOVE.get((kind, row.status, target))
        if move is None or move.second_person:
            raise WrongStage("door.no_such_move", kind=kind, status=row.status, target=target, open="")
        role = _role(actor, move, row)
        for name in move.guards:
            GUARDS[name](Moment(session, row, target, actor, now, "", {}))
        row.status = target
        moves.add((move.action, role))
    session.flush()
    for action, role in sorted(moves):
        subjects = sorted(getattr(row, "public_id", None) or str(row.id) for row in rows)
        record(session, about, f"{action}.all", actor=actor, role=role, now=now,
               data={"n": len(rows), "subjects_sha256": journal.sha256(subjects)})


def refuse_pending(session: Session, row: Any, *, actor: Actor, now: datetime) -> None:
    """The second person, or whoever asked, takes a pending move off the table."""
    pending = _pending(session, str(row.__tablename__), row)
    if pending is None:
        raise NotFound("door.nothing_pending")
    if pending.role not in actor.roles:
        raise NotAllowed("not_allowed", verb="door.refuse_pending")
    pending.closed_at, pending.closed_by_id, pending.confirmed = now, actor.account_id, False
    record(session, row, f"{row.__tablename__}.{pending.to_status}.refused", actor=actor, role=pending.role, now=now)


def record(session: Session, row: Any, action: str, *, actor: Actor, role: str, now: datetime,
           data: Mapping[str, Any] | None = None) -> None:
    """Write an event about `row` that is not a move, under the rules of the call it belongs to."""
    session.flush()
    journal.write(session, at=now, actor=actor.public_id, role=role, action=action, kind=str(row.__tablename__),
                  subject=getattr(row, "public_id", None) or str(row.id), rules=_rules_of(session, row), data=data or {})


def pending_of(session: Session, row: Any) -> PendingMove | None:
    return _pending(session, str(row.__tablename__), row)


def _role(actor: Actor, move: Transition, row: Any) -> str:
    role = permissions.acting_role(actor, move.roles, move.kind, row)
    if role is not None:
        return role
    if actor.roles & move.roles:
        raise NotFound("not_found")
    raise NotAllowed("not_allowed", verb=move.action)


def _pending(session: Session, kind: str, row: Any) -> PendingMove | None:
    found = session.execute(select(PendingMove).where(PendingMove.subject_kind == kind, PendingMove.subject_id == row.id,
                                                      PendingMove.closed_at.is_(None))).scalar_one_or_none()
    return found if found is not None and found.from_status == row.status else None


def _second_person(session: Session, row: Any, move: Transition, actor: Actor, role: str, now: datetime, reason: str,
                   data: Mapping[str, Any], pending: PendingMove | None) -> int | None:
    """None: this was the first voice, now stored. Otherwise the account that spoke first."""
    if actor.account_id is None:
        raise NotAllowed("door.second_person_needs_account")
    if pending is not None and pending.to_status == move.target:
        if pending.asked_by_id == actor.account_id:
            raise NotAllowed("door.same_person")
        if pending.role != role:
            raise NotAllowed("door.other_role", role=pending.role)
        pending.closed_at, pending.closed_by_id, pending.confirmed = now, actor.account_id, True
        return pending.asked_by_id
    if pending is not None:
        raise WrongStage("door.other_move_pending", target=pending.to_status)
    _close_overtaken(session, move.kind, row, now)
    session.add(PendingMove(subject_kind=move.kind, subject_id=row.id, from_status=row.status, to_status=move.target, role=role,
                            reason=reason, data=dict(data), asked_by_id=actor.account_id, asked_at=now))
    record(session, row, f"{move.action}.asked", actor=actor, role=role, now=now,
           data={"reason_sha256": journal.sha256(reason)} if reason else {})
    return None


def _close_overtaken(session: Session, kind: str, row: Any, now: datetime) -> None:
    """A pending move whose starting state is gone no longer stands."""
    old = session.execute(select(PendingMove).where(PendingMove.subject_kind == kind, PendingMove.subject_id == row.id,
                                                    PendingMove.closed_at.is_(None))).scalars()
    for stale in old:
        stale.closed_at, stale.confirmed = now, False
    session.flush()


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """Only what a journal may hold as it is: numbers, flags, dates, codes; anybody's words go in as their digest."""
    return {name: value if value is None or isinstance(value, bool | int | float) or _CODE.fullmatch(str(value))
            else journal.sha256(value) for name, value in data.items()}


_CODE = re.compile(r"[A-Za-z0-9_.:@+-]{1,64}")


def _rules_of(session: Session, row: Any) -> str:
    call = row if isinstance(row, Call) else _call_of(session, row)
    return f"{call.code}@{call.rules_version}" if call is not None else ""


def _call_of(session: Session, row: Any) -> Call | None:
    for path in (("call",), ("round", "call"), ("application", "call"), ("panel", "round", "call"),
                 ("seat", "panel", "round", "call"), ("designation", "application", "call"),
                 ("request", "designation", "application", "call")):
        found: Any = row
        for name in path:
            found = getattr(found, name, None)
            if found is None:
                break
        if isinstance(found, Call):
            return found
    if isinstance(row, Round):
        return session.get(Call, row.call_id)
    return None
