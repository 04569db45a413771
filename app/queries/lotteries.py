"""Lotteries of a round: which dossiers may be in one, what was committed and told, and the record that anybody can replay."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models.applications import Application
from app.models.calls import Round
from app.models.lotteries import Bound, Lottery, PanelDraw
from app.models.people import Account
from app.models.process import JournalEntry
from app.models.results import Result
from app.queries.results import newest_run
from app.workflow import permissions, rounds, triage
from app.workflow.actors import Actor
from scoring import lottery as drawing
from scoring.lottery import Record, Secret


@dataclass(frozen=True)
class Candidate:
    application: str
    label: str
    title: str
    language: str
    total: str
    p_pass: float | None


@dataclass(frozen=True)
class SecretView:
    name: str
    mine: bool
    digest: str
    committed_at: datetime
    told_at: datetime | None


@dataclass(frozen=True)
class LotteryView:
    """`order` holds number and title, the first drawn first; empty before the draw."""

    public_id: str
    number: int
    reason: str
    opened_at: datetime
    listed: tuple[str, ...]  # labels
    list_digest: str
    secrets: tuple[SecretView, ...]
    seed: str
    drawn_at: datetime | None
    order: tuple[str, ...]  # labels

    @property
    def mine(self) -> SecretView | None:
        return next((one for one in self.secrets if one.mine), None)


@dataclass(frozen=True)
class Lotteries:
    candidates: tuple[Candidate, ...]
    held: tuple[LotteryView, ...]


def of_round(session: Session, call_id: str, *, actor: Actor, round_number: int | None = None) -> Lotteries:
    permissions.require(actor, "lottery.read")
    round_ = rounds.named(session, call_id, round_number)
    rows = session.execute(select(Lottery).where(Lottery.round_id == round_.id).order_by(Lottery.number.desc())).scalars()
    return Lotteries(tuple(borderline(session, round_)), tuple(_view(session, row, actor) for row in rows))


def borderline(session: Session, round_: Round) -> list[Candidate]:
    """What the newest results of the round leave open: the probability to pass lies inside the band of the policy."""
    run = newest_run(session, round_)
    if run is None:
        return []
    results = session.execute(
        select(Result).join(Application).where(Result.run_id == run.id).order_by(Application.panel_number)
    ).scalars()
    found = []
    for result in results:
        how = triage.of(result, run.policy)
        if how.borderline and rounds.judges(round_, result.application):
            a = result.application
            found.append(Candidate(a.public_id, a.label, a.title, a.language, result.total, how.p_pass))
    return found


def record_of(row: Lottery) -> Record:
    """As the library computes with it."""
    return Record(
        row.public_id,
        tuple(str(one["application"]) for one in row.applications),
        tuple(Secret(one.who, one.secret, one.digest) for one in row.secrets),
        row.seed,
        tuple(row.order),
    )


def protocol(session: Session, lottery_id: str, *, actor: Actor) -> Mapping[str, Any]:
    """What leaves the platform once it is drawn: enough to replay it anywhere with `scoring.lottery`."""
    permissions.require(actor, "lottery.read")
    row = session.execute(select(Lottery).where(Lottery.public_id == lottery_id)).scalar_one_or_none()
    if row is None or row.drawn_at is None:
        raise NotFound("not_found")
    return {
        "lottery": row.public_id,
        "applications": list(row.applications),
        "list_sha256": row.list_digest,
        "secrets": [{"who": s.who, "secret": s.secret, "sha256": s.digest} for s in row.secrets],
        "seed": row.seed,
        "order": list(row.order),
        "drawn_at": row.drawn_at.isoformat(),
    }


@dataclass(frozen=True)
class Replayed:
    lottery: str
    order: tuple[str, ...]  # labels
    faults: tuple[str, ...]


def replay(session: Session, lottery_id: str, *, actor: Actor) -> Replayed:
    """Draw again from what is stored, and hold list and commitments to what the journal noted before any secret was told."""
    permissions.require(actor, "journal.verify")
    row = session.execute(select(Lottery).where(Lottery.public_id == lottery_id)).scalar_one_or_none()
    if row is None:
        raise NotFound("not_found")
    record = record_of(row)
    faults = list(drawing.faults(record))
    if drawing.list_digest(row.public_id, record.applications) != row.list_digest:
        faults.append("list")
    faults += not_as_journalled(session, row, "lottery.opened", "lottery")
    labels = _labels(row)
    return Replayed(row.public_id, tuple(labels[one] for one in record.order), tuple(faults))


def not_as_journalled(session: Session, row: Lottery | PanelDraw, opening: str, kind: str) -> list[str]:
    """Where its list and commitments differ from what the journal noted, or were committed to after a secret was told."""
    faults: list[str] = []
    noted: dict[str, list[Mapping[str, Any]]] = {}
    entries = session.execute(
        select(JournalEntry.action, JournalEntry.actor, JournalEntry.data)
        .where(JournalEntry.subject == row.public_id)
        .order_by(JournalEntry.id)
    )
    for action, who, data in entries:
        if action == f"{kind}.committed" and f"{kind}.told" in noted:
            faults.append(f"committed late {who}")
        noted.setdefault(action, []).append(json.loads(data) | {"who": who})
    if [d["list_sha256"] for d in noted.get(opening, [])] != [row.list_digest]:
        faults.append("journal list")
    committed = sorted((d["who"], d["secret_sha256"]) for d in noted.get(f"{kind}.committed", []))
    if committed != sorted((s.who, s.digest) for s in row.secrets):
        faults.append("journal commitments")
    return faults


def from_protocol(stored: Mapping[str, Any]) -> Record:
    """The reverse of `protocol`, of a file that somebody was given."""
    return Record(
        str(stored["lottery"]),
        tuple(str(one["application"]) for one in stored["applications"]),
        tuple(Secret(str(s["who"]), str(s["secret"]), str(s["sha256"])) for s in stored["secrets"]),
        str(stored["seed"]),
        tuple(map(str, stored["order"])),
    )


def place_of(
    session: Session,
    application: Application,
    round_id: int,
    *,
    number: int | None = None,
    without: Collection[str] = (),
) -> tuple[int, int, int] | None:
    """Number of the last drawn lottery this dossier was in (or of the one asked for), its place, and of how many.

    `without`: dossiers that the reader must not know are not counted.
    """
    drawn = select(Lottery).where(Lottery.round_id == round_id, Lottery.drawn_at.is_not(None))
    for row in session.execute(drawn.order_by(Lottery.number.desc())).scalars():
        order = [key for key in row.order if key not in without]
        if application.public_id in order and number in (None, row.number):
            return row.number, order.index(application.public_id) + 1, len(order)
    return None


def _labels(row: Lottery) -> dict[str, str]:
    return {str(one["application"]): str(one["label"]) for one in row.applications}


def secret_views(session: Session, bound: Sequence[Bound], actor: Actor) -> tuple[SecretView, ...]:
    """Who committed when, and who has told; never what."""
    names = {one.account_id: session.get_one(Account, one.account_id).person.name for one in bound}
    return tuple(
        SecretView(names[one.account_id], one.account_id == actor.account_id, one.digest, one.committed_at, one.told_at)
        for one in bound
    )


def _view(session: Session, row: Lottery, actor: Actor) -> LotteryView:
    labels = _labels(row)
    return LotteryView(
        row.public_id,
        row.number,
        row.reason,
        row.opened_at,
        tuple(labels.values()),
        row.list_digest,
        secret_views(session, row.secrets, actor),
        row.seed,
        row.drawn_at,
        tuple(labels[one] for one in row.order),
    )
