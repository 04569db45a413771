"""An institution's own requests: state, reasons, and after a match the pilot's steps: acceptance, use, report."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import DomainError, Invalid, NotAllowed, NotFound
from app.i18n import gettext
from app.queries import pilots as queries
from app.stages import pilot
from app.web import pilot_steps
from app.web.access import access, actor, base_url, db, now
from app.web.errors import words
from app.web.institution.blueprint import blueprint
from app.workflow.wordlists import GRADES


@blueprint.get("/requests", endpoint="requests")
@access("institution")
def my_requests() -> ResponseReturnValue:
    return render_template("institution/requests.html", rows=queries.mine(db(), actor=actor()))


@blueprint.get("/requests/<request_id>")
@access("institution")
def request_one(request_id: str) -> ResponseReturnValue:
    return _page(request_id)


@blueprint.post("/requests/<request_id>/submit")
@access("institution")
def request_submit(request_id: str) -> ResponseReturnValue:
    return _move(request_id, pilot.submit_request, gettext("Your request is filed."))


@blueprint.post("/requests/<request_id>/withdraw")
@access("institution")
def request_withdraw(request_id: str) -> ResponseReturnValue:
    return _move(request_id, pilot.withdraw_request, gettext("The request is a draft again."))


@blueprint.post("/pilots/<pilot_id>/<step>")
@access("institution")
def pilot_step(pilot_id: str, step: str) -> ResponseReturnValue:
    row = queries.of_pilot(db(), pilot_id, actor=actor())
    try:
        pilot_steps.take(db(), row, step, request.form, role="institution", actor=actor(), now=now(), base_url=base_url())
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        db().rollback()
        return _page(row.public_id, step, error), 422
    flash(gettext("The step is recorded."), "success")
    return redirect(url_for("institution.request_one", request_id=row.public_id), 303)


def _move(request_id: str, verb: object, said: str) -> ResponseReturnValue:
    try:
        verb(db(), request_id, actor=actor(), now=now())  # type: ignore[operator]
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        db().rollback()
        return _page(request_id, "submit", error), 422
    flash(said, "success")
    return redirect(url_for("institution.request_one", request_id=request_id), 303)


def _page(request_id: str, step: str = "", error: DomainError | None = None) -> str:
    row = queries.request(db(), request_id, actor=actor())
    return render_template(
        "institution/request.html",
        row=row,
        steps=pilot_steps.offered("institution", row),
        failed=step,
        problems={key: words(code, error.data) for key, code in error.problems.items()} if isinstance(error, Invalid) else {},
        summary=words(error.code, error.data) if error else "",
        sent=request.form,
        GRADES=GRADES,
    )
