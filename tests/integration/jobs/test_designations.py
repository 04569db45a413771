"""Time and change owe something to designations: the promises are kept once, by the tasks of the queue."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app import clock, outbox
from app.db import Database
from app.jobs import tasks
from app.models.designations import Designation, ListEdition
from app.models.process import Mail, Promise
from app.stages import standing
from config import Config
from tests.after_panels import BASE, World, world


def keep(config: Config, database: Database, kind: str) -> int:
    """Keep every open promise of a kind, as if its time had come; how many there were."""
    with database.write() as session:
        owed = list(session.execute(select(Promise).where(Promise.kind == kind, Promise.state == "open")).scalars())
        for promise in owed:
            promise.due_at = min(promise.due_at, clock.now(session))
        numbers = [promise.id for promise in owed]
    for number in numbers:
        assert tasks.carry_out(config, database, number)
    return len(numbers)


def designated(database: Database, now: datetime) -> tuple[World, str]:
    session = database.writer()
    here = world(session, now)
    row = here.designated()
    session.commit()
    return here, row.public_id


def test_a_suspension_publishes_one_new_edition_and_a_second_promise_says_nothing_new(
    config: Config, database: Database, now: datetime
) -> None:
    here, designation = designated(database, now)
    for actor in (here.coordinator, here.second):
        standing.suspend(here.session, designation, reason="사고", actor=actor, now=here.now, base_url=BASE)
    outbox.promise(here.session, "publish_list", key="list:again", args={}, now=here.now)
    here.session.commit()
    here.session.close()
    assert keep(config, database, "publish_list") == 2
    with database.read() as session:
        edition = session.execute(select(ListEdition)).scalar_one()
        assert [row["status"] for row in edition.rows] == ["suspended"]
        assert edition.published_by_id is None


def test_a_term_that_is_not_over_is_promised_again_and_one_that_is_over_ends(
    config: Config, database: Database, now: datetime
) -> None:
    here, designation = designated(database, now)
    row = here.session.query(Designation).one()
    row.valid_until = row.valid_until.replace(year=row.valid_until.year + 1)  # an extension moved the end
    here.session.commit()
    assert keep(config, database, "expire_designation") == 1
    with database.write() as session:
        row = session.execute(select(Designation)).scalar_one()
        assert row.status == "active"
        row.valid_from = row.valid_until = row.designated_on.replace(year=2020)
    here.session.close()
    assert keep(config, database, "expire_designation") == 1
    with database.read() as session:
        ended = session.execute(select(Designation).where(Designation.public_id == designation)).scalar_one()
        assert ended.status == "expired"


def test_the_holder_is_reminded_by_the_promises_made_with_the_designation(
    config: Config, database: Database, now: datetime
) -> None:
    here, designation = designated(database, now)
    here.session.close()
    assert keep(config, database, "remind_expiry") == 3
    with database.read() as session:
        letter = session.execute(select(Mail).where(Mail.template == "expiry_reminder")).scalar_one()
        assert f"/applicant/designations/{designation}" in letter.body
