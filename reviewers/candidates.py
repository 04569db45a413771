"""Which pairs the solvers look at: the best experts of each panel, and of each quota, with seeded ties."""

from __future__ import annotations

import numpy as np

from reviewers.problem import Bools, Floats, Ints, Numbers, Problem

PER_PANEL = 100  # measured: 60 without quota candidates had no solution at 1,000 panels x 3,000 experts
LEAST, ONE_IN = 50, 12  # of a small pool, one in so many will do
PER_QUOTA = 40
SCALE = 100_000  # integer units of affinity: 1e-5, finer than any encoder tells two experts apart


def choose(problem: Problem, seed: int, per_panel: int | None = None, per_quota: int = PER_QUOTA) -> Bools:
    """The candidate pairs, bool of shape (P, E): always allowed, always experts with load left."""
    if per_panel is None:
        per_panel = min(PER_PANEL, max(LEAST, problem.score.shape[1] // ONE_IN))
    usable = np.where(problem.allowed & (problem.load > 0), problem.score, -1.0).astype(np.float32)
    # Equal affinities must not favour experts by their place in the file: a seeded order breaks ties at the margin.
    order = np.random.default_rng(seed).permutation(usable.shape[1])
    chosen = np.zeros(usable.shape, dtype=bool)
    chosen[:, order] = _best(usable[:, order], per_panel)
    for n, profile in enumerate(problem.profiles):
        rows = np.flatnonzero(problem.profile == n)
        for slot in (*profile.slots, *profile.beside):
            if slot.least:
                columns = order[slot.open_to[order]]
                chosen[np.ix_(rows, columns)] |= _best(usable[np.ix_(rows, columns)], per_quota)
    return chosen & (usable >= 0)


def _best(value: Floats, count: int) -> Bools:
    """The `count` highest of each row; all when there are no more."""
    picked = np.ones(value.shape, dtype=bool)
    if value.shape[1] > count:
        picked[:] = False
        np.put_along_axis(picked, np.argpartition(-value, count - 1, axis=1)[:, :count], True, axis=1)
    return picked


def pairs_of(candidates: Bools, seed: int) -> tuple[Ints, Ints]:
    """Panels and experts of the candidate pairs, by panel and within it in a seeded order: solvers break ties by order."""
    order = np.random.default_rng([seed, 1]).permutation(candidates.shape[1])
    panel, place = np.nonzero(candidates[:, order])
    return panel.astype(np.int64), order[place].astype(np.int64)


def gains(score: Floats, weight: Numbers | None = None) -> Ints:
    """Affinities of some pairs, times the weights of their panels, as integers."""
    value = score.astype(np.float64) if weight is None else score.astype(np.float64) * weight
    return np.rint(value * SCALE).astype(np.int64)
