"""Runs side by side: what each comes to, and where they seat different people."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.queries import calls, run_comparison
from app.web import charts
from app.web.access import access, actor, db
from app.web.coordinator import rounds
from app.web.coordinator.blueprint import blueprint
from app.web.coordinator.board import signed
from app.workflow.rule_labels.words import SECTORS
from reviewers.seat_types import SEAT_TYPES


@blueprint.get("/calls/<call_id>/matching/compare")
@access("coordinator")
def matching_compare(call_id: str) -> ResponseReturnValue:
    here = rounds.shown(call_id)
    return render_template(
        "coordinator/compare.html",
        call=calls.head(db(), call_id, actor=actor()),
        rounds=here,
        found=run_comparison.compare(
            db(), call_id, request.args.getlist("run"), actor=actor(), round_number=here.here.number
        ),
        MOST=run_comparison.MOST,
        gini=charts.gini,
        signed=signed,
        SEAT_TYPES=SEAT_TYPES,
        SECTORS=SECTORS,
    )
