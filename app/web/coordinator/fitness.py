"""Several recommended dossiers on their way to the procurement service at once: shown and counted, then sent together or not."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import Invalid
from app.i18n import ngettext
from app.queries import calls, results
from app.stages import deliberation
from app.web.access import access, actor, db, now
from app.web.coordinator import rounds
from app.web.coordinator.blueprint import blueprint
from app.web.errors import words


@blueprint.get("/calls/<call_id>/results/fitness")
@access("coordinator")
def results_several(call_id: str) -> ResponseReturnValue:
    """What would be sent; `all` stands for every recommended dossier of the round."""
    rows, _ = results.all_rows(db(), rounds.shown(call_id).here.public_id, actor=actor())
    ready = [row.key for row in rows if row.judging and row.status == "recommended"]
    return _page(call_id, ready if request.args.get("all") else request.args.getlist("application"))


@blueprint.post("/calls/<call_id>/results/fitness")
@access("coordinator")
def results_several_sent(call_id: str) -> ResponseReturnValue:
    chosen = request.form.getlist("application")
    try:
        n = deliberation.to_fitness_together(db(), call_id, chosen, actor=actor(), now=now())
    except Invalid as refused:
        db().rollback()
        return _page(call_id, chosen, refused), 422
    flash(ngettext("%(num)s dossier went to the fitness review.", "%(num)s dossiers went to the fitness review.", n), "success")
    return redirect(url_for("coordinator.results", call_id=call_id, round=rounds.asked(), outcome="recommended"), 303)


def _page(call_id: str, chosen: Sequence[str], refused: Invalid | None = None) -> str:
    here = rounds.shown(call_id)
    rows, _ = results.all_rows(db(), here.here.public_id, actor=actor())
    return render_template(
        "coordinator/results_several.html",
        call=calls.head(db(), call_id, actor=actor()),
        rounds=here,
        rows=[row for row in rows if row.key in set(chosen)],
        problem=words(refused.code, refused.data) if refused else "",
        reasons={label: words(code, refused.data) for label, code in refused.problems.items()} if refused else {},
    )
