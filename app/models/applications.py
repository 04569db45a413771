"""An application and its dossier: versions that are never changed, files by their digest, findings of the eligibility check."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Public
from app.models.calls import Call, Round
from app.models.people import Account, Organisation


class Application(Public, Base):
    __tablename__ = "application"
    __table_args__ = (
        UniqueConstraint("call_id", "source", "external_id"),
        UniqueConstraint("call_id", "number"),
        UniqueConstraint("call_id", "panel_number"),
        Index("ix_application_call_status", "call_id", "status"),
        CheckConstraint("status = 'draft' OR status = 'withdrawn' OR submitted_at IS NOT NULL", name="submitted"),
    )

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)  # none: filed by import
    source: Mapped[str] = mapped_column(String(40), default="web")
    external_id: Mapped[str | None] = mapped_column(String(80))
    number: Mapped[int]  # D-0412, what the applicant reads
    panel_number: Mapped[int | None]  # A-117, what a panel reads: a random permutation
    status: Mapped[str] = mapped_column(String(32), default="draft")
    title: Mapped[str] = mapped_column(String(300), default="")  # of the current dossier version
    language: Mapped[str] = mapped_column(String(2), default="ko")
    field_1: Mapped[str] = mapped_column(String(3), default="")
    field_2: Mapped[str] = mapped_column(String(3), default="")
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"))  # of its re-review; none: judged in the call's first round
    dossier_version: Mapped[int] = mapped_column(default=0)  # the version that counts: filed, or the draft's last
    submitted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    call: Mapped[Call] = relationship()
    round: Mapped[Round | None] = relationship()
    organisation: Mapped[Organisation] = relationship()
    owner: Mapped[Account | None] = relationship()
    members: Mapped[list[CoApplicant]] = relationship(back_populates="application", order_by="CoApplicant.id")
    __mapper_args__ = {"version_id_col": version}

    @property
    def filed_number(self) -> str:
        return f"D-{self.number:04d}"

    @property
    def label(self) -> str:
        return f"A-{self.panel_number:03d}" if self.panel_number else self.filed_number


class CoApplicant(Public, Base):
    """Somebody besides the owner who works on one dossier: an editor writes, a viewer reads. Rows are ended, never deleted."""

    __tablename__ = "co_applicant"
    __table_args__ = (
        Index(
            "uq_co_applicant_open",
            "application_id",
            "mail",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        CheckConstraint("role IN ('editor', 'viewer')", name="role"),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)  # none until the letter is written
    mail: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(8))
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    invited_at: Mapped[datetime]
    offered_at: Mapped[datetime | None]  # the dossier itself is offered to this person, who has yet to accept
    ended_at: Mapped[datetime | None]
    application: Mapped[Application] = relationship(back_populates="members")
    account: Mapped[Account | None] = relationship(foreign_keys=[account_id])


class DossierVersion(Base):
    """The content of a dossier at one save or filing; rows are only added."""

    __tablename__ = "dossier_version"
    __table_args__ = (UniqueConstraint("application_id", "version"),)

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))  # of content and files, known at once; the receipt states the bundle's
    filed: Mapped[bool] = mapped_column(default=False)
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # at filing: slot, name, sha256, size
    changed: Mapped[list[str] | None] = mapped_column(JSON)  # places that differ from the version before; none where unknown
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class FiledDocument(Base):
    """What a filing became, whole and unchangeable: the bundle whose digest the receipt states, and the receipt itself."""

    __tablename__ = "filed_document"
    __table_args__ = (
        UniqueConstraint("version_id", "kind"),
        CheckConstraint("kind IN ('bundle', 'receipt')", name="kind"),
    )

    version_id: Mapped[int] = mapped_column(ForeignKey("dossier_version.id"))
    kind: Mapped[str] = mapped_column(String(8))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    at: Mapped[datetime]


class DossierFile(Public, Base):
    __tablename__ = "dossier_file"

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    slot: Mapped[str] = mapped_column(String(3))  # D01 … D16
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(40))  # found by content
    size: Mapped[int]
    verdict: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    issued_on: Mapped[date | None]  # the day on the document, where its slot asks for one


class Upload(Public, Base):
    """A file on its way in pieces: `received` bytes are safe on disk. `head` tells a file from another of its name and size."""

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint("received >= 0 AND received <= size", name="received"),
        CheckConstraint("(finished_at IS NULL) = (file_id IS NULL)", name="finished"),
        Index("uq_upload_open", "application_id", "slot", "name", "size", "head", unique=True,
              sqlite_where=text("finished_at IS NULL"), postgresql_where=text("finished_at IS NULL")),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    slot: Mapped[str] = mapped_column(String(3))
    name: Mapped[str] = mapped_column(String(255))
    size: Mapped[int]  # as announced
    head: Mapped[str] = mapped_column(String(64))  # SHA-256 of the first MB, as announced
    received: Mapped[int] = mapped_column(default=0)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    last_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("dossier_file.id"))
    file: Mapped[DossierFile | None] = relationship()


class Finding(Base):
    """What one eligibility rule found, from which inputs, under which version of the rules."""

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("application_id", "rule", "screening"),
        CheckConstraint("result IN ('pass', 'fail', 'needs_person', 'waived')", name="result"),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    screening: Mapped[int] = mapped_column(default=1)  # first check, check after the supplement …
    rule: Mapped[str] = mapped_column(String(3))  # E01 … E20
    hard: Mapped[bool]
    result: Mapped[str] = mapped_column(String(16))
    inputs: Mapped[dict[str, Any]] = mapped_column(JSON)
    rules_version: Mapped[int]
    note: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class Supplement(Base):
    """One request to add what is missing, its time and its answer."""

    __tablename__ = "supplement"
    __table_args__ = (UniqueConstraint("application_id", "number"),)

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    number: Mapped[int] = mapped_column(default=1)
    items: Mapped[list[str]] = mapped_column(JSON)  # names of fields and slots reopened
    reason: Mapped[str] = mapped_column(Text)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class Decision(Public, Base):
    """Who decided what, with which reasons, under which rules; both persons where two are needed."""

    __tablename__ = "decision"
    __table_args__ = (Index("ix_decision_subject", "subject_kind", "subject_id"),)

    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    move: Mapped[str] = mapped_column(String(80))  # from>to
    outcome: Mapped[str] = mapped_column(String(32))
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # codes and data
    text_ko: Mapped[str] = mapped_column(Text, default="")
    text_en: Mapped[str] = mapped_column(Text, default="")
    inputs: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    rules_version: Mapped[int] = mapped_column(default=1)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
