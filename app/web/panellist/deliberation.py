"""The panel at its table: the agenda, one dossier's marks side by side, the words found paragraph by paragraph, answers, votes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.http import quote_etag

from app.errors import Invalid, Stale
from app.i18n import current, gettext, kst, ngettext
from app.queries import agenda as agendas
from app.queries import panel_marks, panel_news
from app.queries.panel_marks import Table
from app.stages import consensus, deliberation, scoresheets, sittings
from app.stages.scoresheets import Entry
from app.web import papers, score_pictures
from app.web.access import access, actor, db, now
from app.web.errors import words
from app.web.panellist.blueprint import blueprint
from app.workflow.inspections import CHECKS

TEXT = "text."


@dataclass(frozen=True)
class Refused:
    """What was sent and refused, to be shown again with the reason at its field. `about` names the form."""

    about: str = ""
    words: str = ""
    problems: dict[str, str] = field(default_factory=dict)


@blueprint.get("/agenda")
@access("panellist")
def agenda() -> ResponseReturnValue:
    found = agendas.of(db(), actor=actor())
    return _unless_known(_known_as(panel_news.state_of_agenda(found)), lambda: _draw_agenda(found, Refused()))


@blueprint.post("/agenda/conclude")
@access("panellist")
def conclude_together() -> ResponseReturnValue:
    chosen, stated = request.form.getlist("application"), request.form.get("stated", type=int) or 0
    try:
        n = deliberation.conclude_together(db(), chosen, stated=stated, actor=actor(), now=now())
    except Invalid as error:
        refused = Refused("together", words(error.code, error.data), _words_of(error))
        return _draw_agenda(agendas.of(db(), actor=actor()), refused), 422
    flash(ngettext("%(num)s dossier is concluded.", "%(num)s dossiers are concluded.", n), "success")
    return redirect(url_for("panellist.agenda"), 303)


@blueprint.get("/applications/<application_id>")
@access("panellist")
def table(application_id: str) -> ResponseReturnValue:
    """The page asks again for itself, naming the state it shows; `?since=` tells what happened from a moment on."""
    view = panel_marks.table(db(), application_id, actor=actor())
    return _unless_known(_known_as(panel_news.state_of(view)), lambda: _draw(view, Refused()))


@blueprint.get("/applications/<application_id>/minutes.<language>.pdf")
@access("panellist")
def minutes(application_id: str, language: str) -> ResponseReturnValue:
    return papers.hand_minutes(application_id, language)


@blueprint.get("/applications/<application_id>/photographs/<photo_id>/<size>")
@access("panellist")
def photo(application_id: str, photo_id: str, size: str) -> ResponseReturnValue:
    return papers.hand_photo(panel_marks.photo(db(), application_id, photo_id, actor=actor()), size)


@blueprint.post("/applications/<application_id>/draft")
@access("panellist")
def draft(application_id: str) -> ResponseReturnValue:
    texts, seen = _paragraphs()
    try:
        consensus.draft(db(), application_id, texts, seen=seen, actor=actor(), now=now())
    except Stale as error:
        return _page(application_id, Refused("draft", words(error.code))), 409
    except Invalid as error:
        return _page(application_id, Refused("draft", words(error.code, error.data), _words_of(error))), 422
    return _back(application_id, gettext("The text is saved. The members can answer it now."), "consensus")


@blueprint.post("/applications/<application_id>/autosave")
@access("panellist")
def autosave_text(application_id: str) -> ResponseReturnValue:
    """The same save for the script, one paragraph at a time."""
    texts, seen = _paragraphs()
    try:
        said = consensus.draft(db(), application_id, texts, seen=seen, actor=actor(), now=now())
    except Stale as error:
        return jsonify(trouble=words(error.code)), 409
    except Invalid as error:
        return jsonify(trouble=words(error.code, error.data)), 422
    numbers = {paragraph.topic: paragraph.number for paragraph in said.paragraphs if paragraph.topic in texts}
    return jsonify(seen=numbers, at=kst(now(), seconds=True))


@blueprint.post("/applications/<application_id>/answer")
@access("panellist")
def answer(application_id: str) -> ResponseReturnValue:
    form = request.form
    approves, reason = form.get("answer") == "approve", _sent("reason")
    if form.get("answer") not in ("approve", "object"):
        return _page(application_id, Refused("answer", gettext("Choose whether you approve or object."))), 422
    try:
        consensus.answer(
            db(), application_id, digest=form.get("digest", ""), approves=approves, reason=reason, actor=actor(), now=now()
        )
    except Invalid as error:
        return _page(application_id, Refused("answer", words(error.code, error.data), _words_of(error))), 422
    return _back(application_id, gettext("Your answer is recorded."), "consensus")


@blueprint.post("/applications/<application_id>/revise")
@access("panellist")
def revise(application_id: str) -> ResponseReturnValue:
    """Own marks, adjusted with a reason; the ones submitted stay beside them."""
    view = panel_marks.table(db(), application_id, actor=actor())
    entries = {}
    for code in view.rubric.item_codes:
        chosen = request.form.get(f"mark.{code}", "")
        entries[code] = Entry(int(chosen) if chosen.isascii() and chosen.isdigit() else None, _sent(f"comment.{code}"))
    try:
        scoresheets.revise(db(), view.sheet.public_id, entries, reason=_sent("reason"), actor=actor(), now=now())
    except Invalid as error:
        return _page(application_id, Refused("revise", words(error.code, error.data), _words_of(error))), 422
    return _back(application_id, gettext("The revised marks are recorded; the results are being computed again."), "marks")


@blueprint.post("/applications/<application_id>/confirm")
@access("panellist")
def confirm(application_id: str) -> ResponseReturnValue:
    deliberation.confirm(db(), application_id, digest=request.form.get("digest", ""), actor=actor(), now=now())
    return _back(application_id, gettext("The consensus is confirmed."), "consensus")


@blueprint.post("/applications/<application_id>/conclude")
@access("panellist")
def conclude(application_id: str) -> ResponseReturnValue:
    deliberation.conclude(db(), application_id, actor=actor(), now=now())
    return _back(application_id, gettext("The deliberation is concluded."))


@blueprint.post("/applications/<application_id>/take-up")
@access("panellist")
def take_up(application_id: str) -> ResponseReturnValue:
    sittings.take_up(db(), application_id, actor=actor(), now=now())
    return _back(application_id, gettext("The dossier is before the panel."))


@blueprint.post("/applications/<application_id>/put-down")
@access("panellist")
def put_down(application_id: str) -> ResponseReturnValue:
    sittings.put_down(db(), application_id, actor=actor(), now=now())
    flash(gettext("The dossier is set aside."), "success")
    return redirect(url_for("panellist.agenda"), 303)


@blueprint.post("/applications/<application_id>/pull-back")
@access("panellist")
def pull_back(application_id: str) -> ResponseReturnValue:
    sittings.pull_back(db(), application_id, actor=actor(), now=now())
    flash(gettext("The dossier will be talked about one by one."), "success")
    return redirect(url_for("panellist.agenda"), 303)


@blueprint.post("/applications/<application_id>/absences/<seat_id>")
@access("panellist")
def absence(application_id: str, seat_id: str) -> ResponseReturnValue:
    try:
        sittings.record_absence(db(), application_id, seat_id, reason=_sent("reason"), actor=actor(), now=now())
    except Invalid as error:
        return _page(application_id, Refused(f"absence-{seat_id}", words(error.code), _words_of(error))), 422
    return _back(application_id, gettext("The absence is recorded."), "members")


@blueprint.post("/applications/<application_id>/absences/<seat_id>/end")
@access("panellist")
def absence_end(application_id: str, seat_id: str) -> ResponseReturnValue:
    sittings.end_absence(db(), application_id, seat_id, actor=actor(), now=now())
    return _back(application_id, gettext("The member is noted as present."), "members")


@blueprint.post("/applications/<application_id>/votes")
@access("panellist")
def open_vote(application_id: str) -> ResponseReturnValue:
    minutes = request.form.get("minutes", type=int) or 0
    try:
        sittings.open_vote(db(), application_id, question=_sent("question"), minutes=minutes, actor=actor(), now=now())
    except Invalid as error:
        return _page(application_id, Refused("vote", words(error.code, error.data), _words_of(error))), 422
    return _back(application_id, gettext("The vote is open. Nobody sees a ballot before it is closed."), "votes")


@blueprint.post("/applications/<application_id>/votes/<vote_id>")
@access("panellist")
def cast(application_id: str, vote_id: str) -> ResponseReturnValue:
    try:
        sittings.cast(db(), vote_id, request.form.get("choice", ""), actor=actor(), now=now())
    except Invalid as error:
        return _page(application_id, Refused(f"cast-{vote_id}", words(error.code), _words_of(error))), 422
    return _back(application_id, gettext("Your vote is cast."), "votes")


@blueprint.post("/applications/<application_id>/votes/<vote_id>/close")
@access("panellist")
def close_vote(application_id: str, vote_id: str) -> ResponseReturnValue:
    sittings.close_vote(db(), vote_id, actor=actor(), now=now())
    return _back(application_id, gettext("The vote is closed; its result is shown."), "votes")


def _paragraphs() -> tuple[dict[str, str], dict[str, int]]:
    """`text.<topic>`, and in `seen.<topic>` the version it was written over."""
    topics = [name.removeprefix(TEXT) for name in request.form if name.startswith(TEXT)]
    return {t: _sent(TEXT + t) for t in topics}, {t: request.form.get(f"seen.{t}", type=int) or 0 for t in topics}


def _sent(name: str) -> str:
    return request.form.get(name, "").replace("\r\n", "\n").strip()


def _words_of(error: Invalid) -> dict[str, str]:
    return {name: words(code, error.data) for name, code in error.problems.items()}


def _back(application_id: str, said: str, anchor: str = "") -> ResponseReturnValue:
    flash(said, "success")
    return redirect(url_for("panellist.table", application_id=application_id, _anchor=anchor or None), 303)


def _page(application_id: str, refused: Refused) -> str:
    return _draw(panel_marks.table(db(), application_id, actor=actor()), refused)


def _draw(view: Table, refused: Refused) -> str:
    since = _moment(request.args.get("since", ""))
    return render_template(
        "panellist/deliberation.html",
        table=view,
        talk=view.talk,
        profile=score_pictures.profile(view.rubric, view.outcome.criteria) if view.outcome else "",
        pictures=score_pictures.all_of(view.certainty) if view.certainty else [],
        refused=refused,
        sent=request.form,
        here=now(),
        since=since,
        news=panel_news.since(view, since) if since else (),
        known=_known_as(panel_news.state_of(view)),
        CHECKS=CHECKS,
        photo_url=lambda photo, size: url_for(
            "panellist.photo", application_id=view.application, photo_id=photo, size=size
        ),
    )


def _draw_agenda(found: agendas.Agenda, refused: Refused) -> str:
    known = _known_as(panel_news.state_of_agenda(found))
    return render_template("panellist/agenda.html", agenda=found, refused=refused, known=known)


def _known_as(state: str) -> str:
    """How the script that keeps a page up to date names what it holds."""
    return quote_etag(f"{state[:32]}-{current()}", weak=True)


def _unless_known(known: str, draw: Callable[[], str]) -> ResponseReturnValue:
    """304, and nothing drawn, where whoever asks holds this state already."""
    response = Response(status=200)
    response.headers["ETag"] = known
    if response.make_conditional(request).status_code != 304:
        response.set_data(draw())
    return response


def _moment(sent: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(sent)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
