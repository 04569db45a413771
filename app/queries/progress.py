"""Scoring as it goes: every sheet of one round, by dossier, those still open first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.models.experts import Expert
from app.models.matching import Panel, Seat
from app.models.reviews import Sheet
from app.queries.results import PAGE, RunRow, newer_than, newest_run, run_row
from app.workflow import permissions, rounds
from app.workflow.actors import Actor
from scoring.rubric import load


@dataclass(frozen=True)
class SheetRow:
    public_id: str
    alias: str
    name: str
    status: str
    done_n: int
    total_n: int
    saved_at: datetime | None
    locked_at: datetime | None


@dataclass(frozen=True)
class DossierProgress:
    key: str
    label: str
    title: str
    language: str
    status: str
    judging: bool  # in this round; a former panel's sheets stay closed
    panel: str
    panel_number: int
    sheets: tuple[SheetRow, ...]

    @property
    def locked(self) -> int:
        return sum(s.status == "locked" for s in self.sheets)


@dataclass(frozen=True)
class Progress:
    rows: tuple[DossierProgress, ...]
    page: int
    last: int
    locked: int
    total: int
    by_status: Mapping[str, int]
    closes_at: datetime | None
    run: RunRow | None
    newer: bool  # sheets were submitted or reopened since the newest run


def of(
    session: Session, call_id: str, *, actor: Actor, page: int = 1, only: str = "", round_number: int | None = None
) -> Progress:
    """Every sheet of the round; `only` keeps dossiers with sheets still open."""
    permissions.require(actor, "decision.explain")
    round_ = rounds.named(session, call_id, round_number)
    sheets = (
        session.execute(
            select(Sheet)
            .join(Seat, Seat.id == Sheet.seat_id)
            .join(Panel, Panel.id == Seat.panel_id)
            .where(Panel.round_id == round_.id, Sheet.status != "void")
            .options(
                selectinload(Sheet.seat).joinedload(Seat.expert).joinedload(Expert.person),
                selectinload(Sheet.application),
                selectinload(Sheet.marks),
            )
            .order_by(Sheet.application_id, Seat.alias)
        )
        .scalars()
        .all()
    )
    grouped: dict[int, list[Sheet]] = {}
    by_status: dict[str, int] = {}
    for sheet in sheets:
        grouped.setdefault(sheet.application_id, []).append(sheet)
        by_status[sheet.status] = by_status.get(sheet.status, 0) + 1
    rows = [_progress(group) for group in grouped.values()]
    if only == "open":
        rows = [r for r in rows if r.locked < len(r.sheets)]
    rows.sort(key=lambda r: (r.locked == len(r.sheets), r.label))
    last = max(1, -(-len(rows) // PAGE))
    page = min(max(page, 1), last)
    run = newest_run(session, round_)
    return Progress(
        tuple(rows[(page - 1) * PAGE : page * PAGE]),
        page,
        last,
        by_status.get("locked", 0),
        len(sheets),
        by_status,
        round_.scoring_closes_at,
        run_row(session, run) if run else None,
        newer_than(session, round_, run),
    )


def _progress(group: list[Sheet]) -> DossierProgress:
    application, panel = group[0].application, group[0].seat.panel
    rubric = load(application.call.rubric)
    asked = (*rubric.item_codes, *rubric.gate_codes)
    rows = []
    for sheet in group:
        newest = {m.item: m.step for m in sorted(sheet.marks, key=lambda m: m.number)}
        rows.append(
            SheetRow(
                sheet.public_id,
                sheet.seat.alias,
                sheet.seat.expert.person.name,
                sheet.status,
                sum(newest.get(code) is not None for code in asked),
                len(asked),
                sheet.saved_at,
                sheet.locked_at,
            )
        )
    return DossierProgress(
        application.public_id,
        application.label,
        application.title,
        application.language,
        application.status,
        rounds.judges(panel.round, application),
        panel.public_id,
        panel.number,
        tuple(rows),
    )
