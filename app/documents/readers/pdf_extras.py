"""What a PDF holds besides its pages: what was typed into its form fields and over its text, files attached to it, actions."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from app.documents.readers.pdf_objects import Box

_ACTS = re.compile(rb"/S\s*/(?:JavaScript|Launch)\b")  # of an action; one inside of a packed part of the file is not found
_UNSEEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW
_TYPED_KINDS = (b"Tx", b"Ch")  # a text, a choice; a tick has no words
_LONGEST = 20_000  # characters of one entry
_WHITE = re.compile(r"(?:^|\s)(?:1|1\.0+|0\.9[4-9]\d*)(?:\s+(?:1|1\.0+|0\.9[4-9]\d*)){0,2}\s+(?:g|rg)(?:\s|$)")


@dataclass(frozen=True)
class Typed:
    """Words that stand over the page, and where; `note` is what draws them.

    `why`: what hides them; `doubt`: what would, if they leave no mark on the drawn page. Fields are drawn by the program in which
    they are filled in, so that only their own colour tells.
    """

    text: str
    box: Box
    note: raw.FPDF_ANNOTATION
    why: str = ""
    doubt: str = ""


def typed(page: pdfium.PdfPage, area: Box) -> list[Typed]:
    """Values of form fields and free texts that are shown, in the order of the page."""
    found = []
    for n in range(max(0, raw.FPDFPage_GetAnnotCount(page))):
        note = raw.FPDFPage_GetAnnot(page, n)
        kind = raw.FPDFAnnot_GetSubtype(note) if note else -1
        why = doubt = ""
        if kind == raw.FPDF_ANNOT_FREETEXT:
            text, doubt = _string(note, b"Contents"), "colour"
        elif kind == raw.FPDF_ANNOT_WIDGET and _string(note, b"FT").encode() in _TYPED_KINDS:
            text = _string(note, b"V")
            pale = _WHITE.search(_string(note, b"DA")) and not raw.FPDFAnnot_HasKey(note, b"MK")
            why = "colour" if pale else ""
        else:
            continue
        frame = raw.FS_RECTF()
        placed = raw.FPDFAnnot_GetRect(note, frame)
        box = frame.left, min(frame.bottom, frame.top), frame.right, max(frame.bottom, frame.top)
        shown = placed and not raw.FPDFAnnot_GetFlags(note) & _UNSEEN and box[0] < area[2] and area[0] < box[2]
        if text.strip() and shown and box[1] < area[3] and area[1] < box[3]:
            found.append(Typed(text, box, note, why, doubt))
    return found


def take_out(entries: Sequence[Typed]) -> None:
    """Draw the page without them from now on."""
    for entry in entries:
        raw.FPDFAnnot_SetFlags(entry.note, raw.FPDFAnnot_GetFlags(entry.note) | raw.FPDF_ANNOT_FLAG_HIDDEN)


def attachments(document: pdfium.PdfDocument) -> list[str]:
    """The names of the files attached; none of them is read."""
    names = []
    for n in range(max(0, raw.FPDFDoc_GetAttachmentCount(document))):
        file = raw.FPDFDoc_GetAttachment(document, n)
        names.append(_words(lambda buffer, size, file=file: raw.FPDFAttachment_GetName(file, buffer, size))[:120])
    return names


def acts(document: pdfium.PdfDocument, content: bytes) -> bool:
    """It brings something to run: scripts, or programs to start."""
    return raw.FPDFDoc_GetJavaScriptActionCount(document) > 0 or bool(_ACTS.search(content))


def _string(note: raw.FPDF_ANNOTATION, key: bytes) -> str:
    return _words(lambda buffer, size: raw.FPDFAnnot_GetStringValue(note, key, buffer, size))[:_LONGEST]


def _words(ask: Callable[[object, int], int]) -> str:
    """A text the reader hands out into a buffer, whose size it tells when there is none."""
    size = ask(None, 0)
    if size <= 2 or size > 4 * _LONGEST:
        return ""
    buffer = ctypes.create_string_buffer(size)
    ask(ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return buffer.raw[:size].decode("utf-16-le", "replace").rstrip("\0")
