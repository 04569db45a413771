"""The versions of a year's pilot rules, the newest first, each with what it changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.people import Account
from app.models.pilots import PilotRules
from app.workflow import permissions
from app.workflow.actors import Actor
from app.workflow.pilot_policy import Policy


@dataclass(frozen=True)
class Change:
    """`part`: policy, fields or budget; `name`: the number, or the theme."""

    part: str
    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Version:
    number: int
    at: datetime
    by: str
    reason: str
    changes: tuple[Change, ...]


def versions(session: Session, year: int, *, actor: Actor) -> list[Version]:
    permissions.require(actor, "budget.set")
    rows = session.execute(select(PilotRules).where(PilotRules.year == year).order_by(PilotRules.version)).scalars()
    found: list[Version] = []
    policy, budgets = Policy().as_json(), dict[str, int]()
    for row in rows:
        account = session.get(Account, row.by_id) if row.by_id else None
        changes = (*_changed(policy, row.policy), *_budgets(budgets, row.budgets))
        found.append(Version(row.version, row.at, account.person.name if account else "", row.reason, changes))
        policy, budgets = row.policy, row.budgets
    return found[::-1]


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    numbers = [
        Change("policy", name, before.get(name), value)
        for name, value in after.items()
        if name not in ("version", "theme_fields") and before.get(name) != value
    ]
    was = before.get("theme_fields", {})
    return numbers + [
        Change("fields", theme, sorted(was.get(theme, ())), sorted(codes))
        for theme, codes in after.get("theme_fields", {}).items()
        if sorted(was.get(theme, ())) != sorted(codes)
    ]


def _budgets(before: Mapping[str, int], after: Mapping[str, int]) -> list[Change]:
    return [Change("budget", theme, before.get(theme), amount) for theme, amount in after.items() if before.get(theme) != amount]
