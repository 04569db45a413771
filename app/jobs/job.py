"""One promise being kept: what a task is given, and the only ways it may write.

A task reads and closes, computes without a session, then writes its result inside `effect()`, which settles the promise
in the same transaction. A worker that comes too late loses its lease there and everything it wrote rolls back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import clock, outbox
from app.db import Database
from app.errors import LostLease
from config import Config

LEASE = timedelta(seconds=60)  # a killed worker's promise is free again after at most this long
BEAT_SECONDS = 15.0
Tell = Callable[[int, int, str], None]  # done, total, code of what is being done
log = logging.getLogger("ppir.job")


class Interrupted(BaseException):
    """The worker was told to stop in the middle of work that another may go on with; not an error of the job."""


@dataclass(frozen=True)
class Task:
    """How one kind of promise is kept: in which queue, how long at most, by what."""

    queue: str
    seconds: int
    run: Callable[[Job], None]


@dataclass
class Job:
    config: Config
    database: Database
    claim: outbox.Claim
    settled: bool = False
    tell: Tell | None = None
    _told_at: float = field(default=float("-inf"))
    told_to_stop: ClassVar[bool] = False  # this process, in the middle of whatever it does

    @property
    def args(self) -> Mapping[str, Any]:
        return self.claim.args

    @contextmanager
    def effect(self) -> Iterator[Session]:
        """The one writing transaction of the job; it ends by settling the promise or not at all."""
        with self.database.write() as session:
            yield session
            outbox.complete(session, self.claim, now=clock.now(session))
        self.settled = True

    def progress(self, done: int, total: int, note: str = "") -> None:
        """Tell the pages how far the work is; called as often as one likes, written once a second and at the end.

        The place where a job that was told to stop is put down: between two steps, never inside a transaction.
        """
        if Job.told_to_stop:
            raise Interrupted
        if self.tell is not None:
            self.tell(done, total, note)
        if done < total and time.monotonic() - self._told_at < 1:
            return
        self._told_at = time.monotonic()
        with self.database.write() as session:
            now = clock.now(session)
            outbox.progress(session, self.claim, done=done, total=total, note=note, now=now, lease=LEASE)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Renew the lease while the block runs, from a thread of its own: mathematics makes no calls home."""
        over = threading.Event()
        beat = threading.Thread(target=self._beat, args=(over,), name="lease", daemon=True)
        beat.start()
        try:
            yield
        finally:
            over.set()
            beat.join()

    def _beat(self, over: threading.Event) -> None:
        while not over.wait(BEAT_SECONDS):
            try:
                with self.database.write() as session:
                    outbox.renew(session, self.claim, now=clock.now(session), lease=LEASE)
            except LostLease:
                return  # `effect` will find out
            except SQLAlchemyError as error:
                log.warning("could not renew the lease of promise %s: %s", self.claim.promise_id, error)
