"""How many dossiers of a call an expert may judge: the own limit, the call's, the year's, and a rest between calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.clock import KST, today_kst
from app.models.calls import Call, Round
from app.models.matching import Panel, PanelDossier, Seat

LOADING = ("drawn", "invited", "accepted", "pledged", "active", "done")


@dataclass(frozen=True)
class Room:
    """`held`: dossiers of the other calls that closed in the call's calendar year; `resting`: who sat in the calls just before it.

    `year_max` 0: a year has no limit.
    """

    load_max: int
    year_max: int
    held: Mapping[int, int]
    resting: frozenset[int]

    def most(self, expert: int, load_cap: int | None) -> int:
        """How many dossiers of the call this expert may judge, those of other runs and rounds of it included."""
        return max(0, min(limit for _, limit in self._limits(expert, load_cap)))

    def why(self, expert: int, load_cap: int | None) -> str:
        """Which limit is the lowest: load (the own or the call's), year or rest."""
        return min(self._limits(expert, load_cap), key=lambda one: one[1])[0]

    def _limits(self, expert: int, load_cap: int | None) -> list[tuple[str, int]]:
        limits = [("load", self.load_max if load_cap is None else min(self.load_max, load_cap))]
        if self.year_max:
            limits.append(("year", self.year_max - self.held.get(expert, 0)))
        if expert in self.resting:
            limits.append(("rest", 0))
        return limits


def of(session: Session, call: Call, given: Mapping[str, Any]) -> Room:
    """Under `given`, the rules of the call or the parameters of a run of it."""
    year_max, rest_after = given.get("year_max", 0), given.get("rest_after", 0)
    held = _held(session, call) if year_max else {}
    return Room(given["load_max"], year_max, held, _resting(session, call, rest_after) if rest_after else frozenset())


def _held(session: Session, call: Call) -> Mapping[int, int]:
    year = today_kst(call.closes_at).year
    begin, end = (datetime(y, 1, 1, tzinfo=KST).astimezone(UTC) for y in (year, year + 1))
    return _judged(session, LOADING, Call.closes_at >= begin, Call.closes_at < end, Call.id != call.id)


def taken(session: Session, call_id: int, *which: ColumnElement[bool], statuses: Collection[str] = LOADING) -> Counter[int]:
    """The dossiers that each expert has in panels of the call, those a member steps out of included; `which` narrows the seats."""
    return _judged(session, statuses, Call.id == call_id, *which)


def _judged(session: Session, statuses: Collection[str], *which: ColumnElement[bool]) -> Counter[int]:
    rows = _seats(Seat.expert_id, func.count(), statuses=statuses).join(PanelDossier, PanelDossier.panel_id == Panel.id)
    return Counter({row[0]: row[1] for row in session.execute(rows.where(*which).group_by(Seat.expert_id))})


def _resting(session: Session, call: Call, rest_after: int) -> frozenset[int]:
    """Who sat in each of so many calls that closed just before this one; nobody while there are fewer."""
    before = _seats(Call.id).where(Call.closes_at < call.closes_at, Call.id != call.id).group_by(Call.id, Call.closes_at)
    last = session.execute(before.order_by(Call.closes_at.desc(), Call.id.desc()).limit(rest_after)).scalars().all()
    if len(last) < rest_after:
        return frozenset()
    rows = _seats(Seat.expert_id).where(Call.id.in_(last)).group_by(Seat.expert_id)
    return frozenset(session.execute(rows.having(func.count(Call.id.distinct()) == rest_after)).scalars())


def _seats(*columns: Any, statuses: Collection[str] = LOADING) -> Select[Any]:
    joined = select(*columns).select_from(Seat).join(Panel, Panel.id == Seat.panel_id).join(Round, Round.id == Panel.round_id)
    return joined.join(Call, Call.id == Round.call_id).where(Seat.status.in_(statuses))
