"""Which words stand for an expert or a dossier, in which language they are, and the name a text has in a cache."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from reviewers.records import Dossier, Work

KOREAN_FROM = 0.1  # share of Hangul among letters: technical Korean borrows many Latin words, English borrows no Hangul
LEAST_LETTERS = 60  # a syllable of Hangul counts as two: a title alone says too little, one with a sentence is enough
_HANGUL = re.compile("[가-힣ㄱ-ㆎ]")


def normalise(text: str) -> str:
    """The text in Unicode form NFC with every run of white space made one blank.

    >>> normalise("  Solid\\n state ")
    'Solid state'
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def joined(title: str, body: str) -> str:
    """Title and body as one text for an encoder.

    >>> joined("Solid electrolytes", "Sulphides conduct.")
    'Solid electrolytes. Sulphides conduct.'
    >>> joined("Is it safe?", "")
    'Is it safe?'
    """
    title, body = normalise(title), normalise(body)
    if not title or not body:
        return title or body
    return f"{title} {body}" if title[-1] in ".?!。" else f"{title}. {body}"


def work_text(work: Work) -> str:
    """The words of one work: its title and abstract. Empty when it has neither."""
    return joined(work.title, work.abstract)


def dossier_texts(dossier: Dossier) -> tuple[str, ...]:
    """The texts of a dossier: title with summary first, then each of its passages; empty ones are left out."""
    texts = (joined(dossier.title, dossier.summary), *(normalise(passage) for passage in dossier.passages))
    return tuple(text for text in texts if text)


def hangul_share(text: str) -> float:
    """Share of Hangul among the letters of a text, 0 to 1; 0 for a text without letters.

    >>> hangul_share("AI 반도체")
    0.6
    """
    if text.isascii():
        return 0.0
    composed = unicodedata.normalize("NFC", text)
    return len(_HANGUL.findall(composed)) / max(sum(map(str.isalpha, composed)), 1)


def language_of(text: str) -> str:
    """ "ko" for a text with Hangul in it worth speaking of, otherwise "en".

    >>> language_of("LLM 기반 문서 요약"), language_of("Summaries by a language model")
    ('ko', 'en')
    """
    return "ko" if hangul_share(text) >= KOREAN_FROM else "en"


def text_digest(text: str) -> str:
    """SHA-256 of the normalised text as 64 hexadecimal digits: the name of its vector in a cache.

    >>> text_digest("a  b") == text_digest("a b")
    True
    """
    return digest_of_normal(normalise(text))


def digest_of_normal(text: str) -> str:
    """The same name for a text that is normalised already, as those of works and dossiers are."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def enough(texts: Iterable[str]) -> bool:
    """Whether texts hold enough letters to say anything about their sub-field.

    >>> enough(["AI-300X"]), enough(["계단을 오르내리며 물건을 나르는 배송 로봇. 골목과 승강기에서도 스스로 길을 찾는다."])
    (False, True)
    """
    letters = [letter for text in texts for letter in text if letter.isalpha()]
    return sum(2 if letter >= "가" else 1 for letter in letters) >= LEAST_LETTERS
