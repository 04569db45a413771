"""The certified list as it comes in: editions, what differs, receipt, download."""

from __future__ import annotations

import io

from flask import flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from app import exports
from app.errors import NotFound
from app.exports.tables import MIME, write
from app.i18n import gettext
from app.queries import editions as queries
from app.queries.list_rows import COLUMN
from app.stages import listing
from app.web.access import access, actor, db, now
from app.web.procurement.blueprint import blueprint


@blueprint.get("/list")
@access("procurement")
def editions() -> ResponseReturnValue:
    return render_template("procurement/editions.html", rows=queries.every(db(), actor=actor()))


@blueprint.get("/list/<edition_id>")
@access("procurement")
def edition(edition_id: str) -> ResponseReturnValue:
    return render_template("procurement/edition.html", row=queries.one(db(), edition_id, actor=actor()), COLUMN=COLUMN)


@blueprint.post("/list/<edition_id>/receive")
@access("procurement")
def edition_receive(edition_id: str) -> ResponseReturnValue:
    row = listing.receive(db(), edition_id, actor=actor(), now=now())
    flash(gettext("Edition no. %(n)s is received.", n=row.number), "success")
    return redirect(url_for("procurement.edition", edition_id=edition_id), 303)


@blueprint.get("/list/<edition_id>/download.<kind>")
@access("procurement")
def edition_download(edition_id: str, kind: str) -> ResponseReturnValue:
    if kind not in exports.EXPORTS["certified_list"].formats:
        raise NotFound("not_found")
    table = exports.table(db(), "certified_list", edition_id, actor=actor())
    return send_file(io.BytesIO(write(table, kind)), MIME[kind], as_attachment=True, download_name=f"{table.name}.{kind}")
