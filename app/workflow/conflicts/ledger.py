"""The ledger of conflicts: findings with the digest of their evidence; what people decided stands until that changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from app.models.matching import Conflict as Row
from app.workflow import door
from app.workflow.actors import SYSTEM
from app.workflow.conflicts.barring import BARRING
from reviewers.conflicts import digest_of
from reviewers.records import EVERY, Conflict

RULE = "statutory_exclusion"
Place = tuple[int, int, str]  # expert, application (0: the call), ground


@dataclass(frozen=True)
class Scope:
    """What was looked at: library ids with the rows they stand for. `whole`: every dossier of the round was."""

    experts: Mapping[str, int]
    applications: Mapping[str, int]
    call_id: int
    whole: bool = True


@dataclass(frozen=True)
class Judged:
    """What people said, for the next computation: conflicts that stand whatever is found, and findings that no longer count."""

    standing: tuple[Conflict, ...]
    cleared: Mapping[tuple[str, str, str], str]  # expert, dossier, ground → digest of the evidence that was judged

    def counts(self, conflict: Conflict) -> bool:
        """Whether a finding stands: it was not cleared, or its evidence is another than the one that was cleared."""
        digest = self.cleared.get((conflict.expert_id, conflict.dossier_id, conflict.ground))
        return digest is None or (digest != "" and digest != digest_of(conflict))


def judged(session: Session, scope: Scope) -> Judged:
    """Conflicts that people raised, confirmed or pinned bar; those they dismissed or waived do not come back unchanged."""
    expert_of = {row: own for own, row in scope.experts.items()}
    dossier_of = {row: own for own, row in scope.applications.items()} | {0: EVERY}
    standing, cleared = [], {}
    for (expert_id, application_id, ground), row in _stored(session, scope).items():
        expert, dossier = expert_of[expert_id], dossier_of[application_id]
        if row.status in ("dismissed", "waived"):
            cleared[expert, dossier, ground] = row.digest
        elif row.status in BARRING and (row.kind != RULE or row.status == "pinned" or row.decided_by_id or row.reopened):
            standing.append(Conflict(expert, dossier, ground, True, {"conflict": row.public_id}))
    return Judged(tuple(standing), cleared)


def record(session: Session, found: Iterable[Conflict], scope: Scope, *, about: Any, now: datetime) -> None:
    """Bring the ledger to what was found: new findings, evidence that changed, findings that nothing speaks for any more."""
    stored = _stored(session, scope)
    new, seen, done = [], set(), Counter[str]()
    for conflict in found:
        place = _place(conflict, scope)
        seen.add(place)
        row = stored.get(place)
        if row is None:
            new.append(_row(conflict, place, scope, now))
        elif row.kind == RULE:
            done[_update(session, row, conflict, now)] += 1
    for place, row in stored.items():
        if place not in seen and row.kind == RULE and (place[1] or scope.whole):
            done[_miss(session, row, now)] += 1
    if new:
        session.execute(insert(Row), new)
    counts = {"new": len(new)} | {name: n for name, n in sorted(done.items()) if name}
    if any(counts.values()):
        door.record(session, about, "conflict.recorded", actor=SYSTEM, role="system", now=now, data=counts)


def _stored(session: Session, scope: Scope) -> dict[Place, Row]:
    """The newest row of each place; what is live comes after what was dismissed."""
    about = or_(Row.application_id.in_(scope.applications.values()), Row.call_id == scope.call_id)
    known = set(scope.experts.values())
    rows = session.execute(select(Row).where(about).order_by(Row.status != "dismissed", Row.id)).scalars()
    return {(row.expert_id, row.application_id or 0, row.ground): row for row in rows if row.expert_id in known}


def _place(conflict: Conflict, scope: Scope) -> Place:
    application = 0 if conflict.dossier_id == EVERY else scope.applications[conflict.dossier_id]
    return scope.experts[conflict.expert_id], application, conflict.ground


def _status(conflict: Conflict) -> str:
    return "noted" if conflict.nature == "shown" else "upheld" if conflict.hard else "raised"


def _row(conflict: Conflict, place: Place, scope: Scope, now: datetime) -> dict[str, Any]:
    """A hard finding stands as a statutory exclusion; any other waits for a person, or is only shown."""
    return {
        "expert_id": place[0],
        "application_id": place[1] or None,
        "call_id": None if place[1] else scope.call_id,
        "ground": conflict.ground,
        "nature": conflict.nature,
        "hard": conflict.hard,
        "kind": RULE,
        "status": _status(conflict),
        "evidence": dict(conflict.evidence),
        "digest": digest_of(conflict),
        "raised_at": now,
        "decided_at": now if conflict.hard else None,
    }


def _update(session: Session, row: Row, conflict: Conflict, now: datetime) -> str:
    """The name of what was done. A pinned finding stays as it was decided."""
    digest = digest_of(conflict)
    changed = row.digest not in ("", digest)
    decided = row.status in ("dismissed", "waived") or (row.status == "upheld" and row.decided_by_id is not None)
    if row.status == "pinned" or (row.digest == digest and (decided or row.status == _status(conflict))):
        return ""
    if not decided or changed:
        row.evidence, row.nature, row.hard = dict(conflict.evidence), conflict.nature, conflict.hard
    row.digest = digest
    if decided:
        return _reopen(session, row, "evidence_changed", now) if changed else ""
    if row.status != _status(conflict) and not row.reopened:
        door.advance(session, row, _status(conflict), actor=SYSTEM, now=now)
        row.decided_at = now if row.status == "upheld" else None
        return "moved"
    return "evidence" if changed else ""


def _miss(session: Session, row: Row, now: datetime) -> str:
    """Nothing speaks for it any more: what rules alone found lapses, what a person confirmed is asked about again."""
    if row.status == "upheld" and row.decided_by_id is not None:
        return _reopen(session, row, "evidence_gone", now)
    if row.status in ("upheld", "noted") or (row.status == "raised" and not row.reopened):
        door.advance(session, row, "lapsed", actor=SYSTEM, now=now)
        return "lapsed"
    return ""


def _reopen(session: Session, row: Row, why: str, now: datetime) -> str:
    row.reopened, row.decided_by_id, row.decided_at = why, None, None
    door.advance(session, row, "raised", actor=SYSTEM, now=now, data={"why": why, "evidence_sha256": row.digest})
    return "reopened"
