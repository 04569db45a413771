"""Seats of a draft as a file: taken out as a table, changed elsewhere, read back with the difference shown before it is applied."""

from __future__ import annotations

from pathlib import Path

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from app.errors import DomainError, NotFound
from app.i18n import gettext as _
from app.queries import calls, drafts, matching
from app.queries.matching import RunRow
from app.stages.matching import editing, filing
from app.web.access import access, actor, db, now
from app.web.coordinator import rounds
from app.web.coordinator.blueprint import blueprint
from app.web.coordinator.board import kept_of, signed
from app.web.forms import Form, lazy
from app.workflow import grounds, seat_file


class SeatFileForm(Form):
    file = FileField(lazy("File"), description=lazy("CSV in UTF-8 as exported here, in either language; up to 8 MB"))


class ApplyForm(Form):
    digest = HiddenField()
    reason = TextAreaField(lazy("Reason"), [Length(max=editing.REASON_MOST)])


@blueprint.get("/calls/<call_id>/matching/<run_id>/file")
@access("coordinator")
def matching_file(call_id: str, run_id: str) -> ResponseReturnValue:
    return _choose(_draft(call_id, run_id), call_id, SeatFileForm())


@blueprint.post("/calls/<call_id>/matching/<run_id>/file")
@access("coordinator")
def matching_file_read(call_id: str, run_id: str) -> ResponseReturnValue:
    """The file is stored under its digest and read on its own page; nothing is changed yet."""
    run, form = _draft(call_id, run_id), SeatFileForm()
    upload = form.file.data
    if form.validate_on_submit():
        try:
            if not upload or not upload.filename:
                raise DomainError("import.no_file", field="file")
            stored = current_app.extensions["ppir"].files.put(upload.stream, limit=seat_file.MOST)
            drafts.read_file(db(), run_id, _path(stored.sha256).read_bytes(), kept=kept_of(run_id), actor=actor())
        except DomainError as error:
            error.field = "file"
            form.blame(error)
        else:
            page = url_for("coordinator.matching_file_shown", call_id=call_id, run_id=run_id, sha256=stored.sha256)
            return redirect(page, 303)
    return _choose(run, call_id, form), 422


@blueprint.get("/calls/<call_id>/matching/<run_id>/file/<sha256>")
@access("coordinator")
def matching_file_shown(call_id: str, run_id: str, sha256: str) -> ResponseReturnValue:
    return _difference(_draft(call_id, run_id), call_id, sha256, ApplyForm())


@blueprint.post("/calls/<call_id>/matching/<run_id>/file/<sha256>")
@access("coordinator")
def matching_file_applied(call_id: str, run_id: str, sha256: str) -> ResponseReturnValue:
    run, form = _draft(call_id, run_id), ApplyForm()
    if form.validate_on_submit():
        try:
            filing.apply(db(), run_id, _path(sha256).read_bytes(), kept=kept_of(run_id), digest=str(form.digest.data),
                         reason=str(form.reason.data or ""), actor=actor(), now=now())  # fmt: skip
        except DomainError as error:
            db().rollback()
            form.blame(error)
        else:
            flash(_("The file is applied as one change; it can be taken back as one."), "success")
            return redirect(url_for("coordinator.matching_edits", call_id=call_id, run_id=run_id), 303)
    return _difference(run, call_id, sha256, form), 422


def _draft(call_id: str, run_id: str) -> RunRow:
    run = matching.run(db(), call_id, run_id, actor=actor())
    if run.status != "draft":
        raise NotFound("not_found")
    return run


def _path(sha256: str) -> Path:
    path: Path = current_app.extensions["ppir"].files.path(sha256)
    if not path.is_file():
        raise NotFound("not_found")
    return path


def _choose(run: RunRow, call_id: str, form: SeatFileForm) -> str:
    call = calls.head(db(), call_id, actor=actor())
    return render_template(
        "coordinator/seat_file.html", call=call, rounds=rounds.shown(call_id, run.round), run=run, form=form, found=None
    )


def _difference(run: RunRow, call_id: str, sha256: str, form: ApplyForm) -> str:
    """What the file would change, or every row that stops it."""
    found = drafts.read_file(db(), run.public_id, _path(sha256).read_bytes(), kept=kept_of(run.public_id), actor=actor())
    form.digest.data = found.plan.digest
    return render_template(
        "coordinator/seat_file.html",
        call=calls.head(db(), call_id, actor=actor()),
        rounds=rounds.shown(call_id, run.round),
        run=run,
        form=form,
        found=found,
        sha256=sha256,
        signed=signed,
        ground=grounds.label,
    )
