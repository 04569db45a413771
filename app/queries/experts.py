"""The pool as coordinators see it: the list, how well each sub-field is covered, one expert with works and seats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, case, cast, func, or_, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models.applications import Application
from app.models.calls import Call, Round
from app.models.experts import Expert, ExpertField, Work
from app.models.matching import Conflict, Panel, PanelDossier, Seat
from app.models.people import Organisation, Person
from app.queries import suggestions
from app.queries.suggestions import Suggestion
from app.workflow import permissions
from app.workflow.actors import Actor
from reviewers.fields import SubField, all_fields
from reviewers.seat_types import FREE

PAGE = 50
THIN_SHARE = 0.5  # of an equal share of the pool: 125 experts at 3,000 over 24 sub-fields, so under 63 is thin
SEATED = ("drawn", "invited", "accepted", "pledged", "active", "done")


@dataclass(frozen=True)
class ExpertRow:
    public_id: str
    external_id: str
    name: str
    name_en: str
    organisation: str
    sector: str
    seat_types: tuple[str, ...]
    fields: tuple[str, ...]  # main first
    works: int
    seats: int
    active: bool


@dataclass(frozen=True)
class ExpertPage:
    rows: tuple[ExpertRow, ...]
    total: int
    page: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True)
class Coverage:
    """One sub-field: experts who work mainly in it, and all who named it."""

    field: SubField
    main: int
    named: int
    thin: bool


@dataclass(frozen=True)
class WorkRow:
    title: str
    abstract: str
    year: int | None
    kind: str
    url: str


@dataclass(frozen=True)
class SeatRow:
    call_id: str
    call: str
    label: str
    title: str
    status: str
    affinity: float


@dataclass(frozen=True)
class ConflictRow:
    """`label` is empty where the whole call is meant."""

    call_id: str
    call: str
    label: str
    title: str
    ground: str
    status: str


@dataclass(frozen=True)
class ExpertDetail:
    row: ExpertRow
    mail: str
    unit: str
    orcid: str
    researcher_no: str
    region: str
    language: str
    keywords: tuple[str, ...]
    levels: tuple[tuple[SubField, int, bool], ...]
    declared: tuple[Mapping[str, Any], ...]
    load_cap: int | None
    version: int
    updated_at: datetime
    work_list: tuple[WorkRow, ...]
    seat_list: tuple[SeatRow, ...]
    conflict_list: tuple[ConflictRow, ...]
    suggestion: Suggestion | None

    @property
    def conflicts(self) -> int:
        return sum(row.status in ("raised", "upheld", "pinned") for row in self.conflict_list)


@dataclass(frozen=True)
class Sought:
    """What the list of experts is narrowed to; empty says nothing."""

    words: str = ""  # each in the name, id or organisation
    field: str = ""  # a sub-field that they named
    seat_type: str = ""  # that they may take; whoever named none may take any
    sector: str = ""

    @property
    def anything(self) -> bool:
        return any((self.words, self.field, self.seat_type, self.sector))


def search(session: Session, *, actor: Actor, sought: Sought = Sought(), page: int = 1) -> ExpertPage:
    """Active experts whom all that is sought fits."""
    permissions.require(actor, "experts.read")
    query = select(Expert.id).join(Person, Person.id == Expert.person_id)
    query = query.outerjoin(Organisation, Organisation.id == Expert.organisation_id).where(Expert.active)
    for word in sought.words.split()[:5]:
        columns = (Person.name, Person.name_en, Expert.external_id, Organisation.name)
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    if sought.field:
        named = select(ExpertField.id).where(ExpertField.expert_id == Expert.id, ExpertField.code == sought.field)
        query = query.where(named.exists())
    if sought.seat_type not in ("", FREE.code):
        kinds = cast(Expert.seat_types, String)
        query = query.where(or_(kinds.contains(f'"{sought.seat_type}"', autoescape=True), kinds == "[]"))
    if sought.sector:
        query = query.where(Expert.sector == sought.sector)
    total = session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    page = min(max(page, 1), max(1, -(-total // PAGE)))
    ids = session.execute(query.order_by(Expert.external_id, Expert.id).limit(PAGE).offset((page - 1) * PAGE)).scalars().all()
    return ExpertPage(tuple(_rows(session, ids)), total, page)


def coverage(session: Session, *, actor: Actor) -> list[Coverage]:
    """Every sub-field with its experts; thin ones hold less than half of an equal share."""
    permissions.require(actor, "experts.read")
    pool = session.execute(select(func.count()).select_from(Expert).where(Expert.active)).scalar_one()
    counted = session.execute(
        select(ExpertField.code, func.count(), func.sum(case((ExpertField.main, 1), else_=0)))
        .join(Expert, Expert.id == ExpertField.expert_id)
        .where(Expert.active)
        .group_by(ExpertField.code)
    )
    by_code = {row[0]: (int(row[2] or 0), int(row[1])) for row in counted}
    least = THIN_SHARE * pool / max(len(all_fields()), 1)
    return [
        Coverage(field, *by_code.get(code, (0, 0)), thin=by_code.get(code, (0, 0))[1] < least)
        for code, field in all_fields().items()
    ]


def detail(session: Session, expert_id: str, *, actor: Actor) -> ExpertDetail:
    permissions.require(actor, "experts.read")
    expert = session.execute(select(Expert).where(Expert.public_id == expert_id)).scalar_one_or_none()
    if expert is None:
        raise NotFound("not_found")
    works = session.execute(select(Work).where(Work.expert_id == expert.id, Work.current).order_by(Work.ordinal)).scalars()
    return ExpertDetail(
        row=_rows(session, [expert.id])[0],
        mail=expert.mail,
        unit=expert.unit,
        orcid=expert.person.orcid or "",
        researcher_no=expert.person.researcher_no or "",
        region=expert.region,
        language=expert.language,
        keywords=tuple(expert.keywords),
        levels=tuple(
            (all_fields()[f.code], f.level, f.main)
            for f in sorted(expert.fields, key=lambda f: (not f.main, f.code))
            if f.code in all_fields()
        ),
        declared=tuple(expert.declared),
        load_cap=expert.load_cap,
        version=expert.version,
        updated_at=expert.updated_at,
        work_list=tuple(WorkRow(w.title, w.abstract, w.year, w.kind, w.url) for w in works),
        seat_list=tuple(_seats(session, expert.id)),
        conflict_list=tuple(_conflicts(session, expert.id)),
        suggestion=suggestions.of_expert(
            session, expert.id, [f.code for f in sorted(expert.fields, key=lambda f: (not f.main, f.code))]
        ),
    )


def _conflicts(session: Session, expert: int) -> list[ConflictRow]:
    """What is or was on record, but for what nothing speaks for any more; the newest call first."""
    rows = session.execute(
        select(Conflict, Call)
        .outerjoin(Application, Application.id == Conflict.application_id)
        .join(Call, or_(Call.id == Conflict.call_id, Call.id == Application.call_id))
        .where(Conflict.expert_id == expert, Conflict.status != "lapsed")
        .order_by(Call.id.desc(), Conflict.id)
        .limit(200)
    )
    return [
        ConflictRow(
            call.public_id,
            call.code,
            row.application.label if row.application else "",
            row.application.title if row.application else "",
            row.ground,
            row.status,
        )
        for row, call in rows
    ]


def _rows(session: Session, ids: Sequence[int]) -> list[ExpertRow]:
    works = _counts(session, select(Work.expert_id).where(Work.current), Work.expert_id, ids)
    seats = _counts(session, select(Seat.expert_id).where(Seat.status.in_(SEATED)), Seat.expert_id, ids)
    fields: dict[int, list[str]] = {}
    named = select(ExpertField.expert_id, ExpertField.code).where(ExpertField.expert_id.in_(ids))
    for own, code in session.execute(named.order_by(ExpertField.main.desc(), ExpertField.code)):
        fields.setdefault(own, []).append(code)
    rows = session.execute(
        select(Expert, Person, Organisation.name)
        .join(Person, Person.id == Expert.person_id)
        .outerjoin(Organisation, Organisation.id == Expert.organisation_id)
        .where(Expert.id.in_(ids))
    )
    found = {
        expert.id: ExpertRow(
            expert.public_id,
            expert.external_id,
            person.name,
            person.name_en,
            organisation or "",
            expert.sector,
            tuple(expert.seat_types),
            tuple(fields.get(expert.id, ())),
            works.get(expert.id, 0),
            seats.get(expert.id, 0),
            expert.active,
        )
        for expert, person, organisation in rows
    }
    return [found[own] for own in ids]


def _counts(session: Session, query: Select[Any], column: Any, ids: Sequence[int]) -> dict[int, int]:
    counted = query.with_only_columns(column, func.count()).where(column.in_(ids)).group_by(column)
    return {row[0]: row[1] for row in session.execute(counted)}


def _seats(session: Session, expert: int) -> list[SeatRow]:
    rows = session.execute(
        select(Call.public_id, Call.code, Application, Seat.status, Seat.affinity)
        .select_from(Seat)
        .join(Panel, Panel.id == Seat.panel_id)
        .join(Round, Round.id == Panel.round_id)
        .join(Call, Call.id == Round.call_id)
        .join(PanelDossier, PanelDossier.panel_id == Panel.id)
        .join(Application, Application.id == PanelDossier.application_id)
        .where(Seat.expert_id == expert, Seat.status != "candidate")
        .order_by(Panel.id.desc(), Application.number)
        .limit(200)
    )
    return [SeatRow(call_id, code, a.label, a.title, status, affinity) for call_id, code, a, status, affinity in rows]
