"""The matching step: a run is ordered, computed by a worker outside any transaction, stored once, deployed or withdrawn.

`order` promises a run; `inputs.read` freezes what goes in; `results.record_run` writes what came out; `deployment` turns a run
into panels with seats, or takes them back while nobody has been invited.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import outbox
from app.errors import Invalid, NotFound, WrongStage
from app.models.calls import Round
from app.models.experts import Expert
from app.models.matching import MatchRun
from app.workflow import door, permissions, rounds, targets
from app.workflow import rules as call_rules
from app.workflow.actors import Actor
from app.workflow.rules import Rules

SEED_MOST = 64


def order(
    session: Session,
    call_id: str,
    *,
    actor: Actor,
    now: datetime,
    seed: str | None = None,
    round_number: int | None = None,
    given: Mapping[str, Any] | None = None,
    refit: bool = False,
) -> MatchRun:
    """Promise a run over all dossiers of the round that are ready and all active experts; one at a time for each round.

    `given` are parameters other than the call's rules, as mending changes them. The runs of a call are measured by one
    rod: each takes the fit of the last, unless a new one is asked for.
    """
    role = permissions.require(actor, "matching.order")
    if seed is not None and not (seed.isascii() and seed.isprintable() and 1 <= len(seed) <= SEED_MOST):
        raise Invalid("matching.seed_form", problems={"seed": "matching.seed_form"})
    round_ = rounds.named(session, call_id, round_number)
    if under_way(session, round_) is not None:
        raise WrongStage("matching.under_way")
    if session.execute(rounds.waiting(round_).limit(1)).first() is None:
        raise WrongStage("matching.no_dossiers")
    if not _count(session, Expert, Expert.active):
        raise WrongStage("matching.no_experts")
    last = session.execute(select(func.max(MatchRun.number)).where(MatchRun.round_id == round_.id)).scalar_one()
    run = MatchRun(
        round_id=round_.id,
        number=(last or 0) + 1,
        seed=seed or secrets.token_hex(8),
        parameters=dict(given) if given is not None else parameters(call_rules.from_json(round_.call.rules)),
        summary={"measure_like": "" if refit else last_fit(session, round_.call_id)},
        by_id=actor.account_id,
        created_at=now,
    )
    session.add(run)
    session.flush()
    promised = outbox.promise(session, "match", key=f"match:{run.public_id}", args={"run": run.public_id}, now=now, queue="ml")
    run.promise_id = promised.id
    door.record(session, run, "match_run.queued", actor=actor, role=role, now=now, data={"number": run.number})
    return run


def parameters(rules: Rules) -> dict[str, Any]:
    """The rules of the call that shape a panel, as this run was given them."""
    names = ("panel_mode", "panel_seats", "institution_cap", "load_max", "year_max", "rest_after", "panel_max", "substitutes")
    seating = ("seating", "once_in", "fairness", "leximin_pct", "review_links", "link_pct", *targets.NAMES)
    conflicts = ("conflict_years", "sanction_years", "conflicts_off")
    batches = ("known_by", "known_pct", "judges_least", "step_out_grounds", "quorum") if rules.panel_mode == "batch" else ()
    stored = rules.as_json()
    return {name: stored[name] for name in (*names, *seating, *conflicts, *batches, "quotas")}


def last_fit(session: Session, call_id: int) -> str:
    """The digest of the fit that the last run of a call was measured under; empty before the first."""
    runs = select(MatchRun.summary).join(Round, Round.id == MatchRun.round_id).where(Round.call_id == call_id)
    done = runs.where(MatchRun.finished_at.is_not(None), MatchRun.status != "failed").order_by(MatchRun.id.desc()).limit(1)
    summary = session.execute(done).scalar_one_or_none() or {}
    return str(summary.get("fit", ""))


def take_up(
    session: Session,
    call_id: str,
    *,
    actor: Actor,
    now: datetime,
    seed: str | None = None,
    round_number: int | None = None,
    refit: bool = False,
) -> MatchRun:
    """The run under way, asked for now; otherwise a new one. Another seed than the one under way is refused."""
    permissions.require(actor, "matching.order")
    round_ = rounds.named(session, call_id, round_number)
    run = under_way(session, round_)
    if run is None:
        return order(session, call_id, actor=actor, now=now, seed=seed, round_number=round_.number, refit=refit)
    if seed is not None and seed != run.seed:
        raise WrongStage("matching.under_way")
    if run.promise_id is not None:
        outbox.hasten(session, run.promise_id, now=now)
    return run


def start(session: Session, run_id: str, *, actor: Actor, now: datetime) -> bool:
    """A worker takes the run up; a second attempt finds it running and goes on. False: nothing is left to do."""
    run = find(session, run_id)
    if run.status == "queued":
        door.advance(session, run, "running", actor=actor, now=now)
    return run.status == "running"


def give_up(session: Session, run_id: str, *, actor: Actor, now: datetime, error: str) -> None:
    """The run cannot be computed: it stays on record as failed, with what was said."""
    run = find(session, run_id)
    if run.status in ("queued", "running"):
        run.summary, run.finished_at = {"error": error[:500]}, now
        door.advance(session, run, "failed", actor=actor, now=now)


def stop(session: Session, run_id: str, *, actor: Actor, now: datetime) -> MatchRun:
    """A coordinator does not want it any more: what the worker finds is not stored, and another run may be ordered at once."""
    permissions.require(actor, "matching.order")
    run = find(session, run_id)
    run.finished_at = now
    door.advance(session, run, "stopped", actor=actor, now=now)
    return run


def under_way(session: Session, round_: Round) -> MatchRun | None:
    """The run of this round that is waiting or being computed."""
    open_runs = select(MatchRun).where(MatchRun.round_id == round_.id, MatchRun.status.in_(("queued", "running")))
    return session.execute(open_runs.order_by(MatchRun.id).limit(1)).scalar_one_or_none()


def find(session: Session, run_id: str) -> MatchRun:
    run = session.execute(select(MatchRun).where(MatchRun.public_id == run_id)).scalar_one_or_none()
    if run is None:
        raise NotFound("not_found")
    return run


def _count(session: Session, model: Any, *where: Any) -> int:
    return session.execute(select(func.count()).select_from(model).where(*where)).scalar_one()
