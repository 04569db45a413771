"""What the administrator sees: people and roles, letters, work owed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from app.errors import NotFound
from app.models.people import Account, AccountRole, AuthSession, Organisation, Person
from app.models.process import Mail, Promise
from app.queries.people import SessionRow
from app.workflow import permissions
from app.workflow.actors import Actor

PAGE = 50


@dataclass(frozen=True)
class RoleRow:
    id: int
    role: str
    organisation: str
    given_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class PersonRow:
    id: str
    name: str
    mail: str
    status: str
    language: str
    roles: tuple[RoleRow, ...]
    created_at: datetime

    @property
    def open_roles(self) -> tuple[RoleRow, ...]:
        return tuple(r for r in self.roles if r.ended_at is None)


@dataclass(frozen=True)
class Page:
    rows: tuple[Any, ...]
    total: int
    page: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // PAGE))


def people(session: Session, actor: Actor, *, find: str = "", role: str = "", page: int = 1) -> Page:
    """Accounts by name or mail, newest first."""
    permissions.require(actor, "account.invite")
    query = (
        select(Account)
        .join(Person)
        .options(selectinload(Account.roles).selectinload(AccountRole.organisation), selectinload(Account.person))
    )
    if find:
        like = f"%{find.strip().lower()}%"
        query = query.where(
            or_(Account.mail.like(like), func.lower(Person.name).like(like), func.lower(Person.name_en).like(like))
        )
    if role:
        query = query.where(
            Account.id.in_(
                select(AccountRole.account_id).where(AccountRole.role == role, AccountRole.ended_at.is_(None))
            )
        )
    return _paged(session, query.order_by(Account.id.desc()), page, _person)


def person(session: Session, actor: Actor, account_id: str) -> tuple[PersonRow, list[SessionRow]]:
    permissions.require(actor, "account.invite")
    account = session.execute(select(Account).where(Account.public_id == account_id)).scalar_one_or_none()
    if account is None:
        raise NotFound("not_found")
    live = session.execute(
        select(AuthSession)
        .where(AuthSession.account_id == account.id, AuthSession.ended_at.is_(None))
        .order_by(AuthSession.seen_at.desc())
    ).scalars()
    return _person(account), [SessionRow(r.id, r.public_id, r.device, r.address, r.created_at, r.seen_at) for r in live]


def organisations(session: Session) -> list[tuple[int, str]]:
    """For the choice of whom an applicant or institution acts for: those on file, by name."""
    return [
        (i, n)
        for i, n in session.execute(
            select(Organisation.id, Organisation.name)
            .where(Organisation.kind.in_(("company", "public", "institute")))
            .order_by(Organisation.name)
            .limit(2000)
        )
    ]


@dataclass(frozen=True)
class MailRow:
    id: str
    recipient: str
    subject: str
    template: str
    language: str
    created_at: datetime
    sent_at: datetime | None
    channel: str
    body: str


def mails(session: Session, actor: Actor, *, find: str = "", page: int = 1) -> Page:
    permissions.require(actor, "mail.read")
    query = select(Mail)
    if find:
        query = query.where(or_(Mail.recipient.like(f"%{find.lower()}%"), Mail.subject.like(f"%{find}%")))
    return _paged(session, query.order_by(Mail.id.desc()), page, _mail)


def mail(session: Session, actor: Actor, mail_id: str) -> MailRow:
    permissions.require(actor, "mail.read")
    row = session.execute(select(Mail).where(Mail.public_id == mail_id)).scalar_one_or_none()
    if row is None:
        raise NotFound("not_found")
    return _mail(row)


@dataclass(frozen=True)
class JobRow:
    id: int
    kind: str
    queue: str
    state: str
    attempt: int
    due_at: datetime
    running: bool
    done: int
    total: int
    note: str
    error: str
    done_at: datetime | None


def jobs(
    session: Session, actor: Actor, *, state: str = "", now: datetime, page: int = 1
) -> tuple[Page, dict[str, int]]:
    """Promises, those needing somebody first; and how many there are in each state."""
    permissions.require(actor, "promise.revive")
    counts = {row[0]: row[1] for row in session.execute(select(Promise.state, func.count()).group_by(Promise.state))}
    query = select(Promise)
    if state:
        query = query.where(Promise.state == state)
    order = func.coalesce(Promise.done_at, now).desc()
    return _paged(
        session,
        query.order_by(order, Promise.id.desc()),
        page,
        lambda p: JobRow(
            p.id,
            p.kind,
            p.queue,
            p.state,
            p.attempt,
            p.due_at,
            p.state == "open" and p.leased_until is not None and p.leased_until > now,
            p.done_n,
            p.total_n,
            p.note,
            p.last_error.strip().splitlines()[-1] if p.last_error.strip() else "",
            p.done_at,
        ),
    ), counts


def _paged(session: Session, query: Any, page: int, make: Any) -> Page:
    total = session.execute(select(func.count()).select_from(query.order_by(None).subquery())).scalar_one()
    rows = session.execute(query.limit(PAGE).offset((max(1, page) - 1) * PAGE)).scalars()
    return Page(tuple(make(r) for r in rows), total, max(1, page))


def _person(account: Account) -> PersonRow:
    roles = tuple(
        RoleRow(r.id, r.role, r.organisation.name if r.organisation else "", r.given_at, r.ended_at)
        for r in account.roles
    )
    return PersonRow(
        account.public_id,
        account.person.name,
        account.mail,
        account.status,
        account.language,
        roles,
        account.created_at,
    )


def _mail(m: Mail) -> MailRow:
    return MailRow(
        m.public_id, m.recipient, m.subject, m.template, m.language, m.created_at, m.sent_at, m.channel, m.body
    )
