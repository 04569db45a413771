"""What a file is, by its content: nothing is parsed, only its first bytes and the list of names in a ZIP are read."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

from app.errors import Invalid

HEAD = 4096
MAX_ENTRIES = 5_000  # names a ZIP may list
MAX_UNPACKED = 1 << 30
MAX_RATIO = 200  # unpacked against packed; above a first 64 MiB this is a bomb, not a document


@dataclass(frozen=True)
class Kind:
    """A type of file that is accepted: its extensions and the media type it is handed out as."""

    key: str
    extensions: tuple[str, ...]
    media: str


_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("pdf", (".pdf",), "application/pdf"),
        Kind("hwpx", (".hwpx",), "application/hwp+zip"),
        Kind("docx", (".docx",), f"{_OFFICE}.wordprocessingml.document"),
        Kind("xlsx", (".xlsx",), f"{_OFFICE}.spreadsheetml.sheet"),
        Kind("pptx", (".pptx",), f"{_OFFICE}.presentationml.presentation"),
        Kind("png", (".png",), "image/png"),
        Kind("jpg", (".jpg", ".jpeg"), "image/jpeg"),
        Kind("zip", (".zip",), "application/zip"),
    )
}
EXTENSIONS = tuple(extension for kind in KINDS.values() for extension in kind.extensions)
ACCEPT = ",".join(EXTENSIONS)
_MAIN_PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}


def look(stream: BinaryIO, name: str) -> Kind:
    """The kind of a seekable file called `name`; Invalid with guidance when it is not accepted. Leaves the stream at its start."""
    stream.seek(0)
    head = stream.read(HEAD)
    stream.seek(0)
    if not head:
        raise Invalid("file.empty")
    kind = KINDS[_kind(stream, head)]
    stream.seek(0)
    extension = PurePath(name).suffix.lower()
    if extension not in kind.extensions:
        raise Invalid("file.extension_differs", name=name, found=kind.key.upper())
    return kind


def _kind(stream: BinaryIO, head: bytes) -> str:
    if head.startswith(b"%PDF-") or b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") or head.startswith(b"HWP Document File"):
        raise Invalid("file.old_format")
    if head.startswith(b"PK\x03\x04"):
        return _zip_kind(stream)
    raise Invalid("file.unknown_kind")


def _zip_kind(stream: BinaryIO) -> str:
    """HWPX says so in its first entry; Office files by their main part; everything else is a plain ZIP."""
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            _refuse_bomb(entries)
            names = [entry.filename for entry in entries]
            if names and names[0] == "mimetype" and entries[0].file_size < 64:
                if archive.read(entries[0]).strip() == b"application/hwp+zip":
                    return "hwpx"
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError) as error:
        raise Invalid("file.broken_zip") from error
    lower = {name.lower() for name in names}
    if any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in lower):
        raise Invalid("file.macro")
    office = next((kind for part, kind in _MAIN_PARTS.items() if part in lower), None)
    if office is None and any(name.endswith((".zip", ".7z", ".rar", ".exe", ".js", ".bat", ".cmd")) for name in lower):
        raise Invalid("file.nested_archive")
    return office or "zip"


def _refuse_bomb(entries: list[zipfile.ZipInfo]) -> None:
    unpacked, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > max(64 << 20, MAX_RATIO * packed):
        raise Invalid("file.archive_bomb")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Invalid("file.encrypted")
    if any(entry.filename.startswith("/") or ".." in PurePath(entry.filename).parts for entry in entries):
        raise Invalid("file.broken_zip")
