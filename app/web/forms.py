"""The base of every form: protected, in the reader's language, and fed by the refusals of the verbs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from babel.support import LazyProxy
from flask_wtf import FlaskForm
from wtforms.fields import SelectChoice

from app import i18n
from app.errors import DomainError, Invalid
from app.web.errors import words


def lazy(message: str) -> Any:
    """A label that is put into the reader's language when it is shown."""
    return LazyProxy(i18n.gettext, message, enable_cache=False)


def choices(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """What a select or a radio field offers, value by value with its label."""
    return [SelectChoice(value, label) for value, label in pairs]


class Form(FlaskForm):
    """Labels are `lazy("…")`; messages of the validators follow the page's language."""

    class Meta(FlaskForm.Meta):
        @property
        def locales(self) -> list[str]:  # type: ignore[override]
            return [i18n.current()]

    def blame(self, error: DomainError) -> None:
        """Put what a verb refused beside the fields it is about; what belongs to no field stands on top."""
        problems = dict(error.problems) if isinstance(error, Invalid) else {}
        if error.field:
            problems[error.field] = error.code
        placed = False
        for name, code in problems.items():
            if name in self._fields:
                self._fields[name].errors = [*self._fields[name].errors, words(code, error.data)]
                placed = True
        if not placed:
            self.form_errors = [*self.form_errors, words(error.code, error.data)]
