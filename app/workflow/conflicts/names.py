"""A pasted list of people: one a line, with name, organisation and what tells them from namesakes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.errors import Invalid
from reviewers.identity import identifier

LINES_MOST, LINE_MOST = 500, 500


@dataclass(frozen=True)
class Asked:
    """One line of the list, counted from 1."""

    line: int
    name: str
    organisation: str = ""
    identifiers: frozenset[str] = frozenset()


def read(text: str) -> list[Asked]:
    """Every line that holds something. The name stands first; an ORCID, researcher number or mail may stand anywhere after it.

    >>> read("Kim Yeon-gu, Acme, Inc., kim@example.org")[0].organisation
    'Acme, Inc.'
    """
    lines = [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise Invalid("conflict_check.empty", problems={"names": "conflict_check.empty"})
    if len(lines) > LINES_MOST:
        raise Invalid("conflict_check.too_many", problems={"names": "conflict_check.too_many"}, most=LINES_MOST, found=len(lines))
    return [_read(n, line[:LINE_MOST]) for n, line in lines]


def _read(line: int, text: str) -> Asked:
    sign = next((each for each in ("\t", ";", "|") if each in text), ",")
    name, *rest = (part.strip() for part in text.split(sign))
    found = [identifier(part) for part in rest]
    further = f"{sign if sign == ',' else ''} ".join(part for part, own in zip(rest, found, strict=True) if part and not own)
    return Asked(line, re.sub(r"\s+", " ", name), further, frozenset(found) - {""})
