"""Setting up a call: the list of calls with what is owed next, one call's rules with their history."""

from __future__ import annotations

from datetime import datetime

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.clock import KST
from app.errors import DomainError, Invalid
from app.i18n import gettext
from app.queries import calls, designation_requests
from app.stages import calls as stage
from app.web.access import access, actor, db, now
from app.web.coordinator import call_form
from app.web.coordinator.blueprint import blueprint
from app.web.coordinator.call_form import CallForm
from app.web.errors import words
from app.workflow import rule_labels, screening
from app.workflow.rules import Rules


@blueprint.get("/")
@access("coordinator")
def home() -> ResponseReturnValue:
    rows = calls.every(db(), actor=actor())
    steps = {row.public_id: row.next_step(now()) for row in rows}
    return render_template(
        "coordinator/calls.html",
        calls=rows,
        steps=steps,
        urls={key: _url(step, key) for key, step in steps.items()},
        can_create="coordinator.new_call" in current_app.view_functions,
        requests=designation_requests.to_decide(db(), actor=actor()),
    )


@blueprint.get("/calls/<call_id>")
@access("coordinator")
def call(call_id: str) -> ResponseReturnValue:
    row = calls.head(db(), call_id, actor=actor())
    step = row.next_step(now())
    return render_template(
        "coordinator/call.html",
        call=row,
        step=step,
        step_url=_url(step, call_id),
        changes=calls.changes(db(), call_id, actor=actor()),
        extensions=calls.extensions_of(db(), call_id, actor=actor()),
        groups=rule_labels.GROUPS,
        RULE=rule_labels.RULE,
        RULES=screening.RULES,
    )


@blueprint.get("/new")
@access("coordinator")
def new_call() -> ResponseReturnValue:
    return _form(call_form.blank(now()))


@blueprint.post("/new")
@access("coordinator")
def new_call_post() -> ResponseReturnValue:
    form = call_form.read(request.form, Rules())
    if not form.problems:
        try:
            made = stage.create(
                db(),
                code=form.code,
                title_ko=form.title_ko,
                title_en=form.title_en,
                rules=form.rules,
                opens_at=form.moment("opens_at"),
                closes_at=form.moment("closes_at"),
                rubric=form.rubric,
                actor=actor(),
                now=now(),
            )
            db().flush()
            flash(gettext("The call is a draft. Check its rules, then open it."), "success")
            return redirect(url_for("coordinator.call", call_id=made.public_id), 303)
        except DomainError as error:
            return _form(form, error), 422
    return _form(form), 422


@blueprint.get("/calls/<call_id>/edit")
@access("coordinator")
def call_edit(call_id: str) -> ResponseReturnValue:
    row = calls.head(db(), call_id, actor=actor())
    return _form(call_form.of(row), base=row.version)


@blueprint.post("/calls/<call_id>/edit")
@access("coordinator")
def call_edit_post(call_id: str) -> ResponseReturnValue:
    row = calls.head(db(), call_id, actor=actor())
    form, base = call_form.read(request.form, row.rules), request.form.get("base", 0, type=int)
    if not form.problems:
        try:
            stage.edit(
                db(),
                call_id,
                title_ko=form.title_ko,
                title_en=form.title_en,
                rules=form.rules,
                opens_at=form.moment("opens_at"),
                closes_at=form.moment("closes_at"),
                rubric=form.rubric,
                reason=form.reason,
                base=base,
                actor=actor(),
                now=now(),
            )
            flash(gettext("The draft is saved."), "success")
            return redirect(url_for("coordinator.call", call_id=call_id), 303)
        except DomainError as error:
            return _form(form, error, base=base), 422
    return _form(form, base=base), 422


@blueprint.post("/calls/<call_id>/open")
@access("coordinator")
def call_open(call_id: str) -> ResponseReturnValue:
    stage.open_call(db(), call_id, actor=actor(), now=now())
    return _done(call_id, gettext("The call is open; companies can apply until it closes."))


@blueprint.post("/calls/<call_id>/draft")
@access("coordinator")
def call_draft(call_id: str) -> ResponseReturnValue:
    stage.reopen_draft(db(), call_id, actor=actor(), now=now())
    return _done(call_id, gettext("The call is a draft again."))


@blueprint.post("/calls/<call_id>/close")
@access("coordinator")
def call_close(call_id: str) -> ResponseReturnValue:
    n = stage.close_call(db(), call_id, actor=actor(), now=now())
    return _done(call_id, gettext("The call is closed; %(n)s dossiers go to the eligibility check.") % {"n": n})


@blueprint.post("/calls/<call_id>/extend")
@access("coordinator")
def call_extend(call_id: str) -> ResponseReturnValue:
    try:
        until = datetime.fromisoformat(request.form.get("closes_at", "")).replace(tzinfo=KST)
    except ValueError as error:
        raise Invalid("call.invalid", problems={"closes_at": "call.not_a_moment"}) from error
    n = stage.extend(db(), call_id, closes_at=until, reason=request.form.get("reason", ""), actor=actor(), now=now())
    return _done(call_id, gettext("The closing is extended for everybody; %(n)s applicants are notified.") % {"n": n})


def _done(call_id: str, said: str) -> ResponseReturnValue:
    flash(said, "success")
    return redirect(url_for("coordinator.call", call_id=call_id), 303)


def _form(form: CallForm, error: DomainError | None = None, *, base: int | None = None) -> str:
    if isinstance(error, Invalid):
        form.problems.update(error.problems)
    names = {
        "code": gettext("Code of the call"),
        "title_ko": gettext("Title in Korean"),
        "opens_at": gettext("Applications from (Korean time)"),
        "closes_at": gettext("Applications until (Korean time)"),
        "rubric": gettext("Rubric"),
    }
    return render_template(
        "coordinator/call_form.html",
        form=form,
        heading=gettext("Create a call") if base is None else gettext("Edit the draft"),
        extra=[words(error.code, error.data)] if error and not form.problems else [],
        base=base,
        names=names,
        groups=rule_labels.GROUPS,
        RULE=rule_labels.RULE,
        RULES=screening.RULES,
        QUOTAS=call_form.QUOTAS,
    )


def _url(step: calls.Step, call_id: str) -> str:
    """The page that does the next step; the call's own page while that chapter is not there."""
    known = step.endpoint if step.endpoint in current_app.view_functions else "coordinator.call"
    return url_for(known, call_id=call_id, round=step.round)
