"""What a holder asks of a designation after the certificate: an extension, a change, a transfer; each version is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Public
from app.models.designations import Designation
from app.models.people import Account

_OPEN = text("status IN ('filed', 'under_review', 'returned')")


class DesignationRequest(Public, Base):
    """One request; a designation has at most one open of each kind."""

    __tablename__ = "designation_request"
    __table_args__ = (
        CheckConstraint("kind IN ('extension', 'change', 'transfer')", name="kind"),
        Index("uq_designation_request_open", "designation_id", "kind", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    designation_id: Mapped[int] = mapped_column(ForeignKey("designation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(32), default="filed")
    filed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    filed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    taken_up_at: Mapped[datetime | None]
    question: Mapped[str] = mapped_column(Text, default="")  # what the coordinator asked for last
    version: Mapped[int] = mapped_column(default=1)
    designation: Mapped[Designation] = relationship()
    filed_by: Mapped[Account | None] = relationship()
    versions: Mapped[list[DesignationRequestVersion]] = relationship(order_by="DesignationRequestVersion.number")
    files: Mapped[list[DesignationRequestFile]] = relationship(order_by="DesignationRequestFile.id")
    __mapper_args__ = {"version_id_col": version}


class DesignationRequestVersion(Base):
    """What was asked, as filed and after each answer; rows are only added."""

    __tablename__ = "designation_request_version"
    __table_args__ = (UniqueConstraint("request_id", "number"),)

    request_id: Mapped[int] = mapped_column(ForeignKey("designation_request.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))  # of content and of every file held by then
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class DesignationRequestFile(Public, Base):
    """Evidence, with the version it came with."""

    __tablename__ = "designation_request_file"
    __table_args__ = (UniqueConstraint("request_id", "sha256"),)

    request_id: Mapped[int] = mapped_column(ForeignKey("designation_request.id"))
    number: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(40))  # found by content
    size: Mapped[int]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime]
