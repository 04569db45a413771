"""One key for an organisation whatever form of its name is used: legal forms, punctuation, case and campus fall away."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Legal forms as whole words, after punctuation is gone ("Co., Ltd." has become "co ltd").
_FORMS = frozenset(
    [
        "inc",
        "incorporated",
        "llc",
        "llp",
        "lp",
        "ltd",
        "limited",
        "co",
        "company",
        "corp",
        "corporation",
        "plc",
        "gmbh",
        "ag",
        "sa",
        "sarl",
        "bv",
        "nv",
        "ab",
        "oy",
        "as",
        "kk",
        "pte",
        "pty",
        "pvt",
        "the",
    ]
)
_KOREAN_FORMS = re.compile(
    r"\(\s*(?:주|유|재|사|학)\s*\)|㈜|㈔|㈕|주식\s*회사|유한\s*(?:책임)?\s*회사|재단\s*법인|사단\s*법인|학교\s*법인"
)
# A university's industry-academy foundation is that university, and so is each of its campuses.
_FOUNDATION = re.compile(r"(?<=대학교)\s*산학\s*협력\s*단.*$|(?<=대학교)\s*\S*\s*캠퍼스.*$")
_CAMPUS = re.compile(r"\b(?:industry academic? (?:cooperation|collaboration) (?:foundation|group)|\w+ campus)\b")


@lru_cache(maxsize=50_000)
def organisation_key(name: str) -> str:
    """The name reduced to what tells organisations apart.

    Parameters
    ----------
    name : str
        As written on a dossier, a profile or a register.

    Returns
    -------
    str
        Lower case words with single spaces; Hangul names without any space. Empty for a name without letters or digits.

    Notes
    -----
    Equal keys mean the same organisation for the conflict check, so the rule errs on the side of barring. A
    registration number, where both sides have one, is better evidence and is compared first.

    Examples
    --------
    >>> organisation_key("21ct, Inc.") == organisation_key("21CT Inc") == "21ct"
    True
    >>> organisation_key("㈜한빛 센서") == organisation_key("주식회사 한빛센서") == organisation_key("한빛센서(주)")
    True
    >>> organisation_key("한강대학교 산학협력단") == organisation_key("한강대학교 안산캠퍼스") == "한강대학교"
    True
    """
    text = unicodedata.normalize("NFKC", _KOREAN_FORMS.sub(" ", name)).casefold()
    text = _FOUNDATION.sub("", text)
    text = re.sub(r"[’'`.]", "", text).replace("&", " and ")
    text = _CAMPUS.sub(" ", re.sub(r"[^\w]+|_", " ", text))
    words = [word for word in text.split() if word not in _FORMS] or text.split()
    joined = " ".join(words)
    return joined.replace(" ", "") if re.search(r"[가-힣]", joined) else joined
