"""Who works on a dossier, and what any of them may do to the list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.queries.dossier_changes import Change, since
from app.workflow import dossiers, permissions
from app.workflow.actors import Actor


@dataclass(frozen=True)
class Member:
    public_id: str
    name: str
    mail: str
    role: str
    invited_at: datetime
    joined: bool  # has an account that works
    offered: bool
    own: bool


@dataclass(frozen=True)
class Team:
    public_id: str
    number: str
    title: str
    call: dict[str, str]
    organisation: str
    owner: str
    owner_mail: str
    members: tuple[Member, ...]
    may_share: bool  # the reader is the owner or of the company
    own: Member | None  # the reader's own line
    changes: tuple[Change, ...]


def one(session: Session, public_id: str, *, actor: Actor) -> Team:
    row = dossiers.find(session, public_id)
    permissions.require(actor, "application.follow", row)
    members = tuple(
        Member(
            m.public_id,
            m.name,
            m.mail,
            m.role,
            m.invited_at,
            m.account is not None and m.account.status == "active",
            m.offered_at is not None,
            m.account_id is not None and m.account_id == actor.account_id,
        )
        for m in row.members
        if m.ended_at is None
    )
    return Team(
        public_id=row.public_id,
        number=row.filed_number,
        title=row.title,
        call={"ko": row.call.title_ko, "en": row.call.title_en},
        organisation=row.organisation.name,
        owner=row.owner.person.name if row.owner else "",
        owner_mail=row.owner.mail if row.owner else "",
        members=members,
        may_share=permissions.may(actor, "application.file", row),
        own=next((m for m in members if m.own), None),
        changes=tuple(since(session, public_id, 0, actor=actor)[:15]),
    )
