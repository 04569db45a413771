"""The eligibility queue: findings in words, admitting alone or together, supplements, refusals by two persons."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.documents import dossier
from app.documents.form import SECTIONS, SLOTS
from app.errors import Invalid, WrongStage
from app.i18n import gettext as _
from app.queries import after_panels, applications, calls, journal, receipts, suggestions
from app.queries import eligibility as queries
from app.stages import eligibility
from app.web.access import access, actor, db, now
from app.web.coordinator.blueprint import blueprint
from app.web.downloads import hand_out
from app.web.errors import words
from app.web.reading import Paper, reading_page
from app.workflow import screening

CALL = "/calls/<call_id>/eligibility"
ONE = f"{CALL}/<application_id>"


@blueprint.get(CALL, endpoint="eligibility")
@access("coordinator")
def queue(call_id: str) -> ResponseReturnValue:
    return _queue_page(call_id)


@blueprint.post(f"{CALL}/screen", endpoint="eligibility_screen")
@access("coordinator")
def screen(call_id: str) -> ResponseReturnValue:
    """Run the rules on what has been filed and not been looked at; run twice, the second time does nothing."""
    waiting = queries.unscreened(db(), call_id, actor=actor())
    for application_id in waiting:
        eligibility.screen(db(), application_id, actor=actor(), now=now())
    flash(_("The rules have been run on %(n)s applications.", n=len(waiting)), "success")
    return redirect(url_for("coordinator.eligibility", call_id=call_id), 303)


@blueprint.post(f"{CALL}/admit", endpoint="eligibility_admit_all")
@access("coordinator")
def admit_all(call_id: str) -> ResponseReturnValue:
    chosen = request.form.getlist("chosen")
    if not chosen:
        return _queue_page(call_id, error=words("eligibility.nothing_chosen")), 422
    done = eligibility.admit_all(db(), chosen, actor=actor(), now=now())
    flash(_("%(n)s of %(total)s admitted.", n=len(done.admitted), total=len(chosen)), "success" if done.admitted else "warning")
    for number, code in done.left:
        flash(f"{number}: {words(code, {'rules': ''})}", "warning")
    return redirect(url_for("coordinator.eligibility", call_id=call_id), 303)


@blueprint.get(ONE, endpoint="eligibility_application")
@access("coordinator")
def application(call_id: str, application_id: str) -> ResponseReturnValue:
    return _page(call_id, application_id)


@blueprint.get(f"{ONE}/files/<file_id>", endpoint="eligibility_file")
@access("coordinator")
def file(call_id: str, application_id: str, file_id: str) -> ResponseReturnValue:
    queries.case(db(), call_id, application_id, actor=actor())
    found = applications.file(db(), application_id, file_id, actor=actor())
    return hand_out(found.sha256, name=found.name, kind=found.kind)


@blueprint.get(f"{ONE}/files/<file_id>/read", endpoint="eligibility_read_file")
@access("coordinator")
def read_file(call_id: str, application_id: str, file_id: str) -> ResponseReturnValue:
    case = queries.case(db(), call_id, application_id, actor=actor())
    found = applications.file(db(), application_id, file_id, actor=actor())
    at = {"call_id": call_id, "application_id": application_id}
    file_url = url_for("coordinator.eligibility_file", file_id=file_id, **at)
    paper = Paper(found.name, found.kind, found.sha256, found.language, file_url)
    return reading_page(paper, title=case.row.number, back_url=_url(call_id, application_id))


@blueprint.post(f"{ONE}/admit", endpoint="eligibility_admit")
@access("coordinator")
def admit(call_id: str, application_id: str) -> ResponseReturnValue:
    try:
        eligibility.admit(db(), application_id, actor=actor(), now=now())
    except WrongStage as refused:
        return _page(call_id, application_id, error=words(refused.code, refused.data)), 409
    flash(_("Admitted. The applicant is told by mail."), "success")
    return redirect(url_for("coordinator.eligibility", call_id=call_id), 303)


@blueprint.post(f"{ONE}/findings/<rule>", endpoint="eligibility_settle")
@access("coordinator")
def settle(call_id: str, application_id: str, rule: str) -> ResponseReturnValue:
    result, note = request.form.get("result", ""), request.form.get("note", "")[:2000]
    try:
        eligibility.settle(db(), application_id, rule, result=result, note=note, actor=actor(), now=now())
    except Invalid as refused:
        return _page(call_id, application_id, error=f"{rule}: {_first(refused)}", at=rule), 422
    flash(_("%(rule)s is settled.", rule=rule), "success")
    return redirect(_url(call_id, application_id) + f"#{rule}", 303)


@blueprint.post(f"{ONE}/supplement", endpoint="eligibility_supplement")
@access("coordinator")
def supplement(call_id: str, application_id: str) -> ResponseReturnValue:
    items, reason = request.form.getlist("items"), request.form.get("reason", "")[:4000]
    try:
        asked = eligibility.ask_supplement(db(), application_id, items=items, reason=reason, actor=actor(), now=now())
    except (Invalid, WrongStage) as refused:
        return _page(call_id, application_id, error=_first(refused), at="supplement"), 422
    flash(_("The supplement is asked for: %(n)s items. The applicant is told by mail.", n=len(asked.items)), "success")
    return redirect(url_for("coordinator.eligibility", call_id=call_id), 303)


@blueprint.post(f"{ONE}/refuse", endpoint="eligibility_refuse")
@access("coordinator")
def refuse(call_id: str, application_id: str) -> ResponseReturnValue:
    """The first coordinator asks, with the text; the second confirms it."""
    text_ko, text_en = request.form.get("text_ko", "")[:5000], request.form.get("text_en", "")[:5000]
    try:
        done = eligibility.refuse(db(), application_id, text_ko=text_ko, text_en=text_en, actor=actor(), now=now())
    except (Invalid, WrongStage) as refused:
        return _page(call_id, application_id, error=_first(refused), at="refuse"), 422
    if done:
        flash(_("Refused. The applicant is told by mail, with the reasons and until when to object."), "success")
        return redirect(url_for("coordinator.eligibility", call_id=call_id), 303)
    flash(_("Asked for. Another coordinator must confirm the refusal."), "info")
    return redirect(_url(call_id, application_id), 303)


@blueprint.post(f"{ONE}/pending/refuse", endpoint="eligibility_keep")
@access("coordinator")
def keep(call_id: str, application_id: str) -> ResponseReturnValue:
    eligibility.refuse_pending(db(), application_id, actor=actor(), now=now())
    flash(_("The refusal request is withdrawn; the application stays in the check."), "success")
    return redirect(_url(call_id, application_id), 303)


def _queue_page(call_id: str, *, error: str = "") -> str:
    shelf = request.args.get("show", "open")
    shelf = shelf if shelf in queries.SHELVES else "open"
    rule = request.args.get("rule", "")
    rule = rule if rule in screening.RULES else ""
    page = request.args.get("page", 1, type=int)
    found = queries.queue(db(), call_id, actor=actor(), shelf=shelf, rule=rule, page=page)
    return render_template(
        "coordinator/eligibility.html",
        call=calls.head(db(), call_id, actor=actor()),
        queue=found,
        shelf=shelf,
        rule=rule,
        RULES=screening.RULES,
        error=error,
        here=now(),
    )


def _page(call_id: str, application_id: str, *, error: str = "", at: str = "") -> str:
    """One application; after a refusal with what was typed, in the part `at` it was typed in."""
    case = queries.case(db(), call_id, application_id, actor=actor())
    return render_template(
        "coordinator/eligibility_application.html",
        call=calls.head(db(), call_id, actor=actor()),
        case=case,
        row=case.row,
        re_review=next((r for r in after_panels.re_reviews(db(), call_id, actor=actor()) if r.public_id == application_id), None),
        filing=next((r for r in receipts.of_subject(db(), application_id, actor=actor()) if r.version == case.version), None),
        suggestion=suggestions.of_filed(db(), application_id, actor=actor(), now=now()),
        story=journal.story(db(), actor(), application_id),
        item_label=dossier.label,
        sections=SECTIONS,
        slots=[slot for slot in SLOTS if slot.code != "D01"],
        typed=request.form,
        chosen=request.form.getlist("items") or case.missing,
        error=error,
        at=at,
    )


def _first(refused: Invalid | WrongStage) -> str:
    problems = refused.problems if isinstance(refused, Invalid) else {}
    return words(next(iter(problems.values()), refused.code), refused.data)


def _url(call_id: str, application_id: str) -> str:
    return url_for("coordinator.eligibility_application", call_id=call_id, application_id=application_id)
