"""What a request would change, as former and new: what the second person confirms, the page shows and the history keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents import standing_form
from app.models.designation_requests import DesignationRequest
from app.models.designations import Designation
from app.models.people import Organisation
from app.workflow import certificates, terms

Effect = dict[str, list[Any]]  # field of the certificate → [before, after]


def of(session: Session, request: DesignationRequest) -> Effect:
    """Computed anew from what was asked last and what stands now; empty where nothing could be granted."""
    row, content = request.designation, request.versions[-1].content
    if request.kind == "extension":
        return extension(row)
    if request.kind == "change":
        return change(content, row.product)
    return transfer(session, content, certificates.stated(row))


def extension(row: Designation) -> Effect:
    term = terms.next_term(row)
    if term is None:
        return {}
    return {"term": [row.term, term.key], "valid_until": [row.valid_until.isoformat(), term.until.isoformat()]}


def change(content: Mapping[str, Any], product: Mapping[str, Any]) -> Effect:
    more = standing_form.added(content, product)
    return {name: [list(product.get(name) or []), [*(product.get(name) or []), *new]] for name, new in more.items() if new}


def transfer(session: Session, content: Mapping[str, Any], stated: Mapping[str, Any]) -> Effect:
    """A company that is known goes by the name on file, not by the one that was typed."""
    number = standing_form.business_no(content)
    known = company_of(session, number)
    ko = known.name if known else content["company"]
    en = (known.name_en if known else content["company_en"]) or ko
    return {"company": [dict(stated["company"]), {"ko": ko, "en": en}], "business_no": [stated["business_no"], number]}


def company_of(session: Session, number: str) -> Organisation | None:
    """The company on file under this registration number."""
    return session.execute(select(Organisation).where(Organisation.registration_no == number)).scalar_one_or_none()
