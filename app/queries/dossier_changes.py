"""Who changed which field of a dossier when, from its versions: for the people who write it together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.applications import DossierVersion
from app.models.people import Account, Person
from app.workflow import dossiers, permissions
from app.workflow.actors import Actor

LOOKED_AT = 400  # versions; somebody typing makes one every other second


@dataclass(frozen=True)
class Change:
    """The last change of one place: by whom, and whether that is the reader, perhaps in another window."""

    place: str
    by: str
    own: bool
    at: datetime
    version: int


def since(session: Session, public_id: str, base: int, *, actor: Actor) -> list[Change]:
    """The last change of every place that changed after version `base`, the newest first."""
    row = dossiers.find(session, public_id)
    permissions.require(actor, "application.follow", row)
    rows = session.execute(
        select(DossierVersion.version, DossierVersion.changed, DossierVersion.at, DossierVersion.by_id, Person.name)
        .outerjoin(Account, Account.id == DossierVersion.by_id)
        .outerjoin(Person, Person.id == Account.person_id)
        .where(DossierVersion.application_id == row.id, DossierVersion.version > base)
        .order_by(DossierVersion.version.desc())
        .limit(LOOKED_AT)
    )
    last: dict[str, Change] = {}
    for version, changed, at, by_id, name in rows:
        for place in changed or ():
            last.setdefault(place, Change(place, name or "", by_id == actor.account_id, at, version))
    return list(last.values())


def of_others(changes: Iterable[Change], most: int = 3) -> list[Change]:
    return [change for change in changes if not change.own][:most]
