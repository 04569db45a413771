"""Photographs of a site check on the coordinator's page: put in, taken out, looked at."""

from __future__ import annotations

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.documents.intake import Sent
from app.errors import Invalid
from app.i18n import gettext
from app.queries import panel_marks
from app.stages import photographs
from app.web import papers
from app.web.access import access, actor, db, now
from app.web.coordinator.blueprint import blueprint
from app.web.coordinator.reviews import show_result
from app.web.errors import words


@blueprint.post("/calls/<call_id>/results/<application_id>/photographs")
@access("coordinator")
def add_photo(call_id: str, application_id: str) -> ResponseReturnValue:
    sent = request.files.get("photo")
    file = Sent(sent.stream, sent.filename) if sent and sent.filename else None  # type: ignore[arg-type]
    caption, alt = (request.form.get(name, "") for name in ("caption", "alt"))
    files = current_app.extensions["ppir"].files
    try:
        photographs.add(db(), application_id, file, caption=caption, alt=alt, files=files, actor=actor(), now=now())
    except Invalid as error:
        problems = error.problems or {"photo": error.code}
        return show_result(call_id, application_id, {name: words(code, error.data) for name, code in problems.items()}), 422
    return _back(call_id, application_id, gettext("The photograph is kept; what the camera wrote into it is taken out."))


@blueprint.post("/calls/<call_id>/results/<application_id>/photographs/<photo_id>/remove")
@access("coordinator")
def remove_photo(call_id: str, application_id: str, photo_id: str) -> ResponseReturnValue:
    photographs.remove(db(), application_id, photo_id, actor=actor(), now=now())
    return _back(call_id, application_id, gettext("The photograph is removed."))


@blueprint.get("/calls/<call_id>/results/<application_id>/photographs/<photo_id>/<size>")
@access("coordinator", "auditor")
def photo(call_id: str, application_id: str, photo_id: str, size: str) -> ResponseReturnValue:
    return papers.hand_photo(panel_marks.photo_for_office(db(), application_id, photo_id, actor=actor()), size)


def _back(call_id: str, application_id: str, said: str) -> ResponseReturnValue:
    flash(said, "success")
    where = url_for("coordinator.results_one", call_id=call_id, application_id=application_id, _anchor="photographs")
    return redirect(where, 303)
