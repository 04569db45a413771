"""KIND → how it is kept. `perform` is what the queue calls; the outbox says whether there is anything to do."""

from __future__ import annotations

import logging
from functools import cache

import config as settings
from app import clock, outbox
from app.db import Database
from app.errors import LostLease
from app.jobs import (
    calibrating,
    designations,
    filings,
    importing,
    invitations,
    letters,
    matching,
    queue,
    reading,
    screening,
    suggesting,
    uploads,
)
from app.jobs.job import LEASE, Interrupted, Job, Task, Tell
from config import Config

KINDS: dict[str, Task] = {
    "send_mail": Task(queue.MAIL, 120, letters.send_mail),
    "import": Task(queue.DEFAULT, 900, importing.read_in),
    "match": Task(queue.ML, 4 * 3600, matching.match),
    "co_applicant_letter": Task(queue.MAIL, 120, letters.write_to_co_applicant),
    "invitation_letter": Task(queue.MAIL, 120, invitations.write_letter),
    "sweep_invitation": Task(queue.DEFAULT, 120, invitations.sweep),
    "sweep_pledge": Task(queue.DEFAULT, 120, invitations.sweep_pledge),
    "read_file": Task(queue.DEFAULT, 120, reading.read_file),
    "scan_file": Task(queue.DEFAULT, 120, reading.scan_file),
    "close_call": Task(queue.DEFAULT, 120, screening.close_call),
    "bundle": Task(queue.DEFAULT, 900, filings.bundle),
    "receipt": Task(queue.DEFAULT, 120, filings.print_receipt),
    "calibrate": Task(queue.DEFAULT, 600, calibrating.calibrate),
    "screen": Task(queue.DEFAULT, 60, screening.screen),
    "supplement_over": Task(queue.DEFAULT, 60, screening.supplement_over),
    "expire_designation": Task(queue.DEFAULT, 120, designations.expire_designation),
    "remind_expiry": Task(queue.MAIL, 120, designations.remind_expiry),
    "publish_list": Task(queue.DEFAULT, 300, designations.publish_list),
    "suggest_fields": Task(queue.ML, 300, suggesting.suggest),
    "suggest_rest": Task(queue.ML, 1800, suggesting.suggest_rest),
    "sweep_upload": Task(queue.DEFAULT, 120, uploads.sweep_upload),
}

log = logging.getLogger("ppir.job")


class NotSettled(Exception):
    """A task returned without writing its effect."""


def perform(promise_id: int) -> None:
    """Keep one promise, or find that it is kept already."""
    here, database = _installation()
    try:
        carry_out(here, database, promise_id)
    except LostLease:
        log.info("promise %s was taken over; what this worker wrote is rolled back", promise_id)
    except Interrupted:
        log.info("promise %s is put down; the next worker goes on with it", promise_id)


def carry_out(here: Config, database: Database, promise_id: int, tell: Tell | None = None) -> bool:
    """Claim, run, settle; False when there was nothing to claim. An error is noted on the promise and raised again.

    `tell` hears of progress as well, at a command line.
    """
    with database.write() as session:
        claim = outbox.claim(session, promise_id, now=clock.now(session), lease=LEASE)
    if claim is None:
        return False
    job = Job(here, database, claim, tell=tell)
    try:
        with job.held():
            KINDS[claim.kind].run(job)
        if not job.settled:
            raise NotSettled(claim.kind)
    except LostLease:
        raise
    except Interrupted:
        with database.write() as session:
            outbox.release(session, claim)
        raise
    except Exception as error:
        with database.write() as session:
            outbox.fail(session, claim, error=f"{type(error).__name__}: {error}", now=clock.now(session))
        raise
    return True


@cache
def _installation() -> tuple[Config, Database]:
    """One engine for each process; a forked horse makes its own, since no connection may cross a fork."""
    here = settings.read()
    return here, Database(here.database_url)
