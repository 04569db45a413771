"""A page of many small forms: a verb that refuses shows the same page again with the reason beside the form that was sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue

from app.errors import DomainError, Invalid, NotAllowed, NotFound
from app.web.access import db
from app.web.errors import words


@dataclass(frozen=True)
class Refused:
    """`about` is the subject whose form was sent; the page keeps what was typed there."""

    about: str = ""
    words: str = ""

    @property
    def sent(self) -> Any:
        return request.form


NOTHING = Refused()


def attempt(
    verb: Callable[[], object], *, about: str, said: Callable[[Any], str] | str, back: str, page: Callable[[Refused], str]
) -> ResponseReturnValue:
    """Redirect when it is done; the page with 422 when a rule refuses; what is not there or not allowed stays an error."""
    try:
        done = verb()
    except (NotFound, NotAllowed) as error:
        if error.code not in ("door.same_person", "door.other_role"):
            raise
        db().rollback()
        return page(Refused(about, words(error.code, error.data))), 422
    except DomainError as error:
        db().rollback()
        first = next(iter(error.problems.values()), error.code) if isinstance(error, Invalid) else error.code
        return page(Refused(about, words(first, error.data))), 422
    flash(said if isinstance(said, str) else said(done), "success")
    return redirect(back, 303)
