"""What one character is, wherever a limit is counted: static/js/characters.js counts by the same rule, and a browser test compares.

A text is taken in Unicode's composed form (NFC), with one newline for every kind of line end, without control characters, and
without blanks at its ends; each code point is one character. So 한 typed in one piece or as three jamo counts once, and an emoji
made of several code points counts as each of them.
"""

from __future__ import annotations

import re
import unicodedata

_LINE_END = re.compile("\r\n?|[\u2028\u2029\u0085]")
_CONTROL = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f]")
BLANK = " \t\n\u00a0\u3000"


def clean(text: str) -> str:
    """The text as it is stored and counted."""
    return _CONTROL.sub("", _LINE_END.sub("\n", unicodedata.normalize("NFC", text))).strip(BLANK)


def count(text: str) -> int:
    """How many characters a limit counts.

    >>> count("한\u1112\u1161\u11ab\\r\\n👍🏽 ")
    5
    """
    return len(clean(text))
