"""Who is who: people are told apart by identifier, else by name and organisation, never by a name alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reviewers.organisations import organisation_key
from reviewers.records import Listed

_ORCID = re.compile(r"(?:https?://)?(?:www\.)?(?:orcid\.org/|orcid:\s*)?(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dXx])", re.IGNORECASE)
_RESEARCHER = re.compile(r"(?:researcher|nri|국가연구자번호)\s*:?\s*(\d{8})", re.IGNORECASE)
_MAIL = re.compile(r"(?:mailto:|mail:)?\s*([^@\s,;<>]{1,64}@[^@\s,;<>]+\.[^@\s,;<>]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Known:
    """Somebody who can be told apart: every form of the name, where they work, and identifiers."""

    id: str
    names: tuple[str, ...]
    organisation: str
    identifiers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Found:
    """`state`: same (these ids are the person), open (equal name: people must look), nobody (nobody of that name),
    not_computable (no organisation is given, so that even somebody under another spelling could be the person)."""

    person: Listed
    state: str
    ids: tuple[str, ...] = ()


class Register:
    """People indexed once by identifier and name; `aliases` maps further names of organisations to the one in use."""

    def __init__(self, people: Iterable[Known], aliases: Mapping[str, str]) -> None:
        self._keys = {organisation_key(other): organisation_key(name) for other, name in aliases.items()}
        self._by_name: dict[str, list[Known]] = {}
        self._by_identifier: dict[str, list[Known]] = {}
        for known in people:
            for key in sorted({key for name in known.names for key in name_keys(name)}):
                self._by_name.setdefault(key, []).append(known)
            for own in sorted(known.identifiers):
                self._by_identifier.setdefault(own, []).append(known)

    def find(self, person: Listed) -> Found:
        """An equal identifier decides; another of the same kind tells namesakes apart; then name and organisation do."""
        by_identifier = [known for own in sorted(person.identifiers) for known in self._by_identifier.get(own, ())]
        if by_identifier:
            return Found(person, "same", _ids(by_identifier))
        equal = [
            known
            for key in sorted(name_keys(person.name))
            for known in self._by_name.get(key, ())
            if not differ(person.identifiers, known.identifiers)
        ]
        here = self._place(person.organisation)
        sure = [known for known in equal if here and self._place(known.organisation) == here]
        told = bool(here or person.identifiers)
        state = "same" if sure else "open" if equal else "nobody" if told else "not_computable"
        return Found(person, state, _ids(sure or equal))

    def _place(self, organisation: str) -> str:
        own = organisation_key(organisation)
        return self._keys.get(own, own)


def identifier(text: str) -> str:
    """An ORCID, national researcher number or mail address in one spelling; "" for any other text.

    >>> identifier("https://orcid.org/0000-0002-1825-0097"), identifier("researcher: 10012345"), identifier("Kim@Example.ORG ")
    ('orcid:0000-0002-1825-0097', 'researcher:10012345', 'mail:kim@example.org')
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if (found := _ORCID.fullmatch(plain)) and orcid_holds("".join(found.groups())):
        return "orcid:" + "-".join(found.groups()).upper()
    if found := _RESEARCHER.fullmatch(plain):
        return f"researcher:{found[1]}"
    if found := _MAIL.fullmatch(plain):
        return f"mail:{found[1].casefold()}"
    return ""


def orcid_holds(number: str) -> bool:
    """Whether the last sign of an ORCID (16 signs without hyphens) is the check digit of the others (ISO 7064, 11-2)."""
    total = 0
    for digit in number[:15]:
        total = (total + int(digit)) * 2 % 11
    return number[15].upper() == "0123456789X"[(12 - total) % 11]


def name_keys(name: str) -> frozenset[str]:
    """A name without blanks, points, hyphens and case, the family name first or last.

    >>> name_keys("Kim Yeon-gu") & name_keys("Yeon Gu KIM") != frozenset()
    True
    """
    plain = unicodedata.normalize("NFKC", name).casefold().split()
    words = list(filter(None, ("".join(letter for letter in word if letter.isalnum()) for word in plain)))
    turned = ([words[-1], *words[:-1]], [*words[1:], words[0]]) if len(words) > 1 and words[0].isascii() else ()
    return frozenset("".join(each) for each in (words, *turned)) - {""}


def differ(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two people have numbers of one kind and no equal one: then an equal name is a namesake's. Mail addresses change."""
    kinds = {text.split(":")[0] for text in one} & {text.split(":")[0] for text in other} - {"mail"}
    return bool(kinds) and not one & other


def _ids(people: Iterable[Known]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(known.id for known in people))
