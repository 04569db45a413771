"""Numbers that nobody here wrote: published examples, reproduced to the digits given."""

from __future__ import annotations

import numpy as np
import pytest

from scoring.equations import Equations
from scoring.reliability import alpha, complete
from scoring.variance import variance

PENICILLIN = np.array(
    """
    27 23 26 23 23 21  27 23 26 23 23 21  25 21 25 24 24 20  26 23 25 23 23 20
    25 22 26 22 23 20  24 22 25 23 22 19  24 20 23 21 22 19  26 22 26 24 24 21
    24 21 24 22 22 20  24 21 24 23 22 19  26 23 26 24 24 21  25 22 26 24 24 20
    26 24 26 24 25 22  26 23 26 23 23 20  26 23 25 24 24 22  25 22 25 23 23 20
    25 21 24 23 23 20  25 22 24 23 23 19  24 21 23 21 21 19  26 23 26 24 24 21
    25 21 24 22 22 18  25 22 25 22 22 20  24 21 24 22 24 19  24 21 24 22 21 18
    """.split(),
    dtype=float,
).reshape(24, 6)
"""Davies & Goldsmith 1972, as distributed with R's lme4: diameters of 24 plates (a to x), six samples (A to F) each."""

PLATE, SAMPLE = np.repeat(np.arange(24), 6), np.tile(np.arange(6), 24)


LME4 = {"plate": 0.7169051409, "sample": 3.7311318427, "residual": 0.3024149563}
"""lme4 1.1-31, REML, both random. Balanced data give the optimum in closed form (`anova`), and ours agree with it to 1e-9; what
these numbers say beyond their fourth digit is where lme4's optimiser stopped. What follows from given variances agrees in full."""


def anova(table):
    """Variances of a complete table, rows and columns random: mean squares set equal to what is to be expected of them.

    With none of them negative these are the REML estimates too: Searle, Casella & McCulloch 1992, section 4.4."""
    rows, columns = table.shape
    by_row, by_column, mean = table.mean(axis=1), table.mean(axis=0), table.mean()
    left = table - by_row[:, None] - by_column + mean
    residual = (left**2).sum() / ((rows - 1) * (columns - 1))
    return {
        "plate": (columns * by_row.var(ddof=1) - residual) / columns,
        "sample": (rows * by_column.var(ddof=1) - residual) / rows,
        "residual": residual,
    }


@pytest.mark.parametrize("method", ["moments", "reml"])
def test_penicillin_has_the_variances_that_its_balance_gives_and_lme4_finds(method):
    """Either role of plate and sample gives the estimates of the model in which both are random."""
    exact = anova(PENICILLIN)
    of_samples = variance(PENICILLIN.ravel(), PLATE, SAMPLE, method)
    of_plates = variance(PENICILLIN.ravel(), SAMPLE, PLATE, method)
    found = {"plate": of_plates.severity, "sample": of_samples.severity, "residual": of_samples.residual}
    assert found == pytest.approx(exact, rel=1e-9)
    assert of_plates.residual == pytest.approx(exact["residual"], rel=1e-9)
    assert exact == pytest.approx(LME4, rel=1e-4)
    assert PENICILLIN.mean() == pytest.approx(22.97222222, abs=5e-9)


def test_penicillin_has_the_sample_effects_that_lme4_finds_at_its_variances():
    equations = Equations(PLATE, SAMPLE, 24, 6)
    found = equations.at(LME4["residual"] / LME4["sample"]).severities(equations.within(PENICILLIN.ravel()))
    expected = [2.18705840184, -1.01047635020, 1.93789984973, -0.09689499248, -0.01384214178, -3.00374476706]
    assert found == pytest.approx(expected, abs=1e-9)


def test_no_variances_beat_ours_in_the_restricted_likelihood_of_penicillin():
    of_samples = variance(PENICILLIN.ravel(), PLATE, SAMPLE, "reml")
    plate = variance(PENICILLIN.ravel(), SAMPLE, PLATE, "reml").severity
    ours = _criterion(PENICILLIN.ravel(), _cov(plate, of_samples.severity, of_samples.residual))
    theirs = _criterion(PENICILLIN.ravel(), _cov(LME4["plate"], LME4["sample"], LME4["residual"]))
    assert ours == pytest.approx(330.860589, abs=5e-7)
    assert ours <= theirs


def _cov(plate: float, sample: float, residual: float) -> np.ndarray:
    return plate * (PLATE[:, None] == PLATE) + sample * (SAMPLE[:, None] == SAMPLE) + residual * np.eye(144)


def _criterion(y: np.ndarray, cov: np.ndarray) -> float:
    """Minus twice the restricted log-likelihood of a common mean, as lme4 reports it."""
    weight = np.linalg.inv(cov)
    mean = weight.sum(axis=0) @ y / weight.sum()
    log_dets = np.linalg.slogdet(cov)[1] + np.log(weight.sum())
    return float((len(y) - 1) * np.log(2 * np.pi) + log_dets + (y - mean) @ weight @ (y - mean))


def test_shrout_and_fleiss_1979():
    table = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    rounded = {name: round(value, 4) for name, value in complete(table).items()}
    assert rounded == {"1": 0.1657, "A1": 0.2898, "C1": 0.7148, "1k": 0.4428, "Ak": 0.6201, "Ck": 0.9093}


def test_krippendorffs_data_c():
    gap = np.nan
    coders = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, gap, gap, gap],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, gap, 3],
        [gap, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, gap],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, gap],
    ]
    found = {level: round(alpha(np.array(coders).T, level), 4) for level in ("nominal", "ordinal", "interval", "ratio")}
    assert found == {"nominal": 0.7434, "ordinal": 0.8154, "interval": 0.8491, "ratio": 0.7974}
