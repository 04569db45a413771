"""What carries the process: journal, outbox, moves awaiting a second person, mail, imports, settings of the database itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Public


class JournalEntry(Base):
    """One event; its hash covers the one before it. The database refuses to change or delete a row (migration 0001)."""

    __tablename__ = "journal"
    __table_args__ = (Index("ix_journal_subject", "subject_kind", "subject"),)

    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(40), index=True)  # public id of an account; system; operator
    role: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(60), index=True)
    subject_kind: Mapped[str] = mapped_column(String(24))
    subject: Mapped[str] = mapped_column(String(40))  # public id
    rules: Mapped[str] = mapped_column(String(60), default="")  # call code @ version of its rules
    data: Mapped[str] = mapped_column(Text, default="{}")  # canonical JSON: ids and digests, no names, no text
    previous: Mapped[str] = mapped_column(String(64), unique=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class Promise(Base):
    """Work owed: written with the change that owes it; the queue only wakes a worker."""

    __tablename__ = "promise"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'done', 'dead')", name="state"),
        Index("ix_promise_open", "due_at", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")),
    )

    kind: Mapped[str] = mapped_column(String(40))
    queue: Mapped[str] = mapped_column(String(16), default="default")
    key: Mapped[str] = mapped_column(String(120), unique=True)
    args: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(8), default="open")
    due_at: Mapped[datetime]
    attempt: Mapped[int] = mapped_column(default=0)
    token: Mapped[str | None] = mapped_column(String(32))
    leased_until: Mapped[datetime | None]
    done_n: Mapped[int] = mapped_column(default=0)
    total_n: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(80), default="")  # code of what is being done now
    last_error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class PendingMove(Public, Base):
    """A move that one person asked for and another of the same role must confirm."""

    __tablename__ = "pending_move"
    __table_args__ = (
        Index("uq_pending_move_open", "subject_kind", "subject_id", unique=True,
              sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL")),
    )

    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    from_status: Mapped[str] = mapped_column(String(32))
    to_status: Mapped[str] = mapped_column(String(32))
    role: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None]
    confirmed: Mapped[bool | None]


class Mail(Public, Base):
    __tablename__ = "mail"

    key: Mapped[str] = mapped_column(String(120), unique=True)  # what makes it the same letter: never sent twice on purpose
    template: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2))
    recipient: Mapped[str] = mapped_column(String(254), index=True)
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    channel: Mapped[str] = mapped_column(String(8), default="")  # file, smtp


class ImportRun(Public, Base):
    """One file read in: what it was, how it went, each bad row."""

    __tablename__ = "import_run"

    kind: Mapped[str] = mapped_column(String(16))  # experts, dossiers
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"))
    name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    partial: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(String(12), default="queued")  # queued, done, refused
    created_n: Mapped[int] = mapped_column(default=0)
    changed_n: Mapped[int] = mapped_column(default=0)
    unchanged_n: Mapped[int] = mapped_column(default=0)
    bad_n: Mapped[int] = mapped_column(default=0)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # line, field, code, data
    ignored: Mapped[list[str]] = mapped_column(JSON, default=list)  # columns no profile has
    promise_id: Mapped[int | None] = mapped_column(ForeignKey("promise.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Setting(Base):
    """Facts about this database, such as that it is a demonstration."""

    __tablename__ = "setting"
    __table_args__ = (UniqueConstraint("name"),)

    name: Mapped[str] = mapped_column(String(40))
    value: Mapped[str] = mapped_column(Text)
