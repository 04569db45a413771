"""What a run looks at besides the match: dossiers that are nearly one text or may tell the same in other words, and text that is
not there to inform its reader.

Nothing here bars or scores anybody: coordinators are told, and judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import records
from app.documents import dossier as form
from app.documents import passages, verdict
from app.models.applications import Application, DossierVersion
from app.stages.matching.inputs import Inputs
from app.workflow import readings
from app.workflow.conflicts import facts
from reviewers.overlap import Quote, overlaps
from reviewers.records import Dossier, Passage
from reviewers.retold import read as read_vectors
from reviewers.retold import retold
from reviewers.vector_cache import VectorCache

PAIRS_MOST = 100
KINDS = ("addressed", "stuffed", "hidden_text")


@dataclass(frozen=True)
class Watched:
    """`before`: the typed text of what other calls hold; `row_ids` of all that is compared; `left_out` as a run stores it."""

    before: tuple[Dossier, ...]
    row_ids: Mapping[str, int]
    left_out: tuple[Mapping[str, Any], ...]


def read(session: Session, given: Inputs) -> Watched:
    """Everything in one look, before the mathematics."""
    here = set(given.filed.row_ids.values()) | set(given.others.row_ids.values())
    rows = session.execute(
        select(Application).where(Application.status.not_in(facts.NOT_FILED), Application.id.not_in(here)).order_by(Application.id)
    ).scalars()
    calls: dict[int, list[Application]] = {}
    for row in rows:
        calls.setdefault(row.call_id, []).append(row)
    before, row_ids = [], {**given.filed.row_ids, **given.others.row_ids}
    for call_id, applications in calls.items():  # one number is given in every call
        filed = records.filed(session, applications)
        before += [replace(dossier, id=f"{call_id}/{dossier.id}") for dossier in filed.dossiers]
        row_ids |= {f"{call_id}/{own}": row for own, row in filed.row_ids.items()}
    return Watched(tuple(before), row_ids, tuple(_left_out(session, given.filed.row_ids)))


def look(given: Inputs, watched: Watched, encoders: Mapping[str, str], cache: VectorCache) -> dict[str, Any]:
    """The numbers for the run's record: the pairs that are most alike, and what matching left out.

    `encoders` are the digests of those that measured the run: by their vectors retellings are found.
    """
    others = (*given.others.dossiers, *watched.before)
    found = overlaps(given.dossiers, others, quoted=PAIRS_MOST)
    pairs = [
        {
            "first": watched.row_ids[pair.first],
            "second": watched.row_ids[pair.second],
            "share": round(pair.share, 3),
            "quotes": [_quote(quote) for quote in pair.quotes],
        }
        for pair in found[:PAIRS_MOST]
    ]
    copies = {(pair.first, pair.second) for pair in found}
    told = read_vectors((*given.dossiers, *others), encoders, cache)
    own = len(set(told.ids) & {dossier.id for dossier in given.dossiers})
    again = [pair for pair in retold(told, own) if (pair.first, pair.second) not in copies]
    return {
        "alike": {"n": len(found), "pairs": pairs},
        "retold": {
            "n": len(again),
            "unread": told.unread,
            "pairs": [
                {
                    "first": watched.row_ids[pair.first],
                    "second": watched.row_ids[pair.second],
                    "kind": pair.kind,
                    "likeness": round(pair.likeness, 2),
                }
                for pair in again[:PAIRS_MOST]
            ],
        },
        "left_out": [dict(row) for row in watched.left_out],
    }


def _quote(quote: Quote) -> dict[str, Any]:
    return {"text": quote.text, "first": _place(quote.first), "second": _place(quote.second)}


def _place(passage: Passage) -> list[Any]:
    """Document and page; an empty name for typed text."""
    return [passage.document, passage.page if passage.document else 0]


def _left_out(session: Session, row_ids: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Bait and hidden text of the counting versions, typed or filed where a panel reads."""
    rows = session.execute(
        select(DossierVersion.application_id, DossierVersion.content, DossierVersion.files)
        .join(Application, Application.id == DossierVersion.application_id)
        .where(DossierVersion.version == Application.dossier_version, Application.id.in_(row_ids.values()))
        .order_by(Application.number)
    ).all()
    open_slots = {slot.code for slot in form.panel_slots()}
    shown = [[f for f in row.files if f["slot"] in open_slots] for row in rows]
    read_files = readings.of(session, {f["sha256"] for files in shown for f in files})
    for row, files in zip(rows, shown, strict=True):
        yield from _typed(row.application_id, form.passages(row.content))
        for sha256, name in {f["sha256"]: f["name"] for f in files}.items():
            if sha256 in read_files:
                yield from _filed(row.application_id, name, read_files[sha256].verdict)


def _typed(application: int, texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    kinds = dict.fromkeys(kind for text in texts for kind in passages.baits([text]))
    yield from ({"application": application, "kind": kind, "document": "", "pages": []} for kind in kinds)


def _filed(application: int, name: str, said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for found in verdict.findings(said):
        if found.code in KINDS:
            yield {"application": application, "kind": found.code, "document": name, "pages": list(found.data.get("pages", ()))}
