"""From bytes to rows: JSON lines or CSV, packed or not, counted while they stream so that no file fills the memory."""

from __future__ import annotations

import csv
import dataclasses
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from app.errors import Invalid

UNPACKED_MOST = 256 << 20  # a pool of 3,000 is 20 MB; beyond this a file was not made for us, or is a bomb
LINE_MOST = 4 << 20
GZIP_MAGIC = b"\x1f\x8b"
JSON_ENDINGS, CSV_ENDINGS = (".jsonl", ".ndjson", ".json"), (".csv", ".tsv", ".txt")


@dataclass(frozen=True)
class Row:
    """One record; `line` is where it starts in the file, counted from 1. Values are JSON's, or text from CSV."""

    line: int
    values: Mapping[str, Any]
    from_csv: bool = False


@dataclass(frozen=True)
class Problem:
    """What is wrong in which line and field: a code with its data; the catalogues hold reason and remedy."""

    line: int
    field: str
    code: str
    data: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"line": self.line, "field": self.field, "code": self.code, "data": dict(self.data)}


def read(path: Path, name: str, *, most: int = UNPACKED_MOST) -> Iterator[Row | Problem]:
    """Each row of the file, or what is wrong with its line. Raises Invalid when the file as a whole cannot be read.

    `name` is what its owner calls the file: its ending tells JSON lines from CSV, otherwise the first character does.
    """
    if path.stat().st_size == 0:
        raise Invalid("import.empty_file")
    with path.open("rb") as raw:
        packed = raw.read(2) == GZIP_MAGIC
        raw.seek(0)
        if not packed and path.stat().st_size > most:
            raise Invalid("import.too_large", limit_mb=most >> 20)
        if packed:
            _unpack_once(raw, most)
            with gzip.open(raw) as stream:
                yield from _rows(Lines(stream), name)  # type: ignore[arg-type]
        else:
            yield from _rows(Lines(raw), name)


def _unpack_once(raw: BinaryIO, most: int) -> None:
    """Unpack to nowhere and count: a broken or endless archive is refused before a single row is kept."""
    size = 0
    try:
        with gzip.open(raw) as stream:
            while block := stream.read(1 << 20):
                size += len(block)
                if size > most:
                    raise Invalid("import.too_large", limit_mb=most >> 20)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Invalid("import.broken_gzip") from error
    if size == 0:
        raise Invalid("import.empty_file")
    raw.seek(0)


class Lines:
    """The lines of a stream with their numbers; a line that is too long comes as None and is passed over."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.number = stream, 0

    def __iter__(self) -> Iterator[bytes | None]:
        while line := self.stream.readline(LINE_MOST + 1):
            self.number += 1
            if line.endswith(b"\n") or len(line) <= LINE_MOST:
                yield line
                continue
            while (rest := self.stream.readline(LINE_MOST)) and not rest.endswith(b"\n"):
                pass
            yield None


def _rows(lines: Lines, name: str) -> Iterator[Row | Problem]:
    stream = iter(lines)
    first = next(stream, b"")
    if _is_csv(name, first or b"{"):
        yield from _csv(_text_lines(first, stream, lines), lines)
    else:
        yield from _json_lines(first, stream, lines)


def _is_csv(name: str, first: bytes) -> bool:
    ending = Path(name.lower().removesuffix(".gz")).suffix
    if ending in CSV_ENDINGS or ending in JSON_ENDINGS:
        return ending in CSV_ENDINGS
    return not first.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


# --- JSON lines -------------------------------------------------------------------------------------------------------


def _json_lines(first: bytes | None, rest: Iterator[bytes | None], lines: Lines) -> Iterator[Row | Problem]:
    found = 0
    for line in _chain(first, rest):
        if line is None:
            yield Problem(lines.number, "", "import.line_too_long", {"limit_mb": LINE_MOST >> 20})
        elif line.strip():
            yield _json_row(line.removeprefix(b"\xef\xbb\xbf") if lines.number == 1 else line, lines.number)
        else:
            continue
        found += 1
    if not found:
        raise Invalid("import.no_rows")


def _json_row(line: bytes, number: int) -> Row | Problem:
    try:
        value = json.loads(line.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        return Problem(number, "", "import.not_utf8", {"column": error.start + 1})
    except json.JSONDecodeError as error:
        if line.strip() == b"[" and number == 1:
            raise Invalid("import.json_array") from error
        return Problem(number, "", "import.broken_json", {"column": error.colno})
    except (ValueError, RecursionError):
        return Problem(number, "", "import.broken_json", {"column": 1})
    if isinstance(value, list) and number == 1:
        raise Invalid("import.json_array")
    return Row(number, value) if isinstance(value, dict) else Problem(number, "", "import.not_object")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _chain(first: bytes | None, rest: Iterator[bytes | None]) -> Iterator[bytes | None]:
    yield first
    yield from rest


# --- CSV --------------------------------------------------------------------------------------------------------------


def _text_lines(first: bytes | None, rest: Iterator[bytes | None], lines: Lines) -> Iterator[str]:
    for line in _chain(first, rest):
        if line is None:
            raise Invalid("import.line_too_long", line=lines.number, limit_mb=LINE_MOST >> 20)
        try:
            yield line.decode("utf-8-sig" if lines.number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise Invalid("import.csv_not_utf8", line=lines.number) from error


def _csv(text: Iterator[str], lines: Lines) -> Iterator[Row | Problem]:
    header_line = next(text, "")
    csv.field_size_limit(LINE_MOST)
    delimiter = max(",;\t", key=header_line.count)
    header = [cell.strip().lower() for cell in next(csv.reader([header_line], delimiter=delimiter), [])]
    if len(header) < 2 or "" in header or len(set(header)) < len(header):
        raise Invalid("import.csv_header")
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    found, started = 0, 2
    try:
        for cells in reader:
            line, started = started, lines.number + 1
            if not any(cell.strip() for cell in cells):
                continue
            found += 1
            if len(cells) > len(header):
                yield Problem(line, "", "import.too_many_cells", {"cells": len(cells), "columns": len(header)})
            else:
                yield Row(line, {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}, True)
    except csv.Error as error:
        raise Invalid("import.broken_csv", line=started) from error
    if not found:
        raise Invalid("import.no_rows")
