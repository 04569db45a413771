"""The applicant's challenge of an expert, an organisation, or a member whom the call has named."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import DomainError, Invalid
from app.i18n import gettext as _
from app.queries import challenges as queries
from app.stages import challenges
from app.web.access import access, actor, db, now
from app.web.applicant.blueprint import blueprint
from app.web.errors import words
from app.workflow.declarations import GROUNDS


@blueprint.get("/dossiers/<application_id>/challenges", endpoint="challenges")
@access("applicant")
def show(application_id: str) -> ResponseReturnValue:
    return _page(application_id)


@blueprint.post("/dossiers/<application_id>/challenges", endpoint="file_challenge")
@access("applicant")
def file(application_id: str) -> ResponseReturnValue:
    told = {name: request.form.get(name, "") for name in ("ground", "reason", "evidence", "seat", "name", "organisation")}
    try:
        challenges.file(db(), application_id, challenges.Filed(**told), actor=actor(), now=now())
    except DomainError as error:
        return _page(application_id, error), 422
    flash(_("Your challenge is filed. You read the decision here and by mail."), "success")
    return redirect(url_for("applicant.challenges", application_id=application_id), 303)


@blueprint.post("/dossiers/<application_id>/challenges/<challenge_id>/take-back", endpoint="take_back_challenge")
@access("applicant")
def take_back(application_id: str, challenge_id: str) -> ResponseReturnValue:
    challenges.take_back(db(), challenge_id, actor=actor(), now=now())
    flash(_("The challenge is withdrawn."), "success")
    return redirect(url_for("applicant.challenges", application_id=application_id), 303)


def _page(application_id: str, error: DomainError | None = None) -> str:
    problems = dict(error.problems) if isinstance(error, Invalid) else {}
    return render_template(
        "applicant/challenges.html",
        row=queries.of_application(db(), application_id, actor=actor()),
        here=now(),
        sent=request.form,
        problems={name: words(code, error.data if error else {}) for name, code in problems.items()},
        summary=words(error.code, error.data) if error else "",
        GROUNDS=GROUNDS,
    )
