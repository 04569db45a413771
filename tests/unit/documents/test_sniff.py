"""What a file is, its content says; what is not accepted is refused with the way out."""

from __future__ import annotations

import io

import pytest

from app import i18n
from app.documents import sniff
from app.errors import Invalid
from tests.dossiers import PDF, zipped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
ENCRYPTED = (
    zipped("a.txt")
    .replace(b"PK\x03\x04\x14\x00\x00\x00", b"PK\x03\x04\x14\x00\x01\x00")
    .replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
)


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (PDF, "제안서.pdf", "pdf"),
        (PDF, "PROPOSAL.PDF", "pdf"),
        (zipped("Contents/section0.xml", first=("mimetype", b"application/hwp+zip")), "제안서.hwpx", "hwpx"),
        (zipped("[Content_Types].xml", "word/document.xml"), "a.docx", "docx"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "a.xlsx", "xlsx"),
        (zipped("[Content_Types].xml", "ppt/presentation.xml"), "a.pptx", "pptx"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 20, "a.png", "png"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 20, "a.jpeg", "jpg"),
        (zipped("a.pdf", "b.png"), "a.zip", "zip"),
    ],
)
def test_an_accepted_type_is_known_by_its_content(content: bytes, name: str, kind: str) -> None:
    stream = io.BytesIO(content)
    assert sniff.look(stream, name).key == kind
    assert stream.tell() == 0


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.pdf", "file.empty"),
        (OLE, "a.hwp", "file.old_format"),
        (OLE, "a.doc", "file.old_format"),
        (b"HWP Document File V3.00", "a.hwp", "file.old_format"),
        (PDF, "a.docx", "file.extension_differs"),
        (b"MZ\x90\0", "a.pdf", "file.unknown_kind"),
        (b"<html>", "a.pdf", "file.unknown_kind"),
        (zipped("word/document.xml", "word/vbaProject.bin"), "a.docm", "file.macro"),
        (zipped("word/document.xml", "word/vbaProject.bin"), "a.docx", "file.macro"),
        (zipped("inner.zip"), "a.zip", "file.nested_archive"),
        (zipped("../../etc/x"), "a.zip", "file.leaves_folder"),
        (b"PK\x03\x04 not a zip", "a.zip", "file.broken_zip"),
        (ENCRYPTED, "a.zip", "file.encrypted"),
    ],
)
def test_anything_else_is_refused_with_the_way_out(content: bytes, name: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        sniff.look(io.BytesIO(content), name)
    assert refused.value.code == code
    for language in ("ko", "en"):
        assert i18n.catalogue(language).gettext(code) != code
