"""Names that a call keeps from its panellists: found in any text and covered, so that they are in no page a panellist gets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

COVER = "○○○"
SHORTEST = 2  # letters; a single one is no name
_FORM = re.compile(
    r"\(주\)|㈜|주식회사|유한회사|\(유\)|(?:,?\s*(?:Co\.,?\s*Ltd|Ltd|Inc|Corp|LLC|GmbH)\.?)$", re.IGNORECASE
)  # what says of a name only which kind of company it is
_HANGUL = re.compile("[가-힣]")


class Veil:
    """Covers some names; without names it covers nothing, and the call is not blind."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        bare = {part for name in names for part in (name.strip(), _FORM.sub("", name).strip()) if len(part) >= SHORTEST}
        self.names = tuple(sorted(bare, key=lambda name: (-len(name), name)))
        self._pattern = re.compile("|".join(map(_loose, self.names)), re.IGNORECASE) if self.names else None

    def __bool__(self) -> bool:
        return bool(self.names)

    def over(self, text: str) -> str:
        """
        >>> Veil(["주식회사 가상로봇", "Lee"]).over("㈜가상로봇의 Lee, Leeds에서 가상 로봇을")
        '㈜○○○의 ○○○, Leeds에서 ○○○을'
        """
        return self._pattern.sub(COVER, text) if self._pattern else text

    def over_all(self, value: Any) -> Any:
        """Every text within a value of the form: of lists and rows too."""
        if isinstance(value, str):
            return self.over(value)
        if isinstance(value, dict):
            return {key: self.over_all(part) for key, part in value.items()}
        return [self.over_all(part) for part in value] if isinstance(value, list | tuple) else value

    def tells(self, text: str) -> bool:
        """Whether one of the names stands in it."""
        return bool(self._pattern and self._pattern.search(text))


def _loose(name: str) -> str:
    """A name with whatever blanks, also broken over lines. Korean takes its particles on without one; other words end there."""
    if _HANGUL.search(name):
        return r"(?<![가-힣])" + r"\s*".join(map(re.escape, "".join(name.split())))
    return r"\b" + r"\s+".join(map(re.escape, name.split())) + r"\b"
