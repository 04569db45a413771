"""The mixed-model equations of model F, solved by eliminating the larger block.

score = application (fixed) + severity of the panellist (random, variance ratio 1 / λ to the noise) + noise. The matrix
of the equations is ``[[D, B], [B', E + λI]]``: D and E hold how many sheets an application and a panellist have, B which
panellist scored which application. The larger diagonal block is eliminated, the smaller gets a dense Cholesky factor:
1,000 applications with 5 reviews of 500 panellists need one factor of 500 × 500. Henderson (1975), doi:10.2307/2529430.

>>> equations = Equations(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), 2, 2)
>>> solved = equations.at(0.5)
>>> solved.severities(np.array([1.0, -1.0, 1.0, -1.0])).tolist()
[0.8, -0.8]
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import lapack

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class Equations:
    """The design: ``app`` and ``rev`` int[n] place each score; every application and panellist has one at least."""

    def __init__(self, app: NDArray[Any], rev: NDArray[Any], n_applications: int, n_panellists: int) -> None:
        self.app, self.rev = app.astype(np.int32), rev.astype(np.int32)
        self.m, self.r = n_applications, n_panellists
        self.k = np.bincount(app, minlength=self.m).astype(np.float64)
        self.loads = np.bincount(rev, minlength=self.r).astype(np.float64)
        cells = (np.ones(len(app)), (self.app, self.rev))
        self.shared = sparse.coo_matrix(cells, shape=(self.m, self.r)).tocsr()

    def at(self, ratio: float) -> Solved:
        """The equations at λ = noise variance / severity variance (> 0), factored."""
        return Solved(self, ratio)

    def within(self, y: Floats) -> Floats:
        """float64[n]: scores less the mean of their application; exact arithmetic would sum them to 0 in each."""
        centred = y - (np.bincount(self.app, weights=y, minlength=self.m) / self.k)[self.app]
        return centred - (np.bincount(self.app, weights=centred, minlength=self.m) / self.k)[self.app]

    def by_panellist(self, of_sheets: Floats) -> Floats:
        return np.asarray(np.bincount(self.rev, weights=of_sheets, minlength=self.r), dtype=np.float64)

    @cached_property
    def components(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Connected component of each application (int32[M]) and of each panellist (int32[R])."""
        graph = sparse.bmat([[None, self.shared], [self.shared.T, None]])
        _, label = sparse.csgraph.connected_components(graph, directed=False)
        return label[: self.m].astype(np.int32), label[self.m :].astype(np.int32)

    @cached_property
    def n_components(self) -> int:
        return int(self.components[0].max(initial=-1)) + 1

    @cached_property
    def identified(self) -> float:
        """The trace of Z'MZ: how much of the severity variance shows within applications."""
        return float(len(self.app) - ((self.shared.multiply(self.shared)).sum(axis=1).A1 / self.k).sum())

    def explained(self, y_within: Floats) -> float:
        """Sum of squares that fixed severities explain within applications: Henderson's R(severity | application)."""
        z = self.by_panellist(y_within)
        small, rows = self._schur(0.0)
        label = self.components[1] if self._keeps_panellists else self.components[0]
        # each component leaves one direction free; filling it in changes no answer that is orthogonal to it
        member = sparse.csr_matrix((np.ones(len(label)), (np.arange(len(label)), label)))
        small = small + (member @ member.T).toarray()
        rhs = z if self._keeps_panellists else -(rows @ z)
        reduced = float(rhs @ lapack.dpotrs(_factor(small), rhs, lower=1)[0])
        return reduced if self._keeps_panellists else reduced + float((z * z / self.loads).sum())

    @property
    def _keeps_panellists(self) -> bool:
        return self.r <= self.m

    def _schur(self, ratio: float) -> tuple[Floats, sparse.csr_matrix]:
        """The smaller block after elimination, and the coupling: eliminated diagonal⁻¹ × B, as rows of the other."""
        if self._keeps_panellists:
            coupling = sparse.diags(1 / self.k) @ self.shared
            block = -(self.shared.T @ coupling).toarray()
            block[np.diag_indices(self.r)] += self.loads + ratio
            return block, coupling.tocsr()
        coupling = self.shared @ sparse.diags(1 / (self.loads + ratio))
        block = -(coupling @ self.shared.T).toarray()
        block[np.diag_indices(self.m)] += self.k
        return block, coupling.tocsr()


class Solved:
    """The equations at one ratio, with the blocks of the inverse that standard errors and deletions need."""

    def __init__(self, equations: Equations, ratio: float) -> None:
        self.of, self.ratio = equations, ratio
        small, self._coupling = equations._schur(ratio)
        self._cholesky = _factor(small)

    @cached_property
    def log_det(self) -> float:
        """log determinant of the equations, up to nothing."""
        eliminated = self.of.k if self.of._keeps_panellists else self.of.loads + self.ratio
        return float(np.log(eliminated).sum() + 2 * np.log(np.diag(self._cholesky)).sum())

    def severities(self, y_within: Floats) -> Floats:
        """float64[R]: predicted severities of scores centred within their application."""
        z = self.of.by_panellist(y_within)
        if self.of._keeps_panellists:
            found = lapack.dpotrs(self._cholesky, z, lower=1)[0]
        else:
            shift = lapack.dpotrs(self._cholesky, -(self._coupling @ z), lower=1)[0]
            found = (z - self.of.shared.T @ shift) / (self.of.loads + self.ratio)
        label = self.of.components[1]
        mean = np.bincount(label, weights=found) / np.bincount(label)
        return np.asarray(found - mean[label])  # they sum to 0 in each component; this takes the rounding dust away

    @cached_property
    def core(self) -> Floats:
        """The inverse of the smaller block."""
        inverse = lapack.dpotri(self._cholesky, lower=1)[0]
        lower = np.tril(inverse, -1)
        return np.asarray(lower + lower.T + np.diag(np.diag(inverse)))

    @cached_property
    def var_value(self) -> Floats:
        """float64[M]: variance of each application's value, in units of the noise variance."""
        if not self.of._keeps_panellists:
            return np.diag(self.core).copy()
        return np.asarray(1 / self.of.k + _quadratic(self._coupling, self.core))

    @cached_property
    def var_severity(self) -> Floats:
        """float64[R]: prediction variance of each severity, in units of the noise variance."""
        if self.of._keeps_panellists:
            return np.diag(self.core).copy()
        return np.asarray(1 / (self.of.loads + self.ratio) + _quadratic(self._coupling.T.tocsr(), self.core))

    @cached_property
    def couple(self) -> Floats:
        """float64[M, R]: covariance of values and severities, in units of the noise variance."""
        if self.of._keeps_panellists:
            return -np.asarray(self._coupling @ self.core)
        return -np.asarray((self._coupling.T @ self.core).T)

    def cov_value(self) -> Floats:
        """float64[M, M]: covariance of the values, in units of the noise variance."""
        if not self.of._keeps_panellists:
            return self.core
        return np.asarray(np.diag(1 / self.of.k) - (self._coupling @ self.couple.T).T)


def _factor(matrix: Floats) -> Floats:
    factor, info = lapack.dpotrf(matrix, lower=1, clean=1)
    if info:
        raise np.linalg.LinAlgError("the equations are not positive definite")
    return np.asarray(factor)


def _quadratic(rows: sparse.csr_matrix, core: Floats) -> Floats:
    """diag(rows · core · rows'), with sparse rows."""
    return np.asarray(rows.multiply(rows @ core).sum(axis=1)).ravel()
