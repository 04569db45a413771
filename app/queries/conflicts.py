"""The ledger of conflicts as staff read it: the findings of a call's pairs, and the questions that wait for somebody."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.models.applications import Application
from app.models.calls import Call
from app.models.matching import Conflict
from app.workflow import permissions
from app.workflow.actors import Actor
from app.workflow.conflicts.barring import BARRING

Pair = tuple[int, int]  # rows: expert, application


@dataclass(frozen=True)
class Finding:
    """One ground between an expert and an application (or, `whole_call`, every application of the call)."""

    public_id: str
    kind: str  # statutory_exclusion, challenge, recusal
    ground: str
    nature: str
    hard: bool
    status: str
    evidence: Mapping[str, Any]
    reopened: str
    at: datetime
    whole_call: bool

    @property
    def bars(self) -> bool:
        return self.status in BARRING


class Findings:
    """The live findings of a call, read in one go: ask it for a pair."""

    def __init__(self, by_pair: Mapping[Pair, tuple[Finding, ...]], by_expert: Mapping[int, tuple[Finding, ...]]) -> None:
        self._by_pair, self._by_expert = by_pair, by_expert

    def of(self, expert_id: int, application_ids: Collection[int]) -> tuple[Finding, ...]:
        """What stands between this expert and any of these applications; what bars first."""
        found = [*self._by_expert.get(expert_id, ()), *(f for a in application_ids for f in self._by_pair.get((expert_id, a), ()))]
        return tuple(sorted(found, key=lambda finding: not finding.bars))

    def bars(self, expert_id: int, application_ids: Collection[int]) -> bool:
        """Whether the expert must not judge one of these applications."""
        return any(finding.bars for finding in self.of(expert_id, application_ids))


def findings(session: Session, call_id: str, *, actor: Actor, applications: Collection[int] | None = None) -> Findings:
    """Everything of the call (of these `applications`) that bars, waits, was waived or is shown; two keys of rows name a pair."""
    permissions.require(actor, "conflict.read")
    call = select(Call.id).where(Call.public_id == call_id).scalar_subquery()
    mine = select(Application.id).where(Application.call_id == call)
    about = Conflict.application_id.in_(mine if applications is None else applications)
    rows = session.execute(
        select(Conflict)
        .where(or_(about, Conflict.call_id == call), Conflict.status.in_((*BARRING, "waived", "noted")))
        .order_by(Conflict.id)
    ).scalars()
    by_pair: dict[Pair, list[Finding]] = {}
    by_expert: dict[int, list[Finding]] = {}
    for row in rows:
        if row.application_id is None:
            by_expert.setdefault(row.expert_id, []).append(_finding(row))
        else:
            by_pair.setdefault((row.expert_id, row.application_id), []).append(_finding(row))
    return Findings({k: tuple(v) for k, v in by_pair.items()}, {k: tuple(v) for k, v in by_expert.items()})


def _finding(row: Conflict) -> Finding:
    return Finding(
        row.public_id,
        row.kind,
        row.ground,
        row.nature,
        row.hard,
        row.status,
        row.evidence,
        row.reopened,
        row.raised_at,
        row.application_id is None,
    )
