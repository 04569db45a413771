"""From the passed fitness review to the committee: the public notice, its objections, and the applicants' objections."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import NotFound
from app.i18n import gettext
from app.queries import after_panels, calls
from app.queries import notices as queries
from app.stages import fitness, notice
from app.web.access import access, actor, base_url, db, now
from app.web.coordinator.blueprint import blueprint
from app.web.coordinator.refusing import NOTHING, Refused, attempt
from app.workflow.wordlists import ANSWERS, APPLICANT_GROUNDS, NOTICE_GROUNDS


@blueprint.get("/calls/<call_id>/notices", endpoint="notices")
@access("coordinator")
def call_notices(call_id: str) -> ResponseReturnValue:
    return _page(call_id, NOTHING)


@blueprint.post("/calls/<call_id>/notices")
@access("coordinator")
def notices_publish(call_id: str) -> ResponseReturnValue:
    chosen = request.form.getlist("application")
    return _try(
        call_id,
        "publish",
        lambda by: notice.publish(db(), call_id, chosen, **by),
        lambda made: gettext("Notice no. %(n)s is published.", n=made.number),
    )


@blueprint.post("/calls/<call_id>/notices/<application_id>/<move>")
@access("coordinator")
def notices_move(call_id: str, application_id: str, move: str) -> ResponseReturnValue:
    """Send on to the committee, send back after an upheld objection, or refuse after the fitness review."""
    reason = request.form.get("reason", "")
    moves: dict[str, Callable[[Any], object]] = {
        "committee": lambda by: notice.to_committee(db(), application_id, **by),
        "reopen": lambda by: notice.reopen(db(), application_id, reason=reason, base_url=base_url(), **by),
        "reject": lambda by: fitness.reject(db(), application_id, reason=reason, base_url=base_url(), **by),
        "refuse": lambda by: notice.refuse_reopening(db(), application_id, **by),
    }
    if move not in moves:
        raise NotFound("not_found")
    return _try(call_id, application_id, moves[move], _said)


@blueprint.post("/calls/<call_id>/objections/<objection_id>/<move>")
@access("coordinator")
def notices_objection(call_id: str, objection_id: str, move: str) -> ResponseReturnValue:
    text = request.form.get("text", "")
    moves: dict[str, Callable[[Any], object]] = {
        "admit": lambda by: notice.admit(db(), objection_id, **by),
        "extend": lambda by: notice.extend(db(), objection_id, reason=text, **by),
        "inadmissible": lambda by: notice.answer(db(), objection_id, outcome="inadmissible", text=text, **by),
        "answer": lambda by: notice.answer(db(), objection_id, outcome=request.form.get("outcome", ""), text=text, **by),
    }
    if move not in moves:
        raise NotFound("not_found")
    return _try(call_id, objection_id, moves[move], _said)


def _said(done: Any) -> str:
    waits = getattr(done, "moved", True) is False
    return gettext("Asked. A second coordinator confirms it.") if waits else gettext("Done.")


def _try(call_id: str, about: str, verb: Callable[[Any], object], said: Callable[[Any], str]) -> ResponseReturnValue:
    by: dict[str, Any] = {"actor": actor(), "now": now()}
    back = url_for("coordinator.notices", call_id=call_id)
    return attempt(lambda: verb(by), about=about, said=said, back=back, page=lambda refused: _page(call_id, refused))


def _page(call_id: str, refused: Refused) -> str:
    at: datetime = now()
    found = after_panels.rows(db(), call_id, ("fitness_review", "fitness_returned"), actor=actor())
    return render_template(
        "coordinator/notices.html",
        call=calls.head(db(), call_id, actor=actor()),
        ready=[r for r in found if r.status == "fitness_review" and r.fitness == "passed" and r.pending is None],
        fitness=[r for r in found if r.status != "fitness_review" or r.fitness != "passed" or r.pending is not None],
        running=after_panels.rows(db(), call_id, ("public_notice",), actor=actor()),
        re_reviews=after_panels.re_reviews(db(), call_id, actor=actor()),
        reopenable=[r for r in after_panels.rows(db(), call_id, ("rejected", "ineligible"), actor=actor()) if r.upheld],
        objections=after_panels.objections(db(), call_id, actor=actor()),
        editions=queries.of_call(db(), call_id, actor=actor()),
        GROUNDS=NOTICE_GROUNDS | APPLICANT_GROUNDS,
        ANSWERS=ANSWERS,
        refused=refused,
        here=at,
        days=calls.head(db(), call_id, actor=actor()).rules.notice_days,
    )
