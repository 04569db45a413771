"""The panels of a run laid out for editing by hand: who sits where, what everybody carries, and what a change would cost.

Only what one change touches is weighed again: the panel itself, the load of whoever enters, and the lowest of all panels.
Without exception, as in the solver: conflicts, loads, one seat for each in a panel, the institution's cap, the most of a quota.
A reason allows the rest: an open question of conflict, and the least of a quota.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.applications import Application
from app.models.experts import Expert
from app.models.matching import Conflict, MatchRun, Panel, RunPanel, RunSeat, Seat
from app.models.people import Organisation, Person
from app.workflow import batches, regions, rounds, targets
from app.workflow import room as rooms
from app.workflow.conflicts import barring
from app.workflow.room import Room
from reviewers.organisations import organisation_key
from reviewers.seat_types import FREE

SERVED = ("pledged", "active", "done")
Likings = Callable[[Collection[int]], Mapping[int, float]]  # applications → expert → mean affinity


class Someone(NamedTuple):
    """An expert of the pool as the board needs them; `house` is equal for two experts of one organisation."""

    id: int
    public_id: str
    external_id: str
    name: str
    organisation: str
    house: str
    sector: str
    seat_types: frozenset[str]
    region: str
    cap: int
    limit: str  # what sets the cap: load, year, rest
    active: bool
    newcomer: bool  # never signed a pledge before

    def value_of(self, attribute: str) -> str:
        return {"sector": self.sector, "region": self.region, "organisation": self.organisation}.get(attribute, "")


class Sitting(NamedTuple):
    """A taken seat of a panel."""

    ordinal: int
    expert: int
    seat_type: str
    affinity: float
    locked: bool


class Judged(NamedTuple):
    """A dossier of the run, as much of it as the board needs."""

    id: int
    number: int
    panel_number: int | None
    title: str
    status: str
    field_1: str
    organisation_id: int

    @property
    def label(self) -> str:
        """A-117 once numbered for panels, else D-0412."""
        return f"A-{self.panel_number:03d}" if self.panel_number else f"D-{self.number:04d}"


@dataclass(frozen=True)
class Laid:
    """One panel: its places are 1 to `wanted`, some of them empty."""

    id: int
    number: int
    applications: tuple[int, ...]
    wanted: int
    seats: tuple[Sitting, ...]

    @cached_property
    def total(self) -> float:
        return sum(seat.affinity for seat in self.seats)

    @cached_property
    def mean(self) -> float:
        return self.total / max(self.wanted, 1)

    @property
    def empty(self) -> tuple[int, ...]:
        taken = {seat.ordinal for seat in self.seats}
        return tuple(n for n in range(1, self.wanted + 1) if n not in taken)

    def at(self, ordinal: int) -> Sitting | None:
        return next((seat for seat in self.seats if seat.ordinal == ordinal), None)


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a change breaks; a hard one refuses the change, another asks for a reason."""

    # absent, seated, conflict, former, out_of, load, year, rest, institution, most, seat_type; open_conflict, least
    rule: str
    hard: bool
    data: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"rule": self.rule, "hard": self.hard, **self.data}


@dataclass(frozen=True, slots=True)
class Cost:
    """What a change does: to the total, to the mean of its panel, to the lowest of all panels, and to the rules."""

    delta: float
    mean_before: float
    mean_after: float
    lowest_before: float
    lowest_after: float
    broken: tuple[Broken, ...]

    @property
    def refused(self) -> bool:
        return any(rule.hard for rule in self.broken)

    @property
    def needs_reason(self) -> bool:
        return bool(self.broken) and not self.refused


@dataclass(frozen=True, slots=True)
class Barrier:
    """A conflict, raised or upheld, between an expert and a dossier of a panel."""

    ground: str
    status: str
    hard: bool
    evidence: Mapping[str, Any]
    application: int = 0

    @property
    def bars(self) -> bool:
        return self.hard or self.status != "raised"


@dataclass(frozen=True)
class Bench:
    """All panels of a run, the pool, and what everybody carries: in this run and in panels that stand already."""

    run: MatchRun
    panels: Mapping[int, Laid]  # by number
    pool: Mapping[int, Someone]
    taken: Mapping[int, int]  # dossiers of panels deployed from other runs
    loads: Mapping[int, int]  # dossiers of this run and of those
    rules: Mapping[str, Any]

    @property
    def quotas(self) -> Sequence[Mapping[str, Any]]:
        return self.rules["quotas"]  # type: ignore[no-any-return]

    @property
    def largest(self) -> int:
        """The dossiers of the largest panel: whoever has room for these has room for any."""
        return max((len(panel.applications) for panel in self.panels.values()), default=1)

    @property
    def lowest(self) -> float:
        return min((panel.mean for panel in self.panels.values()), default=0.0)

    @cached_property
    def shortfalls(self) -> list[tuple[int, Broken]]:
        """Every rule that a panel does not keep as it stands: empty seats, the least and the most of its quotas, caps."""
        found = []
        for panel in self.panels.values():
            if panel.empty:
                found.append((panel.number, Broken("seats", False, {"got": len(panel.seats), "needed": panel.wanted})))
            for quota in self.quotas:
                got = counted(self, panel, quota)
                if got < quota["least"]:
                    found.append((panel.number, Broken("least", False, {**_named(quota), "got": got, "needed": quota["least"]})))
                if quota["most"] is not None and got > quota["most"]:
                    found.append((panel.number, Broken("most", True, {**_named(quota), "got": got, "most": quota["most"]})))
            houses = Counter(self.pool[seat.expert].house for seat in panel.seats if seat.expert in self.pool)
            cap = self.rules["institution_cap"]
            if cap is not None and houses and (most_of_one := max(houses.values())) > cap:
                found.append((panel.number, Broken("institution", True, {"got": most_of_one, "most": cap})))
        return found

    def with_panel(self, changed: Laid) -> Bench:
        """The same with one panel as it became."""
        loads = Counter(self.loads)
        before, dossiers = self.panels[changed.number], len(changed.applications)
        loads.subtract({seat.expert: dossiers for seat in before.seats})
        loads.update({seat.expert: dossiers for seat in changed.seats})
        return replace(self, panels={**self.panels, changed.number: changed}, loads=loads)

    def free_type(self, panel: Laid) -> str:
        """The seat type that an empty place of the panel is for: one that is short, else any."""
        own = [quota for quota in self.quotas if quota["attribute"] == "seat_type"]
        if not own:
            return ""
        counts = Counter(seat.seat_type for seat in panel.seats)
        short = (quota["value"] for quota in own if counts[quota["value"]] < quota["least"])
        return str(next(short, FREE.code))


def lay_out(session: Session, run: MatchRun) -> Bench:
    """Everything above in six queries, whatever the size of the run."""
    seats: dict[int, list[Sitting]] = {}
    loads: Counter[int] = Counter()
    rows = session.execute(
        select(RunSeat.run_panel_id, RunSeat.ordinal, RunSeat.expert_id, RunSeat.seat_type, RunSeat.affinity, RunSeat.locked)
        .join(RunPanel, RunPanel.id == RunSeat.run_panel_id)
        .where(RunPanel.run_id == run.id, RunSeat.substitute_rank == 0)
        .order_by(RunSeat.run_panel_id, RunSeat.ordinal)
    )
    for panel_id, *place in rows:
        sitting = Sitting._make(place)
        seats.setdefault(panel_id, []).append(sitting)
    stored = session.execute(
        select(RunPanel.id, RunPanel.number, RunPanel.application_ids, RunPanel.empty).where(RunPanel.run_id == run.id)
    )
    panels = {}
    for panel_id, number, applications, empty in stored:
        own = seats.get(panel_id, [])
        loads.update({sitting.expert: len(applications) for sitting in own})
        panels[number] = Laid(panel_id, number, tuple(applications), len(own) + empty, tuple(own))
    taken = rooms.taken(session, run.round.call_id, Panel.run_id != run.id)
    loads.update(taken)
    return Bench(run, panels, pool(session, rooms.of(session, run.round.call, run.parameters)), taken, loads, run.parameters)


def pool(session: Session, room: Room) -> dict[int, Someone]:
    """Every expert, gone ones too: a run may still seat them."""
    before = served(session)
    columns = (Expert.id, Expert.public_id, Expert.external_id, Expert.sector, Expert.seat_types, Expert.region, Expert.load_cap,
               Expert.active, Expert.organisation_id, Person.name, Organisation.name)  # fmt: skip
    rows = session.execute(
        select(*columns)
        .join(Person, Person.id == Expert.person_id)
        .outerjoin(Organisation, Organisation.id == Expert.organisation_id)
    )
    out = {}
    for own, public_id, external_id, sector, seat_types, region, cap, active, _organisation, name, organisation in rows:
        out[own] = Someone(
            own, public_id, external_id, name, organisation or "", organisation_key(organisation or "") or f"\0{own}", sector,
            frozenset(seat_types), regions.short(region), room.most(own, cap), room.why(own, cap), active, own not in before,
        )  # fmt: skip
    return out


def served(session: Session) -> frozenset[int]:
    """Everybody who ever signed a pledge: whoever did not is a first-timer."""
    return frozenset(session.execute(select(Seat.expert_id).where(Seat.status.in_(SERVED)).distinct()).scalars())


def barriers(session: Session, run: MatchRun, applications: Collection[int]) -> dict[int, list[Barrier]]:
    """By expert: every conflict with one of these dossiers, and former panellists of them."""
    found: dict[int, list[Barrier]] = {}
    for by_expert in barriers_by_dossier(session, run, applications).values():
        for expert, some in by_expert.items():
            found.setdefault(expert, []).extend(some)
    return found


def barriers_by_dossier(session: Session, run: MatchRun, applications: Collection[int]) -> dict[int, dict[int, list[Barrier]]]:
    """Application → expert → what stands between them."""
    found: dict[int, dict[int, list[Barrier]]] = {}
    columns = (Application.id, Conflict.expert_id, Conflict.ground, Conflict.status, Conflict.hard, Conflict.evidence)
    for application, expert, ground, status, hard, evidence in session.execute(
        barring.rows(applications).with_only_columns(*columns)
    ):
        barrier = Barrier(ground, status, hard, evidence, application)
        found.setdefault(application, {}).setdefault(expert, []).append(barrier)
    for application, expert in rounds.former_panellists(session, applications, run.round_id):
        found.setdefault(application, {}).setdefault(expert, []).append(
            Barrier("former_panellist", "upheld", True, {}, application)
        )
    return found


def weigh(bench: Bench, panel: Laid, changed: Laid, barred: Mapping[int, Sequence[Barrier]], others: float | None = None) -> Cost:
    """What it means to put `changed` in the place of `panel`; `others`: the lowest mean of all other panels, where it is known."""
    if others is None:
        others = lowest_but(bench, panel)
    return Cost(
        delta=changed.total - panel.total,
        mean_before=panel.mean,
        mean_after=changed.mean,
        lowest_before=min(others, panel.mean),
        lowest_after=min(others, changed.mean),
        broken=tuple(_rules(bench, panel, changed, barred)),
    )


def refuses(bench: Bench, panel: Laid, changed: Laid, barred: Mapping[int, Sequence[Barrier]]) -> bool:
    """Whether some rule stands in the way of `changed`: `weigh(...).refused` without the price."""
    return any(rule.hard for rule in _rules(bench, panel, changed, barred))


def lowest_but(bench: Bench, panel: Laid) -> float:
    """The lowest mean of all panels but this one; 1 where there is no other."""
    return min((other.mean for other in bench.panels.values() if other.number != panel.number), default=1.0)


def _rules(bench: Bench, panel: Laid, changed: Laid, barred: Mapping[int, Sequence[Barrier]]) -> Iterable[Broken]:
    before = {seat.expert for seat in panel.seats}
    for seat in changed.seats:
        if seat.expert not in before:
            yield from _person_rules(bench, changed, seat, barred.get(seat.expert, ()))
            yield from _out_of(bench, changed, seat, barred)
    yield from _panel_rules(bench, panel, changed)


def steps_out(bench: Bench, panel: Laid, barred: Sequence[Barrier]) -> frozenset[int] | None:
    """The dossiers that somebody with these conflicts would leave to the others; None where they keep from the panel."""
    return batches.steps_out(bench.rules, panel.wanted, panel.applications, barred)


def _out_of(bench: Bench, changed: Laid, seat: Sitting, barred: Mapping[int, Sequence[Barrier]]) -> Iterable[Broken]:
    """Whoever enters leaves each dossier judges enough."""
    out = steps_out(bench, changed, barred.get(seat.expert, ()))
    if not out:
        return
    members = Counter(own for other in changed.seats for own in steps_out(bench, changed, barred.get(other.expert, ())) or ())
    got, most = max(members[own] for own in out), batches.step_out_most(bench.rules, changed.wanted)
    if got > most:
        yield Broken("out_of", True, {"expert": seat.expert, "got": got, "most": most})


def _person_rules(bench: Bench, changed: Laid, seat: Sitting, barred: Sequence[Barrier]) -> Iterable[Broken]:
    who, named = bench.pool.get(seat.expert), {"expert": seat.expert}
    if who is None or not who.active:
        yield Broken("absent", True, named)
        return
    if sum(other.expert == seat.expert for other in changed.seats) > 1:
        yield Broken("seated", True, named)
    if steps_out(bench, changed, barred) is not None:
        barred = ()
    for barrier in barred[:1] if all(b.bars == barred[0].bars for b in barred) else [b for b in barred if b.bars][:1]:
        former = barrier.ground == "former_panellist"
        rule = "former" if former else "conflict" if barrier.bars else "open_conflict"
        yield Broken(rule, barrier.bars, named | {"ground": barrier.ground})
    if bench.loads.get(seat.expert, 0) + len(changed.applications) > who.cap:
        yield Broken(who.limit, True, named | {"got": bench.loads.get(seat.expert, 0), "most": who.cap})
    same = sum(bench.pool[other.expert].house == who.house for other in changed.seats if other.expert in bench.pool)
    cap = bench.rules["institution_cap"]
    if cap is not None and same > cap:
        yield Broken("institution", True, named | {"got": same, "most": cap})
    if seat.seat_type not in ("", FREE.code) and who.seat_types and seat.seat_type not in who.seat_types:
        yield Broken("seat_type", True, named | {"value": seat.seat_type})


def _panel_rules(bench: Bench, panel: Laid, changed: Laid) -> Iterable[Broken]:
    """Quotas that the change makes worse; what was short before and stays so was known."""
    for quota in bench.quotas:
        before, after = counted(bench, panel, quota), counted(bench, changed, quota)
        most = quota["most"]
        if most is not None and after > most and after > before:
            yield Broken("most", True, {**_named(quota), "got": after, "most": most})
        if after < quota["least"] and after < before and len(changed.seats) >= len(panel.seats):
            yield Broken("least", False, {**_named(quota), "got": after, "needed": quota["least"]})


def counted(bench: Bench, panel: Laid, quota: Mapping[str, Any]) -> int:
    """How many seats of a panel count for a quota."""
    attribute, value = quota["attribute"], quota["value"]
    if attribute == "seat_type":
        return sum(seat.seat_type == value for seat in panel.seats)
    known = (bench.pool[seat.expert] for seat in panel.seats if seat.expert in bench.pool)
    if attribute in targets.ATTRIBUTES:
        return sum(attributes_of(bench, who).get(attribute) == value for who in known)
    return sum(who.value_of(attribute) == value for who in known)


def attributes_of(bench: Bench, who: Someone) -> dict[str, str]:
    """What targets, and quotas on the same, ask of an expert."""
    return targets.attributes(bench.rules, who.region, newcomer=who.newcomer)


def _named(quota: Mapping[str, Any]) -> dict[str, Any]:
    return {"attribute": quota["attribute"], "value": quota["value"]}


def applications_of(session: Session, bench: Bench) -> dict[int, Judged]:
    """Every dossier of the run by its id."""
    wanted = {own for panel in bench.panels.values() for own in panel.applications}
    columns = (Application.id, Application.number, Application.panel_number, Application.title, Application.status,
               Application.field_1, Application.organisation_id)  # fmt: skip
    rows = session.execute(select(*columns).where(Application.call_id == bench.run.round.call_id))
    return {row[0]: Judged._make(row) for row in rows if row[0] in wanted}
