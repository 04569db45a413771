"""Leximin: the worst-served panel as high as can be, then the next one, and so on up to a share of the panels.

The water rises in steps of SLACK. At each step the linear program of `relaxed` looks whether all panels still afloat can reach
it without pushing one below what it has already; those that cannot stay where they are. When enough stay behind, nobody else
has to rise further: above the last level the total counts again.
"""

from __future__ import annotations

import numpy as np

from reviewers import relaxed
from reviewers.candidates import choose
from reviewers.errors import SolverFailed
from reviewers.fairness import SLACK, near
from reviewers.flow import Solution
from reviewers.problem import Numbers, Problem

_REACH = 0.1  # how much worse than the last seat of its panel a pair may be that helps it rise
_EXACT = 1e-6
_BEST = (20, 6)  # experts of a panel that are looked at whatever their load costs, and of each quota


def levels(problem: Problem, solution: Solution, floor: float, share: float, seed: int) -> Numbers:
    """What each panel, (P,) mean affinity, reaches at least when the lowest `share` of them (0 to 1) rise in turn from a `floor`.

    Seats may be shared here, so whole panels reach a little less. `solution`: the best seats without a floor. Raises SolverFailed.
    """
    pairs = near(problem, solution, np.full(len(problem.specs), _REACH)) | choose(problem, seed, *_BEST)
    level, rising, top = np.full(len(problem.specs), floor), np.ones(len(problem.specs), dtype=bool), floor
    while rising.sum() > (1 - share) * len(rising) and top < 1:
        top += SLACK
        aimed = np.where(rising, top, level)
        try:
            found = relaxed.worth(problem, pairs, aimed, np.ones_like(rising), lacking=np.where(rising, SLACK, _EXACT))
        except SolverFailed:
            break  # the last level stands
        level = aimed - found.missed / problem.seats
        rising &= found.missed <= problem.seats * _EXACT
    return level
