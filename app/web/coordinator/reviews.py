"""Scoring as it goes, its results, and what follows from them: deliberation, fitness review, refusal."""

from __future__ import annotations

import io
from collections.abc import Sequence

from flask import current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app import exports
from app.documents import photographs
from app.errors import Invalid, NotFound
from app.exports.tables import MIME, write
from app.i18n import gettext, ngettext
from app.queries import calls, progress, results
from app.queries.results import Ranking, RankRow
from app.stages import calibration, deliberation, scoresheets
from app.web import charts, papers, score_pictures
from app.web.access import access, actor, db, now
from app.web.coordinator import inspecting, rounds
from app.web.coordinator.blueprint import blueprint
from app.web.errors import words
from app.workflow import inspections
from scoring.rubric import load

OUTCOMES = ("recommended", "not_recommended", "quorum_missing")


@blueprint.get("/calls/<call_id>/scoring", endpoint="scoring")
@access("coordinator")
def follow_scoring(call_id: str) -> ResponseReturnValue:
    only = request.args.get("only", "")
    here = rounds.shown(call_id)
    page, number = request.args.get("page", 1, type=int), here.here.number
    found = progress.of(db(), call_id, actor=actor(), page=page, only=only, round_number=number)
    head = calls.head(db(), call_id, actor=actor())
    return render_template("coordinator/scoring.html", call=head, rounds=here, found=found, only=only)


@blueprint.post("/calls/<call_id>/scoring/calibrate")
@access("coordinator")
def scoring_calibrate(call_id: str) -> ResponseReturnValue:
    run, new = calibration.calibrate_round(db(), call_id, actor=actor(), now=now(), round_number=rounds.asked())
    flash(
        gettext("Results computed, run %(n)s.") % {"n": run.number}
        if new
        else gettext("Nothing changed since run %(n)s; its results stand.") % {"n": run.number},
        "success",
    )
    return redirect(url_for("coordinator.results", call_id=call_id, round=rounds.asked()), 303)


@blueprint.post("/calls/<call_id>/scoring/sheets/<sheet_id>/reopen")
@access("coordinator")
def scoring_reopen(call_id: str, sheet_id: str) -> ResponseReturnValue:
    scoresheets.reopen(db(), sheet_id, reason=request.form.get("reason", ""), actor=actor(), now=now(), base_url=_base())
    flash(gettext("The sheet is open again for its author; the earlier marks stay on record."), "success")
    return redirect(url_for("coordinator.scoring", call_id=call_id, round=rounds.asked()), 303)


@blueprint.post("/calls/<call_id>/scoring/remind")
@access("coordinator")
def scoring_remind(call_id: str) -> ResponseReturnValue:
    n = scoresheets.remind_open(db(), call_id, actor=actor(), now=now(), base_url=_base(), round_number=rounds.asked())
    flash(ngettext("%(num)s panellist is reminded.", "%(num)s panellists are reminded.", n), "success")
    return redirect(url_for("coordinator.scoring", call_id=call_id, round=rounds.asked()), 303)


@blueprint.get("/calls/<call_id>/results", endpoint="results")
@access("coordinator")
def list_results(call_id: str) -> ResponseReturnValue:
    outcome = request.args.get("outcome", "")
    here = rounds.shown(call_id)
    page, number = request.args.get("page", 1, type=int), here.here.number
    found = results.ranking(db(), call_id, actor=actor(), outcome=outcome, page=page, round_number=number)
    return render_template(
        "coordinator/results.html",
        call=calls.head(db(), call_id, actor=actor()),
        rounds=here,
        found=found,
        chosen=outcome,
        OUTCOMES=OUTCOMES,
        chart=_chart(found),
        rubric=load(found.run.rubric) if found.run else None,
    )


@blueprint.get("/calls/<call_id>/results/score-table.<kind>")
@access("coordinator")
def results_export(call_id: str, kind: str) -> ResponseReturnValue:
    if kind not in exports.EXPORTS["score_table"].formats:
        raise NotFound("not_found")
    here = rounds.shown(call_id).here
    table = exports.table(db(), "score_table", here.public_id, actor=actor())
    return send_file(io.BytesIO(write(table, kind)), mimetype=MIME[kind], as_attachment=True, download_name=f"{table.name}.{kind}")


@blueprint.get("/calls/<call_id>/results/<application_id>", endpoint="results_one")
@access("coordinator")
def one_result(call_id: str, application_id: str) -> ResponseReturnValue:
    return show_result(call_id, application_id)


@blueprint.post("/calls/<call_id>/results/<application_id>/inspect")
@access("coordinator")
def results_inspect(call_id: str, application_id: str) -> ResponseReturnValue:
    """The record of an interview or a site check; going on is a button of its own."""
    try:
        deliberation.inspect(db(), application_id, inspecting.sent(), actor=actor(), now=now())
    except Invalid as error:
        problems = {name: words(code, error.data) for name, code in error.problems.items()}
        return show_result(call_id, application_id, problems), 422
    return _result(call_id, application_id, gettext("The record is kept."))


@blueprint.get("/calls/<call_id>/results/<application_id>/minutes.<language>.pdf")
@access("coordinator", "auditor")
def results_minutes(call_id: str, application_id: str, language: str) -> ResponseReturnValue:
    results.one(db(), call_id, application_id, actor=actor(), round_number=rounds.asked())
    return papers.hand_minutes(application_id, language)


@blueprint.post("/calls/<call_id>/results/<application_id>/convene")
@access("coordinator")
def results_convene(call_id: str, application_id: str) -> ResponseReturnValue:
    deliberation.convene(db(), application_id, actor=actor(), now=now())
    return _result(call_id, application_id, gettext("The dossier goes on; the panel sees it among its tasks."))


@blueprint.post("/calls/<call_id>/results/convene")
@access("coordinator")
def results_convene_all(call_id: str) -> ResponseReturnValue:
    """All of the chosen dossiers or, when one may not go on, none: the page says which rule stopped it."""
    chosen = request.form.getlist("application")
    for application_id in chosen:
        deliberation.convene(db(), application_id, actor=actor(), now=now())
    if chosen:
        flash(gettext("%(n)s dossiers go to the panel's deliberation.") % {"n": len(chosen)}, "success")
    else:
        flash(gettext("Choose at least one dossier."), "warning")
    return redirect(url_for("coordinator.results", call_id=call_id, round=rounds.asked()), 303)


@blueprint.post("/calls/<call_id>/results/<application_id>/fitness")
@access("coordinator")
def results_to_fitness(call_id: str, application_id: str) -> ResponseReturnValue:
    deliberation.to_fitness(db(), application_id, actor=actor(), now=now())
    return _result(call_id, application_id, gettext("Sent to the procurement service for its fitness review."))


@blueprint.post("/calls/<call_id>/results/<application_id>/reject")
@access("coordinator")
def results_reject(call_id: str, application_id: str) -> ResponseReturnValue:
    outcome = deliberation.reject(
        db(), application_id, reason=request.form.get("reason", ""), actor=actor(), now=now(), base_url=_base()
    )
    return _result(
        call_id,
        application_id,
        gettext("Refused; the letter with reasons and remedy is on its way.")
        if outcome.moved
        else gettext("The refusal is noted; a second coordinator must confirm it."),
    )


@blueprint.post("/calls/<call_id>/results/<application_id>/reject/refuse")
@access("coordinator")
def results_keep(call_id: str, application_id: str) -> ResponseReturnValue:
    deliberation.refuse_rejection(db(), application_id, actor=actor(), now=now())
    return _result(call_id, application_id, gettext("The refusal request is withdrawn."))


def show_result(call_id: str, application_id: str, problems: dict[str, str] | None = None) -> str:
    view = results.one(db(), call_id, application_id, actor=actor(), round_number=rounds.asked())
    rubric = load(view.rubric_key)
    return render_template(
        "coordinator/result.html",
        call=calls.head(db(), call_id, actor=actor()),
        rounds=rounds.shown(call_id, view.round),
        view=view,
        rubric=rubric,
        profile=score_pictures.profile(rubric, view.row.criteria),
        problems=problems or {},
        sent=request.form if problems else {},
        inspections=inspections,
        accept=photographs.ACCEPT,
        photo_url=lambda photo, size: url_for(
            "coordinator.photo", call_id=call_id, application_id=application_id, photo_id=photo, size=size
        ),
    )


def _result(call_id: str, application_id: str, said: str) -> ResponseReturnValue:
    flash(said, "success")
    return redirect(url_for("coordinator.results_one", call_id=call_id, application_id=application_id), 303)


def _chart(found: Ranking) -> Markup:
    """Each dossier's value with its interval, and the pass mark across."""
    items = [item for row in found.rows if (item := _interval(row))]
    if not items:
        return Markup("")
    names = charts.Words(
        "ranking",
        gettext("Totals and the pass mark"),
        gettext("A hollow dot: the interval contains the pass mark."),
        gettext("Show the numbers"),
        (gettext("Dossier"), gettext("Total"), gettext("From"), gettext("Up to")),
    )
    return charts.intervals(names, items, pass_at=float(found.pass_mark), pass_label=gettext("pass mark"), axis=_axis(items))


def _interval(row: RankRow) -> charts.Interval | None:
    return charts.Interval(row.label, *row.interval) if row.interval else None


def _axis(items: Sequence[charts.Interval]) -> tuple[float, float]:
    return max(0.0, min(i.low for i in items) - 2), min(100.0, max(i.high for i in items) + 2)


def _base() -> str:
    return str(current_app.extensions["ppir"].config.base_url)
