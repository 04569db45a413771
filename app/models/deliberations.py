"""The panel's deliberation on one dossier: its text and who wrote it, who agrees, votes, who was there, and the minutes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Public
from app.models.applications import Application
from app.models.matching import Seat


class Deliberation(Base):
    """The panel's consensus on one dossier: the rapporteur drafts it, the members answer, the chair confirms it."""

    __tablename__ = "deliberation"
    __table_args__ = (UniqueConstraint("application_id", "round_id"),)

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    text: Mapped[str] = mapped_column(Text, default="")  # the newest paragraphs in their order
    alarms_note: Mapped[str] = mapped_column(Text, default="")  # what was said about marks far from the mean
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    drafted_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    confirmed_at: Mapped[datetime | None]
    pulled_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # a member wants it discussed one by one
    pulled_at: Mapped[datetime | None]
    application: Mapped[Application] = relationship()
    paragraphs: Mapped[list[Paragraph]] = relationship(order_by="Paragraph.topic, Paragraph.number")
    stances: Mapped[list[Stance]] = relationship(order_by="Stance.id")
    sittings: Mapped[list[Sitting]] = relationship(order_by="Sitting.id")
    step_outs: Mapped[list[StepOut]] = relationship(order_by="StepOut.id")
    absences: Mapped[list[Absence]] = relationship(order_by="Absence.id")
    votes: Mapped[list[Vote]] = relationship(order_by="Vote.number")


class Paragraph(Base):
    """One paragraph of the consensus, by topic: a criterion, `overall` or `alarms`. A new version is added, none is changed."""

    __tablename__ = "paragraph"
    __table_args__ = (UniqueConstraint("deliberation_id", "topic", "number"),)

    deliberation_id: Mapped[int] = mapped_column(ForeignKey("deliberation.id"))
    topic: Mapped[str] = mapped_column(String(16))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class Stance(Base):
    """A member approves or objects to exactly the text that `digest` names; the last one on that text counts."""

    __tablename__ = "stance"

    deliberation_id: Mapped[int] = mapped_column(ForeignKey("deliberation.id"), index=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    digest: Mapped[str] = mapped_column(String(64))
    approves: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    seat: Mapped[Seat] = relationship()


class Sitting(Base):
    """From when to when the panel had this dossier before it."""

    __tablename__ = "sitting"

    deliberation_id: Mapped[int] = mapped_column(ForeignKey("deliberation.id"), index=True)
    taken_up_at: Mapped[datetime]
    put_down_at: Mapped[datetime | None]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class StepOut(Base):
    """A member with a conflict leaves while this dossier is before the panel."""

    __tablename__ = "step_out"

    deliberation_id: Mapped[int] = mapped_column(ForeignKey("deliberation.id"), index=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    ground: Mapped[str] = mapped_column(String(32))
    out_at: Mapped[datetime]
    back_at: Mapped[datetime | None]
    seat: Mapped[Seat] = relationship()


class Absence(Base):
    """A member who is not there for this dossier, as the chair recorded it."""

    __tablename__ = "absence"

    deliberation_id: Mapped[int] = mapped_column(ForeignKey("deliberation.id"), index=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    reason: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    seat: Mapped[Seat] = relationship()


class Vote(Public, Base):
    """A question put to the members present; nobody sees a ballot, nor how many there are, before it is closed."""

    __tablename__ = "vote"
    __table_args__ = (UniqueConstraint("deliberation_id", "number"),)

    deliberation_id: Mapped[int] = mapped_column(ForeignKey("deliberation.id"))
    number: Mapped[int]
    question: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None]
    deliberation: Mapped[Deliberation] = relationship(back_populates="votes")
    ballots: Mapped[list[Ballot]] = relationship(order_by="Ballot.id")


class Ballot(Base):
    __tablename__ = "ballot"
    __table_args__ = (
        UniqueConstraint("vote_id", "seat_id"),
        CheckConstraint("choice IN ('yes', 'no', 'abstain')", name="choice"),
    )

    vote_id: Mapped[int] = mapped_column(ForeignKey("vote.id"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    choice: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime]
    seat: Mapped[Seat] = relationship()


class Inspection(Base):
    """The record of an interview or a site check: where, when, who, what was found item by item."""

    __tablename__ = "inspection"
    __table_args__ = (CheckConstraint("kind IN ('interview', 'site_check')", name="kind"),)

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    kind: Mapped[str] = mapped_column(String(12))
    held_on: Mapped[date]
    place: Mapped[str] = mapped_column(Text, default="")
    people: Mapped[list[str]] = mapped_column(JSON, default=list)  # who asked or inspected
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # code, answer (yes, no, not_applicable), note
    outcome: Mapped[str] = mapped_column(String(12), default="")  # site check: fit, supplement, unfit
    text: Mapped[str] = mapped_column(Text)
    signed_by: Mapped[str] = mapped_column(String(120), default="")  # for the company
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    photographs: Mapped[list[Photo]] = relationship(order_by="Photo.number", back_populates="inspection")


class Photo(Public, Base):
    """A photograph that belongs to the record of a site check; what its camera wrote of time and place stands here alone."""

    __tablename__ = "photo"
    __table_args__ = (UniqueConstraint("inspection_id", "number"),)

    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspection.id"))
    number: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    small_sha256: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(8))
    caption: Mapped[str] = mapped_column(Text)
    alt: Mapped[str] = mapped_column(Text)  # what is seen in it, for whoever cannot see it
    taken_at: Mapped[str] = mapped_column(String(16), default="")  # by the camera's clock
    place: Mapped[str] = mapped_column(String(40), default="")  # degrees north and east
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    inspection: Mapped[Inspection] = relationship(back_populates="photographs")


class Minutes(Base):
    """What the chair's conclusion rests on, as it stood then; the printed minutes are made from it and state its digest."""

    __tablename__ = "minutes"

    deliberation_id: Mapped[int] = mapped_column(ForeignKey("deliberation.id"), unique=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    deliberation: Mapped[Deliberation] = relationship()
