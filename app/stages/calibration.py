"""From locked sheets to results: one immutable run with its inputs, its rules and what came of them. The marks stay untouched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clock import today_kst
from app.errors import WrongStage
from app.models.calls import Call, Round
from app.models.matching import Panel, Seat
from app.models.results import CalibrationRun, Result
from app.models.reviews import Sheet
from app.workflow import calibrations, door, dossiers, facts, permissions, rounds
from app.workflow.actors import Actor
from app.workflow.scores import inputs_of, policy_of, treated_apart
from scoring.policy import Policy
from scoring.rubric import load


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
    inputs = inputs_of(sheets, rubric, _apart(session, sheets, call, policy))
    digest = calibrations.digest_of(inputs, rubric.digest, policy.digest)
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
    found = calibrations.compute(inputs, rubric, policy, seed=int(digest[:8], 16))
    run = CalibrationRun(
        round_id=round_.id,
        number=number,
        inputs_digest=digest,
        inputs=inputs,
        rubric=rubric.key,
        rubric_digest=rubric.digest,
        policy=policy.as_data(),
        policy_digest=policy.digest,
        rules_version=call.rules_version,
        computed_with=calibrations.LIBRARY,
        fit=dict(found.fit),
        by_id=actor.account_id,
        at=now,
    )
    session.add(run)
    session.flush()
    session.add_all(_results(run, sheets, found.results))
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
            "library": calibrations.LIBRARY,
            "applications": len(found.results),
            "sheets": len(sheets),
        },
    )
    return run, True


def _apart(session: Session, sheets: Sequence[Sheet], call: Call, policy: Policy) -> dict[str, dict[str, Any]]:
    """Read from the dossiers as filed, and only where the call treats anybody apart."""
    if not any(call.rules.get(name) for name in ("bonuses", "pass_marks", "cut_lines_off")):
        return {}
    closing_on = today_kst(call.closes_at)
    filed = {s.application.public_id: s.application for s in sheets}
    true = {key: facts.of(dossiers.counting(session, row).content, closing_on) for key, row in filed.items()}
    return {key: treated_apart(found, call.rules, policy) for key, found in true.items()}


def _results(run: CalibrationRun, sheets: Sequence[Sheet], found: Mapping[str, Mapping[str, Any]]) -> list[Result]:
    filed = {s.application.public_id: s.application_id for s in sheets}
    return [Result(run_id=run.id, application_id=filed[key], **values) for key, values in found.items()]


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
