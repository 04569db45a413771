"""Designated products, verification, notices, open calls: no account, no cookie needed."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.web.access import access

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
@access("public")
def home() -> ResponseReturnValue:
    return render_template("public/home.html")
