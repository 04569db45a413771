"""Invitation and pledge: the letter's link opens the page, and only buttons answer."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import Invalid
from app.i18n import gettext
from app.queries import invitation as letters
from app.stages import invitations
from app.stages.invitations import Declared
from app.web.access import access, actor, db, now
from app.web.errors import words
from app.web.panellist.blueprint import blueprint
from app.workflow.declarations import CURRENT, DECLINE_REASONS, GROUNDS


@blueprint.get("/invitations/<invitation_id>")
@access("panellist")
def invitation(invitation_id: str) -> ResponseReturnValue:
    return _page(invitation_id)


@blueprint.post("/invitations/<invitation_id>/accept")
@access("panellist")
def accept(invitation_id: str) -> ResponseReturnValue:
    try:
        invitations.accept(db(), invitation_id, _declared(), actor=actor(), now=now())
    except Invalid as error:
        return _page(invitation_id, error), 422
    flash(gettext("Thank you. Your answer is recorded."), "success")
    return redirect(url_for("panellist.invitation", invitation_id=invitation_id), 303)


@blueprint.post("/invitations/<invitation_id>/decline")
@access("panellist")
def decline(invitation_id: str) -> ResponseReturnValue:
    reason, note = request.form.get("reason", ""), request.form.get("decline_note", "")[:2000]
    try:
        invitations.decline(db(), invitation_id, reason=reason, note=note, actor=actor(), now=now())
    except Invalid as error:
        return _page(invitation_id, error), 422
    flash(gettext("Thank you. The next expert in order is being asked."), "success")
    return redirect(url_for("panellist.invitation", invitation_id=invitation_id), 303)


@blueprint.post("/invitations/<invitation_id>/pledge")
@access("panellist")
def pledge(invitation_id: str) -> ResponseReturnValue:
    version = request.form.get("version", "") if request.form.get("agree") else ""
    try:
        signed = invitations.pledge(db(), invitation_id, version=version, actor=actor(), now=now())
    except Invalid as error:
        return _page(invitation_id, error), 422
    if signed.pledged_at:
        flash(gettext("Your pledge is signed."), "success")
    else:
        flash(
            gettext("A possible conflict of interest came up, so the pledge was not signed. The coordinator looks at it."),
            "warning",
        )
    return redirect(url_for("panellist.invitation", invitation_id=invitation_id), 303)


@blueprint.get("/invitations/<invitation_id>/withdraw")
@access("panellist")
def withdrawal(invitation_id: str) -> ResponseReturnValue:
    return _withdrawal(invitation_id)


@blueprint.post("/invitations/<invitation_id>/withdraw")
@access("panellist")
def withdraw(invitation_id: str) -> ResponseReturnValue:
    reason, note = request.form.get("reason", ""), request.form.get("note", "")[:4000]
    try:
        invitations.withdraw(db(), invitation_id, reason=reason, note=note, actor=actor(), now=now())
    except Invalid as error:
        return _withdrawal(invitation_id, words(next(iter(error.problems.values())), error.data)), 422
    flash(gettext("Your seats are given up and the coordinators are told. Thank you for letting us know."), "success")
    return redirect(url_for("panellist.home"), 303)


def _withdrawal(invitation_id: str, error: str = "") -> str:
    return render_template(
        "panellist/withdraw.html",
        letter=letters.one(db(), invitation_id, actor=actor(), now=now()),
        reasons=[choice for code, choice in DECLINE_REASONS.items() if code != "conflict"],
        error=error,
        form=request.form,
    )


@blueprint.get("/conflicts/<seat_id>/<application_id>")
@access("panellist")
def conflict(seat_id: str, application_id: str) -> ResponseReturnValue:
    return render_template(
        "panellist/conflict.html", dossier=_held(seat_id, application_id), grounds=GROUNDS, error=None, said=None
    )


@blueprint.post("/conflicts/<seat_id>/<application_id>")
@access("panellist")
def recuse(seat_id: str, application_id: str) -> ResponseReturnValue:
    said = Declared(True, request.form.get("ground", ""), request.form.get("note", "")[:4000])
    try:
        invitations.recuse(db(), seat_id, application_id, said, actor=actor(), now=now())
    except Invalid as error:
        problem = words(next(iter(error.problems.values())), error.data)
        page = render_template(
            "panellist/conflict.html", dossier=_held(seat_id, application_id), grounds=GROUNDS, error=problem, said=said
        )
        return page, 422
    flash(gettext("Your conflict is recorded. The dossier is closed for you, and the coordinator is told."), "success")
    return redirect(url_for("panellist.home"), 303)


def _held(seat_id: str, application_id: str) -> letters.Brief:
    return letters.held(db(), seat_id, application_id, actor=actor())


def _declared() -> dict[str, Declared]:
    """What was chosen for each dossier: a field `conflict.<id>` of yes or no, with ground and note."""
    found = {}
    for name, chosen in request.form.items():
        kind, _, key = name.partition(".")
        if kind == "conflict" and chosen in ("yes", "no"):
            found[key] = Declared(
                chosen == "yes", request.form.get(f"ground.{key}", ""), request.form.get(f"note.{key}", "")[:4000]
            )
    return found


def _page(invitation_id: str, error: Invalid | None = None) -> str:
    problems = {key: words(code, error.data) for key, code in error.problems.items()} if error else {}
    return render_template(
        "panellist/invitation.html",
        letter=letters.one(db(), invitation_id, actor=actor(), now=now()),
        pledge=CURRENT,
        grounds=GROUNDS,
        reasons=DECLINE_REASONS,
        problems=problems,
        summary=words(error.code, error.data) if error else "",
        said=_declared() if error else {},
        form=request.form,
    )
