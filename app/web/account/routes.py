"""Signing in and out, invitations, password reset, one's own sessions and language."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.web.access import access

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("/sign-in")
@access("public")
def sign_in() -> ResponseReturnValue:
    return render_template("account/sign_in.html")
