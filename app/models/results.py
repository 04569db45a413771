"""What the marks gave: a calibration run with one result per application."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Public
from app.models.applications import Application
from app.models.calls import Round


class CalibrationRun(Public, Base):
    """One computation of results; raw marks are inputs and stay untouched."""

    __tablename__ = "calibration_run"
    __table_args__ = (UniqueConstraint("round_id", "number"), UniqueConstraint("round_id", "inputs_digest"))

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    number: Mapped[int]
    inputs_digest: Mapped[str] = mapped_column(String(64))
    rubric: Mapped[str] = mapped_column(String(80))
    policy: Mapped[dict[str, Any]] = mapped_column(JSON)
    rules_version: Mapped[int]
    computed_with: Mapped[str] = mapped_column("library", String(40))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    round: Mapped[Round] = relationship()
    results: Mapped[list[Result]] = relationship(back_populates="run")


class Result(Base):
    __tablename__ = "result"
    __table_args__ = (UniqueConstraint("run_id", "application_id"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("calibration_run.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    n_sheets: Mapped[int]
    total: Mapped[str] = mapped_column(String(16))  # published, decimal as text: "75.99"
    raw_mean: Mapped[str] = mapped_column(String(16))
    trimmed_mean: Mapped[str] = mapped_column(String(16), default="")
    sd: Mapped[str] = mapped_column(String(16), default="")
    criteria: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # code, mean, maximum, cut_line, met
    gates: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    sheets: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # alias, total, kept, alarm: the rows that make the total
    outcome: Mapped[str] = mapped_column(String(24))  # recommended, not_recommended, quorum_missing
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    rank: Mapped[int | None]
    run: Mapped[CalibrationRun] = relationship(back_populates="results")
    application: Mapped[Application] = relationship()
