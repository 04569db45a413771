"""Every word a page shows exists in Korean, and every refusal has its words in both languages."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import app.errors
from app.errors import DomainError

APP = Path(__file__).parents[2] / "app"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
REFUSALS = {name for name, kind in vars(app.errors).items() if isinstance(kind, type) and issubclass(kind, DomainError)}


def shown() -> dict[str, str]:
    """Message id → the place that shows it."""
    found: dict[str, str] = {}
    for name, line, message, _comments, _context in extract_from_dir(APP, METHODS, keywords=KEYWORDS):
        for text in [message] if isinstance(message, str) else message[:1]:
            found[text] = f"app/{name}:{line}"
    return found


def refused() -> dict[str, str]:
    """Code of a refusal → the place that refuses."""
    found: dict[str, str] = {}
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            code = None
            if isinstance(node, ast.Call) and ast.unparse(node.func) in REFUSALS and node.args:
                code = node.args[0]
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("problems["):
                code = node.value
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                found[code.value] = f"{path.relative_to(APP.parent)}:{node.lineno}"
    return found


def translated(language: str) -> dict[str, str]:
    words: dict[str, str] = {}
    for path in sorted((APP / "translations" / language).glob("*.po")):
        with path.open("rb") as handle:
            for message in read_po(handle, locale=language):
                key = message.id if isinstance(message.id, str) else message.id[0]
                words[key] = message.string if isinstance(message.string, str) else " ".join(message.string)
    return {key: text for key, text in words.items() if key and text}


def test_every_word_of_the_pages_exists_in_korean() -> None:
    known, words = translated("ko"), shown()
    assert len(words) > 20
    assert {text: where for text, where in words.items() if text not in known} == {}


def test_every_refusal_has_words_in_both_languages() -> None:
    codes = refused()
    assert len(codes) > 10
    for language in ("en", "ko"):
        known = translated(language)
        assert {code: where for code, where in codes.items() if code not in known} == {}, language


@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_word_is_translated_in_two_ways(language: str) -> None:
    """The files are one catalogue: of two entries only the first would be shown."""
    found: dict[str, set[str]] = {}
    for path in sorted((APP / "translations" / language).glob("*.po")):
        with path.open("rb") as handle:
            for message in read_po(handle, locale=language):
                if message.id and message.string:
                    found.setdefault(str(message.id), set()).add(str(message.string))
    assert {key: texts for key, texts in found.items() if len(texts) > 1} == {}
