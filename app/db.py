"""One database behind two kinds of session: a reading one that cannot write, and a writing one that queues for its turn."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Engine, Integer, MetaData, String, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

Key = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """Aware in, aware out: SQLite would hand back naive values."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs its zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    })
    type_annotation_map = {datetime: UtcDateTime, int: BigInteger().with_variant(Integer, "sqlite")}

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)


def new_public_id() -> str:
    """128 random bits in base32: what URLs, API and journal call a row."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


class Public:
    """A row that people outside the database may name."""

    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)


class Database:
    """Engine and the two sessions; one per process, never carried over a fork."""

    def __init__(self, url: str, *, echo: bool = False) -> None:
        self.url = url
        sqlite = url.startswith("sqlite")
        options: dict[str, Any] = {} if sqlite else {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 10}
        self.engine: Engine = create_engine(url, echo=echo, **options)
        if sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
        event.listen(self.engine, "begin", _begin_sqlite if sqlite else _begin_postgresql)
        self._reading = self.engine.execution_options(ppir_mode="read")
        self._writing = self.engine.execution_options(ppir_mode="write")

    def reader(self) -> Session:
        return Session(self._reading, autoflush=False)

    def writer(self) -> Session:
        return Session(self._writing)

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self.reader() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Commit when the block ends well, otherwise roll everything back."""
        with self.writer() as session, session.begin():
            yield session

    def dispose(self) -> None:
        self.engine.dispose()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the begin event below opens transactions, not the driver
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "busy_timeout=10000", "foreign_keys=ON", "recursive_triggers=ON", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    read = connection.get_execution_options().get("ppir_mode") == "read"
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if read else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if read else "BEGIN IMMEDIATE")  # deferred: read-then-write would fail at once


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("ppir_mode") == "read":
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
