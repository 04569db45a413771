"""A worker killed in the middle of a job: nobody writes on in its place, and the effect comes exactly once."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app import clock
from app.db import Database
from app.jobs import queue
from app.jobs.relay import Relay
from app.models.process import Mail, Promise
from tests.drills.conftest import PATIENCE, Program, alive, family, kept, mail_server, owe_a_letter, wait_until
from tests.servers import Valkey

pytestmark = pytest.mark.drill


class Postman:
    """Holds the first letter until its sender hangs up, takes every later one."""

    def __init__(self) -> None:
        self.holding, self.hung_up = threading.Event(), threading.Event()
        self.letters: list[bytes] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if not self.holding.is_set():
            self.holding.set()
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                self.hung_up.set()
                raise
        self.letters.append(envelope.content)
        return "250 taken"


@pytest.fixture
def postman() -> Iterator[tuple[Postman, str]]:
    postman = Postman()
    with mail_server(postman) as url:
        yield postman, url


def test_kill_9_in_the_middle_of_a_job(
    tmp_path: Path, server: Valkey, settings: dict[str, str], postman: tuple[Postman, str]
) -> None:
    post, settings["PPIR_SMTP_URL"] = postman
    database = Database(settings["DATABASE_URL"])
    promise_id = owe_a_letter(settings["DATABASE_URL"], "k")
    worker = Program(tmp_path, "worker", "mail", **settings)
    Relay(database, queue.connect(server.url)).tick()
    wait_until(post.holding.is_set, "the job to be in the middle of its work")
    (horse,) = family(worker.process.pid)

    worker.kill()
    wait_until(lambda: not alive(horse), "the horse to die with its worker")
    wait_until(post.hung_up.is_set, "the connection of the killed job to end")
    relay = Relay(database, queue.connect(server.url))
    assert relay.tick() == 0, "the lease still holds"
    with database.write() as session:  # a minute passes
        held = session.get_one(Promise, promise_id)
        assert held.leased_until is not None
        assert held.leased_until - clock.now() <= timedelta(seconds=60)
        held.leased_until = clock.now() - timedelta(seconds=1)

    successor = Program(tmp_path, "worker", "mail", **settings)
    assert relay.tick() == 1
    wait_until(lambda: kept(settings["DATABASE_URL"], promise_id), "the promise to be kept")
    assert successor.end() == 0
    assert len(post.letters) == 1
    with database.read() as session:
        assert session.get_one(Promise, promise_id).attempt == 2
        assert session.query(Mail).one().channel == "smtp"


def test_a_worker_told_to_stop_finishes_its_job_first(
    tmp_path: Path, server: Valkey, settings: dict[str, str], postman: tuple[Postman, str]
) -> None:
    class Slow(Postman):
        told_to_stop = threading.Event()

        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
            self.holding.set()
            while not self.told_to_stop.is_set():
                await asyncio.sleep(0.01)
            self.letters.append(envelope.content)
            return "250 taken"

    post = Slow()
    with mail_server(post) as settings["PPIR_SMTP_URL"]:
        promise_id = owe_a_letter(settings["DATABASE_URL"], "k")
        worker = Program(tmp_path, "worker", "mail", **settings)
        Relay(Database(settings["DATABASE_URL"]), queue.connect(server.url)).tick()
        wait_until(post.holding.is_set, "the job to be in the middle of its work")
        os.kill(worker.process.pid, signal.SIGTERM)
        worker.says("warm shut down")
        post.told_to_stop.set()
        assert worker.process.wait(PATIENCE) == 0
    assert kept(settings["DATABASE_URL"], promise_id)
    assert len(post.letters) == 1


def test_work_promised_while_the_queue_is_away_is_done_after_its_return(
    tmp_path: Path, server: Valkey, settings: dict[str, str]
) -> None:
    programs = [Program(tmp_path, "worker", "mail", **settings), Program(tmp_path, "relay", **settings)]
    try:
        programs[0].says("Listening on mail")
        server.end(signal.SIGKILL)
        promise_id = owe_a_letter(settings["DATABASE_URL"], "k")
        programs[1].says("waiting")
        assert not kept(settings["DATABASE_URL"], promise_id)
        server.start()
        wait_until(lambda: kept(settings["DATABASE_URL"], promise_id), "the promise to be kept")
        assert all(program.process.poll() is None for program in programs), "nobody gave up"
        assert "back at work" in programs[1].said
    finally:
        status = [program.end() for program in programs]
    assert status == [0, 0]
