"""Words that fit into a sentence: Korean particles and English capitals, chosen by `str.format`.

>>> "{m:을} 적용".format(m=Ko("전이학습")), "{m:을} 적용".format(m=Ko("음성 분리"))
('전이학습을 적용', '음성 분리를 적용')
>>> "{m:c} for {s}".format(m=En("kernel methods"), s=En("odour"))
'Kernel methods for odour'
"""

from __future__ import annotations

from dataclasses import dataclass

# particle as written in the phrases -> (after a final consonant, after a vowel)
PARTICLES = {
    "을": ("을", "를"),
    "이": ("이", "가"),
    "은": ("은", "는"),
    "과": ("과", "와"),
    "으로": ("으로", "로"),
    "이라": ("이라", "라"),
}
_CLOSED_LETTERS = "LMNR"  # read 엘, 엠, 엔, 아르 or 알: end in a consonant
_CLOSED_DIGITS = "013678"  # 영, 일, 삼, 육, 칠, 팔
_RIEUL = 8  # ㄹ: takes 로, not 으로


def final_consonant(word: str) -> int:
    """The final consonant of a word as it is read: 0 for none, 8 for ㄹ, another number for any other."""
    last = next((c for c in reversed(word) if c.isalnum()), "")
    if "가" <= last <= "힣":
        return (ord(last) - ord("가")) % 28
    if last.upper() in "LR" or last in "178":
        return _RIEUL if last else 0
    return 1 if last and (last.upper() in _CLOSED_LETTERS or last in _CLOSED_DIGITS) else 0


def with_particle(word: str, particle: str) -> str:
    """The word with the form of the particle that its last sound asks for."""
    closed, open_ = PARTICLES[particle]
    final = final_consonant(word)
    return word + (open_ if final == 0 or (particle == "으로" and final == _RIEUL) else closed)


class Ko(str):
    """A Korean phrase: `{x:을}` adds the particle."""

    def __format__(self, spec: str) -> str:
        return with_particle(str(self), spec) if spec else str(self)


class En(str):
    """An English phrase: `{x:c}` opens a sentence with it."""

    def __format__(self, spec: str) -> str:
        return self[:1].upper() + self[1:] if spec == "c" else str(self)


@dataclass(frozen=True)
class Pair:
    """The same in both languages."""

    ko: Ko
    en: En

    @classmethod
    def read(cls, text: str) -> Pair:
        """Read the notation of the vocabulary, `한국어 | English`."""
        ko, en = text.split(" | ")
        return cls(Ko(ko.strip()), En(en.strip()))

    def of(self, language: str) -> Ko | En:
        return self.ko if language == "ko" else self.en
