"""The committee's pages: meetings, one item's bundle with opinion and decision, cancellations after the hearing."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import DomainError, Invalid, NotAllowed, NotFound
from app.i18n import gettext
from app.queries import meetings as queries
from app.stages import designation, standing
from app.web.access import access, actor, base_url, db, now
from app.web.errors import words
from app.workflow.wordlists import APPLICANT_GROUNDS, CHECK_ANSWERS, COMMITTEE_OUTCOMES, FITNESS_CHECKS, NOTICE_GROUNDS

blueprint = Blueprint("committee", __name__, url_prefix="/committee")


@blueprint.get("/")
@access("committee")
def home() -> ResponseReturnValue:
    return render_template(
        "committee/home.html",
        meetings=queries.every(db(), actor=actor()),
        cancelling=queries.cancelling(db(), actor=actor()),
        here=now(),
    )


@blueprint.get("/meetings/<meeting_id>")
@access("committee")
def meeting(meeting_id: str) -> ResponseReturnValue:
    row = queries.one(db(), meeting_id, actor=actor())
    return render_template("committee/meeting.html", meeting=row, OUTCOMES=COMMITTEE_OUTCOMES)


@blueprint.get("/meetings/<meeting_id>/<application_id>")
@access("committee")
def item(meeting_id: str, application_id: str) -> ResponseReturnValue:
    return _page(meeting_id, application_id)


@blueprint.post("/meetings/<meeting_id>/<application_id>/opinion")
@access("committee")
def opinion(meeting_id: str, application_id: str) -> ResponseReturnValue:
    text = request.form.get("opinion", "")
    try:
        designation.opine(db(), meeting_id, application_id, text=text, actor=actor(), now=now())
    except Invalid as error:
        return _page(meeting_id, application_id, error), 422
    flash(gettext("The opinion is saved."), "success")
    return redirect(url_for("committee.item", meeting_id=meeting_id, application_id=application_id), 303)


@blueprint.post("/meetings/<meeting_id>/<application_id>/decide")
@access("committee")
def decide(meeting_id: str, application_id: str) -> ResponseReturnValue:
    try:
        told = designation.decide(
            db(),
            meeting_id,
            application_id,
            outcome=request.form.get("outcome", ""),
            minutes=request.form.get("minutes", ""),
            reason=request.form.get("reason", ""),
            actor=actor(),
            now=now(),
            base_url=base_url(),
        )
    except NotFound:
        raise
    except DomainError as error:
        db().rollback()
        return _page(meeting_id, application_id, error), 422
    said = gettext("Decided. The applicant is told by mail.") if told.moved else gettext("Proposed. A second member confirms it.")
    flash(said, "success")
    return redirect(url_for("committee.item", meeting_id=meeting_id, application_id=application_id), 303)


@blueprint.post("/meetings/<meeting_id>/<application_id>/refuse")
@access("committee")
def refuse(meeting_id: str, application_id: str) -> ResponseReturnValue:
    queries.bundle(db(), meeting_id, application_id, actor=actor())
    designation.refuse_decision(db(), application_id, actor=actor(), now=now())
    flash(gettext("The proposal is withdrawn."), "success")
    return redirect(url_for("committee.item", meeting_id=meeting_id, application_id=application_id), 303)


@blueprint.post("/cancellations/<designation_id>/<answer>")
@access("committee")
def cancellation(designation_id: str, answer: str) -> ResponseReturnValue:
    verb = {"cancel": standing.cancel, "keep": standing.keep}.get(answer)
    if verb is None:
        raise NotFound("not_found")
    try:
        verb(db(), designation_id, reason=request.form.get("reason", ""), actor=actor(), now=now(), base_url=base_url())
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        db().rollback()
        flash(words(error.code, error.data), "error")
        return redirect(url_for("committee.home"), 303)
    flash(gettext("Decided. The holder is told by mail."), "success")
    return redirect(url_for("committee.home"), 303)


def _page(meeting_id: str, application_id: str, error: DomainError | None = None) -> str:
    row = queries.one(db(), meeting_id, actor=actor())
    bundle = queries.bundle(db(), meeting_id, application_id, actor=actor())
    return render_template(
        "committee/item.html",
        meeting=row,
        bundle=bundle,
        item=next(i for i in row.items if i.application_id == application_id),
        OUTCOMES=COMMITTEE_OUTCOMES,
        CHECKS=FITNESS_CHECKS,
        CHECK_ANSWERS=CHECK_ANSWERS,
        GROUNDS=NOTICE_GROUNDS | APPLICANT_GROUNDS,
        problems={key: words(code, error.data) for key, code in error.problems.items()} if isinstance(error, Invalid) else {},
        summary=words(error.code, error.data) if error else "",
        sent=request.form,
        most=designation.TEXT_MOST,
    )
