"""Who is signed in, and with which roles."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.experts import Expert
from app.models.people import Account, AccountRole, AuthSession
from app.workflow.actors import Actor

IDLE = timedelta(hours=2)  # ASVS 7.3.1; the absolute limit stands on the row


def actor_of(session: Session, account: Account) -> Actor:
    """The account as somebody who acts: open roles only."""
    roles = session.execute(select(AccountRole).where(AccountRole.account_id == account.id, AccountRole.ended_at.is_(None))).scalars().all()
    expert = session.execute(select(Expert.id).where(Expert.person_id == account.person_id)).scalar_one_or_none()
    return Actor(
        public_id=account.public_id, roles=frozenset(r.role for r in roles), account_id=account.id, person_id=account.person_id,
        expert_id=expert, organisation_ids=frozenset(r.organisation_id for r in roles if r.organisation_id is not None),
        name=account.person.name, language=account.language,
    )


def signed_in(session: Session, secret: str, *, now: datetime, demo: bool) -> tuple[int, datetime, Actor] | None:
    """The live session behind a cookie: not ended, not idle too long, of an active account that may be used in this database."""
    row = session.execute(select(AuthSession).where(AuthSession.digest == digest(secret))).scalar_one_or_none()
    if row is None or row.ended_at is not None or row.expires_at <= now or row.seen_at + IDLE <= now:
        return None
    if row.account.status != "active" or (row.account.demo and not demo):
        return None
    return row.id, row.seen_at, actor_of(session, row.account)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
