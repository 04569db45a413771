"""The panel's marks on one dossier side by side, by alias: nothing of it exists before every sheet is in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents.veil import Veil
from app.errors import NotFound
from app.models.applications import Application
from app.models.deliberations import Deliberation, Inspection, Minutes
from app.models.matching import Panel, PanelDossier, Seat
from app.models.reviews import Sheet, SheetLock
from app.queries import certainty, deliberations, seen_runs
from app.queries.certainty import Certainty
from app.queries.deliberations import PhotoView, Talk
from app.queries.invitation import current_content
from app.queries.seen_runs import SeenRun
from app.queries.sheets import Attachment, Given, all_in, given_on, panel_files
from app.workflow import blinding, duties, permissions, rounds, seating
from app.workflow.actors import Actor
from app.workflow.deliberations import topics
from app.workflow.scores import pass_mark_of
from scoring.decision import round_half_up
from scoring.rubric import Rubric, load


@dataclass(frozen=True)
class Revision:
    at: datetime
    because: str


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
    first: Mapping[str, int]  # the steps as submitted, by item; a revision stands beside them
    first_total: str
    revisions: tuple[Revision, ...]

    def was(self, code: str) -> int | None:
        """The step before it was revised; None where it stands as submitted."""
        step = self.first.get(code)
        return step if step is not None and step != self.given[code].step else None


@dataclass(frozen=True)
class Outcome:
    """What the newest results say, with every rule's own result."""

    total: str
    raw_mean: str
    calibrated: str  # empty where the policy computes none
    trimmed_mean: str
    outcome: str
    criteria: tuple[Mapping[str, object], ...]
    gates: tuple[Mapping[str, object], ...]
    reasons: tuple[Mapping[str, object], ...]
    run: str
    run_at: datetime
    apart: bool  # computed for the reader, without the sheets of a dossier that a conflict keeps from them


@dataclass(frozen=True)
class Source:
    """The reader's own sheet and the files of its dossier: where quotes are looked up."""

    public_id: str
    files: tuple[Attachment, ...]
    writable: bool = False


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
    talk: Talk
    topics: tuple[str, ...]
    sheet: Source
    computing: bool  # a sheet changed since these results
    minutes: bool
    certainty: Certainty | None = None  # of the panel's dossiers that the reader may see

    @property
    def own(self) -> Column | None:
        return next((c for c in self.columns if c.mine), None)

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
    seen = seen_runs.for_member(session, seat, application)
    result = seen.results[application.public_id] if seen else None
    columns = columns_of(session, panel, application, rubric, result, mine=seat)
    receipts = sorted(row["receipt"] for row in result.sheets) if result else []
    return Table(
        application=application.public_id,
        seat=seat.public_id,
        label=application.label,
        title=application.title,
        language=application.language,
        status=application.status if judging else "",
        rubric=rubric,
        pass_mark=pass_mark_of(result, application.call.rules.get("pass_mark", rubric.pass_mark)),
        duty=duties.of(session, panel, application).get(seat.id, "member"),
        columns=columns,
        outcome=outcome_of(seen, application) if seen else None,
        certainty=certainty.of_panel(session, seen, [d.application for d in panel.dossiers]) if seen else None,
        talk=deliberations.talk_of(session, application, panel, mine=seat),
        topics=topics(rubric),
        sheet=_source(session, application, seat),
        computing=bool(result) and receipts != sorted(sheet.receipt for sheet in locked_sheets(session, panel, application)),
        minutes=minutes_of(session, application, panel) is not None,
    )


def photo(session: Session, application_id: str, photo_id: str, *, actor: Actor) -> PhotoView:
    """Of the dossier's site check, for whoever may read its table."""
    found = [p for i in table(session, application_id, actor=actor).talk.inspections for p in i.photographs]
    return _named(found, photo_id)


def photo_for_office(session: Session, application_id: str, photo_id: str, *, actor: Actor) -> PhotoView:
    permissions.require(actor, "decision.explain")
    rows = select(Inspection).join(Application).where(Application.public_id == application_id)
    found = [p for row in session.execute(rows).scalars() for p in deliberations.photographs_of(row)]
    return _named(found, photo_id)


def _named(found: Sequence[PhotoView], photo_id: str) -> PhotoView:
    known = next((one for one in found if one.photo == photo_id), None)
    if known is None:
        raise NotFound("not_found")
    return known


def _own_seat(session: Session, application: Application, actor: Actor) -> Seat | None:
    """The actor's seat on a panel of this dossier."""
    seats = (
        select(Seat)
        .join(PanelDossier, PanelDossier.panel_id == Seat.panel_id)
        .where(PanelDossier.application_id == application.id, Seat.expert_id == actor.expert_id)
    )
    mine = seats.where(Seat.status.in_(("active", "done")))
    return session.execute(mine.order_by(Seat.id.desc()).limit(1)).scalar_one_or_none()


def locked_sheets(session: Session, panel: Panel, application: Application) -> Sequence[Sheet]:
    return (
        session.execute(
            select(Sheet)
            .join(Seat, Seat.id == Sheet.seat_id)
            .where(Seat.panel_id == panel.id, Sheet.application_id == application.id, Sheet.status == "locked")
        )
        .scalars()
        .all()
    )


def minutes_of(session: Session, application: Application, panel: Panel) -> Minutes | None:
    return session.execute(
        select(Minutes)
        .join(Deliberation, Deliberation.id == Minutes.deliberation_id)
        .where(Deliberation.application_id == application.id, Deliberation.round_id == panel.round_id)
    ).scalar_one_or_none()


def columns_of(
    session: Session,
    panel: Panel,
    application: Application,
    rubric: Rubric,
    result: certainty.Judged | None,
    *,
    mine: Seat | None = None,
) -> tuple[Column, ...]:
    """The submitted sheets by alias, each with what was revised in deliberation beside what was submitted."""
    sheets = locked_sheets(session, panel, application)
    locks: dict[int, list[SheetLock]] = {sheet.id: [] for sheet in sheets}
    for lock in session.execute(select(SheetLock).where(SheetLock.sheet_id.in_(locks)).order_by(SheetLock.number)).scalars():
        locks[lock.sheet_id].append(lock)
    alarms = {row["sheet"]: row["alarm"] for row in result.sheets} if result else {}
    found = []
    for sheet in sheets:
        given = given_on(sheet)
        by_criterion = {
            c.code: sum((rubric.points(i.code, given[i.code].step or 1) for i in c.items), Fraction(0)) for c in rubric.criteria
        }
        first = deliberations.first_steps(locks[sheet.id])
        before = sum((rubric.points(code, first[code]) for code in rubric.item_codes if code in first), Fraction(0))
        found.append(
            Column(
                sheet.seat.alias,
                sheet.seat.duty,
                mine is not None and sheet.seat_id == mine.id,
                _shown(sum(by_criterion.values(), Fraction(0)), rubric),
                {code: _shown(points, rubric) for code, points in by_criterion.items()},
                given,
                {code: given[code].step for code in rubric.gate_codes},
                sheet.to_panel,
                alarms.get(sheet.public_id),
                first,
                _shown(before, rubric),
                tuple(Revision(lock.at, lock.revised_because) for lock in locks[sheet.id] if lock.revised_because),
            )
        )
    return tuple(sorted(found, key=lambda c: c.alias))


def _veil(session: Session, application: Application) -> Veil:
    return blinding.of(application, current_content(session, application))


def _source(session: Session, application: Application, seat: Seat) -> Source:
    own = session.execute(
        select(Sheet.public_id).where(Sheet.seat_id == seat.id, Sheet.application_id == application.id, Sheet.status != "void")
    ).scalar()
    return Source(own or "", tuple(panel_files(session, application, _veil(session, application))) if own else ())


def outcome_of(seen: SeenRun, application: Application) -> Outcome:
    result = seen.results[application.public_id]
    return Outcome(
        result.total,
        result.raw_mean,
        result.calibrated,
        result.trimmed_mean,
        result.outcome,
        tuple(result.criteria),
        tuple(result.gates),
        tuple(result.reasons),
        seen.run,
        seen.at,
        seen.apart,
    )


def _shown(points: Fraction, rubric: Rubric) -> str:
    return f"{round_half_up(points, rubric.decimals):f}"
