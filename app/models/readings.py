"""What was read out of a file: one reading for each content and reader, its pages as the matcher and the reading pane see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base


class Reading(Base):
    """The same bytes are read once by each version of the reader, whoever files them and however often."""

    __tablename__ = "reading"
    __table_args__ = (
        UniqueConstraint("sha256", "reader"),
        CheckConstraint("state IN ('waiting', 'done', 'failed')", name="state"),
        CheckConstraint("state = 'waiting' OR read_at IS NOT NULL", name="read"),
    )

    sha256: Mapped[str] = mapped_column(String(64))
    reader: Mapped[int]  # version of the reader: documents.READER
    state: Mapped[str] = mapped_column(String(8), default="waiting")  # failed: nothing could be read, the verdict says why
    kind: Mapped[str] = mapped_column(String(8))  # found by content: a key of documents.sniff.KINDS
    unit: Mapped[str] = mapped_column(String(8), default="")  # what a page is: page, part, sheet, slide; empty: the kind has none
    n_pages: Mapped[int] = mapped_column(default=0)
    n_chars: Mapped[int] = mapped_column(default=0)
    verdict: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # documents.verdict
    asked_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    pages: Mapped[list[ReadingPage]] = relationship(order_by="ReadingPage.number", viewonly=True)


class ReadingPage(Base):
    """The visible text of one page, resident numbers masked. Blank pages are rows too, so that `number` counts as in the file."""

    __tablename__ = "reading_page"
    __table_args__ = (UniqueConstraint("reading_id", "number"),)

    reading_id: Mapped[int] = mapped_column(ForeignKey("reading.id"))
    number: Mapped[int]  # from 1
    label: Mapped[str] = mapped_column(String(80), default="")  # the file's own name of the page: of a sheet, a printed number
    text: Mapped[str] = mapped_column(Text, default="")  # paragraphs by line
    hidden: Mapped[str] = mapped_column(Text, default="")  # kept aside for people: white, tiny, off the page
