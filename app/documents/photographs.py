"""A photograph taken in: looked at, cleaned in the limited process, and stored with a small one beside it."""

from __future__ import annotations

import base64
import io
import shutil
import tempfile
from dataclasses import dataclass

from app.documents import reading, sniff
from app.documents.intake import Sent
from app.errors import Invalid
from app.files import Files

MOST = 8 << 20
KINDS = ("jpg", "png")
ACCEPT = ",".join(extension for kind in KINDS for extension in sniff.KINDS[kind].extensions)
SMALL_MOST = 2 << 20


@dataclass(frozen=True)
class Photograph:
    """`taken_at` and `place` are what the camera wrote; the stored picture says neither."""

    sha256: str
    small_sha256: str
    kind: str
    size: int
    width: int
    height: int
    taken_at: str
    place: str


def take(sent: Sent, *, files: Files) -> Photograph:
    """Invalid for what is no JPEG or PNG, is too large, or cannot be decoded to its end."""
    kind = sniff.look(sent.stream, sent.name)
    if kind.key not in KINDS:
        raise Invalid("file.no_picture")
    files.need_room()
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(_limited(sent), copy)
        copy.seek(0)
        told = reading.ask(reading.child("photo"), copy, reading.WALL_SECONDS)
    if "refused" in told:
        code = str(told["refused"])
        raise Invalid(code if code in ("file.picture_too_large", "file.archive_bomb") else "file.broken_image")
    found = dict(told["found"][0][1])
    whole = files.put(io.BytesIO(base64.b64decode(found["picture"])), limit=MOST)
    small = files.put(io.BytesIO(base64.b64decode(found["small"])), limit=SMALL_MOST)
    return Photograph(
        whole.sha256, small.sha256, kind.key, whole.size, found["width"], found["height"], found["taken_at"], found["place"]
    )


def _limited(sent: Sent) -> io.BytesIO:
    sent.stream.seek(0)
    whole = sent.stream.read(MOST + 1)
    if len(whole) > MOST:
        raise Invalid("file.too_large", limit_mb=MOST >> 20)
    return io.BytesIO(whole)
