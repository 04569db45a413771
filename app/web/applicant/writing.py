"""Completing a dossier: the file slots, the panel's view of it, filing."""

from __future__ import annotations

from datetime import date

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import i18n
from app.documents import dossier, sniff
from app.documents.form import SLOT, SLOTS
from app.errors import DomainError, Invalid
from app.i18n import gettext as _
from app.queries import applications
from app.queries import uploads as sending
from app.queries.applications import Written
from app.queries.sheets import in_reading_order, shown_file
from app.stages import submission
from app.stages.submission import uploads
from app.web.access import access, actor, db, now
from app.web.applicant.blueprint import blueprint
from app.web.applicant.steps import place_url, steps
from app.web.errors import words


@blueprint.get("/dossiers/<application_id>/files")
@access("applicant")
def files(application_id: str) -> ResponseReturnValue:
    return _files_page(applications.written(db(), application_id, actor=actor(), now=now()))


@blueprint.post("/dossiers/<application_id>/files/<slot>")
@access("applicant")
def add_file(application_id: str, slot: str) -> ResponseReturnValue:
    sent = request.files.get("file")
    if slot not in SLOT:
        abort(404)
    if sent is None or not sent.filename:
        return _refused(application_id, slot, words("dossier.no_file"))
    try:
        submission.add_file(
            db(),
            application_id,
            slot=slot,
            stream=sent.stream,  # type: ignore[arg-type]
            name=sent.filename,
            files=current_app.extensions["ppir"].files,
            actor=actor(),
            now=now(),
        )
    except DomainError as refused:
        if not refused.code.startswith(("file.", "dossier.slot")):
            raise
        return _refused(application_id, slot, words(refused.code, refused.data))
    flash(_("%(slot)s: the file has been added.", slot=i18n.pair(SLOT[slot])), "success")
    return redirect(url_for("applicant.files", application_id=application_id) + f"#{slot}", 303)


@blueprint.get("/dossiers/<application_id>/files/<file_id>/verdict")
@access("applicant")
def file_verdict(application_id: str, file_id: str) -> ResponseReturnValue:
    """What reading said of one file: the page asks again until it is there."""
    return render_template("applicant/_verdict.html", f=applications.file(db(), application_id, file_id, actor=actor()))


@blueprint.post("/dossiers/<application_id>/files/<file_id>/remove")
@access("applicant")
def remove_file(application_id: str, file_id: str) -> ResponseReturnValue:
    submission.remove_file(db(), application_id, file_id, actor=actor(), now=now())
    flash(_("The file has been removed."), "success")
    return redirect(url_for("applicant.files", application_id=application_id), 303)


@blueprint.post("/dossiers/<application_id>/files/<file_id>/date")
@access("applicant")
def date_file(application_id: str, file_id: str) -> ResponseReturnValue:
    """The day on a document, asked for in slots whose evidence must be issued by closing."""
    text = request.form.get("issued_on", "").strip()
    slot = applications.file(db(), application_id, file_id, actor=actor()).slot
    try:
        submission.date_file(db(), application_id, file_id, date.fromisoformat(text) if text else None, actor=actor(), now=now())
    except ValueError:
        return _refused(application_id, slot, words("dossier.not_a_date"))
    except Invalid as refused:
        return _refused(application_id, slot, words(refused.code, refused.data))
    flash(_("%(slot)s: the issue date is noted.", slot=i18n.pair(SLOT[slot])), "success")
    return redirect(url_for("applicant.files", application_id=application_id) + f"#{slot}", 303)


@blueprint.get("/dossiers/<application_id>/preview")
@access("applicant")
def preview(application_id: str) -> ResponseReturnValue:
    return _preview_page(applications.written(db(), application_id, actor=actor(), now=now()))


@blueprint.post("/dossiers/<application_id>/submit")
@access("applicant", returns="applicant.preview")
def submit(application_id: str) -> ResponseReturnValue:
    pledged = request.form.get("pledged") == "yes"
    if not pledged:
        row = applications.written(db(), application_id, actor=actor(), now=now())
        return _preview_page(row, error=words("dossier.pledge_missing")), 422
    filed = submission.submit(db(), application_id, base=_base(), pledged=pledged, actor=actor(), now=now())
    return redirect(url_for("applicant.receipt", application_id=application_id, version=filed.version), 303)


@blueprint.post("/dossiers/<application_id>/supplement")
@access("applicant", returns="applicant.preview")
def answer_supplement(application_id: str) -> ResponseReturnValue:
    filed = submission.answer_supplement(db(), application_id, actor=actor(), now=now())
    return redirect(url_for("applicant.receipt", application_id=application_id, version=filed.version), 303)


def _files_page(row: Written, slot: str = "", error: str = "") -> str:
    return render_template(
        "applicant/files.html",
        row=row,
        slots=SLOTS,
        steps=steps(row, "files"),
        accept=sniff.ACCEPT,
        file_mb=row.file_mb,
        uploads=sending.under_way(db(), row.public_id, actor=actor()),
        piece=uploads.PIECE,
        bad_slot=slot,
        error=error,
    )


def _refused(application_id: str, slot: str, error: str) -> ResponseReturnValue:
    return _files_page(applications.written(db(), application_id, actor=actor(), now=now()), slot, error), 422


def _preview_page(row: Written, error: str = "") -> str:
    seen = [f for f in row.files if SLOT[f.slot].panel]
    return render_template(
        "applicant/preview.html",
        row=row,
        view=in_reading_order(dossier.panel_view(row.content, row.veil)),
        panel_files=[(f, shown_file(db(), row.veil, f.slot, f.name, f.sha256, f.size, f.kind)) for f in seen],
        hidden_files=[(f, f) for f in row.files if not SLOT[f.slot].panel],
        places={p.place: place_url(row.public_id, p.place) for p in row.problems},
        item_label=dossier.label,
        SLOT=SLOT,
        steps=steps(row, "preview"),
        error=error,
    )


def _base() -> int:
    """The version the page was drawn from."""
    text = request.form.get("base", "")
    return int(text) if text.isdigit() else 0
