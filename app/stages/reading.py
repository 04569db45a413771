"""What a file says: the reading that was promised when the file was added, written down once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from app import journal, outbox
from app.documents import verdict, virus
from app.documents.reading import READER, Read
from app.models.applications import DossierFile
from app.models.designation_requests import DesignationRequestFile
from app.models.readings import Reading, ReadingPage
from app.workflow import readings


def record(session: Session, sha256: str, kind: str, read: Read, *, now: datetime) -> Reading:
    """Store pages and verdict of these bytes; what was read already stays as it is."""
    row = readings.of(session, [sha256]).get(sha256)
    if row is None:
        row = Reading(sha256=sha256, reader=READER, kind=kind, state="waiting", asked_at=now)
    elif row.state != "waiting":
        return row
    row.state = "failed" if read.failed else "done"
    row.unit, row.n_pages, row.n_chars, row.verdict = read.unit, len(read.pages), read.n_chars, dict(read.verdict)
    row.read_at = now
    session.add(row)
    session.flush()
    session.add_all(
        ReadingPage(reading_id=row.id, number=n, label=page.label, text=page.text, hidden=page.hidden)
        for n, page in enumerate(read.pages, 1)
    )
    journal.write(
        session,
        at=now,
        actor="system",
        role="system",
        action="file.read",
        kind="file",
        subject=sha256[:40],
        data={"sha256": sha256, "reader": READER, "found": sorted({f["code"] for f in read.verdict["findings"]})},
    )
    return row


def note_scan(session: Session, sha256: str, scan: str, name: str, *, now: datetime) -> None:
    """What the scanner says of a file that was read without one; what was read of it stays."""
    row = readings.of(session, [sha256]).get(sha256)
    if row is None or scan == virus.NOT_SCANNED or row.verdict.get("scan") != virus.NOT_SCANNED:
        return
    kept = [finding for finding in row.verdict["findings"] if finding["code"] != virus.NOT_SCANNED]
    found = verdict.refused(scan, name=name)["findings"] if scan == virus.INFECTED else []
    row.verdict = {**row.verdict, "findings": [*found, *kept], "scan": scan}
    data = {"sha256": sha256, "scan": scan}
    journal.write(
        session, at=now, actor="system", role="system", action="file.scanned", kind="file", subject=sha256[:40], data=data
    )


def scan_all(session: Session, *, now: datetime) -> int:
    """Promise to scan every file that was read while there was no scanner."""
    rows = session.execute(select(Reading).where(Reading.reader == READER, Reading.state != "waiting")).scalars()
    left = sorted(row.sha256 for row in rows if row.verdict.get("scan") == virus.NOT_SCANNED)
    for sha256 in left:
        outbox.promise(session, "scan_file", key=f"scan_file:{sha256}:{READER}", args={"sha256": sha256}, now=now)
    return len(left)


def ask_all(session: Session, *, now: datetime) -> int:
    """Promise to read every file that today's reader has not read: after an upgrade of it, or filed before there was one."""
    files = session.execute(
        union(select(DossierFile.sha256, DossierFile.kind), select(DesignationRequestFile.sha256, DesignationRequestFile.kind))
    ).all()
    there = readings.of(session, (sha256 for sha256, _kind in files))
    left = {sha256: kind for sha256, kind in files if sha256 not in there}
    for sha256, kind in sorted(left.items()):
        readings.ask(session, sha256, kind, now=now)
    return len(left)
