"""After the decision: an objection to a refusal; own designations with their certificates; the supplier's part of pilots."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.errors import DomainError, Invalid, NotAllowed, NotFound
from app.i18n import gettext
from app.queries import designation_requests, holdings, pilots
from app.stages import notice, standing
from app.web import pilot_steps, qr
from app.web.access import access, actor, base_url, db, now
from app.web.applicant.blueprint import blueprint
from app.web.errors import words
from app.workflow.wordlists import APPLICANT_GROUNDS, EVENTS, GRADES, REQUEST_KINDS


@blueprint.get("/fitness/<application_id>")
@access("applicant")
def fitness(application_id: str) -> ResponseReturnValue:
    """What the letter of a returned review links to: the answer is given on the page of the application."""
    return redirect(url_for("applicant.status", application_id=application_id), 302)


@blueprint.get("/objections/<application_id>")
@access("applicant")
def objections(application_id: str) -> ResponseReturnValue:
    return _objections(application_id)


@blueprint.post("/objections/<application_id>")
@access("applicant")
def objections_file(application_id: str) -> ResponseReturnValue:
    sent = request.form
    try:
        notice.file_objection(
            db(), application_id, ground=sent.get("ground", ""), text=sent.get("text", ""), actor=actor(), now=now()
        )
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        db().rollback()
        return _objections(application_id, error), 422
    flash(gettext("Your objection is filed."), "success")
    return redirect(url_for("applicant.objections", application_id=application_id), 303)


@blueprint.get("/designations", endpoint="designations")
@access("applicant")
def my_designations() -> ResponseReturnValue:
    return render_template(
        "applicant/designations.html",
        rows=holdings.designations(db(), now(), actor=actor()),
        pilots=pilots.supplied(db(), actor=actor()),
        asked=designation_requests.mine(db(), actor=actor()),
        tasks=designation_requests.owed_by_holder(db(), now(), actor=actor()),
        REQUEST_KINDS=REQUEST_KINDS,
    )


@blueprint.get("/designations/<designation_id>")
@access("applicant")
def designation(designation_id: str) -> ResponseReturnValue:
    return _designation(designation_id)


@blueprint.post("/designations/<designation_id>/give-back")
@access("applicant")
def designation_give_back(designation_id: str) -> ResponseReturnValue:
    try:
        standing.give_back(db(), designation_id, reason=request.form.get("reason", ""), actor=actor(), now=now())
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        db().rollback()
        return _designation(designation_id, words(error.code, error.data)), 422
    flash(gettext("The designation has been returned."), "success")
    return redirect(url_for("applicant.designation", designation_id=designation_id), 303)


@blueprint.get("/designations/<designation_id>/certificate")
@access("applicant")
def certificate(designation_id: str) -> ResponseReturnValue:
    row = holdings.designation(db(), designation_id, now(), actor=actor())
    link = base_url() + url_for("public.verify_code", verify_id=row.verify_id)
    return render_template(
        "applicant/certificate.html",
        row=row,
        issued=holdings.certificates(db(), designation_id, actor=actor()),
        link=link,
        code=Markup(qr.svg(link)),
        EVENTS=EVENTS,
    )


@blueprint.get("/pilots/<pilot_id>")
@access("applicant")
def pilot(pilot_id: str) -> ResponseReturnValue:
    return _pilot(pilot_id)


@blueprint.post("/pilots/<pilot_id>/<step>")
@access("applicant")
def pilot_step(pilot_id: str, step: str) -> ResponseReturnValue:
    row = pilots.of_pilot(db(), pilot_id, actor=actor())
    try:
        pilot_steps.take(db(), row, step, request.form, role="applicant", actor=actor(), now=now(), base_url=base_url())
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        db().rollback()
        return _pilot(pilot_id, step, error), 422
    flash(gettext("The step is recorded."), "success")
    return redirect(url_for("applicant.pilot", pilot_id=pilot_id), 303)


def _objections(application_id: str, error: DomainError | None = None) -> str:
    row = holdings.refused(db(), application_id, actor=actor())
    return render_template(
        "applicant/objections.html",
        row=row,
        until=notice.until_for(db(), application_id, actor=actor()),
        grounds={key: entry for key, entry in APPLICANT_GROUNDS.items() if key not in row.used},
        GROUNDS=APPLICANT_GROUNDS,
        problems={key: words(code, error.data) for key, code in error.problems.items()} if isinstance(error, Invalid) else {},
        summary=words(error.code, error.data) if error else "",
        sent=request.form,
        here=now(),
        most=notice.TEXT_MOST,
    )


def _designation(designation_id: str, problem: str = "") -> str:
    return render_template(
        "applicant/designation.html",
        row=holdings.designation(db(), designation_id, now(), actor=actor()),
        asking=designation_requests.asking(db(), designation_id, now(), actor=actor()),
        asked=[r for r in designation_requests.mine(db(), actor=actor()) if r.designation_id == designation_id],
        REQUEST_KINDS=REQUEST_KINDS,
        EVENTS=EVENTS,
        problem=problem,
        sent=request.form,
    )


def _pilot(pilot_id: str, step: str = "", error: DomainError | None = None) -> str:
    row = pilots.of_pilot(db(), pilot_id, actor=actor())
    return render_template(
        "applicant/pilot.html",
        row=row,
        steps=pilot_steps.offered("applicant", row),
        failed=step,
        problems={key: words(code, error.data) for key, code in error.problems.items()} if isinstance(error, Invalid) else {},
        summary=words(error.code, error.data) if error else "",
        sent=request.form,
        GRADES=GRADES,
    )
