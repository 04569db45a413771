"""What is drawn by lot: dossiers of the borderline band, or panels. A frozen list, two committed secrets, and what follows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Public
from app.models.calls import Round
from app.models.matching import MatchRun


class Lottery(Public, Base):
    __tablename__ = "lottery"
    __table_args__ = (UniqueConstraint("round_id", "number"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    number: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    applications: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # application (public id), label; fixed at opening
    list_digest: Mapped[str] = mapped_column(String(64))
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime]
    seed: Mapped[str] = mapped_column(String(64), default="")
    order: Mapped[list[str]] = mapped_column("drawn_order", JSON, default=list)  # public ids, the first drawn first
    drawn_at: Mapped[datetime | None]
    round: Mapped[Round] = relationship()
    secrets: Mapped[list[LotterySecret]] = relationship(order_by="LotterySecret.id")


class Bound:
    """What one official committed to; the secret itself is stored when they tell it."""

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    who: Mapped[str] = mapped_column(String(26))  # public id of the account
    digest: Mapped[str] = mapped_column(String(64))
    committed_at: Mapped[datetime]
    secret: Mapped[str] = mapped_column(Text, default="")
    told_at: Mapped[datetime | None]


class LotterySecret(Bound, Base):
    __tablename__ = "lottery_secret"
    __table_args__ = (UniqueConstraint("lottery_id", "account_id"),)

    lottery_id: Mapped[int] = mapped_column(ForeignKey("lottery.id"))


class PanelDraw(Public, Base):
    """The public draw of a round's panels. `strata`: "panel:seat type" → expert (public id) → tickets; never changed.

    `seating` is frozen with the list: panels, loads and who shares a house (reviewers.draw.Seating); `employers` who that is.
    `since` is what came up until the draw, `places` how the drawn order of each stratum was walked: {expert, became}, as far as
    seats and substitutes went. `base` is the run whose panels and affinities the list was made of, `run` the one that it became.
    """

    __tablename__ = "panel_draw"
    __table_args__ = (UniqueConstraint("round_id", "number"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    number: Mapped[int]
    base_id: Mapped[int] = mapped_column(ForeignKey("match_run.id"))
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    rules_digest: Mapped[str] = mapped_column(String(64))
    strata: Mapped[dict[str, dict[str, int]]] = mapped_column(JSON, deferred=True)
    seating: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, deferred=True)
    employers: Mapped[dict[str, int | None]] = mapped_column(JSON, default=dict, deferred=True)
    list_digest: Mapped[str] = mapped_column(String(64))
    listed: Mapped[dict[str, int]] = mapped_column(JSON)  # experts, strata, entries, short
    frozen_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    frozen_at: Mapped[datetime]
    seed: Mapped[str] = mapped_column(String(64), default="")
    since: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, deferred=True)
    places: Mapped[dict[str, list[dict[str, str]]]] = mapped_column(JSON, default=dict, deferred=True)
    outcome_digest: Mapped[str] = mapped_column(String(64), default="")  # of `since` and `places`, published with the seed
    run_id: Mapped[int | None] = mapped_column(ForeignKey("match_run.id"))
    drawn_at: Mapped[datetime | None]
    round: Mapped[Round] = relationship()
    base: Mapped[MatchRun] = relationship(foreign_keys=base_id)
    run: Mapped[MatchRun | None] = relationship(foreign_keys=run_id)
    secrets: Mapped[list[PanelDrawSecret]] = relationship(order_by="PanelDrawSecret.id")


class PanelDrawSecret(Bound, Base):
    __tablename__ = "panel_draw_secret"
    __table_args__ = (UniqueConstraint("draw_id", "account_id"),)

    draw_id: Mapped[int] = mapped_column(ForeignKey("panel_draw.id"))
