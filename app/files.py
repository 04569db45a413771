"""Files by their content: stored under the SHA-256 of what they hold, written whole or not at all.

A large file may come in pieces: its part grows at the end only, and nothing counts that is not safe on disk.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.errors import Invalid, NoRoom

LEAST_FREE = 1 << 30  # below this much free space nothing new is taken in: the database needs room to go on
FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
BLOCK = 1 << 20


@dataclass(frozen=True)
class Stored:
    sha256: str
    size: int


class Files:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, stream: BinaryIO, *, limit: int) -> Stored:
        """Store what the stream holds; more than `limit` bytes is refused and leaves nothing behind."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = self.folder / f".{secrets.token_hex(12)}.part"
        seen, size = hashlib.sha256(), 0
        try:
            with _told_when_full(), temporary.open("xb") as out:
                while block := stream.read(BLOCK):
                    size += len(block)
                    if size > limit:
                        raise Invalid("file.too_large", limit_mb=limit >> 20)
                    seen.update(block)
                    out.write(block)
                out.flush()
                os.fsync(out.fileno())
            if size == 0:
                raise Invalid("file.empty")
            path = self.path(seen.hexdigest())
            path.parent.mkdir(exist_ok=True, mode=0o700)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        return Stored(seen.hexdigest(), size)

    def make(self, write: Callable[[BinaryIO], None]) -> Stored:
        """Store what `write` writes; it may go back and forth in the file."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = self.folder / f".{secrets.token_hex(12)}.part"
        try:
            with _told_when_full(), temporary.open("x+b") as out:
                write(out)
                size = out.seek(0, os.SEEK_END)
                out.seek(0)
                sha256 = hashlib.file_digest(out, "sha256").hexdigest()
                os.fsync(out.fileno())
            path = self.path(sha256)
            path.parent.mkdir(exist_ok=True, mode=0o700)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        return Stored(sha256, size)

    def path(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise Invalid("file.bad_digest")
        return self.folder / sha256[:2] / sha256

    def need_room(self, size: int = 0) -> None:
        """NoRoom when less than a gigabyte would be left free."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(self.folder).free - size < LEAST_FREE:
            raise NoRoom("file.no_room")

    # --- in pieces ------------------------------------------------------------------------------------------------------

    def part(self, key: str) -> Path:
        return self.folder / "parts" / f"{key}.part"

    def held(self, key: str, recorded: int) -> int:
        """How many bytes of a part count: never more than recorded, since what follows may be half a piece."""
        try:
            return min(self.part(key).stat().st_size, recorded)
        except FileNotFoundError:
            return 0

    def append(self, key: str, piece: BinaryIO, *, at: int, most: int) -> int:
        """Write a piece from `at` on, over whatever a killed process left there; the size when all of it is on disk."""
        path = self.part(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("r+b" if path.exists() else "x+b", buffering=0) as out:
            out.truncate(at)
            out.seek(at)
            try:
                with _told_when_full():
                    while block := piece.read(BLOCK):
                        if out.tell() + len(block) > most:
                            raise Invalid("upload.too_long")
                        _write(out, block)
                    os.fsync(out.fileno())
            except BaseException:
                out.truncate(at)
                raise
            return out.tell()

    def drop(self, key: str) -> None:
        self.part(key).unlink(missing_ok=True)


def digest_of_pieces(stream: BinaryIO, piece: int) -> str:
    """SHA-256 over the SHA-256 of each piece: a browser can compute it without holding the whole file."""
    whole = hashlib.sha256()
    stream.seek(0)
    while block := stream.read(piece):
        whole.update(hashlib.sha256(block).digest())
    stream.seek(0)
    return whole.hexdigest()


def _write(out: BinaryIO, block: bytes) -> None:
    """All of it: an unbuffered write may stop in the middle, where a disk is nearly full."""
    rest = memoryview(block)
    while rest:
        rest = rest[out.write(rest) :]


@contextmanager
def _told_when_full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise NoRoom("file.no_room") from error
        raise
