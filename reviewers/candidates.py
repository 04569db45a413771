"""Which pairs the solvers look at: the best experts of each panel, and of each quota, with seeded ties."""

from __future__ import annotations

import numpy as np

from reviewers.problem import Bools, Floats, Problem

PER_PANEL = 100  # measured: 60 without quota candidates had no solution at 1,000 panels x 3,000 experts
PER_QUOTA = 40
SCALE = 100_000  # integer units of affinity: 1e-5, finer than any encoder tells two experts apart
TIE_BITS = 3


def choose(problem: Problem, seed: int) -> Bools:
    """The candidate pairs, bool of shape (P, E): always allowed, always experts with load left."""
    usable = np.where(problem.allowed & (problem.load > 0), problem.score, -1.0).astype(np.float32)
    # Equal affinities must not favour experts by their place in the file: a seeded order breaks ties at the margin.
    order = np.random.default_rng(seed).permutation(usable.shape[1])
    chosen = np.zeros(usable.shape, dtype=bool)
    chosen[:, order] = _best(usable[:, order], PER_PANEL)
    for n, profile in enumerate(problem.profiles):
        rows = np.flatnonzero(problem.profile == n)
        for slot in (*profile.slots, *profile.beside):
            if slot.least:
                columns = order[slot.open_to[order]]
                chosen[np.ix_(rows, columns)] |= _best(usable[np.ix_(rows, columns)], PER_QUOTA)
    return chosen & (usable >= 0)


def _best(value: Floats, count: int) -> Bools:
    """The `count` highest of each row; all when there are no more."""
    picked = np.ones(value.shape, dtype=bool)
    if value.shape[1] > count:
        picked[:] = False
        np.put_along_axis(picked, np.argpartition(-value, count - 1, axis=1)[:, :count], True, axis=1)
    return picked


def gains(score: Floats, seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Affinities of some pairs as integers with seeded low bits, so that among equals the seed decides, not the file."""
    ties = np.random.default_rng([seed, 1]).integers(0, 1 << TIE_BITS, size=score.shape)
    return (np.rint(score.astype(np.float64) * SCALE).astype(np.int64) << TIE_BITS) + ties
