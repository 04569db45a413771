"""What a pilot brought, and what became of its goods, as its institution says."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from app.queries import outcomes as queries
from app.web import outcome_pages
from app.web.access import access, actor, db
from app.web.institution.blueprint import blueprint


@blueprint.get("/outcomes/<pilot_id>")
@access("institution")
def outcomes_pilot(pilot_id: str) -> ResponseReturnValue:
    return outcome_pages.pilot(pilot_id, "institution")


@blueprint.post("/outcomes/<pilot_id>")
@access("institution")
def outcomes_pilot_record(pilot_id: str) -> ResponseReturnValue:
    designation_id = queries.pilot(db(), pilot_id, actor=actor()).designation_id
    return outcome_pages.record("pilot_relevance", designation_id, "institution", pilot_id)


@blueprint.post("/outcomes/<pilot_id>/after-use")
@access("institution")
def outcomes_after_use(pilot_id: str) -> ResponseReturnValue:
    return outcome_pages.record_after_use(pilot_id, "institution")
