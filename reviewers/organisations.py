"""When two names are one organisation: legal forms, campuses, punctuation, a university's foundation do not count."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Legal forms and articles as words, after punctuation is gone and dotted letters are joined.
_FORMS = frozenset(
    re.findall(
        r"\w+",
        "the inc incorporated llc lc corp corporation co company ltd limited gmbh mbh plc ag sa sas sarl srl spa bv nv "
        "lp llp pllc pc kg oy ab aps pte pty pvt kk",
    )
)
_KOREAN_FORMS = re.compile(
    r"\(\s*(?:주|유|재|사|학|합|자)\s*\)|(?:주식|유한책임|유한|합자|합명)\s*회사|(?:재단|사단|학교|의료|농업회사)\s*법인"
)
_FOUNDATION = re.compile(
    r"산학\s*협력\s*(?:단|재단)|산학협력선도대학사업단"
    r"|\bindustry[\s-]+(?:academ\w+|university)[\s-]+(?:cooperation|collaboration)[\s-]+(?:foundation|group)"
    r"|\b(?:research\s*(?:&|and)\s*business|r\s*&\s*db)(?:\s+development)?\s+foundation",
    re.IGNORECASE,
)
_CAMPUS = re.compile(r"[\s(,-]*[가-힣A-Za-z0-9]+\s*캠퍼스\)?|[\s(,-]+(?:at\s+)?[A-Za-z]+\s+campus\b\)?", re.IGNORECASE)
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_NOT_WORD = re.compile(r"[^0-9a-z가-힣ㄱ-ㆎ\u00c0-\u024f]+")


@lru_cache(maxsize=50_000)
def organisation_key(name: str) -> str:
    """One key for all spellings of a name; "" for a name without letters or digits.

    Left out: legal forms, punctuation, case, blanks, a campus, and the foundation through which a university signs.
    A translation is another name: give it as an alias (`conflicts.find`).

    >>> organisation_key("㈜가나다 소프트") == organisation_key("가나다소프트 주식회사")
    True
    >>> organisation_key("Acme Robotics, Inc.") == organisation_key("ACME ROBOTICS L.L.C.")
    True
    >>> organisation_key("한빛대학교 산학협력단") == organisation_key("한빛대학교 (서울캠퍼스)")
    True
    """
    text = unicodedata.normalize("NFKC", name)
    text = _FOUNDATION.sub(" ", _KOREAN_FORMS.sub(" ", text))
    text = _CAMPUS.sub(" ", text) if _CAMPUS.sub("", text).strip() else text
    text = _DOTTED.sub(lambda letters: letters.group().replace(".", ""), text)
    words = _words(text)
    kept = [word for word in words if word not in _FORMS]
    return "".join(kept or words) or "".join(_words(unicodedata.normalize("NFKC", name)))


def is_foundation(name: str) -> bool:
    """Whether a name is a university's foundation for cooperation, which has a registration number of its own.

    >>> is_foundation("한빛대학교 산학협력단"), is_foundation("한빛대학교")
    (True, False)
    """
    return bool(_FOUNDATION.search(unicodedata.normalize("NFKC", name)))


def _words(text: str) -> list[str]:
    text = text.casefold().replace("&", " and ").replace("'", "").replace("\u2019", "")
    return _NOT_WORD.sub(" ", text).split()
