"""Who can be compared with whom: the graph of applications and the panellists who scored them.

Applications in different components share no panellist, not even through others, and cannot be equated. Within one, the
algebraic connectivity says how strongly it hangs together: 0 nearly falls apart, 1 everybody scored everything (the
second smallest eigenvalue of the normalised Laplacian of the panellists' graph, Fiedler 1973).

>>> found = graph(np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 2, 3]))
>>> found.n_components, found.component.tolist(), found.connectivity.round(3).tolist()
(2, [0, 0, 1], [1.0, 1.0])
>>> found.overlap.tolist()
[[0, 1, 2], [2, 3, 1]]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from scoring.equations import Equations


@dataclass(frozen=True, eq=False)
class Graph:
    """``component`` int32[M] and ``panellist_component`` int32[R] (-1 without a sheet), ``connectivity`` float64[components]
    of 0–1, ``overlap`` int[pairs, 3]: two panellists and how many applications both scored (at least one)."""

    component: NDArray[np.int32]
    panellist_component: NDArray[np.int32]
    connectivity: NDArray[np.float64]
    overlap: NDArray[np.int64]

    @property
    def n_components(self) -> int:
        return len(self.connectivity)

    def comparable(self, one: int, other: int) -> bool:
        """Whether two applications (places) can be compared."""
        return bool(self.component[one] == self.component[other] and self.component[one] >= 0)


def graph(app: NDArray[Any], rev: NDArray[Any]) -> Graph:
    """The graph of ``app`` int[n] and ``rev`` int[n], one entry per sheet; ids may have gaps."""
    app, rev = np.asarray(app), np.asarray(rev)
    has, app_at = np.unique(app, return_inverse=True)
    scorers, rev_at = np.unique(rev, return_inverse=True)
    component = np.full(int(app.max(initial=-1)) + 1, -1, dtype=np.int32)
    panellist = np.full(int(rev.max(initial=-1)) + 1, -1, dtype=np.int32)
    if not len(app):
        return Graph(component, panellist, np.zeros(0), np.zeros((0, 3), dtype=np.int64))
    equations = Equations(app_at, rev_at, len(has), len(scorers))
    of_app, of_rev = equations.components
    component[has], panellist[scorers] = of_app, of_rev
    connectivity = np.array([_connectivity(equations, of_app == c, of_rev == c) for c in range(equations.n_components)])
    both = sparse.triu((equations.shared > 0).astype(np.int64).T @ (equations.shared > 0).astype(np.int64), k=1).tocoo()
    overlap = np.column_stack([scorers[both.row], scorers[both.col], both.data]).astype(np.int64)
    return Graph(component, panellist, connectivity, overlap[np.lexsort((overlap[:, 1], overlap[:, 0]))])


def _connectivity(equations: Equations, apps: NDArray[np.bool_], revs: NDArray[np.bool_]) -> float:
    """1 − σ₂² of the doubly normalised incidence; 1 for a single panellist or a single application."""
    if apps.sum() == 1 or revs.sum() == 1:
        return 1.0
    part = equations.shared[apps][:, revs]
    scaled = sparse.diags(equations.k[apps] ** -0.5) @ part @ sparse.diags(equations.loads[revs] ** -0.5)
    square = (scaled.T @ scaled if scaled.shape[1] <= scaled.shape[0] else scaled @ scaled.T).toarray()
    second = np.linalg.eigvalsh(square)[-2]
    return float(min(max(1 - second, 0.0), 1.0))
