"""Words of a filed document that speak for a mark: which file, which page, and that they do stand there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents import dossier as dossiers
from app.models.applications import Application, DossierVersion
from app.models.readings import Reading, ReadingPage
from app.workflow import blinding
from app.workflow import dossiers as dossiers_of

WORDS_MOST, QUOTES_MOST = 600, 12


@dataclass(frozen=True)
class Quote:
    """`file` is the SHA-256 of a file of the dossier, `page` counts from 1 as its reading does."""

    file: str
    page: int
    words: str

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def of_data(stored: Sequence[Mapping[str, Any]] | None) -> tuple[Quote, ...]:
    return tuple(Quote(str(q["file"]), int(q["page"]), str(q["words"])) for q in stored or ())


def problem(session: Session, application: Application, quotes: Sequence[Quote]) -> str:
    """The code of what is wrong with these quotes; empty when each stands on its page of a file that the panel sees."""
    if len(quotes) > QUOTES_MOST or any(len(quote.words) > WORDS_MOST for quote in quotes):
        return "sheet.quote_too_long"
    veil = blinding.of(application, dossiers_of.counting(session, application).content)
    for quote in quotes:
        page = _page(session, quote) if quote.file in panel_digests(session, application) else None
        if page is None or not _bare(quote.words) or _bare(quote.words) not in _bare(veil.over(page)):
            return "sheet.quote_not_there"
    return ""


def panel_digests(session: Session, application: Application) -> set[str]:
    filed = session.execute(
        select(DossierVersion.files).where(
            DossierVersion.application_id == application.id, DossierVersion.version == application.dossier_version
        )
    ).scalar_one_or_none()
    seen = {slot.code for slot in dossiers.panel_slots()}
    return {str(f["sha256"]) for f in filed or [] if f["slot"] in seen}


def _page(session: Session, quote: Quote) -> str | None:
    """Of the reading that the panellist was shown: the newest that could read the file."""
    pages = (
        select(ReadingPage.text)
        .join(Reading, Reading.id == ReadingPage.reading_id)
        .where(Reading.sha256 == quote.file, Reading.state == "done", ReadingPage.number == quote.page)
    )
    return session.execute(pages.order_by(Reading.reader.desc()).limit(1)).scalar_one_or_none()


def _bare(text: str) -> str:
    """Line breaks and spaces are the page's layout, not its words."""
    return "".join(text.split())
