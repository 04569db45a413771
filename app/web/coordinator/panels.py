"""Panels of a call: inviting, answers and replacements, duties, and the start of scoring."""

from __future__ import annotations

from datetime import date

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.clock import end_of_day_kst
from app.errors import Invalid
from app.i18n import gettext, ngettext
from app.queries import calls, panels
from app.stages import challenges, invitations
from app.stages import panels as stage
from app.web.access import access, actor, db, now
from app.web.coordinator import rounds
from app.web.coordinator.blueprint import blueprint
from app.web.errors import words
from app.workflow.declarations import GROUNDS
from reviewers.seat_types import SEAT_TYPES

STATES = {
    "gaps": ("결원 있음", "Seats empty"),
    "to_invite": ("위촉 요청 전", "To invite"),
    "answering": ("답변 대기", "Waiting for answers"),
    "ready": ("시작 가능", "Ready to start"),
    "at_work": ("평가 중", "Scoring"),
    "closed": ("종료", "Closed"),
}
DUTIES = {"chair": ("위원장", "Chair"), "rapporteur": ("간사위원", "Rapporteur"), "member": ("위원", "Member")}


@blueprint.get("/calls/<call_id>/panels", endpoint="panels")
@access("coordinator")
def list_panels(call_id: str) -> ResponseReturnValue:
    state = request.args.get("state", "")
    here = rounds.shown(call_id)
    page, number = request.args.get("page", 1, type=int), here.here.number
    found = panels.overview(db(), call_id, actor=actor(), state=state, page=page, round_number=number)
    return render_template(
        "coordinator/panels.html",
        call=calls.head(db(), call_id, actor=actor()),
        rounds=here,
        found=found,
        chosen=state,
        STATES=STATES,
    )


@blueprint.post("/calls/<call_id>/panels/invite")
@access("coordinator")
def panels_invite(call_id: str) -> ResponseReturnValue:
    n = invitations.send(db(), call_id, actor=actor(), now=now(), round_number=rounds.asked())
    flash(ngettext("%(num)s expert is being invited.", "%(num)s experts are being invited.", n), "success")
    return redirect(url_for("coordinator.panels", call_id=call_id, round=rounds.asked()), 303)


@blueprint.post("/calls/<call_id>/panels/remind")
@access("coordinator")
def panels_remind(call_id: str) -> ResponseReturnValue:
    n = invitations.remind_unanswered(
        db(), call_id, actor=actor(), now=now(), base_url=_base(), round_number=rounds.asked()
    )
    flash(ngettext("%(num)s reminder is on its way.", "%(num)s reminders are on their way.", n), "success")
    return redirect(url_for("coordinator.panels", call_id=call_id, round=rounds.asked()), 303)


@blueprint.post("/calls/<call_id>/panels/start")
@access("coordinator")
def panels_start(call_id: str) -> ResponseReturnValue:
    n = stage.start_all_full(db(), call_id, actor=actor(), now=now(), round_number=rounds.asked())
    flash(ngettext("%(num)s panel has started.", "%(num)s panels have started.", n), "success")
    return redirect(url_for("coordinator.panels", call_id=call_id, round=rounds.asked()), 303)


@blueprint.post("/calls/<call_id>/panels/extend")
@access("coordinator")
def panels_extend(call_id: str) -> ResponseReturnValue:
    try:
        until = end_of_day_kst(date.fromisoformat(request.form.get("until", "")))
    except ValueError:
        flash(gettext("Enter the last day of scoring."), "error")
        return redirect(url_for("coordinator.panels", call_id=call_id, round=rounds.asked()), 303)
    stage.extend_scoring(db(), call_id, until, actor=actor(), now=now(), round_number=rounds.asked())
    flash(gettext("The end of scoring is moved for everybody."), "success")
    return redirect(url_for("coordinator.panels", call_id=call_id, round=rounds.asked()), 303)


@blueprint.get("/calls/<call_id>/panels/<panel_id>", endpoint="panels_one")
@access("coordinator")
def one_panel(call_id: str, panel_id: str) -> ResponseReturnValue:
    view = panels.one(db(), call_id, panel_id, actor=actor())
    return render_template(
        "coordinator/panel.html",
        call=calls.head(db(), call_id, actor=actor()),
        rounds=rounds.shown(call_id, view.round),
        view=view,
        conflicts=panels.standing_conflicts(db(), panel_id, actor=actor()),
        STATES=STATES,
        DUTIES=DUTIES,
        SEAT_TYPES=SEAT_TYPES,
        GROUNDS=GROUNDS,
    )


@blueprint.post("/calls/<call_id>/panels/<panel_id>/start")
@access("coordinator")
def panels_start_one(call_id: str, panel_id: str) -> ResponseReturnValue:
    started = stage.start(db(), panel_id, actor=actor(), now=now(), accept_short=bool(request.form.get("accept_short")))
    if started is None:
        return _panel(
            call_id, panel_id, gettext("Scoring has not begun: a conflict of interest came up. Look at it first."), "warning"
        )
    return _panel(call_id, panel_id, gettext("The panel has started; its members see their sheets."))


@blueprint.post("/calls/<call_id>/panels/<panel_id>/seats/<seat_id>/duty")
@access("coordinator")
def panels_appoint(call_id: str, panel_id: str, seat_id: str) -> ResponseReturnValue:
    stage.appoint(db(), seat_id, request.form.get("duty", ""), actor=actor(), now=now())
    return _panel(call_id, panel_id, gettext("The duty is assigned."))


@blueprint.post("/calls/<call_id>/panels/<panel_id>/letters/<invitation_id>")
@access("coordinator")
def panels_remind_one(call_id: str, panel_id: str, invitation_id: str) -> ResponseReturnValue:
    invitations.remind(db(), invitation_id, actor=actor(), now=now(), base_url=_base())
    return _panel(call_id, panel_id, gettext("A reminder is on its way."))


@blueprint.post("/calls/<call_id>/panels/<panel_id>/seats/<seat_id>/challenge")
@access("coordinator")
def panels_challenge(call_id: str, panel_id: str, seat_id: str) -> ResponseReturnValue:
    """An applicant's challenge is taken down; the member judges nothing of it until a second coordinator has decided."""
    sent = request.form
    try:
        received = date.fromisoformat(sent["received_on"]) if sent.get("received_on") else None
        challenges.take_down(
            db(),
            seat_id,
            ground=sent.get("ground", ""),
            reason=sent.get("reason", "")[:4000],
            received_on=received,
            application_id=sent.get("application", ""),
            actor=actor(),
            now=now(),
        )
    except ValueError:
        return _panel(call_id, panel_id, gettext("Enter the day on which the challenge was received."), "error")
    except Invalid as error:
        return _panel(call_id, panel_id, words(next(iter(error.problems.values())), error.data), "error")
    return _panel(call_id, panel_id, gettext("The challenge is noted; a second coordinator must confirm it."))


@blueprint.post("/calls/<call_id>/panels/<panel_id>/seats/<seat_id>/challenge/uphold")
@access("coordinator")
def panels_uphold_challenge(call_id: str, panel_id: str, seat_id: str) -> ResponseReturnValue:
    challenges.uphold(db(), seat_id, actor=actor(), now=now())
    said = gettext("The challenge is upheld; member and applicant are told, and the next in order is asked.")
    return _panel(call_id, panel_id, said)


@blueprint.post("/calls/<call_id>/panels/<panel_id>/seats/<seat_id>/challenge/refuse")
@access("coordinator")
def panels_refuse_challenge(call_id: str, panel_id: str, seat_id: str) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()[:4000]
    if not reason:
        return _panel(call_id, panel_id, words("guard.reason_given"), "error")
    challenges.dismiss(db(), seat_id, reason=reason, actor=actor(), now=now())
    return _panel(call_id, panel_id, gettext("The challenge is dismissed; the member stays, and the applicant is told."))


def _panel(call_id: str, panel_id: str, said: str, kind: str = "success") -> ResponseReturnValue:
    flash(said, kind)
    return redirect(url_for("coordinator.panels_one", call_id=call_id, panel_id=panel_id), 303)


def _base() -> str:
    return str(current_app.extensions["ppir"].config.base_url)
