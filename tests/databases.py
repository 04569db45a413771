"""A fresh database for each test in milliseconds: migrated once as a template, then copied."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import Protocol

import psycopg
from sqlalchemy.engine import URL, make_url

from app import schema
from app.db import Database


class Source(Protocol):
    def fresh(self, folder: Path) -> str:
        """The URL of a new, migrated, empty database."""

    def drop(self, url: str) -> None:
        """The test is over."""


class Sqlite:
    def __init__(self, folder: Path) -> None:
        self.template = folder / "template.sqlite"
        database = Database(f"sqlite:///{self.template}")
        schema.migrate(database)
        with database.engine.connect() as connection:  # a copy without its -wal would miss what was committed last
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
        database.dispose()

    def fresh(self, folder: Path) -> str:
        path = folder / "ppir.sqlite"
        shutil.copyfile(self.template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        pass  # goes with the folder of its test


class Postgresql:
    """Databases on one server; `server` names any of its databases and a role that may create others."""

    def __init__(self, server: str, *, careless: bool = False) -> None:
        # Copying files needs a checkpoint: slow where a server forces it to disk, five times faster where it does not.
        self.strategy = "file_copy" if careless else "wal_log"
        self.server = make_url(server).set(drivername="postgresql+psycopg")
        self.template = self._name("template")
        self._execute(f'CREATE DATABASE "{self.template}"')
        database = Database(self._url(self.template))
        schema.migrate(database)
        database.dispose()

    def fresh(self, folder: Path) -> str:
        name = self._name("test")
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{self.template}" STRATEGY {self.strategy}')
        return self._url(name)

    def drop(self, url: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def close(self) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{self.template}" WITH (FORCE)')

    @staticmethod
    def _name(kind: str) -> str:
        return f"ppir_{kind}_{uuid.uuid4().hex[:12]}"

    def _url(self, database: str) -> str:
        return self.server.set(database=database).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        plain: URL = self.server.set(drivername="postgresql")
        with psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]
