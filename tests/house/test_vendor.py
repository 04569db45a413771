"""What the pages load is ours or vendored, known by its hash, and obeys the content security policy."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
VENDOR = APP / "static" / "vendor"
PACKAGES = json.loads((VENDOR / "vendor.json").read_text("utf-8"))["packages"]
TEMPLATES = sorted((APP / "templates").rglob("*.html"))
OWN_STATIC = sorted(
    p for p in (APP / "static").rglob("*") if p.suffix in {".css", ".js", ".svg"} and VENDOR not in p.parents
)
XML_NAMESPACE = "http://www.w3.org/"


def _name(path: Path) -> str:
    return path.relative_to(APP).as_posix()


def _sha512(path: Path) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()


def test_every_vendored_file_is_listed_with_its_hash() -> None:
    listed = {entry["path"]: entry["sha512"] for package in PACKAGES for entry in package["files"]}
    found = {
        p.relative_to(VENDOR).as_posix(): _sha512(p)
        for p in VENDOR.rglob("*")
        if p.is_file() and p.name != "vendor.json"
    }
    assert found == listed


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p["name"])
def test_a_vendored_package_names_version_source_licence_and_digest(package: dict[str, str]) -> None:
    assert all(package[key] for key in ("name", "version", "source", "licence", "package_sha512"))
    assert not package["files"] or (VENDOR / package["licence_file"]).read_text("utf-8").strip()


def test_vendored_files_stay_small() -> None:
    assert sum(p.stat().st_size for p in VENDOR.rglob("*") if p.is_file()) < 10_000_000


@pytest.mark.parametrize("path", TEMPLATES + OWN_STATIC, ids=_name)
def test_nothing_is_loaded_from_another_host(path: Path) -> None:
    words = path.read_text("utf-8").replace(XML_NAMESPACE, "")
    assert not re.search(r"""(?:src|action|poster|data|srcset)\s*=\s*["']\s*(?:https?:)?//""", words)
    assert not re.search(r"<link[^>]*https?:|url\(\s*[\"']?(?:https?:)?//|@import|\bimport\(\s*[\"']http", words)
    if path in OWN_STATIC:
        assert not re.search(r"https?://", words)


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_a_template_has_no_inline_style_or_script_without_nonce(path: Path) -> None:
    words = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    assert not re.search(r"\sstyle\s*=|<style\b", words)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=\s*[\"']", words)
    assert not re.search(r"javascript:", words)
    assert all("nonce=" in tag for tag in re.findall(r"<script\b[^>]*>", words))


def test_every_file_the_stylesheet_names_exists() -> None:
    sheet = APP / "static" / "css" / "ppir.css"
    named = re.findall(r"url\(\"([^\"]+)\"\)", sheet.read_text("utf-8"))
    assert named
    assert [name for name in named if not (sheet.parent / name).is_file()] == []


def test_every_class_used_by_the_components_is_known_to_the_stylesheet() -> None:
    known = set(re.findall(r"\.([a-z][a-z0-9-]*)", (APP / "static" / "css" / "ppir.css").read_text("utf-8")))
    used = set()
    for path in [APP / "templates" / "base.html", *(APP / "templates" / "components").glob("*.html")]:
        plain = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        for value in re.findall(r'class="([^"{}]+)"', plain):
            used |= set(value.split())
    assert used
    assert used <= known


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("ink", "ground", "least"),
    [
        ("ink", "ground-2", 4.5),
        ("ink-2", "ground-2", 4.5),
        ("ink-3", "ground-2", 4.5),
        ("blue", "ground", 4.5),
        ("blue", "ground-2", 4.5),
        ("blue", "amber-tint", 4.5),
        ("ground", "blue", 4.5),
        ("info", "info-tint", 4.5),
        ("green", "green-tint", 4.5),
        ("amber", "amber-tint", 4.5),
        ("red", "red-tint", 4.5),
        ("ink-3", "amber-tint", 4.5),
        ("ink-3", "rule-light", 4.5),
        ("rule-strong", "ground", 3),
    ],
)
def test_words_and_borders_stand_out_from_their_ground(ink: str, ground: str, least: float) -> None:
    colours = dict(
        re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", (APP / "static" / "css" / "ppir.css").read_text("utf-8"))
    )
    assert _contrast(colours[ink], colours[ground]) >= least
