"""The list of steps beside a dossier that is being written: what is left in each, in words."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from app import i18n
from app.documents import dossier
from app.documents.form import SECTIONS
from app.i18n import gettext as _
from app.queries.applications import Written


@dataclass(frozen=True)
class Step:
    """One entry of the list: `said` is its state in words, `left` how many things it still needs."""

    key: str
    name: str
    url: str
    left: int
    said: str
    current: bool


def steps(row: Written, current: str) -> list[Step]:
    out = [
        _step(row, s.key, i18n.pair(s), url_for("applicant.write", application_id=row.public_id, section=s.key), current)
        for s in SECTIONS
    ]
    out.append(_step(row, "files", _("Files"), url_for("applicant.files", application_id=row.public_id), current))
    last, left = _("Preview and submit") if row.may_write else _("Dossier as filed"), len(row.problems)
    said = _("%(n)s left", n=left) if left else _("ready")
    url = url_for("applicant.preview", application_id=row.public_id)
    return [*out, Step("preview", last, url, left, said, current == "preview")]


def _step(row: Written, key: str, name: str, url: str, current: str) -> Step:
    left = len(row.problems_of(key))
    begun = bool(row.files) if key == "files" else any(not dossier.empty(v) for v in (row.content.get(key) or {}).values())
    said = _("nothing left") if not left else _("%(n)s left", n=left) if begun else _("not begun, %(n)s left", n=left)
    return Step(key, name, url, left, said, key == current)


def place_url(application_id: str, place: str) -> str:
    """The page and part of it where a field is entered or a file added."""
    section, _dot, rest = place.partition(".")
    if not rest:
        return url_for("applicant.files", application_id=application_id) + f"#{place}"
    return url_for("applicant.write", application_id=application_id, section=section, check=1) + f"#{rest}"
