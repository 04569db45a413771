"""One row asked for its values by name: what does not fit becomes a problem with its field, and reading goes on."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from app.stages.imports.row_files import Problem, Row
from reviewers.fields import all_fields

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # no database keeps a NUL; half a surrogate pair is no character
_MAIL = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]+\.[^@\s,;<>]+")
_LIST_SIGN = re.compile(r"[;|]")


class Checked:
    """The values of one row (or of one object inside it, then `path` names where), and the problems met so far."""

    def __init__(
        self, row: Row, values: Mapping[str, Any] | None = None, path: str = "", problems: list[Problem] | None = None
    ) -> None:
        self.row, self.path = row, path
        self.values = row.values if values is None else values
        self.problems: list[Problem] = [] if problems is None else problems
        self.asked: set[str] = set()

    def refuse(self, name: str, code: str, **data: Any) -> None:
        self.problems.append(Problem(self.row.line, f"{self.path}.{name}" if self.path else name, code, data))

    def has(self, name: str) -> bool:
        self.asked.add(name)
        return self.values.get(name) is not None

    def text(self, name: str, *, most: int, required: bool = False, default: str = "") -> str:
        if not self.has(name):
            if required:
                self.refuse(name, "import.missing_field")
            return default
        return self._text(name, self.values[name], most, required) or default

    def whole(self, name: str, *, least: int, most: int) -> int | None:
        if not self.has(name):
            return None
        value = self.values[name]
        if self.row.from_csv and isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(name, "import.not_whole")
        elif not least <= value <= most:
            self.refuse(name, "import.out_of_range", least=least, most=most)
        else:
            return value
        return None

    def choice(self, name: str, known: Collection[str], default: str = "") -> str:
        value = self.text(name, most=40, default=default)
        if value and value not in known:
            self.refuse(name, "import.unknown_choice", value=value, known=", ".join(known))
        return value

    def mail(self, name: str) -> str:
        value = self.text(name, most=254).lower()
        if value and not _MAIL.fullmatch(value):
            self.refuse(name, "import.not_mail")
        return value

    def registration_no(self, name: str) -> str:
        value = re.sub(r"[-\s]", "", self.text(name, most=20))
        if value and not re.fullmatch(r"\d{10}", value):
            self.refuse(name, "import.not_registration_no")
        return value

    def day(self, name: str) -> str:
        value = self.text(name, most=10)
        if value and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", value):
            self.refuse(name, "import.not_date")
        return value

    def texts(self, name: str, *, most: int, each: int) -> list[str]:
        found = [self._text(name, value, each, False) for value in self.items(name, most)]
        return list(dict.fromkeys(value for value in found if value))

    def choices(self, name: str, known: Collection[str]) -> list[str]:
        found = self.texts(name, most=20, each=40)
        for value in found:
            if value not in known:
                self.refuse(name, "import.unknown_choice", value=value, known=", ".join(known))
        return sorted(found)

    def fields(self, name: str, *, most: int) -> list[dict[str, Any]]:
        """Sub-fields, the main one first: codes, or objects with `code`, `level` and `main`; in CSV `F07:3; F01`."""
        out: list[dict[str, Any]] = []
        for i, value in enumerate(self.items(name, most)):
            if self.row.from_csv and isinstance(value, str) and ":" in value:
                code, _, level = value.partition(":")
                value = {"code": code.strip(), "level": int(level) if level.strip().isdigit() else level}
            inner = self.inside(name, i, value if isinstance(value, dict) else {"code": value})
            code = inner.text("code", most=8, required=True).upper()
            if code and code not in all_fields():
                inner.refuse("code", "import.unknown_field", value=code)
            elif code in {entry["code"] for entry in out}:
                inner.refuse("code", "import.field_twice", value=code)
            main = inner.values.get("main") is True
            out.append({"code": code, "level": inner.whole("level", least=1, most=3), "main": main})
        if sum(entry["main"] for entry in out) > 1:
            self.refuse(name, "import.two_main_fields")
        return sorted(out, key=lambda entry: not entry["main"])

    def items(self, name: str, most: int) -> list[Any]:
        """A list; in CSV its parts are divided by semicolons, or the cell holds a JSON list."""
        if not self.has(name):
            return []
        value = self.values[name]
        if self.row.from_csv and isinstance(value, str):
            value = self._list_of_cell(name, value)
        if not isinstance(value, list):
            self.refuse(name, "import.not_list")
            return []
        if len(value) > most:
            self.refuse(name, "import.too_many", most=most, found=len(value))
            return []
        return value

    def objects(self, name: str, most: int) -> list[Checked]:
        """A list of objects, each to be asked in its turn."""
        out: list[Checked] = []
        for i, value in enumerate(self.items(name, most)):
            if isinstance(value, dict):
                out.append(self.inside(name, i, value))
            else:
                self.refuse(f"{name}[{i}]", "import.not_object")
        return out

    def free_object(self, name: str) -> dict[str, Any]:
        """An object of any shape, as long as it can be stored."""
        if not self.has(name):
            return {}
        value = self.values[name]
        if self.row.from_csv and isinstance(value, str) and value.startswith("{"):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                self.refuse(name, "import.broken_json", column=1)
                return {}
        if not isinstance(value, dict):
            self.refuse(name, "import.not_object")
            return {}
        text = json.dumps(value, ensure_ascii=False)
        if _UNSTORABLE.search(text) or "\\u0000" in text:
            self.refuse(name, "import.bad_characters")
        return value

    def inside(self, name: str, i: int, values: Mapping[str, Any]) -> Checked:
        path = f"{self.path}.{name}" if self.path else name
        return Checked(self.row, values, f"{path}[{i}]", self.problems)

    def _list_of_cell(self, name: str, cell: str) -> Any:
        if not cell.startswith("["):
            return [part.strip() for part in _LIST_SIGN.split(cell) if part.strip()]
        try:
            return json.loads(cell)
        except (ValueError, RecursionError):
            self.refuse(name, "import.broken_json", column=1)
            return []

    def _text(self, name: str, given: Any, most: int, required: bool) -> str:
        if not isinstance(given, str):
            self.refuse(name, "import.not_text")
            return ""
        value = given.strip()
        if required and not value:
            self.refuse(name, "import.missing_field")
        if len(value) > most:
            self.refuse(name, "import.too_long", most=most, found=len(value))
        if _UNSTORABLE.search(value):
            self.refuse(name, "import.bad_characters")
        return value
