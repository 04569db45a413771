"""Targets: seats wanted for people of some kind, such as first-timers, at a stated price and never at that of a rule.

They come last: seats that keep every rule, and the floor where one is asked for, are settled once more among the pairs near them,
by a program in which a seat that a target lacks costs its price. Those prices are far below a quota's, so no target buys one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from reviewers import flow, mip
from reviewers.checking import short_of_quota
from reviewers.errors import SolverFailed
from reviewers.flow import Solution
from reviewers.problem import Aim, Bools, Floats, Ints, Numbers, Problem

REACH, ROUGH = 0.02, 0.1  # how much less than the last seat of its panel a pair may be worth, beyond what its targets pay
_AT_ONCE = 5_000  # pairs that a program settles in a moment, so that none has to be left out
_TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a target was met: `wanted` and `got` count seats, `lacking` names the panels below its `least` with what they got.

    Of panels, `wanted` is the sum of what each should have, and `got` counts no panel beyond that.
    """

    attribute: str
    value: str
    least: int
    wanted: int
    got: int
    lacking: tuple[tuple[str, int], ...]

    @property
    def missed(self) -> int:
        return max(0, self.wanted - self.got)


def aim(problem: Problem, solution: Solution, floor: Numbers | None, seed: int) -> Solution:
    """The seats changed for the targets; as they were where nothing is lacking or nothing is worth its price. Keeps every rule."""
    if not cost(problem, solution):
        return solution
    near = problem.allowed & (problem.load > 0)
    if near.sum() > _AT_ONCE:
        rough = near & _near(problem, solution, solution.price, ROUGH)
        near &= _near(problem, solution, flow.prices(problem, rough, seed), REACH)
    try:
        panel, expert, slot = mip.seats(problem, near, seed, floor=_floors(problem, solution, floor), aims=problem.aims)
    except SolverFailed:
        return solution
    found = replace(solution, panel=panel, expert=expert, slot=slot)
    worse = short_of_quota(problem, found) & ~short_of_quota(problem, solution)
    if worse.any() or len(found.panel) < len(solution.panel) or _worth(problem, found) <= _worth(problem, solution):
        return solution
    return found


def cost(problem: Problem, solution: Solution) -> float:
    """What the targets that are not met are worth, at their prices."""
    return sum(_cost(problem, one, solution) for one in problem.aims)


def reached(problem: Problem, solution: Solution) -> tuple[Reached, ...]:
    """Each target with the seats it got and the panels that it lacks; one for each end it has, of panels and of all seats."""
    found = []
    for one in problem.aims:
        got = _by_panel(problem, one, solution)
        if one.least:
            least = np.minimum(one.least, problem.seats)
            short = np.flatnonzero(got < least)
            lacking = tuple((problem.specs[p].id, int(got[p])) for p in short.tolist())
            counted = int(np.minimum(got, least).sum())
            found.append(Reached(one.attribute, one.value, one.least, int(least.sum()), counted, lacking))
        if one.wanted:
            found.append(Reached(one.attribute, one.value, 0, one.wanted, int(got.sum()), ()))
    return tuple(found)


def left(problem: Problem, fixed: Solution) -> tuple[Aim, ...]:
    """The targets of the panels that are not among the fixed seats' own: what of all seats those have is not wanted again."""
    return tuple(replace(one, wanted=max(0, one.wanted - int(one.open_to[fixed.expert].sum()))) for one in problem.aims)


def _cost(problem: Problem, one: Aim, solution: Solution) -> float:
    got = _by_panel(problem, one, solution)
    lacking = int(np.maximum(np.minimum(one.least, problem.seats) - got, 0).sum()) + max(0, one.wanted - int(got.sum()))
    return lacking * one.price


def _by_panel(problem: Problem, one: Aim, solution: Solution) -> Ints:
    return np.bincount(solution.panel[one.open_to[solution.expert]], minlength=len(problem.specs)).astype(np.int64)


def _worth(problem: Problem, solution: Solution) -> float:
    return float(problem.score[solution.panel, solution.expert].sum(dtype=np.float64)) - cost(problem, solution)


def _floors(problem: Problem, solution: Solution, floor: Numbers | None) -> Numbers | None:
    """What no panel may lose: the floor, with room for a solver's tolerance, or what it had where that was less."""
    if floor is None:
        return None
    had = np.bincount(
        solution.panel, problem.score[solution.panel, solution.expert].astype(np.float64), minlength=len(problem.specs)
    )
    least: Numbers = np.minimum(had, floor * problem.seats + _TOLERANCE)
    return least


def _near(problem: Problem, solution: Solution, price: Floats, reach: float) -> Bools:
    """The seats, and the pairs that are worth nearly as much as the last of their panel with what their targets pay."""
    worth = problem.score - price
    last = np.full(len(problem.specs), np.inf, dtype=np.float32)
    np.minimum.at(last, solution.panel, worth[solution.panel, solution.expert])
    for one in problem.aims:
        worth = worth + (one.price * (bool(one.least) + bool(one.wanted)) * one.open_to).astype(np.float32)
    near = worth >= last[:, None] - reach
    near[solution.panel, solution.expert] = True
    return near
