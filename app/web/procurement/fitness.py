"""The fitness review: the queue, one dossier with its checks, its history."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import Invalid
from app.i18n import gettext
from app.queries import fitness_queue
from app.stages import fitness as stage
from app.web.access import access, actor, base_url, db, now
from app.web.errors import words
from app.web.procurement.blueprint import blueprint
from app.workflow.wordlists import CHECK_ANSWERS, FITNESS_CHECKS


@blueprint.get("/fitness")
@access("procurement")
def fitness() -> ResponseReturnValue:
    return render_template("procurement/fitness.html", rows=fitness_queue.queue(db(), actor=actor()), here=now())


@blueprint.get("/fitness/<application_id>")
@access("procurement")
def fitness_one(application_id: str) -> ResponseReturnValue:
    return _page(application_id)


@blueprint.post("/fitness/<application_id>")
@access("procurement")
def fitness_review(application_id: str) -> ResponseReturnValue:
    checks = {key: request.form.get(f"check.{key}", "") for key in FITNESS_CHECKS}
    outcome = request.form.get("outcome", "")
    try:
        stage.review(
            db(),
            application_id,
            checks=checks,
            outcome=outcome,
            reasons=request.form.get("reasons", ""),
            actor=actor(),
            now=now(),
            base_url=base_url(),
        )
    except Invalid as error:
        return _page(application_id, error), 422
    said = (
        gettext("The review is recorded as passed.") if outcome == "passed" else gettext("Returned to the applicant with reasons.")
    )
    flash(said, "success")
    return redirect(url_for("procurement.fitness"), 303)


@blueprint.post("/fitness/<application_id>/take-back")
@access("procurement")
def fitness_take_back(application_id: str) -> ResponseReturnValue:
    stage.take_back(db(), application_id, actor=actor(), now=now())
    flash(gettext("The review goes on without an answer."), "success")
    return redirect(url_for("procurement.fitness_one", application_id=application_id), 303)


def _page(application_id: str, error: Invalid | None = None) -> str:
    return render_template(
        "procurement/fitness_one.html",
        row=fitness_queue.one(db(), application_id, actor=actor()),
        checks=FITNESS_CHECKS,
        answers=CHECK_ANSWERS,
        problems={key: words(code, error.data) for key, code in error.problems.items()} if error else {},
        sent=request.form,
        here=now(),
        most=stage.TEXT_MOST,
    )
