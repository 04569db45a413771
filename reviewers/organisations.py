"""When two names are one organisation: legal forms, campuses, punctuation, a university's foundation do not count."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

TABLE = Path(__file__).with_name("institutions.toml")

# Legal forms as words, after punctuation is gone and dotted letters are joined. A name may begin with the letters of one
# ("PC Photonics"), and short ones are somebody's initials unless they end it.
_FORMS = frozenset("inc incorporated llc corp corporation co company ltd limited gmbh mbh pllc pte pty pvt".split())
_LAST_FORMS = _FORMS | frozenset("lc plc ag sa sas sarl srl spa bv nv lp llp pc kg oy ab aps kk".split())
# One spelling for words that are written short; none of them tells one organisation from another.
_SHORT = {
    "univ": "university",
    "inst": "institute",
    "intl": "international",
    "natl": "national",
    "centre": "center",
    "lab": "laboratory",
    "labs": "laboratories",
}
_KOREAN_FORMS = re.compile(
    r"\(?\s*(?<![가-힣])(?:주|유|재|사|학|합|자)\s*\)"
    r"|(?:주식|유한책임|유한|합자|합명)\s*회사|(?:재단|사단|학교|의료|농업회사|영농조합)\s*법인"
)
_FOUNDATION = re.compile(
    r"산학\s*협력\s*(?:단|재단)|산학협력선도대학사업단"
    r"|\bindustry[\s-]+(?:academ\w+|university)[\s-]+(?:cooperation|collaboration)[\s-]+(?:foundation|group)"
    r"|\b(?:research\s*(?:&|and)\s*business|r\s*&\s*db)(?:\s+development)?\s+foundation",
    re.IGNORECASE,
)
_CAMPUS = re.compile(r"[\s(,-]*[가-힣A-Za-z0-9]+\s*캠퍼스\)?|[\s(,-]+(?:at\s+)?[A-Za-z]+\s+campus\b\)?", re.IGNORECASE)
_UNIT = re.compile(
    r"(?<=[가-힣A-Z])\s+([가-힣A-Za-z0-9·]+(?:대학|대학원|학부|학과|전공|교실|연구실))\s*$"
    r"|^\s*((?:department|dept\.?|school|college|faculty|division)\s+of\s+[^,]+),\s*",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"[(\[]([^()\[\]]+)[)\]]")
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.\s?){2,}|\b(?:[A-Za-z]\.)+[A-Za-z]\b")
_NOT_WORD = re.compile(r"[\W_]+")


@lru_cache(maxsize=50_000)
def organisation_key(name: str) -> str:
    """One key for all spellings of a name; "" for a name without letters or digits.

    Left out: legal forms, punctuation, case, blanks, a campus, a translation in brackets, and the foundation through which a
    university signs. Institutions of institutions.toml have one key under all their names. Any other translation is another
    name: give it as an alias (`conflicts.find`).

    >>> organisation_key("㈜가나다 소프트") == organisation_key("가나다소프트 주식회사")
    True
    >>> organisation_key("Acme Robotics, Inc.") == organisation_key("ACME ROBOTICS L.L.C.")
    True
    >>> organisation_key("한빛대학교 산학협력단") == organisation_key("한빛대학교 (서울캠퍼스)")
    True
    >>> organisation_key("KAIST") == organisation_key("한국과학기술원(KAIST)")
    True
    """
    key = "".join(words_of(name))
    return institutions().get(key, key)


@lru_cache(maxsize=50_000)
def words_of(name: str) -> tuple[str, ...]:
    """What of a name tells organisations apart, as words: all of it where nothing else is left."""
    text = _without_translation(unicodedata.normalize("NFKC", name))
    text = _UNIT.sub(" ", text) if _UNIT.sub("", text).strip() else text
    text = _FOUNDATION.sub(" ", _KOREAN_FORMS.sub(" ", text))
    text = _CAMPUS.sub(" ", text) if _CAMPUS.sub("", text).strip() else text
    words = _words(text)
    return tuple(_without_forms(words) or words or _words(unicodedata.normalize("NFKC", name)))


def unit_of(name: str) -> str:
    """The department that is written into the name of an organisation; "" where none is.

    >>> unit_of("한빛대학교 전자공학과"), unit_of("Department of Physics, Hanbit University"), unit_of("한빛대학교")
    ('전자공학과', 'Department of Physics', '')
    """
    found = _UNIT.search(unicodedata.normalize("NFKC", name))
    return (found[1] or found[2]).strip() if found else ""


def translation(name: str) -> str:
    """What stands in brackets after a name in the other script; "" where nothing does.

    >>> translation("한빛대학교 (Hanbit University)"), translation("Acme (Korea)")
    ('Hanbit University', '')
    """
    text = _KOREAN_FORMS.sub(" ", unicodedata.normalize("NFKC", name))
    for found in _BRACKET.finditer(text):
        outside = text[: found.start()] + text[found.end() :]
        if _NOT_WORD.sub("", outside) and _is_korean(found[1]) != _is_korean(outside):
            return found[1].strip()
    return ""


def is_foundation(name: str) -> bool:
    """Whether a name is a university's foundation for cooperation, which has a registration number of its own.

    >>> is_foundation("한빛대학교 산학협력단"), is_foundation("한빛대학교")
    (True, False)
    """
    return bool(_FOUNDATION.search(unicodedata.normalize("NFKC", name)))


def campus_of(name: str) -> str:
    """The campus that is written into a name; "" where none is.

    >>> campus_of("한빛대학교 (서울캠퍼스)"), campus_of("한빛대학교")
    ('서울캠퍼스', '')
    """
    found = _CAMPUS.search(unicodedata.normalize("NFKC", name))
    return _NOT_WORD.sub("", found.group().casefold()) if found else ""


def digits_of(number: str | None) -> str:
    """A registration number without hyphens and blanks."""
    return "".join(letter for letter in number or "" if letter.isalnum()).casefold()


@cache
def institutions() -> Mapping[str, str]:
    """The key of every name in the table → the key of the name that stands first."""
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))["names"]
    return {"".join(words_of(name)): "".join(words_of(names[0])) for names in rows for name in names}


def _without_forms(words: list[str]) -> list[str]:
    words = words[1:] if words[:1] == ["the"] else words
    while words and words[-1] in _LAST_FORMS:
        words = words[:-1]
    return words[:1] + [word for word in words[1:] if word not in _FORMS]


def _without_translation(text: str) -> str:
    inside = translation(text)
    return re.sub(r"[(\[]\s*" + re.escape(inside) + r"\s*[)\]]", " ", text) if inside else text


def _is_korean(text: str) -> bool:
    return bool(re.search("[가-힣]", text))


def _words(text: str) -> list[str]:
    text = _DOTTED.sub(lambda letters: re.sub(r"[.\s]", "", letters.group()) + " ", text)
    text = text.casefold().replace("&", " and ").replace("'", "").replace("\u2019", "")
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not "\u0300" <= c <= "\u036f")
    return [_SHORT.get(word, word) for word in _NOT_WORD.sub(" ", unicodedata.normalize("NFC", plain)).split()]
