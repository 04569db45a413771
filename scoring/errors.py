"""What can be wrong with a rubric, a policy or a set of marks: one base, one class per cause.

Every error carries a ``code`` for catalogues and ``data`` that name the place; the English line is for logs only.

>>> try:
...     raise MarkMissing(application_id="A-117", panellist_id="e-7", item="C1.2")
... except ScoringError as error:
...     error.code, error.data["item"]
('mark_missing', 'C1.2')
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar


class ScoringError(Exception):
    """Base of everything this library refuses. ``data`` holds plain values (str, int, tuple of str)."""

    code: ClassVar[str] = "scoring_error"

    def __init__(self, **data: Any) -> None:
        self.data: Mapping[str, Any] = MappingProxyType(data)
        super().__init__(self.code, data)

    def __str__(self) -> str:
        return self.code + "".join(f" {name}={value!r}" for name, value in self.data.items())


class RubricInvalid(ScoringError):
    """A rubric file breaks a rule: ``source``, ``field`` (as ``criteria[C1].items[C1.2].points``), ``reason``."""

    code = "rubric_invalid"


class RubricNotFound(ScoringError):
    """No rubric has this ``key`` (``id@version``); ``available`` lists those that exist."""

    code = "rubric_not_found"


class PolicyInvalid(ScoringError):
    """A policy breaks a rule: ``field`` and ``reason``."""

    code = "policy_invalid"


class MarkInvalid(ScoringError):
    """A mark is no step of the scale, or no item of the rubric: ``application_id, panellist_id, item, value``."""

    code = "mark_invalid"


class MarkMissing(ScoringError):
    """An item or a gate is unmarked and the policy forbids it: ``application_id, panellist_id, item``."""

    code = "mark_missing"


class DuplicateSheet(ScoringError):
    """One panellist has two sheets for one application: ``application_id, panellist_id``."""

    code = "duplicate_sheet"


class ApplicationUnknown(ScoringError):
    """The marks hold no such ``application_id``."""

    code = "application_unknown"


class ShapeInvalid(ScoringError):
    """Arrays that belong together differ in length or kind: ``field`` and ``reason``."""

    code = "shape_invalid"


class MarksFileInvalid(ScoringError):
    """A table of scores has a fault: ``line`` (from 1), ``column`` (empty: the whole line), ``reason``, ``remedy``."""

    code = "marks_file_invalid"

    @property
    def sentence(self) -> str:
        """One line that a person at a terminal can act on."""
        column = f", column {self.data['column']}" if self.data["column"] else ""
        return f"line {self.data['line']}{column}: {self.data['reason']}; {self.data['remedy']}"


class LotteryIncomplete(ScoringError):
    """A draw needs two secrets that were told: ``n`` were."""

    code = "lottery_incomplete"
