"""How many decisions a design gets wrong: so many reviews of each application, panellists of such severity.

>>> few = power(Plan(n_applications=60, reviews=3, severity_sd=5.4), seed=1, repeats=6)
>>> many = power(Plan(n_applications=60, reviews=7, severity_sd=5.4), seed=1, repeats=6)
>>> few.wrong_raw > many.wrong_raw, few.wrong_published > few.wrong_outside
(True, True)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from scoring.calibration import ApplyIf, calibrate
from scoring.errors import ShapeInvalid


@dataclass(frozen=True)
class Plan:
    """A round before it happens; points of 100. ``load`` applications each panellist marks, at most; ``shared`` (0–1) is
    the share of reviews across blocks, 1 for panels drawn from all panellists."""

    n_applications: int
    reviews: int
    load: int = 10
    pass_mark: float = 70.0
    truth_mean: float = 72.0
    truth_sd: float = 9.0
    severity_sd: float = 3.9
    noise_sd: float = 8.0
    shared: float = 1.0
    apply_if: ApplyIf = "auto"
    calibrates: bool = True
    band: tuple[float, float] = (0.2, 0.8)


@dataclass(frozen=True)
class Power:
    """Shares (0–1) of all applications: wrong by the raw mean and as published; sent to deliberation by the band, and
    wrong among all when only decisions outside the band count. ``rmse_*`` in points, ``applied`` share of repeats."""

    plan: Plan
    wrong_raw: float
    wrong_published: float
    in_band: float
    wrong_outside: float
    rmse_raw: float
    rmse_published: float
    applied: float


def power(plan: Plan, *, seed: int, repeats: int = 20) -> Power:
    """The means over ``repeats`` simulated rounds. Raises ShapeInvalid for a plan that cannot be seated."""
    if plan.n_applications < 1 or plan.reviews < 1 or plan.load < 1 or repeats < 1:
        raise ShapeInvalid(field="plan", reason="needs applications, reviews, load and repeats of 1 or more")
    found = np.array([_once(plan, np.random.default_rng([seed, repeat])) for repeat in range(repeats)])
    wrong_raw, wrong_published, in_band, wrong_outside, square_raw, square_published, applied = found.mean(axis=0).tolist()
    return Power(plan, wrong_raw, wrong_published, in_band, wrong_outside, square_raw**0.5, square_published**0.5, applied)


def _once(plan: Plan, rng: np.random.Generator) -> tuple[float, ...]:
    app, rev, n_panellists = seats(plan, rng)
    truth = rng.normal(plan.truth_mean, plan.truth_sd, plan.n_applications)
    severity = rng.normal(0, plan.severity_sd, n_panellists)
    y = truth[app] + severity[rev] + rng.normal(0, plan.noise_sd, len(app))
    fit = calibrate(y, app, rev, apply_if=plan.apply_if)
    value, se = (fit.value, fit.se) if plan.calibrates else (fit.raw, fit.se)
    passes = truth >= plan.pass_mark
    distance = np.round(value, 2) - plan.pass_mark
    with np.errstate(divide="ignore", invalid="ignore"):
        p_pass = stdtr(max(fit.degrees, 1), distance / se)
    inside = (p_pass >= plan.band[0]) & (p_pass <= plan.band[1])
    wrong = (distance >= 0) != passes
    return (
        float(np.mean((np.round(fit.raw, 2) >= plan.pass_mark) != passes)),
        float(wrong.mean()),
        float(inside.mean()),
        float((wrong & ~inside).mean()),
        float(np.mean((fit.raw - truth) ** 2)),
        float(np.mean((value - truth) ** 2)),
        float(fit.applied),
    )


def seats(plan: Plan, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Places of applications and panellists of all reviews, loads as even as the blocks allow, and the panellists' number.

    Blocks hold two panels' worth of panellists; a review leaves its block with probability ``shared``.
    """
    k = plan.reviews
    n = max(k, -(-plan.n_applications * k // plan.load))
    blocks = max(1, n // (2 * k)) if plan.shared < 1 else 1
    of_block = np.arange(n) * blocks // n
    load = np.zeros(n)
    panels = np.empty((plan.n_applications, k), dtype=np.int64)
    for a in range(plan.n_applications):
        away = rng.random(n) < plan.shared if blocks > 1 else np.zeros(n, dtype=bool)
        order = np.lexsort((rng.random(n), load, (of_block != a % blocks) & ~away if blocks > 1 else away))
        panels[a] = order[:k]
        load[panels[a]] += 1
    return np.repeat(np.arange(plan.n_applications), k), panels.ravel(), n
