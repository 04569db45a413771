"""From cookie to actor: the cookie holds a secret, the database its digest, so that a sign-in can be ended on the server."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import Flask, g, request
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from app import clock
from app.models.people import AuthSession
from app.queries import people
from app.web import access
from app.web.templating import is_demo
from app.workflow.actors import Actor

SEEN_EVERY = timedelta(minutes=1)


@dataclass
class SignedIn(UserMixin):
    """What Flask-Login carries; its id is the cookie's secret."""

    secret: str
    session_id: int
    ends_at: datetime
    actor: Actor

    def get_id(self) -> str:
        return self.secret


def register(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None  # the server-side session is the protection

    @manager.user_loader
    def load(secret: str) -> SignedIn | None:
        found = people.signed_in(access.db(), secret, now=access.now(), demo=is_demo())
        if found is None:
            return None
        seen = found.seen_at
        if request.endpoint != "account.left" and _seen(app, found.id, seen, access.now()):
            seen = access.now()
        return SignedIn(secret, found.id, replace(found, seen_at=seen).ends_at, found.actor)

    @app.before_request
    def know_the_actor() -> None:
        if request.endpoint != "static" and current_user.is_authenticated:
            g.actor = current_user.actor
            g.sign_in_left = seconds_left()


def seconds_left() -> int:
    """Until the sign-in of this request ends if nothing more is done."""
    return max(0, int((current_user.ends_at - access.now()).total_seconds()))


def _seen(app: Flask, session_id: int, seen_at: datetime, now: datetime) -> bool:
    """Noted at most once a minute, so that somebody who only types and is saved does not count as idle.

    The one write of a GET is an own short transaction; a locked database does not stop a page.
    """
    if now - seen_at < SEEN_EVERY:
        return False
    noted = update(AuthSession).where(AuthSession.id == session_id)
    if request.method not in ("GET", "HEAD"):
        access.db().execute(noted.values(seen_at=now))
        return True
    try:
        with app.extensions["ppir"].database.write() as session:
            session.execute(noted.values(seen_at=clock.now(session)))
    except OperationalError:
        return False  # somebody else is writing for long: the page matters more than the minute
    return True
