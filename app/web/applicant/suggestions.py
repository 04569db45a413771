"""The suggestion on the sub-field step: read as it becomes ready, taken over with one click, asked for anew."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.i18n import gettext as _
from app.queries import suggestions as queries
from app.queries.applications import Written, written
from app.stages import submission
from app.stages import suggestions as stage
from app.web.access import access, actor, db, now
from app.web.applicant.blueprint import blueprint


@blueprint.get("/dossiers/<application_id>/suggestion")
@access("applicant")
def suggestion(application_id: str) -> ResponseReturnValue:
    """The part of the page that is drawn again until the suggestion is there."""
    row = written(db(), application_id, actor=actor(), now=now())
    return render_template("applicant/_suggestion.html", **shown(row))


@blueprint.post("/dossiers/<application_id>/suggestion")
@access("applicant")
def ask_suggestion(application_id: str) -> ResponseReturnValue:
    stage.ask(db(), application_id, actor=actor(), now=now())
    return _back(application_id)


@blueprint.post("/dossiers/<application_id>/suggestion/choose")
@access("applicant")
def choose_field(application_id: str) -> ResponseReturnValue:
    rank = request.form.get("rank", 0, type=int)
    submission.choose_field(db(), application_id, request.form.get("code", ""), rank, actor=actor(), now=now())
    flash(_("Taken over as rank %(n)s. You can change it below at any time.", n=rank), "success")
    return _back(application_id)


def shown(row: Written) -> dict[str, object]:
    """What the fragment reads."""
    open_ = row.open_fields("classification")
    return {
        "suggestion": queries.of_dossier(db(), row.public_id, actor=actor(), now=now()),
        "application_id": row.public_id,
        "may_choose": row.may_write and (open_ is None or "field_1" in open_),
    }


def _back(application_id: str) -> ResponseReturnValue:
    return redirect(url_for("applicant.write", application_id=application_id, section="classification"), 303)
