"""The public draw of a round's panels: freeze a list, commit, tell, read how it went, and take the file away."""

from __future__ import annotations

import io

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from app.errors import Invalid, WrongStage
from app.i18n import gettext
from app.queries import calls
from app.queries import draws as held
from app.stages.matching import drawing
from app.web.access import access, actor, db, now
from app.web.coordinator import rounds
from app.web.coordinator.blueprint import blueprint
from app.web.coordinator.board import kept_of
from app.web.errors import words
from app.workflow.declarations import DECLINE_REASONS
from reviewers.seat_types import SEAT_TYPES


@blueprint.get("/calls/<call_id>/draws", endpoint="matching_draws")
@access("coordinator", "auditor")
def list_draws(call_id: str) -> ResponseReturnValue:
    return _list(call_id)


@blueprint.post("/calls/<call_id>/draws")
@access("coordinator")
def matching_draws_freeze(call_id: str) -> ResponseReturnValue:
    run_id = request.form.get("run", "")
    try:
        row = drawing.freeze(db(), run_id, kept=kept_of(run_id), actor=actor(), now=now())
    except WrongStage as error:
        return _list(call_id, words(error.code, error.data)), 422
    flash(gettext("The list is fixed. Two coordinators now commit to a secret each."), "success")
    return redirect(url_for("coordinator.matching_draws_one", call_id=call_id, draw_id=row.public_id), 303)


@blueprint.get("/calls/<call_id>/draws/<draw_id>")
@access("coordinator", "auditor")
def matching_draws_one(call_id: str, draw_id: str) -> ResponseReturnValue:
    return _one(call_id, draw_id)


@blueprint.post("/calls/<call_id>/draws/<draw_id>/commit")
@access("coordinator")
def matching_draws_commit(call_id: str, draw_id: str) -> ResponseReturnValue:
    try:
        drawing.bind(db(), draw_id, secret=request.form.get("secret", ""), actor=actor(), now=now())
    except Invalid as error:
        return _one(call_id, draw_id, words(error.code, error.data)), 422
    return _back(call_id, draw_id, gettext("You are committed. Keep your secret until both have committed; it is stored nowhere."))


@blueprint.post("/calls/<call_id>/draws/<draw_id>/tell")
@access("coordinator")
def matching_draws_tell(call_id: str, draw_id: str) -> ResponseReturnValue:
    kept = kept_of(held.one(db(), call_id, draw_id, actor=actor()).base_id)
    try:
        row = drawing.tell(db(), draw_id, secret=request.form.get("secret", ""), kept=kept, actor=actor(), now=now())
    except Invalid as error:
        return _one(call_id, draw_id, words(error.code, error.data)), 422
    done = gettext("The panels are drawn, as a run of their own.")
    return _back(call_id, draw_id, done if row.drawn_at else gettext("Your secret is told; the other one is awaited."))


@blueprint.get("/calls/<call_id>/draws/<draw_id>.zip")
@access("coordinator", "auditor")
def matching_draws_file(call_id: str, draw_id: str) -> ResponseReturnValue:
    content = held.packed(db(), call_id, draw_id, actor=actor())
    return send_file(io.BytesIO(content), "application/zip", as_attachment=True, download_name=f"draw-{draw_id}.zip")


def _list(call_id: str, trouble: str = "") -> str:
    here = rounds.shown(call_id)
    return render_template(
        "coordinator/draws.html",
        call=calls.head(db(), call_id, actor=actor()),
        rounds=here,
        found=held.of_round(db(), call_id, actor=actor(), round_number=here.here.number),
        trouble=trouble,
    )


def _one(call_id: str, draw_id: str, trouble: str = "") -> str:
    draw = held.one(db(), call_id, draw_id, actor=actor())
    number = request.args.get("panel", 1, type=int)
    return render_template(
        "coordinator/draw.html",
        call=calls.head(db(), call_id, actor=actor()),
        rounds=rounds.shown(call_id, draw.round),
        draw=draw,
        panel=held.panel(db(), call_id, draw_id, number, actor=actor()) if draw.drawn_at else None,
        faults=held.faults(db(), call_id, draw_id, actor=actor()),
        trouble=trouble,
        SEAT_TYPES=SEAT_TYPES,
        DECLINE_REASONS=DECLINE_REASONS,
    )


def _back(call_id: str, draw_id: str, said: str) -> ResponseReturnValue:
    flash(said, "success")
    return redirect(url_for("coordinator.matching_draws_one", call_id=call_id, draw_id=draw_id), 303)
