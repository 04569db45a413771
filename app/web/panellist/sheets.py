"""The score sheet beside the dossier: open, save, check, submit; a receipt at the end."""

from __future__ import annotations

from dataclasses import replace

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import Invalid, NotAllowed, Stale
from app.i18n import gettext, kst
from app.queries import sheets
from app.queries.sheets import Given, SheetView
from app.stages import scoresheets
from app.stages.scoresheets import Entry, Filled
from app.web.access import access, actor, db, now
from app.web.downloads import hand_out
from app.web.errors import words
from app.web.panellist.blueprint import blueprint
from app.web.reading import Paper, fragment, reading_page
from app.workflow.quotes import Quote


@blueprint.get("/sheets/<sheet_id>")
@access("panellist")
def sheet(sheet_id: str) -> ResponseReturnValue:
    view = sheets.one(db(), sheet_id, actor=actor())
    return _page(view, check=bool(request.args.get("check")))


@blueprint.post("/sheets/<sheet_id>/open")
@access("panellist")
def open_sheet(sheet_id: str) -> ResponseReturnValue:
    scoresheets.open_sheet(db(), sheet_id, actor=actor(), now=now())
    return redirect(url_for("panellist.sheet", sheet_id=sheet_id), 303)


@blueprint.post("/sheets/<sheet_id>/save")
@access("panellist")
def save(sheet_id: str) -> ResponseReturnValue:
    filled = _filled()
    try:
        scoresheets.save(db(), sheet_id, filled, actor=actor(), now=now())
    except Stale as error:
        return _page(sheets.one(db(), sheet_id, actor=actor()), mine=filled, trouble=words(error.code)), 409
    except Invalid as error:
        problems = {code: words(problem) for code, problem in error.problems.items()}
        return _page(sheets.one(db(), sheet_id, actor=actor()), mine=filled, problems=problems, trouble=words(error.code)), 422
    return redirect(_after(sheet_id, request.form.get("then", "")), 303)


@blueprint.post("/sheets/<sheet_id>/autosave")
@access("panellist")
def autosave(sheet_id: str) -> ResponseReturnValue:
    """The same save for the script: what it answers is what the page shows."""
    try:
        scoresheets.save(db(), sheet_id, _filled(), actor=actor(), now=now())
    except Stale as error:
        return jsonify(trouble=words(error.code)), 409
    except Invalid as error:
        return jsonify(trouble=words(error.code)), 422
    view = sheets.one(db(), sheet_id, actor=actor())
    return jsonify(version=view.version, points=f"{view.so_far:f}", most=view.so_far_most, at=kst(view.saved_at, seconds=True))


@blueprint.get("/sheets/<sheet_id>/submit")
@access("panellist")
def submit(sheet_id: str) -> ResponseReturnValue:
    view = sheets.one(db(), sheet_id, actor=actor())
    if not view.writable:
        return redirect(url_for("panellist.sheet", sheet_id=sheet_id), 303)
    missing = {code: words(problem) for code, problem in view.missing().items()}
    return render_template("panellist/submit.html", sheet=view, missing=missing)


@blueprint.post("/sheets/<sheet_id>/lock")
@access("panellist")
def lock(sheet_id: str) -> ResponseReturnValue:
    version = request.form.get("version", type=int) or 0
    scoresheets.lock(db(), sheet_id, version=version, actor=actor(), now=now())
    flash(gettext("Your score sheet is submitted."), "success")
    return redirect(url_for("panellist.receipt", sheet_id=sheet_id), 303)


@blueprint.get("/sheets/<sheet_id>/receipt")
@access("panellist")
def receipt(sheet_id: str) -> ResponseReturnValue:
    view = sheets.one(db(), sheet_id, actor=actor())
    if not view.locks:
        return redirect(url_for("panellist.sheet", sheet_id=sheet_id), 303)
    return render_template("panellist/receipt.html", sheet=view)


@blueprint.get("/sheets/<sheet_id>/files/<sha256>")
@access("panellist")
def file(sheet_id: str, sha256: str) -> ResponseReturnValue:
    found = sheets.attachment(db(), sheet_id, sha256, actor=actor())
    if not found.as_it_looks:
        raise NotAllowed("file.text_only")
    return hand_out(found.sha256, name=found.name, kind=found.kind)


@blueprint.get("/sheets/<sheet_id>/files/<sha256>/read")
@access("panellist")
def read_file(sheet_id: str, sha256: str) -> ResponseReturnValue:
    """On a page of its own, or drawn into the pane beside the sheet."""
    found, view = sheets.attachment(db(), sheet_id, sha256, actor=actor()), sheets.one(db(), sheet_id, actor=actor())
    paper = Paper(
        found.name,
        found.kind,
        found.sha256,
        view.language,
        url_for("panellist.file", sheet_id=sheet_id, sha256=found.sha256) if found.as_it_looks else "",
        quotable=view.writable and fragment(),
        veil=view.veil,
    )
    return reading_page(paper, title=view.label, back_url=url_for("panellist.sheet", sheet_id=sheet_id))


def _filled() -> Filled:
    """`mark.<code>`, `comment.<code>`, `quote.<code>` for items; `gate.<code>` and so on for gates; `sure.<code>` for criteria."""
    form, entries = request.form, {}
    codes = {name.partition(".")[2] for name in form if name.startswith(("mark.", "gate.", "sure.", "comment."))}
    for code in codes:
        chosen = next((form[name] for kind in ("mark", "gate", "sure") if (name := f"{kind}.{code}") in form), "")
        step = int(chosen) if chosen.isascii() and chosen.isdigit() else None
        entries[code] = Entry(step, _text(f"comment.{code}"), _quotes(code))
    return Filled(form.get("version", type=int) or 0, entries, _text("to_applicant"), _text("to_panel"), _text("private"))


def _quotes(code: str) -> tuple[Quote, ...]:
    """Each as `<file> <page> <words>`; an unticked one is not sent, and so taken away."""
    found = []
    for sent in request.form.getlist(f"quote.{code}"):
        file, _, rest = sent.partition(" ")
        page, _, said = rest.partition(" ")
        found.append(Quote(file, int(page) if page.isascii() and page.isdigit() else 0, said.strip()))
    return tuple(dict.fromkeys(found))


def _text(name: str) -> str:
    return request.form.get(name, "").replace("\r\n", "\n").strip()


def _after(sheet_id: str, then: str) -> str:
    """Where the button that was pressed leads; "next" goes on in the order of the work list."""
    if then == "submit":
        return url_for("panellist.submit", sheet_id=sheet_id)
    flash(gettext("Saved."), "success")
    if then == "next" and (following := sheets.one(db(), sheet_id, actor=actor()).next_sheet):
        return url_for("panellist.sheet", sheet_id=following)
    return url_for("panellist.home") if then == "close" else url_for("panellist.sheet", sheet_id=sheet_id)


def _page(
    view: SheetView, *, check: bool = False, mine: Filled | None = None, problems: dict[str, str] | None = None, trouble: str = ""
) -> str:
    """With `mine`, the form holds what was sent and lists where the stored sheet differs."""
    given = view.given
    texts = {name: getattr(mine or view, name) for name in ("to_applicant", "to_panel", "private")}
    differs = []
    if mine is not None:
        given = {code: Given(entry.step, entry.comment, 0, entry.quotes) for code, entry in mine.entries.items()}
        empty = Given(None, "", 0)
        differs = [
            code
            for code in (*view.rubric.item_codes, *view.rubric.gate_codes)
            if replace(view.given.get(code, empty), number=0) != given.get(code, empty)
        ]
    missing = {code: words(problem) for code, problem in view.missing().items()} if check else {}
    return render_template(
        "panellist/sheet.html",
        sheet=view,
        given=given,
        texts=texts,
        stored=view.given,
        problems=problems or missing,
        differs=differs,
        trouble=trouble,
        check=check,
        here=now(),
    )
