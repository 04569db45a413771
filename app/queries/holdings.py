"""What an applicant holds and may still say: own designations, own objections to a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.models.applications import Application
from app.models.designations import Designation
from app.queries.bundles import ObjectionRow, objections_of
from app.queries.lookup import by_public_id
from app.queries.products import Product, product_of
from app.workflow import objections as against
from app.workflow import permissions
from app.workflow.actors import Actor


@dataclass(frozen=True)
class Refused:
    """An application with the objections its applicant has filed."""

    public_id: str
    number: str
    title: str
    status: str
    call: Mapping[str, str]
    objections: tuple[ObjectionRow, ...]
    used: frozenset[str]  # grounds on which the refusal that stands was objected to


@dataclass(frozen=True)
class Certificate:
    """One version of what a certificate states, from the moment it was issued."""

    number: int
    content: Mapping[str, Any]
    digest: str
    issued_at: datetime

    @property
    def valid_until(self) -> date:
        return date.fromisoformat(self.content["valid_until"])


def designations(session: Session, now: datetime, *, actor: Actor) -> list[Product]:
    """The newest first; also what has ended."""
    permissions.require(actor, "designation.read")
    rows = session.execute(
        select(Designation)
        .join(Application, Application.id == Designation.application_id)
        .where(
            or_(
                Designation.organisation_id.in_(actor.organisation_ids),
                and_(Application.owner_id == actor.account_id, Application.organisation_id == Designation.organisation_id),
            )
        )
        .order_by(Designation.id.desc())
    ).scalars()
    return [product_of(row, now) for row in rows]


def designation(session: Session, designation_id: str, now: datetime, *, actor: Actor) -> Product:
    row = by_public_id(session, Designation, designation_id)
    permissions.require(actor, "designation.read", row)
    return product_of(row, now)


def certificates(session: Session, designation_id: str, *, actor: Actor) -> list[Certificate]:
    """Every version of the certificate, the newest first."""
    row = by_public_id(session, Designation, designation_id)
    permissions.require(actor, "designation.read", row)
    return [Certificate(v.number, v.content, v.digest, v.at) for v in reversed(row.certificates)]


def refused(session: Session, application_id: str, *, actor: Actor) -> Refused:
    row = by_public_id(session, Application, application_id)
    permissions.require(actor, "objection.file", row)
    return Refused(
        row.public_id,
        row.filed_number,
        row.title,
        row.status,
        {"ko": row.call.title_ko, "en": row.call.title_en},
        tuple(o for o in objections_of(session, row.id) if o.kind == "applicant"),
        frozenset(o.ground for o in against.standing(session, row)),
    )
