"""The assignment board of a run: read with the cost of every choice, and changed on a draft copy, one small form for each edit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from app import affinities
from app.affinities import Kept
from app.errors import NotFound, WrongStage
from app.i18n import gettext as _
from app.i18n import number as shown_number
from app.queries import board as queries
from app.queries import calls, drafts, evidence, matching
from app.queries.board import Board, Wish
from app.queries.drafts import EditRow
from app.stages.matching import editing, redrawing
from app.web import charts
from app.web.access import access, actor, db, now
from app.web.coordinator import rounds
from app.web.coordinator.blueprint import blueprint
from app.web.coordinator.refusing import NOTHING, Refused, attempt
from app.web.forms import Form, lazy
from app.workflow import grounds
from reviewers.seat_types import SEAT_TYPES

CARRIED = ("show", "sort", "q", "who", "only", "page")


class EditForm(Form):
    """`holder` is whom the page showed on the seat, so that two people do not overwrite each other."""

    expert = StringField()
    holder = StringField()
    seat = StringField()
    reason = TextAreaField(lazy("Reason"), [Length(max=editing.REASON_MOST)])


@blueprint.get("/calls/<call_id>/matching/<run_id>/board")
@access("coordinator")
def matching_board(call_id: str, run_id: str) -> ResponseReturnValue:
    return _page(call_id, run_id)


@blueprint.get("/calls/<call_id>/matching/<run_id>/board/edits")
@access("coordinator")
def matching_edits(call_id: str, run_id: str) -> ResponseReturnValue:
    run = matching.run(db(), call_id, run_id, actor=actor())
    return render_template(
        "coordinator/board_edits.html",
        call=calls.head(db(), call_id, actor=actor()),
        rounds=rounds.shown(call_id, run.round),
        run=run,
        edits=drafts.edits(db(), run_id, actor=actor()),
        editable=run.status == "draft",
        signed=signed,
        SEAT_TYPES=SEAT_TYPES,
    )


@blueprint.post("/calls/<call_id>/matching/<run_id>/copy")
@access("coordinator")
def matching_copy(call_id: str, run_id: str) -> ResponseReturnValue:
    matching.run(db(), call_id, run_id, actor=actor())
    if not Form().validate_on_submit():
        return _page(call_id, run_id), 422
    draft = editing.copy(db(), run_id, actor=actor(), now=now())
    flash(_("Run %(n)s is your draft. The run it was copied from stays as it was computed.", n=draft.number), "success")
    carried = {name: request.args.get(name) for name in ("panel", "seat", *CARRIED)}
    return redirect(url_for("coordinator.matching_board", call_id=call_id, run_id=draft.public_id, **carried), 303)


@blueprint.post("/calls/<call_id>/matching/<run_id>/board/<int:panel>/<int:seat>/seat")
@access("coordinator")
def matching_seat(call_id: str, run_id: str, panel: int, seat: int) -> ResponseReturnValue:
    form, kept = EditForm(), kept_of(run_id)
    return _edit(
        call_id, run_id, panel, seat, form,
        lambda: editing.seat(db(), run_id, panel, seat, form.expert.data or "", kept=kept, holder=form.holder.data or "",
                             reason=form.reason.data or "", actor=actor(), now=now()),
        what_if=form.expert.data or "",
    )  # fmt: skip


@blueprint.post("/calls/<call_id>/matching/<run_id>/board/<int:panel>/<int:seat>/remove")
@access("coordinator")
def matching_remove(call_id: str, run_id: str, panel: int, seat: int) -> ResponseReturnValue:
    form = EditForm()
    return _edit(
        call_id, run_id, panel, seat, form,
        lambda: editing.remove(db(), run_id, panel, seat, holder=form.holder.data or "", reason=form.reason.data or "",
                               actor=actor(), now=now()),
        what_if="remove",
    )  # fmt: skip


@blueprint.post("/calls/<call_id>/matching/<run_id>/board/<int:panel>/<int:seat>/lock")
@access("coordinator")
def matching_lock(call_id: str, run_id: str, panel: int, seat: int) -> ResponseReturnValue:
    return _lock(call_id, run_id, panel, seat, True)


@blueprint.post("/calls/<call_id>/matching/<run_id>/board/<int:panel>/<int:seat>/unlock")
@access("coordinator")
def matching_unlock(call_id: str, run_id: str, panel: int, seat: int) -> ResponseReturnValue:
    return _lock(call_id, run_id, panel, seat, False)


@blueprint.post("/calls/<call_id>/matching/<run_id>/board/<int:panel>/<int:seat>/redraw")
@access("coordinator")
def matching_redraw(call_id: str, run_id: str, panel: int, seat: int) -> ResponseReturnValue:
    """Seat 0: every seat of the panel that is not locked."""
    kept = kept_of(run_id)
    return _edit(
        call_id, run_id, panel, seat, EditForm(),
        lambda: redrawing.redraw(db(), run_id, panel, [seat] if seat else [], kept=kept, actor=actor(), now=now()),
    )  # fmt: skip


@blueprint.post("/calls/<call_id>/matching/<run_id>/board/panels/<verb>")
@access("coordinator")
def matching_panels(call_id: str, run_id: str, verb: str) -> ResponseReturnValue:
    """Lock, unlock or redraw the panels picked in the list: all of them as one change."""
    numbers, kept = request.form.getlist("chosen", type=int), kept_of(run_id)
    verbs: dict[str, Callable[[], object]] = {
        "lock": lambda: editing.lock_panels(db(), run_id, numbers, True, actor=actor(), now=now()),
        "unlock": lambda: editing.lock_panels(db(), run_id, numbers, False, actor=actor(), now=now()),
        "redraw": lambda: redrawing.redraw_panels(db(), run_id, numbers, kept=kept, actor=actor(), now=now()),
    }
    if verb not in verbs:
        raise NotFound("not_found")
    here = {name: request.args.get(name, 0, type=int) for name in ("panel", "seat")}
    return _edit(call_id, run_id, here["panel"], here["seat"], EditForm(), verbs[verb])


@blueprint.post("/calls/<call_id>/matching/<run_id>/board/undo/<int:edit>")
@access("coordinator")
def matching_undo(call_id: str, run_id: str, edit: int) -> ResponseReturnValue:
    matching.run(db(), call_id, run_id, actor=actor())
    form = EditForm()
    return attempt(
        lambda: _sent(form) or editing.undo(db(), run_id, edit, actor=actor(), now=now()),
        about="undo",
        said=lambda n: _("%(n)s changes taken back.", n=n) if n > 1 else _("The last change is taken back."),
        back=_back(call_id, run_id, request.args.get("panel", 0, type=int), request.args.get("seat", 0, type=int)),
        page=lambda refused: _page(call_id, run_id, refused),
    )


def _lock(call_id: str, run_id: str, panel: int, seat: int, on: bool) -> ResponseReturnValue:
    """Seat 0: all of the panel."""
    return _edit(
        call_id, run_id, panel, seat, EditForm(),
        lambda: editing.lock(db(), run_id, panel, [seat] if seat else [], on, actor=actor(), now=now()),
    )  # fmt: skip


def _edit(
    call_id: str, run_id: str, panel: int, seat: int, form: EditForm, verb: Callable[[], object], *, what_if: str = ""
) -> ResponseReturnValue:
    matching.run(db(), call_id, run_id, actor=actor())
    return attempt(
        lambda: _sent(form) or verb(),
        about=what_if,
        said=lambda _done: said(drafts.edits(db(), run_id, actor=actor(), most=1)[0]),
        back=_back(call_id, run_id, panel, seat),
        page=lambda refused: _page(call_id, run_id, refused, panel=panel, seat=seat, what_if=what_if),
    )


def _sent(form: Form) -> None:
    if not form.validate_on_submit():
        raise WrongStage("board.reason_long")


def said(edit: EditRow) -> str:
    """One sentence for what an edit did, as it is announced and listed."""
    place = _("%(dossier)s, seat %(seat)s", dossier=edit.label, seat=edit.ordinal)
    total = _("total %(delta)s", delta=signed(edit.delta))
    if edit.kind in ("lock", "unlock") and edit.panels > 1:
        what = _("locked") if edit.kind == "lock" else _("unlocked")
        return _("%(seats)s seats of %(panels)s panels: %(what)s", seats=edit.seats, panels=edit.panels, what=what)
    if edit.kind in ("lock", "unlock"):
        names = ", ".join(edit.came)
        return _("%(dossier)s: locked %(names)s", dossier=edit.label, names=names) if edit.kind == "lock" else _(
            "%(dossier)s: unlocked %(names)s", dossier=edit.label, names=names)  # fmt: skip
    if edit.seats == 1:
        return f"{place}: {edit.left[0] if edit.left else _('empty')} → {edit.came[0] if edit.came else _('empty')}, {total}"
    return _("%(seats)s seats of %(panels)s panels changed, %(total)s", seats=edit.seats, panels=edit.panels, total=total)


def signed(value: float, decimals: int = 2) -> str:
    """A difference with its sign: +0.01, −0.20, 0.00."""
    text = shown_number(abs(value), decimals)
    rounded = round(value, decimals)
    return f"+{text}" if rounded > 0 else f"−{text}" if rounded < 0 else text


def _back(call_id: str, run_id: str, panel: int, seat: int) -> str:
    carried = {name: request.args.get(name) for name in CARRIED}
    return url_for("coordinator.matching_board", call_id=call_id, run_id=run_id, panel=panel or None, seat=seat or None, **carried)


def _wish(**fixed: Any) -> Wish:
    given = request.args
    one_of = {"show": queries.SHOWS, "sort": queries.SORTS, "only": queries.ONLYS}
    chosen = {name: given.get(name, "") for name in one_of}
    asked = Wish(
        panel=given.get("panel", 0, type=int), seat=given.get("seat", 0, type=int),
        find=given.get("q", ""), who=given.get("who", ""), page=given.get("page", 0, type=int),
        more=min(given.get("more", 1, type=int), 12), what_if=given.get("try", ""),
        **{name: value if value in one_of[name] else one_of[name][0] for name, value in chosen.items()},
    )  # fmt: skip
    return Wish(**{**asked.__dict__, **{name: value for name, value in fixed.items() if value}})


def kept_of(run_id: str) -> Kept | None:
    folder = current_app.extensions["ppir"].config.affinities_dir
    return affinities.find(folder, drafts.root(db(), run_id, actor=actor()))


def unexplained(board: Board) -> set[int]:
    """Who sits on the chosen panel without stored works, by hand or by a redraw, and whoever is tried out."""
    places = board.chosen.places if board.chosen else ()
    seated = {place.who.id for place in places if place.who and not place.works}
    return seated | ({board.trial.candidate.who.id} if board.trial and board.trial.candidate else set())


def evidence_folders() -> dict[str, Path]:
    """Where runs leave what explains them."""
    config = current_app.extensions["ppir"].config
    return {"folder": config.affinities_dir, "vectors": config.vectors_dir}


def _page(call_id: str, run_id: str, refused: Refused = NOTHING, **fixed: Any) -> str:
    """The whole page, or for the script of the page only what changes."""
    wish = _wish(**fixed)
    board: Board = queries.board(db(), call_id, run_id, wish, kept=kept_of(run_id), actor=actor())
    fragment = bool(request.headers.get("X-Fragment"))
    asked = unexplained(board)
    return render_template(
        "coordinator/_board.html" if fragment else "coordinator/board.html",
        call=calls.head(db(), call_id, actor=actor()) if not fragment else None,
        call_id=call_id,
        rounds=rounds.shown(call_id, board.run.round),
        run=board.run,
        board=board,
        wish=wish,
        carried={name: request.args.get(name) for name in CARRIED if request.args.get(name)},
        refused=refused,
        fragment=fragment,
        measured_works=evidence.works(db(), run_id, board.chosen.number, asked, **evidence_folders(), actor=actor())
        if board.chosen
        else {},
        gini=charts.gini(board.measures.loads),
        ground=grounds.label,
        said=said,
        signed=signed,
        SEAT_TYPES=SEAT_TYPES,
    )
