"""Who may open which page: every route names its roles, and a route that names none answers nobody."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import abort, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import Unauthorized

from app import arrivals, clock
from app.errors import NotAllowed
from app.i18n import gettext
from app.workflow.actors import NOBODY, ROLES, Actor

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC, SIGNED_IN = "public", "signed_in"


def access(*roles: str, returns: str = "") -> Callable[[View], View]:
    """Declare who may open a view: `public`, `signed_in`, or roles of app.workflow.actors.

    `returns` names the page with the form of a view that writes: whoever sends it after their sign-in has ended signs in and
    stands on that page again, instead of at an error.
    """
    unknown = set(roles) - {PUBLIC, SIGNED_IN, *ROLES}
    if unknown or not roles:
        raise ValueError(f"unknown roles {unknown}")

    def mark(view: View) -> View:
        view.ppir_roles = frozenset(roles)  # type: ignore[attr-defined]
        view.ppir_returns = returns  # type: ignore[attr-defined]
        return view

    return mark


def roles_of(endpoint: str) -> frozenset[str]:
    if endpoint == "static":
        return frozenset({PUBLIC})
    return getattr(current_app.view_functions[endpoint], "ppir_roles", frozenset())


class SignInEnded(Unauthorized):
    """Somebody who is not signed in any more sent a form; the pages of the account answer it."""


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
        if form_of_ours():
            raise SignInEnded
        return back_to_the_form() or abort(401)
    if SIGNED_IN in roles or person.has(*roles):
        return None
    raise NotAllowed("not_allowed", verb=request.endpoint)


def back_to_the_form() -> ResponseReturnValue | None:
    """For somebody whose sign-in ended while the form was open: sign in, then its page, as it was saved."""
    page = getattr(current_app.view_functions[request.endpoint or ""], "ppir_returns", "")
    if not page or actor() is not NOBODY:
        return None
    flash(gettext("Your sign-in had ended before this was sent. Everything saved is still here; please send it again."), "warning")
    return redirect(url_for("account.sign_in", next=url_for(page, **(request.view_args or {}))), 303)


def form_of_ours() -> bool:
    """A page of this site sent a form, and nobody stands behind it any more. What scripts send, and passwords, do not count.

    Only a browser names where a form comes from: no other site can have somebody sign in and send its words.
    """
    here = urlsplit(request.headers.get("Origin", "")).netloc == request.host
    as_page = "text/html" in request.headers.get("Accept", "") and "X-Autosave" not in request.headers
    return here and as_page and request.blueprint != "account" and actor() is NOBODY


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


def arrive() -> None:
    """Before everything else: from here on a request's waiting is not its sender's."""
    g.arrived = arrivals.take()


def now() -> Any:
    """The moment this request arrived, by the server's clock: asked once, so that one request sees one time.

    The database is asked when a connection is free; the wait for it is taken off again.
    """
    if "now" not in g:
        fixed = current_app.extensions["ppir"].fixed_now
        g.now = fixed() if fixed else clock.now(db()) - timedelta(seconds=time.monotonic() - g.arrived)
    return g.now


def base_url() -> str:
    """What links in letters and on certificates begin with."""
    return str(current_app.extensions["ppir"].config.base_url)
