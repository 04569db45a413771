"""What a file says, page by page, and where a word stands in it. Whether somebody may open the file is asked before."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents import sentences
from app.documents.veil import Veil
from app.models.readings import Reading, ReadingPage

AT_ONCE = 40  # pages of text on one web page
HITS_MOST = 100  # shown; all are counted
QUERY_MOST = 100
AROUND = 40  # characters shown on each side of a hit


@dataclass(frozen=True)
class Piece:
    text: str
    hit: bool


@dataclass(frozen=True)
class Page:
    number: int
    label: str
    paragraphs: tuple[tuple[tuple[Piece, ...], ...], ...]  # of sentences


@dataclass(frozen=True)
class Hit:
    number: int
    before: str
    found: str
    after: str


@dataclass(frozen=True)
class Document:
    """`state`: none (nobody asked to read it), waiting, done, failed. `unit`: what a page is, as the reading says."""

    state: str
    unit: str = ""
    n_pages: int = 0
    pages: tuple[Page, ...] = ()
    query: str = ""
    hits: tuple[Hit, ...] = ()
    n_hits: int = 0

    @property
    def first(self) -> int:
        return self.pages[0].number if self.pages else 1

    @property
    def last(self) -> int:
        return self.pages[-1].number if self.pages else 0


def read(session: Session, sha256: str, *, at: int = 1, query: str = "", veil: Veil | None = None) -> Document:
    """The pages from `at` on, and every place where `query` stands: letters of either case, any space between words. Names
    under the veil of a blind call are neither shown nor found."""
    best = select(Reading).where(Reading.sha256 == sha256).order_by((Reading.state == "done").desc(), Reading.reader.desc())
    row = session.execute(best.limit(1)).scalar_one_or_none()
    if row is None or row.state != "done":
        return Document(row.state if row else "none")
    pages = session.execute(
        select(ReadingPage.number, ReadingPage.label, ReadingPage.text)
        .where(ReadingPage.reading_id == row.id)
        .order_by(ReadingPage.number)
    )
    found = [(number, label, text) for number, label, text in pages]
    if veil:
        found = [(number, veil.over(label), veil.over(text)) for number, label, text in found]
    words = unicodedata.normalize("NFC", query).split()
    query = " ".join(words)[:QUERY_MOST]
    pattern = re.compile(r"\s+".join(map(re.escape, query.split())), re.IGNORECASE) if query else None
    hits = [hit for number, _label, text in found for hit in _hits(number, text, pattern)] if pattern else []
    begin = max(0, min(at, len(found)) - 1)
    return Document(
        "done",
        row.unit,
        len(found),
        tuple(Page(number, label, _paragraphs(text, pattern)) for number, label, text in found[begin : begin + AT_ONCE]),
        query,
        tuple(hits[:HITS_MOST]),
        len(hits),
    )


def _hits(number: int, text: str, pattern: re.Pattern[str]) -> list[Hit]:
    return [
        Hit(number, text[max(0, m.start() - AROUND) : m.start()], m[0], text[m.end() : m.end() + AROUND])
        for m in pattern.finditer(text)
    ]


def _paragraphs(text: str, pattern: re.Pattern[str] | None) -> tuple[tuple[tuple[Piece, ...], ...], ...]:
    return tuple(tuple(_pieces(sentence, pattern) for sentence in said) for said in sentences.paragraphs(text))


def _pieces(line: str, pattern: re.Pattern[str] | None) -> tuple[Piece, ...]:
    if pattern is None:
        return (Piece(line, False),)
    out, end = [], 0
    for m in pattern.finditer(line):
        out += [Piece(line[end : m.start()], False), Piece(m[0], True)]
        end = m.end()
    return tuple(piece for piece in (*out, Piece(line[end:], False)) if piece.text)
