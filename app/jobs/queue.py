"""The waking line between relay and workers: names of the queues, how to reach the server, how a job is called.

The queue is only a bell. What is owed stands in the outbox; a lost queue loses nothing.
"""

from __future__ import annotations

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

DEFAULT, MAIL, ML = "default", "mail", "ml"
QUEUES = (DEFAULT, MAIL, ML)
ENTRY = "app.jobs.tasks.perform"
FAILED_SECONDS = 60  # a job that died before its claim blocks its id no longer than this


def connect(url: str, *, patient: bool = False) -> redis.Redis:
    """Workers wait for the server; everybody else is told within two seconds that it is away."""
    if patient:
        return redis.Redis.from_url(url)
    never = Retry(NoBackoff(), 0)
    return redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=2, retry=never)


def ring(connection: redis.Redis, queue: str, promise_id: int, attempt: int, seconds: int) -> None:
    """Wake a worker for one attempt at a promise; ringing again while the job waits or runs changes nothing."""
    line = Queue(queue, connection=connection, serializer=JSONSerializer)
    try:
        line.enqueue(
            ENTRY,
            promise_id,
            job_id=f"p-{promise_id}-{attempt}",
            job_timeout=seconds,
            result_ttl=0,
            failure_ttl=FAILED_SECONDS,
            unique=True,
        )
    except DuplicateJobError:
        pass
