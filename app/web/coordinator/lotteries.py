"""The borderline lottery of a round: open, commit, tell, and the record to take away."""

from __future__ import annotations

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import Invalid
from app.i18n import gettext
from app.queries import calls
from app.queries import lotteries as held
from app.stages import lotteries
from app.web.access import access, actor, db, now
from app.web.coordinator import rounds
from app.web.coordinator.blueprint import blueprint
from app.web.errors import words


@blueprint.get("/calls/<call_id>/lotteries", endpoint="lotteries")
@access("coordinator", "auditor")
def list_lotteries(call_id: str) -> ResponseReturnValue:
    return _page(call_id)


@blueprint.post("/calls/<call_id>/lotteries")
@access("coordinator")
def lotteries_open(call_id: str) -> ResponseReturnValue:
    chosen, reason = request.form.getlist("application"), request.form.get("reason", "")[:2000]
    try:
        lotteries.open_lottery(
            db(), call_id, chosen, reason=reason, actor=actor(), now=now(), round_number=rounds.asked()
        )
    except Invalid as error:
        return _page(call_id, words(error.code, error.data)), 422
    return _back(call_id, gettext("The list is fixed. Two coordinators now commit to a secret each."))


@blueprint.post("/calls/<call_id>/lotteries/<lottery_id>/commit")
@access("coordinator")
def lotteries_commit(call_id: str, lottery_id: str) -> ResponseReturnValue:
    try:
        lotteries.bind(db(), lottery_id, secret=request.form.get("secret", ""), actor=actor(), now=now())
    except Invalid as error:
        return _page(call_id, words(error.code, error.data)), 422
    return _back(call_id, gettext("You are committed. Keep your secret until both have committed; it is stored nowhere."))


@blueprint.post("/calls/<call_id>/lotteries/<lottery_id>/tell")
@access("coordinator")
def lotteries_tell(call_id: str, lottery_id: str) -> ResponseReturnValue:
    try:
        row = lotteries.tell(db(), lottery_id, secret=request.form.get("secret", ""), actor=actor(), now=now())
    except Invalid as error:
        return _page(call_id, words(error.code, error.data)), 422
    said = gettext("The order is drawn.") if row.drawn_at else gettext("Your secret is told; the other one is awaited.")
    return _back(call_id, said)


@blueprint.get("/calls/<call_id>/lotteries/<lottery_id>.json")
@access("coordinator", "auditor")
def lotteries_record(call_id: str, lottery_id: str) -> ResponseReturnValue:
    answer = jsonify(held.protocol(db(), lottery_id, actor=actor()))
    answer.headers["Content-Disposition"] = f"attachment; filename=lottery-{lottery_id}.json"
    return answer


def _page(call_id: str, trouble: str = "") -> str:
    here = rounds.shown(call_id)
    return render_template(
        "coordinator/lotteries.html",
        call=calls.head(db(), call_id, actor=actor()),
        rounds=here,
        found=held.of_round(db(), call_id, actor=actor(), round_number=here.here.number),
        trouble=trouble,
        reason=request.form.get("reason", "") if trouble else "",
    )


def _back(call_id: str, said: str) -> ResponseReturnValue:
    flash(said, "success")
    return redirect(url_for("coordinator.lotteries", call_id=call_id, round=rounds.asked()), 303)
