"""Matching: runs are ordered, watched, read panel by panel with their reasons, deployed or withdrawn."""

from __future__ import annotations

import io
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from app import exports
from app.documents.choices import INTERESTS
from app.documents.dossier import panel_slots
from app.errors import DomainError, NotFound
from app.exports.tables import MIME, write
from app.i18n import gettext as _
from app.queries import calls, evidence, run_dossiers, run_guards, run_panels, run_targets
from app.queries import matching as queries
from app.stages import matching
from app.stages.matching import mending
from app.web import charts
from app.web.access import access, actor, db, now
from app.web.coordinator import rounds
from app.web.coordinator.blueprint import blueprint
from app.web.coordinator.board import evidence_folders, kept_of
from app.web.coordinator.run_forms import RunForm
from app.web.forms import Form
from app.workflow import grounds
from reviewers.fields import all_fields
from reviewers.seat_types import SEAT_TYPES

SHOWS = ("all", "weak", "gaps")


@blueprint.get("/calls/<call_id>/matching", endpoint="matching")
@access("coordinator")
def runs(call_id: str) -> ResponseReturnValue:
    return _board(call_id, RunForm())


@blueprint.post("/calls/<call_id>/matching")
@access("coordinator")
def matching_order(call_id: str) -> ResponseReturnValue:
    form = RunForm()
    if form.validate_on_submit():
        try:
            run = matching.order(
                db(),
                call_id,
                actor=actor(),
                now=now(),
                seed=form.seed.data or None,
                round_number=rounds.asked(),
                refit=form.refit.data,
            )
        except DomainError as error:
            form.blame(error)
        else:
            flash(_("The run is ordered. A worker takes it up in a moment."), "success")
            return redirect(url_for("coordinator.matching_run", call_id=call_id, run_id=run.public_id), 303)
    return _board(call_id, form), 422


@blueprint.get("/calls/<call_id>/matching/<run_id>")
@access("coordinator")
def matching_run(call_id: str, run_id: str) -> ResponseReturnValue:
    run = queries.run(db(), call_id, run_id, actor=actor())
    show = request.args.get("show", "all")
    show = show if show in SHOWS else "all"
    page = queries.panels(db(), run_id, actor=actor(), show=show, page=request.args.get("page", 1, type=int))
    return render_template(
        "coordinator/run.html",
        call=_head(call_id),
        rounds=rounds.shown(call_id, run.round),
        run=run,
        page=page,
        show=show,
        loads=_loads(run.summary) if run.stored else "",
        means=_means(run_id) if run.stored else "",
        guards=run_guards.guards(db(), run_id, actor=actor()) if run.stored else None,
        batch=run_dossiers.of_run(db(), run_id, kept=kept_of(run_id), actor=actor()) if run.stored else None,
        ground=grounds.label,
        targets=run_targets.of_run(db(), run_id, actor=actor()),
        FIELDS=all_fields(),
    )


@blueprint.post("/calls/<call_id>/matching/<run_id>/mend/<int:place>")
@access("coordinator")
def matching_mend(call_id: str, run_id: str, place: int) -> ResponseReturnValue:
    queries.run(db(), call_id, run_id, actor=actor())
    run = mending.order(db(), run_id, place, actor=actor(), now=now())
    flash(_("A run with this change is ordered. The run before stays as it was."), "success")
    return redirect(url_for("coordinator.matching_run", call_id=call_id, run_id=run.public_id), 303)


@blueprint.get("/calls/<call_id>/matching/<run_id>/progress")
@access("coordinator")
def matching_progress(call_id: str, run_id: str) -> ResponseReturnValue:
    run = queries.run(db(), call_id, run_id, actor=actor())
    return render_template("coordinator/_run_progress.html", call_id=call_id, run=run)


@blueprint.post("/calls/<call_id>/matching/<run_id>/stop")
@access("coordinator")
def matching_stop(call_id: str, run_id: str) -> ResponseReturnValue:
    run = queries.run(db(), call_id, run_id, actor=actor())
    if not Form().validate_on_submit():
        return _board(call_id, RunForm()), 422
    matching.stop(db(), run_id, actor=actor(), now=now())
    flash(_("The run is stopped. Nothing of it is stored."), "success")
    return redirect(url_for("coordinator.matching", call_id=call_id, round=run.round), 303)


@blueprint.get("/calls/<call_id>/matching/<run_id>/panels/<int:number>")
@access("coordinator")
def matching_panel(call_id: str, run_id: str, number: int) -> ResponseReturnValue:
    run = queries.run(db(), call_id, run_id, actor=actor())
    return render_template(
        "coordinator/run_panel.html",
        call=_head(call_id),
        rounds=rounds.shown(call_id, run.round),
        run=run,
        panel=run_panels.detail(db(), run_id, number, actor=actor()),
        batch=run_dossiers.of_run(db(), run_id, kept=kept_of(run_id), actor=actor(), panel=number),
        ground=grounds.label,
        SEAT_TYPES=SEAT_TYPES,
        INTERESTS={choice.key: choice for choice in INTERESTS},
    )


@blueprint.get("/calls/<call_id>/matching/<run_id>/panels/<int:number>/experts/<expert_id>")
@access("coordinator")
def matching_evidence(call_id: str, run_id: str, number: int, expert_id: str) -> ResponseReturnValue:
    """Also of somebody who has no seat: a candidate on the board, or a person put on a seat by hand."""
    run = queries.run(db(), call_id, run_id, actor=actor())
    found = evidence.of_pair(db(), run_id, number, expert_id, **evidence_folders(), actor=actor())
    return render_template(
        "coordinator/evidence.html",
        call=_head(call_id),
        rounds=rounds.shown(call_id, run.round),
        run=run,
        found=found,
        slots={slot.code: slot for slot in panel_slots()},
    )


@blueprint.get("/calls/<call_id>/matching/<run_id>/panel-list.<kind>")
@access("coordinator")
def matching_export(call_id: str, run_id: str, kind: str) -> ResponseReturnValue:
    queries.run(db(), call_id, run_id, actor=actor())
    if kind not in exports.EXPORTS["panel_list"].formats:
        raise NotFound("not_found")
    table = exports.table(db(), "panel_list", run_id, actor=actor())
    content = io.BytesIO(write(table, kind))
    return send_file(content, mimetype=MIME[kind], as_attachment=True, download_name=f"{table.name}.{kind}")


def _head(call_id: str) -> calls.CallRow:
    return calls.head(db(), call_id, actor=actor())


def _board(call_id: str, form: RunForm) -> str:
    here = rounds.shown(call_id)
    board = queries.board(db(), call_id, actor=actor(), round_number=here.here.number)
    return render_template("coordinator/matching.html", call=_head(call_id), rounds=here, board=board, form=form)


def _loads(summary: Any) -> str:
    words = charts.Words(
        ident="loads",
        title=_("Experts by load"),
        desc=_("How many experts sit on how many panels of this run."),
        table=_("Show the numbers"),
        columns=(_("Panels of one expert"), _("Experts")),
    )
    loads = [("0", summary["unused"]), *summary["loads"].items()]
    return charts.bars(words, loads)


def _means(run_id: str) -> str:
    values = [row.mean for row in queries.panels(db(), run_id, actor=actor(), page=None).rows]
    words = charts.Words(
        ident="means",
        title=_("Panels by mean affinity"),
        desc=_("How many panels have which mean affinity over their seats."),
        table=_("Show the numbers"),
        columns=(_("Mean affinity"), _("Panels")),
    )
    return charts.histogram(words, values, [n / 10 for n in range(11)], decimals=1)
