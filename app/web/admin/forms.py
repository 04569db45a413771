"""Forms of the administrator."""

from __future__ import annotations

from wtforms import EmailField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional

from app.web.forms import Form, choices, lazy
from app.web.templating import role_label
from app.workflow.actors import ROLES
from config import LANGUAGES


class GiveRole(Form):
    role = SelectField(lazy("Role"), [DataRequired()])
    organisation = SelectField(
        lazy("Organisation"),
        [Optional()],
        coerce=lambda v: int(v) if v and v != "None" else None,
        description=lazy("Needed for applicants and institutions only."),
    )

    def offer(self, organisations: list[tuple[int, str]]) -> None:
        self.role.choices = choices((r, role_label(r)) for r in ROLES)
        self.organisation.choices = choices([("", "–"), *((str(i), n) for i, n in organisations)])


class Invite(GiveRole):
    name = StringField(lazy("Name"), [DataRequired(), Length(max=120)])
    mail = EmailField(lazy("Mail address"), [DataRequired(), Length(max=254)])
    language = SelectField(lazy("Language of letters"), choices=choices(LANGUAGES.items()))
