"""Pilot purchase: budgets, requests of institutions, pilots and what came of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Public
from app.models.designations import Designation
from app.models.people import Organisation


class PilotBudget(Base):
    """What a year and theme may spend; the ledger below says what of it is promised."""

    __tablename__ = "pilot_budget"
    __table_args__ = (UniqueConstraint("year", "theme"),)

    year: Mapped[int]
    theme: Mapped[str] = mapped_column(String(16))  # tech_lead, citizen, social, overseas
    amount_krw: Mapped[int]


class PilotRules(Base):
    """Each version of a year's pilot rules as it was pinned: policy and budget lines, who, when, why. Rows are only added."""

    __tablename__ = "pilot_rules"
    __table_args__ = (UniqueConstraint("year", "version"),)

    year: Mapped[int]
    version: Mapped[int]
    policy: Mapped[dict[str, Any]] = mapped_column(JSON)  # app.workflow.pilot_policy.Policy
    budgets: Mapped[dict[str, int]] = mapped_column(JSON)  # theme → amount in KRW
    reason: Mapped[str] = mapped_column(String(500))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class LedgerEntry(Base):
    """Money set aside (positive) or freed (negative) for a pilot; rows are only added."""

    __tablename__ = "ledger_entry"

    budget_id: Mapped[int] = mapped_column(ForeignKey("pilot_budget.id"), index=True)
    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"), index=True)
    amount_krw: Mapped[int]
    reason: Mapped[str] = mapped_column(String(40))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    budget: Mapped[PilotBudget] = relationship()


class PilotRequest(Public, Base):
    __tablename__ = "pilot_request"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"), CheckConstraint("amount_krw >= 0", name="amount"))

    designation_id: Mapped[int] = mapped_column(ForeignKey("designation.id"), index=True)
    institution_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    year: Mapped[int]
    theme: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(32), default="draft")
    quantity: Mapped[int]
    unit_price_krw: Mapped[int]
    amount_krw: Mapped[int]
    site: Mapped[str] = mapped_column(String(300), default="")
    contact: Mapped[str] = mapped_column(String(200), default="")
    purpose: Mapped[str] = mapped_column(Text, default="")
    kpis: Mapped[list[str]] = mapped_column(JSON, default=list)
    running_cost: Mapped[str] = mapped_column(Text, default="")  # who pays for use after delivery
    follow_on: Mapped[bool] = mapped_column(default=False)
    score: Mapped[float | None]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    submitted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    designation: Mapped[Designation] = relationship()
    institution: Mapped[Organisation] = relationship()
    __mapper_args__ = {"version_id_col": version}


class Pilot(Public, Base):
    __tablename__ = "pilot"

    request_id: Mapped[int] = mapped_column(ForeignKey("pilot_request.id"), unique=True)
    status: Mapped[str] = mapped_column(String(32), default="matched")
    quantity: Mapped[int]
    amount_krw: Mapped[int]
    contract_no: Mapped[str] = mapped_column(String(40), default="")
    delivered_on: Mapped[date | None]
    inspected_on: Mapped[date | None]
    use_from: Mapped[date | None]
    use_until: Mapped[date | None]
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    grade: Mapped[str] = mapped_column(String(8), default="")  # good, fair, poor
    grade_reason: Mapped[str] = mapped_column(Text, default="")
    correction: Mapped[str] = mapped_column(Text, default="")
    after_use_plan: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    request: Mapped[PilotRequest] = relationship()
    __mapper_args__ = {"version_id_col": version}


class AfterUse(Base):
    """What became of the delivered goods in one year after the pilot, as the institution says."""

    __tablename__ = "after_use"
    __table_args__ = (UniqueConstraint("pilot_id", "year"),)

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    year: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))  # in_use, stopped, moved, returned, scrapped
    reason: Mapped[str] = mapped_column(Text, default="")
    live_reference: Mapped[bool] = mapped_column(default=False)  # the company may name this institution as a user
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class Outcome(Base):
    """One measured indicator of a designated product, with what it can be traced to."""

    __tablename__ = "outcome"
    __table_args__ = (UniqueConstraint("designation_id", "pilot_id", "indicator", "year"),)

    designation_id: Mapped[int] = mapped_column(ForeignKey("designation.id"), index=True)
    pilot_id: Mapped[int | None] = mapped_column(ForeignKey("pilot.id"))
    group: Mapped[str] = mapped_column(String(24))  # corporate_growth, pilot_relevance
    indicator: Mapped[str] = mapped_column(String(40))
    year: Mapped[int]
    value: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str] = mapped_column(String(16), default="")
    attribution: Mapped[str] = mapped_column(String(8), default="none")  # direct, indirect, none
    evidence: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
