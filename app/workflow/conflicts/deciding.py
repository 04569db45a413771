"""One finding is decided: its move, the decision on record, the seats it empties, and whoever must be told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import mail
from app.models.applications import Application, Decision
from app.models.calls import Call
from app.models.challenges import Challenge
from app.models.matching import Conflict
from app.workflow import challenges, door, stepping_out
from app.workflow.actors import Actor


def decide(session: Session, row: Conflict, target: str, *, reason: str, actor: Actor, now: datetime) -> int | None:
    """How many seats were given up; None while a second person has yet to confirm.

    Two persons dismiss what bars by rule, and uphold an applicant's challenge; waivers are theirs by the table of moves.
    """
    before, upheld = row.status, target in ("upheld", "pinned")
    two = (target == "dismissed" and before == "upheld" and row.hard) or (upheld and row.kind == "challenge")
    outcome = door.advance(session, row, target, actor=actor, now=now, reason=reason.strip(), second_person=two)
    if not outcome.moved:
        return None
    _keep(session, row, before, reason, outcome.asked_by_id, actor, now)
    if row.kind == "challenge" and target != "raised":
        _answer(session, row, reason, now)
    if not upheld:
        return 0
    about, challenged = _applications(session, row), row.kind == "challenge"
    return len(stepping_out.exclude_barred(session, row.expert_id, about, actor=actor, now=now, challenged=challenged))


def call_of(session: Session, row: Conflict) -> Call:
    return row.application.call if row.application is not None else session.get_one(Call, row.call_id)


def _keep(session: Session, row: Conflict, before: str, reason: str, asked_by: int | None, actor: Actor, now: datetime) -> None:
    """Who decided, why, and on which evidence; a decision that is taken back stays on record."""
    undone = row.status == "raised"
    row.reopened = "undone" if undone else ""
    row.decided_by_id, row.decided_at = (None, None) if undone else (actor.account_id, now)
    session.add(
        Decision(
            subject_kind="conflict",
            subject_id=row.id,
            move=f"{before}>{row.status}",
            outcome=row.status,
            reasons=[{"code": row.ground}],
            text_ko=reason.strip(),
            inputs={"evidence_sha256": row.digest},
            rules_version=call_of(session, row).rules_version,
            by_id=asked_by if asked_by is not None else actor.account_id,
            confirmed_by_id=actor.account_id if asked_by is not None else None,
            at=now,
        )
    )


def _answer(session: Session, row: Conflict, reason: str, now: datetime) -> None:
    """Tell the applicant: of a challenge filed here once all of it is decided, of one that came on paper at once."""
    if row.challenge_id is not None:
        challenges.follow(session, session.get_one(Challenge, row.challenge_id), reason=reason, now=now)
        return
    owner = row.application.owner if row.application is not None else None
    if owner is not None and row.application is not None:
        mail.send(
            session, "challenge_answered", to=owner.mail, language=owner.language, now=now,
            key=f"challenge_answered:{row.public_id}:{row.status}:{now.isoformat()}", name=owner.person.name,
            title=row.application.title, upheld=row.status in ("upheld", "pinned"), answer=reason.strip(),
        )  # fmt: skip


def _applications(session: Session, row: Conflict) -> list[int]:
    if row.application_id is not None:
        return [row.application_id]
    return list(session.execute(select(Application.id).where(Application.call_id == row.call_id)).scalars())
