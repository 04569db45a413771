"""Where rows of the database become records of the libraries, so that no library ever sees a row."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import Session

from app import journal
from app.documents import dossier as form
from app.documents import passages
from app.models.applications import Application, CoApplicant, DossierVersion
from app.models.experts import Expert as ExpertRow
from app.models.experts import ExpertField
from app.models.experts import Work as WorkRow
from app.models.people import Account, Organisation, Person
from app.models.readings import Reading, ReadingPage
from reviewers.identity import identifier
from reviewers.records import Dossier, Expert, FieldLevel, Listed, Passage, Work

PASSAGE_MOST = 20_000  # characters; what follows is cut by the encoder's window anyway


@dataclass(frozen=True)
class Pool:
    """The active experts as records, sorted by id, with the rows they stand for.

    Ids are made of what was imported, not of row numbers, so that the same input gives the same run anywhere.
    """

    experts: tuple[Expert, ...]
    row_ids: Mapping[str, int]  # expert id → row
    work_ids: Mapping[str, str]  # work id → public id of the row
    declared: Mapping[str, Sequence[Mapping[str, Any]]]  # expert id → standing interests
    digests: Mapping[str, str]
    person_ids: Mapping[str, int]


@dataclass(frozen=True)
class Filed:
    """The dossiers of one round as records, in the order of their numbers, with the rows they stand for."""

    dossiers: tuple[Dossier, ...]
    row_ids: Mapping[str, int]
    digests: Mapping[str, str]
    fields: Mapping[str, str]  # dossier id → main sub-field
    writers: Mapping[str, frozenset[int]]  # dossier id → persons who own or co-write it


@dataclass(frozen=True)
class Documents:
    """What the documents of a counting version say where its panel may read them, hidden text left out.

    `digest` names the passages: it changes with the files, with the reader and with how passages are cut, and with nothing else.
    `unread`: documents of which nothing is read, not yet or not at all.
    """

    passages: tuple[Passage, ...]
    digest: str
    unread: int


def pool(session: Session, only: Collection[int] | None = None) -> Pool:
    """Every active expert with works and fields, or those `only`: five queries, whatever the size of the pool."""
    some = true() if only is None else ExpertRow.id.in_(only)
    works = _works(session, some)
    fields = _fields(session)
    mails = _mails(session, some)
    rows = session.execute(
        select(ExpertRow, Organisation.name, Organisation.registration_no, Person)
        .join(Person, Person.id == ExpertRow.person_id)
        .outerjoin(Organisation, Organisation.id == ExpertRow.organisation_id)
        .where(ExpertRow.active, some)
        .order_by(ExpertRow.source, ExpertRow.external_id)
    ).all()
    experts, row_ids, digests, declared, work_ids, persons = [], {}, {}, {}, {}, {}
    for row, organisation, number, person in rows:
        own = f"{row.source}:{row.external_id}"
        its_works = []
        for ordinal, (public_id, values) in enumerate(works.get(row.id, ()), 1):
            its_works.append(Work(id=f"{own}/{ordinal}", **values))
            work_ids[f"{own}/{ordinal}"] = public_id
        experts.append(
            Expert(
                id=own,
                organisation=organisation or "",
                works=tuple(its_works),
                fields=fields.get(row.id, ()),
                sector=row.sector or None,
                seat_types=frozenset(row.seat_types),
                region=row.region or None,
                load_cap=row.load_cap,
                keywords=tuple(row.keywords),
                organisation_number=number,
                unit=row.unit,
                names=tuple(filter(None, (person.name, person.name_en))),
                identifiers=identifiers(person.orcid, person.researcher_no, row.mail, *mails.get(row.id, ())),
            )
        )
        row_ids[own], digests[own], declared[own] = row.id, row.digest, tuple(row.declared)
        persons[own] = row.person_id
    return Pool(tuple(experts), row_ids, work_ids, declared, digests, persons)


def identifiers(orcid: str | None, researcher_no: str | None, *mails: str) -> frozenset[str]:
    """What tells a person from namesakes, in the library's spelling."""
    texts = (orcid or "", f"researcher:{researcher_no}" if researcher_no else "", *mails)
    return frozenset(identifier(text) for text in texts) - {""}


def filed(session: Session, applications: Sequence[Application]) -> Filed:
    """The counting version of each application; `applications` in the order wanted."""
    versions = {
        row.application_id: row
        for row in session.execute(
            select(DossierVersion)
            .join(Application, Application.id == DossierVersion.application_id)
            .where(
                DossierVersion.version == Application.dossier_version,
                Application.id.in_([application.id for application in applications]),
            )
        ).scalars()
    }
    dossiers, row_ids, digests, fields = [], {}, {}, {}
    for application in applications:
        version = versions[application.id]
        own = application.filed_number
        dossiers.append(_dossier(own, application, version.content))
        row_ids[own], digests[own], fields[own] = application.id, version.digest, application.field_1
    return Filed(tuple(dossiers), row_ids, digests, fields, _writers(session, row_ids))


def parties(session: Session, applications: Select[int]) -> Filed:
    """The same of many dossiers by applicant and the people named alone, without their texts; `applications` selects their ids."""
    rows = session.execute(
        select(Application.id, Application.number, Organisation.name, Organisation.registration_no, DossierVersion.content)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(DossierVersion, DossierVersion.application_id == Application.id)
        .where(DossierVersion.version == Application.dossier_version, Application.id.in_(applications))
        .order_by(Application.number)
    )
    dossiers, row_ids = [], {}
    for row_id, number, organisation, registration_no, content in rows:
        own = f"D-{number:04d}"
        named = {"people": form.people(content), "listed": tuple(listed(person) for person in form.interested(content))}
        dossiers.append(Dossier(own, organisation, "", organisation_number=registration_no, **named))
        row_ids[own] = row_id
    return Filed(tuple(dossiers), row_ids, {}, {}, _writers(session, row_ids))


def _dossier(own: str, application: Application, content: Mapping[str, Any]) -> Dossier:
    summary, *further = [passages.informing(text) for text in form.passages(content)] or [""]
    return Dossier(
        id=own,
        organisation=application.organisation.name,
        title=application.title,
        summary=summary,
        fields=form.sub_fields(content),
        passages=tuple(text[:PASSAGE_MOST] for text in further),
        people=form.people(content),
        organisation_number=application.organisation.registration_no,
        listed=tuple(listed(person) for person in form.interested(content)),
        projects=form.projects(content),
    )


def listed(person: form.Interested) -> Listed:
    """Somebody a dossier names, as the library tells people apart."""
    parts = re.split(r"[\s,;]+", person.identifier)
    own = frozenset(identifier(text) for text in (person.identifier, *parts)) - {""}
    return Listed(person.name, person.organisation, person.unit, person.role, own)


def documents(session: Session, applications: Sequence[Application]) -> dict[str, Documents]:
    """Dossier id → what its documents say; `applications` as for `filed`."""
    versions = {(application.id, application.dossier_version): application.filed_number for application in applications}
    rows = session.execute(
        select(DossierVersion.application_id, DossierVersion.version, DossierVersion.files).where(
            DossierVersion.application_id.in_([own for own, _ in versions])
        )
    )
    filed = {versions[own, version]: _shown(files) for own, version, files in rows if (own, version) in versions}
    texts = _texts(session, {sha256 for shown in filed.values() for sha256 in shown})
    return {own: _documents(shown, texts) for own, shown in filed.items()}


def _shown(files: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The files a panel may read, by digest; filed in two slots, read in the first."""
    open_slots = {slot.code for slot in form.panel_slots()}
    shown: dict[str, Mapping[str, Any]] = {}
    for f in files:
        if f["slot"] in open_slots:
            shown.setdefault(f["sha256"], f)
    return shown


def _documents(shown: Mapping[str, Mapping[str, Any]], texts: Mapping[str, Sequence[str]]) -> Documents:
    found = tuple(
        Passage(text, f["slot"], f["name"], page)
        for sha256, f in shown.items()
        for page, text in passages.cut(texts.get(sha256, ()))
    )[: passages.MOST]
    named = [[p.slot, p.document, p.page, p.text] for p in found]
    return Documents(found, journal.sha256(named), len(shown.keys() - texts.keys()))


def _texts(session: Session, digests: Iterable[str]) -> dict[str, list[str]]:
    """Digest → the visible text of each page, by the newest reader that could read it."""
    newest: dict[str, int] = {}
    for sha256, row_id in session.execute(
        select(Reading.sha256, Reading.id).where(Reading.sha256.in_(digests), Reading.state == "done").order_by(Reading.reader)
    ):
        newest[sha256] = row_id
    pages: dict[int, list[str]] = {}
    for row_id, text in session.execute(
        select(ReadingPage.reading_id, ReadingPage.text)
        .where(ReadingPage.reading_id.in_(newest.values()))
        .order_by(ReadingPage.reading_id, ReadingPage.number)
    ):
        pages.setdefault(row_id, []).append(text)
    return {sha256: pages.get(row_id, []) for sha256, row_id in newest.items()}


def _writers(session: Session, row_ids: Mapping[str, int]) -> dict[str, frozenset[int]]:
    """Owner and co-applicants of each dossier as persons; who was taken off wrote it all the same."""
    own_of = {row: own for own, row in row_ids.items()}
    out: dict[str, set[int]] = {}
    owners = select(Application.id, Account.person_id).join(Account, Account.id == Application.owner_id)
    members = select(CoApplicant.application_id, Account.person_id).join(Account, Account.id == CoApplicant.account_id)
    for query in (owners.where(Application.id.in_(own_of)), members.where(CoApplicant.application_id.in_(own_of))):
        for application_id, person_id in session.execute(query):
            out.setdefault(own_of[application_id], set()).add(person_id)
    return {own: frozenset(persons) for own, persons in out.items()}


def _mails(session: Session, some: ColumnElement[bool]) -> dict[int, list[str]]:
    """The addresses under which an expert's person signs in: each was proved by a letter."""
    out: dict[int, list[str]] = {}
    own = select(ExpertRow.id, Account.mail).join(Account, Account.person_id == ExpertRow.person_id)
    for expert_id, mail in session.execute(own.where(Account.status == "active", some)):
        out.setdefault(expert_id, []).append(mail)
    return out


def works_of(session: Session, experts: Sequence[int]) -> dict[int, tuple[Work, ...]]:
    """The works of some experts by row, each named by its public id; an expert without any is there with none."""
    found = _works(session, ExpertRow.id.in_(experts))
    return {own: tuple(Work(id=public_id, **values) for public_id, values in found.get(own, ())) for own in experts}


def _works(session: Session, some: ColumnElement[bool]) -> dict[int, list[tuple[str, dict[str, Any]]]]:
    columns = (WorkRow.title, WorkRow.abstract, WorkRow.year, WorkRow.kind, WorkRow.url, WorkRow.people)
    rows = session.execute(
        select(WorkRow.expert_id, WorkRow.public_id, *columns)
        .join(ExpertRow, ExpertRow.id == WorkRow.expert_id)
        .where(WorkRow.current, some)
        .order_by(WorkRow.expert_id, WorkRow.ordinal)
    )
    out: dict[int, list[tuple[str, dict[str, Any]]]] = {}
    for row in rows:
        values = {"title": row.title, "abstract": row.abstract, "year": row.year, "kind": row.kind}
        out.setdefault(row.expert_id, []).append((row.public_id, values | {"url": row.url or None, "people": tuple(row.people)}))
    return out


def _fields(session: Session) -> dict[int, tuple[FieldLevel, ...]]:
    """The main sub-field first."""
    out: dict[int, tuple[FieldLevel, ...]] = {}
    order = (ExpertField.expert_id, ExpertField.main.desc(), ExpertField.code)
    for row in session.execute(select(ExpertField.expert_id, ExpertField.code, ExpertField.level).order_by(*order)):
        out[row.expert_id] = (*out.get(row.expert_id, ()), FieldLevel(row.code, row.level))
    return out
