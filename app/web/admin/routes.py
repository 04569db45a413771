"""People and their roles, every letter the platform wrote, and the work it owes."""

from __future__ import annotations

from typing import TypeVar

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import DomainError
from app.i18n import gettext
from app.queries import admin as queries
from app.stages import operations, people
from app.web.access import access, actor, db, now
from app.web.admin.forms import GiveRole, Invite

Chosen = TypeVar("Chosen", bound=GiveRole)
blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.get("/people")
@access("administrator")
def people_list() -> ResponseReturnValue:
    return _people(_offered(Invite()))


@blueprint.post("/people")
@access("administrator")
def people_invite() -> ResponseReturnValue:
    form = _offered(Invite())
    if form.validate_on_submit():
        try:
            people.invite(
                db(),
                name=form.name.data or "",
                mail_address=form.mail.data or "",
                role=form.role.data,
                actor=actor(),
                now=now(),
                organisation_id=form.organisation.data,
                language=form.language.data,
                base_url=_base(),
            )
        except DomainError as error:
            form.blame(error)
        else:
            flash(gettext("The invitation is on its way."), "success")
            return redirect(url_for("admin.people_list"), 303)
    return _people(form), 422


@blueprint.get("/people/<account_id>")
@access("administrator")
def person(account_id: str) -> ResponseReturnValue:
    row, sessions = queries.person(db(), actor(), account_id)
    return render_template("admin/person.html", person=row, sessions=sessions, form=_offered(GiveRole()))


@blueprint.post("/people/<account_id>/roles")
@access("administrator")
def person_give_role(account_id: str) -> ResponseReturnValue:
    form = _offered(GiveRole())
    if form.validate_on_submit():
        try:
            people.give_role(
                db(),
                people.find(db(), account_id),
                form.role.data,
                organisation_id=form.organisation.data,
                actor=actor(),
                now=now(),
            )
        except DomainError as error:
            form.blame(error)
        else:
            flash(gettext("The role is assigned and takes effect from the next page."), "success")
            return redirect(url_for("admin.person", account_id=account_id), 303)
    row, sessions = queries.person(db(), actor(), account_id)
    return render_template("admin/person.html", person=row, sessions=sessions, form=form), 422


@blueprint.post("/people/<account_id>/roles/<int:role_id>/end")
@access("administrator")
def person_end_role(account_id: str, role_id: int) -> ResponseReturnValue:
    people.end_role(db(), account_id, role_id, actor=actor(), now=now())
    return _back(account_id, gettext("The role has ended."))


@blueprint.post("/people/<account_id>/disable")
@access("administrator")
def person_disable(account_id: str) -> ResponseReturnValue:
    people.disable(db(), account_id, actor=actor(), now=now())
    return _back(account_id, gettext("The account is closed and its sign-ins have ended."))


@blueprint.post("/people/<account_id>/enable")
@access("administrator")
def person_enable(account_id: str) -> ResponseReturnValue:
    people.enable(db(), account_id, actor=actor(), now=now())
    return _back(account_id, gettext("The account is open again."))


@blueprint.post("/people/<account_id>/invite-again")
@access("administrator")
def person_invite_again(account_id: str) -> ResponseReturnValue:
    people.invite_again(db(), account_id, actor=actor(), now=now(), base_url=_base())
    return _back(account_id, gettext("A fresh link is on its way; earlier links stopped working."))


@blueprint.post("/people/<account_id>/sessions/<session_id>/end")
@access("administrator")
def person_end_session(account_id: str, session_id: str) -> ResponseReturnValue:
    people.end_session(db(), session_id, actor=actor(), now=now())
    return _back(account_id, gettext("The sign-in has ended."))


@blueprint.get("/mail")
@access("administrator")
def mails() -> ResponseReturnValue:
    find = request.args.get("find", "")
    return render_template("admin/mails.html", page=queries.mails(db(), actor(), find=find, page=_page()), find=find)


@blueprint.get("/mail/<mail_id>")
@access("administrator")
def mail(mail_id: str) -> ResponseReturnValue:
    return render_template("admin/mail.html", mail=queries.mail(db(), actor(), mail_id))


@blueprint.get("/jobs")
@access("administrator")
def jobs() -> ResponseReturnValue:
    state = request.args.get("state", "")
    page, counts = queries.jobs(db(), actor(), state=state, now=now(), page=_page())
    return render_template("admin/jobs.html", page=page, counts=counts, chosen=state)


@blueprint.post("/jobs/<int:job_id>/revive")
@access("administrator")
def jobs_revive(job_id: int) -> ResponseReturnValue:
    operations.revive(db(), job_id, actor=actor(), now=now())
    flash(gettext("The job is due again."), "success")
    return redirect(url_for("admin.jobs"), 303)


def _people(form: Invite) -> str:
    find, role = request.args.get("find", ""), request.args.get("role", "")
    return render_template(
        "admin/people.html",
        page=queries.people(db(), actor(), find=find, role=role, page=_page()),
        form=form,
        find=find,
        role=role,
    )


def _offered(form: Chosen) -> Chosen:
    form.offer(queries.organisations(db()))
    return form


def _back(account_id: str, said: str) -> ResponseReturnValue:
    flash(said, "success")
    return redirect(url_for("admin.person", account_id=account_id), 303)


def _page() -> int:
    return max(1, request.args.get("page", 1, type=int))


def _base() -> str:
    return str(current_app.extensions["ppir"].config.base_url)
