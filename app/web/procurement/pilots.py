"""One pilot from match to close, each step with its form; and the outcomes recorded of its product."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import DomainError, Invalid, NotAllowed, NotFound
from app.i18n import gettext
from app.queries import pilots as queries
from app.web import pilot_steps
from app.web.access import access, actor, base_url, db, now
from app.web.errors import words
from app.web.procurement.blueprint import blueprint
from app.workflow.wordlists import GRADES


@blueprint.get("/pilots")
@access("procurement")
def pilots() -> ResponseReturnValue:
    return render_template("procurement/pilots.html", rows=queries.under_way(db(), actor=actor()))


@blueprint.get("/pilots/<pilot_id>")
@access("procurement")
def pilot(pilot_id: str) -> ResponseReturnValue:
    return _page(pilot_id)


@blueprint.post("/pilots/<pilot_id>/<step>")
@access("procurement")
def pilot_step(pilot_id: str, step: str) -> ResponseReturnValue:
    row = queries.of_pilot(db(), pilot_id, actor=actor())
    try:
        pilot_steps.take(db(), row, step, request.form, role="procurement", actor=actor(), now=now(), base_url=base_url())
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        return _page(pilot_id, step, error), 422
    flash(gettext("The step is recorded."), "success")
    return redirect(url_for("procurement.pilot", pilot_id=pilot_id), 303)


def _page(pilot_id: str, step: str = "", error: DomainError | None = None) -> str:
    row = queries.of_pilot(db(), pilot_id, actor=actor())
    return render_template(
        "procurement/pilot.html",
        row=row,
        steps=pilot_steps.offered("procurement", row),
        failed=step,
        problems={key: words(code, error.data) for key, code in error.problems.items()} if isinstance(error, Invalid) else {},
        summary=words(error.code, error.data) if error else "",
        sent=request.form,
        GRADES=GRADES,
    )
