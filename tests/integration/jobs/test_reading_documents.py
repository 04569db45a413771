"""A file that was added is read by a worker once, whoever files it; an infected one is never opened, an unscanned one waits."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import func, select

from app.db import Database
from app.documents import reading, virus
from app.errors import NotAllowed
from app.files import Files
from app.jobs import tasks
from app.models.process import Promise
from app.models.readings import Reading, ReadingPage
from app.queries import readings as queries
from app.stages import reading as stage
from app.stages import submission
from app.workflow import dossiers, readings
from config import Config
from tests.dossiers import open_call, pdf
from tests.people import acting

pytestmark = pytest.mark.storage


def add(database: Database, config: Config, now: datetime, content: bytes, *, drafts: int = 1, code: str = "C") -> tuple[str, str]:
    """An application, and the digest of the file it holds; every further draft holds the same file."""
    with database.write() as session:
        call, applicant = open_call(session, now, code=code), acting(session, now, "applicant")
        for _ in range(drafts):
            application = submission.start(session, call.public_id, actor=applicant, now=now)
            row = submission.add_file(
                session, application.public_id, slot="D02", stream=io.BytesIO(content), name="a.pdf",
                files=Files(config.files_dir), actor=applicant, now=now,
            )  # fmt: skip
        return application.public_id, row.sha256


def promised(database: Database) -> list[int]:
    with database.read() as session:
        return list(session.scalars(select(Promise.id).where(Promise.kind == "read_file", Promise.state == "open")))


def test_the_same_bytes_are_read_once(database: Database, config: Config, now: datetime) -> None:
    _application, sha256 = add(database, config, now, pdf("A rescue drone"), drafts=2)
    (promise,) = promised(database)
    assert tasks.carry_out(config, database, promise)
    assert not tasks.carry_out(config, database, promise)
    with database.read() as session:
        row = readings.of(session, [sha256])[sha256]
        assert (row.state, row.unit, row.n_pages) == ("done", "page", 1)
        assert [p.text for p in row.pages] == ["A rescue drone"]
        assert row.verdict["scan"] == "not_scanned"
        assert session.scalar(select(func.count()).select_from(ReadingPage)) == 1


def test_a_file_that_cannot_be_read_stops_filing_at_its_slot(database: Database, config: Config, now: datetime) -> None:
    application_id, sha256 = add(database, config, now, b"%PDF-1.7\nnothing follows")
    (promise,) = promised(database)
    tasks.carry_out(config, database, promise)
    with database.read() as session:
        assert readings.of(session, [sha256])[sha256].state == "failed"
        application = dossiers.find(session, application_id)
        stopped = [p for p in dossiers.left(session, application) if p.code.startswith("reading.")]
        assert [(p.place, p.code, p.hard) for p in stopped] == [("D02", "reading.unreadable", True)]


def test_a_scanner_that_is_away_keeps_the_promise_and_the_file(database: Database, config: Config, now: datetime) -> None:
    _application, sha256 = add(database, config, now, pdf("A rescue drone"))
    (promise,) = promised(database)
    with pytest.raises(virus.ScannerAway):
        tasks.carry_out(replace(config, clamd="unix:/nowhere/clamd"), database, promise)
    with database.read() as session:
        assert session.get_one(Promise, promise).state == "open"
        assert session.scalars(select(Reading)).one().state == "waiting"
        with pytest.raises(NotAllowed, match="not_scanned_yet"):
            queries.require_clean(session, sha256, scanner=True)
        queries.require_clean(session, sha256, scanner=False)


def test_an_infected_file_is_never_opened_or_handed_out(
    database: Database, config: Config, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    _application, sha256 = add(database, config, now, pdf("A rescue drone"))
    (promise,) = promised(database)
    monkeypatch.setattr(virus, "scan", lambda path, address: (virus.INFECTED, "Eicar"))
    monkeypatch.setattr(reading, "read", lambda *_: pytest.fail("it was opened"))
    tasks.carry_out(config, database, promise)
    with database.read() as session:
        assert readings.of(session, [sha256])[sha256].verdict["findings"] == [{"code": "infected", "data": {"name": "Eicar"}}]
        with pytest.raises(NotAllowed, match="infected"):
            queries.require_clean(session, sha256, scanner=True)


def test_what_was_read_without_a_scanner_is_scanned_once_there_is_one(
    database: Database, config: Config, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read of it stays; an infected one is not handed out any more."""
    held = [add(database, config, now, pdf(text), code=text[:1])[1] for text in ("A rescue drone", "Two of them")]
    for promise in promised(database):
        tasks.carry_out(config, database, promise)
    answers = {held[0]: (virus.CLEAN, ""), held[1]: (virus.INFECTED, "Eicar")}
    monkeypatch.setattr(virus, "scan", lambda path, address: answers[path.name])
    with database.write() as session:
        assert stage.scan_all(session, now=now) == 2
    with database.read() as session:
        owed = list(session.scalars(select(Promise.id).where(Promise.kind == "scan_file")))
    for promise in owed:
        assert tasks.carry_out(replace(config, clamd="unix:/run/clamd"), database, promise)
    with database.read() as session:
        rows = readings.of(session, held)
        assert [rows[sha].verdict["scan"] for sha in held] == ["clean", "infected"]
        assert [[f["code"] for f in rows[sha].verdict["findings"]] for sha in held] == [[], ["infected"]]
        assert [rows[sha].n_chars > 0 for sha in held] == [True, True]
        with pytest.raises(NotAllowed, match="infected"):
            queries.require_clean(session, held[1], scanner=True)
    with database.write() as session:
        assert stage.scan_all(session, now=now) == 0
