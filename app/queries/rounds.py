"""The rounds of a call as its pages show them: the one a page is about, and the others beside it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.models.calls import Round
from app.workflow import permissions, rounds
from app.workflow.actors import Actor


@dataclass(frozen=True)
class RoundRow:
    public_id: str
    number: int
    kind: str  # first, re_review


@dataclass(frozen=True)
class Rounds:
    here: RoundRow
    every: tuple[RoundRow, ...]

    @property
    def several(self) -> bool:
        return len(self.every) > 1

    @property
    def carried(self) -> int | None:
        """The number that links and forms of the page carry on; none while the call has one round."""
        return self.here.number if self.several else None


def shown(session: Session, call_id: str, number: int | None = None, *, actor: Actor) -> Rounds:
    """The round asked for by its number, or the one the workflow is about without a number."""
    permissions.require(actor, "call.read")
    here = rounds.named(session, call_id, number)
    return Rounds(_row(here), tuple(_row(one) for one in rounds.of_call(session, call_id)))


def file_stem(round_: Round) -> str:
    """How the files about a round begin: runs are counted anew in each."""
    return round_.call.code if round_.kind == "first" else f"{round_.call.code}-round-{round_.number}"


def _row(round_: Round) -> RoundRow:
    return RoundRow(round_.public_id, round_.number, round_.kind)
