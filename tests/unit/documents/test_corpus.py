"""Documents that other people's programs made, in Korean and English: each gives its text once, or a verdict that says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.documents import reading, sniff
from app.errors import Invalid

FOLDER = Path(__file__).parents[2] / "documents"
WORDS = {
    "ko": ("연기 속에서 사람을 찾는 구조 드론", "탐지 거리"),
    "en": ("A rescue drone finds people in smoke", "Detection range"),
}
SECRET = {"ko": "보이지 않게 적은 낱말", "en": "words that nobody can see"}
DOCUMENTS = sorted(path for path in FOLDER.iterdir() if path.suffix in sniff.EXTENSIONS)


def test_there_are_enough_of_them_from_many_programs() -> None:
    programs = {path.stem.split("_")[1] for path in DOCUMENTS}
    assert len(DOCUMENTS) >= 60
    assert len(programs) >= 12
    assert sum(path.stat().st_size for path in DOCUMENTS) < 1.5 * 2**20


def codes(read: reading.Read) -> set[str]:
    return {finding["code"] for finding in read.verdict["findings"]}


def look(path: Path) -> str:
    with path.open("rb") as stream:
        return sniff.look(stream, path.name).key


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_gives_its_text_or_says_why_not(path: Path) -> None:
    language, name = path.name.partition(".")[0].split("_", 1)
    if "msoffcrypto_locked" in name:
        with pytest.raises(Invalid, match=r"file\.encrypted"):
            look(path)
        return
    read = reading.read(path, look(path))
    if "locked" in name:
        assert codes(read) == {"encrypted"} and read.failed
        return
    if "scan" in name:
        assert codes(read) == {"image_only"}
        return
    line, cell = WORDS[language]
    if "hidden" in name:
        assert_hidden(read, line, SECRET[language], name.rpartition("hidden_")[2])
        return
    text = "".join("".join(page.text for page in read.pages).split())
    assert text.count("".join(line.split())) >= 1
    if "table" in name:
        assert text.count("".join(cell.split())) == 1
    assert codes(read) == ({"blank_pages"} if "blank" in name else set())
    assert [n for n, page in enumerate(read.pages, 1) if page.blank] == ([2] if "blank" in name else [])
    assert not any(page.hidden for page in read.pages)


def assert_hidden(read: reading.Read, line: str, secret: str, why: str) -> None:
    """What can be seen is read, what cannot is kept apart from it, and the verdict says what hides it."""
    seen = "".join("".join(page.text.split()) for page in read.pages)
    unseen = "".join("".join(page.hidden.split()) for page in read.pages)
    secret = "".join(secret.split())
    assert "".join(line.split()) in seen and secret not in seen
    assert sorted(unseen) == sorted(secret)
    (finding,) = read.verdict["findings"]
    assert (finding["code"], finding["data"]["why"]) == ("hidden_text", [why])


def test_a_korean_archiver_s_names_are_shown_as_they_were_given() -> None:
    read = reading.read(FOLDER / "ko_python_cp949.zip", "zip")
    assert read.pages[0].label == "구조 드론.pdf · 1"
