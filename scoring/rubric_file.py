"""Reading a rubric's TOML so that every fault is named by its place: ``criteria[C1].items[C1.2].points``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from scoring.errors import RubricInvalid


def parse(text: str, source: str) -> dict[str, object]:
    """The tables of a TOML text, decimals exact. Raises RubricInvalid with the line when it is no TOML."""
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise RubricInvalid(source=source, field="", reason=str(error)) from error


def merge_by_code(base: Mapping[str, object], own: Mapping[str, object]) -> dict[str, object]:
    """``own`` laid over ``base``: tables merge, lists of tables merge by their ``code``, all else is replaced.

    >>> merge_by_code({"items": [{"code": "a", "points": 10, "en": "A"}]}, {"items": [{"code": "a", "points": 6}]})
    {'items': [{'code': 'a', 'points': 6, 'en': 'A'}]}
    """
    merged = dict(base)
    for name, value in own.items():
        below = merged.get(name)
        if isinstance(below, dict) and isinstance(value, dict):
            merged[name] = merge_by_code(below, value)
        elif _coded(below) is not None and _coded(value) is not None:
            rows = dict(_coded(below) or {})
            for code, row in (_coded(value) or {}).items():
                rows[code] = merge_by_code(rows.get(code, {}), row)
            merged[name] = list(rows.values())
        else:
            merged[name] = value
    return merged


def _coded(value: object) -> dict[object, dict[str, object]] | None:
    """{code: table} when the value is a list of tables with distinct codes, else None."""
    if not isinstance(value, list) or not all(isinstance(row, dict) and "code" in row for row in value):
        return None
    rows = {row["code"]: row for row in value}
    return rows if len(rows) == len(value) else None


@dataclass(frozen=True)
class Node:
    """A table of the file with the way to it; each getter checks the kind and refuses with the full field name."""

    source: str
    path: str
    data: Mapping[str, object]

    def refuse(self, name: str, reason: str) -> NoReturn:
        raise RubricInvalid(source=self.source, field=self._field(name), reason=reason)

    def has(self, name: str) -> bool:
        return name in self.data

    def only(self, *names: str) -> None:
        """Refuse any other key: a misspelt name must not be passed over in silence."""
        for name in self.data:
            if name not in names:
                self.refuse(name, "is not known here")

    def text(self, name: str) -> str:
        value = self._value(name)
        if not isinstance(value, str) or not value.strip():
            self.refuse(name, "must be a text that is not empty")
        return value

    def whole(self, name: str, *, least: int, most: int | None = None) -> int:
        value = self._value(name)
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(name, "must be a whole number")
        if value < least or (most is not None and value > most):
            self.refuse(name, f"must be {least} to {most}" if most is not None else f"must be {least} or more")
        return value

    def number(self, name: str, *, least: int, most: int) -> Decimal:
        value = self._value(name)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.refuse(name, "must be a number")
        number = Decimal(value)
        if not number.is_finite() or not least <= number <= most:
            self.refuse(name, f"must be {least} to {most}")
        return number

    def whole_list(self, name: str) -> list[int]:
        value = self._value(name)
        if not isinstance(value, list):
            self.refuse(name, "must be a list of whole numbers")
        numbers = [number for number in value if isinstance(number, int) and not isinstance(number, bool)]
        if len(numbers) != len(value):
            self.refuse(name, "must be a list of whole numbers")
        return numbers

    def table(self, name: str) -> Node:
        value = self._value(name)
        if not isinstance(value, dict):
            self.refuse(name, "must be a table")
        return Node(self.source, self._field(name), value)

    def tables(self, name: str) -> list[Node]:
        value = self.data.get(name, [])
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            self.refuse(name, "must be a list of tables")
        return [
            Node(self.source, f"{self._field(name)}[{_name_of(row, place)}]", row)
            for place, row in enumerate(value, start=1)
        ]

    def _value(self, name: str) -> object:
        if name not in self.data:
            self.refuse(name, "is missing")
        return self.data[name]

    def _field(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name


def _name_of(row: Mapping[str, object], place: int) -> object:
    for key in ("code", "value", "step"):
        if key in row:
            return row[key]
    return place
