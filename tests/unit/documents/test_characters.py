"""One definition of a character; tests/browser/test_wizard.py holds the page's script to the same table."""

from __future__ import annotations

import pytest

from app.documents import characters, dossier
from tests.dossiers import dossier_with

# text, how many characters: Korean, jamo that compose, emoji, line ends, blanks at the ends, what nobody sees
SAMPLES = [
    ("", 0),
    ("구조 드론", 5),
    ("\u1100\u116e\u110c\u1169", 2),  # 구조, typed as four jamo
    ("\u1112\u1161\u11ab글", 2),
    ("ㅋㅋㅋ", 3),  # compatibility jamo stay as they are
    ("e\u0301", 1),
    ("👍", 1),
    ("👍🏽", 2),
    ("👨‍👩‍👧", 5),
    ("a\r\nb\rc\nd", 7),
    ("  앞뒤 \u3000\n", 2),
    ("탭\t탭", 3),
    ("널\u0000문자", 3),
    ("각\u200b각", 3),  # a zero-width space is a character: it is stored and could hide text
]


@pytest.mark.parametrize(("text", "n"), SAMPLES)
def test_characters_are_counted_as_code_points_of_the_composed_text(text: str, n: int) -> None:
    assert characters.count(text) == n
    assert characters.clean(characters.clean(text)) == characters.clean(text)


@pytest.mark.parametrize(
    ("text", "fits"), [("각" * 1500, True), ("\u1100\u1161\u11a8" * 1500, True), ("각" * 1501, False), ("👍" * 1500, True)]
)
def test_a_limit_is_exact_whatever_the_text_is_made_of(text: str, fits: bool) -> None:
    found = [p for p in dossier.check(dossier_with(narrative__summary=text)) if p.code == "dossier.too_long"]
    assert [dict(p.data) for p in found] == ([] if fits else [{"most": 1500, "n": 1501, "over": 1}])


def test_what_is_stored_is_what_was_counted() -> None:
    stored = dossier.parse("narrative", lambda name: ["\u1100\u1161\r\n나 "] if name == "summary" else [])["summary"]
    assert (stored, len(stored)) == ("가\n나", 3)
