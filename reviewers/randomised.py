"""Near the best panels, yet not to be foreseen: no pair is likelier than the call allows, and a committed seed draws.

With a cap of one in D the best chances are the best panels of a problem D times as large (each seat, load and quota D-fold, each
pair once), so the same solver and the same proof hold. The draw rounds those chances to seats on a network in which every rule
is an arc (Budish, Che, Kojima & Milgrom 2013, doi:10.1257/aer.103.2.585): pushing along circles of undecided arcs, up or down with
the odds that keep every chance exact, keeps every panel's size, load, institution cap and quota in every draw.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np

from reviewers import flow, mip, targets
from reviewers.candidates import choose
from reviewers.checking import broken_rules, by_panel, short_of_quota
from reviewers.errors import RuleBroken
from reviewers.fairness import subproblem
from reviewers.flow import Solution
from reviewers.problem import Bools, Ints, Numbers, Problem, Profile, Slot
from reviewers.solving import Solved, method_for, solve, total_of

LIKELIEST = (2, 3, 4, 5)  # a pair is seated at most once in so many draws on average


@dataclass(frozen=True)
class Drawn:
    """Seats that came out, and what was to be expected: `expected` and `bound` on the total, `lowest_bound` and `floor` as Solved.

    `certain` names the panels that were not drawn, because under the cap too few could sit there, or because the draw left a
    dossier of theirs without enough who know it.
    """

    solution: Solution
    expected: float
    bound: float
    lowest_bound: float
    floor: Numbers | None
    certain: Ints
    given: float = 0.0

    @property
    def gap(self) -> float:
        return max(0.0, (self.bound - self.expected) / self.bound) if self.bound else 0.0


def panels(problem: Problem, times: int, *, seed: int, fair: bool, rising: float = 0.0) -> Drawn:
    """Seats drawn so that no pair is seated with a higher chance than one in `times`; one draws nothing and seats the best.

    A panel that this would leave short, or that breaks an institution's cap over several slots and cannot be mended by itself,
    is seated as the best panels seat it. Raises SolverFailed, RuleBroken.
    """
    best = solve(problem, method=method_for(problem), seed=seed, fair=fair, rising=rising) if times == 1 else None
    certain = np.zeros(0, dtype=np.int64)
    while best is None or times > 1:
        found, again = _drawn(problem, best, certain, times, seed, fair, rising)
        if not len(again):
            if broken := broken_rules(problem, found.solution):
                raise RuleBroken(broken=broken)
            return found
        best = best or solve(problem, method=method_for(problem), seed=seed, fair=fair, rising=rising)
        certain = np.union1d(certain, again)
        if len(certain) == len(problem.specs):
            break
    return whole(problem, best)


def _drawn(
    problem: Problem, best: Solved | None, certain: Ints, times: int, seed: int, fair: bool, rising: float
) -> tuple[Drawn, Ints]:
    """A draw with the `certain` panels seated as in `best`, and the panels that it could not seat in full."""
    rest = np.setdiff1d(np.arange(len(problem.specs)), certain)
    fixed = _nobody(problem) if best is None else _of_panels(best.solution, certain)
    part = subproblem(problem, rest, problem.load - np.bincount(fixed.expert, minlength=len(problem.load)))
    part = replace(part, aims=targets.left(problem, fixed))
    larger = enlarged(part, times)
    chances = solve(larger, method=method_for(larger), seed=seed, fair=fair, rising=rising)
    seats, mended, again = _mended(part, draw(part, chances.solution, times, seed), seed)
    lacking = rest[np.union1d(np.flatnonzero(_short(larger, chances.solution)), again)]
    expected = total_of(part, chances.solution) / times + total_of(problem, fixed)
    bound = chances.bound / times if best is None else best.bound
    given = chances.given / times + (0.0 if best is None else best.given * len(certain) / len(problem.specs))
    solution = _joined(fixed, replace(seats, panel=rest[seats.panel]))
    not_drawn = np.union1d(certain, rest[mended])
    floor = chances.floor
    if floor is not None and best is not None and best.floor is not None:
        floor = best.floor.copy()
        floor[rest] = chances.floor
    return Drawn(solution, expected, bound, chances.lowest_bound, floor, not_drawn, given), lacking


def _mended(problem: Problem, seats: Solution, seed: int) -> tuple[Solution, Ints, Ints]:
    """Panels that broke a rule the draw does not hold are seated once more while the others stay.

    Those are an institution's cap over several slots, and the rules on a panel's own dossiers. Also says which panels that was for
    their dossiers, and for which it fails.
    """
    key = seats.panel * (int(problem.institution.max(initial=0)) + 1) + problem.institution[seats.expert]
    groups, count = np.unique(key, return_counts=True)
    panel = groups // (int(problem.institution.max(initial=0)) + 1)
    of_dossiers = _wrong_in_dossiers(problem, seats)
    wrong = np.union1d(panel[count > problem.cap[panel]], of_dossiers)
    if not len(wrong):
        return seats, wrong, wrong
    staying = _of_panels(seats, np.setdiff1d(np.arange(len(problem.specs)), wrong))
    part = subproblem(problem, wrong, problem.load - np.bincount(staying.expert, minlength=len(problem.load)))
    found = flow.solve(part, choose(part, seed), seed) if part.one_layer else mip.solve(part, choose(part, seed), seed)
    return _joined(staying, replace(found, panel=wrong[found.panel])), of_dossiers, wrong[_short(part, found)]


def _wrong_in_dossiers(problem: Problem, seats: Solution) -> Ints:
    """The panels in which too few know a dossier, or too many are out of one."""
    wrong = []
    for p, own in enumerate(by_panel(problem, seats)):
        for quota in problem.profiles[problem.profile[p]].beside:
            got = int(quota.open_to[seats.expert[own]].sum())
            if not quota.least <= got <= quota.most:
                wrong.append(p)
                break
    return np.array(wrong, dtype=np.int64)


def _nobody(problem: Problem) -> Solution:
    none = np.zeros(0, dtype=np.int64)
    return Solution(none, none, none, np.zeros(len(problem.experts), dtype=np.float32))


def _of_panels(solution: Solution, wanted: Ints) -> Solution:
    kept = np.isin(solution.panel, wanted)
    return Solution(solution.panel[kept], solution.expert[kept], solution.slot[kept], solution.price)


def _joined(one: Solution, other: Solution) -> Solution:
    return Solution(
        np.concatenate([one.panel, other.panel]),
        np.concatenate([one.expert, other.expert]),
        np.concatenate([one.slot, other.slot]),
        other.price,
    )


def whole(problem: Problem, solved: Solved) -> Drawn:
    """Seats that were not drawn at all: what was to be expected is what came out."""
    total = total_of(problem, solved.solution)
    return Drawn(
        solved.solution, total, solved.bound, solved.lowest_bound, solved.floor, np.arange(len(problem.specs)), solved.given
    )


def _short(problem: Problem, solution: Solution) -> Bools:
    seats = np.bincount(solution.panel, minlength=len(problem.specs))
    return (seats < problem.seats) | short_of_quota(problem, solution)


def enlarged(problem: Problem, times: int) -> Problem:
    """The problem whose best panels are the best chances, in units of one in `times`, for the problem given."""

    def larger(slot: Slot) -> Slot:
        return replace(slot, least=slot.least * times, most=slot.most * times)

    return replace(
        problem,
        load=problem.load * times,
        seats=problem.seats * times,
        cap=problem.cap * times,
        profiles=tuple(
            Profile(tuple(map(larger, profile.slots)), tuple(map(larger, profile.beside))) for profile in problem.profiles
        ),
        aims=tuple(replace(aim, least=aim.least * times, wanted=aim.wanted * times) for aim in problem.aims),
    )


def draw(problem: Problem, chances: Solution, times: int, seed: int) -> Solution:
    """Seats drawn from `chances`, a solution of the enlarged problem: each of its pairs is seated with the chance 1/`times`.

    Where experts of one institution may sit under several slots of a panel, its cap is no arc: a circle that would break it
    is pushed the other way, which moves those chances a little; where neither way keeps all caps, `panels` mends the panel.
    """
    network = _Chances(problem, chances, times)
    taken = network.rounded(random.Random(seed))
    seated = np.flatnonzero(taken)
    return Solution(chances.panel[seated], chances.expert[seated], chances.slot[seated], chances.price)


@dataclass
class _Arcs:
    """Arcs with whole units of flow, of which `times` make one seat; `guard` names a cap that is no arc, -1 none."""

    tail: list[int]
    head: list[int]
    units: list[int]
    guard: list[int]

    def add(self, tail: Ints, head: Ints, units: Ints, guard: Ints | None = None) -> None:
        self.tail += tail.tolist()
        self.head += head.tolist()
        self.units += units.tolist()
        self.guard += [-1] * len(tail) if guard is None else guard.tolist()


class _Chances:
    """panel → slot → (slot, institution) → expert → end, and what every panel lacks straight to the end."""

    def __init__(self, problem: Problem, chances: Solution, times: int) -> None:
        self.times = times
        panel, slot, expert = chances.panel, chances.slot, chances.expert
        n_panels, n_experts = problem.score.shape
        n_slots = max(len(profile.slots) for profile in problem.profiles)
        n_institutions = int(problem.institution.max(initial=0)) + 1
        place = panel * n_slots + slot
        slots, in_slot = np.unique(place, return_counts=True)
        groups, group_of, in_group = np.unique(
            place * n_institutions + problem.institution[expert], return_inverse=True, return_counts=True
        )
        experts = n_panels
        first_slot = experts + n_experts
        first_group, end = first_slot + len(slots), first_slot + len(slots) + len(groups)
        self.n_nodes, self.n_pairs = end + 1, len(panel)
        arcs = _Arcs([], [], [], [])
        arcs.add(first_group + group_of, experts + expert, np.ones(len(panel), np.int64))
        guard, self.left = _guards(problem, groups // n_institutions // n_slots, groups % n_institutions, in_group, times)
        home = first_slot + np.searchsorted(slots, groups // n_institutions)
        arcs.add(home, first_group + np.arange(len(groups)), in_group, guard)
        arcs.add(slots // n_slots, first_slot + np.arange(len(slots)), in_slot)
        people, sat = np.unique(expert, return_counts=True)
        arcs.add(experts + people, np.full(len(people), end), sat)
        lacking = problem.seats * times - np.bincount(panel, minlength=n_panels)
        short = np.flatnonzero(lacking)
        arcs.add(short, np.full(len(short), end), lacking[short])
        self.arcs = arcs

    def rounded(self, rng: random.Random) -> list[int]:
        """For each pair 1 if it is seated, else 0."""
        arcs, times = self.arcs, self.times
        part = [units % times for units in arcs.units]
        at: list[list[int]] = [[] for _ in range(self.n_nodes)]
        for arc, undecided in enumerate(part):
            if undecided:
                at[arcs.tail[arc]].append(arc)
                at[arcs.head[arc]].append(arc)
        for start in range(self.n_nodes):
            nodes, walk, place = [start], list[int](), {start: 0}
            while True:
                here = nodes[-1]
                arc = self._next(at[here], part, walk[-1] if walk else -1)
                if arc < 0 and not walk:
                    break
                if arc < 0:
                    place.pop(nodes.pop())  # a circle took what led on from here
                    walk.pop()
                    continue
                there = arcs.head[arc] if arcs.tail[arc] == here else arcs.tail[arc]
                if there not in place:
                    place[there] = len(nodes)
                    nodes.append(there)
                    walk.append(arc)
                    continue
                first = place[there]
                self._push(nodes[first:], [*walk[first:], arc], part, rng)
                for gone in nodes[first + 1 :]:
                    place.pop(gone)
                del nodes[first + 1 :], walk[first:]
        return [part[pair] // times if part[pair] else int(arcs.units[pair] >= times) for pair in range(self.n_pairs)]

    def _next(self, arcs: list[int], part: list[int], last: int) -> int:
        """An undecided arc other than the one just walked, or -1; decided ones are forgotten."""
        i = len(arcs) - 1
        while i >= 0:
            arc = arcs[i]
            if part[arc] % self.times == 0:
                arcs[i] = arcs[-1]
                arcs.pop()
            elif arc != last:
                return arc
            i -= 1
        return -1

    def _push(self, nodes: list[int], circle: list[int], part: list[int], rng: random.Random) -> None:
        """More on the arcs that the circle walks along and less on those it walks against, or the other way round."""
        ahead = [self.arcs.tail[arc] == node for arc, node in zip(circle, nodes, strict=True)]
        up = min(self.times - part[arc] if along else part[arc] for arc, along in zip(circle, ahead, strict=True))
        down = min(part[arc] if along else self.times - part[arc] for arc, along in zip(circle, ahead, strict=True))
        net: dict[int, int] = {}
        for arc, along in zip(circle, ahead, strict=True):
            if (guard := self.arcs.guard[arc]) >= 0:
                net[guard] = net.get(guard, 0) + (1 if along else -1)
        may_up = all(self.left[guard] >= change * up for guard, change in net.items())
        may_down = all(self.left[guard] >= -change * down for guard, change in net.items())
        step = up if rng.randrange(up + down) < down else -down
        if (step > 0 and not may_up and may_down) or (step < 0 and not may_down and may_up):
            step = -down if step > 0 else up
        for guard, change in net.items():
            self.left[guard] -= change * step
        for arc, along in zip(circle, ahead, strict=True):
            part[arc] += step if along else -step


def _guards(problem: Problem, panel: Ints, institution: Ints, units: Ints, times: int) -> tuple[Ints, list[int]]:
    """For each group the cap it shares with the institution's groups under other slots, and what each cap leaves, in units."""
    key = panel * (int(problem.institution.max(initial=0)) + 1) + institution
    _, which, count = np.unique(key, return_inverse=True, return_counts=True)
    most = np.bincount(which, -(-units // times))
    cap = np.zeros(len(count), dtype=np.int64)
    cap[which] = problem.cap[panel] * times
    binds = (count > 1) & (most * times > cap)
    return np.where(binds[which], which, -1), (cap - np.bincount(which, units).astype(np.int64)).tolist()
