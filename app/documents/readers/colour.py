"""Whether somebody can see a colour: text as pale as what it stands on is hidden."""

from __future__ import annotations

WHITE_FROM = 0xF0  # the palest channel of text that nobody reads on paper
PALE_FROM = 0xE6  # a ground on which such text does not show
TINY_POINTS = 2.0


def white(colour: str) -> bool:
    """
    >>> white("FFFFFF"), white("#fefefe"), white("FFFFCC"), white("auto")
    (True, True, False, False)
    """
    return _least(colour) >= WHITE_FROM


def dark(colour: str) -> bool:
    """A ground on which white text shows; no colour is no ground of its own.

    >>> dark("1F4E79"), dark("F2F2F2"), dark("none")
    (True, False, False)
    """
    return 0 <= _least(colour) < PALE_FROM


def _least(colour: str) -> int:
    bare = colour.lstrip("#")
    try:
        return min(int(bare[at : at + 2], 16) for at in (0, 2, 4)) if len(bare) == 6 else -1
    except ValueError:
        return -1
