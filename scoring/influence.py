"""What one sheet, or one panellist, carries: the values without it, in closed form at the same variance ratio.

Nothing is fitted again: a deletion is a correction of low rank to the inverse that the fit already has (Cook & Weisberg
1982; for mixed models Christensen, Pearson & Johnson 1992, doi:10.2307/1269550). ``flips`` are the decisions on the
rounded total that would change.

>>> from scoring.calibration import calibrate
>>> app, rev = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2]), np.array([0, 1, 2, 0, 1, 3, 1, 2, 3])
>>> fit = calibrate(np.array([70.0, 78, 66, 71, 74, 72, 66, 50, 61]), app, rev)
>>> found = influence(fit, pass_mark=70.0, decimals=2)
>>> fit.value.round(2).tolist(), found.low.round(2).tolist(), found.high.round(2).tolist()
([71.97, 70.03, 58.84], [69.82, 68.6, 55.96], [73.61, 72.33, 62.35])
>>> [(flip.application, flip.deleted) for flip in found.flips if flip.kind == "panellist"]
[(0, 1), (1, 0), (1, 1), (1, 3)]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from scoring.calibration import Fit
from scoring.equations import Floats


@dataclass(frozen=True)
class Flip:
    """An application (place) whose total crosses the pass mark when a sheet (row) or a panellist (place) is left out."""

    application: int
    kind: Literal["sheet", "panellist"]
    deleted: int
    value: float
    without: float


@dataclass(frozen=True, eq=False)
class Influence:
    """``own`` float64[n]: change of the sheet's own application when the sheet is left out (NaN: it was the only one).

    ``low`` and ``high`` float64[M]: least and greatest value over all single deletions of a sheet or a panellist, the
    value itself included. ``flips`` are in order of kind, application, deleted.
    """

    own: Floats
    low: Floats
    high: Floats
    flips: tuple[Flip, ...]


def influence(fit: Fit, *, pass_mark: float | Floats, decimals: int = 2) -> Influence:
    """The effect of each deletion at the fit's variance ratio and with its correction applied or not, as it is.

    ``pass_mark`` float, or one for each application.
    """
    has, value = fit.has, fit.value[fit.has]
    marks = np.broadcast_to(np.asarray(pass_mark, dtype=np.float64), (len(fit.k),))[has]
    # what rounds half up to the mark has met it; the dust of floats below the last digit is taken for what it is
    least = marks - (0.5 + 5e-7) / 10.0**decimals
    passes = value >= least
    design = _design(fit)
    low, high = value.copy(), value.copy()
    flips: list[Flip] = []
    # a value that does not exist without its only sheet bounds nothing; where there is none, the quick reduction serves
    smallest, greatest = (np.fmin, np.fmax) if (fit.k[has] < 2).any() else (np.minimum, np.maximum)
    for kind, size, of in (("sheet", len(fit.y), _of_sheets), ("panellist", len(fit.n), _of_panellists)):
        for start in range(0, size, BLOCK):
            change = of(fit, design, np.arange(start, min(start + BLOCK, size)))
            bottom, top = value + smallest.reduce(change, axis=0), value + greatest.reduce(change, axis=0)
            np.fmin(low, bottom, out=low)
            np.fmax(high, top, out=high)
            near = np.flatnonzero(np.where(passes, bottom < least, top >= least))
            without = value[near] + change[:, near]
            crossed = ((without >= least[near]) != passes[near]) & np.isfinite(without)
            flips += [
                Flip(int(has[near[a]]), kind, start + d, float(value[near[a]]), float(without[d, a]))  # type: ignore[arg-type]
                for d, a in np.argwhere(crossed).tolist()
            ]
    flips.sort(key=lambda flip: (flip.kind != "sheet", flip.application, flip.deleted))
    return Influence(design.own, _everywhere(fit, low), _everywhere(fit, high), tuple(flips))


BLOCK = 128
"""Deletions taken at a time: their changes stay in the processor's cache."""


def without_sheet(fit: Fit, sheet: int) -> Floats:
    """float64[M]: all values without one sheet (row); NaN for an application that had no other."""
    return fit.value + _everywhere(fit, _of_sheets(fit, _design(fit), np.array([sheet]))[0])


def without_panellist(fit: Fit, panellist: int) -> Floats:
    """float64[M]: all values without one panellist (place); NaN for an application that had no other."""
    return fit.value + _everywhere(fit, _of_panellists(fit, _design(fit), np.array([panellist]))[0])


def _everywhere(fit: Fit, of_scored: Floats) -> Floats:
    """What is known of the applications with a score, at their places among all."""
    out = np.full(len(fit.k), np.nan)
    out[fit.has] = of_scored
    return out


@dataclass(frozen=True, eq=False)
class _Design:
    """What deletions need: places among the applications with scores, and the blocks of the inverse.

    Leaving out sheets with weights w changes the values by −cov(value, value)·w − cov(value, severity)·w: the equations
    themselves carry the change of the severities to every panel. The blocks are None where the values are raw means.
    """

    app: NDArray[np.intp]
    own: Floats  # change of the sheet's own application
    alone: NDArray[np.bool_]  # the application has no other sheet
    weight: Floats  # residual / (1 − leverage), 0 where alone
    values: Floats | None  # cov(value, value)
    couple: Floats | None  # cov(severity, value), all panellists × applications; 0 without a score


def _design(fit: Fit) -> _Design:
    app = np.searchsorted(fit.has, fit.app)
    k = fit.k[fit.app].astype(np.float64)
    alone = k == 1
    if fit.solved is None:  # the closed form is (value − score) / (k − 1)
        own = np.divide(fit.raw[fit.app] - fit.y, k - 1, out=np.full(len(k), np.nan), where=~alone)
        return _Design(app, own, alone, -own, None, None)
    values, rev = np.ascontiguousarray(fit.solved.cov_value().T), fit.solved.of.rev
    couple = np.zeros((len(fit.n), len(fit.has)))
    couple[fit.scorers] = fit.solved.couple.T
    effect = values[app, app] + couple[fit.rev, app]
    leverage = effect + couple[fit.rev, app] + fit.solved.var_severity[rev]
    weight = np.divide(fit.residual, 1 - leverage, out=np.zeros(len(k)), where=~alone)
    return _Design(app, np.where(alone, np.nan, -effect * weight), alone, weight, values, couple)


def _of_sheets(fit: Fit, design: _Design, chosen: NDArray[np.intp]) -> Floats:
    """float64[chosen, applications with a score]: change of the values without each of these sheets."""
    app, place = design.app[chosen], np.arange(len(chosen))
    if design.values is None or design.couple is None:
        change = np.zeros((len(chosen), len(fit.has)))
    else:
        change = np.take(design.values, app, axis=0)
        change += design.couple[fit.rev[chosen]]
        change *= -design.weight[chosen, None]
    change[place, app] = design.own[chosen]
    return change


def _of_panellists(fit: Fit, design: _Design, chosen: NDArray[np.intp]) -> Floats:
    """float64[chosen, applications with a score]: change without each of these panellists, all their sheets at once."""
    place = np.full(len(fit.n), -1)
    place[chosen] = np.arange(len(chosen))
    rows = np.flatnonzero(place[fit.rev] >= 0)
    if design.values is None or design.couple is None:
        change: Floats = np.zeros((len(chosen), len(fit.has)))
        change[place[fit.rev[rows]], design.app[rows]] = design.own[rows]
        return change
    gone, rows = rows[design.alone[rows]], rows[~design.alone[rows]]
    rows = rows[np.argsort(place[fit.rev[rows]], kind="stable")]
    weights, row = _weights(fit, design, rows), place[fit.rev[rows]]
    carried = sparse.csr_matrix((weights, (row, design.app[rows])), shape=(len(chosen), len(fit.has)))
    change = -(carried @ design.values)
    change -= design.couple[chosen] * np.bincount(row, weights=weights, minlength=len(chosen))[:, None]
    change[place[fit.rev[gone]], design.app[gone]] = np.nan
    return change


def _weights(fit: Fit, design: _Design, rows: NDArray[np.intp]) -> Floats:
    """(I − H)⁻¹ · residuals of the sheets of each panellist; ``rows`` stand together by panellist.

    H is the hat matrix of a panellist's own sheets; panellists of the same load are solved in one stack.
    """
    assert fit.solved is not None and design.values is not None and design.couple is not None
    app, severity = design.app[rows], np.zeros(len(fit.n))
    severity[fit.scorers] = fit.solved.var_severity
    out = np.zeros(len(rows))
    _, starts, loads = np.unique(fit.rev[rows], return_index=True, return_counts=True)
    for load in np.unique(loads):
        block = starts[loads == load][:, None] + np.arange(load)
        a, r = app[block], fit.rev[rows[block[:, 0]]]
        across = design.couple[r[:, None], a]
        hat = design.values[a[:, :, None], a[:, None, :]] + across[:, :, None] + across[:, None, :]
        hat += severity[r][:, None, None]
        out[block] = np.linalg.solve(np.eye(load) - hat, fit.residual[rows[block]][:, :, None])[:, :, 0]
    return out
