"""Who is served worst counts: the total under a floor that no panel falls below.

A floor is a price put on the affinity of the panels below it (Lagrange): the weight at which a panel would choose enough
by itself proves how much total the floor costs at least. The seats themselves are changed around those panels only, by a
small mixed-integer program in which everybody else stays.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reviewers import flow, mip
from reviewers.bound import alone, bound, exact
from reviewers.checking import short_of_quota
from reviewers.errors import SolverFailed
from reviewers.flow import HEAVIEST, Solution
from reviewers.problem import Bools, Floats, Ints, Numbers, Problem

SLACK = 0.005  # how far below the best possible the lowest panel may lie
TOLERANCE = 1e-7
_HALVINGS = 16
_TURNS = 12
_MOST_CHOICES = 2
_REACH = ((0.05, 0.0), (0.15, 0.05))  # how much worse than its last seat a pair may be: to be seated, to be freed
_AT_ONCE = 48


def served(problem: Problem, panel: Ints, expert: Ints) -> Numbers:
    """Mean affinity over the wanted seats of each panel, (P,)."""
    seated = problem.score[panel, expert].astype(np.float64)
    return np.bincount(panel, seated, minlength=len(problem.specs)) / np.maximum(problem.seats, 1)


def lowest_bound(problem: Problem) -> float:
    """No rule-keeping panels have a higher lowest panel: the best of the panel that can least be served, alone."""
    return float((alone(problem).worth / problem.seats).min())


def weights(problem: Problem, price: Floats, floor: float, rows: Ints) -> Numbers:
    """One for every panel; for those of `rows` the least weight at which, at these prices, it chooses enough for the floor."""
    low, high = np.ones(len(rows)), np.full(len(rows), float(HEAVIEST))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        enough = _chosen(problem, price, middle, rows) >= floor * problem.seats[rows]
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    weight = np.ones(len(problem.specs))
    weight[rows] = high
    return weight


def _chosen(problem: Problem, price: Floats, weight: Numbers, rows: Ints) -> Numbers:
    """The affinity that each panel reaches when it chooses alone at these prices: the slope of its worth in its weight."""
    step = 1e-3
    above, below = np.ones(len(problem.specs)), np.ones(len(problem.specs))
    above[rows], below[rows] = weight + step, weight - step
    return (alone(problem, price, above, rows=rows).worth - alone(problem, price, below, rows=rows).worth) / (2 * step)


def bound_at(problem: Problem, price: Floats, weight: Numbers, floor: float) -> float:
    """An upper bound on the total of panels that all keep the floor."""
    over, _ = bound(problem, price, weight)
    return over - float(((weight - 1) * floor * problem.seats).sum())


def lift(problem: Problem, solution: Solution, weight: Numbers, floor: float, seed: int) -> Solution:
    """Change seats around the panels below the floor until none is, or none of them can be helped.

    `weight` as `weights` gives it. First the panels below choose, the hardest first, and all others are seated anew; what
    is left is small enough for a mixed-integer program.
    """
    for _ in range(_MOST_CHOICES):
        low = below(problem, solution, floor)
        if not len(low) or not exact(problem):
            break
        chosen = _choose_first(problem, solution, weight, floor, low, seed)
        if len(below(problem, chosen, floor)) >= len(low) or _lacks_more(problem, solution, chosen):
            break
        solution = chosen
    for near, free in _REACH:
        low = below(problem, solution, floor)
        if not len(low):
            break
        weight = np.maximum(weight, weights(problem, solution.price, floor, low))
        hardest = low[np.argsort(-weight[low], kind="stable")]
        for start in range(0, len(hardest), _AT_ONCE):
            still = np.intersect1d(hardest[start : start + _AT_ONCE], below(problem, solution, floor))
            if len(still):
                solution = _around(problem, solution, weight, floor, still, (near, free), seed)
    return solution


def _choose_first(problem: Problem, solution: Solution, weight: Numbers, floor: float, low: Ints, seed: int) -> Solution:
    """The panels that need a weight take the seats they would choose for the floor; all others are seated again."""
    load = problem.load.copy()
    teams: list[tuple[int, Ints]] = []
    needy = np.union1d(low, np.flatnonzero(weight > 1))
    for row in needy[np.argsort(-weight[needy], kind="stable")].tolist():
        team = _team(subproblem(problem, np.array([row]), load), solution.price, floor)
        if team is not None:
            load[team] -= 1
            teams.append((row, team))
    rest = np.setdiff1d(np.arange(len(problem.specs)), [row for row, _ in teams])
    if not teams or not len(rest):
        return solution
    part = subproblem(problem, rest, load)
    over = _over_last(problem, solution, weight)[rest] >= -_REACH[1][0]
    found = flow.solve(part, over & part.allowed & (load > 0), seed)
    panel = [rest[found.panel], *(np.full(len(team), row) for row, team in teams)]
    expert = [found.expert, *(team for _, team in teams)]
    slot = [found.slot, *(_slots(problem, row, team) for row, team in teams)]
    return Solution(np.concatenate(panel), np.concatenate(expert), np.concatenate(slot), solution.price)


def _team(alone_problem: Problem, price: Floats, floor: float) -> Ints | None:
    """Whom a panel would choose at the least weight that brings it to the floor; None when nothing does."""
    wanted = int(alone_problem.seats[0])
    low, high, team = 1.0, 2.0 * HEAVIEST, None
    for turn in range(_TURNS):
        middle = high if turn == 0 else (low + high) / 2
        picked = np.flatnonzero(alone(alone_problem, price, np.array([middle])).used[0])
        enough = float(alone_problem.score[0, picked].sum(dtype=np.float64)) >= (floor - TOLERANCE) * wanted
        if enough and len(picked) == wanted:
            high, team = middle, picked
        elif turn == 0:
            return None
        else:
            low = middle
    return team


def _slots(problem: Problem, row: int, team: Ints) -> Ints:
    slots = problem.profiles[problem.profile[row]].slots
    return np.array([next(s for s, slot in enumerate(slots) if slot.open_to[e]) for e in team.tolist()], dtype=np.int64)


def below(problem: Problem, solution: Solution, floor: float) -> Ints:
    """The panels that the floor is above."""
    return np.flatnonzero(served(problem, solution.panel, solution.expert) < floor - TOLERANCE)


def _around(
    problem: Problem, solution: Solution, weight: Numbers, floor: float, low: Ints, reach: tuple[float, float], seed: int
) -> Solution:
    """Seat the panels `low`, and those that sit whom they want, once more; all others stay."""
    seat = np.zeros(problem.score.shape, dtype=bool)
    seat[solution.panel, solution.expert] = True
    over = _over_last(problem, solution, weight)
    wanted = (over[low] >= -reach[1]).any(axis=0)
    near = np.union1d(low, np.flatnonzero(seat[:, wanted].any(axis=1)))
    stays = np.ones(len(problem.specs), dtype=bool)
    stays[near] = False
    part = subproblem(problem, near, problem.load - seat[stays].sum(axis=0))
    candidates = ((over[near] >= -reach[0]) | seat[near]) & part.allowed & (part.load > 0)
    try:
        least = part.seats.astype(np.float64) * floor
        panel, expert, slot = mip.seats(part, candidates, seed, floor=least, gap=mip.LOCAL_GAP, nodes=mip.LOCAL_NODES)
    except SolverFailed:
        return solution  # too hard within its limit: the next reach, or a floor that is reported as not kept
    kept = stays[solution.panel]
    found = Solution(
        np.concatenate([solution.panel[kept], near[panel]]),
        np.concatenate([solution.expert[kept], expert]),
        np.concatenate([solution.slot[kept], slot]),
        solution.price,
    )
    # Stopped at its limit, the program may have bought the floor with a seat or a quota.
    return solution if _lacks_more(problem, solution, found) else found


def _lacks_more(problem: Problem, before: Solution, after: Solution) -> bool:
    """Whether the floor was bought with a seat or a quota."""
    return len(after.panel) < len(before.panel) or bool(short_of_quota(problem, after).any())


def _over_last(problem: Problem, solution: Solution, weight: Numbers) -> Floats:
    """By how much each pair is worth more, at the prices and weights, than the least worthy seat of its panel."""
    worth = problem.score * weight[:, None].astype(np.float32) - solution.price
    worth[~problem.allowed] = -np.inf
    last = np.full(len(problem.specs), np.inf, dtype=np.float32)
    np.minimum.at(last, solution.panel, worth[solution.panel, solution.expert])
    return worth - last[:, None]


def near(problem: Problem, solution: Solution, reach: float = _REACH[1][0]) -> Bools:
    """The pairs worth looking at again once prices are known: not much worse than the last seat of their panel."""
    over = _over_last(problem, solution, np.ones(len(problem.specs)))
    seated = np.zeros(over.shape, dtype=bool)
    seated[solution.panel, solution.expert] = True
    return ((over >= -reach) | seated) & problem.allowed & (problem.load > 0)


def subproblem(problem: Problem, rows: Ints, load: Ints) -> Problem:
    """These panels alone, with the load that the others leave."""
    return replace(
        problem,
        specs=tuple(problem.specs[row] for row in rows.tolist()),
        score=problem.score[rows],
        allowed=problem.allowed[rows],
        load=load,
        seats=problem.seats[rows],
        cap=problem.cap[rows],
        profile=problem.profile[rows],
    )
