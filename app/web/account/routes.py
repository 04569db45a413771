"""Signing in and out, invitations, password reset, registration of companies, one's own sessions and language."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, g, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

import config
from app.errors import DomainError, Invalid
from app.i18n import current, gettext
from app.queries import people as queries
from app.stages import people
from app.web import access, kept
from app.web.access import access as open_to
from app.web.account.forms import AskReset, ChangePassword, Register, SetPassword, SignIn
from app.web.login import SignedIn, seconds_left
from app.web.templating import is_demo

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("/sign-in")
@open_to("public")
def sign_in() -> ResponseReturnValue:
    return _sign_in(SignIn(formdata=None), request.args.get("next", ""))


@blueprint.app_errorhandler(access.SignInEnded)
def sign_in_ended(_error: access.SignInEnded) -> ResponseReturnValue:
    """The sign-in page in the place of the form's own; what was sent waits in it."""
    return _sign_in(SignIn(formdata=None), "", kept.token()), 401


@blueprint.post("/sign-in")
@open_to("public")
def sign_in_post() -> ResponseReturnValue:
    form = SignIn()
    if form.validate_on_submit():
        try:
            secret = people.sign_in(
                access.db(),
                form.mail.data or "",
                form.password.data or "",
                address=request.remote_addr or "",
                device=request.user_agent.string,
                now=access.now(),
                demo=is_demo(),
            )
        except Invalid as error:
            access.keep()  # the failed attempt counts, though the page is a refusal
            form.blame(error)
        except DomainError as error:
            form.blame(error)
        else:
            access.db().flush()
            session.clear()
            g.pop("csrf_token", None)  # made for the session before; the page below needs one of the new
            found = queries.signed_in(access.db(), secret, now=access.now(), demo=is_demo())
            assert found is not None
            login_user(SignedIn(secret, found.id, found.ends_at, found.actor))
            if waiting := kept.opened(request.form.get("kept", "")):
                return render_template("account/kept.html", kept=waiting)
            return redirect(_own(request.form.get("next", "")) or url_for("account.start"), 303)
    return _sign_in(form, request.form.get("next", ""), request.form.get("kept", "")), 422


@blueprint.get("/left")
@open_to("signed_in")
def left() -> ResponseReturnValue:
    """Seconds until this sign-in ends unless something is done; asking does not count as doing something."""
    return jsonify(left=seconds_left())


@blueprint.post("/stay")
@open_to("signed_in")
def stay() -> ResponseReturnValue:
    """Somebody says that they are still there: whatever they send counts as a sign of life, this too."""
    return jsonify(left=seconds_left())


@blueprint.post("/sign-out")
@open_to("signed_in")
def sign_out() -> ResponseReturnValue:
    people.sign_out(access.db(), current_user.secret, now=access.now())
    logout_user()
    session.clear()
    return redirect(url_for("public.home"), 303)


@blueprint.get("/start")
@open_to("signed_in")
def start() -> ResponseReturnValue:
    """The home of the first role held; somebody without a role is told whom to ask."""
    homes = {
        "coordinator": "coordinator.home",
        "panellist": "panellist.home",
        "applicant": "applicant.home",
        "procurement": "procurement.home",
        "institution": "institution.home",
        "committee": "committee.home",
        "auditor": "auditor.journal",
        "administrator": "admin.people_list",
    }
    for role, endpoint in homes.items():
        if role in access.actor().roles and endpoint in current_app.view_functions:
            return redirect(url_for(endpoint), 303)
    return render_template("account/no_role.html")


@blueprint.get("/link/<token>")
@open_to("public")
def link(token: str) -> ResponseReturnValue:
    """Following the link changes nothing: mail scanners follow links too."""
    found = people.link_of(access.db(), token, now=access.now())
    return render_template("account/link.html", form=SetPassword(), purpose=found.purpose, mail=found.mail)


@blueprint.post("/link/<token>")
@open_to("public")
def link_post(token: str) -> ResponseReturnValue:
    form = SetPassword()
    found = people.link_of(access.db(), token, now=access.now())
    if form.validate_on_submit():
        try:
            people.use_link(access.db(), token, form.password.data or "", now=access.now())
        except Invalid as error:
            form.blame(error)
        else:
            flash(gettext("Your password is set. Sign in with it now."), "success")
            return redirect(url_for("account.sign_in"), 303)
    return render_template("account/link.html", form=form, purpose=found.purpose, mail=found.mail), 422


@blueprint.get("/reset")
@open_to("public")
def reset() -> ResponseReturnValue:
    return render_template("account/reset.html", form=AskReset())


@blueprint.post("/reset")
@open_to("public")
def reset_post() -> ResponseReturnValue:
    form = AskReset()
    if not form.validate_on_submit():
        return render_template("account/reset.html", form=form), 422
    people.ask_reset(access.db(), form.mail.data or "", now=access.now(), base_url=_base())
    flash(gettext("If an account with this address exists, a letter with a link is on its way."), "info")
    return redirect(url_for("account.sign_in"), 303)


@blueprint.get("/register")
@open_to("public")
def register() -> ResponseReturnValue:
    return render_template("account/register.html", form=Register())


@blueprint.post("/register")
@open_to("public")
def register_post() -> ResponseReturnValue:
    form = Register()
    if form.validate_on_submit():
        try:
            people.register_applicant(
                access.db(),
                name=form.name.data or "",
                mail_address=form.mail.data or "",
                organisation=form.organisation.data or "",
                business_no=form.business_no.data or "",
                now=access.now(),
                base_url=_base(),
                language=current(),
            )
        except DomainError as error:
            form.blame(error)
        else:
            flash(
                gettext("A letter with a link is on its way to your address. Open the link to set your password."),
                "info",
            )
            return redirect(url_for("account.sign_in"), 303)
    return render_template("account/register.html", form=form), 422


@blueprint.get("/security")
@open_to("signed_in")
def security() -> ResponseReturnValue:
    return _security(ChangePassword())


@blueprint.post("/password")
@open_to("signed_in")
def password() -> ResponseReturnValue:
    form = ChangePassword()
    if form.validate_on_submit():
        try:
            people.change_password(
                access.db(),
                form.old.data or "",
                form.password.data or "",
                actor=access.actor(),
                now=access.now(),
                secret=current_user.secret,
            )
        except Invalid as error:
            form.blame(error)
        else:
            flash(gettext("Your password is changed. Your other sign-ins have ended."), "success")
            return redirect(url_for("account.security"), 303)
    return _security(form), 422


@blueprint.post("/sessions/<session_id>/end")
@open_to("signed_in")
def end_session(session_id: str) -> ResponseReturnValue:
    people.end_session(access.db(), session_id, actor=access.actor(), now=access.now())
    flash(gettext("The sign-in has ended."), "success")
    return redirect(url_for("account.security"), 303)


@blueprint.post("/language")
@open_to("signed_in")
def language() -> ResponseReturnValue:
    chosen = request.form.get("language", "")
    if chosen in config.LANGUAGES:
        people.set_language(access.db(), chosen, actor=access.actor())
        flash(gettext("Letters to you are written in the chosen language."), "success")
    return redirect(url_for("account.security"), 303)


def _sign_in(form: SignIn, following: str, waiting: str = "") -> str:
    held = kept.opened(waiting)
    return render_template(
        "account/sign_in.html",
        form=form,
        next=following,
        waiting=waiting if held else "",
        kept=held,
        demo_accounts=_demo_accounts(),
    )


def _security(form: ChangePassword) -> str:
    sessions = queries.own_sessions(access.db(), access.actor(), now=access.now())
    return render_template(
        "account/security.html",
        form=form,
        sessions=sessions,
        here=current_user.session_id,
        letters=queries.letter_language(access.db(), access.actor()),
    )


def _own(target: str) -> str | None:
    """A way back inside this site, or None: no other host, scheme, user part or backslash trick."""
    parts = urlsplit(target)
    plain = (
        target.startswith("/")
        and not target.startswith(("//", "/\\"))
        and "\\" not in target
        and not any(ord(c) < 32 for c in target)
    )
    return target if plain and not parts.scheme and not parts.netloc else None


def _base() -> str:
    return str(current_app.extensions["ppir"].config.base_url)


def _demo_accounts() -> list[queries.DemoAccount]:
    return queries.demo_accounts(access.db()) if is_demo() else []
