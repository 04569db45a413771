"""People for tests: an account with a role, an actor, a browser in which somebody is signed in."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.models.people import Account, AccountRole, AuthSession, Organisation, Person
from app.queries import people
from app.workflow.actors import Actor

_count = 0


def account(
    session: Session,
    now: datetime,
    role: str,
    *,
    name: str = "",
    organisation: Organisation | None = None,
    language: str = "ko",
) -> Account:
    """A new active account holding `role`; an applicant or institution without an organisation gets its own."""
    global _count
    _count += 1
    person = Person(name=name or f"{role} {_count}")
    if organisation is None and role in ("applicant", "institution"):
        organisation = Organisation(name=f"기관 {_count}", key=f"기관{_count}")
        session.add(organisation)
    session.add(person)
    session.flush()
    row = Account(person_id=person.id, mail=f"{role}{_count}@example.org", language=language, status="active", created_at=now)
    session.add(row)
    session.flush()
    session.add(AccountRole(account_id=row.id, role=role, organisation_id=organisation.id if organisation else None, given_at=now))
    session.flush()
    return row


def acting(session: Session, now: datetime, role: str, **details: Any) -> Actor:
    return people.actor_of(session, account(session, now, role, **details))


def signed_in(app: Any, session: Session, now: datetime, role: str, **details: Any) -> tuple[Any, Actor]:
    """A web client with a live sign-in; commits, so that the pages see it."""
    row = account(session, now, role, **details)
    return enter(app, session, now, row), people.actor_of(session, row)


def enter(app: Any, session: Session, now: datetime, row: Account) -> Any:
    """A web client signed in as this account; commits."""
    secret = f"secret of {row.public_id}"
    session.add(
        AuthSession(
            account_id=row.id,
            digest=hashlib.sha256(secret.encode()).hexdigest(),
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(days=3650),
        )
    )
    session.commit()
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


def post(client: Any, url: str, page: str | None = None, **sent: Any) -> Any:
    """Send a form as a person would: with the token of the page it stands on."""
    import re

    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page or url).text)
    return client.post(url, data={"csrf_token": found[1] if found else "", **sent}, content_type="multipart/form-data")
