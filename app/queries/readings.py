"""What reading said of files: the verdict at each file, and the hidden text a coordinator may look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents import verdict, virus
from app.errors import NotAllowed
from app.models.readings import Reading, ReadingPage
from app.workflow import readings

HIDDEN_MOST = 2_000  # characters of hidden text shown of one page


@dataclass(frozen=True)
class Told:
    """One finding with its data as a sentence takes it; the words stand under `reading.<code>`."""

    code: str
    weight: str
    data: dict[str, Any]
    why: tuple[str, ...] = ()  # of hidden text: what hides it, each under `reading.why.<code>`


@dataclass(frozen=True)
class Verdict:
    """`state`: none (nobody asked to read it), waiting, done, failed."""

    state: str = "none"
    unit: str = ""
    n_pages: int = 0
    with_text: int = 0
    n_chars: int = 0
    scan: str = virus.NOT_SCANNED
    told: tuple[Told, ...] = ()
    languages: tuple[str, ...] = ()

    @property
    def worst(self) -> str:
        return self.told[0].weight if self.told else ""


@dataclass(frozen=True)
class HiddenPage:
    sha256: str
    number: int
    unit: str
    text: str
    more: bool  # there is more than is shown


def verdicts(session: Session, files: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Verdict]:
    """(slot, digest) → verdict, as that slot takes it."""
    held = list(files)
    rows = readings.of(session, (sha256 for _slot, sha256 in held))
    return {(slot, sha256): _verdict(rows.get(sha256), slot) for slot, sha256 in held}


def hidden(session: Session, digests: Iterable[str]) -> list[HiddenPage]:
    """The pages of these files on which something stands that nobody can see."""
    rows = readings.of(session, digests)
    pages = session.execute(
        select(Reading.sha256, Reading.unit, ReadingPage.number, ReadingPage.hidden)
        .join(ReadingPage, ReadingPage.reading_id == Reading.id)
        .where(Reading.id.in_([row.id for row in rows.values()]), ReadingPage.hidden != "")
        .order_by(Reading.id, ReadingPage.number)
    )
    return [HiddenPage(sha, number, unit, text[:HIDDEN_MOST], len(text) > HIDDEN_MOST) for sha, unit, number, text in pages]


def require_clean(session: Session, sha256: str, *, scanner: bool) -> None:
    """No infected file is handed out; where a scanner is set, none that still waits for it."""
    row = readings.of(session, [sha256]).get(sha256)
    if row is not None and row.verdict.get("scan") == virus.INFECTED:
        raise NotAllowed("file.infected")
    if row is not None and scanner and row.state == "waiting":
        raise NotAllowed("file.not_scanned_yet")


def _verdict(row: Reading | None, slot: str) -> Verdict:
    if row is None:
        return Verdict()
    told = tuple(
        Told(f.code, f.weight, readings.shown(f.data), tuple(f.data.get("why", ()))) for f in verdict.findings(row.verdict, slot)
    )
    found = row.verdict
    return Verdict(
        row.state,
        row.unit,
        row.n_pages,
        found.get("with_text", 0),
        row.n_chars,
        found.get("scan", virus.NOT_SCANNED),
        told,
        tuple(found.get("languages", ())),
    )
