"""From affinities to panels: choose candidates, solve, prove, check every rule again, and name the next in order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from reviewers.batches import DOSSIER, OUT_OF
from reviewers.checking import Shortfall, by_panel, shortfalls
from reviewers.errors import ImpossibleSpec
from reviewers.fairness import served
from reviewers.flow import Solution
from reviewers.linking import Linking, Links, link, links
from reviewers.problem import Ints, Problem, Slot, build
from reviewers.randomised import Drawn, panels, whole
from reviewers.records import AffinityTable, Conflict, Expert, Panel, PanelSpec, Seat, Target, WorkShare, mean_shares
from reviewers.solving import METHODS, method_for, solve, total_of
from reviewers.targets import Reached, reached

__all__ = ["METHODS", "SUBSTITUTES", "Assignment", "Reached", "Shortfall", "assign"]

SUBSTITUTES = 2  # ranked substitutes per seat type, as the rules of the programme ask

Explain = Callable[[str, str], tuple[WorkShare, ...]]
Flags = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Panels in the order of their specs, and how good they are.

    `total`: sum of the affinities of all seats. `bound`: no rule-keeping panels reach more; `gap`: (bound - total) / bound.
    Drawn panels are measured by what was `expected` of the draw: bound, gap, floor and bound on the lowest panel speak of the
    chances, total and lowest panel of the seats that came out.
    `lowest_panel`: least mean affinity over the wanted seats of a panel; `lowest_panel_bound`: none can be higher;
    `floor`: what every panel should reach, None where nothing was asked; `raised_to`: what all should that were not held up on
    the way, where the lowest were raised in turn, else None. `certain`: panels that were not drawn.
    `shortfalls`: every rule not kept in full. `reached`: how far each target was.
    `given`: the total that targets cost, expected where drawn. `links`: how the panels hang together before and after `relinked`
    seats were changed for it, None where it was not looked at.
    """

    panels: tuple[Panel, ...]
    method: str
    seed: int
    total: float
    expected: float
    bound: float
    gap: float
    empty_seats: int
    lowest_panel: float
    lowest_panel_bound: float
    floor: float | None
    raised_to: float | None
    certain: int
    shortfalls: tuple[Shortfall, ...]
    reached: tuple[Reached, ...] = ()
    given: float = 0.0
    links: tuple[Links, Links] | None = None
    relinked: int = 0


def assign(
    specs: Sequence[PanelSpec],
    experts: Sequence[Expert],
    affinity: AffinityTable,
    conflicts: Iterable[Conflict] = (),
    *,
    load_cap: int,
    seed: int,
    taken: Mapping[str, int] | None = None,
    targets: Sequence[Target] = (),
    method: str | None = None,
    fair: bool = False,
    rising: float = 0.0,
    once_in: int = 1,
    linking: Linking | None = None,
    explain: Explain | None = None,
    flags: Flags | None = None,
) -> Assignment:
    """Seat experts in panels so that the sum of affinities is highest under the rules.

    Kept without exception: hard conflicts, load caps (an expert's own, otherwise `load_cap`; `taken` counts panels sat on
    already), one seat per expert and panel, institution caps, the most of each quota. Kept where possible and otherwise
    reported in `shortfalls`, never silently: all seats, the least of each quota. `targets` come after
    all of these, at their prices; a draw meets them on average.

    `once_in` above one draws the panels by the seed, no pair with a higher chance than one in so many: near the best, not to
    be foreseen; quotas must then speak of one attribute, those on dossiers aside. `fair` keeps every panel near the best that the
    worst served could be (fairness.SLACK), of drawn panels on average, at the least cost in total; `rising` (0 to 1) then raises
    that share of the panels as far as can be, the lowest first (leximin.py). `method` names an entry of METHODS; None chooses
    the flow where quotas speak of one attribute, otherwise the MIP. Equal input and `seed` give equal panels.
    `linking` changes a few seats after that, so that panels share panellists (linking.py); of a draw, without regard to chances.
    `explain(dossier_id, expert_id)` and `flags(expert_id)` fill the seats' works and reasons. Raises DuplicateId, UnknownId,
    ImpossibleSpec, SolverFailed, RuleBroken.

    >>> table = AffinityTable(("d",), ("a", "b", "c"), np.float32([[.9, .8, .1]]))
    >>> experts = [Expert("a", "X Inc."), Expert("b", "X"), Expert("c", "Y")]
    >>> result = assign([PanelSpec("p", ("d",), 2, institution_cap=1)], experts, table, load_cap=1, seed=7)
    >>> [seat.expert_id for seat in result.panels[0].seats], round(result.gap, 6)
    (['a', 'c'], 0.0)
    """
    problem = build(specs, experts, affinity, conflicts, load_cap=load_cap, taken=taken, targets=targets)
    chosen = method or method_for(problem)
    if not specs:
        return Assignment((), chosen, seed, 0.0, 0.0, 0.0, 0.0, 0, 0.0, 0.0, None, None, 0, ())
    if once_in > 1 and not problem.drawable:
        raise ImpossibleSpec(panel=specs[0].id, reason="drawn_by_one_attribute")
    if once_in == 1 and method:
        solved = solve(problem, method=method, seed=seed, fair=fair, rising=rising)
        found = whole(problem, solved)
    else:
        found = panels(problem, once_in, seed=seed, fair=fair, rising=rising)
    drawn = found.solution
    if linking is not None:
        found = _linked(problem, found, linking)
    fields = linking.fields if linking else ()
    return Assignment(
        _panels(problem, found.solution, explain, flags),
        chosen,
        seed,
        total_of(problem, found.solution),
        found.expected,
        found.bound,
        found.gap,
        int(problem.seats.sum()) - len(found.solution.panel),
        float(served(problem, found.solution.panel, found.solution.expert).min()),
        found.lowest_bound,
        None if found.floor is None else float(found.floor.min()),
        float(found.floor.max()) if rising and found.floor is not None else None,
        len(found.certain),
        shortfalls(problem, found.solution),
        reached(problem, found.solution),
        found.given,
        (links(problem, drawn, fields), links(problem, found.solution, fields)) if linking else None,
        int((drawn.expert != found.solution.expert).sum()),
    )


def _linked(problem: Problem, found: Drawn, linking: Linking) -> Drawn:
    """The same with seats changed so that panels share panellists; what that costs is expected no more."""
    solution = link(problem, found.solution, linking, found.floor)
    lost = total_of(problem, found.solution) - total_of(problem, solution)
    return replace(found, solution=solution, expected=found.expected - lost)


def _panels(problem: Problem, solution: Solution, explain: Explain | None, flags: Flags | None) -> tuple[Panel, ...]:
    left = problem.load - np.bincount(solution.expert, minlength=len(problem.experts))
    panels = []
    for p, own in enumerate(by_panel(problem, solution)):
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
    out = problem.steps_out.get((spec.id, expert.id), ())
    works = _works(spec, expert.id, explain, out) if explain else ()
    reasons = list(flags(expert.id)) if flags else []
    if works:
        reasons.insert(0, "text")
    slot = profile.slots[s]
    named = [slot] if slot.least else []
    named += [quota for quota in profile.beside if quota.least and quota.open_to[e] and quota.attribute != DOSSIER]
    reasons += [f"quota:{quota.attribute}:{quota.value}" for quota in named]
    reasons += [f"{OUT_OF}:{DOSSIER}:{dossier_id}" for dossier_id in out]
    return Seat(expert.id, _type(slot), float(problem.score[p, e]), works, tuple(reasons))


def _works(spec: PanelSpec, expert_id: str, explain: Explain, out: Collection[str]) -> tuple[WorkShare, ...]:
    """The works behind a seat; over several dossiers that the member judges, their mean shares."""
    return mean_shares([explain(dossier_id, expert_id) for dossier_id in spec.dossier_ids if dossier_id not in out])


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
    for quota in problem.profiles[problem.profile[p]].beside:
        if quota.attribute == OUT_OF and quota.open_to[seated].sum() >= quota.most:
            free &= ~quota.open_to
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
