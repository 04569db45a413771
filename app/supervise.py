"""`ppir up`: the whole installation on one machine as one family of processes that lives and ends together.

Order of birth: Valkey (unless REDIS_URL names a server) → migration → workers and relay → web. Order of death: web
finishes its requests → workers finish their jobs → relay → Valkey. Production runs one unit per process instead
(docs/operations.md); nothing but this file and `processes` knows the embedded form.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO

import redis

from app import processes, schema
from app.db import Database
from app.processes import CannotStart, Child
from config import Config

PATIENCE = 60.0  # seconds that a job may take to finish after the wish to stop
ORDER_OF_DEATH = (("web",), ("worker-default", "worker-mail", "worker-ml"), ("relay",), ("valkey",))


def up(config: Config) -> int:
    """Run until SIGTERM or SIGINT (status 0), or until a child keeps dying or nothing can start (status 1)."""
    try:
        with _alone(config) as family:
            return Supervisor(config, family).run()
    except CannotStart as reason:
        print(f"ppir up: {reason}", file=sys.stderr)
        return 1


class Supervisor:
    def __init__(self, config: Config, family: IO[str]) -> None:
        self.config = config
        self.family = family
        self.children: list[Child] = []
        self.logs = config.data_dir / "logs"
        self.draining = config.data_dir / "draining"  # /readyz answers 503 while it exists
        self.environment = {**os.environ, "PPIR_DATA_DIR": str(config.data_dir)}
        self.wishes = 0
        self.wished = threading.Event()

    def run(self) -> int:
        processes.refuse_taken_port(self.config.host, self.config.port)
        self.logs.mkdir(exist_ok=True)
        self.draining.unlink(missing_ok=True)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._wish)
        try:
            if self.config.redis_url is None:
                self.environment["REDIS_URL"] = self._start_valkey()
            say("bringing the database up to date")
            schema.migrate(Database(self.config.database_url), lock_file=self.config.data_dir / "migrate.lock")
            self._start_programs()
            return self._watch()
        finally:
            self._stop()

    # --- life ---------------------------------------------------------------------------------------------------------

    def _start(self, child: Child) -> None:
        child.start(self.logs / f"{child.name}.log", self.environment, self.family.fileno())

    def _start_valkey(self) -> str:
        path = processes.socket_folder(self.config.data_dir) / "valkey.sock"
        child = processes.valkey(self.config, path)
        self.children.append(child)
        self._start(child)
        url = f"unix://{path}"
        with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
            if not self._until(lambda: _answers(client), child, 2 * PATIENCE) and not self.wished.is_set():
                raise CannotStart(f"Valkey did not start; see {self.logs / 'valkey.log'}")
        return url

    def _start_programs(self) -> None:
        for child in processes.programs(self.config):
            if self.wished.is_set():
                return
            self.children.append(child)
            self._start(child)

    def _until(self, condition: Callable[[], bool], child: Child, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not condition():
            if not child.alive or self.wished.is_set() or time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def _watch(self) -> int:
        ready = False
        while not self.wished.wait(0.5):
            if not ready and (ready := processes.answers(self.config.host, self.config.port)):
                say(f"ready: {self.config.base_url}   (Ctrl-C stops everything; logs in {self.logs})")
            now = time.monotonic()
            for child in self.children:
                if child.process is None:
                    if now >= child.start_at:
                        self._start(child)
                elif not child.alive and not self._bury(child, now):
                    return 1
        return 0

    def _bury(self, child: Child, now: float) -> bool:
        """Plan the next start of an ended child; False when it has died too often."""
        assert child.process is not None
        code, child.process = child.process.returncode, None
        if code == 0:  # the ml worker ends itself after some hundred jobs and so gives its memory back
            child.start_at = now + 1
            return True
        pause = child.died(now)
        if pause is None:
            say(f"{child.name} died {processes.DEATHS_A_MINUTE} times in a minute; stopping. Its last words:")
            print(self._last_words(child), file=sys.stderr)
            return False
        say(f"{child.name} ended with status {code}; starting it again in {pause:.0f} s")
        child.start_at = now + pause
        return True

    def _last_words(self, child: Child, count: int = 20) -> str:
        text = (self.logs / f"{child.name}.log").read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-count:])

    # --- death --------------------------------------------------------------------------------------------------------

    def _wish(self, _number: int, _frame: object) -> None:
        self.wishes += 1
        self.wished.set()

    def _stop(self) -> None:
        with suppress(OSError):  # a full disk must not keep the processes alive
            self.draining.touch()
        say("stopping")
        deadline = time.monotonic() + PATIENCE
        for names in ORDER_OF_DEATH:
            self._end([child for child in self.children if child.name in names and child.alive], deadline)
        self.draining.unlink(missing_ok=True)
        say("stopped")

    def _end(self, group: Sequence[Child], deadline: float) -> None:
        """Ask, wait, and kill what is left at the deadline or, on a second wish, after one second."""
        for child in group:
            child.signal(signal.SIGTERM)
        began, told = time.monotonic(), False
        while busy := [child for child in group if child.alive]:
            waited = time.monotonic() - began
            if waited > 1 and (self.wishes > 1 or time.monotonic() > deadline):
                for child in busy:
                    child.signal(signal.SIGKILL)
            if waited > 2 and not told:
                told = True
                names, left = ", ".join(child.name for child in busy), deadline - time.monotonic()
                say(f"waiting for {names} to finish, {left:.0f} s at most (Ctrl-C again: at once)")
            time.sleep(0.05)


@contextmanager
def _alone(config: Config) -> Iterator[IO[str]]:
    """Two locks: the supervisor holds the first, every child inherits the second.

    The first says whether another `ppir up` runs. The second is free only when the last child of a killed supervisor is
    gone: two Valkeys on one append-only file would spoil it.
    """
    with (
        (config.data_dir / "up.lock").open("a+") as mine,
        (config.data_dir / "family.lock").open("a+") as family,
    ):
        if not _locked(mine):
            mine.seek(0)
            raise CannotStart(f"already running on {config.data_dir} as process {mine.read().strip() or '?'}")
        mine.truncate(0)
        mine.write(str(os.getpid()))
        mine.flush()
        deadline, told = time.monotonic() + 2 * PATIENCE, False
        while not _locked(family):
            if not told:
                told = True
                say("the previous run is still ending; waiting for it")
            if time.monotonic() > deadline:
                raise CannotStart(f"processes of the previous run still work on {config.data_dir}")
            time.sleep(0.1)
        yield family


def _locked(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())  # "loading the dataset" is a refusal too
    except redis.RedisError:
        return False


def say(text: str) -> None:
    print(f"ppir: {text}", flush=True)
