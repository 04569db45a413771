"""A lottery among dossiers in the borderline band: the list, two committed secrets, and the order that follows from them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Public
from app.models.calls import Round


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


class LotterySecret(Base):
    """What one official committed to; the secret itself is stored when they tell it."""

    __tablename__ = "lottery_secret"
    __table_args__ = (UniqueConstraint("lottery_id", "account_id"),)

    lottery_id: Mapped[int] = mapped_column(ForeignKey("lottery.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    who: Mapped[str] = mapped_column(String(26))  # public id of the account
    digest: Mapped[str] = mapped_column(String(64))
    committed_at: Mapped[datetime]
    secret: Mapped[str] = mapped_column(Text, default="")
    told_at: Mapped[datetime | None]
