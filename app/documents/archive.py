"""The gate every ZIP passes, Office and HWPX documents too: what it lists is checked first, what it unpacks to is counted while
streaming, since declared sizes lie."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

from app.errors import Invalid

MOST_ENTRIES = 2_000
MOST_UNPACKED = 200 << 20
MOST_RATIO = 100  # unpacked bytes for each byte of the file; below FREE nobody is hurt, and small XML packs very well
FREE = 2 << 20
BLOCK = 1 << 16
_BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError, zlib.error, LookupError)
_ENCRYPTED = 0x1


class Archive:
    """A ZIP that may be read: entries by name in the order listed, one budget of unpacked bytes for all of them together."""

    def __init__(self, stream: BinaryIO) -> None:
        try:
            self._zip = zipfile.ZipFile(stream)
        except _BROKEN as error:
            raise Invalid("file.broken_zip") from error
        stream.seek(0, 2)
        self._most = _most_unpacked(stream.tell())
        self.unpacked = 0
        entries = self._zip.infolist()
        _check(entries, self._most)
        self._entries = {_name(entry): entry for entry in entries if not _name(entry).endswith("/")}

    @property
    def names(self) -> list[str]:
        return list(self._entries)

    def blocks(self, name: str) -> Iterator[bytes]:
        """The content of an entry block by block; Invalid as soon as the budget of the archive is used up."""
        try:
            with self._zip.open(self._entries[name]) as part:
                while block := part.read(BLOCK):
                    self.unpacked += len(block)
                    if self.unpacked > self._most:
                        raise Invalid("file.archive_bomb")
                    yield block
        except _BROKEN as error:
            raise Invalid("file.broken_zip") from error

    def read(self, name: str) -> bytes:
        return b"".join(self.blocks(name))

    def head(self, name: str, n: int = BLOCK) -> bytes:
        """How an entry begins."""
        return next(self.blocks(name), b"")[:n]


def shown(name: str) -> str:
    """An entry's name for people: Korean archivers write CP949 without saying so, which reads as line drawings.

    >>> shown("보고서.pdf".encode("cp949").decode("cp437"))
    '보고서.pdf'
    """
    try:
        return name.encode("cp437").decode("cp949")
    except UnicodeError:
        return name


def _most_unpacked(size: int) -> int:
    return min(MOST_UNPACKED, max(FREE, MOST_RATIO * size))


def _check(entries: list[zipfile.ZipInfo], most: int) -> None:
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > most:
        raise Invalid("file.archive_bomb")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise Invalid("file.encrypted")
    if entries and min(entry.header_offset for entry in entries) > 0:
        raise Invalid("file.two_files")  # something stands before the first entry: another program reads another file
    if len({_name(entry) for entry in entries}) != len(entries):
        raise Invalid("file.same_name_twice")
    if any(_leaves(entry) for entry in entries):
        raise Invalid("file.leaves_folder")


def _name(entry: zipfile.ZipInfo) -> str:
    """With the separator the format prescribes; some programs write their own."""
    return entry.filename.replace("\\", "/")


def _leaves(entry: zipfile.ZipInfo) -> bool:
    """Would land outside of the folder it is unpacked in, or is a link to somewhere."""
    path = _name(entry)
    outside = path.startswith("/") or ".." in PurePosixPath(path).parts or path[1:2] == ":"
    return outside or stat.S_ISLNK(entry.external_attr >> 16)
