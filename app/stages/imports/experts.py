"""Writes experts: new ones in bulk, changed ones as a new version, the same again not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.models.experts import Expert, ExpertField, ExpertVersion, Work
from app.models.people import Account, Person
from app.stages.imports import organisations
from app.stages.imports.profiles import Profile
from app.stages.imports.row_files import Problem

SOURCE = "import"
NUMBERS = ("orcid", "researcher_no")


@dataclass
class Counts:
    created: int = 0
    changed: int = 0
    unchanged: int = 0


def store(session: Session, profiles: Sequence[Profile], now: datetime) -> Counts:
    """Bring the pool to what the profiles say; experts the file does not name stay as they are."""
    known = {
        row.external_id: row
        for row in session.execute(
            select(Expert.id, Expert.external_id, Expert.digest, Expert.version, Expert.person_id).where(Expert.source == SOURCE)
        )
    }
    new = [p for p in profiles if p.id not in known]
    changed = [p for p in profiles if p.id in known and known[p.id].digest != p.digest]
    places = organisations.resolve(session, [_named(p) for p in new + changed])
    _create(session, new, places, now)
    for profile in changed:
        row = known[profile.id]
        _change(session, row.id, row.person_id, row.version + 1, profile, places[_named(profile)], now)
    return Counts(len(new), len(changed), len(profiles) - len(new) - len(changed))


def _named(profile: Profile) -> organisations.Named:
    return profile.content["organisation"], profile.content["organisation_no"]


def _create(session: Session, profiles: Sequence[Profile], places: Any, now: datetime) -> None:
    if not profiles:
        return
    people = _people(session, profiles)
    rows = [
        {**_columns(p, places[_named(p)], now), "person_id": person, "source": SOURCE, "external_id": p.id}
        for p, person in zip(profiles, people, strict=True)
    ]
    ids = list(session.execute(insert(Expert).returning(Expert.id, sort_by_parameter_order=True), rows).scalars())
    pairs = list(zip(ids, profiles, strict=True))
    _insert(session, Work, [_work_row(expert, n, w) for expert, p in pairs for n, w in enumerate(p.content["works"], 1)])
    _insert(session, ExpertField, [{"expert_id": expert, **f} for expert, p in pairs for f in p.content["fields"]])
    _insert(
        session,
        ExpertVersion,
        [{"expert_id": expert, "version": 1, "content": p.content, "digest": p.digest, "at": now} for expert, p in pairs],
    )


def refused(session: Session, profiles: Sequence[Profile]) -> list[Problem]:
    """Rows whose ORCID or researcher number is another expert's: nobody is in the pool twice."""
    columns = (Expert.source, Expert.external_id, Person.orcid, Person.researcher_no)
    owner: dict[tuple[str, str], tuple[str, str]] = {}
    for source, own, *numbers in session.execute(select(*columns).join(Person, Person.id == Expert.person_id)):
        owner |= {(name, number): (source, own) for name, number in zip(NUMBERS, numbers, strict=True) if number}
    out = []
    for profile in profiles:
        for name in NUMBERS:
            if number := profile.content.get(name):
                other = owner.setdefault((name, number), (SOURCE, profile.id))
                if other != (SOURCE, profile.id):
                    out.append(Problem(profile.line, name, "import.person_twice", {"other": other[1]}))
    return out


def _people(session: Session, profiles: Sequence[Profile]) -> list[int]:
    """A person for each: whoever has the number or signs in with the mail and is no expert yet, otherwise a new one."""
    taken = set(session.execute(select(Expert.person_id)).scalars())
    known: dict[tuple[str, str], int] = {}
    for own, *numbers in session.execute(select(Person.id, Person.orcid, Person.researcher_no)):
        known |= {(name, number): own for name, number in zip(NUMBERS, numbers, strict=True) if number}
    for mail, own in session.execute(select(Account.mail, Account.person_id)):
        known.setdefault(("mail", mail), own)
    out: list[int | None] = []
    for profile in profiles:
        told = ((name, profile.content.get(name)) for name in (*NUMBERS, "mail"))
        person = next((known[name, text] for name, text in told if text and (name, text) in known), None)
        person = None if person in taken else person
        out.append(person)
        taken |= {person} if person else set()
        if person and (given := {name: profile.content[name] for name in NUMBERS if profile.content.get(name)}):
            session.execute(update(Person).where(Person.id == person).values(**given))
    rows = [_person_row(p) for p, person in zip(profiles, out, strict=True) if person is None]
    fresh = iter(session.execute(insert(Person).returning(Person.id, sort_by_parameter_order=True), rows).scalars() if rows else ())
    return [next(fresh) if person is None else person for person in out]


def _change(session: Session, expert: int, person: int, version: int, profile: Profile, organisation: int, now: datetime) -> None:
    session.execute(update(Expert).where(Expert.id == expert).values(**_columns(profile, organisation, now), version=version))
    session.execute(update(Person).where(Person.id == person).values(**_person_row(profile)))
    session.execute(delete(ExpertField).where(ExpertField.expert_id == expert))
    _insert(session, ExpertField, [{"expert_id": expert, **f} for f in profile.content["fields"]])
    _replace_works(session, expert, profile.content["works"])
    session.add(ExpertVersion(expert_id=expert, version=version, content=profile.content, digest=profile.digest, at=now))


def _replace_works(session: Session, expert: int, works: list[dict[str, Any]]) -> None:
    """A work that stays keeps its row and its id; one that is gone stays for old runs, no longer current."""
    rows = list(session.execute(select(Work).where(Work.expert_id == expert).order_by(Work.id)).scalars())
    old = {(row.title, row.abstract, row.year, row.kind, row.url, tuple(row.people)): row for row in rows}
    for row in rows:
        row.current = False
    new = []
    for ordinal, work in enumerate(works, 1):
        kept = old.pop((work["title"], work["abstract"], work["year"], work["kind"], work["url"], tuple(work["people"])), None)
        if kept is None:
            new.append(_work_row(expert, ordinal, work))
        else:
            kept.current, kept.ordinal = True, ordinal
    session.flush()
    _insert(session, Work, new)


def _columns(profile: Profile, organisation: int, now: datetime) -> dict[str, Any]:
    content = profile.content
    same = ("sector", "seat_types", "region", "mail", "language", "keywords", "declared", "load_cap")
    return {name: content[name] for name in same} | {
        "unit": content.get("unit", ""),
        "organisation_id": organisation,
        "digest": profile.digest,
        "updated_at": now,
    }


def _person_row(profile: Profile) -> dict[str, Any]:
    told = {name: profile.content.get(name) for name in NUMBERS}
    return {"name": profile.content["name"] or profile.id, "name_en": profile.content["name_en"], **told}


def _work_row(expert: int, ordinal: int, work: dict[str, Any]) -> dict[str, Any]:
    return {"expert_id": expert, "ordinal": ordinal, "current": True, **work}


def _insert(session: Session, model: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(model), rows)
