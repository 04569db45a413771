"""What time and change owe to designations: the end of a term, reminders before it, a new list on the day of a change."""

from __future__ import annotations

from datetime import date

from app import clock
from app.errors import WrongStage
from app.jobs.job import Job
from app.stages import listing, standing
from app.workflow.actors import SYSTEM


def expire_designation(job: Job) -> None:
    with job.effect() as session:
        standing.expire(session, str(job.args["designation"]), now=clock.now(session))


def remind_expiry(job: Job) -> None:
    with job.effect() as session:
        standing.remind(
            session,
            str(job.args["designation"]),
            until=date.fromisoformat(str(job.args["until"])),
            now=clock.now(session),
            base_url=job.config.base_url,
        )


def publish_list(job: Job) -> None:
    """An edition that would say nothing new is not published: several changes may have gone into one."""
    with job.effect() as session:
        try:
            listing.publish(session, actor=SYSTEM, now=clock.now(session))
        except WrongStage as refused:
            if refused.code != "list.nothing_new":
                raise
