"""What a run comes to, in the numbers by which runs are compared; drafts and stored runs alike, counted from their seats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from app.workflow import bench as benches
from app.workflow import targets
from app.workflow.bench import Bench
from app.workflow.targets import Met


@dataclass(frozen=True)
class Measures:
    """`decile` is the mean affinity that a tenth of the panels stay below. `loads` has one number for each active expert.

    `groups`: sets of panels that no panellist joins; marks of two groups cannot be compared by common panellists.
    """

    panels: int
    seats: int
    empty: int
    total: float
    mean: float
    lowest: float
    decile: float
    loads: tuple[int, ...]
    over_load: int
    newcomers: int
    regions: Mapping[str, int]
    sectors: Mapping[str, int]
    seat_types: Mapping[str, int]
    broken: Mapping[str, int]  # rule → panels that do not keep it
    groups: int
    largest_group: float  # share of the panels in the largest one
    targets: tuple[Met, ...]

    @property
    def newcomer_share(self) -> float:
        return self.newcomers / max(self.seats, 1)

    @property
    def most_load(self) -> int:
        return max(self.loads, default=0)

    @property
    def used(self) -> int:
        return sum(load > 0 for load in self.loads)


def measure(bench: Bench) -> Measures:
    seats = [seat for panel in bench.panels.values() for seat in panel.seats]
    known = [bench.pool[seat.expert] for seat in seats if seat.expert in bench.pool]
    means = np.array([panel.mean for panel in bench.panels.values()] or [0.0])
    total = sum(seat.affinity for seat in seats)
    groups, largest = _groups(bench)
    return Measures(
        panels=len(bench.panels),
        seats=len(seats),
        empty=sum(len(panel.empty) for panel in bench.panels.values()),
        total=total,
        mean=total / max(len(seats), 1),
        lowest=float(means.min()),
        decile=float(np.quantile(means, 0.1)),
        loads=loads_of(bench),
        over_load=sum(bench.loads.get(who.id, 0) > who.cap for who in {who.id: who for who in known}.values()),
        newcomers=sum(who.newcomer for who in known),
        regions=_counts(who.region for who in known),
        sectors=_counts(who.sector for who in known),
        seat_types=_counts(seat.seat_type for seat in seats),
        broken=_counts(f"{rule.rule}:{rule.data.get('value', '')}" for _, rule in bench.shortfalls),
        groups=groups,
        largest_group=largest,
        targets=met_targets(bench),
    )


def met_targets(bench: Bench) -> tuple[Met, ...]:
    """How far the panels as they stand meet what the run aims at."""
    people = {
        panel.number: [benches.attributes_of(bench, bench.pool[seat.expert]) for seat in panel.seats if seat.expert in bench.pool]
        for panel in bench.panels.values()
    }
    return targets.met(bench.rules, ((panel.number, panel.wanted, people[panel.number]) for panel in bench.panels.values()))


def loads_of(bench: Bench) -> tuple[int, ...]:
    """The seats of each active expert in this run, least first; nobody is left out for having none."""
    loads = Counter(seat.expert for panel in bench.panels.values() for seat in panel.seats)
    return tuple(sorted(loads[who.id] for who in bench.pool.values() if who.active or loads[who.id]))


def seats_that_differ(one: Bench, other: Bench) -> int:
    """Seats of either run that the other fills otherwise: same dossiers, another expert."""
    mine, theirs = _seated(one), _seated(other)
    shared = {panel for panel, _ in mine} & {panel for panel, _ in theirs}
    gone = {seat for seat in mine - theirs if seat[0] in shared}
    come = {seat for seat in theirs - mine if seat[0] in shared}
    return max(len(gone), len(come))


def _seated(bench: Bench) -> set[tuple[tuple[int, ...], int]]:
    return {(panel.applications, seat.expert) for panel in bench.panels.values() for seat in panel.seats}


def _groups(bench: Bench) -> tuple[int, float]:
    """Panels are joined where they share a panellist."""
    panels = list(bench.panels.values())
    if not panels:
        return 0, 0.0
    experts = {own: n for n, own in enumerate({seat.expert for panel in panels for seat in panel.seats}, len(panels))}
    pairs = [(p, experts[seat.expert]) for p, panel in enumerate(panels) for seat in panel.seats]
    size = len(panels) + len(experts)
    rows, columns = zip(*pairs, strict=True) if pairs else ((), ())
    _, group = connected_components(coo_array((np.ones(len(pairs)), (rows, columns)), shape=(size, size)), directed=False)
    _, counts = np.unique(group[: len(panels)], return_counts=True)
    return len(counts), float(counts.max() / len(panels))


def _counts(values: object) -> dict[str, int]:
    return dict(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))  # type: ignore[call-overload]
