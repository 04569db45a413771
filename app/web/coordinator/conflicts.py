"""Conflicts of a call: questions by kind of evidence, decided alone or together, put to the expert, taken back."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.documents.choices import INTERESTS
from app.errors import Invalid, NotFound, WrongStage
from app.i18n import gettext as _
from app.i18n import ngettext
from app.queries import calls
from app.queries import challenges as filed
from app.queries import conflict_triage as queries
from app.stages import challenges, conflict_check, conflicts
from app.web.access import access, actor, db, now
from app.web.coordinator.blueprint import blueprint
from app.web.errors import words
from app.workflow import grounds
from app.workflow.declarations import GROUNDS

CALL = "/calls/<call_id>/conflicts"
REASON_MOST, TEXT_MOST = 2000, 300_000
NEEDS_REASON = ("dismiss", "waive", "pin")


@blueprint.get(CALL, endpoint="conflicts")
@access("coordinator")
def triage(call_id: str) -> ResponseReturnValue:
    return _page(call_id)


@blueprint.post(CALL, endpoint="conflicts_decide")
@access("coordinator")
def decide(call_id: str) -> ResponseReturnValue:
    verb, reason = request.form.get("verb", ""), request.form.get("reason", "").strip()[:REASON_MOST]
    shelf, ground = _place()
    if request.form.get("all") and ground:
        ids = queries.ids_of(db(), call_id, actor=actor(), shelf=shelf, ground=ground)
    else:
        ids = queries.of_call(db(), call_id, request.form.getlist("chosen"), actor=actor())
    if not ids:
        return _page(call_id, error=words("conflict.choose")), 422
    if verb in NEEDS_REASON and not reason:
        return _page(call_id, error=words("guard.reason_needed"), chosen=ids), 422
    try:
        done = _verbs(ids, reason)[verb]()
    except KeyError:
        return _page(call_id, error=words("conflict.choose"), chosen=ids), 422
    except Invalid as error:
        return _page(call_id, error=words(error.code, error.data), chosen=ids), 422
    _tell(verb, done)
    return redirect(url_for("coordinator.conflicts", call_id=call_id, show=shelf, kind=ground), 303)


@blueprint.post(f"{CALL}/<conflict_id>/refuse", endpoint="conflicts_refuse")
@access("coordinator")
def refuse(call_id: str, conflict_id: str) -> ResponseReturnValue:
    """A decision that awaits its second person is taken off the table."""
    own = queries.of_call(db(), call_id, [conflict_id], actor=actor())
    for each in own:
        conflicts.refuse(db(), each, actor=actor(), now=now())
    flash(_("The request is withdrawn; the finding stays as it was."), "success")
    shelf, ground = _place()
    return redirect(url_for("coordinator.conflicts", call_id=call_id, show=shelf, kind=ground), 303)


@blueprint.get(f"{CALL}/check", endpoint="conflicts_check")
@access("coordinator")
def check_form(call_id: str) -> ResponseReturnValue:
    return _check_page(call_id)


@blueprint.post(f"{CALL}/check", endpoint="conflicts_checked")
@access("coordinator")
def check(call_id: str) -> ResponseReturnValue:
    """Findings for each name of the list, shown once and not stored."""
    try:
        found = _checked(call_id, request.form.get("names", ""), request.form.get("dossier", "").strip())
    except (Invalid, NotFound) as error:
        return _check_page(call_id, error=words(error.code, error.data)), 422
    return _check_page(call_id, found)


@blueprint.post(f"{CALL}/check.json", endpoint="conflicts_checked_json")
@access("coordinator")
def check_json(call_id: str) -> ResponseReturnValue:
    """The same for a program: `{"names": "…", "dossier": "D-0001"}` in, one object out."""
    given = request.get_json(silent=True)
    asked = given if isinstance(given, dict) else {}
    text, dossier = asked.get("names", ""), asked.get("dossier", "")
    if not isinstance(text, str) or not isinstance(dossier, str):
        return jsonify(error=words("conflict_check.empty"), code="conflict_check.empty"), 422
    try:
        found = _checked(call_id, text, dossier.strip())
    except (Invalid, NotFound) as error:
        return jsonify(error=words(error.code, error.data), code=error.code), 422
    return jsonify(call=calls.head(db(), call_id, actor=actor()).code, dossier=dossier, names=[each.as_json() for each in found])


def _checked(call_id: str, text: str, dossier: str) -> list[conflict_check.Answer]:
    return conflict_check.check(db(), call_id, text[:TEXT_MOST], dossier=dossier, actor=actor(), now=now())


def _check_page(call_id: str, found: list[conflict_check.Answer] | None = None, error: str = "") -> str:
    return render_template(
        "coordinator/conflicts_check.html",
        call=calls.head(db(), call_id, actor=actor()),
        found=found,
        error=error,
        typed=request.form,
        ground=grounds.label,
    )


@blueprint.get(f"{CALL}/unknown", endpoint="conflicts_unknown")
@access("coordinator")
def unknown(call_id: str) -> ResponseReturnValue:
    """People of whom nothing but a name is known."""
    return render_template(
        "coordinator/conflicts_unknown.html",
        call=calls.head(db(), call_id, actor=actor()),
        people=queries.not_computable(db(), call_id, actor=actor()),
        INTERESTS={choice.key: choice for choice in INTERESTS},
    )


@blueprint.get(f"{CALL}/challenges", endpoint="challenges")
@access("coordinator", "auditor")
def challenge_list(call_id: str) -> ResponseReturnValue:
    return _challenges(call_id)


@blueprint.post(f"{CALL}/challenges/<challenge_id>", endpoint="challenges_decide")
@access("coordinator")
def decide_challenge(call_id: str, challenge_id: str) -> ResponseReturnValue:
    """Upheld for the experts chosen, by two coordinators; or dismissed with a reason that the applicant reads."""
    if not filed.of_call_is(db(), call_id, challenge_id):
        raise NotFound("not_found")
    reason = request.form.get("reason", "").strip()[:REASON_MOST]
    at = {"actor": actor(), "now": now()}
    try:
        if request.form.get("verb") == "dismiss":
            row = challenges.turn_down(db(), challenge_id, reason=reason, **at)
        else:
            row = challenges.take_up(db(), challenge_id, experts=request.form.getlist("expert"), reason=reason, **at)
    except WrongStage as error:
        return _challenges(call_id, words(error.code, error.data)), 422
    said = {
        "filed": _("The challenge is noted; a second coordinator must confirm it."),
        "upheld": _("The challenge is upheld, and the applicant is told."),
        "dismissed": _("The challenge is dismissed, and the applicant is told."),
    }
    flash(said[row.status], "success")
    return redirect(url_for("coordinator.challenges", call_id=call_id), 303)


def _challenges(call_id: str, trouble: str = "") -> str:
    return render_template(
        "coordinator/challenges.html",
        call=calls.head(db(), call_id, actor=actor()),
        rows=filed.of_call(db(), call_id, actor=actor()),
        trouble=trouble,
        GROUNDS=GROUNDS,
    )


def _verbs(ids: list[str], reason: str) -> dict[str, Callable[[], conflicts.Done]]:
    who, at = actor(), now()
    base_url = str(current_app.extensions["ppir"].config.base_url)
    return {
        "confirm": lambda: conflicts.confirm(db(), ids, reason=reason, actor=who, now=at),
        "dismiss": lambda: conflicts.dismiss(db(), ids, reason=reason, actor=who, now=at),
        "waive": lambda: conflicts.waive(db(), ids, reason=reason, actor=who, now=at),
        "pin": lambda: conflicts.pin(db(), ids, reason=reason, actor=who, now=at),
        "reopen": lambda: conflicts.reopen(db(), ids, actor=who, now=at),
        "ask": lambda: conflicts.ask(db(), ids, actor=who, now=at, base_url=base_url),
    }


def _tell(verb: str, done: conflicts.Done) -> None:
    n = len(done.moved)
    if n:
        said = {
            "confirm": ngettext("%(num)s finding is confirmed.", "%(num)s findings are confirmed.", n),
            "dismiss": ngettext("%(num)s finding is dismissed.", "%(num)s findings are dismissed.", n),
            "waive": ngettext("%(num)s finding is waived.", "%(num)s findings are waived.", n),
            "pin": ngettext("%(num)s finding is pinned.", "%(num)s findings are pinned.", n),
            "reopen": ngettext("%(num)s question is open again.", "%(num)s questions are open again.", n),
            "ask": ngettext("%(num)s question is on its way.", "%(num)s questions are on their way.", n),
        }
        flash(said[verb], "success")
    if done.asked:
        flash(_("%(n)s wait for a second coordinator.", n=len(done.asked)), "info")
    if done.seats:
        flash(ngettext("%(num)s seat was given up; the next in order is asked.",
                       "%(num)s seats were given up; the next in order are asked.", done.seats), "info")  # fmt: skip
    if done.passed_over:
        flash(_("%(n)s could not be decided like this and stay as they were.", n=done.passed_over), "warning")


def _place() -> tuple[str, str]:
    given = request.form if request.method == "POST" else request.args
    shelf, ground = given.get("show", "open"), given.get("kind", "")
    return shelf if shelf in queries.SHELVES else "open", ground if ground in grounds.BY_RULE else ""


def _page(call_id: str, error: str = "", chosen: list[str] | None = None) -> str:
    shelf, ground = _place()
    found = queries.triage(
        db(), call_id, actor=actor(), shelf=shelf, ground=ground, page=request.args.get("page", 1, type=int)
    )
    return render_template(
        "coordinator/conflicts.html",
        call=calls.head(db(), call_id, actor=actor()),
        found=found,
        challenges=filed.open_of(db(), call_id),
        shelf=shelf,
        kind=ground,
        error=error,
        chosen=frozenset(chosen or ()),
        reason=request.form.get("reason", ""),
        ground=grounds.label,
    )
