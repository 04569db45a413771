"""How much of the spread of scores is severity and how much is noise: by moments or by restricted likelihood.

Moments are Henderson's third method for two variance components (doi:10.2307/3001853): unbiased, no iteration. REML
(Patterson & Thompson 1971, doi:10.1093/biomet/58.3.545) starts there and needs a few more factors. The restricted
likelihood ratio says how strongly the scores speak against "no severity".

>>> app, rev = np.repeat(np.arange(4), 3), np.tile(np.arange(3), 4)
>>> y = np.array([70.0, 60, 50, 80, 71, 60, 64, 55, 44, 75, 64, 56])
>>> found = variance(y, app, rev)
>>> round(found.residual, 6), round(found.severity, 6), found.df
(0.527778, 97.388889, 6)
>>> round(variance(y, app, rev, method="reml").severity, 6)
97.388889
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from scoring.equations import Equations, Floats, Solved
from scoring.errors import ShapeInvalid

Method = Literal["moments", "reml"]

RATIO_LEAST, RATIO_MOST = 1e-6, 1e8
"""Bounds of λ = noise / severity variance; beyond them one of the two is nothing to a float."""

DUST = 1e-12
"""Sums of squares below this share of the whole are rounding, not noise."""


@dataclass(frozen=True)
class Variance:
    """Variances in squared points. ``severity`` is 0 where none shows; ``ratio`` = residual / severity, else infinite.

    ``likelihood_ratio`` >= 0: twice the gain in restricted log-likelihood over "no severity". ``df`` are the degrees of
    freedom of the residual: sheets − applications − panellists + components; 0 or less: severity cannot be told from
    noise, and ``residual`` is the whole spread within applications.
    """

    residual: float
    severity: float
    likelihood_ratio: float
    df: int
    df_within: int
    method: Method

    @property
    def ratio(self) -> float:
        if self.severity <= 0:
            return math.inf
        return min(max(self.residual / self.severity, RATIO_LEAST), RATIO_MOST)

    @property
    def separable(self) -> bool:
        """Whether severity can be told from noise at all."""
        return self.df > 0


def variance(y: NDArray[Any], app: NDArray[Any], rev: NDArray[Any], method: Method = "moments") -> Variance:
    """Variance components of scores ``y`` float[n] of applications ``app`` int[n] by panellists ``rev`` int[n].

    Ids may have gaps; a score that is not finite raises ShapeInvalid, as do arrays of different length.
    """
    y, app, rev = checked(y, app, rev)
    if not len(y):
        return Variance(0.0, 0.0, 0.0, 0, 0, method)
    apps, panellists = np.unique(app, return_inverse=True), np.unique(rev, return_inverse=True)
    equations = Equations(apps[1], panellists[1], len(apps[0]), len(panellists[0]))
    return of_equations(equations, equations.within(y), method)


def checked(y: NDArray[Any], app: NDArray[Any], rev: NDArray[Any]) -> tuple[Floats, NDArray[Any], NDArray[Any]]:
    """The three columns as arrays. Raises ShapeInvalid for other shapes, kinds, or a score that is not finite."""
    values, places = np.asarray(y, dtype=np.float64), [np.asarray(app), np.asarray(rev)]
    for name, place in zip(("app", "rev"), places, strict=True):
        if place.shape != values.shape or values.ndim != 1:
            raise ShapeInvalid(field=name, reason=f"has shape {place.shape}, not {values.shape}")
        if place.size and (not np.issubdtype(place.dtype, np.integer) or place.min() < 0):
            raise ShapeInvalid(field=name, reason="must hold places from 0 up")
    if not np.isfinite(values).all():
        raise ShapeInvalid(field="y", reason="must be finite")
    return values, places[0], places[1]


def of_equations(equations: Equations, y_within: Floats, method: Method) -> Variance:
    """The same from equations already set up and scores centred within their application."""
    n, m, r = len(y_within), equations.m, equations.r
    df_within, df = n - m, n - m - r + equations.n_components
    whole = float(y_within @ y_within)
    if df_within <= 0 or whole == 0:
        return Variance(0.0, 0.0, 0.0, max(df, 0), max(df_within, 0), method)
    if df <= 0:
        return Variance(whole / df_within, 0.0, 0.0, 0, df_within, method)
    explained = min(equations.explained(y_within), whole)
    left = whole - explained
    residual = left / df if left > DUST * whole else 0.0
    severity = max(0.0, (explained - residual * (r - equations.n_components)) / equations.identified)
    ratio, gain = _restricted(equations, y_within, residual, severity, 1e-11 if method == "reml" else 1e-2)
    if method == "reml":
        residual, severity = _at(equations, y_within, ratio)
    elif severity == 0:
        residual = whole / df_within
    return Variance(residual, severity, gain, df, df_within, method)


def _restricted(equations: Equations, y_within: Floats, residual: float, severity: float, tolerance: float) -> tuple[float, float]:
    """λ of the greatest restricted likelihood (infinite on the boundary), and twice the gain over no severity."""
    z, whole, n = equations.by_panellist(y_within), float(y_within @ y_within), len(y_within) - equations.m
    # slope of the likelihood where severity is nothing: without evidence there, none is claimed
    if n * float(z @ z) / whole <= equations.identified * (1 + 1e-12):
        return math.inf, 0.0
    seen: dict[float, tuple[Solved, Floats, float]] = {}

    def solved(log_ratio: float) -> tuple[Solved, Floats, float]:
        if log_ratio not in seen:
            at = equations.at(math.exp(log_ratio))
            severities = at.severities(y_within)
            seen[log_ratio] = at, severities, max(whole - float(z @ severities), DUST * whole)
        return seen[log_ratio]

    def slope(log_ratio: float) -> float:
        at, severities, left = solved(log_ratio)
        return at.ratio * (n * float(severities @ severities) / left + float(at.var_severity.sum())) - equations.r

    start = math.log(min(max(residual / severity, RATIO_LEAST), RATIO_MOST)) if severity > 0 else 3.0
    log_ratio = _root(slope, start, tolerance)
    at, _, left = solved(log_ratio)
    nothing = n * math.log(whole) + float(np.log(equations.k).sum())
    here = n * math.log(left) + at.log_det - equations.r * log_ratio
    return at.ratio, max(0.0, nothing - here)


def _root(slope: Callable[[float], float], start: float, tolerance: float) -> float:
    """The root of a rising function, sought in growing steps on the side where it must lie; its bound when beyond."""
    lowest, highest = math.log(RATIO_LEAST), math.log(RATIO_MOST)
    at, step = start, 0.25
    value = slope(at)
    direction = -1.0 if value > 0 else 1.0
    while value != 0:
        further = min(max(at + direction * step, lowest), highest)
        there = slope(further)
        if there == 0 or (there > 0) != (value > 0):
            return float(brentq(slope, min(at, further), max(at, further), xtol=tolerance, rtol=1e-14))
        if further in (lowest, highest):
            return further
        at, value, step = further, there, step * 2.5
    return at


def _at(equations: Equations, y_within: Floats, ratio: float) -> tuple[float, float]:
    """Residual and severity variance at λ."""
    df_within = len(y_within) - equations.m
    whole = float(y_within @ y_within)
    if math.isinf(ratio):
        return whole / df_within, 0.0
    z = equations.by_panellist(y_within)
    left = max(whole - float(z @ equations.at(ratio).severities(y_within)), 0.0)
    return left / df_within, left / df_within / ratio
