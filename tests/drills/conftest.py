"""Real processes to kill: a whole `ppir up`, or single programs; every drill ends only what it started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from app import outbox, schema
from app.db import Database
from app.models.process import Mail, Promise
from tests.servers import Valkey

ROOT = Path(__file__).parents[2]
PPIR = (sys.executable, "-m", "app.cli")
PATIENCE = 240.0  # a machine may be busy with other things; a drill that works ends as soon as it can


def wait_until(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for: {what}"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Running, not a zombie that waits for somebody to ask for its status."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def family(pid: int) -> list[int]:
    """Every living descendant."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rsplit(")", 1)[1].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found, wave = [], [pid]
    while wave:
        wave = [child for child, parent in parents.items() if parent in wave]
        found += wave
    return found


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except FileNotFoundError:
        return ""


class Program:
    """`ppir …`, or another program that `starts`, in an environment of its own, its words in a file."""

    def __init__(self, folder: Path, *arguments: str, starts: Sequence[str] = PPIR, **environment: str) -> None:
        self.words = folder / f"{arguments[0]}-{time.monotonic_ns()}.out"
        ours = ("PPIR", "DATABASE", "REDIS")
        settings = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
        with self.words.open("wb") as output:
            self.process = subprocess.Popen(
                [*starts, *arguments],
                cwd=ROOT,
                env={**settings, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        return self.words.read_text()

    def says(self, text: str, seconds: float = PATIENCE) -> None:
        wait_until(lambda: text in self.said or self.process.poll() is not None, text, seconds)
        assert text in self.said, self.said

    def end(self, sign: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(sign)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        self.end(signal.SIGKILL)


class Installation:
    """`ppir up` on a data folder and a free port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database_url = f"sqlite:///{self.data_dir / 'ppir.sqlite'}"
        self.programs: list[Program] = []

    def up(self, **environment: str) -> Program:
        settings = {"PPIR_DATA_DIR": str(self.data_dir), "PPIR_PORT": str(self.port), **environment}
        program = Program(self.folder, "up", **settings)
        self.programs.append(program)
        return program

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url, timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def child(self, text: str) -> int:
        """The process id of the supervised program whose command holds `text`."""
        wait_until(lambda: self.children(text), text)
        return self.children(text)[0]

    def children(self, text: str) -> list[int]:
        return [pid for pid in family(self.programs[-1].process.pid) if text in command_of(pid)]


def owe_a_letter(database_url: str, key: str) -> int:
    """A promise as a request would leave it; its id."""
    database, now = Database(database_url), datetime.now(UTC)
    with database.write() as session:
        row = Mail(key=key, template="t", language="en", recipient="a@example.org", subject="s", body="b")
        row.created_at = now
        session.add(row)
        session.flush()
        args = {"mail": row.public_id}
        promise_id = outbox.promise(session, "send_mail", key=f"mail:{key}", args=args, now=now, queue="mail").id
    database.dispose()
    return promise_id


def kept(database_url: str, promise_id: int) -> bool:
    database = Database(database_url)
    with database.read() as session:
        state = session.get_one(Promise, promise_id).state
    database.dispose()
    return state == "done"


@contextmanager
def mail_server(handler: object) -> Iterator[str]:
    """An SMTP server that hands every letter to `handler`; its address as a setting."""
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    here = Installation(tmp_path)
    yield here
    for program in here.programs:
        program.end()


@pytest.fixture
def server() -> Iterator[Valkey]:
    server = Valkey().start()
    yield server
    server.remove()


@pytest.fixture
def settings(tmp_path: Path, server: Valkey) -> dict[str, str]:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    url = f"sqlite:///{data_dir / 'ppir.sqlite'}"
    schema.migrate(Database(url))
    return {"PPIR_DATA_DIR": str(data_dir), "DATABASE_URL": url, "REDIS_URL": server.url}
