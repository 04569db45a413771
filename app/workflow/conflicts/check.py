"""Looking for conflicts again, at the pledge and when scoring opens: facts may have changed since the panel was made up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app import records
from app.clock import today_kst
from app.models.applications import Application
from app.workflow import rules as call_rules
from app.workflow.conflicts import facts, ledger
from reviewers.conflict_case import Case
from reviewers.conflicts import judge


def again(session: Session, expert_ids: Collection[int], applications: Sequence[Application], *, about: Any, now: datetime) -> None:
    """Bring the ledger up to date for these experts and applications of one call."""
    call = applications[0].call
    filed, pool = records.filed(session, applications), records.pool(session, only=expert_ids)
    rivals = facts.rivals(session, call.id, filed)
    case = Case(
        filed.dossiers,
        pool.experts,
        facts.known(session, pool, {**rivals.writers, **filed.writers}, call.id),
        today_kst(call.closes_at),
        facts.aliases(session),
        rivals.dossiers,
    )
    found = judge(case, facts.grounds_of(call_rules.from_json(call.rules)))
    scope = ledger.Scope(pool.row_ids, filed.row_ids, call.id, whole=False)
    ledger.record(session, found, scope, about=about, now=now)
