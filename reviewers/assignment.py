"""From affinities to panels: choose candidates, solve, prove, check every rule again, and name the next in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reviewers import flow, mip
from reviewers.bound import bound
from reviewers.candidates import choose
from reviewers.errors import RuleBroken
from reviewers.flow import Solution
from reviewers.problem import Bools, Ints, Problem, Slot, build
from reviewers.records import AffinityTable, Conflict, Expert, Panel, PanelSpec, Seat, WorkShare

SUBSTITUTES = 2  # ranked substitutes per seat type, as the rules of the programme ask
GAP = 1e-4  # below this share of the total nobody looks for better candidates
_MOST_ROUNDS = 4

Method = Callable[[Problem, Bools, int], Solution]
Explain = Callable[[str, str], tuple[WorkShare, ...]]
Flags = Callable[[str], tuple[str, ...]]

METHODS: Mapping[str, Method] = {"flow": flow.solve, "mip": mip.solve}


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A rule that a panel could not keep: `rule` is "seats" or "quota", `needed` seats against `got`."""

    panel_id: str
    rule: str
    attribute: str | None
    value: str | None
    needed: int
    got: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """Panels in the order of their specs, and how good they are.

    `total`: sum of the affinities of all seats. `bound`: no rule-keeping panels reach more; `gap`: (bound - total) / bound.
    `lowest_panel`: least mean affinity over the wanted seats of a panel. `shortfalls`: every rule not kept in full.
    """

    panels: tuple[Panel, ...]
    method: str
    seed: int
    total: float
    bound: float
    gap: float
    empty_seats: int
    lowest_panel: float
    shortfalls: tuple[Shortfall, ...]


def assign(
    specs: Sequence[PanelSpec],
    experts: Sequence[Expert],
    affinity: AffinityTable,
    conflicts: Iterable[Conflict] = (),
    *,
    load_cap: int,
    seed: int,
    taken: Mapping[str, int] | None = None,
    method: str | None = None,
    explain: Explain | None = None,
    flags: Flags | None = None,
) -> Assignment:
    """Seat experts in panels so that the sum of affinities is highest under the rules.

    Kept without exception: hard conflicts, load caps (an expert's own, otherwise `load_cap`; `taken` counts panels sat on
    already), one seat per expert and panel, institution caps, the most of each quota. Kept where possible and otherwise
    reported in `shortfalls`, never silently: all seats, the least of each quota.

    `method` names an entry of METHODS; None chooses the flow where quotas speak of one attribute, otherwise the MIP. Equal
    input and `seed` give equal panels. `explain(dossier_id, expert_id)` and `flags(expert_id)` fill the seats' works and
    reasons. Raises DuplicateId, UnknownId, ImpossibleSpec, SolverFailed, RuleBroken.

    >>> table = AffinityTable(("d",), ("a", "b", "c"), np.float32([[.9, .8, .1]]))
    >>> experts = [Expert("a", "X Inc."), Expert("b", "X"), Expert("c", "Y")]
    >>> result = assign([PanelSpec("p", ("d",), 2, institution_cap=1)], experts, table, load_cap=1, seed=7)
    >>> [seat.expert_id for seat in result.panels[0].seats], round(result.gap, 6)
    (['a', 'c'], 0.0)
    """
    problem = build(specs, experts, affinity, conflicts, load_cap=load_cap, taken=taken)
    chosen = method or ("flow" if problem.one_layer else "mip")
    if not specs:
        return Assignment((), chosen, seed, 0.0, 0.0, 0.0, 0, 0.0, ())
    solution, best = _solve(problem, METHODS[chosen], seed)
    if broken := broken_rules(problem, solution):
        raise RuleBroken(broken=broken)
    shortfalls = _shortfalls(problem, solution)
    seats = problem.score[solution.panel, solution.expert].astype(np.float64)
    total = float(seats.sum())
    served = np.bincount(solution.panel, seats, minlength=len(specs)) / problem.seats
    return Assignment(
        _panels(problem, solution, explain, flags),
        chosen,
        seed,
        total,
        best,
        max(0.0, (best - total) / best) if best else 0.0,
        int(problem.seats.sum()) - len(seats),
        float(served.min()),
        shortfalls,
    )


def _solve(problem: Problem, method: Method, seed: int) -> tuple[Solution, float]:
    """Solve on candidates, let the bound name pairs that were overlooked, and solve again until none is."""
    candidates = choose(problem, seed)
    best = np.inf
    for _ in range(_MOST_ROUNDS):
        solution = method(problem, candidates, seed)
        over, wanted = bound(problem, solution.price, quotas=not _shortfalls(problem, solution))
        best = min(best, over)
        total = float(problem.score[solution.panel, solution.expert].sum(dtype=np.float64))
        missed = wanted & ~candidates
        complete = len(solution.panel) == int(problem.seats.sum())
        if complete and (not missed.any() or best - total <= GAP * best):
            break
        if not complete:  # a seat is empty: look at everybody who may still sit in the panels concerned
            short = np.bincount(solution.panel, minlength=len(problem.specs)) < problem.seats
            missed |= (problem.allowed & (problem.load > 0) & short[:, None]) & ~candidates
        if not missed.any():
            break
        candidates = candidates | missed
    return solution, float(best)


def broken_rules(problem: Problem, solution: Solution) -> dict[str, int]:
    """How often each rule without exception is broken; empty when all hold. Looks at nothing a solver said.

    Codes: conflict, load, twice, seats, institution, most, slot.
    """
    panel, expert = solution.panel, solution.expert
    n_panels, n_experts = problem.score.shape
    counts = {
        "conflict": int((~problem.allowed[panel, expert]).sum()),
        "load": int((np.bincount(expert, minlength=n_experts) > problem.load).sum()),
        "twice": len(panel) - len(np.unique(panel * n_experts + expert)),
        "seats": int((np.bincount(panel, minlength=n_panels) > problem.seats).sum()),
    }
    groups, size = np.unique(np.stack([panel, problem.institution[expert]]), axis=1, return_counts=True)
    counts["institution"] = int((size > problem.cap[groups[0]]).sum())
    counts["most"] = counts["slot"] = 0
    for n, profile in enumerate(problem.profiles):
        own = np.flatnonzero(problem.profile[panel] == n)
        for s, slot in enumerate(profile.slots):
            under = own[solution.slot[own] == s]
            counts["slot"] += int((~slot.open_to[expert[under]]).sum())
            counts["most"] += int((np.bincount(panel[under], minlength=1) > slot.most).sum())
        for quota in profile.beside:
            inside = own[quota.open_to[expert[own]]]
            counts["most"] += int((np.bincount(panel[inside], minlength=1) > quota.most).sum())
    return {rule: count for rule, count in counts.items() if count}


def _shortfalls(problem: Problem, solution: Solution) -> tuple[Shortfall, ...]:
    found = []
    for spec, kind, own in zip(problem.specs, problem.profile, _by_panel(problem, solution), strict=True):
        if len(own) < spec.seats:
            found.append(Shortfall(spec.id, "seats", None, None, spec.seats, len(own)))
        profile = problem.profiles[kind]
        met = [(slot, int((solution.slot[own] == s).sum())) for s, slot in enumerate(profile.slots)]
        met += [(quota, int(quota.open_to[solution.expert[own]].sum())) for quota in profile.beside]
        found += [Shortfall(spec.id, "quota", slot.attribute, slot.value, slot.least, got) for slot, got in met if got < slot.least]
    return tuple(found)


def _by_panel(problem: Problem, solution: Solution) -> list[npt.NDArray[np.intp]]:
    """The places of each panel's seats in the solution."""
    order = np.argsort(solution.panel, kind="stable")
    return np.split(order, np.searchsorted(solution.panel[order], np.arange(1, len(problem.specs))))


def _panels(problem: Problem, solution: Solution, explain: Explain | None, flags: Flags | None) -> tuple[Panel, ...]:
    left = problem.load - np.bincount(solution.expert, minlength=len(problem.experts))
    panels = []
    for p, own in enumerate(_by_panel(problem, solution)):
        slots = problem.profiles[problem.profile[p]].slots
        score = problem.score[p]
        own = own[np.lexsort((solution.expert[own], -score[solution.expert[own]], solution.slot[own]))]
        seats = [_seat(problem, p, int(solution.expert[i]), int(solution.slot[i]), explain, flags) for i in own.tolist()]
        counts = np.bincount(solution.slot[own], minlength=len(slots))
        missing = [_type(slot) for slot, got in zip(slots, counts, strict=True) for _ in range(slot.least - got)]
        n_empty = int(problem.seats[p]) - len(seats)
        empty = (missing + [_type(slots[-1])] * n_empty)[:n_empty]
        substitutes = _substitutes(problem, p, solution.expert[own], left, explain, flags)
        panels.append(Panel(problem.specs[p].id, tuple(seats), tuple(empty), substitutes))
    return tuple(panels)


def _type(slot: Slot) -> str | None:
    return slot.value if slot.attribute == "seat_type" else None


def _seat(problem: Problem, p: int, e: int, s: int, explain: Explain | None, flags: Flags | None) -> Seat:
    spec, expert = problem.specs[p], problem.experts[e]
    profile = problem.profiles[problem.profile[p]]
    works = _works(spec, expert.id, explain) if explain else ()
    reasons = list(flags(expert.id)) if flags else []
    if works:
        reasons.insert(0, "text")
    slot = profile.slots[s]
    named = [slot] if slot.least else []
    named += [quota for quota in profile.beside if quota.least and quota.open_to[e]]
    reasons += [f"quota:{quota.attribute}:{quota.value}" for quota in named]
    return Seat(expert.id, _type(slot), float(problem.score[p, e]), works, tuple(reasons))


def _works(spec: PanelSpec, expert_id: str, explain: Explain) -> tuple[WorkShare, ...]:
    """The works behind a seat; over several dossiers, their mean shares."""
    if len(spec.dossier_ids) == 1:
        return explain(spec.dossier_ids[0], expert_id)
    shares: dict[str, list[WorkShare]] = {}
    for dossier_id in spec.dossier_ids:
        for work in explain(dossier_id, expert_id):
            shares.setdefault(work.work_id, []).append(work)
    merged = [
        WorkShare(
            work_id,
            parts[0].title,
            sum(part.share for part in parts) / len(spec.dossier_ids),
            max(part.similarity for part in parts),
        )
        for work_id, parts in shares.items()
    ]
    return tuple(sorted(merged, key=lambda work: (-work.share, work.work_id)))


def _substitutes(
    problem: Problem, p: int, seated: Ints, left: Ints, explain: Explain | None, flags: Flags | None
) -> tuple[Seat, ...]:
    """The next best who could step in for a seat of each type: not barred, not seated here, with load left."""
    score, cap = problem.score[p], int(problem.cap[p])
    free = problem.allowed[p] & (left > 0)
    free[seated] = False
    full, count = np.unique(problem.institution[seated], return_counts=True)
    # Whoever steps in replaces one member: an institution above its cap after that would break the rule.
    free &= ~np.isin(problem.institution, full[count >= cap])
    order = np.flatnonzero(free)
    order = order[np.lexsort((order, -score[order]))]
    found: list[Seat] = []
    used: set[int] = set()
    for s, slot in enumerate(problem.profiles[problem.profile[p]].slots):
        if slot.most:
            next_ones = [e for e in order[slot.open_to[order]].tolist() if e not in used][:SUBSTITUTES]
            used.update(next_ones)
            found += [_seat(problem, p, e, s, explain, flags) for e in next_ones]
    return tuple(found)
