"""What a reader hands over: pages of lines in reading order, visible and hidden text kept apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_CHARS = 2_000_000
MOST_PAGES = 1_000
_BLANKS = re.compile(r"[^\S\n\t]+")
_UNSEEN: dict[int, str | None] = dict.fromkeys((*range(9), *range(14, 32), 0x7F, 0xAD, 0x200B, 0x200C, 0x2060, 0xFEFF))
_UNSEEN |= dict.fromkeys((0x0B, 0x0C, 0x0D, 0x2028, 0x2029), "\n")


WHY = ("vanished", "colour", "tiny", "beside", "covered", "unpainted", "comment", "row", "sheet", "slide")


@dataclass
class Page:
    """`drawn`: something is there that is no text, such as a picture. Blank is what shows neither; hidden text does not count.

    `why`: what hides its hidden text, codes of WHY in their order.
    """

    label: str = ""
    text: str = ""
    hidden: str = ""
    drawn: bool = False
    why: tuple[str, ...] = ()

    @property
    def blank(self) -> bool:
        return not (self.text or self.drawn)


@dataclass
class Document:
    """`unit`: what a page is (page, part, sheet, slide), empty for kinds without text. `found`: codes of verdict.py with data."""

    unit: str = ""
    pages: list[Page] = field(default_factory=list)
    found: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)


class Flow:
    """Takes a document as it comes, run by run. What goes over the limits is left out and the document says so."""

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self.pages = [Page()]
        self.cut = False
        self._chars = 0
        self._seen: list[str] = []
        self._unseen: list[str] = []
        self._why: set[str] = set()

    def say(self, text: str, why: str = "") -> None:
        """The next words; `why`: what hides them, a code of WHY, empty for what can be seen."""
        self._chars += len(text)
        if self._chars > MOST_CHARS or len(self.pages) > MOST_PAGES:
            self.cut = True
        else:
            (self._unseen if why else self._seen).append(text)
            if why and not text.isspace():
                self._why.add(why)

    def end_line(self) -> None:
        """End the line in both texts; a line nobody wrote on leaves no trace (`tidy`)."""
        for run in (self._seen, self._unseen):
            if run and run[-1] != "\n":
                run.append("\n")

    def draw(self) -> None:
        self.pages[-1].drawn = True

    @property
    def fresh(self) -> bool:
        """Nothing stands on this page yet."""
        return not (self._seen or self._unseen or self.pages[-1].drawn)

    def turn(self, label: str = "") -> None:
        """Begin the next page."""
        self._settle()
        if len(self.pages) >= MOST_PAGES:
            self.cut = True
        self.pages.append(Page(label=label[:80]))

    def done(self) -> Document:
        self._settle()
        pages = self.pages[:MOST_PAGES]
        return Document(self.unit, pages, [("cut", {"pages": len(pages)})] if self.cut else [])

    def _settle(self) -> None:
        page = self.pages[-1]
        page.text, page.hidden = tidy("".join(self._seen)), tidy("".join(self._unseen))
        page.why = tuple(code for code in WHY if code in self._why)
        self._seen, self._unseen, self._why = [], [], set()


def tidy(text: str) -> str:
    """In Unicode form NFC, without control characters, blanks made one, no empty lines.

    >>> tidy("가나  다\\r\\n\\n\\x02 라 ")
    '가나 다\\n라'
    """
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8")).translate(_UNSEEN)
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
