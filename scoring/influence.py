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
    m, r = len(fit.k), len(fit.n)
    marks = np.broadcast_to(np.asarray(pass_mark, dtype=np.float64), (m,))
    low, high = fit.value.copy(), fit.value.copy()
    flips: list[Flip] = []
    # what rounds half up to the mark has met it; the dust of floats below the last digit is taken for what it is
    least = marks - (0.5 + 5e-7) / 10.0**decimals
    passes = fit.value >= least
    columns = _columns(fit)
    own = _own_of_sheets(fit, columns)
    # a value that does not exist without its only sheet bounds nothing; where there is none, the quick reduction serves
    smallest, greatest = (np.fmin, np.fmax) if (fit.k < 2).any() else (np.minimum, np.maximum)
    for kind, size, effect in (("sheet", len(fit.y), _of_sheets), ("panellist", r, _of_panellists)):
        for start in range(0, size, BLOCK):
            chosen = np.arange(start, min(start + BLOCK, size))
            without = effect(fit, columns, own, chosen)
            np.fmin(low, smallest.reduce(without, axis=1), out=low)
            np.fmax(high, greatest.reduce(without, axis=1), out=high)
            crossed = np.flatnonzero(((without >= least[:, None]) != passes[:, None]).ravel())
            flips += [
                Flip(a, kind, start + d, float(fit.value[a]), float(without[a, d]))  # type: ignore[arg-type]
                for a, d in (divmod(at, len(chosen)) for at in crossed.tolist())
                if np.isfinite(without[a, d])
            ]
    flips.sort(key=lambda flip: (flip.kind != "sheet", flip.application, flip.deleted))
    return Influence(own, low, high, tuple(flips))


BLOCK = 256
"""Deletions taken at a time: their changes stay in the processor's cache."""


def without_sheet(fit: Fit, sheet: int) -> Floats:
    """float64[M]: all values without one sheet (row); NaN for an application that had no other."""
    columns = _columns(fit)
    return _of_sheets(fit, columns, _own_of_sheets(fit, columns), np.array([sheet]))[:, 0]


def without_panellist(fit: Fit, panellist: int) -> Floats:
    """float64[M]: all values without one panellist (place); NaN for an application that had no other."""
    columns = _columns(fit)
    return _of_panellists(fit, columns, _own_of_sheets(fit, columns), np.array([panellist]))[:, 0]


@dataclass(frozen=True, eq=False)
class _Columns:
    """What deletions need: places among those with scores, and the blocks of the inverse."""

    app: NDArray[np.int32]
    rev: NDArray[np.int32]
    coupling: Floats  # cov(value, severity), applications × panellists
    severity: Floats  # cov(severity, severity)
    leverage: Floats
    values: Floats  # cov(value, value)
    averages: sparse.csr_matrix  # applications × panellists, 1 / k


def _columns(fit: Fit) -> _Columns | None:
    """None where the values are raw means."""
    solved = fit.solved
    if solved is None:
        return None
    app, rev = solved.of.app, solved.of.rev
    couple, cov, values = solved.couple, solved.cov_severity(), solved.cov_value()
    leverage = np.diag(values)[app] + 2 * couple[app, rev] + np.diag(cov)[rev]
    averages = solved.of.shared.multiply(1 / solved.of.k[:, None]).tocsr()
    return _Columns(app, rev, couple, cov, leverage, values, averages)


def _own_of_sheets(fit: Fit, columns: _Columns | None) -> Floats:
    """Raw means: the closed form is (value − score) / (k − 1); calibrated: from leverage and residual."""
    if columns is None:
        k = fit.k[fit.app].astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(k > 1, (fit.raw[fit.app] - fit.y) / (k - 1), np.nan)
    effect = np.diag(columns.values)[columns.app] + columns.coupling[columns.app, columns.rev]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(fit.k[fit.app] > 1, -effect * fit.residual / (1 - columns.leverage), np.nan)


def _of_sheets(fit: Fit, columns: _Columns | None, own: Floats, chosen: NDArray[np.intp]) -> Floats:
    """float64[M, chosen]: values without each of these sheets."""
    without = np.repeat(fit.value[:, None], len(chosen), axis=1)
    at, place = fit.app[chosen], np.arange(len(chosen))
    if columns is not None:
        # the change of the severities, carried to every application by the mean over its panel
        left = fit.residual[chosen] / np.where(fit.k[at] > 1, 1 - columns.leverage[chosen], np.inf)
        moved = (columns.coupling[columns.app[chosen]].T + columns.severity[:, columns.rev[chosen]]) * left
        without[fit.has] += columns.averages @ moved
    without[at, place] = fit.value[at] + own[chosen]
    return without


def _of_panellists(fit: Fit, columns: _Columns | None, own: Floats, chosen: NDArray[np.intp]) -> Floats:
    """float64[M, chosen]: values without each of these panellists, all their sheets at once."""
    without = np.repeat(fit.value[:, None], len(chosen), axis=1)
    if columns is None:
        place = np.full(len(fit.n), -1)
        place[chosen] = np.arange(len(chosen))
        rows = np.flatnonzero(place[fit.rev] >= 0)
        without[fit.app[rows], place[fit.rev[rows]]] = fit.value[fit.app[rows]] + own[rows]
        return without
    app = columns.app
    alone = fit.k[fit.app] == 1
    place = np.full(len(fit.n), -1)
    place[chosen] = np.arange(len(chosen))
    rows = np.flatnonzero((place[fit.rev] >= 0) & ~alone)
    rows = rows[np.argsort(place[fit.rev[rows]], kind="stable")]
    weights = _weights(fit, columns, rows)
    column = place[fit.rev[rows]]
    carried = sparse.csc_matrix((weights, (app[rows], column)), shape=(len(fit.has), len(chosen)))
    moved = (carried.T @ columns.coupling).T
    scored = np.searchsorted(fit.scorers, chosen)
    scored[fit.n[chosen] == 0] = 0  # nothing is taken from them, whatever stands here
    moved = moved + columns.severity[:, scored] * np.bincount(column, weights=weights, minlength=len(chosen))
    without[fit.has] += columns.averages @ moved
    without[fit.app[rows], column] -= weights / fit.k[fit.app[rows]]
    gone = np.flatnonzero((place[fit.rev] >= 0) & alone)
    without[fit.app[gone], place[fit.rev[gone]]] = np.nan
    return without


def _weights(fit: Fit, columns: _Columns, rows: NDArray[np.intp]) -> Floats:
    """(I − H)⁻¹ · residuals of the sheets of each panellist; ``rows`` stand together by panellist.

    H is the hat matrix of a panellist's own sheets; panellists of the same load are solved in one stack.
    """
    app, rev = columns.app[rows], columns.rev[rows]
    out = np.zeros(len(rows))
    _, starts, loads = np.unique(fit.rev[rows], return_index=True, return_counts=True)
    for load in np.unique(loads):
        block = starts[loads == load][:, None] + np.arange(load)
        a, r = app[block], rev[block[:, 0]]
        across = columns.coupling[a, r[:, None]]
        hat = columns.values[a[:, :, None], a[:, None, :]] + across[:, :, None] + across[:, None, :]
        hat += np.diag(columns.severity)[r][:, None, None]
        out[block] = np.linalg.solve(np.eye(load) - hat, fit.residual[rows[block]][:, :, None])[:, :, 0]
    return out

