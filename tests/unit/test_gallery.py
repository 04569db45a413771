"""The index of the pictures: by group of users, kept over runs that take only a part."""

from __future__ import annotations

from pathlib import Path

from app.commands.gallery import Gallery


def taken(gallery: Gallery, endpoint: str, ko: str, en: str) -> None:
    gallery.put(endpoint, "ko", ko, b"1")
    gallery.put(endpoint, "en", en, b"2")


def test_a_second_run_keeps_what_the_first_took_and_the_index_names_page_and_language(tmp_path: Path) -> None:
    taken(Gallery(tmp_path, "webp"), "applicant.home", "나의 신청서류", "My dossiers")
    second = Gallery(tmp_path, "webp")
    assert second.has("applicant.home") and not second.has("public.home")
    taken(second, "public.home", "처음 화면", "Start | page")
    index = (tmp_path / "README.md").read_text()
    line = "| 나의 신청서류 | My dossiers | [한국어](applicant-home.ko.webp) | [English](applicant-home.en.webp) |"
    assert line in index and r"Start \| page" in index
    assert index.index("## 국민 · Public") < index.index("## 신청기업 · Applicant")
    assert Gallery(tmp_path, "webp").titles == second.titles


def test_a_page_that_is_gone_loses_its_pictures_and_its_line(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path, "webp")
    taken(gallery, "public.home", "처음", "Start")
    taken(gallery, "public.old", "옛", "Old")
    (tmp_path / "readme.png").write_bytes(b"kept")
    gallery.keep_only(["public.home"])
    gallery.write_index()
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["README.md", "public-home.en.webp", "public-home.ko.webp", "readme.png"]
    assert "public-old" not in (tmp_path / "README.md").read_text()
    assert gallery.size() == 2
