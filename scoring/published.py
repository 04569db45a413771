"""The value of each application that a policy publishes: the aggregate of its sheets, calibrated where that applies.

Totals are exact, severities are floats: they are taken to millionths of a point once, and everything after is exact
again, so that the rows of an explanation add up and a raw mean of 70 never comes back as 69.99999999999999.

>>> from decimal import Decimal
>>> from scoring.records import Scores, Sheet
>>> from scoring.rubric import load
>>> from scoring.totals import total
>>> rubric = load("ppir-default@1")
>>> steps = {("A-1", "e-1"): 5, ("A-1", "e-2"): 4, ("A-2", "e-2"): 3, ("A-2", "e-3"): 3, ("A-3", "e-1"): 4, ("A-3", "e-3"): 3}
>>> sheets = [Sheet(app, who, {code: step for code in rubric.item_codes}) for (app, who), step in steps.items()]
>>> policy = Policy.for_rubric(rubric, gates=(), apply_if="always", cap=Decimal(1))
>>> found = publish(total(Scores.from_sheets(sheets, rubric), rubric), policy)
>>> [str(value) for value in (found.raw.exact("A-1"), found.exact("A-1"), found.exact("A-2"))]
['90', '89', '61']
>>> found.applied, found.why, found.capped
(True, 'always', (True, True, True))
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from scoring.calibration import Fit, calibrate
from scoring.policy import Policy
from scoring.records import Totals, Values
from scoring.totals import values

MILLIONTHS = 1_000_000


@dataclass(frozen=True, eq=False)
class Published:
    """Exact values by ``raw.app_ids``: ``raw`` aggregates, ``shift`` by calibration (0 where it does not apply).

    ``severity`` (R, by ``rev_ids``) is None where calibration does not apply; ``fit`` is None where the policy wants
    none. ``se`` is float64[M], NaN where unknown; ``capped`` marks applications whose shift met the bound of the policy.
    """

    totals: Totals
    policy: Policy
    raw: Values
    fit: Fit | None
    severity: tuple[Fraction, ...] | None
    shift: tuple[Fraction, ...]
    capped: tuple[bool, ...]

    @property
    def applied(self) -> bool:
        return self.severity is not None

    @property
    def why(self) -> str:
        """The reason of the fit, or ``policy`` where the policy wants no calibration."""
        return self.fit.why if self.fit else "policy"

    def exact(self, application_id: str) -> Fraction | None:
        """The exact value before bonus points; None without one. Raises ApplicationUnknown."""
        raw = self.raw.exact(application_id)
        return None if raw is None else raw + self.shift[self.raw.app_ids.index(application_id)]

    def se(self, at: int) -> float | None:
        """Standard error of the value at a place: of the fit, else sd / √k of the sheets; None when unknown."""
        if self.fit is not None:
            return float(self.fit.se[at]) if math.isfinite(self.fit.se[at]) else None
        k = int(self.raw.k[at])
        return float(self.raw.sd[at]) / math.sqrt(k) if k > 1 else None


def publish(totals: Totals, policy: Policy) -> Published:
    """What the policy publishes of these totals."""
    raw = values(totals, policy)
    m = len(raw.app_ids)
    none = (Fraction(0),) * m
    if not policy.calibrates:
        return Published(totals, policy, raw, None, None, none, (False,) * m)
    fit = fit_of(totals, policy)
    if not fit.applied:
        return Published(totals, policy, raw, fit, None, none, (False,) * m)
    severity = _exact_severities(fit)
    sums = [Fraction(0)] * m
    for sheet in np.flatnonzero(totals.counted):
        sums[totals.scores.app[sheet]] += severity[totals.scores.rev[sheet]]
    shifts = [-taken / int(k) if k else Fraction(0) for taken, k in zip(sums, raw.k, strict=True)]
    capped = [policy.cap is not None and abs(s) > policy.cap for s in shifts]
    if policy.cap is not None:
        cap = Fraction(policy.cap)
        shifts = [min(max(s, -cap), cap) for s in shifts]
    return Published(totals, policy, raw, fit, severity, tuple(shifts), tuple(capped))


def _exact_severities(fit: Fit) -> tuple[Fraction, ...]:
    """In whole millionths that sum to exactly 0 in each component: what rounding leaves goes to the greatest of it.

    So a panel that is complete keeps its raw mean to the last digit.
    """
    units = np.array([round(s * MILLIONTHS) if math.isfinite(s) else 0 for s in fit.severity], dtype=np.int64)
    for label in range(int(fit.panellist_component.max(initial=-1)) + 1):
        members = np.flatnonzero(fit.panellist_component == label)
        units[members[np.argmax(np.abs(units[members]))]] -= units[members].sum()
    return tuple(Fraction(int(unit), MILLIONTHS) for unit in units)


def fit_of(totals: Totals, policy: Policy) -> Fit:
    """Model F on the counted sheets of all totals, by moments, without the cap (it is applied to exact values)."""
    scores, counted = totals.scores, totals.counted
    return calibrate(
        totals.value[counted],
        scores.app[counted],
        scores.rev[counted],
        n_applications=len(scores.app_ids),
        n_panellists=len(scores.rev_ids),
        apply_if=policy.apply_if,
    )
