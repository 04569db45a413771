"""The borderline lottery: the list is fixed, two coordinators commit to a secret each, both are told, the order follows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound
from app.models.lotteries import Lottery, LotterySecret
from app.queries import lotteries
from app.workflow import door, officials, permissions, rounds
from app.workflow.actors import Actor
from scoring import lottery as drawing


def open_lottery(
    session: Session,
    call_id: str,
    application_ids: Sequence[str],
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    round_number: int | None = None,
) -> Lottery:
    """Fix the list: at least two dossiers of the borderline band by the newest results. It is not changed afterwards."""
    permissions.require(actor, "lottery.hold")
    round_ = rounds.named(session, call_id, round_number)
    band = {row.application: row for row in lotteries.borderline(session, round_)}
    chosen = list(dict.fromkeys(application_ids))
    if len(chosen) < 2:
        raise Invalid("lottery.two_at_least", problems={"application": "lottery.two_at_least"})
    if outside := [one for one in chosen if one not in band]:
        raise Invalid("lottery.not_borderline", problems={"application": "lottery.not_borderline"}, n=len(outside))
    if not reason.strip():
        raise Invalid("deliberation.reason_missing", problems={"reason": "deliberation.reason_missing"})
    number = session.execute(select(func.count()).select_from(Lottery).where(Lottery.round_id == round_.id)).scalar_one() + 1
    row = Lottery(
        round_id=round_.id,
        number=number,
        reason=reason.strip(),
        applications=[{"application": one, "label": band[one].label} for one in sorted(chosen)],
        list_digest="",
        opened_by_id=actor.account_id,
        opened_at=now,
    )
    session.add(row)
    session.flush()
    row.list_digest = drawing.list_digest(row.public_id, chosen)
    data = {"list_sha256": row.list_digest, "n": len(chosen)}
    door.record(session, row, "lottery.opened", actor=actor, role="coordinator", now=now, data=data)
    return row


def bind(session: Session, lottery_id: str, *, secret: str, actor: Actor, now: datetime) -> LotterySecret:
    """One of two coordinators binds themselves to a secret: only its digest is kept, here and in the journal."""
    row = _lottery(session, lottery_id, actor)
    said = officials.to_commit(row.secrets, secret, actor)
    digest = drawing.commitment(row.public_id, actor.public_id, said)
    mine = LotterySecret(account_id=actor.account_id, who=actor.public_id, digest=digest, committed_at=now)
    row.secrets.append(mine)
    data = {"secret_sha256": digest}
    door.record(session, row, "lottery.committed", actor=actor, role="coordinator", now=now, data=data)
    return mine


def tell(session: Session, lottery_id: str, *, secret: str, actor: Actor, now: datetime) -> Lottery:
    """Once both have committed, each tells the very secret they committed to; with the second the order is drawn."""
    row = _lottery(session, lottery_id, actor)
    mine = officials.tell(row.secrets, secret, partial(drawing.commitment, row.public_id), actor=actor, now=now)
    door.record(session, row, "lottery.told", actor=actor, role="coordinator", now=now, data={"secret_sha256": mine.digest})
    if officials.all_told(row.secrets):
        drawn = drawing.draw(lotteries.record_of(row))
        row.seed, row.order, row.drawn_at = drawn.seed, list(drawn.order), now
        data = {"seed": drawn.seed, "list_sha256": row.list_digest, "n": len(drawn.order)}
        door.record(session, row, "lottery.drawn", actor=actor, role="coordinator", now=now, data=data)
    return row


def _lottery(session: Session, public_id: str, actor: Actor) -> Lottery:
    permissions.require(actor, "lottery.hold")
    row = session.execute(select(Lottery).where(Lottery.public_id == public_id)).scalar_one_or_none()
    if row is None:
        raise NotFound("not_found")
    return row
