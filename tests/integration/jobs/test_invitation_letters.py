"""What an invitation owes is kept by the workers: the letter, an account to open it with, and the sweep at its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Database
from app.jobs import tasks
from app.models.experts import Expert
from app.models.people import Account, Person
from app.models.process import Mail, Promise
from app.models.reviews import Invitation
from app.stages import invitations
from config import Config
from tests import panels as worlds


def promised(session: Session, key: str) -> int:
    return session.execute(select(Promise.id).where(Promise.key.startswith(key))).scalar_one()


def test_an_expert_without_an_account_gets_one_with_the_letter(config: Config, database: Database, session: Session) -> None:
    today = datetime.now(UTC)  # a worker asks the clock itself
    world = worlds.make(session, today)
    person = Person(name="새 위원")
    session.add(person)
    session.flush()
    stranger = Expert(person_id=person.id, external_id="new", mail="New.Expert@example.org", digest="0" * 64, updated_at=today)
    session.add(stranger)
    session.flush()
    world.panels[0].seats[0].expert_id = stranger.id
    session.commit()
    world.invite_all()
    letter = session.execute(select(Invitation).where(Invitation.expert_id == stranger.id)).scalar_one()
    owed, page = promised(session, f"letter:{letter.public_id}"), f"/panellist/invitations/{letter.public_id}"
    session.commit()
    assert tasks.carry_out(config, database, owed)
    assert not tasks.carry_out(config, database, owed)
    account = session.execute(select(Account).where(Account.person_id == person.id)).scalar_one()
    assert (account.mail, account.status) == ("new.expert@example.org", "invited")
    written = session.scalars(select(Mail).where(Mail.recipient == account.mail).order_by(Mail.template)).all()
    assert [m.template for m in written] == ["account_invitation", "invitation"]
    assert f"{config.base_url}{page}" in written[1].body


def test_the_sweep_gives_seats_that_were_never_sworn_to_the_next_in_order(
    config: Config, database: Database, session: Session
) -> None:
    world = worlds.make(session, datetime.now(UTC) - timedelta(days=30))
    world.invite_all()
    seat = world.panels[0].seats[0]
    letter = session.get_one(Invitation, seat.invitation_id)
    said = {world.applications[0].public_id: invitations.Declared(False)}
    invitations.accept(session, letter.public_id, said, actor=world.panellist(seat), now=world.now)
    owed = promised(session, f"sweep_pledge:{letter.public_id}")
    session.commit()
    assert tasks.carry_out(config, database, owed)
    session.expire_all()
    assert (seat.status, world.panels[0].seats[3].status) == ("replaced", "invited")
    assert session.scalars(select(Mail.template)).all() == ["pledge_lapsed"]


def test_the_sweep_gives_unanswered_seats_to_the_next_in_order(config: Config, database: Database, session: Session) -> None:
    world = worlds.make(session, datetime.now(UTC) - timedelta(days=30))
    world.invite_all()
    seat = world.panels[0].seats[0]
    letter = session.get_one(Invitation, seat.invitation_id)
    owed = promised(session, f"sweep_invitation:{letter.public_id}")
    session.commit()
    assert tasks.carry_out(config, database, owed)
    session.expire_all()
    assert (seat.status, world.panels[0].seats[3].status) == ("replaced", "invited")
