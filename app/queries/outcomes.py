"""What is known of a product's outcomes: indicators by year, its pilots, and the use of their goods after them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.designations import Designation
from app.models.pilots import AfterUse, Outcome, Pilot, PilotRequest
from app.queries.lookup import by_public_id
from app.queries.products import names_of
from app.workflow import permissions
from app.workflow.actors import Actor
from app.workflow.wordlists import AFTER_USES, ATTRIBUTIONS, INDICATOR_UNITS, INDICATORS, UNIT_OF, Entry


@dataclass(frozen=True)
class Figure:
    """`text` as recorded; `value` where it is a number."""

    text: str
    value: int | None
    attribution: Entry
    evidence: str
    at: datetime


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator over the years; None where nothing is recorded."""

    key: str
    name: Entry
    unit: Entry
    figures: tuple[Figure | None, ...]


@dataclass(frozen=True)
class AfterUseRow:
    year: int
    state: Entry
    reason: str
    live_reference: bool
    at: datetime


@dataclass(frozen=True)
class PilotOutcomes:
    public_id: str
    designation_id: str
    number: str
    product: Mapping[str, str]
    institution: Mapping[str, str]
    status: str
    years: tuple[int, ...]
    rows: tuple[IndicatorRow, ...]
    after: tuple[AfterUseRow, ...]


@dataclass(frozen=True)
class ProductOutcomes:
    public_id: str
    number: str
    name: Mapping[str, str]
    company: Mapping[str, str]
    years: tuple[int, ...]
    rows: tuple[IndicatorRow, ...]
    pilots: tuple[PilotOutcomes, ...]


@dataclass(frozen=True)
class Followed:
    """One designated product in the list: how much of it is known. `unknown_use`: closed pilots without a word about this year."""

    public_id: str
    number: str
    name: Mapping[str, str]
    company: Mapping[str, str]
    figures: int
    pilots: int
    unknown_use: int


def first_year(row: Designation | Pilot) -> int:
    """t0: the year of the designation, or the year a pilot was asked for."""
    return row.request.year if isinstance(row, Pilot) else row.designated_on.year


def years_of(first: int) -> tuple[int, ...]:
    return tuple(range(first, first + 4))


def product(session: Session, designation_id: str, *, actor: Actor) -> ProductOutcomes:
    row = by_public_id(session, Designation, designation_id)
    permissions.require(actor, "outcome.record", row)
    years = years_of(first_year(row))
    of_product = (PilotRequest.designation_id == row.id, Pilot.status != "cancelled")
    pilots = session.execute(select(Pilot).join(PilotRequest).where(*of_product).order_by(Pilot.id)).scalars()
    return ProductOutcomes(
        row.public_id,
        row.number,
        _name(row),
        names_of(row.organisation),
        years,
        _rows(session, "corporate_growth", years, row, None),
        tuple(_pilot(session, p) for p in pilots),
    )


def pilot(session: Session, pilot_id: str, *, actor: Actor) -> PilotOutcomes:
    row = by_public_id(session, Pilot, pilot_id)
    permissions.require(actor, "outcome.record", row)
    return _pilot(session, row)


def followed(session: Session, year: int, *, actor: Actor) -> list[Followed]:
    """Every designated product, the newest first."""
    permissions.require(actor, "pilot_request.rank")
    figures = Counter(session.execute(select(Outcome.designation_id)).scalars())
    pilots: dict[int, list[Pilot]] = {}
    for p in session.execute(select(Pilot).where(Pilot.status != "cancelled")).scalars():
        pilots.setdefault(p.request.designation_id, []).append(p)
    told = set(session.execute(select(AfterUse.pilot_id).where(AfterUse.year == year)).scalars())
    return [
        Followed(
            d.public_id,
            d.number,
            _name(d),
            names_of(d.organisation),
            figures[d.id],
            len(pilots.get(d.id, ())),
            sum(p.status == "closed" and p.id not in told for p in pilots.get(d.id, ())),
        )
        for d in session.execute(select(Designation).order_by(Designation.id.desc())).scalars()
    ]


def _pilot(session: Session, row: Pilot) -> PilotOutcomes:
    designation, years = row.request.designation, years_of(first_year(row))
    after = session.execute(select(AfterUse).where(AfterUse.pilot_id == row.id).order_by(AfterUse.year)).scalars()
    return PilotOutcomes(
        row.public_id,
        designation.public_id,
        designation.number,
        _name(designation),
        names_of(row.request.institution),
        row.status,
        years,
        _rows(session, "pilot_relevance", years, designation, row),
        tuple(AfterUseRow(a.year, AFTER_USES[a.state], a.reason, a.live_reference, a.at) for a in after),
    )


def _rows(
    session: Session, group: str, years: tuple[int, ...], designation: Designation, pilot: Pilot | None
) -> tuple[IndicatorRow, ...]:
    where = Outcome.pilot_id == pilot.id if pilot else Outcome.pilot_id.is_(None)
    recorded = session.execute(select(Outcome).where(Outcome.designation_id == designation.id, where)).scalars()
    found = {(o.indicator, o.year): _figure(o) for o in recorded}
    return tuple(
        IndicatorRow(key, name, INDICATOR_UNITS[UNIT_OF[key]], tuple(found.get((key, year)) for year in years))
        for key, name in INDICATORS[group].items()
    )


def _figure(o: Outcome) -> Figure:
    return Figure(o.value, int(o.value) if o.value.isdigit() else None, ATTRIBUTIONS[o.attribution], o.evidence, o.at)


def _name(row: Designation) -> Mapping[str, str]:
    product = row.product
    return {"ko": product.get("name_ko") or "", "en": product.get("name_en") or product.get("name_ko") or ""}
