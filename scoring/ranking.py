"""How sure a rank is: draws from the values' errors give each rank an interval and each application P(top k).

>>> value, cov = np.array([80.0, 70.0, 69.5, 40.0]), np.diag([4.0, 4.0, 4.0, 4.0])
>>> found = rank(value, cov, draws=2000, seed=1, top=2)
>>> found.rank.tolist(), found.low.tolist(), found.high.tolist()
([1, 2, 3, 4], [1, 2, 2, 4], [1, 3, 3, 4])
>>> found.p_top.round(1).tolist()
[1.0, 0.6, 0.4, 0.0]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.equations import Floats
from scoring.errors import ShapeInvalid


@dataclass(frozen=True, eq=False)
class Ranks:
    """int32[M] each, 1 the best, 0 without a value: ``rank``, and ``low`` to ``high``, which holds ``level`` of the draws.

    ``p_top`` float64[M] is the share of the draws among the ``top`` best (NaN without a value or a ``top``). ``lottery``
    are the places whose rank only the seed decided.
    """

    rank: NDArray[np.int32]
    low: NDArray[np.int32]
    high: NDArray[np.int32]
    p_top: Floats
    lottery: tuple[int, ...]


def rank(
    value: NDArray[Any],
    cov: NDArray[Any],
    draws: int,
    seed: int,
    *,
    top: int = 0,
    level: float = 0.90,
    ties: Sequence[Any] | None = None,
) -> Ranks:
    """Ranks of ``value`` float[M] (as published, rounded) with errors of covariance ``cov`` float[M, M] or [M].

    ``ties[i]`` are comparable keys, smaller first, for applications of equal value; what is still tied is decided by a
    lottery of the seed, which is named in the result. NaN values have no rank. Raises ShapeInvalid.
    """
    value, cov = np.asarray(value, dtype=np.float64), np.asarray(cov, dtype=np.float64)
    m = len(value)
    if cov.shape not in ((m,), (m, m)):
        raise ShapeInvalid(field="cov", reason=f"has shape {cov.shape} for {m} values")
    if ties is not None and len(ties) != m:
        raise ShapeInvalid(field="ties", reason=f"has {len(ties)} entries for {m} values")
    rng = np.random.default_rng(seed)
    lots = rng.permutation(m)
    has = np.flatnonzero(np.isfinite(value))
    keys = [(-value[i], () if ties is None else ties[i]) for i in range(m)]
    order = sorted(has.tolist(), key=lambda i: (*keys[i], lots[i]))
    ranks, low, high = (np.zeros(m, dtype=np.int32) for _ in range(3))
    ranks[order] = np.arange(1, len(order) + 1)
    tied = {j for one, other in pairwise(order) if keys[one] == keys[other] for j in (one, other)}
    p_top = np.full(m, np.nan)
    if len(has) and draws > 0:
        drawn = _ranks_of_draws(value[has], cov[has] if cov.ndim == 1 else cov[np.ix_(has, has)], draws, rng)
        tail = int(draws * (1 - level) / 2)
        spread = np.sort(drawn, axis=1)
        low[has] = np.minimum(spread[:, tail], ranks[has])
        high[has] = np.maximum(spread[:, draws - 1 - tail], ranks[has])
        if top:
            p_top[has] = (drawn <= top).mean(axis=1)
    return Ranks(ranks, low, high, p_top, tuple(sorted(tied)))


def _ranks_of_draws(value: Floats, cov: Floats, draws: int, rng: np.random.Generator) -> NDArray[np.int16]:
    """int16[M, draws]: the rank of each application in each draw."""
    m = len(value)
    if cov.ndim == 1:
        drawn = rng.standard_normal((draws, m), dtype=np.float32) * np.sqrt(np.nan_to_num(cov)).astype(np.float32)
    else:
        root = np.linalg.cholesky(np.nan_to_num(cov) + np.eye(m) * (1e-12 * max(float(np.nanmax(np.diag(cov))), 1e-300)))
        drawn = rng.standard_normal((draws, m), dtype=np.float32) @ root.T.astype(np.float32)
    drawn += (value - value.mean()).astype(np.float32)
    order = np.argsort(-drawn, axis=1)
    ranks = np.empty((draws, m), dtype=np.int16 if m < 32_000 else np.int32)
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(1, m + 1, dtype=ranks.dtype), (draws, m)), axis=1)
    return np.ascontiguousarray(ranks.T)
