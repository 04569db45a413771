"""Closing a call on time, checking what was filed, ending a supplement nobody answered: one stage verb each."""

from __future__ import annotations

from app import clock
from app.jobs.job import Job
from app.stages import calls, eligibility
from app.workflow.actors import SYSTEM


def close_call(job: Job) -> None:
    with job.effect() as session:
        calls.close_if_due(session, job.args["call"], now=clock.now(session))


def screen(job: Job) -> None:
    with job.effect() as session:
        eligibility.screen(session, job.args["application"], actor=SYSTEM, now=clock.now(session))


def supplement_over(job: Job) -> None:
    with job.effect() as session:
        eligibility.supplement_over(session, job.args["application"], now=clock.now(session))
