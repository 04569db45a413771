"""Builds the web application from its parts; imported by wsgi, the commands and the tests only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from app.db import Database
from app.files import Files
from app.web import access, blueprints, downloads, errors, login, templating
from config import Config


@dataclass
class Ground:
    """What the pages stand on."""

    config: Config
    database: Database
    files: Files
    fixed_now: Callable[[], datetime] | None = None  # tests pass their clock
    demo: bool | None = None


class Application(Flask):
    """One transaction per request: committed on success of an unsafe method, rolled back otherwise."""

    def dispatch_request(self) -> Any:
        response = self.make_response(super().dispatch_request())
        session = g.get("db")
        if session is not None and request.method not in ("GET", "HEAD", "OPTIONS"):
            if response.status_code < 400 or g.get("keep"):
                session.commit()
            else:
                session.rollback()
        return response


def create_app(config: Config, *, now: Callable[[], datetime] | None = None) -> Flask:
    app = Application("app", static_folder="static", template_folder="templates")
    app.config.update(
        SECRET_KEY=config.secret_key,
        MAX_CONTENT_LENGTH=64 << 20,
        MAX_FORM_MEMORY_SIZE=4 << 20,
        MAX_FORM_PARTS=2000,
        SESSION_COOKIE_NAME="__Host-ppir" if config.secure_cookies else "ppir",
        SESSION_COOKIE_SECURE=config.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_I18N_ENABLED=False,
        TESTING=config.testing,
        TRUSTED_HOSTS=_hosts(config),
        SEND_FILE_MAX_AGE_DEFAULT=templating.YEAR,
    )
    if config.proxies:  # without it every visitor would share the proxy's address, and its limit of failed sign-ins
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.proxies, x_proto=config.proxies)  # type: ignore[method-assign]
    app.extensions["ppir"] = Ground(config, Database(config.database_url), Files(config.files_dir), now)
    app.before_request(access.arrive)
    errors.register(app)
    downloads.register(app)
    templating.register(app)
    app.before_request(_receive)
    login.register(app)
    CSRFProtect(app)
    app.before_request(access.check)
    app.after_request(_headers)
    app.teardown_appcontext(_close)
    for blueprint in blueprints.ALL:
        app.register_blueprint(blueprint)
    return app


def _hosts(config: Config) -> list[str]:
    named = urlsplit(config.base_url).hostname or "127.0.0.1"
    return sorted({named, "127.0.0.1", "localhost", config.host} - {"0.0.0.0"})


def _receive() -> None:
    """A form is here whole before the first query: whoever sends it slowly must not hold the database's one writer meanwhile."""
    if request.endpoint is not None and request.method not in ("GET", "HEAD", "OPTIONS"):
        request.form  # noqa: B018 - reading it is the point


def _close(_error: BaseException | None) -> None:
    session = g.pop("db", None)
    if session is not None:
        session.close()


def _headers(response: Response) -> Response:
    nonce = f" 'nonce-{g.nonce}'" if "nonce" in g else ""
    response.headers.setdefault(
        "Content-Security-Policy",
        (
            f"default-src 'self'; script-src 'self'{nonce}; style-src 'self'; img-src 'self' data:; font-src 'self'; "
            "worker-src 'self'; connect-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
        ),
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint != "static":  # a file that is handed out may not stay in a cache for as long as the scripts may
        response.headers["Cache-Control"] = "no-store"
        response.headers.pop("Expires", None)
    return response
