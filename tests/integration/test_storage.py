"""What both databases must do alike, since everything else builds on it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

from app import outbox, schema
from app.db import Base, Database
from app.models.process import ImportRun, Promise, Setting

pytestmark = pytest.mark.storage


def test_a_reading_session_cannot_write(database: Database) -> None:
    with database.read() as session, pytest.raises(DatabaseError):
        session.add(Setting(name="a", value="b"))
        session.flush()


def test_a_failed_block_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as session:
        session.add(Setting(name="a", value="b"))
        session.flush()
        1 / 0  # noqa: B018
    with database.read() as session:
        assert session.scalars(select(Setting)).all() == []


def test_times_come_back_aware_and_equal(session: Session, now: datetime) -> None:
    seoul = now.astimezone(timezone(timedelta(hours=9)))
    row = outbox.promise(session, "screen", key="k", args={}, now=seoul)
    session.commit()
    again = session.get_one(Promise, row.id, populate_existing=True)
    assert again.created_at == now
    assert again.created_at.utcoffset() == timedelta(0)


def test_a_child_without_its_parent_is_refused(session: Session, now: datetime) -> None:
    session.add(ImportRun(kind="experts", name="x", sha256="0" * 64, at=now, promise_id=4711))
    with pytest.raises(IntegrityError):
        session.flush()


def test_migrations_go_up_down_and_up_again(database: Database) -> None:
    schema.migrate(database, target="base")
    assert schema.current(database) is None
    schema.migrate(database)
    with database.engine.connect() as connection:
        assert set(Base.metadata.tables) <= set(inspect(connection).get_table_names())


def test_the_tables_are_those_the_models_describe(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
