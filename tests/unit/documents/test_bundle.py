"""The bundle of a filing: the same bytes each time, checkable with tools everybody has, refused when a file is damaged."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tracemalloc
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import pytest

from app.documents import bundle

HEAD = {"call": "2027-1", "number": "D-0001", "version": 7}
CONTENT = {"product": {"name_ko": "구조 드론"}}


@pytest.fixture
def held(tmp_path: Path) -> dict[str, Path]:
    """Two files, by their digests."""
    found = {}
    for text in (b"%PDF-1.7 one", b"%PDF-1.7 two"):
        path = tmp_path / hashlib.sha256(text).hexdigest()
        path.write_bytes(text)
        found[path.name] = path
    return found


def filed(held: dict[str, Path], *names: str) -> list[dict[str, Any]]:
    return [
        {"slot": f"D{n:02d}", "name": name, "sha256": key, "size": path.stat().st_size}
        for n, (name, (key, path)) in enumerate(zip(names, held.items(), strict=True), 2)
    ]


def built(held: dict[str, Path], *names: str) -> bytes:
    out = io.BytesIO()
    bundle.write(out, head=HEAD, content=CONTENT, files=bundle.members(filed(held, *names), held.__getitem__))
    return out.getvalue()


def test_the_same_filing_gives_the_same_bytes(held: dict[str, Path]) -> None:
    assert built(held, "제안서.pdf", "b.pdf") == built(held, "제안서.pdf", "b.pdf")


def test_the_bytes_do_not_change_with_a_release(held: dict[str, Path]) -> None:
    """Receipts are out in the world: whoever changes the format gives it another name and keeps building this one."""
    digest = hashlib.sha256(built(held, "a.pdf", "b.pdf")).hexdigest()
    assert digest == "a83e684794ab292136822d874c4eaf25ec79b05069d222495a0430331ee93c7f"


def test_one_letter_more_gives_another_digest(held: dict[str, Path]) -> None:
    before = built(held, "a.pdf", "b.pdf")
    out = io.BytesIO()
    changed = {"product": {"name_ko": "구조 드론."}}
    bundle.write(out, head=HEAD, content=changed, files=bundle.members(filed(held, "a.pdf", "b.pdf"), held.__getitem__))
    assert hashlib.sha256(out.getvalue()).digest() != hashlib.sha256(before).digest()


def test_unpacked_it_checks_with_sha256sum(held: dict[str, Path], tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(built(held, "제안서 (최종).pdf", "b.pdf"))) as archive:
        archive.extractall(tmp_path / "out")
    checked = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path / "out", capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    assert checked.stdout.count("OK") == 3
    told = json.loads((tmp_path / "out" / "dossier.json").read_text("utf-8"))
    assert (told["content"], told["number"]) == (CONTENT, "D-0001")


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("../../etc/passwd", "files/D02-01-_.._etc_passwd"),
        ("a:b*c?.pdf", "files/D02-01-a_b_c_.pdf"),
        (" .. ", "files/D02-01-file"),
        (unicodedata.normalize("NFD", "제안서.pdf"), "files/D02-01-제안서.pdf"),
        ("가" * 200 + ".hwpx", "files/D02-01-" + "가" * 60 + ".hwpx"),
    ],
)
def test_a_name_that_some_system_cannot_unpack_is_made_plain(held: dict[str, Path], name: str, inside: str) -> None:
    with zipfile.ZipFile(io.BytesIO(built(held, name, "b.pdf"))) as archive:
        assert archive.namelist()[3] == inside


def test_a_stored_file_that_changed_is_never_bundled(held: dict[str, Path]) -> None:
    next(iter(held.values())).write_bytes(b"%PDF-1.7 onE")
    with pytest.raises(bundle.Damaged):
        built(held, "a.pdf", "b.pdf")


def test_a_changed_bundle_names_what_differs(held: dict[str, Path]) -> None:
    good = built(held, "a.pdf", "b.pdf")
    assert bundle.differing(io.BytesIO(good)) == []
    bad = good.replace(b"%PDF-1.7 two", b"%PDF-1.7 twO")
    assert bundle.differing(io.BytesIO(bad)) == ["files/D03-02-b.pdf"]


def test_a_large_file_is_never_held_in_memory(tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as out:
        out.truncate(64 << 20)
    with large.open("rb") as file:
        key = hashlib.file_digest(file, "sha256").hexdigest()
    files = bundle.members([{"slot": "D02", "name": "large.pdf", "sha256": key, "size": 64 << 20}], lambda _: large)
    tracemalloc.start()
    with (tmp_path / "bundle.zip").open("wb") as out:
        bundle.write(out, head=HEAD, content=CONTENT, files=files)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20
