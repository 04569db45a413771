"""The panel's deliberation: marks by alias, alarms, the consensus drafted by the rapporteur and confirmed by the chair."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import Invalid
from app.i18n import gettext
from app.queries import panel_marks
from app.stages import deliberation
from app.web.access import access, actor, db, now
from app.web.errors import words
from app.web.panellist.blueprint import blueprint


@blueprint.get("/applications/<application_id>")
@access("panellist")
def table(application_id: str) -> ResponseReturnValue:
    return _page(application_id)


@blueprint.post("/applications/<application_id>/draft")
@access("panellist")
def draft(application_id: str) -> ResponseReturnValue:
    text, note = (request.form.get(name, "").replace("\r\n", "\n") for name in ("text", "alarms_note"))
    try:
        deliberation.draft(db(), application_id, text=text, alarms_note=note, actor=actor(), now=now())
    except Invalid as error:
        return _page(application_id, {name: words(code) for name, code in error.problems.items()}, text, note), 422
    flash(gettext("The draft is saved. The chair can confirm it now."), "success")
    return redirect(url_for("panellist.table", application_id=application_id), 303)


@blueprint.post("/applications/<application_id>/confirm")
@access("panellist")
def confirm(application_id: str) -> ResponseReturnValue:
    deliberation.confirm(db(), application_id, digest=request.form.get("digest", ""), actor=actor(), now=now())
    flash(gettext("The consensus is confirmed."), "success")
    return redirect(url_for("panellist.table", application_id=application_id), 303)


@blueprint.post("/applications/<application_id>/conclude")
@access("panellist")
def conclude(application_id: str) -> ResponseReturnValue:
    deliberation.conclude(db(), application_id, actor=actor(), now=now())
    flash(gettext("The deliberation is concluded."), "success")
    return redirect(url_for("panellist.table", application_id=application_id), 303)


def _page(application_id: str, problems: dict[str, str] | None = None, text: str | None = None, note: str | None = None) -> str:
    view = panel_marks.table(db(), application_id, actor=actor())
    return render_template(
        "panellist/deliberation.html",
        table=view,
        problems=problems or {},
        text=view.text if text is None else text,
        note=view.alarms_note if note is None else note,
        digest=deliberation.text_digest(view.text, view.alarms_note),
    )
