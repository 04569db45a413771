"""Brings a database to the schema of this release, one process at a time."""

from __future__ import annotations

import fcntl
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from app.db import Database

FOLDER = Path(__file__).parent.parent / "migrations"
_LOCK = 7_301_222  # PostgreSQL advisory lock of whoever migrates


def migrate(database: Database, *, lock_file: Path | None = None, target: str = "head") -> None:
    """Upgrade (or with a lower `target` downgrade) under a lock: a second process waits, then finds nothing to do."""
    config = AlembicConfig(str(FOLDER / "alembic.ini"))
    sqlite = database.engine.dialect.name == "sqlite"
    with ExitStack() as stack:
        if sqlite and lock_file is not None:
            handle = stack.enter_context(lock_file.open("w"))
            fcntl.flock(handle, fcntl.LOCK_EX)
        connection = stack.enter_context(database.engine.execution_options(ppir_mode="write").connect())
        if sqlite:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("PRAGMA foreign_keys=OFF")  # a rebuilt table would take its children with it
        else:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
            connection.commit()
        config.attributes["connection"] = connection
        down = target == "base" or (target != "head" and target < (current(database) or ""))
        (command.downgrade if down else command.upgrade)(config, target)
        if connection.in_transaction():
            connection.commit()
        if sqlite:
            broken = raw.execute("PRAGMA foreign_key_check").fetchall()
            raw.execute("PRAGMA foreign_keys=ON")
            if broken:
                raise RuntimeError(f"migration left rows without their parent: {broken[:3]}")
        else:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()


@cache
def head() -> str | None:
    """The revision of this release."""
    return ScriptDirectory.from_config(AlembicConfig(str(FOLDER / "alembic.ini"))).get_current_head()


def current(database: Database) -> str | None:
    """The revision the database stands at, None when it is empty."""
    with database.read() as session:
        if not inspect(session.connection()).has_table("alembic_version"):
            return None
        return session.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
