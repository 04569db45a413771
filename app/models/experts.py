"""The pool: an expert is the reviewing profile of a person, with the works that represent them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Public
from app.models.people import Organisation, Person


class Expert(Public, Base):
    __tablename__ = "expert"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    source: Mapped[str] = mapped_column(String(40), default="import")
    external_id: Mapped[str] = mapped_column(String(80))
    sector: Mapped[str] = mapped_column(String(16), default="")  # academia, industry, public
    seat_types: Mapped[list[str]] = mapped_column(JSON, default=list)
    region: Mapped[str] = mapped_column(String(40), default="")
    mail: Mapped[str] = mapped_column(String(254), default="")
    language: Mapped[str] = mapped_column(String(2), default="ko")
    keywords: Mapped[list[str]] = mapped_column(JSON, default=list)
    unit: Mapped[str] = mapped_column(String(120), default="")  # department, laboratory
    declared: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # standing interests: of whom, ground, until
    load_cap: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    digest: Mapped[str] = mapped_column(String(64))  # of the imported content: the same again changes nothing
    updated_at: Mapped[datetime]
    person: Mapped[Person] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    works: Mapped[list[Work]] = relationship(back_populates="expert", order_by="Work.ordinal")
    fields: Mapped[list[ExpertField]] = relationship(back_populates="expert", order_by="ExpertField.code")


class Work(Public, Base):
    """A paper, patent, project or product; a later import that drops it sets `current` to false, and runs keep their reasons."""

    __tablename__ = "work"

    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id"), index=True)
    ordinal: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    abstract: Mapped[str] = mapped_column(Text, default="")
    year: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(16), default="paper")
    url: Mapped[str] = mapped_column(String(500), default="")
    people: Mapped[list[str]] = mapped_column(JSON, default=list)
    current: Mapped[bool] = mapped_column(default=True)
    expert: Mapped[Expert] = relationship(back_populates="works")


class ExpertField(Base):
    __tablename__ = "expert_field"
    __table_args__ = (UniqueConstraint("expert_id", "code"),)

    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id"), index=True)
    code: Mapped[str] = mapped_column(String(3))
    level: Mapped[int] = mapped_column(default=2)
    main: Mapped[bool] = mapped_column(default=False)
    expert: Mapped[Expert] = relationship(back_populates="fields")


class ExpertVersion(Base):
    """What an import replaced or wrote: the profile as it stood."""

    __tablename__ = "expert_version"
    __table_args__ = (UniqueConstraint("expert_id", "version"),)

    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id"))
    version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
