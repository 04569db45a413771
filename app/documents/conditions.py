"""Whether a field or slot is asked for: one rule, applied by the page, by what is left, by what a panel sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.documents import identifiers
from app.documents.fields import Field, When

Content = Mapping[str, Mapping[str, Any]]


def value(content: Content, place: str) -> Any:
    """The value at `section.field`; None when nothing was entered."""
    section, _, name = place.partition(".")
    return (content.get(section) or {}).get(name)


def empty(entered: Any) -> bool:
    """Blank text, no entry, nothing: a blank page counts as not submitted. False and 0 are answers."""
    return entered is None or entered == [] or (isinstance(entered, str) and not entered.strip())


def holds(when: When | None, content: Content, row: Mapping[str, Any] | None = None) -> bool:
    """No condition always holds. A condition on a field that is itself not asked for is for its own `when` to say."""
    if when is None:
        return True
    found = (row or {}).get(when.place) if "." not in when.place else value(content, when.place)
    if when.fault:
        return _fault(when.place, found) == when.fault
    if when.column:
        return any(entry.get(when.column) in when.among for entry in found or [])
    return found in when.among if when.among else not empty(found)


def asked(f: Field, content: Content) -> bool:
    """Whether this field of the form is asked for, by what the dossier says elsewhere."""
    return holds(f.when, content)


def _fault(place: str, found: Any) -> str:
    """The identifiers with conditions on their faults are named as their rule is."""
    return "" if empty(found) else identifiers.CHECKS[place.partition(".")[2]](str(found)).fault
