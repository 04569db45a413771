"""The 24 sub-fields: reference data with effective dates, read from fields.toml beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from reviewers.errors import DuplicateId, UnknownField

TABLE = Path(__file__).with_name("fields.toml")


@dataclass(frozen=True, slots=True)
class SubField:
    """One sub-field: labels, one paragraph of description in both languages, its NSTC groups and its life span.

    `valid_to` is the first day on which it no longer holds; None while it holds. `examples` are pairs of Korean and English.
    """

    code: str
    ko: str
    en: str
    description_ko: str
    description_en: str
    nstc: tuple[str, ...]
    valid_from: date
    valid_to: date | None = None
    examples: tuple[tuple[str, str], ...] = ()

    def described(self, language: str) -> str:
        """The paragraph in one language."""
        return self.description_ko if language == "ko" else self.description_en

    def examples_in(self, language: str) -> tuple[str, ...]:
        """The examples in one language."""
        return tuple(_of(pair, language) for pair in self.examples)

    def holds_on(self, day: date) -> bool:
        """Whether calls closing on `day` use this sub-field."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def read_fields(path: Path) -> Mapping[str, SubField]:
    """Every sub-field of a TOML table by code, in the order of the file.

    Raises DuplicateId for a code that appears twice, KeyError or TypeError for a row that lacks a column.
    """
    table: dict[str, SubField] = {}
    for row in tomllib.loads(path.read_text(encoding="utf-8"))["field"]:
        examples = tuple((ko, en) for ko, en in row.get("examples", ()))
        entry = SubField(**{**row, "nstc": tuple(row["nstc"]), "examples": examples})
        if entry.code in table:
            raise DuplicateId(kind="field", id=entry.code)
        table[entry.code] = entry
    return table


@cache
def all_fields() -> Mapping[str, SubField]:
    """Every sub-field that ever held, by code.

    >>> all_fields()["F07"].en
    'Semiconductors & displays'
    """
    return read_fields(TABLE)


@cache
def public_users(language: str) -> tuple[str, ...]:
    """Sentences that say who uses a product and nothing about what it is.

    >>> public_users("en")[0]
    'Used by fire stations and rescue centres'
    """
    return tuple(_of(pair, language) for pair in tomllib.loads(TABLE.read_text(encoding="utf-8"))["public_users"])


def fields_on(day: date) -> tuple[SubField, ...]:
    """The sub-fields in force on a day, in order.

    >>> len(fields_on(date(2026, 3, 1)))
    24
    """
    return tuple(entry for entry in all_fields().values() if entry.holds_on(day))


def field_of(code: str) -> SubField:
    """The sub-field of a code; raises UnknownField.

    >>> field_of("F24").ko
    '농림수산·식품'
    """
    try:
        return all_fields()[code]
    except KeyError:
        raise UnknownField(field=code) from None


def _of(pair: Sequence[str], language: str) -> str:
    korean, english = pair
    return korean if language == "ko" else english
