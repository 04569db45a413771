"""Two officials bind themselves to a secret each before either is told: what every draw of the platform rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from app.errors import Duplicate, Invalid, NotAllowed, WrongStage
from app.workflow.actors import Actor

OFFICIALS = 2
SECRET_LEAST, SECRET_MOST = 12, 200


class Bound(Protocol):
    """What an official committed to; the secret itself is stored when they tell it."""

    account_id: int
    who: str
    digest: str
    secret: str
    told_at: datetime | None


Official = TypeVar("Official", bound=Bound)


def to_commit(bound: Sequence[Bound], secret: str, actor: Actor) -> str:
    """The secret as it is committed to: one for each of two persons."""
    if actor.account_id is None:
        raise NotAllowed("door.second_person_needs_account")
    if any(one.account_id == actor.account_id for one in bound):
        raise Duplicate("lottery.committed_already")
    if len(bound) >= OFFICIALS:
        raise WrongStage("lottery.all_committed")
    if not SECRET_LEAST <= len(secret.strip()) <= SECRET_MOST:
        raise Invalid("lottery.secret_length", problems={"secret": "lottery.secret_length"})
    return secret.strip()


def tell(
    bound: Sequence[Official], secret: str, digest_of: Callable[[str, str], str], *, actor: Actor, now: datetime
) -> Official:
    """Once both have committed, the actor tells the very secret that `digest_of` (who, secret) gave the digest of."""
    mine = next((one for one in bound if one.account_id == actor.account_id), None)
    if mine is None:
        raise NotAllowed("lottery.not_committed")
    if len(bound) < OFFICIALS:
        raise WrongStage("lottery.other_missing")
    if mine.told_at is not None:
        raise Duplicate("lottery.told_already")
    if digest_of(mine.who, secret.strip()) != mine.digest:
        raise Invalid("lottery.other_secret", problems={"secret": "lottery.other_secret"})
    mine.secret, mine.told_at = secret.strip(), now
    return mine


def all_told(bound: Sequence[Bound]) -> bool:
    return len(bound) == OFFICIALS and all(one.told_at is not None for one in bound)
