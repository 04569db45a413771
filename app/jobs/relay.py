"""`ppir relay`: every second, rings for each promise whose time has come. It is the only scheduler there is.

Ringing twice is harmless, so it knows nothing that must not be lost: not which bells it rang, not who answered.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from datetime import datetime

import redis
from sqlalchemy.exc import SQLAlchemyError

import config as settings
from app import clock, outbox
from app.db import Database
from app.jobs import queue
from app.jobs.tasks import KINDS
from config import Config

EVERY_SECONDS = 1.0
RING_AGAIN_SECONDS = 15.0  # a bell that a restarted queue server forgot is rung again after this
BATCH = 1000
log = logging.getLogger("ppir.relay")


class Relay:
    def __init__(self, database: Database, connection: redis.Redis) -> None:
        self.database = database
        self.connection = connection
        self.rung: dict[tuple[int, int], float] = {}

    def tick(self, now: datetime | None = None) -> int:
        """Ring once for all that is due; how many bells were rung."""
        moment = time.monotonic()
        self.rung = {key: at for key, at in self.rung.items() if moment - at < RING_AGAIN_SECONDS}
        with self.database.read() as session:
            promises = outbox.due(session, now or clock.now(session), BATCH)
            todo = [(row.id, row.attempt, row.kind) for row in promises if (row.id, row.attempt) not in self.rung]
        for promise_id, attempt, kind in todo:
            task = KINDS.get(kind)
            if task is None:
                log.error("promise %s is of kind %s, which this release does not know", promise_id, kind)
            else:
                queue.ring(self.connection, task.queue, promise_id, attempt, task.seconds)
            self.rung[promise_id, attempt] = moment
        return len(todo)


def run(config: Config) -> int:
    """Tick until SIGTERM or SIGINT. A database or queue server that is away is waited for, never a reason to end."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: over.set())
    if config.redis_url is None:
        raise SystemExit("ppir relay: REDIS_URL is not set; `ppir up` starts an embedded server and its relay")
    relay = Relay(Database(config.database_url), queue.connect(config.redis_url))
    away = False
    while not over.wait(EVERY_SECONDS):
        try:
            relay.tick()
        except (redis.RedisError, SQLAlchemyError) as error:
            if not away:
                log.warning("waiting: %s", error)
            away = True
        else:
            if away:
                log.info("back at work")
            away = False
    return 0


if __name__ == "__main__":
    sys.exit(run(settings.read()))
