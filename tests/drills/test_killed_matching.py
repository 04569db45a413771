"""A matching job killed or stopped in the middle runs again in another worker, and its run is stored once."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app import clock
from app.db import Database
from app.jobs import queue
from app.jobs.relay import Relay
from app.models.matching import MatchRun, RunPanel, RunSeat
from app.models.process import JournalEntry, Promise
from app.stages import calls, matching
from app.workflow.actors import OPERATOR
from tests.drills.conftest import PATIENCE, Program, wait_until
from tests.servers import Valkey

pytestmark = [pytest.mark.drill, pytest.mark.model]

TOPICS = ("battery lithium cell", "drone rescue flight", "cancer tumour imaging", "water quality sensor")


def write(path: Path, rows: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def pool() -> list[dict[str, Any]]:
    works = [[{"title": f"{topic} study {n}", "abstract": f"We measured a {topic}."}] for topic in TOPICS for n in range(6)]
    return [{"expert_id": f"E{n}", "organisation": f"University {n}", "works": work} for n, work in enumerate(works)]


def applications() -> list[dict[str, Any]]:
    return [
        {"application_id": f"A{n}", "organisation": f"Maker {n}", "title": topic, "summary": f"A new {topic}."}
        for n, topic in enumerate(TOPICS)
    ]


def filled(tmp_path: Path, settings: dict[str, str]) -> Database:
    """A call with dossiers and a pool, brought in by the commands an operator types."""
    for arguments in (
        ("import", "experts", write(tmp_path / "experts.jsonl", pool())),
        ("call", "create", "C1", "--seats", "3", "--max-load", "2"),
        ("import", "dossiers", write(tmp_path / "dossiers.jsonl", applications()), "--call", "C1"),
    ):
        program = Program(tmp_path, *arguments, **settings)
        assert program.process.wait(PATIENCE) == 0, program.said
    return Database(settings["DATABASE_URL"])


def test_a_run_survives_kill_9_and_a_stop_of_its_workers(tmp_path: Path, server: Valkey, settings: dict[str, str]) -> None:
    database = filled(tmp_path, settings)
    with database.write() as session:
        call = calls.named(session, "C1")
        run = matching.order(session, call.public_id, actor=OPERATOR, now=clock.now(session))
        promise_id = run.promise_id

    def promise() -> Promise:
        with database.read() as session:
            return session.get_one(Promise, promise_id)

    def statuses() -> list[str]:
        with database.read() as session:
            return list(session.scalars(select(MatchRun.status)))

    worker = Program(tmp_path, "worker", "ml", **settings)
    relay = Relay(database, queue.connect(server.url))
    assert relay.tick() == 1
    wait_until(lambda: statuses() == ["running"], "the run to be under way")
    worker.kill()
    with database.write() as session:
        held = session.get_one(Promise, promise_id)
        assert held.state == "open"
        held.leased_until = clock.now() - timedelta(seconds=1)  # a minute passes

    patient = Program(tmp_path, "worker", "ml", **settings)
    assert relay.tick() == 1
    wait_until(lambda: promise().attempt == 2 and promise().leased_until, "another worker in the middle of it")
    assert patient.end() == 0, "told to stop, it puts the job down"
    assert (promise().state, promise().leased_until, promise().last_error) == ("open", None, "")

    successor = Program(tmp_path, "worker", "ml", **settings)
    assert relay.tick() == 1, "which the next may take up at once"
    wait_until(lambda: promise().state == "done", "the run to be stored")
    assert successor.end() == 0

    assert promise().attempt == 3
    assert statuses() == ["done"]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(RunPanel)) == len(TOPICS)
        seated = select(func.count()).select_from(RunSeat).where(RunSeat.substitute_rank == 0)
        assert session.scalar(seated) == 3 * len(TOPICS)
        stored = select(func.count()).select_from(JournalEntry).where(JournalEntry.data.contains("result_sha256"))
        assert session.scalar(stored) == 1
