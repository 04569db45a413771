"""Which characters the fonts of printed papers hold: PDF/A refuses a text with a character that no font can show."""

from __future__ import annotations

import struct
import unicodedata
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "static" / "vendor" / "pretendard-1.3.9"


def printable(text: str) -> str:
    """The text as it can be printed: a character outside the font stands as its number, [U+5047], and is not lost."""
    held = _held()
    return "".join(c if ord(c) in held else f"[U+{ord(c):04X}]" for c in unicodedata.normalize("NFC", text))


@cache
def _held() -> frozenset[int]:
    """What both weights hold, from the `cmap` tables of format 12 (OpenType 1.9, cmap)."""
    return frozenset.intersection(*(_read(path) for path in sorted(FOLDER.glob("*.otf"))))


def _read(path: Path) -> frozenset[int]:
    raw = path.read_bytes()
    places = {raw[at : at + 4]: struct.unpack_from(">L", raw, at + 8)[0] for at in range(12, 12 + 16 * _short(raw, 4), 16)}
    cmap = places[b"cmap"]
    for n in range(_short(raw, cmap + 2)):
        table = cmap + struct.unpack_from(">L", raw, cmap + 8 + 8 * n)[0]
        if _short(raw, table) == 12:
            groups = struct.unpack_from(">L", raw, table + 12)[0]
            ends = (struct.unpack_from(">LL", raw, table + 16 + 12 * g) for g in range(groups))
            return frozenset(code for first, last in ends for code in range(first, last + 1))
    raise ValueError(f"{path.name} has no cmap of format 12")


def _short(raw: bytes, at: int) -> int:
    return int(struct.unpack_from(">H", raw, at)[0])
