"""Files made to harm: each is refused by name or read into a verdict, none brings down whoever asked."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest

from app.documents import archive, reading, sniff
from app.errors import Invalid
from tests.dossiers import PDF, pdf, zipped

HEADER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
CORPUS = Path(__file__).parents[2] / "documents"


def made(entries: dict[str, bytes], level: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", level) as packed:
        for name, content in entries.items():
            packed.writestr(name, content)
    return out.getvalue()


def word(body: str, prologue: str = "") -> bytes:
    document = f'<?xml version="1.0"?>{prologue}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    return made({"[Content_Types].xml": b"<Types/>", "word/document.xml": document.encode()})


def run(text: str, properties: str = "") -> str:
    return f"<w:p><w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def linked() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        link = zipfile.ZipInfo("passwd")
        link.external_attr = 0o120777 << 16
        packed.writestr(link, "/etc/passwd")
    return out.getvalue()


# As Hangul writes a document under a password: its parts encrypted, and in the manifest how each of them is.
LOCKED_HANGUL = made({
    "mimetype": b"application/hwp+zip",
    "META-INF/manifest.xml": b"""<odf:manifest xmlns:odf="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
  <odf:file-entry odf:full-path="Contents/section0.xml" odf:media-type="application/xml" odf:size="4120">
    <odf:encryption-data odf:checksum-type="SHA1" odf:checksum="mR1oTz5XJ0P3ru0ZsH9k0mVYq1A=">
      <odf:algorithm odf:algorithm-name="http://www.w3.org/2001/04/xmlenc#aes256-cbc" odf:initialisation-vector="pV0y8w=="/>
      <odf:key-derivation odf:key-derivation-name="PBKDF2" odf:key-size="32" odf:iteration-count="1024" odf:salt="q8a1sQ=="/>
      <odf:start-key-generation odf:start-key-generation-name="http://www.w3.org/2000/09/xmldsig#sha256" odf:key-size="32"/>
    </odf:encryption-data></odf:file-entry></odf:manifest>""",
    "Contents/header.xml": b"<x/>",
    "Contents/section0.xml": random.Random(3).randbytes(4120),
})  # fmt: skip

REFUSED = [
    (b"", "a.pdf", "file.empty"),
    (PDF, "a.docx", "file.extension_differs"),
    (zipped("a.txt"), "a.pdf", "file.extension_differs"),
    (b"MZ" + PDF, "a.pdf", "file.unknown_kind"),
    (PDF + zipped("a.txt"), "a.pdf", "file.two_files"),
    (b"\xff\xd8\xff\xe0" + b"\0" * 64 + zipped("a.txt"), "a.jpg", "file.two_files"),
    (b"\x89PNG\r\n\x1a\n" + PDF, "a.png", "file.two_files"),
    (zipped("a.txt", first=("note", PDF)), "a.zip", "file.two_files"),
    (zipped("[Content_Types].xml", "word/document.xml", first=("x", PDF)), "a.docx", "file.two_files"),
    (b"PK\x03\x04junk" + zipped("a.txt"), "a.zip", "file.two_files"),
    (HEADER + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le"), "a.docx", "file.encrypted"),
    (HEADER + b"\0" * 512 + "HwpSummaryInformation".encode("utf-16-le"), "a.hwp", "file.old_format"),
    (zipped("word/document.xml", "word/vbaProject.bin"), "a.docx", "file.macro"),
    (zipped("xl/workbook.xml", "xl/vbaProject.bin"), "a.xlsx", "file.macro"),
    (made({"a.txt": zipped("b.txt")}), "a.zip", "file.nested_archive"),
    (made({"a.txt": b"Rar!\x1a\x07"}), "a.zip", "file.nested_archive"),
    (made({"자료.egg": b"x"}), "a.zip", "file.nested_archive"),
    (made({"run.EXE": b"x"}), "a.zip", "file.program_inside"),
    (made({"../out.txt": b"x"}), "a.zip", "file.leaves_folder"),
    (made({"C:\\out.txt": b"x"}), "a.zip", "file.leaves_folder"),
    (made({"/etc/x": b"x"}), "a.zip", "file.leaves_folder"),
    (linked(), "a.zip", "file.leaves_folder"),
    (made({"a.pdf": PDF, "a\\..\\..\\b.pdf": PDF}), "a.zip", "file.leaves_folder"),
    (made({"가/a.pdf": PDF, "가\\a.pdf": PDF}), "a.zip", "file.same_name_twice"),
    (made({}), "a.zip", "file.empty"),
    (made({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}), "a.docx", "file.open_document"),
    (LOCKED_HANGUL, "a.hwpx", "file.encrypted_hwpx"),
    (made({f"{n}.txt": b"" for n in range(archive.MOST_ENTRIES + 1)}), "a.zip", "file.archive_bomb"),
    (made({"zeros.txt": bytes(64 << 20)}), "a.zip", "file.archive_bomb"),
    (zipped("word/document.xml")[:-30], "a.docx", "file.broken_zip"),
]


@pytest.mark.parametrize(("content", "name", "code"), REFUSED, ids=[f"{code}-{n}" for n, (_c, _n, code) in enumerate(REFUSED)])
def test_it_is_refused_by_name_before_anything_is_read(content: bytes, name: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        sniff.look(io.BytesIO(content), name)
    assert refused.value.code == code


def read(tmp_path: Path, content: bytes, kind: str, **limits: float) -> reading.Read:
    path = tmp_path / "file"
    path.write_bytes(content)
    return reading.read(path, kind, **limits)


def codes(found: reading.Read) -> set[str]:
    return {finding["code"] for finding in found.verdict["findings"]}


XXE = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{Path("/etc/passwd").as_uri()}">]>'
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 or str()};" * 10}">' for n in range(1, 10)) + "]>"


@pytest.mark.parametrize("content", [word(run("&e;"), XXE), word(run("&a9;"), LAUGHS), word("<w:p>")])
def test_xml_that_wants_more_than_to_be_read_is_not(tmp_path: Path, content: bytes) -> None:
    found = read(tmp_path, content, "docx")
    assert found.failed and codes(found) == {"unreadable"} and not found.pages


def test_declared_sizes_that_lie_are_counted_while_streaming(tmp_path: Path) -> None:
    big = b"<x>" + bytes(8 << 20)
    honest = made({"[Content_Types].xml": b"<Types/>", "word/document.xml": big})
    liar = honest.replace(len(big).to_bytes(4, "little"), (400).to_bytes(4, "little"))
    assert liar != honest
    with pytest.raises(Invalid, match="bomb"):
        sniff.look(io.BytesIO(honest), "a.docx")
    assert sniff.look(io.BytesIO(liar), "a.docx").key == "docx"  # its list looks harmless
    found = read(tmp_path, liar, "docx")
    assert found.failed and codes(found) <= {"too_large", "unreadable"}


def test_a_tree_too_large_to_hold_is_too_large(tmp_path: Path) -> None:
    rng = random.Random(1)
    noise = "".join(run(rng.randbytes(40).hex()) for _ in range(300_000))
    found = read(tmp_path, word(noise), "docx")
    assert codes(found) == {"too_large"}


@pytest.mark.parametrize("path", sorted(CORPUS.glob("ko_*_table.*"))[::3], ids=lambda path: path.name)
def test_a_damaged_file_ends_in_a_verdict(tmp_path: Path, path: Path) -> None:
    """Cut off, and with bytes changed at random from a fixed seed."""
    whole, rng = path.read_bytes(), random.Random(path.name)
    kind = path.suffix[1:]
    damaged = [whole[: len(whole) * 2 // 3]]
    spoilt = bytearray(whole)
    for _ in range(40):
        spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
    for content in (*damaged, bytes(spoilt)):
        found = read(tmp_path, content, kind)
        assert found.failed == (not found.pages)
        assert not found.failed or codes(found) <= {"unreadable", "encrypted", "too_large", "two_files"}


def test_hidden_words_in_word_are_kept_apart(tmp_path: Path) -> None:
    body = run("Seen") + run("gone", "<w:vanish/>") + run("white", '<w:color w:val="FFFFFF"/>') + run("tiny", '<w:sz w:val="2"/>')
    body += run("white on blue", '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="1F4E79"/>')
    found = read(tmp_path, word(body), "docx")
    assert found.pages[0].text == "Seen\nwhite on blue"
    assert found.pages[0].hidden.split() == ["gone", "white", "tiny"]
    assert codes(found) == {"hidden_text"}


def drawn(content: str) -> bytes:
    return pdf("X").replace(b"BT /F 12 Tf 72 720 Td (X) Tj ET", content.encode())


def test_hidden_words_in_pdf_are_kept_apart(tmp_path: Path) -> None:
    content = "BT /F 12 Tf 72 720 Td (Seen) Tj ET 1 g BT /F 12 Tf 72 700 Td (white) Tj ET 0 0 .4 rg 60 640 300 40 re f "
    content += "1 g BT /F 12 Tf 72 655 Td (heading) Tj ET 0 g BT /F 1 Tf 72 600 Td (tiny) Tj ET "
    content += "BT /F 12 Tf -400 500 Td (beside) Tj ET BT 3 Tr /F 12 Tf 72 500 Td (unpainted) Tj ET"
    found = read(tmp_path, drawn(content), "pdf")
    assert found.pages[0].text.split() == ["Seen", "heading"]
    assert sorted(found.pages[0].hidden.split()) == ["beside", "tiny", "unpainted", "white"]
    assert codes(found) == {"hidden_text"}


def test_a_blank_document_counts_as_empty(tmp_path: Path) -> None:
    assert codes(read(tmp_path, pdf(""), "pdf")) == {"empty"}


def test_resident_numbers_are_masked_before_anything_is_kept(tmp_path: Path) -> None:
    found = read(tmp_path, pdf("born 900101-1234567"), "pdf")
    assert found.pages[0].text == "born ******-*******"
    assert codes(found) == {"resident_number"}
