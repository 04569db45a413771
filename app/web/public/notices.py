"""The public notice before the committee sits, and an objection to a product on it, open to anyone."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import EmailField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app import i18n
from app.errors import Invalid
from app.queries import notices as queries
from app.stages import notice
from app.web.access import access, actor, db, now
from app.web.forms import Form, choices, lazy
from app.web.public.blueprint import blueprint
from app.workflow.wordlists import NOTICE_GROUNDS
from reviewers.fields import all_fields


class ObjectionForm(Form):
    name = StringField(lazy("Name"), [DataRequired(), Length(max=120)])
    mail = EmailField(
        lazy("Mail address"), [DataRequired(), Length(max=254)], description=lazy("The receipt and the answer are sent there.")
    )
    ground = SelectField(lazy("Ground"), [DataRequired()])
    text = TextAreaField(
        lazy("What is wrong, and how it can be checked"),
        [DataRequired(), Length(max=notice.TEXT_MOST)],
        description=lazy("Name facts, numbers and places where they are published. The applicant reads this text."),
    )

    def offer(self) -> ObjectionForm:
        self.ground.choices = choices([("", "–"), *((key, i18n.pair(entry)) for key, entry in NOTICE_GROUNDS.items())])
        return self


@blueprint.get("/notices")
@access("public")
def notices() -> ResponseReturnValue:
    return render_template("public/notices.html", notices=queries.public(db(), now()), here=now(), fields=all_fields())


@blueprint.get("/notices/<edition_id>/<application_id>")
@access("public")
def objection(edition_id: str, application_id: str) -> ResponseReturnValue:
    return _page(edition_id, application_id, ObjectionForm().offer())


@blueprint.post("/notices/<edition_id>/<application_id>")
@access("public")
def object_to(edition_id: str, application_id: str) -> ResponseReturnValue:
    form = ObjectionForm().offer()
    if form.validate_on_submit():
        try:
            row = notice.object_to(
                db(),
                edition_id,
                application_id,
                name=form.name.data or "",
                address=form.mail.data or "",
                ground=form.ground.data or "",
                text=form.text.data or "",
                language=i18n.current(),
                actor=actor(),
                now=now(),
            )
        except Invalid as error:
            form.blame(error)
        else:
            return redirect(url_for("public.receipt", objection_id=row.public_id), 303)
    return _page(edition_id, application_id, form), 422


@blueprint.get("/receipts/<objection_id>")
@access("public")
def receipt(objection_id: str) -> ResponseReturnValue:
    return render_template("public/receipt.html", row=queries.receipt(db(), objection_id), GROUNDS=NOTICE_GROUNDS)


def _page(edition_id: str, application_id: str, form: ObjectionForm) -> str:
    edition = queries.one(db(), edition_id)
    item = edition.item(application_id)
    if item is None:
        abort(404)
    return render_template(
        "public/objection.html", edition=edition, item=item, form=form, open=edition.open_at(now()), most=notice.TEXT_MOST
    )
