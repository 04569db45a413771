"""The migrations make exactly the tables that the models describe, and go back to nothing and up again with data in place."""

from __future__ import annotations

from datetime import datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select

import app.models  # noqa: F401 - registers the tables
from app import journal, schema
from app.db import Base, Database
from app.models.applications import Application, Decision
from app.models.designations import CertificateVersion, Objection
from app.workflow import rounds
from tests import panels as worlds
from tests.after_panels import world
from tests.re_reviews import order

pytestmark = pytest.mark.storage


def differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata))


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names())


def test_the_migrated_schema_is_the_one_the_models_describe(database: Database) -> None:
    assert schema.current(database) == schema.head()
    assert differences(database) == []


def test_down_to_nothing_and_up_again_gives_the_same_schema(database: Database, now: datetime) -> None:
    before = tables(database)
    with database.write() as session:
        journal.write(session, at=now, actor="system", role="system", action="test.written", kind="call", subject="x")
    schema.migrate(database, target="base")
    assert tables(database) <= {"alembic_version"}
    schema.migrate(database)
    assert tables(database) == before
    assert differences(database) == []
    with database.read() as session:
        assert journal.verify(session).entries == 0


def test_a_designation_made_before_certificates_had_versions_gets_its_first(database: Database, now) -> None:  # type: ignore[no-untyped-def]
    with database.write() as session:
        issued = world(session, now).designated().certificates[0]
        before = (issued.number, issued.content, issued.digest, issued.at)
    schema.migrate(database, target="0007")
    schema.migrate(database)
    with database.read() as session:
        again = session.query(CertificateVersion).one()
        assert (again.number, again.content, again.digest, again.at) == before


def test_a_re_review_ordered_before_rounds_had_names_gets_its_round(database: Database, now: datetime) -> None:
    with database.writer() as session:
        world = worlds.make(session, now)
        world.invite_all()
        order(world, world.applications[0], world.panels[0])
        session.commit()
    schema.migrate(database, target="0010")  # the columns go, and with them what they said
    schema.migrate(database)
    with database.read() as session:
        sent = session.execute(select(Application)).scalar_one()
        assert sent.round is not None and (sent.round.kind, sent.round.call_id) == ("re_review", sent.call_id)
        assert session.execute(rounds.waiting(sent.round)).scalars().all() == [sent]
        refusal = session.execute(select(Decision).where(Decision.outcome == "rejected")).scalar_one()
        assert session.execute(select(Objection.decision_id)).scalar_one() == refusal.id
