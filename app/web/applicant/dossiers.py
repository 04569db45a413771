"""My dossiers: what is owed, where each stands, and starting a new one for an open call."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.documents import dossier
from app.documents.form import SECTIONS
from app.i18n import gettext as _
from app.queries import applications, calls, designation_requests
from app.stages import submission
from app.web.access import access, actor, db, now
from app.web.applicant.blueprint import blueprint


@blueprint.get("/")
@access("applicant")
def home() -> ResponseReturnValue:
    rows = applications.mine(db(), actor=actor(), now=now())
    return render_template(
        "applicant/home.html",
        rows=rows,
        urls={row.public_id: _url(row) for row in rows},
        calls=calls.announced(db(), now=now()),
        known=current_app.view_functions,
        tasks=designation_requests.owed_by_holder(db(), now(), actor=actor()),
        here=now(),
    )


@blueprint.get("/new/<code>")
@access("applicant")
def new(code: str) -> ResponseReturnValue:
    """What starting means, with the answers of the self-check carried along."""
    call = calls.one_announced(db(), code)
    return render_template("applicant/new.html", call=call, answers=_answers(), open=call.takes(now()), here=now())


@blueprint.post("/new/<code>")
@access("applicant")
def start(code: str) -> ResponseReturnValue:
    call = calls.one_announced(db(), code)
    entered: dict[str, dict[str, object]] = {}
    for place, text in _answers().items():
        section, _dot, name = place.partition(".")
        entered.setdefault(section, {})[name] = dossier.parse(section, MultiDict({name: text}).getlist)[name]
    application = submission.start(db(), call.public_id, actor=actor(), now=now(), answers=entered)
    flash(_("Dossier %(number)s has been started. Everything is saved as you go.", number=application.filed_number), "success")
    return redirect(url_for("applicant.write", application_id=application.public_id, section=SECTIONS[0].key), 303)


def _url(row: applications.Mine) -> str:
    """The page that does the next step of a dossier."""
    if row.step == "fill":
        section, _dot, field = row.last_place.partition(".")
        anchor = {"_anchor": field} if field else {}
        return url_for("applicant.write", application_id=row.public_id, section=section or SECTIONS[0].key, **anchor)
    if row.step in ("submit", "hand_over"):
        return url_for("applicant.preview", application_id=row.public_id)
    if row.step == "result" and row.status != "ineligible":
        return url_for("applicant.result", application_id=row.public_id)
    return url_for("applicant.status", application_id=row.public_id)


def _answers() -> dict[str, str]:
    """`section.field` → text, for the fields of the form only."""
    known = {f"{s.key}.{f.name}" for s in SECTIONS for f in s.fields if f.kind != "rows"}
    return {place: text for place, text in request.values.items() if place in known and text}
