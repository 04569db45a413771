"""From the panel's recommendation to the certified list: fitness review, notice, objections, committee, designation, editions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Public
from app.models.applications import Application
from app.models.calls import Call
from app.models.people import Organisation


class FitnessReview(Base):
    """PPS's check of procurement fitness: one row for each time it looked."""

    __tablename__ = "fitness_review"

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"))  # whose recommendation it looks at; none: the first
    checks: Mapped[dict[str, Any]] = mapped_column(JSON)  # certificates, direct_production, catalogue_no, price_evidence
    outcome: Mapped[str] = mapped_column(String(16))  # passed, returned
    reasons: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    answer_by: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]


class NoticeEdition(Public, Base):
    __tablename__ = "notice_edition"
    __table_args__ = (UniqueConstraint("call_id", "number"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    number: Mapped[int]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    content: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    published_at: Mapped[datetime]
    call: Mapped[Call] = relationship()


class NoticeItem(Base):
    __tablename__ = "notice_item"
    __table_args__ = (UniqueConstraint("edition_id", "application_id"),)

    edition_id: Mapped[int] = mapped_column(ForeignKey("notice_edition.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    edition: Mapped[NoticeEdition] = relationship()
    application: Mapped[Application] = relationship()


class Objection(Public, Base):
    """A notice objection (anyone, to an edition of the notice) or an objection (the applicant, to a decision)."""

    __tablename__ = "objection"

    kind: Mapped[str] = mapped_column(String(12))  # notice, applicant
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("notice_edition.id"))
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    status: Mapped[str] = mapped_column(String(32), default="filed")
    filed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(120))
    mail: Mapped[str] = mapped_column(String(254))
    ground: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2), default="ko")
    filed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    application: Mapped[Application] = relationship()


class CommitteeMeeting(Public, Base):
    """A sitting of the committee on a bundle of applications."""

    __tablename__ = "committee_meeting"
    __table_args__ = (UniqueConstraint("call_id", "number"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    number: Mapped[int]
    held_on: Mapped[date]
    bundle_digest: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime]
    call: Mapped[Call] = relationship()
    items: Mapped[list[CommitteeItem]] = relationship(back_populates="meeting", order_by="CommitteeItem.id")


class CommitteeItem(Base):
    __tablename__ = "committee_item"
    __table_args__ = (UniqueConstraint("meeting_id", "application_id"),)

    meeting_id: Mapped[int] = mapped_column(ForeignKey("committee_meeting.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), default="")  # of the bundle as it was put before the committee
    opinion: Mapped[str] = mapped_column(Text, default="")
    minutes: Mapped[str] = mapped_column(Text, default="")  # of the decision, once two members have spoken
    outcome: Mapped[str] = mapped_column(String(32), default="")
    meeting: Mapped[CommitteeMeeting] = relationship(back_populates="items")
    application: Mapped[Application] = relationship()


class Designation(Public, Base):
    __tablename__ = "designation"
    __table_args__ = (CheckConstraint("valid_from <= valid_until", name="validity"), UniqueConstraint("series", "serial"))

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)  # MSIT-2026-0001
    series: Mapped[str] = mapped_column(String(40))  # MSIT-2026-#: serials of one series run without a gap
    serial: Mapped[int]
    verify_id: Mapped[str] = mapped_column(String(26), unique=True)  # what the certificate's QR carries
    status: Mapped[str] = mapped_column(String(32), default="active")
    term: Mapped[str] = mapped_column(String(8), default="base")  # base, ext1, ext2
    product: Mapped[dict[str, Any]] = mapped_column(JSON)  # names, models, item numbers, price, unit: the list's columns
    legal_ground: Mapped[str] = mapped_column(String(300))
    authority: Mapped[str] = mapped_column(String(120))
    external_no: Mapped[str] = mapped_column(String(40), default="")
    conditions: Mapped[str] = mapped_column(Text, default="")
    designated_on: Mapped[date]
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    version: Mapped[int] = mapped_column(default=1)
    application: Mapped[Application] = relationship()
    organisation: Mapped[Organisation] = relationship()
    events: Mapped[list[DesignationEvent]] = relationship(order_by="DesignationEvent.id")
    certificates: Mapped[list[CertificateVersion]] = relationship(order_by="CertificateVersion.number")
    family: Mapped[DesignationFamily | None] = relationship(foreign_keys="DesignationFamily.designation_id")
    __mapper_args__ = {"version_id_col": version}


class DesignationEvent(Base):
    __tablename__ = "designation_event"

    designation_id: Mapped[int] = mapped_column(ForeignKey("designation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))  # designated, extended, suspended, resumed, cancelled, expired, listed …
    on: Mapped[date]
    note: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what anybody may read: {field: [before, after]}
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class CertificateVersion(Base):
    """What the certificate states from a day on: one with the designation, one more with each change; rows are only added."""

    __tablename__ = "certificate_version"
    __table_args__ = (UniqueConstraint("designation_id", "number"),)

    designation_id: Mapped[int] = mapped_column(ForeignKey("designation.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class DesignationFamily(Base):
    """That a product uses the technology of one designated before (E08): no extension reaches past that one's end."""

    __tablename__ = "designation_family"

    designation_id: Mapped[int] = mapped_column(ForeignKey("designation.id"), unique=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("designation.id"))
    reason: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    first: Mapped[Designation] = relationship(foreign_keys=[first_id])


class ListEdition(Public, Base):
    """The certified product list as PPS receives it; an edition never changes, the next one carries the difference."""

    __tablename__ = "list_edition"

    number: Mapped[int] = mapped_column(unique=True)
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    delta: Mapped[dict[str, Any]] = mapped_column(JSON)  # added, removed, changed: designation numbers
    digest: Mapped[str] = mapped_column(String(64))
    journal_head: Mapped[str] = mapped_column(String(64), default="")
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    published_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
