"""Who is signed in, and with which roles."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.experts import Expert
from app.models.people import Account, AccountRole, AuthSession
from app.workflow.actors import ROLES, Actor

IDLE = timedelta(hours=2)  # ASVS 7.3.1; the absolute limit stands on the row


def actor_of(session: Session, account: Account) -> Actor:
    """The account as somebody who acts: open roles only."""
    roles = (
        session.execute(select(AccountRole).where(AccountRole.account_id == account.id, AccountRole.ended_at.is_(None)))
        .scalars()
        .all()
    )
    expert = session.execute(select(Expert.id).where(Expert.person_id == account.person_id)).scalar_one_or_none()
    return Actor(
        public_id=account.public_id,
        roles=frozenset(r.role for r in roles),
        account_id=account.id,
        person_id=account.person_id,
        expert_id=expert,
        organisation_ids=frozenset(r.organisation_id for r in roles if r.organisation_id is not None),
        name=account.person.name,
        language=account.language,
    )


@dataclass(frozen=True)
class SignIn:
    """A live sign-in: when it was last seen, when it ends at the latest, who it is."""

    id: int
    seen_at: datetime
    expires_at: datetime
    actor: Actor

    @property
    def ends_at(self) -> datetime:
        """When it ends if nothing more is done."""
        return min(self.expires_at, self.seen_at + IDLE)


def signed_in(session: Session, secret: str, *, now: datetime, demo: bool) -> SignIn | None:
    """The live session behind a cookie: not ended, not idle too long, of an active account that may be used in this database."""
    row = session.execute(select(AuthSession).where(AuthSession.digest == digest(secret))).scalar_one_or_none()
    if row is None or row.ended_at is not None or row.expires_at <= now or row.seen_at + IDLE <= now:
        return None
    if row.account.status != "active" or (row.account.demo and not demo):
        return None
    return SignIn(row.id, row.seen_at, row.expires_at, actor_of(session, row.account))


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class SessionRow:
    id: int
    public_id: str
    device: str
    address: str
    since: datetime
    seen_at: datetime


def own_sessions(session: Session, actor: Actor, *, now: datetime) -> list[SessionRow]:
    """The live sign-ins of the actor's account, newest first."""
    rows = session.execute(
        select(AuthSession)
        .where(
            AuthSession.account_id == actor.account_id,
            AuthSession.ended_at.is_(None),
            AuthSession.expires_at > now,
            AuthSession.seen_at > now - IDLE,
        )
        .order_by(AuthSession.seen_at.desc())
    ).scalars()
    return [SessionRow(r.id, r.public_id, r.device, r.address, r.created_at, r.seen_at) for r in rows]


def letter_language(session: Session, actor: Actor) -> str:
    return session.execute(select(Account.language).where(Account.id == actor.account_id)).scalar_one()


@dataclass(frozen=True)
class DemoAccount:
    mail: str
    name: str
    roles: tuple[str, ...]


def demo_accounts(session: Session) -> list[DemoAccount]:
    """The sign-in names of a demonstration; the caller knows that this is one."""
    rows = session.execute(
        select(Account).where(Account.demo.is_(True), Account.status == "active").order_by(Account.id).limit(40)
    ).scalars()
    out = [DemoAccount(a.mail, a.person.name, tuple(r.role for r in a.roles if r.ended_at is None)) for a in rows]
    order = list(ROLES)
    return sorted((d for d in out if d.roles), key=lambda d: order.index(d.roles[0]))
