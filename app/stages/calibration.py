"""From locked sheets to results: totals, means, cut-lines, gates and the value the call publishes. The marks stay untouched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import journal
from app.errors import WrongStage
from app.models.applications import Application
from app.models.calls import Round
from app.models.matching import Panel, Seat
from app.models.results import CalibrationRun, Result
from app.models.reviews import Sheet
from app.workflow import door, permissions, rounds
from app.workflow.actors import Actor
from app.workflow.scores import policy_of, sheets_of
from scoring import decision, explain, flags, totals
from scoring.policy import Policy
from scoring.records import Decision, Place, Scores, Standing
from scoring.rubric import Rubric, load

LIBRARY = "scoring 1: totals"  # what computed; a run names it, so that a later method does not pass for this one
OUTCOMES = {"recommended": "recommended", "not_recommended": "not_recommended", "insufficient": "quorum_missing"}


def calibrate_round(
    session: Session, call_id: str, *, actor: Actor, now: datetime, round_number: int | None = None
) -> tuple[CalibrationRun, bool]:
    """Compute the results of one round from its own sheets; the same marks and rules give the run that is there already.

    Returns the run and whether it is new.
    """
    role = permissions.require(actor, "round.calibrate")
    round_ = rounds.named(session, call_id, round_number)
    sheets = _locked(session, round_)
    if not sheets:
        raise WrongStage("calibration.no_sheet")
    call = round_.call
    rubric = load(call.rubric)
    policy = policy_of(call.rules, rubric)
    digest = inputs_digest(sheets, rubric, policy)
    known = session.execute(
        select(CalibrationRun).where(CalibrationRun.round_id == round_.id, CalibrationRun.inputs_digest == digest)
    ).scalar_one_or_none()
    if known is not None:
        return known, False
    number = (
        session.execute(
            select(func.count()).select_from(CalibrationRun).where(CalibrationRun.round_id == round_.id)
        ).scalar_one()
        + 1
    )
    run = CalibrationRun(
        round_id=round_.id,
        number=number,
        inputs_digest=digest,
        rubric=rubric.key,
        policy=policy.as_data(),
        rules_version=call.rules_version,
        computed_with=LIBRARY,
        by_id=actor.account_id,
        at=now,
    )
    session.add(run)
    session.flush()
    results = results_of(sheets, rubric, policy)
    for result in results:
        result.run_id = run.id
    session.add_all(results)
    door.record(
        session,
        run,
        "round.calibrated",
        actor=actor,
        role=role,
        now=now,
        data={
            "inputs_sha256": digest,
            "policy_sha256": policy.digest,
            "rubric": rubric.key,
            "library": LIBRARY,
            "applications": len(results),
            "sheets": len(sheets),
        },
    )
    return run, True


def inputs_digest(sheets: Sequence[Sheet], rubric: Rubric, policy: Policy) -> str:
    """What the results depend on and nothing else: sheets as submitted, their marks, rubric, rules, library."""
    records = sorted(sheets_of(sheets, rubric), key=lambda s: (s.application_id, s.panellist_id))
    return journal.sha256(
        {
            "library": LIBRARY,
            "rubric": rubric.digest,
            "policy": policy.digest,
            "sheets": [[s.application_id, s.panellist_id, dict(s.marks), dict(s.gates)] for s in records],
            "receipts": sorted(s.receipt for s in sheets),
        }
    )


def results_of(sheets: Sequence[Sheet], rubric: Rubric, policy: Policy) -> list[Result]:
    """One result per application with at least one locked sheet; the rows of its sheets make up the published value."""
    scores = Scores.from_sheets(sheets_of(sheets, rubric), rubric)
    standings = decision.standings(scores, rubric, policy)
    filed = {s.application.public_id: s.application for s in sheets}
    places = {
        p.application_id: p
        for p in decision.rank(
            [s for s in standings if s.n_sheets >= policy.quorum],
            policy,
            {key: a.submitted_at or a.created_at for key, a in filed.items()},
        )
    }
    counted = totals.total(scores, rubric, missing=policy.missing, gates=policy.gates)
    means, trims = totals.raw(counted), totals.trimmed(counted)
    alarms = {(f.application_id, f.panellist_id): dict(f.data) for f in flags.deviation(counted, policy)}
    rows = {(s.application.public_id, s.seat.expert.public_id): s for s in sheets}
    found = []
    for at, standing in enumerate(standings):
        key = standing.application_id
        found.append(
            _result(
                filed[key],
                standing,
                decision.decide(standing, policy, rubric),
                places.get(key),
                rubric,
                policy,
                raw=means.exact(key),
                trimmed=trims.exact(key),
                sd=float(means.sd[at]),
                sheets=_sheet_rows(key, scores, rubric, policy, rows, alarms),
            )
        )
    return found


def _result(
    application: Application,
    standing: Standing,
    decided: Decision,
    place: Place | None,
    rubric: Rubric,
    policy: Policy,
    *,
    raw: Fraction | None,
    trimmed: Fraction | None,
    sd: float,
    sheets: list[dict[str, Any]],
) -> Result:
    lines = {line.code: line for line in decided.cut_lines}
    criteria = []
    for criterion in rubric.criteria:
        line = lines.get(criterion.code)
        criteria.append(
            {
                "code": criterion.code,
                "mean": _points(standing.criteria.get(criterion.code), policy),
                "maximum": criterion.weight,
                "cut_line": f"{line.limit:f}" if line else None,
                "met": line.met if line else None,
            }
        )
    return Result(
        application_id=application.id,
        n_sheets=standing.n_sheets,
        total=_points(standing.value, policy),
        raw_mean=_points(raw, policy),
        trimmed_mean=_points(trimmed, policy),
        sd="" if np.isnan(sd) else _points(Fraction(sd), policy),
        criteria=criteria,
        gates=[{"code": g.code, "yes": g.n_yes, "no": g.n_no, "met": g.met} for g in decided.gates],
        sheets=sheets,
        outcome=OUTCOMES[decided.status],
        rank=place.rank if place else None,
        reasons=[
            {"code": r.code, "data": {k: v if v is None else str(v) for k, v in r.data.items()}}
            for r in decided.reasons
        ],
    )


def _sheet_rows(
    key: str,
    scores: Scores,
    rubric: Rubric,
    policy: Policy,
    rows: dict[tuple[str, str], Sheet],
    alarms: dict[tuple[str, str], dict[str, Any]],
) -> list[dict[str, Any]]:
    """Alias, total, share of the published value and alarm of each sheet; the shares add up to the value exactly."""
    found = []
    for row in explain.explain(key, scores, rubric, policy).rows:
        sheet = rows[(key, row.panellist_id)]
        found.append(
            {
                "alias": sheet.seat.alias,
                "sheet": sheet.public_id,
                "receipt": sheet.receipt,
                "total": _points(row.total, policy),
                "criteria": {code: _points(points, policy) for code, points in row.by_criterion.items()},
                "kept": row.kept,
                "share": str(row.share),
                "alarm": alarms.get((key, row.panellist_id)),
            }
        )
    return sorted(found, key=lambda r: str(r["alias"]))


def _points(value: Fraction | None, policy: Policy) -> str:
    return "" if value is None else f"{decision.round_half_up(value, policy.decimals):f}"


def _locked(session: Session, round_: Round) -> list[Sheet]:
    return list(
        session.execute(
            select(Sheet)
            .join(Seat, Seat.id == Sheet.seat_id)
            .join(Panel, Panel.id == Seat.panel_id)
            .where(Panel.round_id == round_.id, Sheet.status == "locked")
            .order_by(Sheet.id)
        ).scalars()
    )
