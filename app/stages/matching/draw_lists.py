"""The two sides of a public draw: who may be drawn for which seats, and how a drawn order becomes seats and substitutes.

A stratum is a seat type of a panel. Its list holds those who may take the seat, nearest first, as long as the call says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.affinities import Kept
from app.errors import WrongStage
from app.models.matching import Panel, Seat
from app.workflow import bench as benches
from app.workflow.bench import LOADING, Barrier, Bench, Laid, Someone
from reviewers import draw as lots
from reviewers.seat_types import FREE

RECENTLY = timedelta(days=365)
Barred = Mapping[int, Mapping[int, Sequence[Barrier]]]  # application → expert


@dataclass(frozen=True)
class Place:
    """Where the drawn order put somebody: `rank` 0 is a seat, 1 and more the order of the substitutes of its type."""

    ordinal: int
    expert: int
    seat_type: str
    rank: int


@dataclass
class Walked:
    """One panel as drawn: its places, and what became of everybody in the order of each stratum, as far as it was needed."""

    places: list[Place] = field(default_factory=list)
    became: dict[str, list[dict[str, str]]] = field(default_factory=dict)


def wanted(bench: Bench, panel: Laid) -> list[tuple[str, int]]:
    """Seat type → number of seats: the least of each quota, the rest free."""
    own = [quota for quota in bench.quotas if quota["attribute"] == "seat_type"]
    left, kinds = panel.wanted, []
    for quota in own:
        if n := min(quota["least"], left):
            kinds.append((str(quota["value"]), n))
            left -= n
    if left:
        kinds.append((FREE.code if own else "", left))
    return kinds


def stratum(panel: Laid, kind: str) -> str:
    return f"{panel.number}:{kind or FREE.code}"


def strata(bench: Bench, kept: Kept | None, barred: Barred, recent: Mapping[int, int], times: int) -> dict[str, dict[str, int]]:
    """The list of each stratum with the tickets of everybody on it: no conflict, not even an open question, and load left."""
    out: dict[str, dict[str, int]] = {}
    for panel in bench.panels.values():
        likings = kept.of(panel.applications) if kept else {}
        if not likings:
            raise WrongStage("board.no_affinity")
        nearest = [bench.pool[own] for own in sorted(likings, key=lambda own: (-likings[own], own)) if own in bench.pool]
        for kind, seats in wanted(bench, panel):
            listed: dict[str, int] = {}
            for who in nearest:
                if len(listed) == times * seats:
                    break
                if _fits(who, kind) and not _obstacle(bench, panel, who, barred, bench.taken):
                    listed[who.public_id] = lots.tickets(likings[who.id], recent.get(who.id, 0))
            out[stratum(panel, kind)] = listed
    return out


def recent_loads(session: Session, now: datetime) -> Counter[int]:
    """The seats that each expert took in any call within a year: they weigh less in the draw."""
    rows = session.execute(
        select(Seat.expert_id, func.count())
        .join(Panel, Panel.id == Seat.panel_id)
        .where(Panel.created_at > now - RECENTLY, Seat.status.in_(LOADING))
        .group_by(Seat.expert_id)
    )
    return Counter({row[0]: row[1] for row in rows})


def walk(bench: Bench, order: Mapping[str, Sequence[str]], barred: Barred, times: int) -> dict[int, Walked]:
    """Panel by panel down the drawn order: first all seats, then substitutes, until `times` the seats of a type are drawn."""
    by_key = {who.public_id: who for who in bench.pool.values()}
    loads = Counter(bench.taken)
    out = {}
    for number, panel in sorted(bench.panels.items()):
        walked, kinds = Walked(), wanted(bench, panel)
        lines = {kind: iter(order[stratum(panel, kind)]) for kind, _ in kinds}
        first = 1
        for kind, seats in kinds:
            walked.became[stratum(panel, kind)] = []
            for ordinal in range(first, first + seats):
                who = _next(bench, panel, walked, (kind, lines[kind]), by_key, barred, loads)
                if who is None:
                    break
                walked.places.append(Place(ordinal, who.id, kind, 0))
                loads[who.id] += 1
            first += seats
        for kind, seats in kinds:
            for rank in range(1, seats * (times - 1) + 1):
                who = _next(bench, panel, walked, (kind, lines[kind]), by_key, barred, None)
                if who is None:
                    break
                walked.places.append(Place(first, who.id, kind, rank))
                first += 1
        out[number] = walked
    return out


def _next(
    bench: Bench, panel: Laid, walked: Walked, line: tuple[str, Iterator[str]], by_key: Mapping[str, Someone], barred: Barred,
    loads: Mapping[int, int] | None,
) -> Someone | None:  # fmt: skip
    """The next in order who may take a place. Load and institution of a substitute are looked at when one is called."""
    kind, order = line
    for key in order:
        who = by_key[key]
        became = "here" if any(place.expert == who.id for place in walked.places) else ""
        became = became or _obstacle(bench, panel, who, barred, loads)
        if not became and loads is not None and _house_full(bench, walked, who):
            became = "institution"
        walked.became[stratum(panel, kind)].append(
            {"expert": key, "became": became or ("substitute" if loads is None else "seat")}
        )
        if not became:
            return who
    return None


def _fits(who: Someone, kind: str) -> bool:
    return kind in ("", FREE.code) or not who.seat_types or kind in who.seat_types


def _obstacle(bench: Bench, panel: Laid, who: Someone, barred: Barred, loads: Mapping[int, int] | None) -> str:
    if not who.active:
        return "absent"
    if any(who.id in barred.get(application, {}) for application in panel.applications):
        return "conflict"
    return "load" if loads is not None and loads.get(who.id, 0) >= who.cap else ""


def _house_full(bench: Bench, walked: Walked, who: Someone) -> bool:
    cap = bench.rules["institution_cap"]
    return cap is not None and sum(bench.pool[place.expert].house == who.house for place in walked.places) >= cap


def barriers(session: Session, bench: Bench) -> Barred:
    """Everything that stands between an expert and a dossier of the run, open questions too."""
    applications = {own for panel in bench.panels.values() for own in panel.applications}
    return benches.barriers_by_dossier(session, bench.run, applications)
