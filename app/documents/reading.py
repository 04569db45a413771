"""Reads a file in a process of its own that may do little and not for long, and judges what came of it."""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from app.documents import residents, verdict

READER = 2  # raise it when readers change: what was read before is read again
WALL_SECONDS = 30.0
LOOK_SECONDS = 5.0  # for the one question asked while somebody waits for an upload
MOST_ANSWER = 16 << 20
TEXTLESS = ("mp4",)  # kinds that are stored and handed out, never parsed


@dataclass(frozen=True)
class Page:
    label: str
    text: str
    hidden: str
    drawn: bool
    why: tuple[str, ...] = ()  # what hides the hidden text: codes of readers.flow.WHY

    @property
    def blank(self) -> bool:
        return not (self.text or self.drawn)


@dataclass(frozen=True)
class Read:
    """What a file holds for matcher, panel and coordinator: resident numbers masked, hidden text apart."""

    unit: str
    pages: tuple[Page, ...]
    verdict: Mapping[str, Any]
    failed: bool = False

    @property
    def n_chars(self) -> int:
        return sum(len(page.text) for page in self.pages)


def read(path: Path, kind: str, *, wall: float = WALL_SECONDS) -> Read:
    """The pages and the verdict. Nothing a file can hold makes this raise; a machine that cannot start a process does."""
    if kind in TEXTLESS:
        return Read("", (), verdict.of_pages("", (), (), ()))
    with path.open("rb") as file:
        return judged(ask(child(kind), file, wall))


def judged(told: Mapping[str, Any]) -> Read:
    """The pages and the verdict from what `child` answered; resident numbers are masked here, before anything is kept."""
    if "refused" in told:
        code = told["refused"] if told["refused"] in verdict.WEIGHTS else verdict.of_refusal(told["refused"])
        return Read("", (), verdict.refused(code, inside=told.get("inside", "")), failed=True)
    pages, masked = [], []
    for n, (label, text, hidden, drawn, why) in enumerate(told["pages"], 1):
        text, seen = residents.mask(text)
        hidden, unseen = residents.mask(hidden)
        pages.append(Page(residents.mask(label)[0], text, hidden, drawn, tuple(why)))
        masked += [n] if seen or unseen else []
    return Read(told["unit"], tuple(pages), verdict.of_pages(told["unit"], pages, told["found"], masked))


def infected(name: str) -> Read:
    """What is said of a file in which the scanner found something: it is not opened at all."""
    return Read("", (), verdict.refused("infected", name=name), failed=True)


def scanned(read: Read, scan: str) -> Read:
    """With what the virus scanner said: clean, infected, not scanned."""
    findings = [*read.verdict["findings"], *([{"code": scan, "data": {}}] if scan == "not_scanned" else [])]
    return replace(read, verdict={**read.verdict, "findings": findings, "scan": scan})


def locked(stream: BinaryIO) -> bool:
    """Whether a PDF asks for a password; asked of the reader only where the file says that it is encrypted at all, since one that
    forbids nothing but printing opens without. Leaves the stream at its start."""
    if not _says(stream, b"/Encrypt"):
        return False
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy)
        stream.seek(0)
        copy.seek(0)
        return ask(child("pdf_lock"), copy, LOOK_SECONDS).get("refused") == "file.encrypted"


def _says(stream: BinaryIO, word: bytes) -> bool:
    stream.seek(0)
    last, found = b"", False
    while not found and (block := stream.read(1 << 20)):
        found = word in last + block
        last = block[-len(word) :]
    stream.seek(0)
    return found


def child(kind: str) -> list[str]:
    return [sys.executable, "-I", "-m", "app.documents.child", kind, str(os.getpid())]


def ask(command: list[str], file: BinaryIO, wall: float) -> dict[str, Any]:
    """What the process answers within its time and size; how it ended tells the rest."""
    child = subprocess.Popen(
        command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/", env={"LANG": "C.UTF-8"},
        start_new_session=True, close_fds=True,
    )  # fmt: skip
    try:
        said, late = _listen(child, time.monotonic() + wall)
    finally:
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()
    if late or child.returncode == -signal.SIGXCPU:
        return {"refused": "too_slow"}
    if len(said) > MOST_ANSWER or child.returncode == -signal.SIGABRT:  # how the PDF reader ends that has no memory left
        return {"refused": "too_large"}
    try:
        told = json.loads(said)
    except ValueError:
        return {"refused": "unreadable"}  # it fell over in the middle
    return dict(told)


def _listen(child: subprocess.Popen[bytes], until: float) -> tuple[bytes, bool]:
    """Everything up to the end of its output or the limit of an answer; True when time ran out first."""
    assert child.stdout is not None
    said = bytearray()
    with selectors.DefaultSelector() as ready:
        ready.register(child.stdout, selectors.EVENT_READ)
        while (left := until - time.monotonic()) > 0:
            if not ready.select(left):
                continue
            block = os.read(child.stdout.fileno(), 1 << 16)
            said += block
            if len(said) > MOST_ANSWER:
                return bytes(said), False  # whatever more it has to say, it is not waited for
            if not block:
                break
        else:
            return bytes(said), True
    try:
        child.wait(max(0.1, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        return bytes(said), True
    return bytes(said), False
