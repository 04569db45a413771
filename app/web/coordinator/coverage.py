"""Supply and demand by sub-field: whom the pool holds for what a call asks, where it is thin, which choices want a look."""

from __future__ import annotations

import io

from flask import flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from app import exports
from app.errors import NotFound
from app.exports.tables import MIME, write
from app.i18n import gettext as _
from app.i18n import pair
from app.queries import calls
from app.queries import field_coverage as queries
from app.stages import suggestions
from app.web import charts
from app.web.access import access, actor, db, now
from app.web.coordinator.blueprint import blueprint


@blueprint.get("/calls/<call_id>/coverage")
@access("coordinator")
def coverage(call_id: str) -> ResponseReturnValue:
    found = queries.of_call(db(), call_id, actor=actor())
    return render_template(
        "coordinator/coverage.html",
        call=calls.head(db(), call_id, actor=actor()),
        coverage=found,
        chart=_chart(found) if found.experts or found.dossiers else "",
    )


@blueprint.get("/calls/<call_id>/coverage/download.<kind>")
@access("coordinator")
def coverage_download(call_id: str, kind: str) -> ResponseReturnValue:
    if kind not in exports.EXPORTS["field_coverage"].formats:
        raise NotFound("not_found")
    table = exports.table(db(), "field_coverage", call_id, actor=actor())
    return send_file(io.BytesIO(write(table, kind)), MIME[kind], as_attachment=True, download_name=f"{table.name}.{kind}")


@blueprint.post("/calls/<call_id>/coverage/read")
@access("coordinator")
def coverage_read(call_id: str) -> ResponseReturnValue:
    """Have the works of the pool, and the filed dossiers, read for their sub-fields."""
    suggestions.order_rest(db(), actor=actor(), now=now())
    flash(_("The works are read in the background, a part at a time; matching goes first."), "success")
    return redirect(url_for("coordinator.coverage", call_id=call_id), 303)


def _chart(found: queries.Coverage) -> str:
    words = charts.Words(
        ident="supply",
        title=_("Places left and seats wanted, by sub-field"),
        desc=_("For each sub-field the places left with those who named it, beside the seats its waiting dossiers want."),
        table=_("Show the numbers"),
        columns=(_("Sub-field"), _("Places left"), _("Seats wanted")),
    )
    return charts.paired(words, [(f"{r.field.code} {pair(r.field)}", r.places, r.wanted) for r in found.rows])
