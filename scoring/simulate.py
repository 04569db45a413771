"""Marks with known truth: applications of a true value, panellists of a true severity, noise, whole steps per item.

For the demonstration call and for tests of recovery. Everything follows from the seed; no global random state.

>>> from scoring.rubric import load
>>> seats = random_seats(20, 12, per_application=5, seed=1)
>>> simulation = simulate(seats, load("ppir-default@1"), seed=1)
>>> simulation.scores.steps.shape, simulation.truth.shape, simulation.severity.shape
((100, 12), (20,), (12,))
>>> simulate(seats[::-1], load("ppir-default@1"), seed=1).scores.steps.tolist() == simulation.scores.steps.tolist()
True
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from scoring.errors import DuplicateSheet, ShapeInvalid
from scoring.records import Scores
from scoring.rubric import Rubric


@dataclass(frozen=True)
class Spread:
    """How marks vary; points of 100 unless said otherwise, all standard deviations >= 0.

    The severity is .43 of the spread of applications, as measured in published conference reviews; the rest is chosen
    so that five reviews of one application spread as panels do.
    """

    truth_mean: float = 72.0
    truth_sd: float = 9.0
    severity_sd: float = 3.9
    """How far a panellist is, on all sheets, above (lenient) or below (severe) the others."""
    noise_sd: float = 6.0
    """One sheet, whole."""
    profile_sd: float = 8.0
    """An application's strong and weak items, seen alike by all its panellists; no effect on its true value."""
    item_noise_sd: float = 9.0
    """One mark; no effect on the total before marks become whole steps."""
    gate_fail_rate: float = 0.01
    """Share (0–1) of gates an application truly fails; four in five panellists then say no."""
    gate_slip_rate: float = 0.01
    """Share (0–1) of panellists who say no where the gate is met."""


@dataclass(frozen=True, eq=False)
class Simulation:
    """The sheets and what is behind them: ``truth`` float64[M], 0–100, by ``scores.app_ids``; ``severity`` float64[R],
    points added to every sheet of a panellist, by ``scores.rev_ids``."""

    scores: Scores
    truth: NDArray[np.float64]
    severity: NDArray[np.float64]


SEEN = 0.8
"""Share of the panel that notices a gate truly failed."""


def random_seats(
    n_applications: int, n_panellists: int, *, per_application: int, seed: int
) -> tuple[tuple[str, str], ...]:
    """(application, panellist) pairs, ``A-0001`` and ``e-0001`` onwards, with loads as even as possible.

    Raises ShapeInvalid when an application would need more panellists than there are.
    """
    if not 0 <= per_application <= n_panellists:
        raise ShapeInvalid(field="per_application", reason=f"is {per_application} of {n_panellists} panellists")
    rng = np.random.default_rng(seed)
    load = np.zeros(n_panellists, dtype=np.int64)
    seats = []
    for app in range(n_applications):
        least_loaded = np.lexsort((rng.random(n_panellists), load))[:per_application]
        load[least_loaded] += 1
        seats += [(f"A-{app + 1:04d}", f"e-{rev + 1:04d}") for rev in sorted(least_loaded.tolist())]
    return tuple(seats)


def simulate(
    seats: Iterable[tuple[str, str]],
    rubric: Rubric,
    *,
    seed: int,
    spread: Spread | None = None,
    truth: Mapping[str, float] | None = None,
    severity: Mapping[str, float] | None = None,
) -> Simulation:
    """Complete sheets for the given (application, panellist) seats.

    ``truth`` and ``severity`` fix what is known for some ids (a designed borderline case, a severe panellist); the
    others are drawn, and the draw of one does not depend on which others are fixed. Marks are clipped to the scale, so
    near 20 and 100 points the totals are pulled inwards. Raises DuplicateSheet for a seat given twice.
    """
    spread = spread or Spread()
    pairs = sorted(seats)
    for before, after in pairwise(pairs):
        if before == after:
            raise DuplicateSheet(application_id=after[0], panellist_id=after[1])
    app_ids = tuple(sorted({app for app, _ in pairs}))
    rev_ids = tuple(sorted({rev for _, rev in pairs}))
    app = np.searchsorted(app_ids, [identity for identity, _ in pairs]).astype(np.int32)
    rev = np.searchsorted(rev_ids, [identity for _, identity in pairs]).astype(np.int32)
    rng = np.random.default_rng(seed)
    true_value = _fixed(np.clip(rng.normal(spread.truth_mean, spread.truth_sd, len(app_ids)), 20, 100), app_ids, truth)
    true_severity = _fixed(rng.normal(0, spread.severity_sd, len(rev_ids)), rev_ids, severity)
    weight = np.array([item.points for item in rubric.items]) / sum(item.points for item in rubric.items)
    profile = _centred(rng.normal(0, spread.profile_sd, (len(app_ids), len(weight))), weight)
    noise = _centred(rng.normal(0, spread.item_noise_sd, (len(pairs), len(weight))), weight)
    sheet = true_value[app] + true_severity[rev] + rng.normal(0, spread.noise_sd, len(pairs))
    points = sheet[:, None] + profile[app] + noise
    steps = np.clip(np.rint(points / 100 * rubric.top), 1, rubric.top).astype(np.int16)
    failed = rng.random((len(app_ids), len(rubric.gates))) < spread.gate_fail_rate
    says_no = rng.random((len(pairs), len(rubric.gates))) < np.where(failed[app], SEEN, spread.gate_slip_rate)
    scores = Scores(
        app_ids=app_ids,
        rev_ids=rev_ids,
        item_codes=rubric.item_codes,
        gate_codes=rubric.gate_codes,
        app=app,
        rev=rev,
        steps=steps,
        gates=(~says_no).astype(np.int8),
        group=np.zeros(len(app_ids), dtype=np.int32),
    )
    return Simulation(scores, true_value, true_severity)


def _fixed(drawn: NDArray[np.float64], ids: tuple[str, ...], known: Mapping[str, float] | None) -> NDArray[np.float64]:
    known = known or {}
    return np.array([known.get(identity, value) for identity, value in zip(ids, drawn, strict=True)], dtype=np.float64)


def _centred(deviations: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows shifted so that their weighted mean is 0: items differ, the total does not."""
    return np.asarray(deviations - (deviations @ weight)[:, None], dtype=np.float64)
