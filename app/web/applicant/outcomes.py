"""How a company grew with its designated product, as the company says; what its pilots brought, to read."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from app.web import outcome_pages
from app.web.access import access
from app.web.applicant.blueprint import blueprint


@blueprint.get("/designations/<designation_id>/outcomes")
@access("applicant")
def outcomes_product(designation_id: str) -> ResponseReturnValue:
    return outcome_pages.product(designation_id, "applicant")


@blueprint.post("/designations/<designation_id>/outcomes")
@access("applicant")
def outcomes_product_record(designation_id: str) -> ResponseReturnValue:
    return outcome_pages.record("corporate_growth", designation_id, "applicant")
