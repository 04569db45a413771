"""The rules of a year of pilot purchase: points, caps and budget lines, pinned version by version before money is promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.errors import Invalid, Stale
from app.models.pilots import PilotBudget, PilotRules
from app.queries import pilot_money
from app.workflow import door, permissions
from app.workflow import pilot_policy as policies
from app.workflow.actors import Actor
from app.workflow.pilot_policy import AMOUNT_MOST, Policy
from app.workflow.wordlists import THEMES
from reviewers.fields import all_fields

REASON_MOST = 500


def pin(
    session: Session,
    year: int,
    *,
    budgets: Mapping[str, int],
    reason: str,
    actor: Actor,
    now: datetime,
    policy: Policy | None = None,
    based_on: int | None = None,
) -> PilotRules:
    """Write the next version. Lines not named stay; no line goes below what is set aside; `based_on` is the version read."""
    role = permissions.require(actor, "budget.set")
    current = pilot_money.policy_of(session, year)
    if based_on is not None and based_on != current.version:
        raise Stale("pilot_rules.changed", version=current.version)
    rows = {row.theme: row for row in session.execute(select(PilotBudget).where(PilotBudget.year == year)).scalars()}
    before = {theme: row.amount_krw for theme, row in rows.items()}
    wanted, lines = replace(policy or current, version=current.version), before | dict(budgets)
    _check(session, year, wanted, lines, rows, reason)
    if journal.canonical(wanted.as_json()) == journal.canonical(current.as_json()) and lines == before:
        raise Invalid("pilot_rules.unchanged")
    wanted = replace(wanted, version=current.version + 1)
    for theme, amount in lines.items():
        if theme in rows:
            rows[theme].amount_krw = amount
        else:
            session.add(PilotBudget(year=year, theme=theme, amount_krw=amount))
    pinned = PilotRules(
        year=year,
        version=wanted.version,
        policy=wanted.as_json(),
        budgets=lines,
        reason=reason.strip(),
        by_id=actor.account_id,
        at=now,
    )
    session.add(pinned)
    session.flush()
    door.record(
        session,
        pinned,
        "pilot_rules.pinned",
        actor=actor,
        role=role,
        now=now,
        data={"year": year, "version": wanted.version, "policy_sha256": pilot_money.policy_digest(wanted), "budgets": lines},
    )
    return pinned


def _check(
    session: Session, year: int, policy: Policy, lines: Mapping[str, int], rows: Mapping[str, PilotBudget], reason: str
) -> None:
    problems = policies.problems(policy, all_fields())
    if not 2000 <= year <= 2200:
        problems["year"] = "budget.invalid"
    committed_krw = 0
    for theme, amount in lines.items():
        spent = pilot_money.committed(session, rows[theme].id) if theme in rows else 0
        if theme not in THEMES or not 0 <= amount <= AMOUNT_MOST:
            problems[f"budget.{theme}"] = "budget.invalid"
        elif spent > amount:
            problems[f"budget.{theme}"], committed_krw = "budget.below_committed", spent
    if not reason.strip() or len(reason) > REASON_MOST:
        problems["reason"] = "pilot_rules.reason_missing"
    if problems:
        raise Invalid("pilot_rules.invalid", problems=problems, committed_krw=committed_krw, most=REASON_MOST)
