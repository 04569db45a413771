"""Results of a round computed again after a sheet changed while its panel deliberates."""

from __future__ import annotations

from app import clock
from app.jobs.job import Job
from app.stages import calibration
from app.workflow.actors import SYSTEM


def calibrate(job: Job) -> None:
    with job.effect() as session:
        calibration.calibrate_round(
            session, job.args["call"], actor=SYSTEM, now=clock.now(session), round_number=job.args["round"]
        )
