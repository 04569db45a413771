"""Everybody who acts in the demonstration: the accounts people sign in with, one account for each company, and the experts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo import people as invented
from app.demo.institutions import Organisation as InventedOrganisation
from app.models.experts import Expert
from app.models.people import Account, AccountRole, Organisation, Person
from app.models.process import Setting
from app.queries.people import actor_of
from app.stages.people import password_hash
from app.workflow.actors import Actor
from reviewers.organisations import organisation_key

PASSWORD = "demo-walk-2026"  # printed when the demonstration starts; its accounts work in no other database


@dataclass
class Cast:
    """Actors by sign-in key; companies by registration number; panellists by expert."""

    staff: dict[str, Actor] = field(default_factory=dict)
    companies: dict[str, Actor] = field(default_factory=dict)
    experts: dict[int, Actor] = field(default_factory=dict)

    def expert(self, session: Session, expert_id: int) -> Actor:
        """The expert as somebody who answers and scores, with or without an account of their own."""
        if expert_id not in self.experts:
            row = session.get_one(Expert, expert_id)
            account = session.execute(select(Account).where(Account.person_id == row.person_id)).scalar_one_or_none()
            if account is not None:
                self.experts[expert_id] = actor_of(session, account)
            else:
                self.experts[expert_id] = Actor(
                    row.person.public_id,
                    frozenset({"panellist"}),
                    person_id=row.person_id,
                    expert_id=row.id,
                    name=row.person.name,
                    language=row.language,
                )
        return self.experts[expert_id]


def mark_as_demo(session: Session) -> None:
    session.add(Setting(name="demo", value="yes"))


def assemble(session: Session, dossiers: Iterable[Mapping[str, Any]], now: datetime) -> Cast:
    """Accounts for the invented staff and for the company of every dossier."""
    cast, secret = Cast(), password_hash(PASSWORD)
    for one in invented.accounts():
        account = _account(
            session,
            one.mail,
            str(one.name.ko if one.language == "ko" else one.name.en),
            str(one.name.en),
            one.language,
            secret,
            now,
        )
        for role in one.roles:
            organisation = _organisation(session, role.organisation, role.name) if role.organisation else None
            session.add(
                AccountRole(
                    account_id=account.id, role=role.name, organisation_id=organisation.id if organisation else None, given_at=now
                )
            )
        session.flush()
        cast.staff[one.key] = actor_of(session, account)
    add_companies(session, cast, dossiers, now, secret)
    _something_to_see(session, cast, now)
    return cast


def add_companies(
    session: Session, cast: Cast, dossiers: Iterable[Mapping[str, Any]], now: datetime, secret: str | None = None
) -> None:
    """An account for the company of every dossier that has none yet."""
    for d in dossiers:
        number = d["organisation"]["business_no"]
        if number not in cast.companies:
            cast.companies[number] = _company(session, d, secret or password_hash(PASSWORD), now)


def _something_to_see(session: Session, cast: Cast, now: datetime) -> None:
    """In a small demonstration the applicant's company may have filed nothing: then the account acts for a few that did."""
    applicant, theirs = cast.staff["applicant"], [c.organisation_ids for c in cast.companies.values()]
    if any(applicant.organisation_ids & ids for ids in theirs):
        return
    account = session.execute(select(Account).where(Account.mail == "applicant@ppir.example")).scalar_one()
    for ids in theirs[:12]:
        for organisation_id in ids:
            session.add(AccountRole(account_id=account.id, role="applicant", organisation_id=organisation_id, given_at=now))
    session.flush()
    session.refresh(account)
    cast.staff["applicant"] = actor_of(session, account)


def seat_panellists(session: Session, cast: Cast, keys: Iterable[str], experts: Iterable[int]) -> None:
    """Tie panellists' accounts to experts of the pool: those given, in order."""
    for key, expert_id in zip(keys, experts, strict=False):
        account = session.execute(select(Account).where(Account.mail == f"{key}@ppir.example")).scalar_one()
        account.person_id = session.get_one(Expert, expert_id).person_id
        session.flush()
        session.refresh(account)
        account.person.name = cast.staff[key].name
        cast.staff[key] = cast.experts[expert_id] = actor_of(session, account)


def _account(session: Session, mail: str, name: str, name_en: str, language: str, secret: str, now: datetime) -> Account:
    person = Person(name=name, name_en=name_en)
    session.add(person)
    session.flush()
    account = Account(
        person_id=person.id,
        mail=mail,
        password_hash=secret,
        language=language,
        status="active",
        demo=True,
        created_at=now,
        password_at=now,
    )
    session.add(account)
    session.flush()
    return account


def _company(session: Session, d: Mapping[str, Any], secret: str, now: datetime) -> Actor:
    given = d["organisation"]
    row = session.execute(select(Organisation).where(Organisation.registration_no == given["business_no"])).scalar_one_or_none()
    if row is None:
        row = Organisation(name=given["name_ko"], key=organisation_key(given["name_ko"]), registration_no=given["business_no"])
        session.add(row)
    row.name_en, row.region, row.size, row.address, row.kind = (
        given["name_en"],
        given["region"],
        given["size"],
        given["address"],
        "company",
    )
    session.flush()
    held = (
        session.execute(select(AccountRole).where(AccountRole.organisation_id == row.id, AccountRole.role == "applicant"))
        .scalars()
        .first()
    )
    if held is None:
        account = _account(
            session, given["contact"]["mail"], given["contact"]["name"], given["contact"]["name_en"], d["language"], secret, now
        )
        session.add(AccountRole(account_id=account.id, role="applicant", organisation_id=row.id, given_at=now))
        session.flush()
        return actor_of(session, account)
    return actor_of(session, held.account)


def _organisation(session: Session, given: InventedOrganisation, role: str) -> Organisation:
    row = session.execute(select(Organisation).where(Organisation.registration_no == given.registration_no)).scalar_one_or_none()
    if row is None:
        row = Organisation(
            name=str(given.name.ko),
            name_en=str(given.name.en),
            key=organisation_key(str(given.name.ko)),
            registration_no=given.registration_no,
            region=given.region,
        )
        session.add(row)
    row.kind = "public" if role == "institution" else "company"
    session.flush()
    return row
