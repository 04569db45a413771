"""A section of the dossier form as a WTForms form: drawn from app.documents.form, filled with what was entered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import BooleanField, Form, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import DateInput

from app import i18n
from app.documents.dossier import Problem
from app.documents.form import Field, Section
from app.web.errors import words
from app.web.forms import choices


def section_form(section: Section, values: Mapping[str, Any], problems: Sequence[Problem], open_: frozenset[str] | None) -> Form:
    """The fields of one section but its rows; `open_` names those that may change (all when None)."""
    plain = [f for f in section.fields if f.kind != "rows"]
    kind = type(f"{section.key.title()}Form", (Form,), {f.name: _unbound(f) for f in plain})
    form: Form = kind(data={f.name: as_typed(f, values.get(f.name)) for f in plain})
    for f in plain:
        place = f"{section.key}.{f.name}"
        form[f.name].errors = [words(p.code, p.data) for p in problems if p.place == place]
        if open_ is not None and f.name not in open_:
            form[f.name].render_kw = {"disabled": True}
    return form


def _unbound(f: Field) -> Any:
    options: dict[str, Any] = {
        "label": i18n.pair(f),
        "description": i18n.pair(f.hint) if f.hint else "",
        "validators": [InputRequired()] if f.required else [],
    }
    if f.kind == "choice":
        options["choices"] = choices([("", "–"), *((c.key, i18n.pair(c)) for c in f.choices)])
        return SelectField(validate_choice=False, **options)
    if f.kind == "flag":
        return BooleanField(**options)
    if f.kind in ("long", "lines"):
        return TextAreaField(**options)
    return StringField(widget=DateInput(), **options) if f.kind == "date" else StringField(**options)


def as_typed(f: Field, value: Any) -> Any:
    """A stored value as it stands in its input."""
    if value is None:
        return False if f.kind == "flag" else ""
    if f.kind == "lines":
        return "\n".join(map(str, value))
    if f.kind == "words":
        return ", ".join(map(str, value))
    if f.kind == "money" and isinstance(value, int):
        return f"{value:,}"
    return value
