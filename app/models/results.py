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
    inputs: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)  # the sheets as they counted; none in the oldest runs
    rubric: Mapped[str] = mapped_column(String(80))
    rubric_digest: Mapped[str] = mapped_column(String(64), default="")
    policy: Mapped[dict[str, Any]] = mapped_column(JSON)
    policy_digest: Mapped[str] = mapped_column(String(64), default="")
    rules_version: Mapped[int]
    computed_with: Mapped[str] = mapped_column("library", String(40))
    fit: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # variances, severities, prompts, software, seed
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
    calibrated: Mapped[str] = mapped_column(String(16), default="")  # shown beside, published where the policy applies it
    sd: Mapped[str] = mapped_column(String(16), default="")
    se: Mapped[str] = mapped_column(String(16), default="")  # of the published value
    criteria: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # code, mean, maximum, cut_line, met
    gates: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    sheets: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # alias, total, kept, alarm: the rows that make the total
    outcome: Mapped[str] = mapped_column(String(24))  # recommended, not_recommended, quorum_missing
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    rank: Mapped[int | None]
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # interval, P(pass), band, leave-one-out, interval of the rank
    run: Mapped[CalibrationRun] = relationship(back_populates="results")
    application: Mapped[Application] = relationship()
