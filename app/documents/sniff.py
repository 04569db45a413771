"""What a file is, by its content: nothing is parsed, only how it begins and ends and what a ZIP lists."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

from app.documents.archive import Archive
from app.errors import Invalid

HEAD = 4096
PDF_HEADER_WITHIN = 1024  # readers look for it this far


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
        Kind("mp4", (".mp4",), "video/mp4"),
        Kind("zip", (".zip",), "application/zip"),
    )
}
EXTENSIONS = tuple(extension for kind in KINDS.values() for extension in kind.extensions)
ACCEPT = ",".join(EXTENSIONS)
_MAIN_PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
_MAIN_TYPES = {  # as the package itself calls its main part, which some programs keep under another name
    b"wordprocessingml.document.main+xml": "docx",
    b"spreadsheetml.sheet.main+xml": "xlsx",
    b"presentationml.presentation.main+xml": "pptx",
}
_HWPX_PARTS = "META-INF/manifest.xml"  # says of each part under a password how it is encrypted
_PARTS_LISTED = "[Content_Types].xml"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # the stream in which Office keeps a document under a password
_PACKED = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".jar", ".cab", ".iso", ".alz", ".egg")
_PROGRAMS = (".exe", ".dll", ".com", ".scr", ".msi", ".js", ".vbs", ".bat", ".cmd", ".ps1", ".lnk", ".hta")
_PACKED_HEADS = (b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"ALZ\x01", b"EGGA", b"MSCF")


def look(stream: BinaryIO, name: str) -> Kind:
    """The kind of a seekable file called `name`; Invalid with guidance when it is not accepted. Leaves the stream at its start."""
    stream.seek(0)
    head = stream.read(HEAD)
    if not head:
        raise Invalid("file.empty")
    kind = KINDS[_kind(stream, head)]
    stream.seek(0)
    extension = PurePath(name).suffix.lower()
    if extension not in kind.extensions:
        raise Invalid("file.extension_differs", name=name, found=kind.key.upper())
    return kind


def _kind(stream: BinaryIO, head: bytes) -> str:
    if head.startswith(b"PK\x03\x04"):
        return _zip_kind(stream, head)
    if head.startswith(b"PK\x05\x06"):  # a ZIP that ends where it begins
        raise Invalid("file.empty")
    if head.startswith(_OLE) or head.startswith(b"HWP Document File"):
        raise Invalid("file.encrypted" if _OLE_ENCRYPTED in _whole(stream) else "file.old_format")
    kind = _plain_kind(head)
    if kind is None:
        raise Invalid("file.unknown_kind")
    stream.seek(0)
    if (kind != "pdf" and b"%PDF-" in head[:PDF_HEADER_WITHIN]) or _lists_entries(stream):
        raise Invalid("file.two_files")
    return kind


def _lists_entries(stream: BinaryIO) -> bool:
    """A ZIP stands at the end: who opens it as one sees another file than who opens it by its first bytes."""
    try:
        return bool(zipfile.ZipFile(stream).namelist())
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        return False


def _plain_kind(head: bytes) -> str | None:
    if head[:PDF_HEADER_WITHIN].lstrip(b"\xef\xbb\xbf\0 \t\r\n").startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if head[4:8] == b"ftyp" and head[8:11] in (b"iso", b"mp4", b"avc", b"M4V", b"MSN", b"das"):
        return "mp4"
    return None


def _zip_kind(stream: BinaryIO, head: bytes) -> str:
    """HWPX says so in its entry `mimetype`; Office files by their main part; everything else is a plain ZIP."""
    archive = Archive(stream)
    names = archive.names
    lower = {name.lower() for name in names}
    if any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in lower):
        raise Invalid("file.macro")
    kind = next((kind for part, kind in _MAIN_PARTS.items() if part in lower), "zip")
    if kind == "zip" and _PARTS_LISTED in names:
        listed = archive.read(_PARTS_LISTED)
        kind = next((kind for name, kind in _MAIN_TYPES.items() if name in listed), "zip")
    declared = archive.head("mimetype", 200).strip() if "mimetype" in names else b""
    if declared.startswith(b"application/vnd.oasis.opendocument"):
        raise Invalid("file.open_document")
    if declared == b"application/hwp+zip":
        kind = "hwpx"
        if _HWPX_PARTS in names and b"encryption-data" in archive.read(_HWPX_PARTS):
            raise Invalid("file.encrypted_hwpx")
    if kind == "zip":
        _refuse_inside(archive)
    stored_pdf = kind == "zip" and bool(names) and names[0].lower().endswith(".pdf")
    if b"%PDF-" in head[:PDF_HEADER_WITHIN] and not stored_pdf:
        raise Invalid("file.two_files")
    return kind


def _refuse_inside(archive: Archive) -> None:
    """A plain ZIP holds documents: no archives in it, whatever they are called, and nothing to run."""
    for name in archive.names:
        if name.lower().endswith(_PROGRAMS):
            raise Invalid("file.program_inside", name=name)
        if name.lower().endswith(_PACKED) or _is_packed(archive.head(name, 512), name):
            raise Invalid("file.nested_archive", name=name)


def _is_packed(head: bytes, name: str) -> bool:
    if head.startswith(b"PK\x03\x04"):  # Office and HWPX documents are ZIPs and may lie in one
        return not name.lower().endswith((".docx", ".xlsx", ".pptx", ".hwpx"))
    return head.startswith(_PACKED_HEADS) or head[257:262] == b"ustar"


def _whole(stream: BinaryIO) -> bytes:
    stream.seek(0)
    return stream.read()
