"""What a call keeps from its panellists while they mark: nothing, the names of persons, or those of companies and institutions too.

Names stand in the invitation all the same: who is asked must be able to say whether there is a conflict.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents import dossier
from app.documents.veil import Veil
from app.models.applications import Application
from app.models.readings import Reading, ReadingPage
from app.workflow import rules


def of(application: Application, content: dossier.Content) -> Veil:
    """What lies over the texts of this dossier."""
    level = rules.from_json(application.call.rules).blind
    if level == "none":
        return Veil()
    persons = [*dossier.people(content), str(dossier.value(content, "company.contact_name") or "")]
    writers = [application.owner, *(member.account for member in application.members)]
    persons += [name for account in writers if account for name in (account.person.name, account.person.name_en) if name]
    companies = dossier.organisations(content)
    companies += [application.organisation.name, *(known.name for known in application.organisation.names)]
    return Veil(persons if level == "persons" else [*persons, *companies])


def told(session: Session, veil: Veil, sha256: str) -> tuple[bool, tuple[int, ...]]:
    """Whether this file may be seen as it looks, and on which pages a name stands. Only its text can be covered: a file in which a
    name stands, or that is not text throughout, is shown as text alone."""
    if not veil:
        return True, ()
    pages = _pages(session, sha256)
    named = tuple(number for number, text in pages if veil.tells(text))
    return bool(pages) and not named and all(text for _number, text in pages), named


def _pages(session: Session, sha256: str) -> Sequence[tuple[int, str]]:
    newest = select(Reading.id).where(Reading.sha256 == sha256, Reading.state == "done").order_by(Reading.reader.desc()).limit(1)
    found = select(ReadingPage.number, ReadingPage.text).where(ReadingPage.reading_id == newest.scalar_subquery())
    return [(number, text) for number, text in session.execute(found.order_by(ReadingPage.number))]
