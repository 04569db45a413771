"""How good the best possible panels could be: an upper bound over all pairs, and the pairs that a solver overlooked.

Any prices of load and any weights of panels that are not negative give a bound (Lagrange): every panel alone takes its best
experts at weighted affinity less price, and the prices of all load are added. With a flow's own prices the bound is tight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reviewers.problem import Bools, Floats, Ints, Numbers, Problem, Profile, Slot

_AT_ONCE = 128
_SPARE = 24  # experts looked at beyond the seats, so that an institution's surplus leaves enough


@dataclass(frozen=True)
class Best:
    """The best that each panel could be alone: `worth` (P,) summed over its seats, `used` (P, E) the pairs that reach it."""

    worth: Numbers
    used: Bools


def bound(problem: Problem, price: Floats, weight: Numbers | None = None, *, dropped: Bools | None = None) -> tuple[float, Bools]:
    """An upper bound on the total of `weight` times affinity of any rule-keeping panels, and the pairs that reach it, bool (P, E).

    `price` (E,) per seat of load, `weight` (P,) one where None. `dropped` (P,) names panels whose quotas are left out, for a
    result that could not keep them.
    """
    best = alone(problem, price, weight, dropped=dropped)
    return float((price.astype(np.float64) * problem.load).sum() + best.worth.sum()), best.used


def alone(
    problem: Problem,
    price: Floats | None = None,
    weight: Numbers | None = None,
    *,
    dropped: Bools | None = None,
    rows: Ints | None = None,
) -> Best:
    """Each panel's best if it had the first choice of everybody; `rows` names the panels wanted, all where None.

    Exact where the slots part the experts and no institution stands in two of them; otherwise the tightest of several
    relaxations: the institution cap without quotas, the cap within each slot with the slots' quotas, one quota at a time.
    """
    wanted = np.arange(len(problem.specs)) if rows is None else rows
    worth = np.zeros(len(wanted))
    used = np.zeros((len(wanted), problem.score.shape[1]), dtype=bool)
    usable = problem.load > 0
    for start in range(0, len(wanted), _AT_ONCE):
        own = wanted[start : start + _AT_ONCE]
        value = problem.score[own] if weight is None else problem.score[own] * weight[own, None].astype(np.float32)
        if price is not None:
            value = value - price
        value = np.where(problem.allowed[own] & usable, value, -np.inf)
        for kind in np.unique(problem.profile[own]):
            inside = np.flatnonzero(problem.profile[own] == kind)
            free = np.zeros(len(inside), bool) if dropped is None else dropped[own[inside]]
            found = [
                _take(problem, value[inside], own[inside], layer, free) for layer in relaxations(problem, problem.profiles[kind])
            ]
            worth[start + inside] = np.min([part for part, _ in found], axis=0)
            for _, (row, expert) in found:
                used[start + inside[row], expert] = True
    return Best(worth, used)


def relaxations(problem: Problem, profile: Profile) -> list[tuple[Slot, ...]]:
    """Layers of slots that part the experts, each a rule-keeping panel's relaxation: quotas of one attribute, or one quota."""
    everybody = np.ones(problem.score.shape[1], dtype=bool)
    most = int(problem.seats.max(initial=0))
    layers: list[tuple[Slot, ...]] = []
    if all(slot.attribute != "seat_type" for slot in profile.slots):
        layers.append(profile.slots)
        single = profile.beside
    else:
        single = (*(slot for slot in profile.slots if slot.least), *profile.beside)
    for slot in single:
        # A seat type is a way to be seated, not a person's own: those who fit it may also sit elsewhere, so no upper end.
        ceiling = most if slot.attribute == "seat_type" else slot.most
        inside = Slot(slot.attribute, slot.value, slot.least, ceiling, slot.open_to)
        layers.append((inside, Slot(slot.attribute, None, 0, most, ~slot.open_to)))
    if not layers or not all(_nested(problem, layer) for layer in layers):
        layers.append((Slot(None, None, 0, most, everybody),))
    return layers


def exact(problem: Problem) -> bool:
    """Whether what `alone` finds for a panel keeps every rule: each of its panels has one relaxation, the rules themselves."""
    return all(len(relaxations(problem, profile)) == 1 and not profile.beside for profile in problem.profiles)


def _nested(problem: Problem, layer: tuple[Slot, ...]) -> bool:
    """Whether no institution stands in two slots, so that its cap holds within the layer."""
    homes = [np.unique(problem.institution[slot.open_to]) for slot in layer]
    return sum(map(len, homes)) == len(np.unique(np.concatenate(homes)))


def _take(
    problem: Problem, value: Floats, own: Ints, layer: tuple[Slot, ...], free: Bools, spare: int = _SPARE
) -> tuple[Numbers, tuple[Ints, Ints]]:
    """Each row's best panel under one layer: the least of every slot first, then the best of the rest within the seats.

    Only the best few of each slot are looked at; should an institution fill them, more are.
    """
    seats, cap = problem.seats[own], problem.cap[own]
    parts = []
    for s, slot in enumerate(layer):
        members = np.flatnonzero(slot.open_to)
        count = min(len(members), int(seats.max()) + spare)
        if count:
            mine = value[:, members]
            if count < len(members):
                place = np.argpartition(mine, len(members) - count, axis=1)[:, len(members) - count :]
            else:
                place = np.broadcast_to(np.arange(count), mine.shape)
            parts.append((members[place], np.take_along_axis(mine, place, axis=1), np.full(place.shape, s)))
    if not parts:
        return np.zeros(len(own)), (np.zeros(0, np.int64), np.zeros(0, np.int64))
    expert, worth, slot_of = (np.concatenate(part, axis=1) for part in zip(*parts, strict=True))
    order = np.lexsort((expert, -worth), axis=1)
    expert, worth, slot_of = (np.take_along_axis(part, order, axis=1) for part in (expert, worth, slot_of))

    group = slot_of * (int(problem.institution.max(initial=0)) + 1) + problem.institution[expert]
    kept = (worth > -np.inf) & (_earlier(group) < cap[:, None])
    rank = np.zeros(worth.shape, dtype=np.int64)
    least = np.array([slot.least for slot in layer])[slot_of] * ~free[:, None]
    most = np.array([slot.most for slot in layer])[slot_of]
    for s, slot in enumerate(layer):
        inside = kept & (slot_of == s)
        rank[inside] = np.cumsum(inside, axis=1)[inside]
        wide = int(slot.open_to.sum())
        if spare + int(seats.max()) < wide and (inside.sum(axis=1) < np.minimum(seats, slot.most)).any():
            return _take(problem, value, own, layer, free, spare * 8)
    must = kept & (rank <= least)
    rest = kept & ~must & (rank <= most) & (worth > 0)
    picked = must | (rest & (np.cumsum(rest, axis=1) <= (seats - must.sum(axis=1))[:, None]))
    row, place = np.nonzero(picked)
    return np.where(picked, worth, 0).sum(axis=1, dtype=np.float64), (row, expert[row, place])


def _earlier(group: Ints) -> Ints:
    """How many earlier entries of the same row are equal."""
    order = np.argsort(group, axis=1, kind="stable")
    ordered = np.take_along_axis(group, order, axis=1)
    place = np.broadcast_to(np.arange(group.shape[1]), group.shape)
    fresh = np.ones(group.shape, dtype=bool)
    fresh[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    first = np.maximum.accumulate(np.where(fresh, place, 0), axis=1)
    count = np.empty(group.shape, dtype=np.int64)
    np.put_along_axis(count, order, place - first, axis=1)
    return count
