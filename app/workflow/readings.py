"""What was read of the files of a dossier: asked for when a file is added, looked up by guards, rules and pages alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import outbox
from app.documents import verdict
from app.documents.dossier import Problem
from app.documents.reading import READER
from app.models.readings import Reading


def ask(session: Session, sha256: str, kind: str, *, now: datetime) -> Reading:
    """Promise to read these bytes; the same bytes are read once, whoever files them."""
    held = of(session, [sha256]).get(sha256)
    if held is not None:
        return held
    row = Reading(sha256=sha256, reader=READER, kind=kind, asked_at=now)
    session.add(row)
    session.flush()
    outbox.promise(session, "read_file", key=f"read_file:{sha256}:{READER}", args={"sha256": sha256}, now=now)
    return row


def of(session: Session, digests: Iterable[str]) -> dict[str, Reading]:
    """Digest → its reading by today's reader; a file nobody asked to read, such as one of an import, has none."""
    rows = session.execute(select(Reading).where(Reading.reader == READER, Reading.sha256.in_(set(digests)))).scalars()
    return {row.sha256: row for row in rows}


def problems(session: Session, files: Iterable[tuple[str, str]]) -> list[Problem]:
    """What the verdicts on (slot, digest) say at the slot: hard where it stops filing. A file still to be read stops nothing."""
    held = list(files)
    rows = of(session, (sha256 for _slot, sha256 in held))
    return [
        Problem(slot, f"reading.{found.code}", found.weight == verdict.STOPS, shown(found.data))
        for slot, sha256 in held
        if sha256 in rows
        for found in verdict.findings(rows[sha256].verdict, slot)
        if found.weight != verdict.NOTES
    ]


def slots(session: Session, files: Sequence[Mapping[str, Any]]) -> tuple[frozenset[str], frozenset[str]]:
    """Of filed files: the slots that hold one with something on it, and those in which one is still, or could not be, read."""
    rows = of(session, (f["sha256"] for f in files))
    read = [(f["slot"], rows.get(f["sha256"])) for f in files]
    filled = {slot for slot, row in read if row is None or not verdict.empty(row.verdict)}
    return frozenset(filled), frozenset(slot for slot, row in read if row is not None and row.state != "done") & filled


def shown(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a finding as a sentence takes it: page numbers as a list, runs of them from-to.

    >>> shown({"pages": [1, 2, 3, 7], "n": 5})
    {'pages': '1–3, 7', 'n': 5}
    """
    return {key: _runs(value) if key == "pages" and isinstance(value, list) else _listed(value) for key, value in data.items()}


def _runs(pages: Sequence[int]) -> str:
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][1] + 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    told = [f"{first}–{last}" if last > first else f"{first}" for first, last in runs]
    return ", ".join(told[:12]) + (" …" if len(told) > 12 else "")


def _listed(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value
