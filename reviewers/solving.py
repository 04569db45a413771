"""From a problem to seats with a proof: solve on candidates, let the bound name what was overlooked, keep the floor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from reviewers import fairness, flow, leximin, mip, targets
from reviewers.bound import alone, bound
from reviewers.candidates import choose
from reviewers.checking import broken_rules, short_of_quota
from reviewers.errors import RuleBroken, SolverFailed
from reviewers.flow import Solution
from reviewers.problem import Bools, Numbers, Problem, Profile, Slot

EXACT = 1e-9  # below this share of the total no overlooked pair can matter
ROUGH = 1e-5  # the same where a floor follows, which costs more
_MOST_ROUNDS = 8
_MOST_FLOORS = 12
_MOST_LEVELS = 40
_AT_ONCE = 5_000  # candidates that a program settles in a moment


class Method(Protocol):
    def __call__(self, problem: Problem, candidates: Bools, seed: int, weight: Numbers | None = None) -> Solution: ...


def by_flow(problem: Problem, candidates: Bools, seed: int, weight: Numbers | None = None) -> Solution:
    """The flow; where the people of one institution fit several slots it is no network, and a program settles what that costs.

    Always when seats or quotas would be left open, else where the candidates are few enough.
    """
    try:
        solution = flow.solve(problem, candidates, seed, weight)
    except SolverFailed as error:
        if error.data.get("status") != flow.CAP:
            raise
        return mip.solve(problem, candidates, seed, weight)
    if solution.cut or (solution.barred and candidates.sum() <= _AT_ONCE):
        return Solution(*mip.seats(problem, candidates, seed, weight), solution.price)
    return solution


METHODS: Mapping[str, Method] = {"flow": by_flow, "mip": mip.solve}


@dataclass(frozen=True)
class Solved:
    """Seats, and how good they could be: `bound` on the total and `lowest_bound` on the lowest panel, over all pairs.

    `floor` (P,) is what the panels should not fall below, None where nothing was asked for; `bound` holds for panels that keep it.
    `given` is the total that the targets cost.
    """

    solution: Solution
    bound: float
    lowest_bound: float
    floor: Numbers | None
    given: float = 0.0


def method_for(problem: Problem) -> str:
    """The flow where quotas speak of one attribute, otherwise the mixed-integer program."""
    return "flow" if problem.one_layer else "mip"


def solve(problem: Problem, *, method: str, seed: int, fair: bool, rising: float = 0.0) -> Solved:
    """The best seats under the rules, changed for the targets where that is worth it; `fair` keeps every panel within SLACK of
    the bound on the lowest, unless seats or quotas are lacking: that must be mended first. Then the lowest share `rising` of the
    panels is raised in turn (leximin).

    Raises SolverFailed, RuleBroken.
    """
    solution, bound = _optimum(problem, METHODS[method], seed, ROUGH if fair else EXACT)
    lacking = len(solution.panel) < int(problem.seats.sum()) or short_of_quota(problem, solution).any()
    own = alone(problem, dropped=_all_or_none(problem, solution)).worth / np.maximum(problem.seats, 1)
    solved = Solved(solution, bound, float(own.min()), None)
    if fair and not lacking:
        solved = _fair(problem, solved, seed)
        solved = _raised(problem, solution, solved, rising, seed) if rising else solved
    before = total_of(problem, solved.solution)
    aimed = targets.aim(problem, solved.solution, solved.floor, seed)
    if broken := broken_rules(problem, aimed):
        raise RuleBroken(broken=broken)
    return replace(solved, solution=aimed, given=before - total_of(problem, aimed))


def _fair(problem: Problem, best: Solved, seed: int) -> Solved:
    """Seats that keep the floor, and the bounds that hold under it; unchanged where the floor holds already.

    A floor that is proved to be out of reach lowers the bound on the lowest panel and the floor with it. One that is merely
    not reached stays, and what is kept is a lower one.
    """
    lowest, kept = best.lowest_bound, best.lowest_bound - fairness.SLACK
    bound, seated = best.bound, best.solution
    for _ in range(_MOST_FLOORS):
        floor = np.full(len(problem.specs), kept)
        if not len(fairness.below(problem, best.solution, floor)):
            break
        lifted = fairness.lift(problem, best.solution, floor, seed)
        if lifted.solution is not None:
            bound, seated = lifted.bound, lifted.solution
            break
        if lifted.too_high is not None:
            lowest = kept = kept - lifted.too_high
        kept -= fairness.SLACK
    return Solved(seated, min(best.bound, bound), lowest, np.full(len(problem.specs), lowest - fairness.SLACK))


def _raised(problem: Problem, solution: Solution, fair: Solved, share: float, seed: int) -> Solved:
    """Seats that keep what the panels reach in turn, less as few SLACKs as whole panels need; at worst those of the floor alone.

    Where panels are in each other's way those above give way, down to the floor that all keep. `solution`: the best seats without.
    """
    kept = float(fairness.served(problem, fair.solution.panel, fair.solution.expert).min())
    level = leximin.levels(problem, solution, kept, share, seed)
    floor = np.maximum(kept, level - fairness.SLACK)
    for _ in range(_MOST_LEVELS):
        lifted = fairness.lift(problem, solution, floor, seed, prove=False)
        if lifted.solution is not None:
            return replace(fair, solution=lifted.solution, bound=min(fair.bound, lifted.bound), floor=floor)
        above = lifted.pressed[floor[lifted.pressed] > kept]
        if not len(above):
            break
        above = above[floor[above] >= np.median(floor[above])]
        floor[above] = np.maximum(kept, floor[above] - fairness.SLACK)
    return fair


def _optimum(problem: Problem, method: Method, seed: int, close: float) -> tuple[Solution, float]:
    """Solve on candidates, let the bound name pairs that were overlooked, and solve again until none is."""
    candidates = choose(problem, seed)
    best = np.inf
    for _ in range(_MOST_ROUNDS):
        solution = method(problem, candidates, seed)
        over, wanted = bound(problem, solution.price, dropped=_all_or_none(problem, solution))
        best = min(best, over)
        total = float(problem.score[solution.panel, solution.expert].sum(dtype=np.float64))
        missed = wanted & ~candidates
        short = np.bincount(solution.panel, minlength=len(problem.specs)) < problem.seats
        if short.any():  # look at everybody who may still sit in the panels concerned
            missed |= (problem.allowed & (problem.load > 0) & short[:, None]) & ~candidates
        elif best - total <= close * best:
            break
        if not missed.any():
            break
        candidates = candidates | missed
    if (dropped := _all_or_none(problem, solution)).any():  # prices that know of quotas nobody can keep bound nothing
        over, _ = bound(problem, flow.prices(_without_quotas(problem), candidates, seed), dropped=dropped)
        best = min(best, over)
    return solution, float(best)


def _without_quotas(problem: Problem) -> Problem:
    """The same with no least for anybody: whoever lacks some quota is measured against panels that need none."""

    def free(slots: tuple[Slot, ...]) -> tuple[Slot, ...]:
        return tuple(replace(slot, least=0) for slot in slots)

    return replace(problem, profiles=tuple(Profile(free(own.slots), free(own.beside)) for own in problem.profiles))


def _all_or_none(problem: Problem, solution: Solution) -> Bools:
    """Whose quotas a bound leaves out: everybody's once one panel is short, since another answer may leave another short."""
    return np.full(len(problem.specs), short_of_quota(problem, solution).any())


def total_of(problem: Problem, solution: Solution) -> float:
    return float(problem.score[solution.panel, solution.expert].sum(dtype=np.float64))
