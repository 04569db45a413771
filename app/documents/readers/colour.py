"""Whether somebody can see text: as pale as what it stands on, of its very colour, or too small to be read, it is hidden."""

from __future__ import annotations

WHITE_FROM = 0xF0  # the palest channel of text that nobody reads on paper
PALE_FROM = 0xE6  # a ground on which such text does not show
NEAR = 0x10  # channels of text and ground that differ by less are of one colour to the eye
TINY_POINTS = 2.0
PAPER = "FFFFFF"
UNKNOWN = ""  # a ground nobody works out here, such as a picture: text on it counts as seen


def unseen(colour: str, ground: str) -> bool:
    """Whether text of this colour does not show on this ground; a colour that is not told, such as auto, shows.

    >>> unseen("FEFEFE", PAPER), unseen("#FFFFFF", "1F4E79"), unseen("1F4E79", "1f4e80"), unseen("auto", PAPER)
    (True, False, True, False)
    """
    ink, paper = channels(colour), channels(ground)
    if ink is None or paper is None:
        return False
    pale = min(ink) >= WHITE_FROM and min(paper) >= PALE_FROM
    return pale or max(abs(a - b) for a, b in zip(ink, paper, strict=True)) < NEAR


def channels(colour: str) -> tuple[int, int, int] | None:
    """Red, green and blue of `RRGGBB`; None for anything else, such as a name.

    >>> channels("#1F4E79"), channels("auto")
    ((31, 78, 121), None)
    """
    bare = colour.lstrip("#")
    try:
        red, green, blue = (int(bare[at : at + 2], 16) for at in (0, 2, 4)) if len(bare) == 6 else ()
    except ValueError:
        return None
    return red, green, blue
