"""What every template may use: languages, dates, money, links to static files, who is signed in."""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, g, request, url_for
from sqlalchemy import select

import config
from app import i18n
from app.documents import characters
from app.models.process import Setting
from app.web import access, nav
from app.web.errors import words
from app.workflow import permissions
from app.workflow.actors import NOBODY, ROLES
from app.workflow.rule_labels.words import QUOTA_VALUES
from app.workflow.states import STATES, state
from app.workflow.wordlists import TERMS

YEAR = 365 * 24 * 3600
UNHELD = {  # no account holds these; the journal names them
    "operator": ("운영자", "Operator"), "system": ("시스템", "System"), "public": ("국민", "Public"), "self": ("본인", "Self"),
}


def register(app: Flask) -> None:
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=False)  # type: ignore[attr-defined]
    env.filters.update(kst=i18n.kst, until=i18n.until, day=i18n.day, won=i18n.won, num=i18n.number, pair=i18n.pair,
                       characters=characters.count)
    env.globals.update(
        _=i18n.gettext, ngettext=i18n.ngettext, pair=i18n.pair, words=words, state=state, STATES=STATES, static=static,
        lang_url=lang_url, csp_nonce=csp_nonce, may=permissions.may, call_tabs=nav.call_tabs, role_label=role_label,
        LANGUAGES=config.LANGUAGES, TERMS=TERMS, quota_value=quota_value,
    )
    app.context_processor(_context)
    app.before_request(choose_language)
    app.after_request(remember_language)


def choose_language() -> None:
    asked = request.args.get("lang", "")
    known = asked if asked in config.LANGUAGES else request.cookies.get("lang", "")
    if known not in config.LANGUAGES:
        known = request.accept_languages.best_match(list(config.LANGUAGES)) or i18n.DEFAULT
    g.asked_language = asked if asked in config.LANGUAGES else None
    i18n.use(known)


def remember_language(response: Response) -> Response:
    if g.get("asked_language"):
        response.set_cookie("lang", g.asked_language, max_age=YEAR, httponly=True, samesite="Lax",
                            secure=current_app.config["SESSION_COOKIE_SECURE"])
    return response


def lang_url(code: str) -> str:
    """This page in the other language; a page shown in answer to a form links to its GET twin."""
    if request.endpoint is None:
        return f"/?lang={code}"
    arguments = {k: v for k, v in request.args.items(multi=False) if k != "lang"}
    try:
        return url_for(request.endpoint, **{**(request.view_args or {}), **arguments, "lang": code})
    except Exception:
        return f"/?lang={code}"


@lru_cache(maxsize=256)
def _version(path: Path, _changed: float) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def static(name: str) -> str:
    path = Path(current_app.static_folder or "") / name
    return url_for("static", filename=name, v=_version(path, path.stat().st_mtime))


def csp_nonce() -> str:
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return g.nonce  # type: ignore[no-any-return]


def role_label(role: str) -> str:
    ko, en = ROLES.get(role) or UNHELD.get(role, (role, role))
    return ko if i18n.current() == "ko" else en


def quota_value(value: str) -> str:
    """What a quota counts, in words: a seat type, a sector, a region; any other value as it is."""
    return i18n.pair(QUOTA_VALUES[value]) if value in QUOTA_VALUES else value


def _context() -> dict[str, object]:
    actor = access.actor()
    known = current_app.view_functions
    return {
        "lang": i18n.current(), "actor": None if actor is NOBODY else actor,
        "sign_in_left": g.get("sign_in_left"), "nav": nav.items(actor), "demo": is_demo(),
        "now": g.get("now"), "home_url": "/", "sign_in_url": url_for("account.sign_in"),
        "sign_out_url": url_for("account.sign_out") if "account.sign_out" in known else "#",
        "account_url": url_for("account.security") if "account.security" in known else None,
        "back": request.referrer if request.method == "POST" else None,
    }


def is_demo() -> bool:
    """Marked once, when the demonstration is made; read once a process."""
    ground = current_app.extensions["ppir"]
    if ground.demo is None:
        with ground.database.read() as session:
            ground.demo = session.execute(select(Setting.value).where(Setting.name == "demo")).scalar_one_or_none() == "yes"
    return bool(ground.demo)
