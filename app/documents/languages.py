"""In which languages a document is written, by its letters: for a coordinator who seats a panel that can read it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

WORTH_NAMING = 0.1  # share of a document's letters: below it a language is a heading or a quotation
_SHORTEST = 8  # letters: a shorter line, such as a name or a unit, tells no language
_LETTER = re.compile(r"[^\W\d_]")
_SIGNS = (  # the first whose letters make up enough of a line; Korean borrows Latin words, Japanese borrows Chinese signs
    ("ko", re.compile("[가-힣ㄱ-ㆎ]"), 0.1),
    ("ja", re.compile("[\u3040-\u30ff]"), 0.1),
    ("zh", re.compile("[\u4e00-\u9fff]"), 0.3),
    ("ru", re.compile("[\u0400-\u04ff]"), 0.3),
)


def of(texts: Iterable[str]) -> list[str]:
    """The languages of a document, the one it says most in first; "en" stands for any that writes Latin letters.

    >>> of(["연기 속에서 사람을 찾는 drone", "A rescue drone finds people in smoke"]), of(["120 m"])
    (['en', 'ko'], [])
    """
    letters: Counter[str] = Counter()
    for text in texts:
        for line in text.split("\n"):
            n = len(_LETTER.findall(line))
            if n >= _SHORTEST:
                letters[_language(line, n)] += n
    total = sum(letters.values())
    return [code for code, n in letters.most_common() if n >= WORTH_NAMING * total]


def _language(line: str, n: int) -> str:
    return next((code for code, sign, share in _SIGNS if len(sign.findall(line)) >= share * n), "en")
