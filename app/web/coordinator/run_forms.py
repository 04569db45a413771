"""Forms of the pool and of matching: a file to import, a run to order, a reason to withdraw one."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.web.forms import Form, choices, lazy


class ImportForm(Form):
    kind = RadioField(
        lazy("What the file holds"),
        choices=choices([("experts", lazy("Experts")), ("dossiers", lazy("Dossiers"))]),
        default="experts",
    )
    call = SelectField(lazy("Call of the dossiers"), validate_choice=False)
    file = FileField(lazy("File"), description=lazy("JSON lines or CSV, also packed with gzip; up to 64 MB as sent"))
    partial = BooleanField(
        lazy("Store the good rows even if others are bad"),
        description=lazy("Otherwise one bad row stops the whole file, and nothing is stored."),
    )


class RunForm(Form):
    seed = StringField(
        lazy("Seed"),
        [Optional(), Length(max=64)],
        description=lazy("The same seed and input give the same panels. Leave empty to draw one."),
    )
    refit = BooleanField(
        lazy("Measure the pool anew"),
        description=lazy("Otherwise this run is measured like the last one of the call, so that the two can be compared."),
    )


class DeployForm(Form):
    typed = StringField(lazy("Type to confirm"), [InputRequired(), Length(max=80)])


class WithdrawForm(Form):
    reason = TextAreaField(lazy("Reason"), [InputRequired(), Length(max=2000)])
