"""Finding Korean words as people type them: spaces do not matter, and initial consonants alone are enough (ㄱㅈㄷㄹ)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_FIRST, _LAST = ord("가"), ord("힣")


def folded(text: str) -> str:
    """One spelling for every way of typing: composed, without case, spaces and hyphens.

    >>> folded("구조 드론-X")
    '구조드론x'
    """
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if not c.isspace() and c not in "-·")


def initials(text: str) -> str:
    """The initial consonant of each syllable; other characters stay.

    >>> initials("구조 드론")
    'ㄱㅈㄷㄹ'
    """
    return "".join(_INITIALS[(ord(c) - _FIRST) // 588] if _FIRST <= ord(c) <= _LAST else c for c in folded(text))


def finds(asked: str, texts: Iterable[str]) -> bool:
    """Whether one of the texts holds what was asked for.

    >>> finds("ㄱㅈㄷㄹ", ["구조 드론"]), finds("rescueDRONE", ["Rescue drone 2"]), finds("센서", ["구조 드론"])
    (True, True, False)
    """
    # NFKC turns a lone consonant into its conjoining form, so initials are looked for as they were typed.
    raw = "".join(asked.split())
    if raw and all(c in _INITIALS for c in raw):
        return any(raw in initials(text) for text in texts)
    wanted = folded(asked)
    return any(wanted in folded(text) for text in texts)
