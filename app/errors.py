"""What a rule says when it refuses: a code and data, no prose; the catalogues hold the words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class DomainError(Exception):
    """Base of every refusal. `code` names the message, `data` fills it, `field` says where on the form."""

    def __init__(self, code: str, *, field: str | None = None, **data: Any) -> None:
        super().__init__(code, data)
        self.code = code
        self.field = field
        self.data: Mapping[str, Any] = data


class NotFound(DomainError):
    """No such thing, or its existence is secret from this actor."""


class NotAllowed(DomainError):
    """The actor's role does not permit it."""


class WrongStage(DomainError):
    """The move is not one of those open in the present state, or its guard does not hold."""


class Stale(DomainError):
    """Somebody else changed the row first."""


class Duplicate(DomainError):
    """It exists already."""


class NoRoom(DomainError):
    """The disk is full, or so nearly that nothing new is taken in."""


class Invalid(DomainError):
    """What was entered breaks a rule; `problems` lists each by field."""

    def __init__(self, code: str = "invalid", *, problems: Mapping[str, str] | None = None, **data: Any) -> None:
        super().__init__(code, **data)
        self.problems: Mapping[str, str] = problems or {}


class LostLease(DomainError):
    """A job came too late: its promise was claimed again by another."""
