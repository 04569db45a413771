"""Designated products as anybody may read them: the list with its search, one product with its lineage, a certificate's answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from app.clock import today_kst
from app.models.calls import Call
from app.models.designations import Designation, ListEdition, NoticeEdition
from app.models.people import Organisation
from app.models.pilots import Outcome, Pilot, PilotRequest
from app.queries.lookup import by_public_id
from app.workflow import effect_words
from app.workflow.effect_words import Change
from app.workflow.hangul import finds

LISTED = ("active", "suspended", "cancelling")
REPORTED = ("reported", "graded", "correction", "repilot", "closed")


@dataclass(frozen=True)
class Event:
    kind: str
    on: date
    at: datetime
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Product:
    """`status` is what the public reads today: a term that is over counts as expired before the night's job has said so."""

    public_id: str
    number: str
    verify_id: str
    status: str
    product: Mapping[str, Any]
    company: Mapping[str, str]
    region: str
    authority: str
    legal_ground: str
    conditions: str
    designated_on: date
    valid_from: date
    valid_until: date
    term: str = "base"
    events: tuple[Event, ...] = ()

    @property
    def name(self) -> Mapping[str, str]:
        return {"ko": self.product.get("name_ko") or "", "en": self.product.get("name_en") or self.product.get("name_ko") or ""}

    @property
    def changed_on(self) -> date | None:
        """When the present status began."""
        kinds = {"suspended": "suspended", "cancelled": "cancelled", "returned": "returned", "cancelling": "cancelling"}
        if self.status == "expired":
            return self.valid_until
        return next((e.on for e in reversed(self.events) if e.kind == kinds.get(self.status)), None)


@dataclass(frozen=True)
class PilotResult:
    """What one institution reported of its use."""

    institution: Mapping[str, str]
    quantity: int
    status: str
    use_from: date | None
    use_until: date | None
    grade: str
    satisfaction: int | None
    kpis: Mapping[str, str]
    text: str


@dataclass(frozen=True)
class OutcomeRow:
    group: str
    indicator: str
    year: int
    value: str
    unit: str
    attribution: str


@dataclass(frozen=True)
class Figures:
    listed: int
    suspended: int
    companies: int
    pilots: int
    fields: int
    edition: int | None
    edition_at: datetime | None
    open_notices: int
    open_calls: int


def every(session: Session, now: datetime, *, find: str = "", field: str = "", ended: bool = False) -> list[Product]:
    """What holds today, the newest first; with `ended`, also what held once."""
    query = (
        select(Designation)
        .options(selectinload(Designation.organisation), selectinload(Designation.events))
        .order_by(Designation.designated_on.desc(), Designation.series.desc(), Designation.serial.desc())
    )
    if not ended:
        query = query.where(Designation.status.in_(LISTED), Designation.valid_until >= today_kst(now))
    rows = [product_of(row, now) for row in session.execute(query).scalars()]
    if field:
        rows = [r for r in rows if field in (r.product.get("field_1"), r.product.get("field_2"))]
    return [r for r in rows if finds(find, _searched(r))] if find.strip() else rows


def one(session: Session, public_id: str, now: datetime) -> Product:
    return product_of(by_public_id(session, Designation, public_id), now)


def verified(session: Session, asked: str, now: datetime) -> Product | None:
    """By the certificate's code or by the designation number; None when nobody issued it."""
    key = asked.strip()
    if not key or len(key) > 60:
        return None
    named = or_(Designation.verify_id == key.lower(), func.upper(Designation.number) == key.upper())
    row = session.execute(select(Designation).where(named).limit(1)).scalar_one_or_none()
    return product_of(row, now) if row else None


def pilots_of(session: Session, public_id: str) -> list[PilotResult]:
    """Reported uses only: what is under way says nothing yet."""
    rows = session.execute(
        select(Pilot, PilotRequest, Organisation)
        .join(PilotRequest, PilotRequest.id == Pilot.request_id)
        .join(Organisation, Organisation.id == PilotRequest.institution_id)
        .join(Designation, Designation.id == PilotRequest.designation_id)
        .where(Designation.public_id == public_id, Pilot.status.in_(REPORTED))
        .order_by(Pilot.id)
    ).all()
    return [
        PilotResult(
            names_of(institution),
            pilot.quantity,
            pilot.status,
            pilot.use_from,
            pilot.use_until,
            pilot.grade,
            (pilot.report or {}).get("satisfaction"),
            (pilot.report or {}).get("kpis") or {},
            (pilot.report or {}).get("text") or "",
        )
        for pilot, _request, institution in rows
    ]


def outcomes_of(session: Session, public_id: str) -> list[OutcomeRow]:
    rows = session.execute(
        select(Outcome)
        .join(Designation, Designation.id == Outcome.designation_id)
        .where(Designation.public_id == public_id)
        .order_by(Outcome.group, Outcome.indicator, Outcome.year)
    ).scalars()
    return [OutcomeRow(r.group, r.indicator, r.year, r.value, r.unit, r.attribution) for r in rows]


def figures(session: Session, now: datetime) -> Figures:
    """What the start page counts, all from the rows themselves."""
    listed = every(session, now)
    edition = newest_edition(session)
    notices = select(func.count()).select_from(NoticeEdition).where(NoticeEdition.opens_at <= now, NoticeEdition.closes_at > now)
    calls = select(func.count()).select_from(Call).where(Call.status == "open", Call.opens_at <= now, Call.closes_at > now)
    return Figures(
        listed=len(listed),
        suspended=sum(r.status == "suspended" for r in listed),
        companies=len({r.company["ko"] for r in listed}),
        pilots=session.execute(select(func.count()).select_from(Pilot).where(Pilot.status != "cancelled")).scalar_one(),
        fields=len({r.product.get("field_1") for r in listed if r.product.get("field_1")}),
        edition=edition[0] if edition else None,
        edition_at=edition[1] if edition else None,
        open_notices=session.execute(notices).scalar_one(),
        open_calls=session.execute(calls).scalar_one(),
    )


def newest_edition(session: Session) -> tuple[int, datetime] | None:
    """Number and time of the certified list's newest edition."""
    found = session.execute(
        select(ListEdition.number, ListEdition.published_at).order_by(ListEdition.number.desc()).limit(1)
    ).first()
    return (found[0], found[1]) if found else None


def product_of(row: Designation, now: datetime) -> Product:
    over = row.status in LISTED and row.valid_until < today_kst(now)
    return Product(
        row.public_id,
        row.number,
        row.verify_id,
        "expired" if over else row.status,
        row.product,
        names_of(row.organisation),
        row.organisation.region,
        row.authority,
        row.legal_ground,
        row.conditions,
        row.designated_on,
        row.valid_from,
        row.valid_until,
        row.term,
        tuple(Event(e.kind, e.on, e.at, effect_words.changes(e.data)) for e in row.events),
    )


def names_of(row: Organisation) -> Mapping[str, str]:
    return {"ko": row.name, "en": row.name_en or row.name}


def as_json(row: Product, now: datetime) -> dict[str, Any]:
    """The page's twin for machines: the same facts, no more."""
    return {
        "number": row.number,
        "status": row.status,
        "as_of": now.isoformat(),
        "name": dict(row.name),
        "company": dict(row.company),
        "authority": row.authority,
        "legal_ground": row.legal_ground,
        "designated_on": row.designated_on.isoformat(),
        "valid_from": row.valid_from.isoformat(),
        "valid_until": row.valid_until.isoformat(),
        "term": row.term,
        "verify_id": row.verify_id,
        "product": {k: v for k, v in row.product.items() if k != "pilot_plan"},
        "pilot_plan": row.product.get("pilot_plan") or {},
        "history": [_event_json(e) for e in row.events],
    }


def _event_json(e: Event) -> dict[str, Any]:
    changed = {c.field: {"before": dict(c.before), "after": dict(c.after)} for c in e.changes}
    return {"kind": e.kind, "on": e.on.isoformat()} | ({"changed": changed} if changed else {})


def _searched(row: Product) -> list[str]:
    p = row.product
    return [
        row.number,
        *row.name.values(),
        *row.company.values(),
        *(p.get("models") or []),
        *(p.get("item_ids") or []),
        str(p.get("detail_item_no") or ""),
    ]
