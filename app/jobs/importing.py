"""Reads an uploaded file of experts or dossiers in: checked outside any transaction, stored in one."""

from __future__ import annotations

from sqlalchemy import select

from app import clock
from app.files import Files
from app.jobs.job import Job
from app.models.process import ImportRun
from app.stages import imports
from app.workflow.actors import SYSTEM


def read_in(job: Job) -> None:
    with job.database.read() as session:
        run = session.scalars(select(ImportRun).where(ImportRun.public_id == job.args["run"])).one()
        name, kind, sha256 = run.name, run.kind, run.sha256
    path = Files(job.config.files_dir).path(sha256)
    reading = imports.read(path, name, kind, tell=lambda rows: job.progress(rows, 0, "import_rows"))
    with job.effect() as session:
        imports.store(session, job.args["run"], reading, actor=SYSTEM, now=clock.now(session))
