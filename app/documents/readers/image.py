"""Pictures: their size in pixels by the header, and whether they are there to their end; nothing is decoded."""

from __future__ import annotations

from typing import BinaryIO

from app.documents.readers.flow import Document, Page
from app.errors import Invalid

_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
MOST_PIXELS = 200_000_000
_END = 1 << 16  # bytes at the end in which a picture closes; cameras and programs put notes of their own after it


def read(stream: BinaryIO) -> Document:
    whole = stream.read()
    stream.seek(8)
    png = whole.startswith(b"\x89PNG")
    width, height = _png(stream) if png else _jpg(stream)
    if width * height > MOST_PIXELS:
        raise Invalid("file.archive_bomb")
    complete = b"IDAT" in whole and b"IEND" in whole[-_END:] if png else b"\xff\xd9" in whole[-_END:]
    if width * height == 0 or not complete:
        raise Invalid("file.broken_image")
    return Document("page", [Page(drawn=True)], [("size", {"width": width, "height": height})])


def _png(stream: BinaryIO) -> tuple[int, int]:
    header = stream.read(16)
    if len(header) < 16 or header[4:8] != b"IHDR":
        raise Invalid("file.broken_image")
    return int.from_bytes(header[8:12]), int.from_bytes(header[12:16])


def _jpg(stream: BinaryIO) -> tuple[int, int]:
    """The first frame says how large it is; markers before it are stepped over."""
    stream.seek(2)
    while True:
        mark = stream.read(4)
        if len(mark) < 4 or mark[0] != 0xFF:
            raise Invalid("file.broken_image")
        if mark[1] == 0xFF:  # a filling byte
            stream.seek(-3, 1)
            continue
        if mark[1] in _FRAMES:
            frame = stream.read(5)
            if len(frame) < 5:
                raise Invalid("file.broken_image")
            return int.from_bytes(frame[3:5]), int.from_bytes(frame[1:3])
        length = int.from_bytes(mark[2:4])
        if mark[1] == 0xDA or length < 2:
            raise Invalid("file.broken_image")
        stream.seek(length - 2, 1)
