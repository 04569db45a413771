"""Setting up a call: the list of calls with what is owed next, one call's rules with their history."""

from __future__ import annotations

from flask import current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from app.queries import calls
from app.web.access import access, actor, db, now
from app.web.coordinator.blueprint import blueprint
from app.workflow import rule_labels, screening


@blueprint.get("/")
@access("coordinator")
def home() -> ResponseReturnValue:
    rows = calls.every(db(), actor=actor())
    steps = {row.public_id: row.next_step(now()) for row in rows}
    return render_template(
        "coordinator/calls.html",
        calls=rows,
        steps=steps,
        urls={key: _url(step.endpoint, key) for key, step in steps.items()},
        can_create="coordinator.new_call" in current_app.view_functions,
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
        step_url=_url(step.endpoint, call_id),
        changes=calls.changes(db(), call_id, actor=actor()),
        groups=rule_labels.GROUPS,
        RULE=rule_labels.RULE,
        RULES=screening.RULES,
    )


def _url(endpoint: str, call_id: str) -> str:
    """The page that does the next step; the call's own page while that chapter is not there."""
    known = endpoint if endpoint in current_app.view_functions else "coordinator.call"
    return url_for(known, call_id=call_id)
