"""Calling the committee together on applications whose notice is over; what it deferred; what it decided."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.clock import today_kst
from app.errors import Invalid
from app.i18n import gettext
from app.queries import after_panels, calls, meetings
from app.stages import designation
from app.web.access import access, actor, db, now
from app.web.coordinator.blueprint import blueprint
from app.web.coordinator.refusing import NOTHING, Refused, attempt
from app.workflow.wordlists import COMMITTEE_OUTCOMES


@blueprint.get("/calls/<call_id>/committee", endpoint="committee")
@access("coordinator")
def call_committee(call_id: str) -> ResponseReturnValue:
    return _page(call_id, NOTHING)


@blueprint.post("/calls/<call_id>/committee")
@access("coordinator")
def committee_convene(call_id: str) -> ResponseReturnValue:
    def convene() -> object:
        return designation.convene(
            db(),
            call_id,
            held_on=_day(request.form.get("held_on", "")),
            application_ids=request.form.getlist("application"),
            actor=actor(),
            now=now(),
        )

    return _try(call_id, "convene", convene, gettext("The meeting is called. The members see it in their list."))


@blueprint.post("/calls/<call_id>/committee/<application_id>/resume")
@access("coordinator")
def committee_resume(call_id: str, application_id: str) -> ResponseReturnValue:
    def resume() -> object:
        reason = request.form.get("reason", "")
        return designation.resume_deliberation(db(), application_id, reason=reason, actor=actor(), now=now())

    return _try(call_id, application_id, resume, gettext("Back before the committee: it goes into the next meeting."))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("pilot.date_missing", problems={"held_on": "pilot.date_missing"}) from None


def _try(call_id: str, about: str, verb: Any, said: str) -> ResponseReturnValue:
    back = url_for("coordinator.committee", call_id=call_id)
    return attempt(verb, about=about, said=said, back=back, page=lambda refused: _page(call_id, refused))


def _page(call_id: str, refused: Refused) -> str:
    before = after_panels.rows(db(), call_id, ("committee_deliberation",), actor=actor())
    return render_template(
        "coordinator/committee.html",
        call=calls.head(db(), call_id, actor=actor()),
        ready=[r for r in before if not r.on_agenda],
        deferred=after_panels.rows(db(), call_id, ("deferred",), actor=actor()),
        meetings=meetings.of_call(db(), call_id, actor=actor()),
        OUTCOMES=COMMITTEE_OUTCOMES,
        refused=refused,
        today=today_kst(now()),
    )
