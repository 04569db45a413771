"""One panel of a matching run with everything that explains it: seats, works, substitutes, who was barred and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app import records
from app.documents import dossier
from app.errors import NotFound
from app.models.applications import Application
from app.models.experts import Expert, Work
from app.models.matching import Conflict, MatchRun, RunPanel, RunSeat
from app.models.people import Organisation, Person
from app.workflow import dossiers, permissions, rounds
from app.workflow.actors import Actor
from app.workflow.conflicts import barring, facts
from reviewers import identity

BARRED_MOST = 200


@dataclass(frozen=True)
class WhyWork:
    title: str
    share: float
    similarity: float
    year: int | None
    kind: str
    url: str
    abstract: str
    fading: float  # what the work's age left of its weight


@dataclass(frozen=True)
class SeatRow:
    ordinal: int
    substitute_rank: int
    expert_id: str
    external_id: str
    name: str
    organisation: str
    sector: str
    seat_type: str
    affinity: float
    load: int  # seats of this expert in this run
    load_cap: int | None
    reasons: tuple[Mapping[str, str], ...]
    works: tuple[WhyWork, ...]


@dataclass(frozen=True)
class Barred:
    expert_id: str
    name: str
    organisation: str
    ground: str
    hard: bool
    status: str
    evidence: Mapping[str, Any]
    dossier: str


@dataclass(frozen=True)
class DossierRow:
    public_id: str
    label: str
    title: str
    organisation: str
    fields: tuple[str, ...]
    status: str


@dataclass(frozen=True)
class NamedRow:
    """`state` as in reviewers.identity: same, open, nobody, not_computable."""

    dossier: str
    name: str
    organisation: str
    role: str
    state: str


@dataclass(frozen=True)
class Exclusion:
    """`here`: an expert of that name has a seat or waits as a substitute on this panel."""

    dossier: str
    name: str
    organisation: str
    reason: str
    here: bool


@dataclass(frozen=True)
class RunPanelDetail:
    number: int
    last: int
    dossiers: tuple[DossierRow, ...]
    seats: tuple[SeatRow, ...]
    substitutes: tuple[SeatRow, ...]
    empty: int
    notes: tuple[Mapping[str, Any], ...]
    barred: tuple[Barred, ...]
    named: tuple[NamedRow, ...]  # people with interest, and whether they are experts of the pool
    exclusions: tuple[Exclusion, ...]  # what applicants asked for: advice only

    @property
    def mean(self) -> float:
        return sum(seat.affinity for seat in self.seats) / max(len(self.seats) + self.empty, 1)


def detail(session: Session, run_id: str, number: int, *, actor: Actor) -> RunPanelDetail:
    permissions.require(actor, "matching.read")
    panel = session.execute(
        select(RunPanel)
        .join(MatchRun, MatchRun.id == RunPanel.run_id)
        .where(MatchRun.public_id == run_id, RunPanel.number == number)
    ).scalar_one_or_none()
    if panel is None:
        raise NotFound("not_found")
    seats = _seats(session, panel)
    last = session.execute(select(func.max(RunPanel.number)).where(RunPanel.run_id == panel.run_id)).scalar_one()
    return RunPanelDetail(
        number=panel.number,
        last=last,
        dossiers=tuple(_dossiers(session, panel.application_ids)),
        seats=tuple(seat for seat in seats if seat.substitute_rank == 0),
        substitutes=tuple(seat for seat in seats if seat.substitute_rank > 0),
        empty=panel.empty,
        notes=tuple(panel.notes),
        barred=tuple(_former(session, panel) + _barred(session, panel.application_ids)),
        named=tuple(_named(session, panel.application_ids)),
        exclusions=tuple(_exclusions(session, panel.application_ids, seats)),
    )


def _seats(session: Session, panel: RunPanel) -> list[SeatRow]:
    rows = session.execute(
        select(RunSeat, Expert, Person.name, Organisation.name)
        .join(Expert, Expert.id == RunSeat.expert_id)
        .join(Person, Person.id == Expert.person_id)
        .outerjoin(Organisation, Organisation.id == Expert.organisation_id)
        .where(RunSeat.run_panel_id == panel.id)
        .order_by(RunSeat.ordinal)
    ).all()
    loads = _loads(session, panel.run_id, [row[0].expert_id for row in rows])
    works = _works(session, {work["work_id"] for row in rows for work in row[0].works})
    return [
        SeatRow(
            ordinal=seat.ordinal,
            substitute_rank=seat.substitute_rank,
            expert_id=expert.public_id,
            external_id=expert.external_id,
            name=name,
            organisation=organisation or "",
            sector=expert.sector,
            seat_type=seat.seat_type,
            affinity=seat.affinity,
            load=loads.get(seat.expert_id, 0),
            load_cap=expert.load_cap,
            reasons=tuple(seat.reasons),
            works=tuple(why(work, works.get(work["work_id"])) for work in seat.works),
        )
        for seat, expert, name, organisation in rows
    ]


def _loads(session: Session, run: int, experts: Sequence[int]) -> dict[int, int]:
    """The dossiers that each of them has in the run."""
    loads: Counter[int] = Counter()
    for expert, applications in session.execute(
        select(RunSeat.expert_id, RunPanel.application_ids)
        .join(RunPanel, RunPanel.id == RunSeat.run_panel_id)
        .where(RunPanel.run_id == run, RunSeat.substitute_rank == 0, RunSeat.expert_id.in_(experts))
    ):
        loads[expert] += len(applications)
    return loads


def _works(session: Session, ids: set[str]) -> dict[str, Work]:
    return {work.public_id: work for work in session.execute(select(Work).where(Work.public_id.in_(ids))).scalars()}


def why(stored: Mapping[str, Any], work: Work | None) -> WhyWork:
    """The stored title stands, even where the work itself was dropped by a later import."""
    return WhyWork(
        title=stored["title"],
        share=stored["share"],
        similarity=stored["similarity"],
        year=work.year if work else stored.get("year"),
        kind=work.kind if work else stored.get("kind", ""),
        url=work.url if work else "",
        abstract=work.abstract if work else "",
        fading=stored.get("fading", 1.0),
    )


def _dossiers(session: Session, ids: Sequence[int]) -> list[DossierRow]:
    rows = session.execute(select(Application).where(Application.id.in_(ids)).order_by(Application.number)).scalars()
    return [
        DossierRow(a.public_id, a.label, a.title, a.organisation.name, tuple(c for c in (a.field_1, a.field_2) if c), a.status)
        for a in rows
    ]


def _contents(session: Session, ids: Sequence[int]) -> list[tuple[str, Mapping[str, Any]]]:
    """Each dossier of the panel by its label, in the version that counts."""
    rows = session.execute(select(Application).where(Application.id.in_(ids)).order_by(Application.number)).scalars().all()
    return [(row.label, dossiers.counting(session, row).content) for row in rows]


def _named(session: Session, ids: Sequence[int]) -> list[NamedRow]:
    """Everybody the dossiers name, with what could be found out about them."""
    contents = _contents(session, ids)
    listed = [(label, records.listed(person)) for label, content in contents for person in dossier.interested(content)]
    register = identity.Register(_namesakes(session, {person.name for _, person in listed}), facts.aliases(session))
    return [
        NamedRow(label, f.person.name, f.person.organisation, f.person.role, f.state)
        for label, f in ((label, register.find(person)) for label, person in listed)
    ]


def asked_out(session: Session, ids: Sequence[int]) -> frozenset[str]:
    """Whom the applicants of these dossiers ask to leave out, as identity.name_keys spells them: advice only."""
    rows = (row for _, content in _contents(session, ids) for row in dossier.value(content, "people.exclusions") or [])
    return frozenset(key for row in rows if row.get("name") for key in identity.name_keys(row["name"]))


def _namesakes(session: Session, names: Collection[str]) -> list[identity.Known]:
    """The experts of these names, with what tells them apart."""
    rows = session.execute(
        select(Expert, Person, Organisation.name)
        .join(Person, Person.id == Expert.person_id)
        .outerjoin(Organisation, Organisation.id == Expert.organisation_id)
        .where(Expert.active, or_(Person.name.in_(names), Person.name_en.in_(names)))
    )
    return [
        identity.Known(
            expert.external_id,
            tuple(filter(None, (person.name, person.name_en))),
            place or "",
            records.identifiers(person.orcid, person.researcher_no, expert.mail),
        )
        for expert, person, place in rows
    ]


def _exclusions(session: Session, ids: Sequence[int], seats: Sequence[SeatRow]) -> list[Exclusion]:
    seated = {key for seat in seats for key in identity.name_keys(seat.name)}
    return [
        Exclusion(label, name, row.get("organisation", ""), row.get("reason", ""), not seated.isdisjoint(identity.name_keys(name)))
        for label, content in _contents(session, ids)
        for row in dossier.value(content, "people.exclusions") or []
        if (name := row.get("name"))
    ]


def _former(session: Session, panel: RunPanel) -> list[Barred]:
    """Who was asked to judge these dossiers in another round."""
    round_id = session.get_one(MatchRun, panel.run_id).round_id
    former = rounds.former_panellists(session, panel.application_ids, round_id)
    rows = [(session.get_one(Application, a).label, session.get_one(Expert, e)) for a, e in former]
    return [
        Barred(
            expert.public_id,
            expert.person.name,
            expert.organisation.name if expert.organisation else "",
            "former_panellist",
            hard=True,
            status="upheld",
            evidence={},
            dossier=label,
        )
        for label, expert in sorted(rows, key=lambda row: (row[0], row[1].person.name, row[1].id))
    ]


def _barred(session: Session, ids: Sequence[int]) -> list[Barred]:
    """Of this panel's dossiers; who is barred from the whole call stands on its page of conflicts."""
    rows = session.execute(
        select(Conflict, Expert.public_id, Person.name, Organisation.name, Application)
        .join(Expert, Expert.id == Conflict.expert_id)
        .join(Person, Person.id == Expert.person_id)
        .outerjoin(Organisation, Organisation.id == Expert.organisation_id)
        .join(Application, Application.id == Conflict.application_id)
        .where(Conflict.application_id.in_(ids), Conflict.status.in_((*barring.BARRING, "noted")))
        .order_by(Conflict.ground, Person.name, Conflict.id)
        .limit(BARRED_MOST)
    )
    return [
        Barred(expert_id, name, organisation or "", c.ground, c.hard, c.status, c.evidence, application.label)
        for c, expert_id, name, organisation, application in rows
    ]
