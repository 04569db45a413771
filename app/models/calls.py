"""A call with everything it decides pinned on its row, and its rounds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Public


class Call(Public, Base):
    __tablename__ = "call"
    __table_args__ = (CheckConstraint("opens_at < closes_at", name="window"),)

    code: Mapped[str] = mapped_column(String(40), unique=True)
    title_ko: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(32), default="draft")
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    rules: Mapped[dict[str, Any]] = mapped_column(JSON)  # app.workflow.rules.Rules, as pinned
    rules_version: Mapped[int] = mapped_column(default=1)
    rubric: Mapped[str] = mapped_column(String(80))  # id@version
    rubric_digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    rounds: Mapped[list[Round]] = relationship(back_populates="call", order_by="Round.number")
    __mapper_args__ = {"version_id_col": version}


class Round(Public, Base):
    __tablename__ = "round"
    __table_args__ = (UniqueConstraint("call_id", "number"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    number: Mapped[int] = mapped_column(default=1)
    kind: Mapped[str] = mapped_column(String(16), default="first")  # first, re_review
    scoring_closes_at: Mapped[datetime | None]
    call: Mapped[Call] = relationship(back_populates="rounds")


class CallExtension(Base):
    """One act that moved the closing for everybody: from when to when, and the reason anybody may read."""

    __tablename__ = "call_extension"

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(500))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class RuleChange(Base):
    """Each version of a call's rules as it was pinned: who, when, from what to what."""

    __tablename__ = "rule_change"
    __table_args__ = (UniqueConstraint("call_id", "version"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    version: Mapped[int]
    rules: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(500), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
