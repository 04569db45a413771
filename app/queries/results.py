"""What scoring gave: the ranking of a round's newest run, and how one result came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from app.errors import NotFound
from app.models.applications import Application
from app.models.calls import Call, Round
from app.models.matching import Panel, Seat
from app.models.people import Account
from app.models.results import CalibrationRun, Result
from app.models.reviews import Sheet, SheetLock
from app.queries import deliberations, panel_marks
from app.queries.deliberations import Talk
from app.queries.lookup import by_public_id
from app.queries.panel_marks import Column
from app.workflow import door, permissions, rounds, rules, triage
from app.workflow.actors import Actor
from app.workflow.deliberations import topics
from app.workflow.triage import Triage
from scoring.decision import round_half_up
from scoring.rubric import load

PAGE = 40


@dataclass(frozen=True)
class RunRow:
    public_id: str
    number: int
    at: datetime
    by: str
    rubric: str
    rules_version: int
    inputs_digest: str
    computed_with: str
    policy: Mapping[str, object]
    fit: Mapping[str, Any]

    @property
    def calibrates(self) -> bool:
        """Whether the policy of this run asks for calibration at all."""
        return self.policy.get("calibrate") == "F" and self.policy.get("aggregate") == "mean"

    @property
    def applied(self) -> bool:
        return bool(self.fit.get("applied"))


@dataclass(frozen=True)
class RankRow:
    key: str
    label: str
    title: str
    language: str
    organisation: str
    field: str
    status: str
    rank: int | None
    total: str
    raw_mean: str
    trimmed_mean: str
    calibrated: str
    sd: str
    n_sheets: int
    detail: Mapping[str, Any]
    criteria: Sequence[Mapping[str, object]]
    gates: Sequence[Mapping[str, object]]
    reasons: Sequence[Mapping[str, object]]
    outcome: str
    alarms: int
    pending_by: str
    pending_mine: bool
    judging: bool  # this round judges it now; what a former panel gave is shown and no more acted on

    @property
    def interval(self) -> tuple[float, float, float] | None:
        """Value and its interval of 90 %; of one standard error where the run has no model of its errors."""
        if not self.total:
            return None
        if self.detail.get("low") is not None:
            return float(self.total), max(0.0, self.detail["low"]), min(100.0, self.detail["high"])
        error = float(self.sd) / self.n_sheets**0.5 if self.sd and self.n_sheets > 1 else 0.0
        value = float(self.total)
        return value, max(0.0, value - error), min(100.0, value + error)


@dataclass(frozen=True)
class Ranking:
    rows: tuple[RankRow, ...]
    counts: Mapping[str, int]
    page: int
    last: int
    run: RunRow | None
    newer: bool
    pass_mark: str
    ready_n: int = 0  # recommended and still with the coordinator


@dataclass(frozen=True)
class Counted:
    """One sheet's part in the value."""

    alias: str
    name: str
    sheet: str
    total: str
    criteria: Mapping[str, str]
    kept: bool
    severity: str  # exact, as a fraction: what calibration takes off the total
    share: str  # exact, as a fraction
    alarm: Mapping[str, str] | None
    receipt: str

    @property
    def share_points(self) -> str:
        return f"{round_half_up(Fraction(self.share), 2):f}"

    @property
    def severity_points(self) -> str:
        """With its sign: above 0 the panellist is lenient."""
        return f"{round_half_up(Fraction(self.severity), 2):+f}"

    @property
    def adjusted(self) -> str:
        return f"{round_half_up(Fraction(self.total) - Fraction(self.severity), 2):f}"


@dataclass(frozen=True)
class Beside:
    """What one round gave the dossier, to be read beside the other's."""

    round: int
    kind: str
    total: str
    outcome: str
    n_sheets: int
    means: Mapping[str, str]  # by criterion
    at: datetime


@dataclass(frozen=True)
class Elsewhere:
    """The round that judges the dossier after the one shown."""

    round: int
    status: str
    seated: bool
    judged: bool  # it has a result there


@dataclass(frozen=True)
class ResultView:
    row: RankRow
    round: int
    elsewhere: Elsewhere | None  # another round judges it now
    beside: tuple[Beside, ...]  # one for each round, once there are two
    run: RunRow
    rubric_key: str
    sheets: tuple[Counted, ...]
    talk: Talk | None
    topics: tuple[str, ...]
    minutes: bool
    triage: Triage
    columns: tuple[Column, ...]
    pending_reason: str
    pending_at: datetime | None
    next_step: str
    earlier: tuple[tuple[RunRow, str, str], ...]

    @property
    def given_back(self) -> str:
        """What the bound on the shift gives back, with its sign; empty where it did not bite."""
        if not self.row.detail.get("capped"):
            return ""
        left = Fraction(self.row.raw_mean) + Fraction(str(self.row.detail["shift"])) - sum(Fraction(s.share) for s in self.sheets)
        return f"{round_half_up(left, 2):+f}"

    @property
    def terms(self) -> list[str]:
        """The totals, adjusted where calibration applies, whose mean is the value; none where that is a sum of medians."""
        if self.run.applied:
            return [s.adjusted for s in self.sheets if s.kept]
        return [s.total for s in self.sheets if s.kept] if self.run.policy.get("aggregate") in ("mean", "trimmed") else []


def ranking(
    session: Session, call_id: str, *, actor: Actor, outcome: str = "", page: int = 1, round_number: int | None = None
) -> Ranking:
    """The newest results of the round in order of rank; those without quorum last."""
    permissions.require(actor, "decision.explain")
    round_ = rounds.named(session, call_id, round_number)
    run = newest_run(session, round_)
    pass_mark = str(round_.call.rules.get("pass_mark", "70.00"))
    if run is None:
        return Ranking((), {}, 1, 1, None, False, pass_mark)
    results = (
        session.execute(
            select(Result)
            .where(Result.run_id == run.id)
            .options(selectinload(Result.application).joinedload(Application.organisation))
        )
        .scalars()
        .all()
    )
    counts: dict[str, int] = {}
    for result in results:
        counts[result.outcome] = counts.get(result.outcome, 0) + 1
    chosen = sorted(
        (r for r in results if not outcome or r.outcome == outcome),
        key=lambda r: (r.rank is None, r.rank or 0, r.application.label),
    )
    last = max(1, -(-len(chosen) // PAGE))
    page = min(max(page, 1), last)
    return Ranking(
        tuple(_rank_row(session, r, actor) for r in chosen[(page - 1) * PAGE : page * PAGE]),
        counts,
        page,
        last,
        run_row(session, run),
        newer_than(session, round_, run),
        pass_mark,
        sum(r.application.status == "recommended" and rounds.judges(round_, r.application) for r in results),
    )


def all_rows(session: Session, round_id: str, *, actor: Actor) -> tuple[list[RankRow], RunRow | None]:
    """The whole ranking of a round, for the score table that leaves the platform."""
    permissions.require(actor, "decision.explain")
    run = newest_run(session, by_public_id(session, Round, round_id))
    if run is None:
        return [], None
    results = session.execute(select(Result).where(Result.run_id == run.id)).scalars().all()
    ordered = sorted(results, key=lambda r: (r.rank is None, r.rank or 0, r.application.label))
    return [_rank_row(session, r, actor) for r in ordered], run_row(session, run)


def one(
    session: Session, call_id: str, application_id: str, *, actor: Actor, round_number: int | None = None
) -> ResultView:
    """How one result came about: each sheet's share, the rules it met or missed, the run that computed it.

    Of the last round that has one, or of the one asked for; what another round gave stands beside it.
    """
    permissions.require(actor, "decision.explain")
    application = session.execute(
        select(Application).join(Call).where(Application.public_id == application_id, Call.public_id == call_id)
    ).scalar_one_or_none()
    results = (
        session.execute(
            select(Result).join(CalibrationRun).where(Result.application_id == application.id).order_by(CalibrationRun.id.desc())
        )
        .scalars()
        .all()
        if application
        else []
    )
    if application is None or not results:
        raise NotFound("not_found")
    newest = {r.run.round.number: r for r in reversed(results)}
    number = max(newest) if round_number is None else round_number
    if number not in newest:
        raise NotFound("not_found")
    result = newest[number]
    names = {
        s.public_id: s.seat.expert.person.name
        for s in session.execute(select(Sheet).where(Sheet.application_id == application.id)).scalars()
    }
    panel = deliberations.panel_in(session, application, result.run.round_id)
    talk = deliberations.talk_of(session, application, panel) if panel else None
    rubric = load(result.run.rubric)
    pending = door.pending_of(session, application)
    sheets = tuple(
        Counted(
            r["alias"],
            names.get(r["sheet"], ""),
            r["sheet"],
            r["total"],
            r["criteria"],
            r["kept"],
            r.get("severity", "0"),
            r["share"],
            r["alarm"],
            r["receipt"],
        )
        for r in result.sheets
    )
    return ResultView(
        _rank_row(session, result, actor),
        number,
        _elsewhere(session, application, result, newest),
        tuple(_beside(newest[n]) for n in sorted(newest)) if len(newest) > 1 else (),
        run_row(session, result.run),
        result.run.rubric,
        sheets,
        talk,
        topics(rubric),
        panel is not None and panel_marks.minutes_of(session, application, panel) is not None,
        triage.of(result, result.run.policy),
        panel_marks.columns_of(session, panel, application, rubric, result) if panel else (),
        pending.reason if pending else "",
        pending.asked_at if pending else None,
        _next_step(application) if rounds.judges(result.run.round, application) else "",
        tuple((run_row(session, r.run), r.total, r.outcome) for r in results if r.run.round.number == number)[1:],
    )


def _elsewhere(session: Session, application: Application, shown: Result, newest: Mapping[int, Result]) -> Elsewhere | None:
    now = application.round
    if now is None or now.id == shown.run.round_id:
        return None
    seated = rounds.panel_of(session, application) is not None
    return Elsewhere(now.number, application.status, seated, now.number in newest)


def _beside(result: Result) -> Beside:
    means = {str(c["code"]): str(c["mean"]) for c in result.criteria}
    round_ = result.run.round
    return Beside(round_.number, round_.kind, result.total, result.outcome, result.n_sheets, means, result.run.at)


def newest_run(session: Session, round_: Round) -> CalibrationRun | None:
    return session.execute(
        select(CalibrationRun).where(CalibrationRun.round_id == round_.id).order_by(CalibrationRun.number.desc()).limit(1)
    ).scalar_one_or_none()


def run_row(session: Session, run: CalibrationRun) -> RunRow:
    account = session.get(Account, run.by_id) if run.by_id else None
    return RunRow(
        run.public_id,
        run.number,
        run.at,
        account.person.name if account else "",
        run.rubric,
        run.rules_version,
        run.inputs_digest,
        run.computed_with,
        run.policy,
        run.fit or {},
    )


def newer_than(session: Session, round_: Round, run: CalibrationRun | None) -> bool:
    """Whether the sheets that count are no longer those the run computed from: submitted again, reopened, or void."""
    if run is not None and run.inputs is not None:
        counting = select(Sheet.public_id, Sheet.receipt).join(Seat, Seat.id == Sheet.seat_id).join(Panel)
        rows = session.execute(counting.where(Panel.round_id == round_.id, Sheet.status == "locked"))
        return {(sheet, receipt) for sheet, receipt in rows} != {(row["sheet"], row["receipt"]) for row in run.inputs}
    locked = session.execute(
        select(func.count(), func.max(SheetLock.at), func.max(SheetLock.reopened_at))
        .select_from(SheetLock)
        .join(Sheet, Sheet.id == SheetLock.sheet_id)
        .join(Seat, Seat.id == Sheet.seat_id)
        .join(Panel, Panel.id == Seat.panel_id)
        .where(Panel.round_id == round_.id)
    ).one()
    if run is None:
        return bool(locked[0])
    return any(moment is not None and moment > run.at for moment in locked[1:])


def _rank_row(session: Session, result: Result, actor: Actor) -> RankRow:
    application = result.application
    pending = door.pending_of(session, application) if application.status == "not_recommended" else None
    asked = session.get(Account, pending.asked_by_id) if pending else None
    return RankRow(
        application.public_id,
        application.label,
        application.title,
        application.language,
        application.organisation.name,
        application.field_1,
        application.status,
        result.rank,
        result.total,
        result.raw_mean,
        result.trimmed_mean,
        result.calibrated,
        result.sd,
        result.n_sheets,
        result.detail or {},
        tuple(result.criteria),
        tuple(result.gates),
        tuple(result.reasons),
        result.outcome,
        sum(bool(s["alarm"]) for s in result.sheets),
        asked.person.name if asked else "",
        bool(asked and asked.id == actor.account_id),
        rounds.judges(result.run.round, application),
    )


def _next_step(application: Application) -> str:
    """What the coordinator can do next with it; empty when the panel or somebody else acts."""
    if application.status in ("in_review", "interview", "site_check"):
        return rules.after_scoring(rules.from_json(application.call.rules), application.status)
    return {"recommended": "fitness_review", "not_recommended": "rejected"}.get(application.status, "")
