"""Throws away what nobody goes on sending, and the parts of files that are whole."""

from __future__ import annotations

from app import clock
from app.files import Files
from app.jobs.job import Job
from app.stages.submission import uploads


def sweep_upload(job: Job) -> None:
    with job.effect() as session:
        uploads.sweep(session, str(job.args["upload"]), files=Files(job.config.files_dir), now=clock.now(session))
