"""After filing: the receipt, the way of the application, answers owed, taking back and withdrawing, the result."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.documents import dossier
from app.errors import Invalid
from app.i18n import gettext as _
from app.queries import applications, lineage, receipts, result_letters
from app.stages import fitness, submission
from app.web import papers
from app.web.access import access, actor, db, now
from app.web.applicant.blueprint import blueprint
from app.web.applicant.steps import place_url
from app.web.downloads import hand_out, hand_out_made
from app.web.errors import words
from app.web.reading import Paper, reading_page


@blueprint.get("/dossiers/<application_id>")
@access("applicant")
def status(application_id: str) -> ResponseReturnValue:
    return _status(application_id)


@blueprint.post("/dossiers/<application_id>/fitness")
@access("applicant")
def answer_fitness(application_id: str) -> ResponseReturnValue:
    text = request.form.get("text", "")
    try:
        fitness.answer(db(), application_id, text=text, actor=actor(), now=now())
    except Invalid as refused:
        return _status(application_id, typed=text, error=words(refused.code, refused.data)), 422
    flash(_("Your answer has been sent to the procurement service."), "success")
    return redirect(url_for("applicant.status", application_id=application_id), 303)


@blueprint.get("/dossiers/<application_id>/result")
@access("applicant")
def result(application_id: str) -> ResponseReturnValue:
    return render_template("applicant/result.html", row=result_letters.one(db(), application_id, actor=actor()))


@blueprint.get("/dossiers/<application_id>/result.<language>.pdf")
@access("applicant")
def result_printed(application_id: str, language: str) -> ResponseReturnValue:
    return papers.hand_letter(application_id, language)


@blueprint.get("/dossiers/<application_id>/lineage", endpoint="lineage")
@access("applicant", "coordinator", "procurement", "committee", "auditor")
def chain(application_id: str) -> ResponseReturnValue:
    return render_template("applicant/lineage.html", row=lineage.one(db(), application_id, actor=actor()))


@blueprint.get("/dossiers/<application_id>/files/<file_id>")
@access("applicant")
def file(application_id: str, file_id: str) -> ResponseReturnValue:
    found = applications.file(db(), application_id, file_id, actor=actor())
    return hand_out(found.sha256, name=found.name, kind=found.kind)


@blueprint.get("/dossiers/<application_id>/files/<file_id>/read")
@access("applicant")
def read_file(application_id: str, file_id: str) -> ResponseReturnValue:
    """What a reader of the file will see of it."""
    found, shown, veil = applications.panel_file(db(), application_id, file_id, actor=actor())
    at = {"application_id": application_id}
    url = url_for("applicant.file", file_id=file_id, **at) if shown.as_it_looks else ""
    paper = Paper(shown.name, found.kind, found.sha256, found.language, url, veil=veil)
    return reading_page(paper, title=_("Preview"), back_url=url_for("applicant.preview", **at))


@blueprint.get("/dossiers/<application_id>/receipt/<int:version>")
@access("applicant")
def receipt(application_id: str, version: int) -> ResponseReturnValue:
    return render_template("applicant/receipt.html", row=receipts.one(db(), application_id, version, actor=actor()))


@blueprint.get("/dossiers/<application_id>/receipt/<int:version>/state")
@access("applicant")
def receipt_state(application_id: str, version: int) -> ResponseReturnValue:
    """The part of the receipt that takes seconds to make."""
    return render_template("applicant/_receipt_state.html", row=receipts.one(db(), application_id, version, actor=actor()))


@blueprint.get("/dossiers/<application_id>/receipt/<int:version>/bundle")
@access("applicant")
def receipt_bundle(application_id: str, version: int) -> ResponseReturnValue:
    row = receipts.one(db(), application_id, version, actor=actor())
    return hand_out_made(row.bundle, name=f"{row.file_name}.zip", kind="zip")


@blueprint.get("/dossiers/<application_id>/receipt/<int:version>/pdf")
@access("applicant")
def receipt_printed(application_id: str, version: int) -> ResponseReturnValue:
    row = receipts.one(db(), application_id, version, actor=actor())
    return hand_out_made(row.printed, name=f"{row.file_name}.pdf", kind="pdf")


@blueprint.post("/dossiers/<application_id>/take-back")
@access("applicant")
def take_back(application_id: str) -> ResponseReturnValue:
    submission.take_back(db(), application_id, actor=actor(), now=now())
    flash(_("The dossier is a draft again. Submit it before closing."), "warning")
    return redirect(url_for("applicant.preview", application_id=application_id), 303)


@blueprint.post("/dossiers/<application_id>/revive")
@access("applicant")
def revive(application_id: str) -> ResponseReturnValue:
    submission.revive(db(), application_id, actor=actor(), now=now())
    flash(_("The dossier is a draft again. Submit it before closing."), "warning")
    return redirect(url_for("applicant.preview", application_id=application_id), 303)


@blueprint.get("/dossiers/<application_id>/withdraw")
@access("applicant")
def ask_withdraw(application_id: str) -> ResponseReturnValue:
    row = applications.status(db(), application_id, actor=actor(), now=now())
    return render_template("applicant/withdraw.html", row=row)


@blueprint.post("/dossiers/<application_id>/withdraw")
@access("applicant")
def withdraw(application_id: str) -> ResponseReturnValue:
    submission.withdraw(db(), application_id, actor=actor(), now=now(), reason=request.form.get("reason", "")[:1000])
    flash(_("The application has been withdrawn."), "success")
    return redirect(url_for("applicant.home"), 303)


def _status(application_id: str, *, typed: str = "", error: str = "") -> str:
    row = applications.status(db(), application_id, actor=actor(), now=now())
    asked = row.asked.items if row.asked else ()
    return render_template(
        "applicant/status.html",
        row=row,
        item_label=dossier.label,
        item_urls={item: place_url(application_id, item) for item in asked},
        typed=typed,
        fitness_error=error,
    )
