"""From cookie to actor: the cookie holds a secret, the database its digest, so that a sign-in can be ended on the server."""

from __future__ import annotations

from dataclasses import dataclass
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
        session_id, seen_at, actor = found
        _seen(app, session_id, seen_at, access.now())
        return SignedIn(secret, session_id, actor)

    @app.before_request
    def know_the_actor() -> None:
        if request.endpoint != "static" and current_user.is_authenticated:
            g.actor = current_user.actor


def _seen(app: Flask, session_id: int, seen_at: datetime, now: datetime) -> None:
    """At most once a minute, so that somebody who only types and is saved does not count as idle.

    The one write of a GET is an own short transaction; a locked database does not stop a page.
    """
    if now - seen_at < SEEN_EVERY:
        return
    if request.method not in ("GET", "HEAD"):
        access.db().execute(update(AuthSession).where(AuthSession.id == session_id).values(seen_at=now))
        return
    try:
        with app.extensions["ppir"].database.write() as session:
            session.execute(update(AuthSession).where(AuthSession.id == session_id).values(seen_at=clock.now(session)))
    except OperationalError:
        return  # somebody else is writing for long: the page matters more than the minute
