"""Questions a coordinator puts to an expert about the expert's own record."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import Invalid
from app.i18n import gettext
from app.queries import conflict_question as questions
from app.stages import conflicts
from app.web.access import access, actor, db, now
from app.web.errors import words
from app.web.panellist.blueprint import blueprint
from app.workflow import grounds


@blueprint.get("/questions/<conflict_id>", endpoint="question")
@access("panellist")
def show(conflict_id: str) -> ResponseReturnValue:
    return _page(conflict_id)


@blueprint.post("/questions/<conflict_id>", endpoint="question_answer")
@access("panellist")
def answer(conflict_id: str) -> ResponseReturnValue:
    said, note = request.form.get("said", ""), request.form.get("note", "")[:4000]
    try:
        conflicts.answer(db(), conflict_id, said=said, note=note, actor=actor(), now=now())
    except Invalid as error:
        return _page(conflict_id, words(next(iter(error.problems.values())), error.data)), 422
    flash(gettext("Thank you. Only the coordinator reads your answer."), "success")
    return redirect(url_for("panellist.home"), 303)


def _page(conflict_id: str, error: str = "") -> str:
    question = questions.one(db(), conflict_id, actor=actor())
    return render_template("panellist/question.html", question=question, ground=grounds.label, error=error, typed=request.form)
