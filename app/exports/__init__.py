"""Files that leave the platform. A new one is a file here with a function that builds its table, and its line in EXPORTS.

`table(session, name, key, actor=…)` builds one; tables.py writes it as CSV, XLSX or JSON, each safe to open in a spreadsheet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.errors import NotFound
from app.exports import certified_list, field_coverage, panel_list, score_table
from app.exports.tables import Table
from app.workflow.actors import Actor

Build = Callable[..., Table]  # (session, key, *, actor); asks `permissions` itself


@dataclass(frozen=True)
class Export:
    """`key` says what the export is of, such as the public id of a run; `formats` in the order of the links."""

    build: Build
    key: str
    formats: tuple[str, ...] = ("csv", "xlsx", "json")


EXPORTS: Mapping[str, Export] = {
    "certified_list": Export(certified_list.build, "edition"),
    "field_coverage": Export(field_coverage.build, "call"),
    "panel_list": Export(panel_list.build, "run"),
    "score_table": Export(score_table.build, "round"),
}


def table(session: Session, name: str, key: str, *, actor: Actor) -> Table:
    """Build the export `name` of what `key` names; NotFound for an export nobody knows."""
    if name not in EXPORTS:
        raise NotFound("not_found")
    return EXPORTS[name].build(session, key, actor=actor)
