"""Draws of panels for everybody: the digests that were fixed before, and the seed."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from app.queries import draws as held
from app.web.access import access, db
from app.web.public.blueprint import blueprint


@blueprint.get("/draws", endpoint="draws")
@access("public")
def listed() -> ResponseReturnValue:
    return render_template("public/draws.html", draws=held.published(db()))
