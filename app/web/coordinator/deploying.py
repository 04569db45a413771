"""A run comes to count, or is taken back: a checklist, who will be asked, and words typed by hand before either is done."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.errors import DomainError, Invalid
from app.i18n import gettext as _
from app.queries import calls, deploying, matching
from app.stages.matching import deployment
from app.web.access import access, actor, base_url, db, now
from app.web.coordinator import rounds
from app.web.coordinator.blueprint import blueprint
from app.web.coordinator.run_forms import DeployForm, WithdrawForm


@blueprint.get("/calls/<call_id>/matching/<run_id>/deploy")
@access("coordinator")
def matching_deploy(call_id: str, run_id: str) -> ResponseReturnValue:
    return _deploy(call_id, run_id, DeployForm())


@blueprint.post("/calls/<call_id>/matching/<run_id>/deploy")
@access("coordinator")
def matching_deployed(call_id: str, run_id: str) -> ResponseReturnValue:
    form = DeployForm()
    matching.run(db(), call_id, run_id, actor=actor())
    if form.validate_on_submit():
        try:
            if " ".join(str(form.typed.data).split()) != deploying.before(
                db(), run_id, actor=actor(), now=now(), base_url=base_url()
            ).typed:
                raise Invalid("deploy.typed", problems={"typed": "deploy.typed"})
            deployment.deploy(db(), run_id, actor=actor(), now=now())
        except DomainError as error:
            db().rollback()
            form.blame(error)
        else:
            flash(_("The panels stand. Next: invite the experts."), "success")
            return redirect(url_for("coordinator.matching_run", call_id=call_id, run_id=run_id), 303)
    return _deploy(call_id, run_id, form), 422


@blueprint.get("/calls/<call_id>/matching/<run_id>/withdraw")
@access("coordinator")
def matching_withdraw(call_id: str, run_id: str) -> ResponseReturnValue:
    return _withdraw(call_id, run_id, WithdrawForm())


@blueprint.post("/calls/<call_id>/matching/<run_id>/withdraw")
@access("coordinator")
def matching_withdrawn(call_id: str, run_id: str) -> ResponseReturnValue:
    form = WithdrawForm()
    run = matching.run(db(), call_id, run_id, actor=actor())
    if form.validate_on_submit():
        try:
            deployment.withdraw(db(), run_id, actor=actor(), now=now(), reason=str(form.reason.data))
        except DomainError as error:
            db().rollback()
            form.blame(error)
        else:
            flash(_("The run is withdrawn. It stays on record."), "success")
            return redirect(url_for("coordinator.matching", call_id=call_id, round=run.round), 303)
    return _withdraw(call_id, run_id, form), 422


def _deploy(call_id: str, run_id: str, form: DeployForm) -> str:
    run = matching.run(db(), call_id, run_id, actor=actor())
    return render_template(
        "coordinator/deploy.html",
        call=calls.head(db(), call_id, actor=actor()),
        rounds=rounds.shown(call_id, run.round),
        run=run,
        form=form,
        before=deploying.before(db(), run_id, actor=actor(), now=now(), base_url=base_url()),
    )


def _withdraw(call_id: str, run_id: str, form: WithdrawForm) -> str:
    run = matching.run(db(), call_id, run_id, actor=actor())
    return render_template(
        "coordinator/withdraw.html",
        call=calls.head(db(), call_id, actor=actor()),
        rounds=rounds.shown(call_id, run.round),
        run=run,
        form=form,
        asked=deploying.asked(db(), run_id, actor=actor()),
    )
