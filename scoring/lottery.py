"""A lottery among applications that the marks cannot tell apart: committed to first, drawn after, replayed by anybody.

Two officials commit to a secret each by its digest; when both secrets are told, the seed follows from them and from the
list, which was fixed before. Whoever holds the record computes the same order.

>>> secrets = [("one", "a river in spring"), ("two", "the third drawer")]
>>> record = Record("L1", ("A-3", "A-1"), tuple(Secret(who, said, commitment("L1", who, said)) for who, said in secrets))
>>> drawn = draw(record)
>>> sorted(drawn.order) == ["A-1", "A-3"], faults(drawn)
(True, ())
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from scoring.errors import LotteryIncomplete


@dataclass(frozen=True)
class Secret:
    """``digest`` was published before any ``secret`` was told."""

    who: str
    secret: str
    digest: str


@dataclass(frozen=True)
class Record:
    """What a lottery rests on, and what came out: ``seed`` and ``order`` are empty before the draw."""

    identity: str
    applications: tuple[str, ...]
    secrets: tuple[Secret, ...]
    seed: str = ""
    order: tuple[str, ...] = ()


def commitment(identity: str, who: str, secret: str) -> str:
    """SHA-256 (hex) that binds a person to a secret of this lottery only."""
    return _sha256(["commitment", identity, who, secret])


def list_digest(identity: str, applications: Sequence[str]) -> str:
    """SHA-256 (hex) of the list, in whatever order it was entered."""
    return _sha256(["list", identity, sorted(applications)])


def seed(record: Record) -> str:
    """From the list and all secrets. Raises LotteryIncomplete with fewer than two, or one that was not told."""
    if len(record.secrets) < 2 or not all(one.secret for one in record.secrets):
        raise LotteryIncomplete(n=sum(bool(one.secret) for one in record.secrets))
    told = sorted((one.who, one.secret) for one in record.secrets)
    return _sha256(["seed", list_digest(record.identity, record.applications), told])


def draw(record: Record) -> Record:
    """The record with its seed and the order: by the digest of seed and application, each equally likely to be first."""
    drawn = seed(record)
    order = tuple(sorted(record.applications, key=lambda one: _sha256(["place", drawn, one])))
    return replace(record, seed=drawn, order=order)


def faults(record: Record) -> tuple[str, ...]:
    """What does not fit, computed again: ``commitment <who>``, ``seed``, ``order``; empty when the draw holds."""
    found = [
        f"commitment {one.who}"
        for one in record.secrets
        if commitment(record.identity, one.who, one.secret) != one.digest
    ]
    if len({one.who for one in record.secrets}) != len(record.secrets):
        found.append("commitment twice")
    try:
        again = draw(record)
    except LotteryIncomplete:
        return (*found, "seed")
    return (*found, *(name for name in ("seed", "order") if getattr(again, name) != getattr(record, name)))


def _sha256(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
