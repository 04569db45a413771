"""The panellists' pages, chapter by chapter: what is owed, invitation and pledge, score sheets, deliberation."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from app.queries import worklist
from app.web.access import access, actor, db, now
from app.web.panellist import deliberation, invitations, questions, sheets
from app.web.panellist.blueprint import blueprint

CHAPTERS = (invitations, questions, sheets, deliberation)

__all__ = ["CHAPTERS", "blueprint"]


@blueprint.get("/")
@access("panellist")
def home() -> ResponseReturnValue:
    return render_template("panellist/home.html", work=worklist.of(db(), actor=actor(), now=now()), here=now())
