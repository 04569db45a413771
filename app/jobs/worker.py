"""`ppir worker QUEUE`: keeps promises until told to stop; survives a queue server that goes away and comes back."""

from __future__ import annotations

import ctypes
import logging
import math
import os
import signal
import sys
import time
from importlib import import_module
from types import FrameType
from typing import Any

import redis
from rq import Queue, SimpleWorker, Worker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker

import config as settings
from app.jobs import job as keeping
from app.jobs import queue
from config import Config

PR_SET_PDEATHSIG = 1
ML_JOBS = 500  # then the ml worker ends and its successor starts with fresh memory
log = logging.getLogger("ppir.worker")


class Steady(BaseWorker):
    """Comes back soon after the queue server does; remembers that it was told to stop and how many jobs it took."""

    max_connection_wait_time = 5.0
    told_to_stop = False
    jobs_taken = 0

    def execute_job(self, job: Job, queue: Queue) -> None:
        self.jobs_taken += 1
        super().execute_job(job, queue)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.told_to_stop = True
        super().request_stop(signum, frame)


class PpirWorker(Steady, Worker):
    """Forks a horse for each job; the horse dies with its worker instead of writing on as an orphan."""

    def work(self, *args: Any, **kwargs: Any) -> bool:
        self.keeper = os.getpid()
        return super().work(*args, **kwargs)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != self.keeper:  # it died between the fork and the line above
                os._exit(1)
        super().main_work_horse(job, queue)


class PpirMlWorker(Steady, SimpleWorker):
    """Works in its own process: torch must not run before a fork, and a model takes seconds to load.

    Its jobs take minutes and go on where they stopped, so it puts one down at its next step when told to stop.
    """

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        keeping.Job.told_to_stop = True
        super().request_stop(signum, frame)


def work(config: Config, name: str) -> int:
    """Serve one queue until SIGTERM or SIGINT; the running job is finished first, or put down (ml)."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    if config.redis_url is None:
        raise SystemExit("ppir worker: REDIS_URL is not set; `ppir up` starts an embedded server and its workers")
    connection = queue.connect(config.redis_url, patient=True)
    kind, max_jobs = (PpirMlWorker, ML_JOBS) if name == queue.ML else (PpirWorker, None)
    import_module(queue.ENTRY.rpartition(".")[0])  # before the forks: each horse would load it anew, for most of a second
    while True:
        _await_server(connection)
        worker = kind([name], connection=connection, serializer=JSONSerializer, worker_ttl=30, maintenance_interval=15)
        try:
            worker.work(max_jobs=max_jobs)
        except redis.RedisError as error:
            log.warning("the queue server went away: %s", error)
        if worker.told_to_stop or worker.jobs_taken >= (max_jobs or math.inf):
            return 0


def _await_server(connection: redis.Redis) -> None:
    told = False
    while not _reachable(connection):
        if not told:
            told = True
            log.warning("no queue server; waiting for it")
        time.sleep(1)


def _reachable(connection: redis.Redis) -> bool:
    try:
        return bool(connection.ping())
    except redis.RedisError:
        return False


if __name__ == "__main__":  # `ppir up` starts it so: the command line would load what no worker needs
    sys.exit(work(settings.read(), sys.argv[1]))
