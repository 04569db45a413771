"""Reads a filed document: the scanner first where there is one, then its text in a process of its own."""

from __future__ import annotations

from app import clock
from app.documents import reading, virus
from app.files import Files
from app.jobs.job import Job
from app.stages import reading as stage
from app.workflow import readings


def scan_file(job: Job) -> None:
    """Of a file that was read before a scanner was set."""
    sha256 = job.args["sha256"]
    scanned, found = virus.scan(Files(job.config.files_dir).path(sha256), job.config.clamd)
    with job.effect() as session:
        stage.note_scan(session, sha256, scanned, found, now=clock.now(session))


def read_file(job: Job) -> None:
    """A scanner that is set but away keeps the promise open: nothing is read, or called clean, before it has answered."""
    sha256 = job.args["sha256"]
    with job.database.read() as session:
        kind = readings.of(session, [sha256])[sha256].kind
    path = Files(job.config.files_dir).path(sha256)
    scanned, found = virus.scan(path, job.config.clamd)
    read = reading.infected(found) if scanned == virus.INFECTED else reading.read(path, kind)
    with job.effect() as session:
        stage.record(session, sha256, kind, reading.scanned(read, scanned), now=clock.now(session))
