"""What passes between a panellist and the platform: invitation, pledge, declaration, sheet, marks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Public
from app.models.applications import Application
from app.models.calls import Round
from app.models.experts import Expert
from app.models.matching import Seat


class Invitation(Public, Base):
    """One letter to one expert for one run: it covers all their seats."""

    __tablename__ = "invitation"
    __table_args__ = (UniqueConstraint("round_id", "expert_id", "number"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id"), index=True)
    number: Mapped[int] = mapped_column(default=1)
    sent_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    answer: Mapped[str] = mapped_column(String(16), default="")  # accepted, declined, no_answer, lapsed, called_off
    answered_at: Mapped[datetime | None]
    pledge_by: Mapped[datetime | None]  # what was told at acceptance; without a pledge the seats lapse then
    decline_reason: Mapped[str] = mapped_column(String(32), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    pledge_version: Mapped[str] = mapped_column(String(16), default="")
    pledged_at: Mapped[datetime | None]
    round: Mapped[Round] = relationship()
    expert: Mapped[Expert] = relationship()


class Declaration(Base):
    """What a panellist said about one dossier: no conflict, or which; asked again when facts change, so rows are added."""

    __tablename__ = "declaration"

    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id"), index=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    conflicted: Mapped[bool]
    ground: Mapped[str] = mapped_column(String(32), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]


class Sheet(Public, Base):
    """One panellist's score sheet for one dossier."""

    __tablename__ = "sheet"
    __table_args__ = (
        UniqueConstraint("seat_id", "application_id"),
        CheckConstraint("status != 'locked' OR (locked_at IS NOT NULL AND receipt != '')", name="locked"),
    )

    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    status: Mapped[str] = mapped_column(String(32), default="empty")
    to_applicant: Mapped[str] = mapped_column(Text, default="")
    to_panel: Mapped[str] = mapped_column(Text, default="")
    private: Mapped[str] = mapped_column(Text, default="")  # shown to its author only
    locked_at: Mapped[datetime | None]
    receipt: Mapped[str] = mapped_column(String(64), default="")  # digest of the marks at the last lock
    opened_at: Mapped[datetime | None]
    saved_at: Mapped[datetime | None]
    saves: Mapped[int] = mapped_column(default=0)  # counted, so that new marks also raise the version an older tab is held to
    version: Mapped[int] = mapped_column(default=1)
    seat: Mapped[Seat] = relationship()
    application: Mapped[Application] = relationship()
    marks: Mapped[list[Mark]] = relationship(order_by="Mark.item, Mark.number")
    __mapper_args__ = {"version_id_col": version}


class Mark(Base):
    """A mark is a version: a new one is added, none is ever changed.

    Gates (G1 …) are marks of 1 (pass) or 0 (fail); on a criterion (C1 …) stands how sure its author is, 1 to 3.
    """

    __tablename__ = "mark"
    __table_args__ = (UniqueConstraint("sheet_id", "item", "number"), CheckConstraint("step BETWEEN 0 AND 10", name="step"))

    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"), index=True)
    item: Mapped[str] = mapped_column(String(8))
    number: Mapped[int]
    step: Mapped[int | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    quotes: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)  # file, page, words: workflow.quotes
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class SheetLock(Base):
    """Each lock and reopening of a sheet; the lock's content is what its receipt is the digest of."""

    __tablename__ = "sheet_lock"
    __table_args__ = (UniqueConstraint("sheet_id", "number"),)

    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    receipt: Mapped[str] = mapped_column(String(64))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    reopened_at: Mapped[datetime | None]
    reopen_reason: Mapped[str] = mapped_column(Text, default="")
    revised_because: Mapped[str] = mapped_column(Text, default="")  # a revision in deliberation; the lock before it stays
