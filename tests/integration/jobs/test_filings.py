"""From a filing to its receipt: the bundle, its digest in page, letter and journal, the printed paper, all the same twice."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import cli, clock, outbox
from app.db import Database
from app.files import Files
from app.jobs import filings, tasks
from app.jobs.job import Job
from app.models.applications import Application, FiledDocument
from app.models.process import JournalEntry, Mail, Promise
from app.queries import receipts
from app.stages import receipts as stage
from app.stages import submission
from app.workflow import dossiers
from app.workflow.actors import SYSTEM, Actor
from config import Config
from tests.dossiers import draft, open_call
from tests.people import acting

pytestmark = pytest.mark.storage


@pytest.fixture
def files(config: Config) -> Files:
    return Files(config.files_dir)


@pytest.fixture
def applicant(session: Session, now: datetime) -> Actor:
    return acting(session, now, "applicant", language="en")


@pytest.fixture
def filing(session: Session, now: datetime, applicant: Actor, files: Files) -> Application:
    application = draft(session, open_call(session, now), applicant, files, now)
    base = dossiers.latest(session, application).version
    submission.submit(session, application.public_id, base=base, pledged=True, actor=applicant, now=now)
    session.expire_on_commit = False  # reading its ids later must not open a transaction
    session.commit()
    return application


@pytest.fixture
def kept(config: Config, database: Database) -> Callable[..., None]:
    """Keep what is owed of these kinds, as the workers do."""

    def keep(*kinds: str) -> None:
        for kind in kinds:
            with database.read() as session:
                owed = session.execute(select(Promise.id).where(Promise.kind == kind, Promise.state == "open")).scalars().all()
            for promise_id in owed:
                assert tasks.carry_out(config, database, promise_id)

    return keep


def receipt(database: Database, application: Application) -> receipts.Receipt:
    with database.read() as session:
        return receipts.of_subject(session, application.public_id, actor=SYSTEM)[0]


def test_the_receipts_digest_is_what_sha256sum_says_of_the_bundle(
    filing: Application, kept: Callable[..., None], database: Database, files: Files
) -> None:
    assert receipt(database, filing).bundle is None
    kept("bundle")
    told = receipt(database, filing)
    assert told.bundle is not None
    path = files.path(told.digest)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == told.digest
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [
            "manifest.json",
            "SHA256SUMS",
            "dossier.json",
            "files/D02-01-D02.pdf",
            "files/D03-02-D03.pdf",
        ]
        said = json.loads(archive.read("dossier.json"))
        assert said["content"]["product"]["name_ko"] == "구조 드론"
        assert (said["number"], said["filed_at"]) == ("D-0001", told.filed_at.isoformat())


def test_journal_and_letter_name_the_same_digest(
    filing: Application, kept: Callable[..., None], database: Database, config: Config
) -> None:
    kept("bundle")
    told = receipt(database, filing)
    with database.read() as session:
        entry = session.execute(select(JournalEntry).where(JournalEntry.action == "filing.bundle")).scalar_one()
        letter = session.execute(select(Mail).where(Mail.template == "receipt")).scalar_one()
    assert json.loads(entry.data)["sha256"] == told.digest
    assert told.digest in letter.body and "D-0001" in letter.subject
    assert f"{config.base_url}/applicant/dossiers/{filing.public_id}/receipt/{told.version}" in letter.body


def test_a_worker_killed_before_its_effect_changes_nothing_and_the_next_makes_the_same_bundle(
    filing: Application, kept: Callable[..., None], database: Database, config: Config, now: datetime
) -> None:
    with database.read() as session:
        promise_id = session.execute(select(Promise.id).where(Promise.kind == "bundle")).scalar_one()
    with database.write() as session:
        late = outbox.claim(session, promise_id, now=clock.now(session), lease=timedelta(0))
    assert late is not None
    kept("bundle")
    first = receipt(database, filing).digest
    with pytest.raises(outbox.LostLease):
        filings.bundle(Job(config, database, late))  # it wakes up after all: the same bytes, and nothing written twice
    assert receipt(database, filing).digest == first
    with database.read() as session:
        assert len(session.execute(select(FiledDocument)).scalars().all()) == 1
        assert len(session.execute(select(Mail).where(Mail.template == "receipt")).scalars().all()) == 1


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_printed_receipt_is_the_same_bytes_each_time(
    filing: Application, kept: Callable[..., None], database: Database, files: Files, session: Session, language: str
) -> None:
    session.execute(Application.__table__.update().values(language=language))
    session.commit()
    kept("bundle", "receipt")
    told = receipt(database, filing)
    assert told.printed is not None
    paper = files.path(told.printed.sha256).read_bytes()
    assert paper.startswith(b"%PDF-") and b"pdfaid" in paper and b"pdfuaid" in paper
    from app.exports import press, receipt_pdf

    press._press.cache_clear()
    assert receipt_pdf.build(told) == paper


def test_a_name_the_font_cannot_show_is_printed_by_its_numbers(
    filing: Application, kept: Callable[..., None], database: Database, session: Session
) -> None:
    filing.organisation.name = "假想 #pagebreak() *x*"
    session.commit()
    kept("bundle", "receipt")
    assert receipt(database, filing).printed is not None


def test_anybody_with_the_file_can_have_it_verified(
    filing: Application,
    kept: Callable[..., None],
    database: Database,
    database_url: str,
    files: Files,
    config: Config,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kept("bundle", "receipt")
    told = receipt(database, filing)
    assert told.printed is not None
    monkeypatch.setenv("PPIR_DATA_DIR", str(config.data_dir))
    monkeypatch.setenv("DATABASE_URL", database_url)
    for what, key in (("bundle", told.digest), ("receipt", told.printed.sha256)):
        assert cli.main(["verify", "receipt", str(files.path(key))]) == 0
        said = json.loads(capsys.readouterr().out)
        assert (said["holds"], said["what"], said["number"]) == (True, what, "D-0001")
    changed = tmp_path / "changed.zip"
    changed.write_bytes(files.path(told.digest).read_bytes().replace(b"%PDF-1.7", b"%PDF-1.6", 1))
    assert cli.main(["verify", "receipt", str(changed)]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["holds"], said["differing"]) == (False, ["files/D02-01-D02.pdf"])


def test_a_filing_from_before_there_were_bundles_gets_one_and_no_letter(
    filing: Application, kept: Callable[..., None], database: Database, now: datetime
) -> None:
    with database.write() as session:
        session.execute(delete(Promise).where(Promise.kind == "bundle"))
        assert stage.owe_all(session, now=now) == 1
    kept("bundle", "receipt")
    told = receipt(database, filing)
    assert told.bundle is not None and told.printed is not None
    with database.write() as session:
        assert session.scalars(select(Mail)).all() == []
        assert stage.owe_all(session, now=now) == 0
