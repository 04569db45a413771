"""How far panellists agree: intraclass correlations and Krippendorff's alpha, with bootstrap intervals.

ICC(1) and ICC(k) come from the one-way analysis of variance and take unequal panels (k₀, Snedecor & Cochran); the
two-way forms of a complete table follow McGraw & Wong 1996 (doi:10.1037/1082-989X.1.1.30). Alpha is Krippendorff's
(2011) and takes missing marks. All are at most 1, and 1 only where all marks of each application are the same.

>>> table = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
>>> {name: round(value, 4) for name, value in complete(table).items()}
{'1': 0.1657, 'A1': 0.2898, 'C1': 0.7148, '1k': 0.4428, 'Ak': 0.6201, 'Ck': 0.9093}
>>> app, rev = np.repeat(np.arange(6), 4), np.tile(np.arange(4), 6)
>>> found = reliability(table.ravel(), app, rev, seed=1)
>>> round(found.icc_1, 4), round(found.icc_k, 4), round(found.alpha, 4)
(0.1657, 0.4428, 0.1473)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from scoring.equations import Floats
from scoring.errors import ShapeInvalid
from scoring.variance import checked

Level = Literal["nominal", "ordinal", "interval", "ratio"]
Range = tuple[float, float]
NOTHING: Range = (math.nan, math.nan)


@dataclass(frozen=True)
class Reliability:
    """Values at most 1, NaN where they do not exist (fewer than two applications with two scores, or no spread at all).

    ``icc_1`` one score, ``icc_k`` the mean of ``k`` scores (k₀, the mean panel), ``alpha`` on the interval level; each
    with the interval of the bootstrap, in which applications are drawn with replacement.
    """

    icc_1: float
    icc_1_range: Range
    icc_k: float
    icc_k_range: Range
    alpha: float
    alpha_range: Range
    k: float
    n_applications: int


def reliability(
    y: NDArray[Any], app: NDArray[Any], rev: NDArray[Any], *, seed: int, draws: int = 500, level: float = 0.90
) -> Reliability:
    """Reliability of scores ``y`` float[n] of ``app`` int[n] by ``rev`` int[n]; applications with one score are left out."""
    y, app, rev = checked(y, app, rev)
    k = np.bincount(app).astype(np.float64) if len(app) else np.zeros(0)
    use = k[app] > 1 if len(app) else np.zeros(0, dtype=bool)
    _, at = np.unique(app[use], return_inverse=True)
    y = y[use] - (y[use].mean() if use.any() else 0.0)
    counts = np.bincount(at).astype(np.float64)
    sums: Floats = np.bincount(at, weights=y).astype(np.float64)
    squares: Floats = np.bincount(at, weights=y * y).astype(np.float64)
    m = len(counts)
    if m < 2:
        return Reliability(math.nan, NOTHING, math.nan, NOTHING, math.nan, NOTHING, math.nan, m)
    icc_1, k0 = _one_way(counts[None], sums[None], squares[None])
    alpha = _alpha_interval(counts[None], sums[None], squares[None])
    chosen = np.random.default_rng(seed).integers(m, size=(draws, m))
    drawn = counts[chosen], sums[chosen], squares[chosen]
    many, many_k = _one_way(*drawn)
    return Reliability(
        float(icc_1[0]),
        _range(many, level),
        float(_stepped(icc_1, k0)[0]),
        _range(_stepped(many, many_k), level),
        float(alpha[0]),
        _range(_alpha_interval(*drawn), level),
        float(k0[0]),
        m,
    )


def complete(table: NDArray[Any]) -> dict[str, float]:
    """Six intraclass correlations of a complete table float[applications, panellists]: one way, two way agreement (A) and
    consistency (C), for one score and for the mean of k. Raises ShapeInvalid for gaps or a table below 2 × 2."""
    table = np.asarray(table, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < 2 or not np.isfinite(table).all():
        raise ShapeInvalid(field="table", reason="must be complete, 2 × 2 at least")
    n, k = table.shape
    centred = table - table.mean()
    rows, columns = k * (centred.mean(axis=1) ** 2).sum(), n * (centred.mean(axis=0) ** 2).sum()
    whole = (centred**2).sum()
    between, judges = rows / (n - 1), columns / (k - 1)
    within, error = (whole - rows) / (n * (k - 1)), max(whole - rows - columns, 0.0) / ((n - 1) * (k - 1))
    bias = k * (judges - error) / n
    return {
        "1": _share(between - within, between + (k - 1) * within),
        "A1": _share(between - error, between + (k - 1) * error + bias),
        "C1": _share(between - error, between + (k - 1) * error),
        "1k": _share(between - within, between),
        "Ak": _share(between - error, between + (judges - error) / n),
        "Ck": _share(between - error, between),
    }


def alpha(table: NDArray[Any], level: Level = "interval") -> float:
    """Krippendorff's alpha of a table float[units, coders] with NaN where a coder gave no mark.

    Units with one mark do not count; NaN where fewer than two marks differ in place, or all are the same one value.
    """
    table = np.asarray(table, dtype=np.float64)
    values = np.unique(table[np.isfinite(table)])
    counts = np.array([[np.count_nonzero(row == value) for value in values] for row in table], dtype=np.float64)
    counts = counts[counts.sum(axis=1) > 1] if len(values) else np.zeros((0, 0))
    if not len(counts) or len(values) < 2:
        return math.nan
    paired = counts.sum(axis=1)
    seen = (counts / (paired - 1)[:, None]).T @ counts - np.diag((counts / (paired - 1)[:, None]).sum(axis=0))
    margin = seen.sum(axis=1)
    total = margin.sum()
    distance = _distance(values, margin, level)
    expected = (np.outer(margin, margin) * distance).sum() / (total - 1)
    return float(1 - (seen * distance).sum() / expected) if expected > 0 else math.nan


def _distance(values: Floats, margin: Floats, level: Level) -> Floats:
    if level == "nominal":
        return np.asarray(1.0 - np.eye(len(values)))
    if level == "interval":
        return np.asarray((values[:, None] - values) ** 2)
    if level == "ratio":
        sums = values[:, None] + values
        return np.asarray(((values[:, None] - values) / np.where(sums == 0, 1, sums)) ** 2)
    upto = np.cumsum(margin)
    between = np.abs(upto[:, None] - upto) + np.minimum(margin[:, None], margin) * 0
    lower = np.minimum(np.arange(len(values))[:, None], np.arange(len(values)))
    higher = np.maximum(np.arange(len(values))[:, None], np.arange(len(values)))
    ranks = between + margin[lower] - (margin[lower] + margin[higher]) / 2
    return np.asarray(np.where(lower == higher, 0.0, ranks**2))


def _one_way(counts: Floats, sums: Floats, squares: Floats) -> tuple[Floats, Floats]:
    """ICC(1) and k₀ of each row of applications, from their counts, sums and sums of squares."""
    n, m = counts.sum(axis=1), counts.shape[1]
    within = np.maximum((squares - sums**2 / counts).sum(axis=1), 0.0) / (n - m)
    between = ((sums**2 / counts).sum(axis=1) - sums.sum(axis=1) ** 2 / n) / (m - 1)
    k0 = (n - (counts**2).sum(axis=1) / n) / (m - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (between - within) / (between + (k0 - 1) * within), k0


def _stepped(icc_1: Floats, k: Floats) -> Floats:
    """Spearman–Brown: the reliability of a mean of k scores."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(k * icc_1 / (1 + (k - 1) * icc_1))


def _alpha_interval(counts: Floats, sums: Floats, squares: Floats) -> Floats:
    """Alpha on the interval level of each row of applications."""
    n = counts.sum(axis=1)
    seen = (2 * (counts * squares - sums**2) / (counts - 1)).sum(axis=1)
    expected = 2 * (n * squares.sum(axis=1) - sums.sum(axis=1) ** 2) / (n - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(1 - np.maximum(seen, 0.0) / expected)


def _range(drawn: Floats, level: float) -> Range:
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return NOTHING
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else math.nan
