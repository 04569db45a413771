"""KIND → how its text is read. Only the limited child process imports this package: the parsers are kept out of all others.

To add a format: a module here with `read(stream) -> Document`, its line in READERS, its kind in `documents.sniff`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from app.documents.readers import bundle, image, pdf, photo
from app.documents.readers.flow import Document

READERS: dict[str, Callable[[BinaryIO], Document]] = {
    **bundle.READ_INSIDE,
    "png": image.read,
    "jpg": image.read,
    "zip": bundle.read,
    "pdf_lock": pdf.open_only,
    "photo": photo.read,
}
