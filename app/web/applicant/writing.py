"""Writing a dossier: one page a section, the file slots, the panel's view of it, filing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import i18n
from app.documents import dossier, sniff
from app.documents.form import SECTION, SECTIONS, SLOT, SLOTS
from app.errors import DomainError, Stale
from app.i18n import gettext as _
from app.queries import applications
from app.queries import uploads as sending
from app.queries.applications import Written
from app.stages import submission
from app.stages.submission import uploads
from app.web.access import access, actor, db, now
from app.web.applicant.blueprint import blueprint
from app.web.applicant.forms import section_form
from app.web.errors import words

BLANK_ROWS = 2  # offered below what is there; saving offers two more


@dataclass(frozen=True)
class Step:
    """One entry of the list of steps: what is left in it, in words."""

    key: str
    name: str
    url: str
    left: int
    current: bool


@blueprint.get("/dossiers/<application_id>/write/<section>")
@access("applicant")
def write(application_id: str, section: str) -> ResponseReturnValue:
    return _page(applications.written(db(), application_id, actor=actor()), section)


@blueprint.post("/dossiers/<application_id>/write/<section>")
@access("applicant")
def save(application_id: str, section: str) -> ResponseReturnValue:
    """Everything typed is kept, right or wrong; what is wrong is named on the page."""
    if section not in SECTION:
        abort(404)
    quietly = request.headers.get("X-Autosave") == "1"
    row = applications.written(db(), application_id, actor=actor())
    values = _entered(row, section)
    try:
        saved = submission.save(db(), application_id, section, values, base=_base(), actor=actor(), now=now())
    except DomainError as refused:
        if quietly:
            return jsonify(error=words(refused.code, refused.data)), 409
        if not isinstance(refused, Stale):
            raise
        return _page(row, section, conflict=words(refused.code, refused.data), typed=values), 409
    if quietly:
        at = i18n.kst(saved.at, seconds=True)
        return jsonify(version=saved.version, said=_("Saved %(at)s, version %(n)s", at=at, n=saved.version))
    faults = [p for p in dossier.check({section: saved.content.get(section) or {}}) if p.hard]
    stay = bool(faults) or request.form.get("then") == "stay"
    if faults:
        flash(_("Saved. %(n)s entries need another look.", n=len(faults)), "warning")
    elif stay:
        flash(_("Saved."), "success")
    if not faults and request.form.get("then") == "close":
        return redirect(url_for("applicant.home"), 303)
    key = section if stay else _after(section)
    if key == "files":
        return redirect(url_for("applicant.files", application_id=application_id), 303)
    return redirect(url_for("applicant.write", application_id=application_id, section=key), 303)


@blueprint.get("/dossiers/<application_id>/files")
@access("applicant")
def files(application_id: str) -> ResponseReturnValue:
    return _files_page(applications.written(db(), application_id, actor=actor()))


@blueprint.post("/dossiers/<application_id>/files/<slot>")
@access("applicant")
def add_file(application_id: str, slot: str) -> ResponseReturnValue:
    sent = request.files.get("file")
    if slot not in SLOT:
        abort(404)
    if sent is None or not sent.filename:
        return _refused(application_id, slot, words("dossier.no_file"))
    try:
        submission.add_file(
            db(),
            application_id,
            slot=slot,
            stream=sent.stream,  # type: ignore[arg-type]
            name=sent.filename,
            files=current_app.extensions["ppir"].files,
            actor=actor(),
            now=now(),
        )
    except DomainError as refused:
        if not refused.code.startswith(("file.", "dossier.slot")):
            raise
        return _refused(application_id, slot, words(refused.code, refused.data))
    flash(_("%(slot)s: the file has been added.", slot=i18n.pair(SLOT[slot])), "success")
    return redirect(url_for("applicant.files", application_id=application_id) + f"#{slot}", 303)


@blueprint.post("/dossiers/<application_id>/files/<file_id>/remove")
@access("applicant")
def remove_file(application_id: str, file_id: str) -> ResponseReturnValue:
    submission.remove_file(db(), application_id, file_id, actor=actor(), now=now())
    flash(_("The file has been removed."), "success")
    return redirect(url_for("applicant.files", application_id=application_id), 303)


@blueprint.get("/dossiers/<application_id>/preview")
@access("applicant")
def preview(application_id: str) -> ResponseReturnValue:
    return _preview_page(applications.written(db(), application_id, actor=actor()))


@blueprint.post("/dossiers/<application_id>/submit")
@access("applicant")
def submit(application_id: str) -> ResponseReturnValue:
    pledged = request.form.get("pledged") == "yes"
    if not pledged:
        row = applications.written(db(), application_id, actor=actor())
        return _preview_page(row, error=words("dossier.pledge_missing")), 422
    filed = submission.submit(db(), application_id, base=_base(), pledged=pledged, actor=actor(), now=now())
    return redirect(url_for("applicant.receipt", application_id=application_id, version=filed.version), 303)


@blueprint.post("/dossiers/<application_id>/supplement")
@access("applicant")
def answer_supplement(application_id: str) -> ResponseReturnValue:
    filed = submission.answer_supplement(db(), application_id, actor=actor(), now=now())
    return redirect(url_for("applicant.receipt", application_id=application_id, version=filed.version), 303)


def _page(row: Written, key: str, *, conflict: str = "", typed: dict[str, object] | None = None) -> str:
    if key not in SECTION:
        abort(404)
    section = SECTION[key]
    values = typed if typed is not None else dict(row.content.get(key) or {})
    faults = dossier.check({**row.content, key: values})
    problems = [p for p in faults if p.section == key]
    if request.args.get("check") == "1":
        problems += [p for p in row.problems_of(key) if p.code == "dossier.missing"]
    form = section_form(section, values, problems, row.open_fields(key))
    rows = {f.name: [*_entries(values, f.name), *({} for _n in range(BLANK_ROWS))] for f in section.fields if f.kind == "rows"}
    return render_template(
        "applicant/write.html",
        row=row,
        section=section,
        form=form,
        rows=rows,
        open=row.open_fields(key),
        hidden=[i18n.pair(f) for f in section.fields if not f.panel],
        read=[part for part in dossier.full_view(row.content) if part.section.key == key],
        problems={p.place: words(p.code, p.data) for p in problems},
        steps=_steps(row, key),
        conflict=conflict,
        number_of=[s.key for s in SECTIONS].index(key) + 1,
    )


def _entries(values: Mapping[str, Any], name: str) -> list[Mapping[str, str]]:
    return list(values.get(name) or [])


def _files_page(row: Written, slot: str = "", error: str = "") -> str:
    return render_template(
        "applicant/files.html",
        row=row,
        slots=SLOTS,
        steps=_steps(row, "files"),
        accept=sniff.ACCEPT,
        file_mb=row.file_mb,
        uploads=sending.under_way(db(), row.public_id, actor=actor()),
        piece=uploads.PIECE,
        bad_slot=slot,
        error=error,
    )


def _refused(application_id: str, slot: str, error: str) -> ResponseReturnValue:
    return _files_page(applications.written(db(), application_id, actor=actor()), slot, error), 422


def _preview_page(row: Written, error: str = "") -> str:
    return render_template(
        "applicant/preview.html",
        row=row,
        view=dossier.panel_view(row.content),
        panel_files=[f for f in row.files if SLOT[f.slot].panel],
        hidden_files=[f for f in row.files if not SLOT[f.slot].panel],
        places={p.place: place_url(row.public_id, p.place) for p in row.problems},
        item_label=dossier.label,
        SLOT=SLOT,
        steps=_steps(row, "preview"),
        error=error,
    )


def place_url(application_id: str, place: str) -> str:
    """The page and part of it where a field is entered or a file added."""
    section, _dot, rest = place.partition(".")
    if not rest:
        return url_for("applicant.files", application_id=application_id) + f"#{place}"
    field = rest.split(".")[0]
    return url_for("applicant.write", application_id=application_id, section=section, check=1) + f"#{field}"


def _steps(row: Written, current: str) -> list[Step]:
    out = [
        Step(
            s.key,
            i18n.pair(s),
            url_for("applicant.write", application_id=row.public_id, section=s.key),
            len(row.problems_of(s.key)),
            s.key == current,
        )
        for s in SECTIONS
    ]
    out.append(
        Step(
            "files",
            _("Files"),
            url_for("applicant.files", application_id=row.public_id),
            len(row.problems_of("files")),
            current == "files",
        )
    )
    last = _("Preview and submit") if row.may_write else _("Dossier as filed")
    out.append(
        Step("preview", last, url_for("applicant.preview", application_id=row.public_id), len(row.problems), current == "preview")
    )
    return out


def _entered(row: Written, section: str) -> dict[str, object]:
    """What the page sent; a field that the page showed as closed keeps its value."""
    values = dossier.parse(section, request.form.getlist)
    open_ = row.open_fields(section)
    return values if open_ is None else {name: value for name, value in values.items() if name in open_}


def _base() -> int:
    """The version the page was drawn from."""
    text = request.form.get("base", "")
    return int(text) if text.isdigit() else 0


def _after(section: str) -> str:
    keys = [s.key for s in SECTIONS]
    at = keys.index(section) + 1
    return keys[at] if at < len(keys) else "files"
