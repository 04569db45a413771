"""A file somebody sends is taken in: its type is found by content and must agree with its name, then it is stored by its digest."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import BinaryIO

from app.documents import reading, sniff
from app.errors import Invalid
from app.files import Files


@dataclass(frozen=True)
class Sent:
    """A file on its way in, as the browser names it."""

    stream: BinaryIO
    name: str


@dataclass(frozen=True)
class Taken:
    sha256: str
    name: str
    kind: str
    size: int


def take(sent: Sent, *, files: Files, limit: int) -> Taken:
    """Look, then store; Invalid for what is not accepted or has more than `limit` bytes."""
    kind = sniff.look(sent.stream, sent.name)
    if kind.key == "pdf" and reading.locked(sent.stream):
        raise Invalid("file.encrypted_pdf")
    files.need_room()
    stored = files.put(sent.stream, limit=limit)
    return Taken(stored.sha256, file_name(sent.name), kind.key, stored.size)


def file_name(name: str) -> str:
    """The name as it was given, without a path and without what a header or terminal could misread.

    Composed (NFC): some systems hand Hangul out in pieces, and the same file must have the same name on every device.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[-255:] or "file"
