"""Pilot requests and pilots, as the procurement service, the institution and the supplier each read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models.designations import Designation
from app.models.pilots import Pilot, PilotRequest
from app.queries.lookup import by_public_id
from app.queries.products import names_of
from app.workflow import permissions
from app.workflow.actors import Actor
from app.workflow.wordlists import THEMES, Entry

# Who has to act on a pilot in each of its states; a pilot that is over has nobody.
NEXT = {
    "matched": "procurement",
    "agreed": "procurement",
    "contracted": "supplier",
    "delivered": "institution",
    "inspected": "institution",
    "in_use": "institution",
    "reported": "procurement",
    "graded": "procurement",
    "correction": "supplier",
    "repilot": "institution",
}


@dataclass(frozen=True)
class PilotRow:
    public_id: str
    request_id: str
    status: str
    quantity: int
    amount_krw: int
    contract_no: str
    delivered_on: date | None
    inspected_on: date | None
    use_from: date | None
    use_until: date | None
    report: Mapping[str, Any]
    grade: str
    grade_reason: str
    correction: str
    after_use_plan: str

    @property
    def next(self) -> str:
        return NEXT.get(self.status, "")


@dataclass(frozen=True)
class RequestRow:
    public_id: str
    designation_id: str
    number: str
    product: Mapping[str, str]
    designation_status: str
    company: Mapping[str, str]
    institution: Mapping[str, str]
    year: int
    theme: Entry
    status: str
    quantity: int
    least: int
    most: int | None
    unit_price_krw: int
    amount_krw: int
    site: str
    contact: str
    purpose: str
    kpis: Sequence[str]
    running_cost: str
    follow_on: bool
    score: float | None
    reasons: Sequence[Mapping[str, Any]]
    submitted_at: datetime | None
    pilot: PilotRow | None

    @property
    def decisions(self) -> list[Mapping[str, Any]]:
        """What was decided, with the words the institution reads."""
        return [r for r in self.reasons if "text" in r]

    @property
    def parts(self) -> list[Mapping[str, Any]]:
        """What the rank is made of."""
        return [r for r in self.reasons if "points" in r]


def filed(session: Session, year: int, *, actor: Actor) -> list[RequestRow]:
    """Every request of a year that was filed, the best rank first; drafts stay with their institution."""
    permissions.require(actor, "pilot_request.rank")
    rows = session.execute(select(PilotRequest).where(PilotRequest.year == year, PilotRequest.status != "draft")).scalars()
    return [_row(session, r) for r in sorted(rows, key=order)]


def years(session: Session, now: datetime) -> list[int]:
    """Years with requests, and this year and the next."""
    found = set(session.execute(select(PilotRequest.year).distinct()).scalars()) | {now.year, now.year + 1}
    return sorted(found, reverse=True)


def mine(session: Session, *, actor: Actor) -> list[RequestRow]:
    """Of the institutions the actor belongs to, the newest first."""
    permissions.require(actor, "pilot_request.write")
    rows = session.execute(
        select(PilotRequest).where(PilotRequest.institution_id.in_(actor.organisation_ids)).order_by(PilotRequest.id.desc())
    ).scalars()
    return [_row(session, r) for r in rows]


def under_way(session: Session, *, actor: Actor) -> list[RequestRow]:
    """Every pilot that is not over."""
    permissions.require(actor, "pilot_request.rank")
    rows = session.execute(
        select(PilotRequest)
        .join(Pilot, Pilot.request_id == PilotRequest.id)
        .where(Pilot.status.not_in(("closed", "cancelled")))
        .order_by(Pilot.id)
    ).scalars()
    return [_row(session, r) for r in rows]


def supplied(session: Session, *, actor: Actor) -> list[RequestRow]:
    """Pilots of the actor's own products."""
    rows = session.execute(
        select(PilotRequest)
        .join(Designation, Designation.id == PilotRequest.designation_id)
        .join(Pilot, Pilot.request_id == PilotRequest.id)
        .where(Designation.organisation_id.in_(actor.organisation_ids))
        .order_by(Pilot.id.desc())
    ).scalars()
    return [_row(session, r) for r in rows]


def request(session: Session, request_id: str, *, actor: Actor) -> RequestRow:
    """One request: filed ones for the procurement service, also drafts for their institution."""
    row = by_public_id(session, PilotRequest, request_id)
    role = permissions.require(actor, "pilot_request.read", row)
    if row.status == "draft" and role != "institution":
        raise NotFound("not_found")
    return _row(session, row)


def of_pilot(session: Session, pilot_id: str, *, actor: Actor) -> RequestRow:
    row = by_public_id(session, Pilot, pilot_id)
    permissions.require(actor, "pilot.read", row)
    return _row(session, row.request)


def order(row: PilotRequest) -> tuple[float, datetime, int]:
    """The higher score first; the earlier filing wins a tie."""
    return -(row.score or 0.0), row.submitted_at or row.created_at, row.id


def _row(session: Session, r: PilotRequest) -> RequestRow:
    product = r.designation.product
    plan = product.get("pilot_plan") or {}
    pilot = session.execute(select(Pilot).where(Pilot.request_id == r.id)).scalar_one_or_none()
    return RequestRow(
        r.public_id,
        r.designation.public_id,
        r.designation.number,
        {"ko": product.get("name_ko") or "", "en": product.get("name_en") or product.get("name_ko") or ""},
        r.designation.status,
        names_of(r.designation.organisation),
        names_of(r.institution),
        r.year,
        THEMES[r.theme],
        r.status,
        r.quantity,
        int(plan.get("min_units") or 1),
        plan.get("max_units"),
        r.unit_price_krw,
        r.amount_krw,
        r.site,
        r.contact,
        r.purpose,
        list(r.kpis or []),
        r.running_cost,
        r.follow_on,
        r.score,
        list(r.reasons or []),
        r.submitted_at,
        _pilot(pilot, r) if pilot else None,
    )


def _pilot(p: Pilot, r: PilotRequest) -> PilotRow:
    return PilotRow(
        p.public_id,
        r.public_id,
        p.status,
        p.quantity,
        p.amount_krw,
        p.contract_no,
        p.delivered_on,
        p.inspected_on,
        p.use_from,
        p.use_until,
        p.report or {},
        p.grade,
        p.grade_reason,
        p.correction,
        p.after_use_plan,
    )
