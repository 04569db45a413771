"""Prompts from the whole round: severity, outliers, narrow range and pairs who agree too well.

Each is a test against model F's own picture of chance, adjusted for the number of tests (Benjamini & Hochberg 1995,
doi:10.1111/j.2517-6161.1995.tb02031.x). About one prompt in three points at something; none decides anything. With fewer
than five sheets of a panellist the severity cannot be judged, and the prompt says so instead.

>>> from scoring.calibration import calibrate
>>> rng = np.random.default_rng(3)
>>> app, rev = np.repeat(np.arange(40), 5), np.array([(a + j * (1 + a // 10)) % 12 for a in range(40) for j in range(5)])
>>> y = rng.normal(70, 8, 40)[app] + rng.normal(0, 3, 200) - 12.0 * (rev == 4)
>>> names = [f"A-{a}" for a in range(40)], [f"e-{r}" for r in range(12)]
>>> [(flag.code, flag.panellist_id) for flag in patterns(calibrate(y, app, rev), *names, seed=1)]
[('severe', 'e-4')]
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtr, ndtr

from scoring.calibration import Fit
from scoring.equations import Floats
from scoring.records import Flag

LEAST_SHEETS = 5
LEAST_SHARED = 4
RATE = 0.10
"""False prompts among all prompts of a kind, at most, were there nothing to find in the others."""
PERMUTATIONS = 199


def patterns(fit: Fit, app_ids: Sequence[str], rev_ids: Sequence[str], *, seed: int, rate: float = RATE) -> tuple[Flag, ...]:
    """All prompts, ordered by code, panellist and application. ``data`` holds rounded numbers, with ``p`` adjusted.

    ``severe`` and ``lenient``: ``severity, se, n``; ``few_sheets``: ``n``; ``outlier`` (a sheet): ``residual, expected``;
    ``narrow_range``: ``sd, expected``; ``agreement``: ``other`` panellist, ``shared`` applications.
    """
    found = [
        *severities(fit, rev_ids, rate),
        *outliers(fit, app_ids, rev_ids, rate),
        *narrow_ranges(fit, rev_ids, rate),
        *agreements(fit, rev_ids, seed=seed, rate=rate),
    ]
    return tuple(sorted(found, key=lambda flag: (flag.code, flag.panellist_id, flag.application_id)))


def severities(fit: Fit, rev_ids: Sequence[str], rate: float = RATE) -> list[Flag]:
    """Panellists severe or lenient beyond chance; those with too few sheets are named as not judged."""
    judged = np.flatnonzero((fit.n >= LEAST_SHEETS) & np.isfinite(fit.severity_se) & (fit.severity_se > 0))
    z = np.abs(fit.severity[judged]) / fit.severity_se[judged]
    adjusted = adjust(2 * ndtr(-z))
    found = [
        Flag(
            "lenient" if fit.severity[r] > 0 else "severe",
            "",
            rev_ids[r],
            {"severity": _two(fit.severity[r]), "se": _two(fit.severity_se[r]), "n": int(fit.n[r]), "p": _p(p)},
        )
        for r, p in zip(judged.tolist(), adjusted, strict=True)
        if p <= rate
    ]
    few = np.flatnonzero((fit.n > 0) & (fit.n < LEAST_SHEETS))
    return found + [Flag("few_sheets", "", rev_ids[r], {"n": int(fit.n[r]), "least": LEAST_SHEETS}) for r in few.tolist()]


def outliers(fit: Fit, app_ids: Sequence[str], rev_ids: Sequence[str], rate: float = RATE) -> list[Flag]:
    """Single sheets too far from what their application and their author lead to expect."""
    if fit.variance.residual <= 0 or not len(fit.y):
        return []
    k = fit.k[fit.app].astype(np.float64)
    free = np.maximum(1 - 1 / k, 0)  # what the application's own mean takes away; severity takes a little more
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.abs(fit.residual) / np.sqrt(fit.variance.residual * free)
    rows = np.flatnonzero(np.isfinite(z) & (free > 0))
    adjusted = adjust(2 * ndtr(-z[rows]))
    return [
        Flag(
            "outlier",
            app_ids[fit.app[row]],
            rev_ids[fit.rev[row]],
            {"residual": _two(fit.residual[row]), "expected": _two(fit.y[row] - fit.residual[row]), "p": _p(p)},
        )
        for row, p in zip(rows.tolist(), adjusted, strict=True)
        if p <= rate
    ]


def narrow_ranges(fit: Fit, rev_ids: Sequence[str], rate: float = RATE) -> list[Flag]:
    """Panellists whose totals differ less than those of the others on the same applications, noise counted in."""
    sums = fit.raw * fit.k
    k = fit.k[fit.app].astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        others = (sums[fit.app] - fit.y) / (k - 1)
        noise = fit.variance.residual + fit.variance.severity
        spread = noise / (k - 1)
    judged, p, shown = [], [], []
    for r in np.flatnonzero(fit.n >= LEAST_SHEETS).tolist():
        rows = np.flatnonzero((fit.rev == r) & (k > 1))
        if len(rows) < LEAST_SHEETS:
            continue
        own = float(np.var(fit.y[rows], ddof=1))
        expected = max(float(np.var(others[rows], ddof=1) - spread[rows].mean()), 0.0) + fit.variance.residual
        if expected <= 0:
            continue
        judged.append(r)
        p.append(float(chdtr(len(rows) - 1, (len(rows) - 1) * own / expected)))
        shown.append((own**0.5, expected**0.5))
    return [
        Flag("narrow_range", "", rev_ids[r], {"sd": _two(sd), "expected": _two(usual), "p": _p(q), "n": int(fit.n[r])})
        for r, q, (sd, usual) in zip(judged, adjust(np.array(p)), shown, strict=True)
        if q <= rate
    ]


def agreements(fit: Fit, rev_ids: Sequence[str], *, seed: int, rate: float = RATE) -> list[Flag]:
    """Pairs of panellists with four shared applications or more whose residuals move together.

    The statistic is the spread of their difference; chance is shown by permuting residuals within applications, and the
    permuted values of all pairs with as many shared applications stand for each of them.
    """
    pairs, shared, one, other = _pairs(fit)
    if not len(pairs):
        return []
    rng = np.random.default_rng(seed)
    order = np.argsort(fit.app, kind="stable")
    seen = _spread_of_difference(fit.residual, one, other, shared)
    chance = np.empty((PERMUTATIONS, len(pairs)))
    for draw in range(PERMUTATIONS):
        permuted = np.empty_like(fit.residual)
        permuted[order] = fit.residual[np.lexsort((rng.random(len(fit.app)), fit.app))]
        chance[draw] = _spread_of_difference(permuted, one, other, shared)
    p = np.empty(len(pairs))
    for size in np.unique(shared):
        alike = shared == size
        pool = np.sort(chance[:, alike].ravel())
        p[alike] = (1 + np.searchsorted(pool, seen[alike] + 1e-12, side="right")) / (1 + len(pool))
    return [
        Flag("agreement", "", rev_ids[r], {"other": rev_ids[q], "shared": int(size), "p": _p(a)})
        for (r, q), size, a in zip(pairs.tolist(), shared, adjust(p), strict=True)
        if a <= rate
    ]


def adjust(p: NDArray[np.float64]) -> Floats:
    """Benjamini–Hochberg adjusted p values.

    >>> adjust(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    order = np.argsort(p)[::-1]
    scaled = p[order] * len(p) / np.arange(len(p), 0, -1)
    out = np.empty(len(p))
    out[order] = np.minimum(np.minimum.accumulate(scaled), 1.0)
    return out


def _pairs(fit: Fit) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.intp], NDArray[np.intp]]:
    """Pairs int[p, 2], how many applications each shares, and the rows of both sheets, pair after pair."""
    by_rev: dict[tuple[int, int], list[tuple[int, int]]] = {}
    order = np.lexsort((fit.rev, fit.app))
    starts = np.searchsorted(fit.app[order], np.arange(len(fit.k) + 1))
    for start, end in pairwise(starts.tolist()):
        rows = order[start:end].tolist()
        for place, row in enumerate(rows):
            for next_row in rows[place + 1 :]:
                by_rev.setdefault((int(fit.rev[row]), int(fit.rev[next_row])), []).append((row, next_row))
    kept = {pair: rows for pair, rows in sorted(by_rev.items()) if len(rows) >= LEAST_SHARED}
    sheets = np.array([row for rows in kept.values() for row in rows], dtype=np.intp).reshape(-1, 2)
    sizes = np.array([len(rows) for rows in kept.values()], dtype=np.int64)
    return np.array(list(kept), dtype=np.int64).reshape(-1, 2), sizes, sheets[:, 0], sheets[:, 1]


def _spread_of_difference(residual: Floats, one: NDArray[np.intp], other: NDArray[np.intp], shared: NDArray[np.int64]) -> Floats:
    difference = residual[one] - residual[other]
    starts = np.cumsum(shared) - shared
    sums = np.add.reduceat(difference, starts)
    return np.asarray(np.add.reduceat(difference**2, starts) - sums**2 / shared)


def _two(value: float) -> float:
    return round(float(value), 2) + 0.0


def _p(value: float) -> float:
    return round(float(value), 4)
