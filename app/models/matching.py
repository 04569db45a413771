"""Runs that propose panels, drafts edited by hand, the panels that were deployed, their seats, and conflicts of interest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Public
from app.models.applications import Application
from app.models.calls import Call, Round
from app.models.experts import Expert


class MatchRun(Public, Base):
    """One matching: what went in (digest, parameters, seed) and what came out; never changed once stored.

    A draft is a copy of a run (`base`) that people edit; each change is a RunEdit, and the run it was copied from stays.
    """

    __tablename__ = "match_run"
    __table_args__ = (UniqueConstraint("round_id", "number"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    number: Mapped[int]
    status: Mapped[str] = mapped_column(String(32), default="queued")
    seed: Mapped[str] = mapped_column(String(64))
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    inputs_digest: Mapped[str] = mapped_column(String(64), default="")
    result_digest: Mapped[str] = mapped_column(String(64), default="")
    summary: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # totals, loads, gaps, seconds, memory
    promise_id: Mapped[int | None] = mapped_column(ForeignKey("promise.id"))
    base_id: Mapped[int | None] = mapped_column(ForeignKey("match_run.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    round: Mapped[Round] = relationship()
    base: Mapped[MatchRun | None] = relationship(remote_side="MatchRun.id")
    panels: Mapped[list[RunPanel]] = relationship(back_populates="run", order_by="RunPanel.number")


class RunPanel(Base):
    __tablename__ = "run_panel"
    __table_args__ = (UniqueConstraint("run_id", "number"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("match_run.id"))
    number: Mapped[int]
    application_ids: Mapped[list[int]] = mapped_column(JSON)
    empty: Mapped[int] = mapped_column(default=0)
    notes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # rules that could not be kept: code and data
    run: Mapped[MatchRun] = relationship(back_populates="panels")
    seats: Mapped[list[RunSeat]] = relationship(order_by="RunSeat.substitute_rank, RunSeat.ordinal")


class RunSeat(Base):
    __tablename__ = "run_seat"
    __table_args__ = (UniqueConstraint("run_panel_id", "expert_id"),)

    run_panel_id: Mapped[int] = mapped_column(ForeignKey("run_panel.id"))
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id"), index=True)
    seat_type: Mapped[str] = mapped_column(String(16), default="")
    ordinal: Mapped[int]
    substitute_rank: Mapped[int] = mapped_column(default=0)  # 0: seated; 1, 2 …: the order of substitutes in the seat type
    affinity: Mapped[float]
    works: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # work_id (public), title, share, similarity
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    locked: Mapped[bool] = mapped_column(default=False)  # a redraw leaves it where it is
    expert: Mapped[Expert] = relationship()


class RunEdit(Public, Base):
    """One change of a draft by hand: what stood and what stands, what it cost, which rules it leaves open, who and why.

    `changes` lists {panel, ordinal, before, after}: the seat at that place, or None; undone, each goes back to `before`.
    """

    __tablename__ = "run_edit"
    __table_args__ = (UniqueConstraint("run_id", "number"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("match_run.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))  # add, remove, replace, lock, unlock, redraw, file
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    delta: Mapped[float]  # of the total
    lowest_before: Mapped[float]
    lowest_after: Mapped[float]
    broken: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # rules it breaks, of those a reason allows
    reason: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    undone_at: Mapped[datetime | None]


class Panel(Public, Base):
    """A deployed panel: it judges one or more dossiers."""

    __tablename__ = "panel"
    __table_args__ = (UniqueConstraint("round_id", "number"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("match_run.id"))
    number: Mapped[int]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    round: Mapped[Round] = relationship()
    run: Mapped[MatchRun] = relationship()
    seats: Mapped[list[Seat]] = relationship(back_populates="panel", order_by="Seat.ordinal")
    dossiers: Mapped[list[PanelDossier]] = relationship(back_populates="panel", order_by="PanelDossier.id")


class PanelDossier(Base):
    __tablename__ = "panel_dossier"
    __table_args__ = (UniqueConstraint("panel_id", "application_id"),)

    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    panel: Mapped[Panel] = relationship(back_populates="dossiers")
    application: Mapped[Application] = relationship()


class Seat(Public, Base):
    __tablename__ = "seat"
    __table_args__ = (UniqueConstraint("panel_id", "expert_id"),)

    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id"), index=True)
    seat_type: Mapped[str] = mapped_column(String(16), default="")
    ordinal: Mapped[int]
    substitute_rank: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(32), default="candidate")
    duty: Mapped[str] = mapped_column(String(16), default="member")  # chair, rapporteur, member
    alias: Mapped[str] = mapped_column(String(4), default="")  # what the panel and the letter call them
    affinity: Mapped[float]
    works: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id"), index=True)
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"), index=True)  # the letter that covers it
    version: Mapped[int] = mapped_column(default=1)
    panel: Mapped[Panel] = relationship(back_populates="seats")
    expert: Mapped[Expert] = relationship()
    __mapper_args__ = {"version_id_col": version}


class Conflict(Public, Base):
    """The ledger of conflicts: a ground that bars, or may bar, an expert from an application, or from all of a call.

    What rules find, and what panellists (recusal) and applicants (challenge) raise. `evidence` may change with the facts; a
    decision of people stands on the evidence whose `digest` it was made on, and comes up again when that changes (`reopened`).
    """

    __tablename__ = "conflict"
    __table_args__ = (
        CheckConstraint("(application_id IS NULL) <> (call_id IS NULL)", name="about_one"),
        Index("uq_conflict_open", "expert_id", "application_id", "ground", unique=True,
              sqlite_where=text("status != 'dismissed'"), postgresql_where=text("status != 'dismissed'")),
        Index("uq_conflict_open_call", "expert_id", "call_id", "ground", unique=True,
              sqlite_where=text("status != 'dismissed'"), postgresql_where=text("status != 'dismissed'")),
    )  # fmt: skip

    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id"))
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"), index=True)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"), index=True)  # barred from every application of it
    kind: Mapped[str] = mapped_column(String(24))  # statutory_exclusion, challenge, recusal
    ground: Mapped[str] = mapped_column(String(32))
    nature: Mapped[str] = mapped_column(String(16), default="hard")  # reviewers.conflicts.NATURES
    hard: Mapped[bool] = mapped_column(default=True)
    status: Mapped[str] = mapped_column(String(32), default="raised")
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    digest: Mapped[str] = mapped_column(String(64), default="")
    reopened: Mapped[str] = mapped_column(String(20), default="")  # evidence_changed, evidence_gone, undone
    note: Mapped[str] = mapped_column(Text, default="")
    challenge_id: Mapped[int | None] = mapped_column(ForeignKey("challenge.id"), index=True)  # as the applicant filed it
    raised_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    raised_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]  # the expert was asked about it
    answer: Mapped[str] = mapped_column(String(8), default="")  # yes, no
    answer_note: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]
    expert: Mapped[Expert] = relationship()
    application: Mapped[Application | None] = relationship()
    call: Mapped[Call | None] = relationship()
