"""What a coordinator has to move on after the panels: fitness passed, notices and objections, committee, designations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.models.applications import Application
from app.models.calls import Call
from app.models.designations import CommitteeItem, Designation, FitnessReview, NoticeEdition, NoticeItem, Objection
from app.queries import pending
from app.queries.bundles import ObjectionRow, objection_row
from app.queries.lookup import by_public_id
from app.queries.pending import Pending
from app.queries.products import names_of
from app.workflow import permissions
from app.workflow.actors import Actor

OPEN = ("filed", "under_review", "extended")
UPHELD = ("upheld", "partly_upheld")


@dataclass(frozen=True)
class Row:
    """One application; `fitness` is the last review's outcome, `closes_at` the end of its last notice."""

    public_id: str
    label: str
    title: str
    company: Mapping[str, str]
    status: str
    fitness: str
    closes_at: datetime | None
    open_objections: int
    upheld: bool
    on_agenda: bool
    pending: Pending | None

    def notice_over(self, now: datetime) -> bool:
        return self.closes_at is not None and self.closes_at <= now


@dataclass(frozen=True)
class Held:
    """A designation with what may be done about it and what awaits a second person."""

    public_id: str
    number: str
    name: Mapping[str, str]
    company: Mapping[str, str]
    status: str
    valid_until: date
    pending: Pending | None


def rows(session: Session, call_id: str, statuses: Sequence[str], *, actor: Actor) -> list[Row]:
    """The applications of a call in these states, by the number their panel read."""
    permissions.require(actor, "call.read")
    call = by_public_id(session, Call, call_id)
    found = session.execute(
        select(Application)
        .where(Application.call_id == call.id, Application.status.in_(statuses))
        .options(selectinload(Application.organisation))
        .order_by(Application.panel_number, Application.number)
    ).scalars()
    return [_row(session, a, actor) for a in found]


def objections(session: Session, call_id: str, *, actor: Actor) -> list[ObjectionRow]:
    """Of everybody about this call's applications; what still has to be answered first, the earliest date on top."""
    permissions.require(actor, "call.edit")
    call = by_public_id(session, Call, call_id)
    found = session.execute(
        select(Objection).join(Application, Application.id == Objection.application_id).where(Application.call_id == call.id)
    ).scalars()
    return [objection_row(o) for o in sorted(found, key=lambda o: (o.status not in OPEN, o.due_at, o.id))]


def designations(session: Session, call_id: str, *, actor: Actor) -> list[Held]:
    permissions.require(actor, "designation.read")
    call = by_public_id(session, Call, call_id)
    found = session.execute(
        select(Designation)
        .join(Application, Application.id == Designation.application_id)
        .where(Application.call_id == call.id)
        .order_by(Designation.series, Designation.serial)
    ).scalars()
    return [
        Held(
            d.public_id,
            d.number,
            {"ko": d.product.get("name_ko") or "", "en": d.product.get("name_en") or d.product.get("name_ko") or ""},
            names_of(d.organisation),
            d.status,
            d.valid_until,
            pending.of(session, d, actor=actor),
        )
        for d in found
    ]


def _row(session: Session, a: Application, actor: Actor) -> Row:
    fitness = session.execute(
        select(FitnessReview.outcome).where(FitnessReview.application_id == a.id).order_by(FitnessReview.id.desc()).limit(1)
    ).scalar_one_or_none()
    closes = session.execute(
        select(NoticeEdition.closes_at)
        .join(NoticeItem, NoticeItem.edition_id == NoticeEdition.id)
        .where(NoticeItem.application_id == a.id)
        .order_by(NoticeEdition.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    told = list(session.execute(select(Objection.kind, Objection.status).where(Objection.application_id == a.id)))
    kind = "notice" if a.status == "public_notice" else "applicant"
    agenda = select(CommitteeItem.id).where(CommitteeItem.application_id == a.id, CommitteeItem.outcome == "")
    return Row(
        a.public_id,
        a.label,
        a.title,
        names_of(a.organisation),
        a.status,
        fitness or "",
        closes,
        sum(k == "notice" and s in OPEN for k, s in told),
        any(k == kind and s in (UPHELD if kind == "applicant" else ("upheld",)) for k, s in told),
        session.execute(agenda).first() is not None,
        pending.of(session, a, actor=actor),
    )
