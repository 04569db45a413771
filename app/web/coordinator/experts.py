"""The pool: who is in it, how well each sub-field is covered, one expert with works and seats."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.i18n import gettext as _
from app.i18n import pair
from app.queries import experts as queries
from app.web import charts
from app.web.access import access, actor, db
from app.web.coordinator.blueprint import blueprint
from app.workflow import grounds
from app.workflow.rule_labels.words import SECTORS
from reviewers.seat_types import SEAT_TYPES


@blueprint.get("/experts")
@access("coordinator")
def experts() -> ResponseReturnValue:
    given = {name: request.args.get(name, "") for name in ("field", "seat_type", "sector")}
    sought = queries.Sought(request.args.get("q", "").strip()[:100], **given)
    page = request.args.get("page", 1, type=int)
    covered = queries.coverage(db(), actor=actor())
    return render_template(
        "coordinator/experts.html",
        page=queries.search(db(), actor=actor(), sought=sought, page=page),
        sought=sought,
        coverage=covered,
        thin=[c for c in covered if c.thin],
        chart=_chart(covered) if any(c.named for c in covered) else "",
        SEAT_TYPES=SEAT_TYPES,
        SECTORS=SECTORS,
    )


@blueprint.get("/experts/<expert_id>")
@access("coordinator")
def expert(expert_id: str) -> ResponseReturnValue:
    found = queries.detail(db(), expert_id, actor=actor())
    return render_template("coordinator/expert.html", expert=found, SEAT_TYPES=SEAT_TYPES, ground=grounds.label)


def _chart(covered: list[queries.Coverage]) -> str:
    words = charts.Words(
        ident="coverage",
        title=_("Experts by sub-field"),
        desc=_("How many experts named each sub-field, main or further."),
        table=_("Show the numbers"),
        columns=(_("Sub-field"), _("Experts")),
    )
    return charts.bars(words, [(f"{c.field.code} {pair(c.field)}", c.named) for c in covered])
