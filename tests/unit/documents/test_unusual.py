"""Files that are rare but right: what other programs may write is read, or told for what it is."""

from __future__ import annotations

import io
import shutil
import zlib
from pathlib import Path

import pytest

from app.documents import intake, reading, sniff
from app.documents.readers import pdf as pdf_reader
from app.errors import Invalid
from app.files import Files
from tests import documents as papers
from tests.dossiers import PDF, pdf
from tests.unit.documents.test_hostile import CORPUS, codes, made, read, run, word

TEXT = "A rescue drone that finds people in smoke"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param(PDF.replace(b"%PDF-1.7", b"%PDF-1.1"), set(), id="an old version"),
        pytest.param(PDF[: PDF.rindex(b"startxref")] + b"startxref\n7\n%%EOF", set(), id="a table that stands elsewhere"),
        pytest.param(PDF[: PDF.rindex(b"xref\n0")] + PDF[PDF.rindex(b"trailer") :], set(), id="no table at all"),
        pytest.param(PDF + b"\0" * 3000, set(), id="zeros after its end"),
        pytest.param(PDF.replace(b"/MediaBox", b"/Rotate 90 /MediaBox"), set(), id="a turned page"),
        pytest.param(PDF.replace(b"[0 0 595 842]", b"[0 0 14400 14400]"), set(), id="a page of five metres"),
        pytest.param(
            PDF.replace(b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"),
            {"scripts"},
            id="a script",
        ),
    ],
)
def test_a_pdf_gives_its_text_whatever_else_it_is(tmp_path: Path, content: bytes, found: set[str]) -> None:
    got = read(tmp_path, content, "pdf")
    assert [page.text for page in got.pages] == [TEXT]
    assert codes(got) == found


def test_a_pdf_that_takes_too_long_is_read_as_far_as_time_went(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_reader, "READING_SECONDS", -1.0)
    got = pdf_reader.read(io.BytesIO(papers.pdf(("하나", "둘"))))
    assert ([page.text for page in got.pages], got.found) == (["하나"], [("cut", {"pages": 1})])


def test_what_was_typed_into_a_form_is_read_unless_it_is_white(tmp_path: Path) -> None:
    def field(value: str, colour: str, top: int) -> str:
        return (
            f"<< /Type /Annot /Subtype /Widget /FT /Tx /T (f{top}) /V ({value}) /DA (/F 12 Tf {colour} g)"
            f" /F 4 /Rect [72 {top} 300 {top + 20}] >>"
        )

    fields = f"/Annots [{field('typed in', '0', 600)} {field('unseen', '1', 560)}]".encode()
    got = read(tmp_path, PDF.replace(b"/Type /Page /Parent", b"/Type /Page " + fields + b" /Parent"), "pdf")
    assert got.pages[0].text == f"{TEXT}\ntyped in"
    assert got.pages[0].hidden == "unseen"


def test_a_page_that_unpacks_without_end_is_too_large_and_harms_nobody(tmp_path: Path) -> None:
    packed = zlib.compress(b"0 0 m 1 1 l S\n" * 40_000_000, 1)
    bomb = PDF.replace(
        b"/Length %d >>" % len(b"BT /F 12 Tf 72 720 Td () Tj ET" + TEXT.encode()),
        b"/Filter /FlateDecode /Length %d >>" % len(packed),
    )
    at = bomb.index(b"stream\n") + 7
    got = read(tmp_path, bomb[:at] + packed + bomb[bomb.index(b"\nendstream") :], "pdf")
    assert got.failed and codes(got) <= {"too_large", "too_slow"}


def test_a_pdf_that_asks_for_a_password_is_told_while_it_is_added(tmp_path: Path) -> None:
    files = Files(tmp_path / "files")
    with (CORPUS / "ko_pikepdf_locked.pdf").open("rb") as locked, pytest.raises(Invalid, match="encrypted_pdf"):
        intake.take(intake.Sent(locked, "a.pdf"), files=files, limit=1 << 20)
    with (CORPUS / "ko_pikepdf_no_printing_table.pdf").open("rb") as free:
        assert intake.take(intake.Sent(free, "a.pdf"), files=files, limit=1 << 20).size == 19_632


def test_word_keeps_what_was_inserted_and_leaves_what_was_deleted(tmp_path: Path) -> None:
    body = "<w:p><w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del></w:p>"
    assert read(tmp_path, word(body), "docx").pages[0].text == "new"


def test_a_package_is_known_by_what_it_calls_its_main_part(tmp_path: Path) -> None:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = f'<Types><Override PartName="/word/document2.xml" ContentType="{kind}"/></Types>'
    rels = '<Relationships><Relationship Id="r" Type="x/officeDocument" Target="/word/document2.xml"/></Relationships>'
    body = f'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{run(TEXT)}</w:body></w:document>'
    content = made({"[Content_Types].xml": types.encode(), "_rels\\.rels": rels.encode(), "word\\document2.xml": body.encode()})
    assert sniff.look(io.BytesIO(content), "a.docx").key == "docx"  # and with the separators of another system
    assert read(tmp_path, content, "docx").pages[0].text == TEXT


@pytest.mark.parametrize(
    ("content", "kind", "found"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (100_000).to_bytes(4) * 2 + bytes(9) + b"IDAT IEND", "png", {"too_large"}),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (100).to_bytes(4) * 2 + bytes(9), "png", {"unreadable"}),
        (b"\xff\xd8\xff\xc0\0\x11\x08\0\x64\0\x64\3" + bytes(9), "jpg", {"unreadable"}),
    ],
)
def test_a_picture_is_measured_and_must_be_there_to_its_end(tmp_path: Path, content: bytes, kind: str, found: set[str]) -> None:
    assert codes(read(tmp_path, content, kind)) == found


def test_a_zip_says_which_document_in_it_is_the_matter(tmp_path: Path) -> None:
    held = {"메모.txt": TEXT.encode("utf-16"), "a.pdf": PDF, "나쁜.pdf": b"%PDF-1.4\nx"}
    broken = read(tmp_path, made(held), "zip")
    assert [(f["code"], f["data"]) for f in broken.verdict["findings"]] == [("unreadable", {}), ("inside", {"name": "나쁜.pdf"})]
    del held["나쁜.pdf"]
    whole = read(tmp_path, made(held), "zip")
    assert [page.text for page in whole.pages] == [TEXT] and codes(whole) == {"left_unread"}
    assert codes(read(tmp_path, made({"메모.txt": b"x"}), "zip")) == {"left_unread", "nothing_read"}


def test_pages_of_a_zip_count_through_all_its_documents(tmp_path: Path) -> None:
    white = pdf("X").replace(b"BT /F 12 Tf 72 720 Td (X) Tj ET", b"BT 3 Tr /F 12 Tf 9 9 Td (X) Tj ET ")
    got = read(tmp_path, made({"a.pdf": PDF, "b.pdf": white}), "zip")
    assert [finding["data"]["pages"] for finding in got.verdict["findings"]] == [[2], [2]]  # blank, and hidden text


def test_the_languages_of_a_document_are_told(tmp_path: Path) -> None:
    shutil.copy(CORPUS / "ko_typst_table.pdf", tmp_path / "a.pdf")
    assert reading.read(tmp_path / "a.pdf", "pdf").verdict["languages"] == ["ko"]
    assert read(tmp_path, PDF, "pdf").verdict["languages"] == ["en"]
