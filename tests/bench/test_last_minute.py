"""The last minute of a call: 200 applicants type, then file in one second, on PostgreSQL and gunicorn as documented.

`make bench` prints what it measured. Nothing may be lost or answered with an error; the times are printed, not asserted.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app import clock, journal, schema
from app.db import Database
from app.factory import create_app
from app.files import Files
from app.models.applications import Application, DossierVersion, FiledDocument
from app.models.calls import Call
from app.models.process import Mail, Promise
from app.processes import programs
from app.workflow import dossiers
from app.workflow.rules import Rules
from config import Config
from tests import dossiers as made
from tests.drills.conftest import Program, free_port, wait_until
from tests.people import signed_in
from tests.servers import PostgreSQL, Valkey

pytestmark = pytest.mark.bench

APPLICANTS, LATE = 200, 20
TYPING_SECONDS = 20.0
PAUSE = (3.0, 7.0)  # between two saves of one person: a sentence, and 1.5 s after its last key
GRACE = 2


@dataclass
class Person:
    """One applicant's browser: a cookie, a token, the version their page was drawn from."""

    port: int
    cookie: str
    key: str
    base: int
    token: str = ""
    saved: list[float] = field(default_factory=list)

    def ask(self, method: str, path: str, sent: dict[str, str] | None = None, **headers: str) -> tuple[int, str, str]:
        line = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            body = urlencode({"csrf_token": self.token, "base": str(self.base), **(sent or {})}) if method == "POST" else None
            form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
            line.request(method, f"/applicant/dossiers/{self.key}{path}", body, {"Cookie": self.cookie, **form, **headers})
            answer = line.getresponse()
            if new := re.match(r"ppir=[^;]+", answer.headers.get("Set-Cookie", "")):
                self.cookie = new[0]
            return answer.status, answer.read().decode(), answer.headers.get("Location", "")
        finally:
            line.close()

    def open_preview(self) -> None:
        status, page, _ = self.ask("GET", "/preview")
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert status == 200 and found and 'name="pledged"' in page, page[-2000:]
        self.token = found[1]

    def save(self, text: str) -> None:
        started = time.monotonic()
        sent = {"summary": text, "field": "summary"}
        status, page, _ = self.ask("POST", "/write/narrative", sent, **{"X-Autosave": "1"})
        self.saved.append(time.monotonic() - started)
        assert status == 200, page
        self.base = int(re.findall(r'"version":\s*(\d+)', page)[0])

    def submit(self) -> tuple[int, float, datetime]:
        """Status, seconds, and when it was sent: a busy client may itself be late."""
        sent_at, started = datetime.now(UTC), time.monotonic()
        status, _page, _ = self.ask("POST", "/submit", {"pledged": "yes"})
        return status, time.monotonic() - started, sent_at


@dataclass
class Site:
    config: Config
    database: Database
    people: list[Person]
    late: list[Person]
    call_id: int


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    postgres, valkey = PostgreSQL().start(durable=True), Valkey().start()
    config = Config(
        data_dir=tmp_path / "data",
        database_url=postgres.url("postgres"),
        redis_url=valkey.url,
        secret_key="a fixed key for this measurement",
        base_url="http://127.0.0.1",
        host="127.0.0.1",
        port=free_port(),
        smtp_url=None,
        mail_from="ppir@example.org",
        encoder=None,
        secure_cookies=False,
    )
    config.data_dir.mkdir()
    database = Database(config.database_url)
    schema.migrate(database)
    with database.writer() as session:
        prepared = _prepare(session, config)
    settings = {
        "PPIR_DATA_DIR": str(config.data_dir),
        "DATABASE_URL": config.database_url,
        "REDIS_URL": valkey.url,
        "SECRET_KEY": config.secret_key,
        "PPIR_PORT": str(config.port),
    }
    running = [
        Program(tmp_path, *child.command[1:], starts=[sys.executable], **settings)
        for child in programs(config)
        if child.name != "worker-ml"
    ]
    probe = Person(config.port, "", "", 0)
    wait_until(lambda: _answers(probe), "the first page")
    yield Site(config, database, prepared[0], prepared[1], prepared[2])
    for program in running:
        program.end()
    database.dispose()
    valkey.remove()
    postgres.remove()


def test_two_hundred_applicants_in_the_last_minute(site: Site) -> None:
    _together(site.people + site.late, lambda person: person.open_preview(), at_once=8)
    _together(site.people, _type)
    saves = sorted(seconds for person in site.people for seconds in person.saved)

    closes_at = _close_soon(site, seconds=4)
    wait = (closes_at - timedelta(seconds=1) - _now(site)).total_seconds()
    barrier = Barrier(APPLICANTS)

    def file(person: Person) -> tuple[int, float, datetime]:
        barrier.wait()
        time.sleep(max(0.0, wait) + random.Random(person.key).random())
        return person.submit()

    filed = _together(site.people, file)
    while _now(site) < closes_at + timedelta(seconds=GRACE + 1):
        time.sleep(0.05)
    late = _together(site.late, lambda person: person.submit())

    in_time = [status for status, _, sent_at in filed if sent_at <= closes_at + timedelta(seconds=GRACE)]
    assert in_time == [303] * len(in_time), {s: in_time.count(s) for s in set(in_time)}
    assert [status for status, _, _ in late] == [409] * LATE
    taken = sum(status == 303 for status, _, _ in filed)
    submits = sorted(seconds for _, seconds, _ in filed)
    print(
        f"\n{os.cpu_count()} cores, {APPLICANTS} applicants: {len(saves)} autosaves in {TYPING_SECONDS:.0f} s, "
        f"p50 {_at(saves, 0.5):.0f} p95 {_at(saves, 0.95):.0f} most {saves[-1] * 1000:.0f} ms; "
        f"{APPLICANTS} submits within one second, p50 {_at(submits, 0.5):.0f} p95 {_at(submits, 0.95):.0f} "
        f"most {submits[-1] * 1000:.0f} ms, {len(in_time)} sent in time with {GRACE} s of grace, {taken} taken; "
        f"{LATE} one second after the grace: none taken"
    )
    wait_until(lambda: _made(site) == 2 * taken, "every bundle and receipt", 600)
    made_in = (_last_made(site) - closes_at).total_seconds()
    _check(site, taken)
    print(f"every bundle and receipt made {made_in:.0f} s after closing; all verify")


def _type(person: Person) -> None:
    chance, until = random.Random(person.key), time.monotonic() + TYPING_SECONDS
    time.sleep(chance.uniform(0, PAUSE[1]))
    n = 0
    while time.monotonic() < until:
        n += 1
        person.save(f"연기 속에서 사람을 찾는 드론 {n}")
        time.sleep(chance.uniform(*PAUSE))


def _check(site: Site, taken: int) -> None:
    """None lost, each receipt the digest of its bundle, the last thing typed in it, one letter each, the chain whole."""
    files = Files(site.config.files_dir)
    with site.database.read() as session:
        rows = session.execute(select(Application).where(Application.status == "submitted")).scalars().all()
        assert len(rows) == taken
        for row in rows:
            assert dossiers.counting(session, row).content["narrative"]["summary"].startswith("연기 속에서 사람을 찾는 드론 ")
        for made_of in session.execute(select(FiledDocument)).scalars():
            with files.path(made_of.sha256).open("rb") as file:
                assert hashlib.file_digest(file, "sha256").hexdigest() == made_of.sha256
        filed = session.execute(select(func.count()).select_from(DossierVersion).where(DossierVersion.filed)).scalar_one()
        letters = session.execute(select(func.count()).select_from(Mail).where(Mail.template == "receipt")).scalar_one()
        dead = session.execute(select(func.count()).select_from(Promise).where(Promise.state == "dead")).scalar_one()
        assert (filed, letters, dead) == (taken, taken, 0)
        assert journal.verify(session).first_bad is None


def _prepare(session: Session, config: Config) -> tuple[list[Person], list[Person], int]:
    now, app = clock.now(session), create_app(config)
    call = made.open_call(session, now, rules=Rules(grace_seconds=GRACE))
    files, people = Files(config.files_dir), []
    for _ in range(APPLICANTS + LATE):
        client, actor = signed_in(app, session, now, "applicant")
        row = made.draft(session, call, actor, files, now)
        cookie = client.get_cookie("ppir")
        assert cookie is not None
        people.append(Person(config.port, f"ppir={cookie.value}", row.public_id, dossiers.latest(session, row).version))
        session.commit()
    return people[:APPLICANTS], people[APPLICANTS:], call.id


def _together(people: list[Person], act: Callable[[Person], Any], at_once: int = APPLICANTS) -> list[Any]:
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(act, people))


def _answers(probe: Person) -> bool:
    try:
        return probe.ask("GET", "")[0] < 500
    except OSError:
        return False


def _close_soon(site: Site, seconds: int) -> datetime:
    moment = (_now(site) + timedelta(seconds=seconds)).replace(microsecond=0)
    with site.database.write() as session:
        session.execute(update(Call).where(Call.id == site.call_id).values(closes_at=moment))
    return moment


def _now(site: Site) -> datetime:
    with site.database.read() as session:
        return clock.now(session)


def _made(site: Site) -> int:
    with site.database.read() as session:
        return session.execute(select(func.count()).select_from(FiledDocument)).scalar_one()


def _last_made(site: Site) -> datetime:
    with site.database.read() as session:
        return session.execute(select(func.max(FiledDocument.at))).scalar_one().astimezone(UTC)


def _at(sorted_seconds: list[float], share: float) -> float:
    return sorted_seconds[min(len(sorted_seconds) - 1, round(share * len(sorted_seconds)))] * 1000
