"""Every way a file can be wrong is told apart, by line where there is one."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import pytest

from app.errors import Invalid
from app.stages.imports import row_files
from app.stages.imports.row_files import Problem, Row, read


def rows(tmp_path: Path, content: bytes, name: str = "file.jsonl", **options: Any) -> list[Row | Problem]:
    path = tmp_path / "content"
    path.write_bytes(content)
    return list(read(path, name, **options))


def refused(tmp_path: Path, content: bytes, name: str = "file.jsonl", **options: Any) -> str:
    with pytest.raises(Invalid) as error:
        rows(tmp_path, content, name, **options)
    return error.value.code


def test_each_line_is_a_row_with_its_number(tmp_path: Path) -> None:
    found = rows(tmp_path, b'\xef\xbb\xbf{"a": 1}\n\n{"a": 2}')
    assert found == [Row(1, {"a": 1}), Row(3, {"a": 2})]


def test_a_packed_file_is_known_by_its_content(tmp_path: Path) -> None:
    assert rows(tmp_path, gzip.compress(b'{"a": 1}\n', mtime=0), "file.jsonl") == [Row(1, {"a": 1})]


def test_a_broken_line_is_named_and_reading_goes_on(tmp_path: Path) -> None:
    found = rows(tmp_path, b'{"a": 1}\n{"a": \n{"a": 3}\n')
    assert [type(each) for each in found] == [Row, Problem, Row]
    assert isinstance(found[1], Problem)
    assert (found[1].line, found[1].code) == (2, "import.broken_json")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"a": "\xff"}', "import.not_utf8"),
        (b'{"a": NaN}', "import.broken_json"),
        (b"[" * 100_000, "import.broken_json"),
        (b'"a"', "import.not_object"),
        (b"3", "import.not_object"),
        (b'{"a": 1' + b"1" * 5000 + b"}", "import.broken_json"),
    ],
)
def test_a_bad_line_says_what_is_wrong(tmp_path: Path, line: bytes, code: str) -> None:
    found = rows(tmp_path, b'{"a": 1}\n' + line + b"\n")
    assert isinstance(found[1], Problem)
    assert (found[1].line, found[1].code) == (2, code)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import.empty_file"),
        (gzip.compress(b"", mtime=0), "import.empty_file"),
        (b"\n \n", "import.no_rows"),
        (gzip.compress(b'{"a": 1}\n', mtime=0)[:-9], "import.broken_gzip"),
        (b"\x1f\x8bnot packed at all", "import.broken_gzip"),
        (b'[{"a": 1}]', "import.json_array"),
        (b'[\n{"a": 1}\n]', "import.json_array"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(tmp_path: Path, content: bytes, code: str) -> None:
    assert refused(tmp_path, content) == code


def test_a_file_of_600_mb_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "content"
    with path.open("wb") as handle:
        handle.truncate(600 << 20)
    with pytest.raises(Invalid) as error:
        list(read(path, "file.jsonl"))
    assert (error.value.code, error.value.data["limit_mb"]) == ("import.too_large", 256)


def test_a_packed_bomb_is_refused_while_it_unpacks(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as stream:
        for _ in range(40):
            stream.write(b'{"a": 1}\n' * 10_000)
    assert refused(tmp_path, packed.getvalue(), most=1 << 20) == "import.too_large"


def test_a_line_without_end_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_files, "LINE_MOST", 1000)
    found = rows(tmp_path, b'{"a": "' + b"x" * 5000 + b'"}\n{"a": 2}\n')
    assert isinstance(found[0], Problem)
    assert (found[0].line, found[0].code) == (1, "import.line_too_long")
    assert found[1] == Row(2, {"a": 2})


def test_csv_rows_start_where_they_start(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbfid, Title\n1,"two\nlines"\n\n2,\n'
    assert rows(tmp_path, content, "file.csv") == [
        Row(2, {"id": "1", "title": "two\nlines"}, True),
        Row(5, {"id": "2"}, True),
    ]


@pytest.mark.parametrize("content", [b"id;title\n1;a,b\n", b"id\ttitle\n1\ta,b\n"])
def test_csv_finds_its_own_delimiter(tmp_path: Path, content: bytes) -> None:
    assert rows(tmp_path, content, "file.csv") == [Row(2, {"id": "1", "title": "a,b"}, True)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"id,id\n1,2\n", "import.csv_header"),
        (b"id\n1\n", "import.csv_header"),
        (b"id,title\n", "import.no_rows"),
        (b'id,title\n1,"open\n', "import.broken_csv"),
        ("아이디,제목\n1,가\n".encode("cp949"), "import.csv_not_utf8"),
    ],
)
def test_a_csv_file_that_cannot_be_read_is_refused_as_a_whole(tmp_path: Path, content: bytes, code: str) -> None:
    assert refused(tmp_path, content, "file.csv") == code


def test_a_csv_row_with_too_many_cells_is_named(tmp_path: Path) -> None:
    found = rows(tmp_path, b"id,title\n1,a,b\n2,c\n", "file.csv")
    assert isinstance(found[0], Problem)
    assert (found[0].line, found[0].code) == (2, "import.too_many_cells")


@pytest.mark.parametrize(("name", "content"), [("upload", b"id,title\n1,a\n"), ("upload", b'{"id": "1"}\n')])
def test_without_an_ending_the_first_character_decides(tmp_path: Path, name: str, content: bytes) -> None:
    assert isinstance(rows(tmp_path, content, name)[0], Row)
