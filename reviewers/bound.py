"""How good the best possible panels could be: an upper bound over all pairs, and the pairs that a solver overlooked.

Any prices of load that are not negative give a bound (Lagrange): every panel alone takes its best experts at affinity less
price, and the prices of all load are added. With a flow's own prices the bound is tight.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from reviewers.problem import Bools, Floats, Problem

Order = npt.NDArray[np.intp]

_AT_ONCE = 64


def bound(problem: Problem, price: Floats, *, quotas: bool = True) -> tuple[float, Bools]:
    """An upper bound on the total affinity of any rule-keeping panels, and the pairs that reach it, bool (P, E).

    A panel alone keeps its seats and conflicts, and the tighter of two relaxations: institution cap without quotas, or
    quotas of a single-valued attribute without institution cap. `quotas` False drops the second, for a result that
    could not keep them.
    """
    total = float((price * problem.load).sum())
    used = np.zeros(problem.allowed.shape, dtype=bool)
    usable = problem.load > 0
    for start in range(0, len(problem.specs), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        worth = np.where(problem.allowed[rows] & usable, problem.score[rows] - price, -np.inf)
        order = np.argsort(-worth, axis=1, kind="stable")
        for i in range(len(worth)):
            picks = [_by_institution(problem, start + i, worth[i], order[i])]
            slots = problem.profiles[problem.profile[start + i]].slots
            if quotas and len(slots) > 1 and slots[0].attribute != "seat_type":
                picks.append(_by_quota(problem, start + i, worth[i], order[i]))
            total += min(float(worth[i][picked].sum()) for picked in picks)
            used[start + i, [e for picked in picks for e in picked]] = True
    return total, used


def _by_institution(problem: Problem, row: int, worth: Floats, order: Order) -> list[int]:
    seats, cap = int(problem.seats[row]), int(problem.cap[row])
    picked: list[int] = []
    seen: dict[int, int] = {}
    for e in order.tolist():
        if len(picked) == seats or worth[e] <= 0:
            break
        own = int(problem.institution[e])
        if seen.get(own, 0) < cap:
            seen[own] = seen.get(own, 0) + 1
            picked.append(e)
    return picked


def _by_quota(problem: Problem, row: int, worth: Floats, order: Order) -> list[int]:
    """Each slot's least first, whatever it is worth, then the best of the rest within each slot's most."""
    slots = problem.profiles[problem.profile[row]].slots
    picked = [e for slot in slots for e in order[slot.open_to[order]][: slot.least].tolist() if worth[e] > -np.inf]
    taken = set(picked)
    room = [slot.most - slot.least for slot in slots]
    for e in order.tolist():
        if len(picked) == problem.seats[row] or worth[e] <= 0:
            break
        own = next(s for s, slot in enumerate(slots) if slot.open_to[e])
        if e not in taken and room[own] > 0:
            room[own] -= 1
            picked.append(e)
    return picked
