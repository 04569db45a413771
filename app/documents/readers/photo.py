"""A photograph as it may be kept: the picture without what the camera wrote about itself, when and where it says, and a small one.

The picture is not coded anew: the segments (JPEG) or chunks (PNG) that draw it are copied, all others are left out, and so is
whatever follows its end. The small one is drawn from it, which decodes every pixel.
"""

from __future__ import annotations

import base64
import re
import struct
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

import typst

from app.documents.readers import image
from app.documents.readers.flow import Document
from app.errors import Invalid

MOST_PIXELS = 40_000_000
SMALL_WIDE = 480  # pixels
_DRAWING_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"pHYs"}
_ORIENTATION, _TAKEN, _CHANGED, _EXIF, _GPS = 0x0112, 0x9003, 0x0132, 0x8769, 0x8825
_KINDS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8}  # bytes of a value of each type


def read(stream: BinaryIO) -> Document:
    document = image.read(stream)
    size = dict(document.found[0][1])
    if size["width"] * size["height"] > MOST_PIXELS:
        raise Invalid("file.picture_too_large")
    stream.seek(0)
    whole = stream.read()
    picture, told = _png(whole) if whole.startswith(b"\x89PNG") else _jpg(whole)
    kept = {
        "picture": base64.b64encode(picture).decode(),
        "small": base64.b64encode(_small("png" if whole.startswith(b"\x89PNG") else "jpg")).decode(),
        **size,
        **_said(told),
    }
    return Document("page", document.pages, [("photo", kept)])


def _small(kind: str) -> bytes:
    """Drawn from the file that is read, upright; a picture that cannot be decoded is refused here."""
    page = f'#set page(width: auto, height: auto, margin: 0pt)\n#image("/0", format: "{kind}", width: {SMALL_WIDE}pt)'
    try:
        drawn: bytes = typst.compile(page.encode(), root="/proc/self/fd", format="png", ppi=72, ignore_system_fonts=True)
    except RuntimeError as broken:
        raise Invalid("file.broken_image") from broken
    return drawn


# --- JPEG -----------------------------------------------------------------------------------------------------------------


def _jpg(whole: bytes) -> tuple[bytes, dict[int, Any]]:
    kept, told, at = bytearray(b"\xff\xd8"), dict[int, Any](), 2
    while True:
        while whole[at : at + 2] == b"\xff\xff":
            at += 1
        mark = whole[at + 1] if whole[at : at + 1] == b"\xff" and at + 1 < len(whole) else 0
        if mark == 0xD9:
            break
        if at + 4 > len(whole) or mark == 0:
            raise Invalid("file.broken_image")
        end = at + 2 + int.from_bytes(whole[at + 2 : at + 4])
        body = whole[at + 4 : end]
        if mark == 0xE1 and body.startswith(b"Exif\0\0"):
            told = told or _tiff(body[6:])
        elif mark in (0xE0, 0xEE) or not (0xE0 <= mark <= 0xEF or mark == 0xFE):
            kept += whole[at:end]
        at = end
        if mark == 0xDA:
            scan = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]").search(whole, at)
            if scan is None:
                raise Invalid("file.broken_image")
            kept += whole[at : scan.start()]
            at = scan.start()
    turned = told.get(_ORIENTATION, 1)
    if isinstance(turned, int) and 2 <= turned <= 8:
        kept[2:2] = _only_turned(turned)
    return bytes(kept + b"\xff\xd9"), told


def _only_turned(how: int) -> bytes:
    """An Exif segment that says nothing but which way is up."""
    body = b"Exif\0\0MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, how, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


# --- PNG ------------------------------------------------------------------------------------------------------------------


def _png(whole: bytes) -> tuple[bytes, dict[int, Any]]:
    kept, told = bytearray(whole[:8]), dict[int, Any]()
    for name, chunk, body in _chunks(whole):
        if name in _DRAWING_CHUNKS:
            kept += chunk
        elif name == b"eXIf":
            told = _tiff(body)
    return bytes(kept), told


def _chunks(whole: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    at, name = 8, b""
    while name != b"IEND":
        length = int.from_bytes(whole[at : at + 4])
        chunk, name = whole[at : at + 12 + length], whole[at + 4 : at + 8]
        if len(chunk) != 12 + length or zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:]):
            raise Invalid("file.broken_image")
        yield name, chunk, chunk[8:-4]
        at += len(chunk)


# --- what the camera says -------------------------------------------------------------------------------------------------


def _said(told: dict[int, Any]) -> dict[str, str]:
    """When by the camera's clock (YYYY-MM-DD HH:MM) and where in degrees; empty where it does not say, or nonsense."""
    taken = re.match(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d)", str(told.get(_TAKEN) or told.get(_CHANGED) or ""))
    place = [_degrees(told.get((_GPS, n)), told.get((_GPS, n + 1)), most) for n, most in ((1, 90), (3, 180))]
    return {
        "taken_at": f"{taken[1]}-{taken[2]}-{taken[3]} {taken[4]}" if taken else "",
        "place": f"{place[0]:.4f}, {place[1]:.4f}" if None not in place else "",
    }


def _degrees(side: Any, parts: Any, most: int) -> float | None:
    if not isinstance(parts, list) or len(parts) != 3 or any(bottom == 0 for _, bottom in parts):
        return None
    value = sum(top / bottom / 60**n for n, (top, bottom) in enumerate(parts))
    return None if value > most else -value if str(side)[:1] in ("S", "W") else value


def _tiff(data: bytes) -> dict[Any, Any]:
    """The few tags that count; a directory that points nowhere is left."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        return {}
    found = _directory(data, order, struct.unpack(order + "I", data[4:8])[0])
    for tag in (_EXIF, _GPS):
        if isinstance(at := found.get(tag), int):
            inner = _directory(data, order, at)
            found |= {(tag, key) if tag == _GPS else key: value for key, value in inner.items()}
    return found


def _directory(data: bytes, order: str, at: int) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    try:
        (n,) = struct.unpack_from(order + "H", data, at)
        for k in range(min(n, 200)):
            tag, kind, count = struct.unpack_from(order + "HHI", data, at + 2 + 12 * k)
            long = _KINDS.get(kind, 0) * count
            place = at + 10 + 12 * k if long <= 4 else struct.unpack_from(order + "I", data, at + 10 + 12 * k)[0]
            if kind == 2:
                found[tag] = data[place : place + min(count, 40)].split(b"\0")[0].decode("ascii", "replace")
            elif kind in (3, 4) and count == 1:
                found[tag] = struct.unpack_from(order + ("H" if kind == 3 else "I"), data, place)[0]
            elif kind == 5 and count <= 3:
                numbers = struct.unpack_from(f"{order}{2 * count}I", data, place)
                found[tag] = list(zip(numbers[::2], numbers[1::2], strict=True))
    except struct.error:
        pass
    return found
