"""Where a sentence of a page ends: what a panellist quotes with one key, and where a passage may be cut.

A line of a PDF ends where the paper does; a sentence goes on over it. It ends at a sign that ends sentences, at a Korean ending
without one that closes its line (…함, …임, …다), and at a line that stands alone: a heading, a cell, an item of a list.
"""

from __future__ import annotations

import re

_ENDS = re.compile(r"(?<=[.!?。！？…])[\"'”’)\]」』]*(?=\s)|(?<=[。！？])")
_SHORT = re.compile(
    r"(?:\b(?:e\.g|i\.e|et al|cf|vs|nos?|figs?|tab|eq|vol|pp?|dr|mrs?|ms|prof|inc|ltd|co|st|approx)"
    r"|\b[A-Z]|^\W*\d{1,3}|^\W*[가-하])\.$",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^(?:[-–—•·▪■□○●◦※◇◆▶*]|[①-⑳㉠-㉭ⓐ-ⓩ]|\(?(?:\d{1,3}|[가-하]|[a-z])[.)](?=\s|$)|제\s?\d+\s?[조항장절])")
_KOREAN_END = re.compile(r"(?:(?<!보)다|함|임|음|됨|움|것|요|까)$")
_FULL_LINE = 0.6  # of the longest line around: a shorter one ended before the paper did


def split(text: str) -> list[str]:
    """The sentences of a page in their order, each on one line; together they are the page's words.

    >>> split("연기 속에서 사람을 열화상으로\\n찾는 드론이다. 오차는 0.3 도다.\\n• 무게 1.2 kg\\n• 길이 30 cm")
    ['연기 속에서 사람을 열화상으로 찾는 드론이다.', '오차는 0.3 도다.', '• 무게 1.2 kg', '• 길이 30 cm']
    >>> split("As in Fig. 3 it works. See below.")
    ['As in Fig. 3 it works.', 'See below.']
    """
    return [sentence for paragraph in paragraphs(text) for sentence in paragraph]


def paragraphs(text: str) -> list[list[str]]:
    """The sentences of a page by the paragraph, line or cell they stand in."""
    return [_in_block(block) for block in _blocks(text)]


def _blocks(text: str) -> list[str]:
    """Lines joined where a sentence runs on from one to the next."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    widest = max(map(len, lines), default=0)
    blocks: list[str] = []
    goes_on = False
    for line in lines:
        if goes_on and not _ITEM.match(line):
            blocks[-1] = f"{blocks[-1]} {line}"
        else:
            blocks.append(line)
        goes_on = "\t" not in line and len(line) >= _FULL_LINE * widest and not _closes(line)
    return blocks


def _closes(line: str) -> bool:
    return line[-1] in ".!?。！？:" or bool(_KOREAN_END.search(line))


def _in_block(block: str) -> list[str]:
    out: list[str] = []
    begin = 0
    for found in _ENDS.finditer(block):
        piece = block[begin : found.end()].strip()
        if piece and not _SHORT.search(piece):
            out.append(piece)
            begin = found.end()
    rest = block[begin:].strip()
    return [*out, rest] if rest else out
