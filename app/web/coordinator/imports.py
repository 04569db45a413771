"""Bringing experts and dossiers in: the upload, what became of it, and the rows that need mending."""

from __future__ import annotations

import io

from flask import current_app, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from app.errors import DomainError
from app.exports.tables import MIME, Table, as_csv
from app.i18n import gettext as _
from app.i18n import pair
from app.queries import imports as queries
from app.stages import imports
from app.web.access import access, actor, db, now
from app.web.coordinator.blueprint import blueprint
from app.web.coordinator.run_forms import ImportForm
from app.web.errors import words
from app.web.forms import choices

UPLOAD_MOST = 64 << 20


@blueprint.get("/imports", endpoint="imports")
@access("coordinator")
def import_list() -> ResponseReturnValue:
    return _page(_form())


@blueprint.post("/imports")
@access("coordinator")
def new_import() -> ResponseReturnValue:
    form = _form()
    if form.validate_on_submit():
        try:
            run_id = _order(form)
        except DomainError as error:
            form.blame(error)
        else:
            flash(_("The file is in. It is being read now."), "success")
            return redirect(url_for("coordinator.import_run", run_id=run_id), 303)
    return _page(form), 422


@blueprint.get("/imports/<run_id>")
@access("coordinator")
def import_run(run_id: str) -> ResponseReturnValue:
    return render_template("coordinator/import.html", run=queries.one(db(), run_id, actor=actor()))


@blueprint.get("/imports/<run_id>/progress")
@access("coordinator")
def import_progress(run_id: str) -> ResponseReturnValue:
    return render_template("coordinator/_import.html", run=queries.one(db(), run_id, actor=actor()))


@blueprint.get("/imports/<run_id>/problems.csv")
@access("coordinator")
def import_problems(run_id: str) -> ResponseReturnValue:
    run = queries.one(db(), run_id, actor=actor())
    columns = [("line", _("Line")), ("field", _("Field")), ("reason", _("Reason")), ("remedy", _("What to do"))]
    rows = [[p["line"], p["field"], words(p["code"], p["data"]), words(f"{p['code']}.remedy", p["data"])] for p in run.problems]
    content = io.BytesIO(as_csv(Table("problems", columns, rows)))
    return send_file(content, mimetype=MIME["csv"], as_attachment=True, download_name=f"{run.kind}-problems.csv")


def _form() -> ImportForm:
    form = ImportForm()
    form.call.choices = choices((c.public_id, f"{c.code} · {pair(c.title)}") for c in queries.calls(db(), actor=actor()))
    return form


def _order(form: ImportForm) -> str:
    """The stream goes to the file store under its digest; the import itself is a worker's."""
    upload = form.file.data
    if not upload or not upload.filename:
        raise DomainError("import.no_file", field="file")
    stored = current_app.extensions["ppir"].files.put(upload.stream, limit=UPLOAD_MOST)
    run = imports.order(
        db(), kind=form.kind.data, name=upload.filename, sha256=stored.sha256, actor=actor(), now=now(),
        partial=bool(form.partial.data), call_id=form.call.data,
    )  # fmt: skip
    return run.public_id


def _page(form: ImportForm) -> str:
    rows = queries.latest(db(), actor=actor())
    return render_template("coordinator/imports.html", form=form, rows=rows, calls=bool(form.call.choices))
