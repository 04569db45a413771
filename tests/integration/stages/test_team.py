"""People are invited to one dossier by mail, act as far as their role goes, and a dossier changes hands by two consents."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.db import Database
from app.errors import Duplicate, Invalid, NotAllowed, NotFound, WrongStage
from app.jobs import tasks
from app.models.applications import Application, CoApplicant
from app.models.people import Account, OneTimeLink
from app.models.process import JournalEntry, Mail, Promise
from app.queries import applications, people
from app.stages import submission, team
from app.workflow import permissions
from app.workflow.actors import Actor
from config import Config
from tests.dossiers import open_call
from tests.people import account, acting

pytestmark = pytest.mark.storage


@pytest.fixture
def owner(session: Session, now: datetime) -> Actor:
    return acting(session, now, "applicant", name="김담당")


@pytest.fixture
def application(session: Session, now: datetime, owner: Actor) -> Application:
    return submission.start(session, open_call(session, now).public_id, actor=owner, now=now)


def invited(
    session: Session, application: Application, owner: Actor, now: datetime, role: str = "editor"
) -> tuple[CoApplicant, Actor]:
    person = account(session, now, "applicant", name="이공동")
    row = team.invite(session, application.public_id, name="이공동", mail_address=person.mail, role=role, actor=owner, now=now)
    return row, people.actor_of(session, person)


def actions(session: Session, application: Application) -> list[str]:
    of = (JournalEntry.subject == application.public_id, JournalEntry.action.like("application.%"))
    return list(session.execute(select(JournalEntry.action).where(*of).order_by(JournalEntry.id)).scalars())


def test_a_stranger_gets_an_account_by_a_link_that_works_once_and_opens_one_dossier(
    config: Config, database: Database, session: Session
) -> None:
    today = datetime.now(UTC)  # a worker asks the clock itself
    owner = acting(session, today, "applicant")
    call = open_call(session, today)
    shared, other = (submission.start(session, call.public_id, actor=owner, now=today) for _ in range(2))
    team.invite(
        session, shared.public_id, name="새 사람", mail_address=" New@Partner.example ", role="editor", actor=owner, now=today
    )
    owed = session.execute(select(Promise.id).where(Promise.kind == "co_applicant_letter")).scalar_one()
    shared_id, other_id = shared.public_id, other.public_id
    session.commit()
    assert tasks.carry_out(config, database, owed)
    assert not tasks.carry_out(config, database, owed)
    person = session.execute(select(Account).where(Account.mail == "new@partner.example")).scalar_one()
    assert person.status == "invited"
    assert len(session.execute(select(OneTimeLink).where(OneTimeLink.account_id == person.id)).scalars().all()) == 1
    letters = session.scalars(select(Mail).where(Mail.recipient == person.mail).order_by(Mail.template)).all()
    assert [m.template for m in letters] == ["account_invitation", "co_applicant"]
    assert f"/applicant/dossiers/{shared_id}" in letters[1].body
    actor = people.actor_of(session, person)
    assert applications.written(session, shared_id, actor=actor, now=today).may_write
    with pytest.raises(NotFound):
        applications.written(session, other_id, actor=actor, now=today)
    with pytest.raises(Invalid):
        submission.start(session, call.public_id, actor=actor, now=today)  # acts for no company


@pytest.mark.parametrize(
    ("role", "verb", "allowed"),
    [
        ("editor", "application.edit", True),
        ("editor", "application.follow", True),
        ("editor", "application.read", True),
        ("editor", "application.file", False),
        ("viewer", "application.edit", False),
        ("viewer", "application.follow", True),
        ("viewer", "application.read", True),
        ("viewer", "application.file", False),
        ("nobody", "application.edit", False),
        ("nobody", "application.follow", False),
        ("nobody", "application.read", False),
    ],
)
def test_the_one_policy_says_what_each_may(
    session: Session, application: Application, owner: Actor, now: datetime, role: str, verb: str, allowed: bool
) -> None:
    actor = acting(session, now, "applicant") if role == "nobody" else invited(session, application, owner, now, role)[1]
    assert permissions.may(actor, verb, application) is allowed
    assert permissions.may(owner, verb, application)


def test_only_the_owner_and_the_company_invite(session: Session, application: Application, owner: Actor, now: datetime) -> None:
    _, editor = invited(session, application, owner, now)
    for actor, refusal in (
        (editor, NotFound),
        (acting(session, now, "applicant"), NotFound),
        (acting(session, now, "panellist"), NotAllowed),
    ):
        with pytest.raises(refusal):
            team.invite(session, application.public_id, name="x", mail_address="x@y.example", role="viewer", actor=actor, now=now)


def test_nobody_is_invited_twice_nor_the_owner_nor_a_crowd(
    session: Session, application: Application, owner: Actor, now: datetime
) -> None:
    row, _ = invited(session, application, owner, now)
    own = session.get_one(Account, owner.account_id)
    for mail in (row.mail, row.mail.upper(), own.mail):
        with pytest.raises(Duplicate):
            team.invite(session, application.public_id, name="x", mail_address=mail, role="viewer", actor=owner, now=now)
    for n in range(team.MOST - 1):
        team.invite(session, application.public_id, name="x", mail_address=f"x{n}@y.example", role="viewer", actor=owner, now=now)
    with pytest.raises(Invalid) as refused:
        team.invite(session, application.public_id, name="x", mail_address="more@y.example", role="viewer", actor=owner, now=now)
    assert refused.value.problems == {"mail": "team.full"}


def test_a_dossier_changes_hands_when_both_say_so_and_the_journal_holds_it(
    session: Session, application: Application, owner: Actor, now: datetime
) -> None:
    row, editor = invited(session, application, owner, now)
    with pytest.raises(WrongStage):
        team.accept(session, application.public_id, actor=editor, now=now)
    team.offer(session, application.public_id, row.public_id, actor=owner, now=now)
    assert application.owner_id == owner.account_id
    with pytest.raises(WrongStage):
        team.accept(session, application.public_id, actor=owner, now=now)  # nobody accepts for another
    team.accept(session, application.public_id, actor=editor, now=now)
    assert application.owner_id == editor.account_id
    assert permissions.may(editor, "application.file", application)
    assert [(m.account_id, m.role) for m in application.members if m.ended_at is None] == [(owner.account_id, "editor")]
    assert actions(session, application) == [
        "application.started", "application.shared", "application.offered", "application.owner_changed",
    ]  # fmt: skip
    assert journal.verify(session).entries > 0


def test_an_offer_is_taken_back_by_one_side_or_refused_by_the_other(
    session: Session, application: Application, owner: Actor, now: datetime
) -> None:
    row, editor = invited(session, application, owner, now)
    for actor in (owner, editor):
        team.offer(session, application.public_id, row.public_id, actor=owner, now=now)
        team.take_offer_back(session, application.public_id, actor=actor, now=now)
        assert row.offered_at is None and application.owner_id == owner.account_id
    with pytest.raises(WrongStage):
        team.take_offer_back(session, application.public_id, actor=owner, now=now)


def test_a_viewer_is_offered_nothing(session: Session, application: Application, owner: Actor, now: datetime) -> None:
    row, _ = invited(session, application, owner, now, "viewer")
    with pytest.raises(WrongStage):
        team.offer(session, application.public_id, row.public_id, actor=owner, now=now)


def test_people_leave_by_themselves_and_take_nobody_else_off(
    session: Session, application: Application, owner: Actor, now: datetime
) -> None:
    row, editor = invited(session, application, owner, now)
    second, _ = invited(session, application, owner, now, "viewer")
    with pytest.raises(NotFound):
        team.end(session, application.public_id, second.public_id, actor=editor, now=now)
    team.end(session, application.public_id, row.public_id, actor=editor, now=now)
    assert row.ended_at == now and not permissions.may(editor, "application.read", application)


def test_an_application_that_has_ended_is_shared_no_more(
    session: Session, application: Application, owner: Actor, now: datetime
) -> None:
    submission.withdraw(session, application.public_id, actor=owner, now=now)
    with pytest.raises(WrongStage):
        team.invite(session, application.public_id, name="x", mail_address="x@y.example", role="viewer", actor=owner, now=now)
