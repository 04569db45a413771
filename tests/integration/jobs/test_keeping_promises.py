"""From a promise in the outbox to its effect: relay, queue, worker and lease, on a real Valkey."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import select

from app import clock, outbox
from app.db import Database
from app.errors import LostLease
from app.jobs import queue, tasks
from app.jobs.job import Job, Task
from app.jobs.relay import Relay
from app.jobs.worker import PpirMlWorker, PpirWorker
from app.models.process import Mail, Promise, Setting
from config import Config
from tests.servers import Valkey

pytestmark = pytest.mark.storage


@pytest.fixture
def relay(database: Database, valkey: Valkey) -> Relay:
    return Relay(database, queue.connect(valkey.url))


@pytest.fixture
def installation(config: Config, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Config:
    """What a worker's process reads from its environment."""
    monkeypatch.setenv("PPIR_DATA_DIR", str(config.data_dir))
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("PPIR_MAIL_FROM", config.mail_from)
    tasks._installation.cache_clear()
    return config


def owe_a_letter(database: Database, now: datetime, due_at: datetime | None = None) -> int:
    with database.write() as session:
        row = Mail(key="m", template="t", language="ko", recipient="kim@example.org", subject="초대", created_at=now)
        row.body = "본문\n"
        session.add(row)
        session.flush()
        args = {"mail": row.public_id}
        return outbox.promise(session, "send_mail", key="mail:m", args=args, now=now, queue="mail", due_at=due_at).id


def state_of(database: Database, promise_id: int) -> Promise:
    with database.read() as session:
        return session.get_one(Promise, promise_id)


def work_off(valkey: Valkey, name: str = "mail", kind: type[PpirWorker] | type[PpirMlWorker] = PpirWorker) -> None:
    kind([name], connection=queue.connect(valkey.url, patient=True), serializer=JSONSerializer).work(burst=True)


def test_a_due_promise_becomes_one_letter_in_the_data_folder(
    installation: Config, database: Database, relay: Relay, valkey: Valkey, now: datetime
) -> None:
    promise_id = owe_a_letter(database, now)
    assert relay.tick() == 1
    work_off(valkey)

    assert state_of(database, promise_id).state == "done"
    (path,) = installation.mail_dir.glob("*.eml")
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert (letter["To"], letter["Subject"]) == ("kim@example.org", "초대")
    assert letter.get_content() == "본문\n"
    with database.read() as session:
        row = session.scalars(select(Mail)).one()
        assert row.channel == "file"
        assert letter["Message-ID"] == f"<{row.public_id}@example.org>"


def test_a_promise_is_not_rung_before_its_time(database: Database, relay: Relay, now: datetime) -> None:
    owe_a_letter(database, now, due_at=now + timedelta(hours=1))
    assert relay.tick(now + timedelta(minutes=59)) == 0
    assert relay.tick(now + timedelta(minutes=61)) == 1


def test_ringing_again_while_the_job_waits_makes_no_second_job(
    database: Database, relay: Relay, valkey: Valkey, now: datetime
) -> None:
    owe_a_letter(database, now)
    relay.tick()
    relay.rung.clear()
    relay.tick()
    assert Queue("mail", connection=valkey.client(), serializer=JSONSerializer).count == 1


def test_a_queue_that_forgot_everything_is_filled_again(
    installation: Config, database: Database, relay: Relay, valkey: Valkey, now: datetime
) -> None:
    promise_id = owe_a_letter(database, now)
    relay.tick()
    valkey.client().flushall()
    relay.rung.clear()  # what RING_AGAIN_SECONDS does
    assert relay.tick() == 1
    work_off(valkey)
    assert state_of(database, promise_id).state == "done"


def test_a_second_call_for_a_kept_promise_does_nothing(installation: Config, database: Database, now: datetime) -> None:
    promise_id = owe_a_letter(database, now)
    assert tasks.carry_out(installation, database, promise_id) is True
    assert tasks.carry_out(installation, database, promise_id) is False
    assert len(list(installation.mail_dir.glob("*.eml"))) == 1


def test_a_late_worker_writes_nothing(
    installation: Config, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease ran out while it computed, and another worker has taken the promise since."""

    def slow(job: Job) -> None:
        with database.write() as session:
            row = session.get_one(Promise, job.claim.promise_id)
            row.leased_until = now
            session.flush()
            later = outbox.claim(session, row.id, now=clock.now(session), lease=timedelta(minutes=1))
            assert later is not None
        with job.effect() as session:
            session.add(Setting(name="written", value="too late"))

    monkeypatch.setitem(tasks.KINDS, "send_mail", Task("mail", 10, slow))
    promise_id = owe_a_letter(database, now)
    with pytest.raises(LostLease):
        tasks.carry_out(installation, database, promise_id)
    with database.read() as session:
        assert session.scalars(select(Setting)).all() == []
    assert state_of(database, promise_id).state == "open"


def test_a_failing_job_is_tried_again_later_and_at_last_given_up(
    installation: Config, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(job: Job) -> None:
        raise OSError("no such host")

    monkeypatch.setitem(tasks.KINDS, "send_mail", Task("mail", 10, fail))
    promise_id = owe_a_letter(database, now)
    for planned in (*outbox.BACKOFF, outbox.BACKOFF[-1]):
        with database.write() as session:
            session.get_one(Promise, promise_id).due_at = now
        before = clock.now()
        with pytest.raises(OSError, match="no such host"):
            tasks.carry_out(installation, database, promise_id)
        assert before + planned <= state_of(database, promise_id).due_at <= clock.now() + planned
    row = state_of(database, promise_id)
    assert (row.state, row.attempt, row.last_error) == ("dead", 6, "OSError: no such host")


def test_a_task_that_forgets_its_effect_is_a_failure(
    installation: Config, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(tasks.KINDS, "send_mail", Task("mail", 10, lambda job: None))
    promise_id = owe_a_letter(database, now)
    with pytest.raises(tasks.NotSettled):
        tasks.carry_out(installation, database, promise_id)
    assert state_of(database, promise_id).state == "open"


def test_a_lease_is_renewed_while_the_work_goes_on(
    installation: Config, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.jobs.job.BEAT_SECONDS", 0.01)
    leases: list[datetime | None] = []

    def long(job: Job) -> None:
        while len(set(leases)) < 3:
            leases.append(state_of(database, job.claim.promise_id).leased_until)
        with job.effect():
            pass

    monkeypatch.setitem(tasks.KINDS, "send_mail", Task("mail", 10, long))
    assert tasks.carry_out(installation, database, owe_a_letter(database, now))


def test_progress_is_stored_with_the_promise(
    installation: Config, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int, str]] = []

    def count(job: Job) -> None:
        job.progress(1, 4, "embed")
        row = state_of(database, job.claim.promise_id)
        seen.append((row.done_n, row.total_n, row.note))
        with job.effect():
            pass

    monkeypatch.setitem(tasks.KINDS, "send_mail", Task("mail", 10, count))
    tasks.carry_out(installation, database, owe_a_letter(database, now))
    assert seen == [(1, 4, "embed")]


def test_the_ml_worker_works_in_its_own_process_and_leaves_after_its_last_job(
    installation: Config, database: Database, valkey: Valkey, now: datetime
) -> None:
    promise_id = owe_a_letter(database, now)
    connection = queue.connect(valkey.url, patient=True)
    queue.ring(connection, "ml", promise_id, 0, 60)
    worker = PpirMlWorker(["ml"], connection=connection, serializer=JSONSerializer)
    worker.work(max_jobs=1)
    assert worker.jobs_taken == 1
    assert tasks._installation.cache_info().currsize == 1  # here, not in a fork
    assert state_of(database, promise_id).state == "done"
