"""What applicants ask: that somebody, or anybody of an organisation, shall not judge their application."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Public
from app.models.applications import Application
from app.models.matching import Seat


class Challenge(Public, Base):
    """An applicant's challenge as it was filed: of a member whom the call has named (`seat`), or of whom the applicant names.

    Two coordinators uphold it, one dismisses it; what follows for an expert stands in the ledger of conflicts.
    """

    __tablename__ = "challenge"
    __table_args__ = (CheckConstraint("name != '' OR organisation != ''", name="names_somebody"),)

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id"))
    name: Mapped[str] = mapped_column(String(60), default="")
    organisation: Mapped[str] = mapped_column(String(200), default="")
    ground: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text, default="")  # how it can be checked
    status: Mapped[str] = mapped_column(String(32), default="filed")
    filed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    filed_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]
    application: Mapped[Application] = relationship()
    seat: Mapped[Seat | None] = relationship()
