"""The sub-fields suggested for a dossier by its words, and for an expert by their works: one row each, the newest computed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class FieldSuggestion(Base):
    """`inputs_digest` names the words it was computed from, empty before the first time; advice only, never a choice."""

    __tablename__ = "field_suggestion"
    __table_args__ = (
        CheckConstraint("(application_id IS NULL) <> (expert_id IS NULL)", name="subject"),
        CheckConstraint("(inputs_digest = '') = (computed_at IS NULL)", name="computed"),
    )

    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"), unique=True)
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("expert.id"), unique=True)
    inputs_digest: Mapped[str] = mapped_column(String(64), default="")
    model_digest: Mapped[str] = mapped_column(String(64), default="")  # method, descriptions and models
    suggested: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # code, score, reasons or works; best first
    promise_id: Mapped[int | None] = mapped_column(ForeignKey("promise.id"))  # of the last computation asked for
    asked_at: Mapped[datetime]
    computed_at: Mapped[datetime | None]
