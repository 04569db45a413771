"""What an approved request does: the designation is moved on, its certificate gets a new version, nothing old is rewritten."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from app import journal
from app.clock import today_kst
from app.models.designation_requests import DesignationRequest
from app.models.designations import Designation, DesignationEvent
from app.models.people import Organisation
from app.queries.request_effects import Effect, company_of
from app.workflow import certificates, door, terms
from app.workflow.actors import Actor
from reviewers.organisations import organisation_key

EVENT = {"extension": "extended", "change": "changed", "transfer": "transferred"}


def apply(session: Session, request: DesignationRequest, effect: Effect, *, actor: Actor, role: str, now: datetime) -> None:
    """Move the designation, keep a history row and a new version of the certificate, owe the list and the new end."""
    row = request.designation
    {"extension": _extend, "change": _change, "transfer": _transfer}[request.kind](session, row, effect)
    kind = EVENT[request.kind]
    row.events.append(DesignationEvent(kind=kind, on=today_kst(now), data=effect, by_id=actor.account_id, at=now))
    issued = certificates.issue(session, row, actor=actor, now=now)
    data = {"request": request.public_id, "certificate": issued.number, "effect_sha256": journal.sha256(effect)}
    if request.kind == "extension":
        data |= {"term": row.term, "valid_until": row.valid_until}
        terms.owe(session, row, now)
    door.record(session, row, f"designation.{kind}", actor=actor, role=role, now=now, data=data)
    terms.owe_list(session, row, now)


def _extend(_session: Session, row: Designation, effect: Effect) -> None:
    row.term, row.valid_until = effect["term"][1], date.fromisoformat(effect["valid_until"][1])


def _change(_session: Session, row: Designation, effect: Effect) -> None:
    row.product = {**row.product, **{name: after for name, (_before, after) in effect.items()}}


def _transfer(session: Session, row: Designation, effect: Effect) -> None:
    """To the company of this registration number; one that was not on file is put there."""
    number, names = effect["business_no"][1], effect["company"][1]
    company = company_of(session, number)
    if company is None:
        company = Organisation(
            name=names["ko"], name_en=names["en"], key=organisation_key(names["ko"]), registration_no=number, kind="company"
        )
        session.add(company)
        session.flush()
    row.organisation = company
