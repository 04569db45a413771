"""Model F: what an application is worth once the severity of its panellists is taken out.

score = application + severity of the panellist + noise. Severity is random and shrunk, applications are not, so that a
fixed pass mark is not distorted. The calibrated value is the mean over the panellists of (score − severity); with
complete panels, or no evidence of severity, it equals the raw mean.

``python -m scoring.calibration MARKS.csv --out OUT.json`` does the same for a file (:mod:`scoring.command`).

>>> app, rev = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]), np.array([0, 1, 2, 0, 1, 2, 0, 1, 3, 1, 2, 3])
>>> y = np.array([71.0, 60, 64, 80, 71, 73, 75, 64, 66, 55, 60, 58])
>>> fit = calibrate(y, app, rev)
>>> fit.raw.round(2).tolist(), fit.value.round(2).tolist()
([65.0, 74.67, 68.33, 57.67], [64.34, 74.01, 68.21, 59.81])
>>> fit.severity.round(2).tolist()
[6.43, -4.06, -0.38, -1.98]
>>> fit.applied, fit.why
(True, 'always')
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from scoring.equations import Equations, Floats, Solved
from scoring.variance import Method, Variance, checked, of_equations

ApplyIf = Literal["auto", "always", "lrt"]
Why = Literal["always", "lrt_exceeded", "lrt_not_exceeded", "no_severity", "no_overlap", "no_scores"]

LRT_LIMIT = 2.71
"""The 5 % point of the restricted likelihood ratio on the boundary: half a chi-square of one degree (Self & Liang 1987,
doi:10.1080/01621459.1987.10478472)."""

LRT_BELOW = 100
"""``auto`` asks for the likelihood ratio below this number of applications, where a variance is hard to judge."""

DUST = 1e-9
"""A shift below this share of the spread is rounding: the raw mean stays as it is, to the last digit."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted calibration of n scores, M applications, R panellists; points, unless said otherwise.

    ================  ============================================================================================
    ``value``         float64[M]: calibrated where ``applied``, else the raw mean; NaN without a score
    ``se``            float64[M]: standard error of ``value``, the severity of the panel included
    ``raw``, ``k``    float64[M], int32[M]: raw mean and number of scores
    ``severity``      float64[R]: above 0 lenient, below severe; sums to 0 in each connected component; NaN without a score
    ``severity_se``   float64[R]: standard error of its prediction; NaN where severity cannot be told from noise
    ``n``             int32[R]: scores of each panellist
    ``residual``      float64[n]: score − value − severity, whether or not the correction is applied
    ``component``     int32[M]: which applications can be compared; -1 without a score
    ``why``           ``always``, ``lrt_exceeded``, ``lrt_not_exceeded``, ``no_severity``, ``no_overlap``, ``no_scores``
    ================  ============================================================================================
    """

    value: Floats
    se: Floats
    raw: Floats
    k: NDArray[np.int32]
    severity: Floats
    severity_se: Floats
    n: NDArray[np.int32]
    residual: Floats
    component: NDArray[np.int32]
    panellist_component: NDArray[np.int32]
    variance: Variance
    applied: bool
    why: Why
    y: Floats
    app: NDArray[np.int32]
    rev: NDArray[np.int32]
    solved: Solved | None
    capped: NDArray[np.bool_]

    @cached_property
    def has(self) -> NDArray[np.intp]:
        """The applications that have a score, in the order of the equations."""
        return np.flatnonzero(self.k)

    @cached_property
    def scorers(self) -> NDArray[np.intp]:
        """The panellists that have a score, in the order of the equations."""
        return np.flatnonzero(self.n)

    def quantile(self, level: float = 0.90) -> float:
        """How many standard errors a two-sided interval of ``level`` reaches to each side (Student's t)."""
        return float(student.ppf((1 + level) / 2, self.degrees)) if self.degrees else math.inf

    @property
    def degrees(self) -> int:
        """Degrees of freedom behind the standard errors of the values; 0 where there is none."""
        return self.variance.df if self.variance.severity > 0 else self.variance.df_within

    def interval(self, level: float = 0.90) -> tuple[Floats, Floats]:
        """float64[M] twice: lower and upper end of the interval of each value; NaN where the error is not known."""
        with np.errstate(invalid="ignore"):
            reach = self.quantile(level) * self.se
        reach[~np.isfinite(reach)] = np.nan
        return self.value - reach, self.value + reach

    def covariance(self) -> Floats:
        """float64[M, M]: covariance of the values' errors, square points; NaN rows without a score."""
        cov = np.full((len(self.k), len(self.k)), np.nan)
        if self.solved is None:
            inner = np.diag(np.nan_to_num(self.se[self.has]) ** 2)
        else:
            inner = self.solved.cov_value() * self.variance.residual
        cov[np.ix_(self.has, self.has)] = inner
        return cov


def calibrate(
    y: NDArray[Any],
    app: NDArray[Any],
    rev: NDArray[Any],
    *,
    n_applications: int | None = None,
    n_panellists: int | None = None,
    method: Method = "moments",
    apply_if: ApplyIf = "always",
    cap: float | None = None,
) -> Fit:
    """Calibrated values of scores ``y`` float[n] of applications ``app`` int[n] by panellists ``rev`` int[n].

    ``apply_if="lrt"`` applies the correction only when the restricted likelihood ratio of "no severity" exceeds 2.71,
    ``"auto"`` does so below 100 applications. ``cap`` bounds the shift of any value, in points. Values are not rounded.
    Raises ShapeInvalid for arrays that do not belong together or a score that is not finite. No score, one score, one
    panellist, or panels without overlap give the raw means and say why.
    """
    y, app, rev = checked(y, app, rev)
    m = max(int(app.max(initial=-1)) + 1, n_applications or 0)
    r = max(int(rev.max(initial=-1)) + 1, n_panellists or 0)
    has, app_at = np.unique(app, return_inverse=True)
    scorers, rev_at = np.unique(rev, return_inverse=True)
    equations = Equations(app_at, rev_at, len(has), len(scorers))
    within = equations.within(y) if len(y) else y
    found = of_equations(equations, within, method)
    applied, why = _applied(found, apply_if, len(has))
    raw = np.bincount(app_at, weights=y, minlength=len(has)) / equations.k
    solved = equations.at(found.ratio) if found.severity > 0 else None
    severity = solved.severities(within) if solved else np.zeros(len(scorers))
    shift = -(np.bincount(app_at, weights=severity[rev_at], minlength=len(has)) / equations.k)
    shift[np.abs(shift) <= DUST * math.sqrt(found.residual + found.severity)] = 0.0
    severity_se = np.full(len(scorers), np.nan)
    if solved:
        severity_se = np.sqrt(found.residual * solved.var_severity)
    elif found.separable:
        severity_se = np.zeros(len(scorers))
    if applied and solved:
        variances = found.residual * solved.var_value
    else:  # the raw mean bears its panel's severities too
        variances = (found.residual + found.severity) / equations.k
    se = np.sqrt(variances) if found.df_within > 0 else np.full(len(has), np.nan)
    capped = np.zeros(len(has), dtype=np.bool_)
    if cap is not None:
        capped = np.abs(shift) > cap
        shift = np.clip(shift, -cap, cap)
    value = raw + shift if applied else raw
    residual = y - (raw + shift)[app_at] - severity[rev_at]
    labels = equations.components if len(y) else (np.zeros(0, np.int32), np.zeros(0, np.int32))
    return Fit(
        value=_spread(value, has, m),
        se=_spread(se, has, m),
        raw=_spread(raw, has, m),
        k=np.bincount(app, minlength=m).astype(np.int32),
        severity=_spread(severity, scorers, r),
        severity_se=_spread(severity_se, scorers, r),
        n=np.bincount(rev, minlength=r).astype(np.int32),
        residual=residual,
        component=_spread(labels[0], has, m, -1),
        panellist_component=_spread(labels[1], scorers, r, -1),
        variance=found,
        applied=applied,
        why=why,
        y=y,
        app=app.astype(np.int32),
        rev=rev.astype(np.int32),
        solved=solved if applied else None,
        capped=_spread(capped & applied, has, m, False),
    )


def _applied(found: Variance, apply_if: ApplyIf, n_applications: int) -> tuple[bool, Why]:
    if found.df_within == 0 and found.df == 0:
        return False, "no_scores" if n_applications == 0 else "no_overlap"
    if not found.separable:
        return False, "no_overlap"
    asks = apply_if == "lrt" or (apply_if == "auto" and n_applications < LRT_BELOW)
    if asks and found.likelihood_ratio <= LRT_LIMIT:
        return False, "lrt_not_exceeded"
    if found.severity == 0:
        return False, "no_severity"
    return True, "lrt_exceeded" if asks else "always"


def _spread(of_used: NDArray[Any], used: NDArray[np.intp], size: int, missing: Any = np.nan) -> NDArray[Any]:
    """The values of those that have scores, at their places among all."""
    out = np.full(size, missing, dtype=of_used.dtype)
    out[used] = of_used
    return out


if __name__ == "__main__":
    from scoring.command import main

    raise SystemExit(main())
