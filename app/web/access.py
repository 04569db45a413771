"""Who may open which page: every route names its roles, and a route that names none answers nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app import clock
from app.errors import NotAllowed
from app.workflow.actors import NOBODY, ROLES, Actor

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC, SIGNED_IN = "public", "signed_in"


def access(*roles: str) -> Callable[[View], View]:
    """Declare who may open a view: `public`, `signed_in`, or roles of app.workflow.actors."""
    unknown = set(roles) - {PUBLIC, SIGNED_IN, *ROLES}
    if unknown or not roles:
        raise ValueError(f"unknown roles {unknown}")

    def mark(view: View) -> View:
        view.ppir_roles = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return mark


def roles_of(endpoint: str) -> frozenset[str]:
    if endpoint == "static":
        return frozenset({PUBLIC})
    return getattr(current_app.view_functions[endpoint], "ppir_roles", frozenset())


def check() -> ResponseReturnValue | None:
    """Before every request: refuse what the route does not allow; an unknown person is sent to sign in."""
    if request.endpoint is None:
        return None
    roles = roles_of(request.endpoint)
    if PUBLIC in roles:
        return None
    person = actor()
    if person is NOBODY:
        if request.method in ("GET", "HEAD"):
            return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))
        abort(401)
    if SIGNED_IN in roles or person.has(*roles):
        return None
    raise NotAllowed("not_allowed", verb=request.endpoint)


def actor() -> Actor:
    """Who is asking; NOBODY without a sign-in."""
    return getattr(g, "actor", NOBODY)


def db() -> Session:
    """The session of this request: reading for GET, writing for the rest; committed by the application, never here."""
    if "db" not in g:
        database = current_app.extensions["ppir"].database
        g.db = database.reader() if request.method in ("GET", "HEAD", "OPTIONS") else database.writer()
    return g.db  # type: ignore[no-any-return]


def keep() -> None:
    """What was written stands although the answer is a refusal: a failed attempt must count."""
    g.keep = True


def now() -> Any:
    """The moment of this request: asked once, so that one request sees one time."""
    if "now" not in g:
        fixed = current_app.extensions["ppir"].fixed_now
        g.now = fixed() if fixed else clock.now(db())
    return g.now


def base_url() -> str:
    """What links in letters and on certificates begin with."""
    return str(current_app.extensions["ppir"].config.base_url)
