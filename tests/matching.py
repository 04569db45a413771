"""A small world for tests of matching: a pool over four topics, dossiers, a call, and a worker without weights."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.db import Database
from app.jobs import tasks
from app.models.calls import Call
from app.models.matching import MatchRun
from app.queries import matching as runs
from app.stages import calls, imports, matching
from app.stages.imports.profiles import read_all
from app.stages.imports.row_files import Row
from app.workflow.actors import OPERATOR
from app.workflow.rules import Rules
from config import Config

TOPICS = ("battery lithium cell", "drone rescue flight", "cancer tumour imaging", "water quality sensor")


def expert(n: int, **changed: Any) -> dict[str, Any]:
    topic = TOPICS[n % len(TOPICS)]
    works = [{"title": f"{topic} study {n} {i}", "abstract": f"We measured {topic}.", "year": 2025} for i in range(2)]
    return {"expert_id": f"E{n}", "organisation": f"University {n}", "works": works} | changed


def dossier(n: int, **changed: Any) -> dict[str, Any]:
    topic = TOPICS[n % len(TOPICS)]
    return {"application_id": f"A{n}", "organisation": f"Maker {n}", "title": f"A {topic} product",
            "summary": f"Our {topic} device."} | changed  # fmt: skip


def bring(session: Session, kind: str, rows: Sequence[dict[str, Any]], now: datetime, call: Call | None = None) -> None:
    run = imports.begin(session, kind=kind, name="f", sha256="0" * 64, actor=OPERATOR, now=now,
                        call_id=call.public_id if call else None)  # fmt: skip
    reading = read_all([Row(n, row) for n, row in enumerate(rows, 1)], kind)
    assert imports.store(session, run.public_id, reading, actor=OPERATOR, now=now).status == "done"


def make_call(session: Session, now: datetime, rules: Rules | None = None, code: str = "C1") -> Call:
    made = calls.create(session, code=code, title_ko="", title_en=code, actor=OPERATOR, now=now,
                        rules=rules or calls.plain_rules(seats=3, load_max=2),
                        opens_at=now - timedelta(days=1), closes_at=now - timedelta(seconds=1))  # fmt: skip
    calls.collected(session, made, actor=OPERATOR, now=now)
    return made


class World:
    """A database with a call, a pool and dossiers, and a worker for it."""

    def __init__(self, config: Config, database: Database, now: datetime) -> None:
        self.config, self.database, self.now = config, database, now

    def fill(self, experts: Sequence[dict[str, Any]], dossiers: Sequence[dict[str, Any]], rules: Rules | None = None) -> str:
        with self.database.write() as session:
            call = make_call(session, self.now, rules)
            if experts:
                bring(session, "experts", experts, self.now)
            if dossiers:
                bring(session, "dossiers", dossiers, self.now, call)
            return call.public_id

    def order(self, call_id: str, seed: str = "seed") -> tuple[str, int]:
        with self.database.write() as session:
            run = matching.order(session, call_id, actor=OPERATOR, now=self.now, seed=seed)
            assert run.promise_id is not None
            return run.public_id, run.promise_id

    def match(self, call_id: str, seed: str = "seed") -> str:
        run_id, promise_id = self.order(call_id, seed)
        assert tasks.carry_out(self.config, self.database, promise_id)
        return run_id

    def file(self, run_id: str) -> dict[str, Any]:
        with self.database.read() as session:
            return runs.run_file(session, run_id, actor=OPERATOR)

    def run(self, run_id: str) -> MatchRun:
        with self.database.read() as session:
            run = matching.find(session, run_id)
            session.expunge_all()
            return run
