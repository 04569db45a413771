"""A stored run becomes the panels of its round, or is taken back while nobody has been invited."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from app.errors import WrongStage
from app.models.applications import Application
from app.models.lotteries import PanelDraw
from app.models.matching import MatchRun, Panel, PanelDossier, RunPanel, RunSeat, Seat
from app.stages import matching
from app.stages.matching.inputs import waiting
from app.workflow import bench as benches
from app.workflow import door, readiness, seating
from app.workflow import rules as call_rules
from app.workflow.actors import Actor


def deploy(session: Session, run_id: str, *, actor: Actor, now: datetime) -> MatchRun:
    """Make the run's panels those of the round; its seats are drawn, substitutes wait as candidates in their order."""
    run = matching.find(session, run_id)
    door.advance(session, run, "deployed", actor=actor, now=now)
    _may_be_deployed(session, run)
    run_panels = session.execute(select(RunPanel).where(RunPanel.run_id == run.id).order_by(RunPanel.number)).scalars().all()
    ready = {application.id for application in waiting(session, run)}
    if gone := {own for panel in run_panels for own in panel.application_ids} - ready:
        raise WrongStage("matching.dossiers_moved", n=len(gone))
    numbers = _number_applications(session, run, run_panels)
    order = sorted(run_panels, key=lambda panel: min(numbers[own] for own in panel.application_ids))
    panel_ids = _insert_panels(session, run, [(panel, min(numbers[own] for own in panel.application_ids)) for panel in order], now)
    seats = _insert_seats(session, dict(zip((panel.id for panel in order), panel_ids, strict=True)))
    door.advance_all(session, seats, "drawn", about=run, actor=actor, now=now)
    return run


def withdraw(session: Session, run_id: str, *, actor: Actor, now: datetime, reason: str) -> MatchRun:
    """Take a run back while nobody has accepted. The panels it made go; the run itself stays on record with its reasons.

    Whoever was asked and has not answered is told that the request no longer stands; the letters stay on record.
    """
    run = matching.find(session, run_id)
    door.advance(session, run, "withdrawn", actor=actor, now=now, reason=reason)
    asked = select(Seat).join(Panel, Panel.id == Seat.panel_id).where(Panel.run_id == run.id, Seat.status == "invited")
    seating.call_off(session, session.execute(asked.order_by(Seat.id)).scalars().all(), actor=actor, now=now)
    panels = select(Panel.id).where(Panel.run_id == run.id).scalar_subquery()
    session.execute(delete(Seat).where(Seat.panel_id.in_(panels)).execution_options(synchronize_session=False))
    session.execute(delete(PanelDossier).where(PanelDossier.panel_id.in_(panels)).execution_options(synchronize_session=False))
    session.execute(delete(Panel).where(Panel.run_id == run.id).execution_options(synchronize_session=False))
    session.expire_all()
    return run


def _may_be_deployed(session: Session, run: MatchRun) -> None:
    """Nothing that stops it: conflicts found since, people who left the pool, loads that other panels filled meanwhile.

    Where the rules want a public draw, only a run as it was drawn will do: not one that was edited afterwards.
    """
    drawn = select(PanelDraw.id).where(PanelDraw.run_id == run.id)
    if call_rules.from_json(run.round.call.rules).seating == "drawn" and session.execute(drawn).first() is None:
        raise WrongStage("draw.not_drawn")
    bench = benches.lay_out(session, run)
    applications = benches.applications_of(session, bench)
    for check in readiness.checks(run, bench, applications, readiness.standing(session, bench)):
        if check.stops and check.n and check.code != "dossiers":  # those are counted below, where they are needed
            raise WrongStage(f"deploy.{check.code}", n=check.n)


def _number_applications(session: Session, run: MatchRun, run_panels: Sequence[RunPanel]) -> dict[int, int]:
    """A-001 …: a permutation of the dossiers by the run's seed, so that a number tells nothing; given once and kept."""
    seated = {own for panel in run_panels for own in panel.application_ids}
    applications = [application for application in waiting(session, run) if application.id in seated]
    fresh = [application for application in applications if application.panel_number is None]
    given = select(func.max(Application.panel_number)).where(Application.call_id == run.round.call_id)
    last = session.execute(given).scalar_one() or 0
    random.Random(f"{run.seed}:panel numbers").shuffle(fresh)
    for number, application in enumerate(fresh, last + 1):
        application.panel_number = number
    session.flush()
    return {application.id: application.panel_number or 0 for application in applications}


def _insert_panels(session: Session, run: MatchRun, numbered: Sequence[tuple[RunPanel, int]], now: datetime) -> list[int]:
    rows = [{"round_id": run.round_id, "run_id": run.id, "number": number, "created_at": now} for _, number in numbered]
    if not rows:
        return []
    ids = list(session.execute(insert(Panel).returning(Panel.id, sort_by_parameter_order=True), rows).scalars())
    session.execute(insert(PanelDossier), [
        {"panel_id": panel_id, "application_id": own}
        for panel_id, (panel, _) in zip(ids, numbered, strict=True) for own in panel.application_ids
    ])  # fmt: skip
    return ids


def _insert_seats(session: Session, panel_of: dict[int, int]) -> list[Seat]:
    """Every seat of the run as a candidate; those that are not substitutes come back to be drawn."""
    columns = ("expert_id", "seat_type", "ordinal", "substitute_rank", "affinity", "works", "reasons")
    rows: list[dict[str, Any]] = [
        {"panel_id": panel_of[seat.run_panel_id], "status": "candidate", **{name: getattr(seat, name) for name in columns}}
        for seat in session.execute(select(RunSeat).where(RunSeat.run_panel_id.in_(panel_of))).scalars()
    ]
    if not rows:
        return []
    session.execute(insert(Seat), rows)
    drawn = select(Seat).where(Seat.panel_id.in_(panel_of.values()), Seat.substitute_rank == 0)
    return list(session.execute(drawn.order_by(Seat.id)).scalars())
