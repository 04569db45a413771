"""A large file in pieces: what the script of the files page talks to. Each answer says where the upload stands."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import i18n
from app.documents.form import SLOT
from app.errors import DomainError
from app.files import Files
from app.i18n import gettext as _
from app.stages.submission import uploads
from app.web.access import access, actor, db, now
from app.web.applicant.blueprint import blueprint
from app.web.errors import status_of, words

UPLOADS = "/dossiers/<application_id>/uploads"
ONE = f"{UPLOADS}/<upload_id>"


@blueprint.post(UPLOADS)
@access("applicant")
def start_upload(application_id: str) -> ResponseReturnValue:
    form = request.form
    try:
        row = uploads.start(
            db(),
            application_id,
            slot=form.get("slot", ""),
            name=form.get("name", ""),
            size=_number("size"),
            head=form.get("head", ""),
            **_by_whom(),
        )
    except DomainError as refused:
        return _refused(refused)
    at = {"application_id": application_id, "upload_id": row.public_id}
    return jsonify(
        id=row.public_id,
        offset=row.received,
        send=url_for("applicant.append_upload", **at),
        finish=url_for("applicant.finish_upload", **at),
        cancel=url_for("applicant.cancel_upload", **at),
    )


@blueprint.post(ONE)
@access("applicant")
def append_upload(application_id: str, upload_id: str) -> ResponseReturnValue:
    """The piece comes as a file of a form, so that it is here whole before the transaction begins (factory)."""
    sent = request.files.get("piece")
    if sent is None:
        abort(400)
    try:
        piece: Any = sent.stream
        offset = uploads.append(db(), application_id, upload_id, offset=_number("offset"), piece=piece, **_by_whom())
    except DomainError as refused:
        return _refused(refused)
    return jsonify(offset=offset)


@blueprint.post(f"{ONE}/finish")
@access("applicant")
def finish_upload(application_id: str, upload_id: str) -> ResponseReturnValue:
    try:
        added = uploads.finish(db(), application_id, upload_id, digest=request.form.get("digest", ""), **_by_whom())
    except DomainError as refused:
        return _refused(refused)
    return jsonify(said=_("%(slot)s: the file has been added.", slot=i18n.pair(SLOT[added.slot])), sha256=added.sha256)


@blueprint.post(f"{ONE}/cancel")
@access("applicant")
def cancel_upload(application_id: str, upload_id: str) -> ResponseReturnValue:
    uploads.cancel(db(), application_id, upload_id, files=_files(), actor=actor())
    if request.accept_mimetypes.best == "application/json":
        return jsonify(offset=0)
    flash(_("The upload has been cancelled."), "success")
    return redirect(url_for("applicant.files", application_id=application_id), 303)


def _refused(refused: DomainError) -> ResponseReturnValue:
    """In words; with the offset where the script can go on from it."""
    told = {"error": words(refused.code, refused.data), "code": refused.code, "offset": refused.data.get("offset")}
    return jsonify(told), status_of(refused)


def _by_whom() -> dict[str, Any]:
    return {"files": _files(), "actor": actor(), "now": now()}


def _files() -> Files:
    return current_app.extensions["ppir"].files  # type: ignore[no-any-return]


def _number(name: str) -> int:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else abort(400)
