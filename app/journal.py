"""The append-only record: each entry's hash covers the one before it, written in the transaction of the change it records."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.models.process import JournalEntry

GENESIS = "0" * 64
_LOCK = 7_301_221  # any number: the advisory lock that queues writers just before the insert


def write(session: Session, *, at: datetime, actor: str, role: str, action: str, kind: str, subject: str,
          rules: str = "", data: Mapping[str, Any] | None = None) -> JournalEntry:
    """Add one entry. `data` holds ids, numbers and digests: never a name, an address or anybody's words."""
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    entry = JournalEntry(at=at, actor=actor, role=role, action=action, subject_kind=kind, subject=subject, rules=rules,
                         data=canonical(data or {}), previous=head(session))
    entry.hash = digest(entry)
    session.add(entry)
    session.flush()
    return entry


def head(session: Session) -> str:
    """The newest entry's hash; what a list edition publishes so that the past cannot be rewritten unseen."""
    last = session.execute(select(JournalEntry.hash).order_by(JournalEntry.id.desc()).limit(1)).scalar_one_or_none()
    return last or GENESIS


def canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def sha256(value: Any) -> str:
    """Digest of any JSON value in its canonical form, or of bytes as they are."""
    raw = value if isinstance(value, bytes) else canonical(value).encode()
    return hashlib.sha256(raw).hexdigest()


def digest(entry: JournalEntry) -> str:
    return sha256([entry.previous, entry.at.astimezone(UTC).isoformat(), entry.actor, entry.role, entry.action,
                   entry.subject_kind, entry.subject, entry.rules, entry.data])


@dataclass(frozen=True)
class Verdict:
    """`first_bad` is the number of the first entry that does not fit; None when the whole chain holds."""

    entries: int
    head: str
    first_bad: int | None = None


def verify(session: Session) -> Verdict:
    """Walk the chain from the first entry and recompute every hash."""
    previous, n = GENESIS, 0
    for entry in session.execute(select(JournalEntry).order_by(JournalEntry.id)).yield_per(1000).scalars():
        if entry.previous != previous or entry.hash != digest(entry):
            return Verdict(n, previous, entry.id)
        previous, n = entry.hash, n + 1
    return Verdict(n, previous)
