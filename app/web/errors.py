"""One table from refusals to pages: the status by kind, the words from the catalogues by code."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime
from typing import Any

from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from app import i18n
from app.errors import DomainError, Duplicate, Invalid, NoRoom, NotAllowed, NotFound, Stale, WrongStage
from app.web import access
from app.workflow.states import STATES

STATUS: dict[type[DomainError], int] = {
    NotFound: 404, NotAllowed: 403, WrongStage: 409, Stale: 409, Duplicate: 409, Invalid: 422, NoRoom: 507
}
ENDS = {"closes_at", "due_at", "answer_by", "until"}  # a refusal names these as the end of something
TO_THE_SECOND = {"guard.call_closed", "guard.closing_not_passed", "supplement.over"}  # a second decided
log = logging.getLogger("ppir")


def words(code: str, data: Any = None) -> str:
    """The sentence for a code, filled; times in the reader's form. An unknown code shows itself: a house test finds it first."""
    exact = code in TO_THE_SECOND
    filled = {
        k: _when(k, v, exact) if hasattr(v, "hour") else i18n.day(v) if hasattr(v, "year") else v for k, v in (data or {}).items()
    }
    if known := STATES.get(filled.get("kind", ""), {}).get(filled.get("status", "")):
        filled["status"] = i18n.pair(known.public)  # what everybody may read: a refusal must not tell how a panel judged
    text = i18n.gettext(code)
    try:
        return text % filled if filled and "%(" in text else text
    except KeyError:
        return text


def status_of(error: DomainError) -> int:
    return next((s for kind, s in STATUS.items() if isinstance(error, kind)), 409)


def _when(name: str, moment: datetime, seconds: bool) -> str:
    return (i18n.until if name in ENDS else i18n.kst)(moment, seconds=seconds)


def register(app: Flask) -> None:
    @app.errorhandler(DomainError)
    def refused(error: DomainError) -> ResponseReturnValue:
        status = status_of(error)
        problems = {field: words(code, error.data) for field, code in getattr(error, "problems", {}).items()}
        return _page(status, words(error.code, error.data), problems), status

    @app.errorhandler(StaleDataError)
    def stale(_error: StaleDataError) -> ResponseReturnValue:
        return _page(409, words("stale")), 409

    @app.errorhandler(IntegrityError)
    def duplicate(error: IntegrityError) -> ResponseReturnValue:
        log.warning("integrity: %s", error.orig)
        return _page(409, words("duplicate")), 409

    @app.errorhandler(OperationalError)
    def database_away(_error: OperationalError) -> ResponseReturnValue:
        incident = _incident()
        return _page(503, words("database_away"), incident=incident), 503, {"Retry-After": "5"}

    @app.errorhandler(CSRFError)
    def forged(_error: CSRFError) -> ResponseReturnValue:
        if access.form_of_ours():  # the cookie went, and the token's proof with it
            return app.handle_user_exception(access.SignInEnded())
        return access.back_to_the_form() or (_page(400, words("csrf")), 400)

    @app.errorhandler(SecurityError)
    def other_host(_error: SecurityError) -> ResponseReturnValue:
        """Asked for by a name that is not ours: no page, since none of its links would lead anywhere."""
        return words("http.400"), 400, {"Content-Type": "text/plain; charset=utf-8"}

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        status = error.code or 500
        return _page(status, words(f"http.{status}" if status in (400, 401, 404, 405, 413) else "http.other")), status

    @app.errorhandler(Exception)
    def unknown(_error: Exception) -> ResponseReturnValue:
        return _page(500, words("incident"), incident=_incident()), 500


def _incident() -> str:
    number = secrets.token_hex(4)
    log.exception("incident %s endpoint=%s", number, request.endpoint)
    return number


def _page(status: int, text: str, problems: dict[str, str] | None = None, incident: str = "") -> str:
    session = g.pop("db", None)  # what was half done goes; the page below needs no database
    if session is not None:
        session.close()
    return render_template("error.html", status=status, text=text, problems=problems or {}, incident=incident)
