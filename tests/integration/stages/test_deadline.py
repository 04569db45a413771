"""Filing at the last second, by many at once, and by whose clock: on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app import clock, journal
from app.db import Database
from app.errors import WrongStage
from app.factory import create_app
from app.files import Files
from app.models.applications import Application, DossierVersion
from app.models.calls import CallExtension
from app.models.process import JournalEntry, Mail, Promise
from app.stages import calls, submission
from app.workflow import dossiers
from app.workflow.actors import Actor
from app.workflow.rules import Rules
from config import Config
from tests.dossiers import draft, filed, folder, open_call
from tests.people import acting, post, signed_in

pytestmark = pytest.mark.storage


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return folder(tmp_path)


@pytest.fixture
def applicant(session: Session, now: datetime) -> Actor:
    return acting(session, now, "applicant")


def submitted(session: Session, application: Application, actor: Actor, moment: datetime) -> bool:
    base = dossiers.latest(session, application).version
    try:
        submission.submit(session, application.public_id, base=base, pledged=True, actor=actor, now=moment)
    except WrongStage as refused:
        assert refused.code == "guard.call_closed"
        assert refused.data["now"] == moment
        return False
    return True


@pytest.mark.parametrize("grace", [0, 30])
@pytest.mark.parametrize(("second", "taken"), [(-1, True), (0, True), (1, False)])
def test_a_dossier_is_taken_until_closing_and_its_grace_and_not_a_second_longer(
    session: Session, now: datetime, applicant: Actor, files: Files, grace: int, second: int, taken: bool
) -> None:
    call = open_call(session, now, rules=Rules(grace_seconds=grace))
    application = draft(session, call, applicant, files, now)
    assert submitted(session, application, applicant, call.closes_at + timedelta(seconds=grace + second)) is taken


def test_after_an_extension_the_new_closing_counts_for_everybody(
    session: Session, now: datetime, applicant: Actor, files: Files
) -> None:
    call = open_call(session, now)
    coordinator = acting(session, now, "coordinator")
    writing = draft(session, call, applicant, files, now)
    other = acting(session, now, "applicant")
    filed(session, call, other, files, now)
    before = call.closes_at
    later = before + timedelta(hours=3)
    told = calls.extend(session, call.public_id, closes_at=later, reason="접수 시스템 장애", actor=coordinator, now=before)
    assert told == 2
    letters = session.execute(select(Mail).where(Mail.template == "call_extended")).scalars().all()
    assert len(letters) == 2 and all("접수 시스템 장애" in letter.body for letter in letters)
    entry = session.execute(select(JournalEntry).where(JournalEntry.action == "call.extended")).scalar_one()
    assert journal.sha256("접수 시스템 장애") in entry.data
    held = session.execute(select(CallExtension)).scalar_one()
    assert (held.from_at, held.to_at, held.reason) == (before, later, "접수 시스템 장애")
    assert submitted(session, writing, applicant, later)


def test_a_call_does_not_close_while_its_grace_runs(session: Session, now: datetime) -> None:
    call = open_call(session, now, rules=Rules(grace_seconds=30))
    coordinator = acting(session, now, "coordinator")
    with pytest.raises(WrongStage):
        calls.close_call(session, call.public_id, actor=coordinator, now=call.closes_at + timedelta(seconds=30))
    assert not calls.close_if_due(session, call.public_id, now=call.closes_at + timedelta(seconds=30))
    assert calls.close_if_due(session, call.public_id, now=call.closes_at + timedelta(seconds=31))


def test_twenty_windows_file_one_version_and_all_get_its_receipt(
    database: Database, session: Session, now: datetime, applicant: Actor, files: Files
) -> None:
    call = open_call(session, now)
    application = draft(session, call, applicant, files, now)
    key, base = application.public_id, dossiers.latest(session, application).version
    session.commit()

    def press(_: int) -> int:
        with database.write() as own:
            return submission.submit(own, key, base=base, pledged=True, actor=applicant, now=now).version

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(press, range(20)))
    assert set(answers) == {base + 1}
    with database.read() as reading:
        versions = select(func.count()).select_from(DossierVersion).where(DossierVersion.filed)
        assert reading.execute(versions).scalar_one() == 1
        events = select(func.count()).select_from(JournalEntry).where(JournalEntry.action == "application.submitted")
        assert reading.execute(events).scalar_one() == 1
        assert reading.execute(select(func.count()).select_from(Promise).where(Promise.kind == "bundle")).scalar_one() == 1
        assert journal.verify(reading).first_bad is None


def test_twenty_companies_file_at_once_and_none_is_lost(
    database: Database, session: Session, now: datetime, files: Files
) -> None:
    call = open_call(session, now)
    people = [acting(session, now, "applicant") for _ in range(20)]
    ready = [(draft(session, call, person, files, now), person) for person in people]
    todo = [(row.public_id, dossiers.latest(session, row).version, person) for row, person in ready]
    session.commit()

    def press(one: tuple[str, int, Actor]) -> str:
        key, base, person = one
        with database.write() as own:
            return submission.submit(own, key, base=base, pledged=True, actor=person, now=now).digest

    with ThreadPoolExecutor(20) as pool:
        assert len(set(pool.map(press, todo))) >= 1
    with database.read() as reading:
        found = select(func.count()).select_from(Application).where(Application.status == "submitted")
        assert reading.execute(found).scalar_one() == 20
        assert journal.verify(reading).first_bad is None


@pytest.fixture
def by_the_database(config: Config, database: Database) -> Any:
    """Pages that ask the database what time it is, as in production."""
    if database.engine.dialect.name != "postgresql":
        pytest.skip("one machine, one clock: only a server has a clock of its own")
    return create_app(config)


@pytest.mark.parametrize("wrong_by", [timedelta(minutes=-5), timedelta(minutes=5)])
@pytest.mark.parametrize(("closes_in", "taken"), [(120, True), (-120, False)])
def test_the_clock_of_the_web_server_decides_nothing(
    by_the_database: Any,
    session: Session,
    files: Files,
    monkeypatch: pytest.MonkeyPatch,
    wrong_by: timedelta,
    closes_in: int,
    taken: bool,
) -> None:
    true = session.execute(text("SELECT clock_timestamp()")).scalar_one().astimezone(UTC)
    past = true - timedelta(days=1)
    call = open_call(session, past)
    client, applicant = signed_in(by_the_database, session, true, "applicant")
    application = draft(session, call, applicant, files, past)
    call.closes_at = true + timedelta(seconds=closes_in)
    base, key = dossiers.latest(session, application).version, application.public_id
    session.commit()

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + wrong_by

    monkeypatch.setattr(clock, "datetime", Wrong)
    root = f"/applicant/dossiers/{key}"
    sent = post(client, f"{root}/submit", f"{root}/files", base=str(base), pledged="yes")
    assert sent.status_code == (303 if taken else 409)
    session.expire_all()
    assert application.status == ("submitted" if taken else "draft")


def test_the_wait_for_a_connection_is_not_the_applicants(
    by_the_database: Any, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that stood in line for three seconds is judged by when it came."""
    from app.web import access

    true = session.execute(text("SELECT clock_timestamp()")).scalar_one().astimezone(UTC)
    with by_the_database.test_request_context("/"):
        access.arrive()
        access.g.arrived -= 3
        assert abs((access.now() - (true - timedelta(seconds=3))).total_seconds()) < 1
        assert access.now() is access.now()
