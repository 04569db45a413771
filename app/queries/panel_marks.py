"""The panel's marks on one dossier side by side, by alias: nothing of it exists before every sheet is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models.applications import Application
from app.models.matching import Panel, PanelDossier, Seat
from app.models.results import Deliberation, Result
from app.models.reviews import Sheet
from app.queries.sheets import Given, all_in, given_on
from app.workflow import permissions, rounds, seating
from app.workflow.actors import Actor
from scoring.decision import round_half_up
from scoring.rubric import Rubric, load


@dataclass(frozen=True)
class Column:
    """One member of the panel under their alias."""

    alias: str
    duty: str
    mine: bool
    total: str
    by_criterion: Mapping[str, str]
    given: Mapping[str, Given]
    gates: Mapping[str, int | None]
    to_panel: str
    alarm: Mapping[str, str] | None


@dataclass(frozen=True)
class Outcome:
    """What the newest results say, with every rule's own result."""

    total: str
    raw_mean: str
    trimmed_mean: str
    outcome: str
    criteria: tuple[Mapping[str, object], ...]
    gates: tuple[Mapping[str, object], ...]
    reasons: tuple[Mapping[str, object], ...]
    run: str
    run_at: datetime


@dataclass(frozen=True)
class Table:
    """The deliberation of one dossier, for a member of its panel."""

    application: str
    seat: str
    label: str
    title: str
    language: str
    status: str  # empty: this panel has spoken, and another judges again
    rubric: Rubric
    pass_mark: str
    duty: str
    columns: tuple[Column, ...]
    outcome: Outcome | None
    text: str
    alarms_note: str
    drafted_at: datetime | None
    confirmed_at: datetime | None

    @property
    def alarms(self) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.alarm)


def table(session: Session, application_id: str, *, actor: Actor) -> Table:
    """For members without a conflict, and only when every sheet is in; before that there is nothing to see.

    Each panel sees its own marks: those of a re-review nothing of the former one's, and the other way round.
    """
    permissions.require(actor, "deliberation.draft")
    application = session.execute(select(Application).where(Application.public_id == application_id)).scalar_one_or_none()
    seat = _own_seat(session, application, actor) if application else None
    if application is None or seat is None:
        raise NotFound("not_found")
    panel, judging = seat.panel, rounds.judges(seat.panel.round, application)
    if application.id in seating.barred_from(session, seat) or not all_in(session, panel, application):
        raise NotFound("not_found")
    rubric = load(application.call.rubric)
    result = rounds.result_of(session, application, panel.round_id)
    said = session.execute(
        select(Deliberation).where(Deliberation.application_id == application.id, Deliberation.round_id == panel.round_id)
    ).scalar_one_or_none()
    columns = _columns(session, panel, application, rubric, seat, result)
    return Table(
        application=application.public_id,
        seat=seat.public_id,
        label=application.label,
        title=application.title,
        language=application.language,
        status=application.status if judging else "",
        rubric=rubric,
        pass_mark=str(application.call.rules.get("pass_mark", rubric.pass_mark)),
        duty=seat.duty,
        columns=columns,
        outcome=outcome_of(result) if result else None,
        text=said.text if said else "",
        alarms_note=said.alarms_note if said else "",
        drafted_at=said.drafted_at if said else None,
        confirmed_at=said.confirmed_at if said else None,
    )


def _own_seat(session: Session, application: Application, actor: Actor) -> Seat | None:
    """The actor's seat on a panel of this dossier."""
    seats = (
        select(Seat)
        .join(PanelDossier, PanelDossier.panel_id == Seat.panel_id)
        .where(PanelDossier.application_id == application.id, Seat.expert_id == actor.expert_id)
    )
    mine = seats.where(Seat.status.in_(("active", "done")))
    return session.execute(mine.order_by(Seat.id.desc()).limit(1)).scalar_one_or_none()


def _columns(
    session: Session, panel: Panel, application: Application, rubric: Rubric, mine: Seat, result: Result | None
) -> tuple[Column, ...]:
    sheets = session.execute(
        select(Sheet)
        .join(Seat, Seat.id == Sheet.seat_id)
        .where(Seat.panel_id == panel.id, Sheet.application_id == application.id, Sheet.status == "locked")
    ).scalars()
    alarms = {row["sheet"]: row["alarm"] for row in result.sheets} if result else {}
    found = []
    for sheet in sheets:
        given = given_on(sheet)
        by_criterion = {
            c.code: sum((rubric.points(i.code, given[i.code].step or 1) for i in c.items), Fraction(0)) for c in rubric.criteria
        }
        found.append(
            Column(
                sheet.seat.alias,
                sheet.seat.duty,
                sheet.seat_id == mine.id,
                _shown(sum(by_criterion.values(), Fraction(0)), rubric),
                {code: _shown(points, rubric) for code, points in by_criterion.items()},
                given,
                {code: given[code].step for code in rubric.gate_codes},
                sheet.to_panel,
                alarms.get(sheet.public_id),
            )
        )
    return tuple(sorted(found, key=lambda c: c.alias))


def outcome_of(result: Result) -> Outcome:
    return Outcome(
        result.total,
        result.raw_mean,
        result.trimmed_mean,
        result.outcome,
        tuple(result.criteria),
        tuple(result.gates),
        tuple(result.reasons),
        result.run.public_id,
        result.run.at,
    )


def _shown(points: Fraction, rubric: Rubric) -> str:
    return f"{round_half_up(points, rubric.decimals):f}"
