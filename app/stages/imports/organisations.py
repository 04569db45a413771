"""One organisation for each registration number, else for each name: ㈜, Inc. and campuses do not make a second one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.models.people import Organisation, OrganisationName
from reviewers.organisations import organisation_key

Named = tuple[str, str]  # name, registration number or ""


def resolve(session: Session, named: Iterable[Named]) -> Mapping[Named, int]:
    """The row id for each (name, number); organisations not known yet are added, with the first spelling met."""
    wanted = list(dict.fromkeys(named))
    known = _Known(session)
    new: dict[Named, Organisation] = {}
    numbered: dict[int, str] = {}
    out: dict[Named, int] = {}
    for name, number in sorted(wanted, key=lambda each: not each[1]):  # numbers first: they decide
        key = organisation_key(name)
        found = known.find(key, number)
        if found is None:
            new[name, number] = Organisation(name=name, key=key, registration_no=number or None)
            found = known.add(key, number, -len(new))
        elif number and found > 0 and number not in known.by_number:
            numbered[found] = number
            known.by_number[number] = found
        out[name, number] = found
    ids = _insert(session, list(new.values()))
    out = {each: ids[-found - 1] if found < 0 else found for each, found in out.items()}
    for found, number in numbered.items():
        session.execute(update(Organisation).where(Organisation.id == found).values(registration_no=number))
    _remember_names(session, out)
    return out


class _Known:
    """Every organisation by number and by key; negative ids stand for those about to be added."""

    def __init__(self, session: Session) -> None:
        rows = session.execute(select(Organisation.id, Organisation.key, Organisation.registration_no)).all()
        self.by_number: dict[str, int] = {row.registration_no: row.id for row in rows if row.registration_no}
        self.number_of: dict[int, str] = {found: number for number, found in self.by_number.items()}
        self.by_key: dict[str, int] = {}
        for found, key in [(row.id, row.key) for row in rows] + [
            (row.organisation_id, row.key)
            for row in session.execute(select(OrganisationName.organisation_id, OrganisationName.key))
        ]:
            self.by_key.setdefault(key, found)

    def find(self, key: str, number: str) -> int | None:
        if number and number in self.by_number:
            return self.by_number[number]
        found = self.by_key.get(key)
        if found is None or (number and self.number_of.get(found, number) != number):
            return None  # equal names with two numbers are two organisations
        return found

    def add(self, key: str, number: str, found: int) -> int:
        if number:
            self.by_number[number] = found
            self.number_of[found] = number
        self.by_key.setdefault(key, found)
        return found


def _insert(session: Session, rows: list[Organisation]) -> list[int]:
    if not rows:
        return []
    values = [{"name": row.name, "key": row.key, "registration_no": row.registration_no} for row in rows]
    returning = insert(Organisation).returning(Organisation.id, sort_by_parameter_order=True)
    return list(session.execute(returning, values).scalars())


def _remember_names(session: Session, resolved: Mapping[Named, int]) -> None:
    """A name whose key is not the organisation's own is one it also goes by."""
    own = {row.id: row.key for row in session.execute(select(Organisation.id, Organisation.key))}
    kept = {
        (row.organisation_id, row.key) for row in session.execute(select(OrganisationName.organisation_id, OrganisationName.key))
    }
    further: dict[tuple[int, str], str] = {}
    for (name, _number), found in resolved.items():
        key = organisation_key(name)
        if key != own[found] and (found, key) not in kept:
            further.setdefault((found, key), name)
    if further:
        session.execute(
            insert(OrganisationName),
            [{"organisation_id": found, "key": key, "name": name} for (found, key), name in further.items()],
        )
