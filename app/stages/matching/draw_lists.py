"""The two sides of a public draw: who may be drawn for which seats, and how a drawn order becomes seats and substitutes.

A stratum is a seat type of a panel. Its list holds those who may take the seat, nearest first, as long as the call says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.affinities import Kept
from app.errors import WrongStage
from app.models.experts import Expert
from app.models.matching import Panel, Seat
from app.workflow import bench as benches
from app.workflow.bench import Barrier, Bench, Laid, Someone
from app.workflow.room import LOADING
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
                if _fits(who, kind) and _may_sit(bench, panel, who, barred):
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


def seating(bench: Bench, listed: Mapping[str, Mapping[str, int]], times: int) -> dict[str, Any]:
    """How the order will be seated (reviewers.draw.Seating), frozen with the list: houses by a name that says nothing else."""
    experts = {who.public_id: who for who in bench.pool.values()}
    people = sorted({expert for own in listed.values() for expert in own})
    house: dict[str, str] = {}
    for own in people:
        house.setdefault(experts[own].house, f"h{len(house) + 1}")
    kinds = {str(number): [[kind or FREE.code, n] for kind, n in wanted(bench, panel)] for number, panel in bench.panels.items()}
    return {
        "kinds": kinds,
        "least": {str(q["value"]): q["least"] for q in bench.quotas if q["attribute"] == "seat_type" and q["least"]},
        "institution_cap": bench.rules["institution_cap"],
        "multiple": times,
        "rooms": {own: room(bench, experts[own]) for own in people},
        "houses": {own: house[experts[own].house] for own in people},
    }


def employers(session: Session, listed: Mapping[str, Mapping[str, int]]) -> dict[str, int | None]:
    """Who worked where when the list was frozen; kept here and told nobody, so that a later change can be named as one."""
    people = {expert for own in listed.values() for expert in own}
    rows = session.execute(select(Expert.public_id, Expert.organisation_id).where(Expert.public_id.in_(people)))
    return {row[0]: row[1] for row in rows}


def room(bench: Bench, who: Someone) -> int:
    """How many more panels somebody may sit in, whichever these are."""
    return max(0, who.cap - bench.taken.get(who.id, 0)) // bench.largest


def since(bench: Bench, frozen: Mapping[str, Any], listed: Mapping[str, Mapping[str, int]], barred: Barred) -> dict[str, Any]:
    """What came up between freezing and drawing: who left the pool, met a conflict, or carries another load."""
    experts = {who.public_id: who for who in bench.pool.values()}
    conflict: dict[str, list[str]] = {}
    for number, panel in sorted(bench.panels.items()):
        here = {own for name, line in listed.items() if name.partition(":")[0] == str(number) for own in line}
        if met := sorted(own for own in here if _is_barred(panel, experts[own], barred)):
            conflict[str(number)] = met
    return {
        "absent": sorted(own for own in frozen["rooms"] if not experts[own].active),
        "conflict": conflict,
        "rooms": {own: now for own, then in sorted(frozen["rooms"].items()) if (now := room(bench, experts[own])) != then},
    }


def places(bench: Bench, walked: lots.Places) -> dict[int, list[Place]]:
    """Panel → its places: ordinals by seat type, the substitutes after all seats."""
    by_key = {who.public_id: who for who in bench.pool.values()}
    out = {}
    for number, panel in sorted(bench.panels.items()):
        own: list[Place] = []
        first = 1
        for what in ("seat", "substitute"):
            for kind, seats in wanted(bench, panel):
                became = [by_key[e["expert"]].id for e in walked[stratum(panel, kind)] if e["became"] == what]
                rank = int(what == "substitute")
                own += [Place(first + n, expert, kind, rank and n + 1) for n, expert in enumerate(became)]
                first += len(became) if rank else seats
        out[number] = own
    return out


def _fits(who: Someone, kind: str) -> bool:
    return kind in ("", FREE.code) or not who.seat_types or kind in who.seat_types


def _may_sit(bench: Bench, panel: Laid, who: Someone, barred: Barred) -> bool:
    return who.active and not _is_barred(panel, who, barred) and room(bench, who) > 0


def _is_barred(panel: Laid, who: Someone, barred: Barred) -> bool:
    return any(who.id in barred.get(application, {}) for application in panel.applications)


def barriers(session: Session, bench: Bench) -> Barred:
    """Everything that stands between an expert and a dossier of the run, open questions too."""
    applications = {own for panel in bench.panels.values() for own in panel.applications}
    return benches.barriers_by_dossier(session, bench.run, applications)
