"""Writing one section of a dossier: its page, its save buttons, and saving field by field while somebody types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import i18n
from app.documents import conditions, dossier
from app.documents.form import SECTION, SECTIONS, Field
from app.documents.merging import Clash
from app.errors import DomainError, Stale
from app.i18n import gettext as _
from app.queries import applications, dossier_changes
from app.queries.applications import Written
from app.queries.dossier_changes import Change
from app.stages import submission
from app.web.access import access, actor, db, keep, now
from app.web.applicant import suggestions
from app.web.applicant.blueprint import blueprint
from app.web.applicant.forms import as_typed, section_form
from app.web.applicant.steps import steps
from app.web.errors import words

BLANK_ROWS = 2  # offered below what is there; saving offers two more
TYPED = ("text", "long", "whole", "money", "date", "lines", "words")  # kinds whose stored value can be edited in a text box


@dataclass(frozen=True)
class Theirs:
    """What somebody else stored in a field that is being written, to be shown beside one's own."""

    field: Field
    value: Any
    text: str
    change: Change | None


@blueprint.get("/dossiers/<application_id>/write/<section>")
@access("applicant")
def write(application_id: str, section: str) -> ResponseReturnValue:
    return _page(applications.written(db(), application_id, actor=actor(), now=now()), section)


@blueprint.post("/dossiers/<application_id>/write/<section>")
@access("applicant")
def save(application_id: str, section: str) -> ResponseReturnValue:
    """Everything typed is kept, right or wrong; what is wrong is named on the page."""
    if section not in SECTION:
        abort(404)
    row = applications.written(db(), application_id, actor=actor(), now=now())
    if request.headers.get("X-Autosave") == "1":
        return _quietly(row, section)
    values, unsettled = _settled(row, section, _entered(row, section))
    try:
        submission.save(db(), application_id, section, values, base=_base(), actor=actor(), now=now())
    except Stale as stale:
        clashes: Mapping[str, Clash] = stale.data["clashes"]
        typed = dict(stale.data["joined"]) | {name: clash.mine for name, clash in clashes.items()} | unsettled
        return _page(row, section, typed=typed, clashing=[*clashes, *unsettled]), 409
    row = applications.written(db(), application_id, actor=actor(), now=now())
    if unsettled:
        keep()
        typed = dict(row.content.get(section) or {}) | unsettled
        return _page(row, section, typed=typed, clashing=list(unsettled)), 409
    then = request.form.get("then")
    if then == "close":
        flash(_("Saved. You can go on at any time, on any device."), "success")
        return redirect(url_for("applicant.home"), 303)
    if any(p.hard and p.section == section for p in dossier.check(row.content)):
        keep()
        return _page(row, section, refused=True), 422
    if then == "stay":
        flash(_("Saved."), "success")
        return redirect(url_for("applicant.write", application_id=application_id, section=section), 303)
    return redirect(_after(row, section), 303)


def _quietly(row: Written, section: str) -> ResponseReturnValue:
    """The fields somebody is typing in. The answer says what else changed, what is asked for now, and what is left."""
    sent = set(request.form.getlist("field"))
    values = {name: value for name, value in _entered(row, section).items() if name in sent}
    base = _base()
    try:
        saved = submission.save(db(), row.public_id, section, values, base=base, actor=actor(), now=now())
    except Stale as stale:
        beside = _theirs(row, section, stale.data["clashes"])
        boxes = {t.field.name: render_template("applicant/_clash.html", theirs=t) for t in beside}
        return jsonify(error=words(stale.code, stale.data), version=stale.data["n"], clashes=boxes), 409
    except DomainError as refused:
        return jsonify(error=words(refused.code, refused.data)), 409
    version, said = saved.version, _("Saved %(at)s, version %(n)s", at=i18n.kst(saved.at, seconds=True), n=saved.version)
    row = applications.written(db(), row.public_id, actor=actor(), now=now())
    return jsonify(
        version=version,
        said=said,
        left={step.key: step.said for step in steps(row, section)},
        asked=[f.name for f in SECTION[section].fields if conditions.asked(f, row.content)],
        others=_others(row, section, base, sent),
    )


def _others(row: Written, section: str, base: int, sent: set[str]) -> list[dict[str, Any]]:
    """Fields of this page that changed elsewhere since the page was drawn, with their text where a box can show it."""
    named = {f.name: f for f in SECTION[section].fields}
    out = []
    for change in dossier_changes.since(db(), row.public_id, base, actor=actor()):
        key, _dot, name = change.place.partition(".")
        if key != section or name in sent or name not in named:
            continue
        value = conditions.value(row.content, change.place)
        text = as_typed(named[name], value) if named[name].kind != "rows" else None
        out.append({"name": name, "text": text, "said": said_of(change)})
    return out


def said_of(change: Change) -> str:
    """Lee changed Description: Summary at 14:01."""
    field, at = i18n.pair(dossier.label(change.place)), i18n.kst(change.at, seconds=True)
    if change.own:
        return _("You changed %(field)s in another window, %(at)s", field=field, at=at)
    return _("%(name)s changed %(field)s, %(at)s", name=change.by, field=field, at=at)


def _page(
    row: Written,
    key: str,
    *,
    typed: Mapping[str, Any] | None = None,
    clashing: list[str] | None = None,
    refused: bool = False,
) -> str:
    if key not in SECTION:
        abort(404)
    section = SECTION[key]
    values = dict(typed if typed is not None else row.content.get(key) or {})
    content = {**row.content, key: values}
    problems = [p for p in dossier.check(content) if p.section == key]
    if request.args.get("check") == "1":
        problems += [p for p in row.problems_of(key) if p.code == "dossier.missing"]
    form = section_form(section, values, problems, row.open_fields(key))
    shown = [f for f in section.fields if conditions.asked(f, content) or _on_this_page(f, key)]
    return render_template(
        "applicant/write.html",
        row=row,
        section=section,
        form=form,
        fields=shown,
        asked={f.name for f in shown if conditions.asked(f, content)},
        when={f.name: _when(f) for f in shown if f.when and _on_this_page(f, key)},
        rows={f.name: [*(values.get(f.name) or []), *({} for _n in range(BLANK_ROWS))] for f in shown if f.kind == "rows"},
        open=row.open_fields(key),
        hidden=[i18n.pair(f) for f in shown if not f.panel],
        read=[part for part in dossier.full_view(row.content) if part.section.key == key],
        problems={p.place: words(p.code, p.data) for p in problems},
        faults=[(_anchor(p.place), i18n.pair(dossier.label(p.place)), words(p.code, p.data)) for p in problems if p.hard],
        theirs={t.field.name: t for t in _theirs(row, key, clashing or ())},
        steps=steps(row, key),
        changes=[said_of(c) for c in dossier_changes.of_others(dossier_changes.since(db(), row.public_id, 0, actor=actor()))],
        refused=refused,
        suggested=suggestions.shown(row) if key == "classification" else None,
        number_of=[s.key for s in SECTIONS].index(key) + 1,
    )


def _on_this_page(f: Field, section: str) -> bool:
    """Whether what its condition reads stands on the same page, so that the page itself can follow it."""
    return f.when is not None and f.when.place.startswith(f"{section}.")


def _when(f: Field) -> str:
    """The condition as the page's script reads it; a fault of an identifier is for the server to tell."""
    assert f.when is not None
    return json.dumps({"name": f.when.place.partition(".")[2], "among": f.when.among, "fault": f.when.fault})


def _anchor(place: str) -> str:
    """Where a problem's input stands: the field, or the cell of its rows."""
    return place.partition(".")[2]


def _theirs(row: Written, section: str, clashing: Any) -> list[Theirs]:
    """The stored side of each clash. `row` was read before; what is stored is read again with who wrote it."""
    if not clashing:
        return []
    stored = applications.written(db(), row.public_id, actor=actor(), now=now()).content.get(section) or {}
    last = {c.place: c for c in dossier_changes.since(db(), row.public_id, 0, actor=actor())}
    named = {f.name: f for f in SECTION[section].fields}
    return [
        Theirs(
            named[name],
            stored.get(name),
            as_typed(named[name], stored.get(name)) if named[name].kind in TYPED else "",
            last.get(f"{section}.{name}"),
        )
        for name in clashing
    ]


def _settled(row: Written, section: str, entered: dict[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """What is to be saved, and what is not settled yet: of two texts the person has chosen one by its button."""
    values, unsettled = dict(entered), {}
    for name in request.form.getlist("unsettled"):
        choice = request.form.get(f"keep.{name}")
        if name not in entered or choice == "mine":
            continue
        mine = values.pop(name)
        if choice != "theirs":
            unsettled[name] = mine
        elif (text := request.form.get(f"theirs.{name}")) is not None:
            values[name] = dossier.parse(section, lambda asked, name=name, text=text: [text] if asked == name else [])[name]  # type: ignore[misc]
    return values, unsettled


def _entered(row: Written, section: str) -> dict[str, object]:
    """What the page sent; a field that the page did not show, or showed as closed, keeps its value."""
    values = dossier.parse(section, request.form.getlist)
    open_ = row.open_fields(section)
    content = {**row.content, section: {**(row.content.get(section) or {}), **values}}
    return {
        name: value
        for name, value in values.items()
        if (open_ is None or name in open_) and _was_shown(section, name, content)
    }


def _was_shown(section: str, name: str, content: dossier.Content) -> bool:
    f = next(f for f in SECTION[section].fields if f.name == name)
    return conditions.asked(f, content) or _on_this_page(f, section)


def _base() -> int:
    """The version the page was drawn from."""
    text = request.form.get("base", "")
    return int(text) if text.isdigit() else 0


def _after(row: Written, section: str) -> str:
    keys = [s.key for s in SECTIONS]
    at = keys.index(section) + 1
    if at < len(keys):
        return url_for("applicant.write", application_id=row.public_id, section=keys[at])
    return url_for("applicant.files", application_id=row.public_id)


