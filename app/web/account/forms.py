"""Forms of signing in and of one's own account."""

from __future__ import annotations

from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, Length

from app.web.forms import Form, lazy


class SignIn(Form):
    mail = EmailField(lazy("Mail address"), [DataRequired(), Length(max=254)])
    password = PasswordField(lazy("Password"), [DataRequired(), Length(max=128)])


class AskReset(Form):
    mail = EmailField(lazy("Mail address"), [DataRequired(), Length(max=254)])


class SetPassword(Form):
    password = PasswordField(
        lazy("New password"), [DataRequired()], description=lazy("10 characters or more; a sentence is good.")
    )
    again = PasswordField(
        lazy("New password again"), [DataRequired(), EqualTo("password", lazy("The two entries differ."))]
    )


class ChangePassword(SetPassword):
    old = PasswordField(lazy("Present password"), [DataRequired()])


class Register(Form):
    name = StringField(lazy("Your name"), [DataRequired(), Length(max=120)])
    mail = EmailField(lazy("Mail address"), [DataRequired(), Length(max=254)])
    organisation = StringField(lazy("Company"), [DataRequired(), Length(max=200)])
    business_no = StringField(
        lazy("Business registration number"), [DataRequired(), Length(max=14)], description="000-00-00000"
    )
