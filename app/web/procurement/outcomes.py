"""What became of designated products: the list, one product, one pilot."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from app.queries import outcomes as queries
from app.web import outcome_pages
from app.web.access import access, actor, db, now
from app.web.procurement.blueprint import blueprint


@blueprint.get("/outcomes")
@access("procurement")
def outcomes() -> ResponseReturnValue:
    return render_template("procurement/outcomes.html", rows=queries.followed(db(), now().year, actor=actor()), year=now().year)


@blueprint.get("/outcomes/<designation_id>")
@access("procurement")
def outcomes_product(designation_id: str) -> ResponseReturnValue:
    return outcome_pages.product(designation_id, "procurement")


@blueprint.post("/outcomes/<designation_id>")
@access("procurement")
def outcomes_product_record(designation_id: str) -> ResponseReturnValue:
    return outcome_pages.record("corporate_growth", designation_id, "procurement")


@blueprint.get("/outcomes/pilots/<pilot_id>")
@access("procurement")
def outcomes_pilot(pilot_id: str) -> ResponseReturnValue:
    return outcome_pages.pilot(pilot_id, "procurement")


@blueprint.post("/outcomes/pilots/<pilot_id>")
@access("procurement")
def outcomes_pilot_record(pilot_id: str) -> ResponseReturnValue:
    designation_id = queries.pilot(db(), pilot_id, actor=actor()).designation_id
    return outcome_pages.record("pilot_relevance", designation_id, "procurement", pilot_id)


@blueprint.post("/outcomes/pilots/<pilot_id>/after-use")
@access("procurement")
def outcomes_after_use(pilot_id: str) -> ResponseReturnValue:
    return outcome_pages.record_after_use(pilot_id, "procurement")
