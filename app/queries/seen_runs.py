"""A run of results as one member of a panel may read it: as kept or, without the dossiers a conflict keeps them from, anew.

A calibrated value, its interval and its chance to pass come from all the sheets of a run: shown as they are, they would tell a
member who stepped out of the marks on that dossier. What is computed again without its sheets tells nothing of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.applications import Application
from app.models.matching import Panel, PanelDossier, Seat
from app.models.results import CalibrationRun, Result
from app.workflow import calibrations, rounds
from app.workflow.conflicts import barring
from scoring.policy import Policy
from scoring.rubric import load


@dataclass(frozen=True)
class Judged:
    """One result, under the names it is stored by."""

    n_sheets: int
    total: str
    raw_mean: str
    trimmed_mean: str
    calibrated: str
    sd: str
    se: str
    criteria: list[dict[str, Any]]
    gates: list[dict[str, Any]]
    sheets: list[dict[str, Any]]
    outcome: str
    reasons: list[dict[str, Any]]
    rank: int | None
    detail: dict[str, Any] | None


@dataclass(frozen=True)
class SeenRun:
    """`results` by application, of those asked for. `apart`: computed for this reader, without what they must not know."""

    run: str
    number: int
    at: datetime
    policy: Mapping[str, Any]
    inputs_digest: str
    fit: Mapping[str, Any]
    inputs: Sequence[Mapping[str, Any]]
    results: Mapping[str, Judged]
    apart: bool


def of(session: Session, run: CalibrationRun, applications: Collection[Application], *, without: Collection[str] = ()) -> SeenRun:
    """`without`: public ids of the dossiers whose sheets are left out; `applications`: those whose results are wanted."""
    inputs = run.inputs or []
    left = [row for row in inputs if row["application"] not in without]
    if len(left) == len(inputs):
        rows = select(Result).where(Result.run_id == run.id, Result.application_id.in_([a.id for a in applications]))
        ids = {a.id: a.public_id for a in applications}
        kept = {ids[row.application_id]: _judged(row) for row in session.execute(rows).scalars()}
        return _seen(run, run.inputs_digest, run.fit or {}, inputs, kept, apart=False)
    digest = calibrations.digest_of(left, run.rubric_digest, run.policy_digest)
    found = _computed(_Asked(digest, left, run.rubric, run.policy))
    wanted = {a.public_id for a in applications}
    results = {key: Judged(**values) for key, values in found.results.items() if key in wanted}
    return _seen(run, digest, found.fit, left, results, apart=True)


def for_member(session: Session, seat: Seat, application: Application) -> SeenRun | None:
    """The newest run that knows this dossier, with the results of the panel's dossiers that this seat's member may see."""
    kept = rounds.result_of(session, application, seat.panel.round_id)
    if kept is None:
        return None
    hidden = hidden_from(session, seat.expert_id, seat.panel.round_id)
    shown = [d.application for d in seat.panel.dossiers if d.application.public_id not in hidden]
    return of(session, kept.run, shown, without=hidden)


def hidden_from(session: Session, expert_id: int | None, round_id: int) -> frozenset[str]:
    """The dossiers of panels this expert was asked to sit on in the round, that a conflict keeps from them."""
    if expert_id is None:
        return frozenset()
    here = (
        select(Application.id, Application.public_id)
        .join(PanelDossier, PanelDossier.application_id == Application.id)
        .join(Panel, Panel.id == PanelDossier.panel_id)
        .join(Seat, Seat.panel_id == Panel.id)
        .where(Panel.round_id == round_id, Seat.expert_id == expert_id, Seat.status.not_in(rounds.NEVER_ASKED))
    )
    keys = {int(key): str(public_id) for key, public_id in session.execute(here)}
    return frozenset(keys[application] for _, application in barring.barred(session, (expert_id,), keys))


@dataclass(frozen=True)
class _Asked:
    """The digest names all that is computed from."""

    digest: str
    inputs: Sequence[Mapping[str, Any]] = field(compare=False)
    rubric: str = field(compare=False)
    policy: Mapping[str, Any] = field(compare=False)


@lru_cache(maxsize=64)
def _computed(asked: _Asked) -> calibrations.Outputs:
    seed = int(asked.digest[:8], 16)
    return calibrations.compute(asked.inputs, load(asked.rubric), Policy.from_data(asked.policy), seed=seed)


def _judged(row: Result) -> Judged:
    return Judged(**{one.name: getattr(row, one.name) for one in fields(Judged)})


def _seen(
    run: CalibrationRun,
    digest: str,
    fit: Mapping[str, Any],
    inputs: Sequence[Mapping[str, Any]],
    results: Mapping[str, Judged],
    *,
    apart: bool,
) -> SeenRun:
    return SeenRun(run.public_id, run.number, run.at, run.policy, digest, fit, inputs, results, apart)
