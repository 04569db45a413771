"""A ZIP of documents: each document in it is looked at and read as if it had been filed alone, one level deep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, BinaryIO

from app.documents import sniff
from app.documents.archive import Archive, shown
from app.documents.readers import docx, hwpx, pdf, pptx, xlsx
from app.documents.readers.flow import MOST_CHARS, MOST_PAGES, Document, Page
from app.errors import Invalid

READ_INSIDE: dict[str, Callable[[BinaryIO], Document]] = {
    "pdf": pdf.read,
    "hwpx": hwpx.read,
    "docx": docx.read,
    "xlsx": xlsx.read,
    "pptx": pptx.read,
}
_LEFT = ("file.unknown_kind", "file.extension_differs", "file.old_format", "file.open_document", "file.empty")  # kept, not read


def read(stream: BinaryIO) -> Document:
    archive = Archive(stream)
    bundle = Document("page")
    left: list[str] = []
    for name in archive.names:
        found = _one(name, BytesIO(archive.read(name)))
        if found is None:
            left.append(shown(name))
            continue
        for n, page in enumerate(found.pages, 1):
            page.label = f"{shown(name)[-70:]} · {n}"
        before = len(bundle.pages)
        bundle.pages += found.pages
        bundle.found += [(code, _moved(data, before)) for code, data in found.found if code != "size"]
    if left:
        bundle.found.append(("left_unread", {"names": left[:20], "n": len(left)}))
    if not bundle.pages:
        bundle.found.append(("nothing_read", {}))
    return _within_limits(bundle)


def _one(name: str, content: BinaryIO) -> Document | None:
    """What one document says; None for one that is kept in the ZIP and not read. What is refused is refused by its name."""
    try:
        kind = sniff.look(content, name)
        return READ_INSIDE[kind.key](content) if kind.key in READ_INSIDE else Document("page", [Page(drawn=True)])
    except Invalid as refused:
        if refused.code in _LEFT:
            return None
        raise Invalid(refused.code, inside=shown(name)[-120:]) from refused


def _moved(data: Mapping[str, Any], before: int) -> Mapping[str, Any]:
    """Page numbers of a document inside as they count in the whole ZIP."""
    pages = data.get("pages")
    return {**data, "pages": [n + before for n in pages]} if isinstance(pages, list) else data


def _within_limits(bundle: Document) -> Document:
    size = 0
    for n, page in enumerate(bundle.pages):
        size += len(page.text) + len(page.hidden)
        if n >= MOST_PAGES or size > MOST_CHARS:
            bundle.pages = bundle.pages[:n]
            bundle.found.append(("cut", {"pages": n}))
            break
    return bundle
