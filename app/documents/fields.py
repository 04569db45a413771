"""The parts a form is made of: fields and sections as data, with the condition under which each is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Choice:
    key: str
    ko: str
    en: str


@dataclass(frozen=True)
class Hint:
    ko: str
    en: str


@dataclass(frozen=True)
class When:
    """Holds while the value at `place` is one of `among`; without `among`, while anything is entered there.

    `column`: the value is rows, and one row whose column is among them is enough. `fault`: holds while the identifier at the
    place breaks that rule. A place without a dot is a column of the same row.
    """

    place: str
    among: tuple[Any, ...] = ()
    column: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Field:
    """`kind`: text, long, whole, money, date, choice, flag, lines (one entry a line), words (by comma), rows (of `columns`).
    `limit` counts characters (entries for lines and words, rows for rows). `panel`: panellists see it. `rule`: an identifier.
    `when`: only then it is asked for and counts; of a column, only then it is required. `override`: the field whose reason
    turns a wrong check digit into a warning."""

    name: str
    ko: str
    en: str
    kind: str = "text"
    required: bool = False
    limit: int = 200
    hint: Hint | None = None
    choices: tuple[Choice, ...] = ()
    columns: tuple[Field, ...] = ()
    panel: bool = True
    rule: str = ""
    least: int = 0
    most: int | None = None
    when: When | None = None
    override: str = ""


@dataclass(frozen=True)
class Section:
    key: str
    ko: str
    en: str
    hint: Hint
    fields: tuple[Field, ...]


def choices(*rows: str) -> tuple[Choice, ...]:
    """`key | Korean | English`, one row a choice."""
    return tuple(Choice(*(part.strip() for part in row.split("|"))) for row in rows)
