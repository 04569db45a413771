"""What to change, at least, when some seats or quotas could not be met: each change alone makes every panel complete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from reviewers.checking import Shortfall, shortfalls
from reviewers.problem import Problem, Profile, Slot, build
from reviewers.records import AffinityTable, Conflict, Expert, PanelSpec
from reviewers.seat_types import FREE
from reviewers.solving import method_for, solve

_HIGHEST_STEP = 3  # further than three more panels per expert, or of one institution, nobody wants to go
_MOST_PEOPLE = 1_000

Wanted = tuple[str | None, str | None]  # attribute and value; (None, None): anybody


@dataclass(frozen=True, slots=True)
class Change:
    """One way to make the panels complete; known to work, because it was solved again.

    `kind`: "load" (everybody without a cap of their own judges `amount` dossiers more), "institution" (`amount` more of one
    institution), "experts" (the people named in `people`, free of conflicts; `seats` says in which panels each of them would
    sit), "waive" (leave what `waived` names aside).
    """

    kind: str
    amount: int
    people: tuple[tuple[str | None, str | None, int], ...] = ()  # attribute, value, how many
    waived: tuple[Shortfall, ...] = ()
    seats: tuple[tuple[str, ...], ...] = ()  # of each newcomer in the order of `people`: ids of panels


def advise(
    specs: Sequence[PanelSpec],
    experts: Sequence[Expert],
    affinity: AffinityTable,
    conflicts: Iterable[Conflict] = (),
    *,
    load_cap: int,
    seed: int,
    taken: Mapping[str, int] | None = None,
) -> tuple[Change, ...]:
    """The changes for what `assign` was given; () when all panels can be complete."""
    known = list(conflicts)

    size = max((len(spec.dossier_ids) for spec in specs), default=1)

    def with_load(more: int) -> Problem:
        return build(specs, experts, affinity, known, load_cap=load_cap + more * size, taken=taken)

    return changes(with_load(0), with_load, load_cap=load_cap // size, size=size, seed=seed)


def changes(
    problem: Problem, with_load: Callable[[int], Problem], *, load_cap: int, seed: int, size: int = 1
) -> tuple[Change, ...]:
    """Every smallest change that makes the panels of `problem` complete, the least intrusive first.

    `with_load(n)` is the problem when everybody may sit on n panels more, of `size` dossiers; `load_cap`: panels of a newcomer.
    """
    missing = unmet(problem, seed)
    if not missing:
        return ()
    found = []
    for more in range(1, _HIGHEST_STEP + 1):
        if not unmet(with_load(more), seed):
            found.append(Change("load", more * size))
            break
    if (problem.cap < problem.seats).any():
        for more in range(1, _HIGHEST_STEP + 1):
            if not unmet(with_institution(problem, more), seed):
                found.append(Change("institution", more))
                break
    if people := _people(problem, missing, load_cap, seed):
        seats = _seats(problem, people, max(load_cap, 1), seed)
        found.append(Change("experts", sum(number for _, _, number in people), people, seats=seats))
    return (*found, Change("waive", sum(short.needed - short.got for short in missing), waived=missing))


def unmet(problem: Problem, seed: int) -> tuple[Shortfall, ...]:
    """What the best panels lack."""
    solved = solve(problem, method=method_for(problem), seed=seed, fair=False)
    return shortfalls(problem, solved.solution)


def with_institution(problem: Problem, more: int) -> Problem:
    return replace(problem, cap=np.minimum(problem.cap + more, problem.seats))


def with_people(problem: Problem, people: Iterable[tuple[str | None, str | None, int]], load: int) -> Problem:
    """The problem with newcomers: each of an organisation of their own, without conflicts, known for nothing but the value."""
    wanted: list[Wanted] = [(attribute, value) for attribute, value, number in people for _ in range(number)]
    n_new = len(wanted)

    def widened(slot: Slot) -> Slot:
        return replace(slot, open_to=np.append(slot.open_to, [_fits(slot, *own) for own in wanted]))

    first = int(problem.institution.max(initial=0)) + 1
    return replace(
        problem,
        experts=(*problem.experts, *(Expert(f"\0newcomer {n}") for n in range(n_new))),
        score=np.pad(problem.score, ((0, 0), (0, n_new))),
        allowed=np.pad(problem.allowed, ((0, 0), (0, n_new)), constant_values=True),
        load=np.append(problem.load, np.full(n_new, load)),
        institution=np.append(problem.institution, np.arange(first, first + n_new)),
        profiles=tuple(Profile(tuple(map(widened, p.slots)), tuple(map(widened, p.beside))) for p in problem.profiles),
        own_cap=np.append(problem.own_cap, np.zeros(n_new, dtype=bool)),
    ) if n_new else problem  # fmt: skip


def _fits(slot: Slot, attribute: str | None, value: str | None) -> bool:
    if slot.attribute == "seat_type" and slot.value == FREE.code:
        return True
    return slot.value is None or (slot.attribute, slot.value) == (attribute, value)


def _people(problem: Problem, missing: Sequence[Shortfall], load: int, seed: int) -> tuple[tuple[str | None, str | None, int], ...]:
    """How many newcomers of each kind that lacks make the panels complete; () where even many do not."""
    by_panel: dict[Wanted, Counter[str]] = {}
    for short in missing:
        by_panel.setdefault((short.attribute, short.value), Counter())[short.panel_id] += short.needed - short.got
    # Each newcomer takes one seat per panel and at most `load` panels.
    least = {own: max(max(panels.values()), -(-panels.total() // max(load, 1))) for own, panels in by_panel.items()}
    factor = 1
    while sum(least.values()) * factor <= _MOST_PEOPLE:
        people = tuple((attribute, value, number * factor) for (attribute, value), number in least.items())
        if not unmet(with_people(problem, people, max(load, 1)), seed):
            return _fewest(problem, people, max(load, 1), seed)
        factor *= 2
    return ()


def _fewest(
    problem: Problem, people: tuple[tuple[str | None, str | None, int], ...], load: int, seed: int
) -> tuple[tuple[str | None, str | None, int], ...]:
    """None of the kinds could do with fewer, the others as they are."""
    for place, (attribute, value, number) in enumerate(people):
        low, high = 0, number
        while low < high:
            middle = (low + high) // 2
            tried = (*people[:place], (attribute, value, middle), *people[place + 1 :])
            if unmet(with_people(problem, tried, load), seed):
                low = middle + 1
            else:
                high = middle
        people = (*people[:place], (attribute, value, high), *people[place + 1 :])
    return tuple(entry for entry in people if entry[2])


def _seats(
    problem: Problem, people: tuple[tuple[str | None, str | None, int], ...], load: int, seed: int
) -> tuple[tuple[str, ...], ...]:
    """In which panels each newcomer sits where all of them are there."""
    widened = with_people(problem, people, load)
    solution = solve(widened, method=method_for(widened), seed=seed, fair=False).solution
    first, total = len(problem.experts), len(widened.experts)
    return tuple(
        tuple(problem.specs[p].id for p in sorted(solution.panel[solution.expert == e].tolist())) for e in range(first, total)
    )


def waive(problem: Problem, waived: Iterable[Shortfall]) -> Problem:
    """The problem with the seats and quotas named left aside in their panels."""
    gone = list(waived)
    row = {spec.id: p for p, spec in enumerate(problem.specs)}
    seats, profile, profiles = problem.seats.copy(), problem.profile.copy(), list(problem.profiles)
    for panel_id in dict.fromkeys(short.panel_id for short in gone):
        own = [short for short in gone if short.panel_id == panel_id]
        p = row[panel_id]
        got = {(short.attribute, short.value): short.got for short in own}
        seats[p] = got.get((None, None), seats[p])
        before = problem.profiles[problem.profile[p]]
        lower = [
            tuple(replace(slot, least=got.get((slot.attribute, slot.value), slot.least)) for slot in layer)
            for layer in (before.slots, before.beside)
        ]
        profile[p] = len(profiles)
        profiles.append(Profile(*lower))
    return replace(problem, seats=seats, profile=profile, profiles=tuple(profiles))


def words(change: Change) -> str:
    """The change in English, for a terminal."""
    if change.kind == "load":
        return f"let every expert sit on {change.amount} more"
    if change.kind == "institution":
        return f"allow {change.amount} more of one institution"
    if change.kind == "experts":
        wanted = ", ".join(f"{number} more {_named(attribute, value)}" for attribute, value, number in change.people)
        return f"find {wanted}"
    parts = [
        f"application {short.panel_id}: {short.got} of {short.needed} {_named(short.attribute, short.value)}"
        for short in change.waived
    ]
    return "accept " + "; ".join(parts)


def _named(attribute: str | None, value: str | None) -> str:
    return "experts" if attribute is None else f"experts of {attribute} {value}"
