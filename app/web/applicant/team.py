"""The people of one dossier: invited, taken off, made its owner."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import DomainError, Duplicate, Invalid
from app.i18n import gettext as _
from app.queries import team as queries
from app.stages import team
from app.web.access import access, actor, db, now
from app.web.applicant.blueprint import blueprint
from app.web.applicant.sections import said_of
from app.web.errors import words


@blueprint.get("/dossiers/<application_id>/team", endpoint="team")
@access("applicant")
def shown(application_id: str) -> ResponseReturnValue:
    return _page(application_id)


@blueprint.post("/dossiers/<application_id>/team")
@access("applicant")
def share(application_id: str) -> ResponseReturnValue:
    sent = {name: request.form.get(name, "") for name in ("name", "mail", "role")}
    try:
        team.invite(
            db(), application_id, name=sent["name"], mail_address=sent["mail"], role=sent["role"], actor=actor(), now=now()
        )
    except (Invalid, Duplicate) as refused:
        return _page(application_id, sent, refused), 422
    flash(_("%(name)s has been invited; a letter is on its way.", name=sent["name"].strip()), "success")
    return _back(application_id)


@blueprint.post("/dossiers/<application_id>/team/<member_id>/role")
@access("applicant")
def change_share(application_id: str, member_id: str) -> ResponseReturnValue:
    team.change_role(db(), application_id, member_id, request.form.get("role", ""), actor=actor(), now=now())
    flash(_("Changed."), "success")
    return _back(application_id)


@blueprint.post("/dossiers/<application_id>/team/<member_id>/end")
@access("applicant")
def end_share(application_id: str, member_id: str) -> ResponseReturnValue:
    leaving = queries.one(db(), application_id, actor=actor()).own
    team.end(db(), application_id, member_id, actor=actor(), now=now())
    if leaving is not None and leaving.public_id == member_id:
        flash(_("You have left the dossier."), "success")
        return redirect(url_for("applicant.home"), 303)
    flash(_("Taken off the dossier; what was written stays."), "success")
    return _back(application_id)


@blueprint.post("/dossiers/<application_id>/team/<member_id>/offer")
@access("applicant")
def offer_dossier(application_id: str, member_id: str) -> ResponseReturnValue:
    team.offer(db(), application_id, member_id, actor=actor(), now=now())
    flash(_("Offered. Nothing changes until the person accepts here."), "success")
    return _back(application_id)


@blueprint.post("/dossiers/<application_id>/team/accept")
@access("applicant")
def accept_dossier(application_id: str) -> ResponseReturnValue:
    team.accept(db(), application_id, actor=actor(), now=now())
    flash(_("The dossier is yours now; its letters go to you."), "success")
    return _back(application_id)


@blueprint.post("/dossiers/<application_id>/team/refuse")
@access("applicant")
def refuse_dossier(application_id: str) -> ResponseReturnValue:
    team.take_offer_back(db(), application_id, actor=actor(), now=now())
    flash(_("The offer is off the table."), "success")
    return _back(application_id)


def _page(application_id: str, sent: dict[str, str] | None = None, refused: DomainError | None = None) -> str:
    problems = {}
    if refused is not None:
        named = getattr(refused, "problems", None) or {refused.field or "mail": refused.code}
        problems = {name: words(code, refused.data) for name, code in named.items()}
    row = queries.one(db(), application_id, actor=actor())
    return render_template(
        "applicant/team.html",
        row=row,
        sent=sent or {"name": "", "mail": "", "role": "editor"},
        problems=problems,
        changes=[said_of(c) for c in row.changes],
    )


def _back(application_id: str) -> ResponseReturnValue:
    return redirect(url_for("applicant.team", application_id=application_id), 303)
