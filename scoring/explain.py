"""Why an application has its value: one row per sheet, whose shares add up to the published value exactly.

>>> from scoring.records import Sheet
>>> from scoring.rubric import load
>>> rubric = load("ppir-default@1")
>>> steps = {"e-1": 3, "e-2": 4, "e-3": 5}
>>> sheets = [Sheet("A-117", who, {code: step for code in rubric.item_codes}) for who, step in steps.items()]
>>> policy = Policy.for_rubric(rubric, aggregate="trimmed", gates=())
>>> explanation = explain("A-117", Scores.from_sheets(sheets, rubric), rubric, policy)
>>> [(row.panellist_id, int(row.total), row.kept, int(row.share)) for row in explanation.rows]
[('e-1', 60, False, 0), ('e-2', 80, True, 80), ('e-3', 100, False, 0)]
>>> explanation.value
Fraction(80, 1)
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from scoring.policy import Policy
from scoring.records import Explanation, Row, Scores, Totals
from scoring.rubric import Rubric
from scoring.totals import middles, total, values


def explain(application_id: str, scores: Scores, rubric: Rubric, policy: Policy) -> Explanation:
    """The rows behind the value of one application, in the order of the panellists' ids.

    A sheet left out as incomplete has a row with ``kept`` False. Without a value (no sheet; fewer than three for the
    trimmed mean) every share is 0. Raises ApplicationUnknown, and what :func:`scoring.totals.total` raises.
    """
    at = scores.app_at(application_id)
    totals = total(scores, rubric, missing=policy.missing, gates=policy.gates)
    published = values(totals, policy)
    value = published.exact(application_id)
    sheets = [int(sheet) for sheet in np.flatnonzero(scores.app == at)]
    if policy.aggregate == "median":
        shares = _shares_of_medians(totals, sheets)
    else:
        n_kept = int(published.kept[sheets].sum())
        shares = {sheet: totals.exact(sheet) / n_kept for sheet in sheets if published.kept[sheet]}
    rows = [
        Row(
            panellist_id=scores.rev_ids[scores.rev[sheet]],
            total=totals.exact(sheet),
            by_criterion={
                code: Fraction(int(points), totals.unit)
                for code, points in zip(rubric.criterion_codes, totals.by_criterion[sheet], strict=True)
            },
            kept=bool(published.kept[sheet]),
            share=shares.get(sheet, Fraction(0)),
        )
        for sheet in sheets
    ]
    rows.sort(key=lambda row: row.panellist_id)
    return Explanation(application_id, policy.aggregate, value, tuple(rows))


def _shares_of_medians(totals: Totals, sheets: list[int]) -> dict[int, Fraction]:
    """A middle sheet of a criterion gives half its points there, twice when it is the only middle."""
    shares = dict.fromkeys(sheets, Fraction(0))
    for column in range(len(totals.criterion_codes)):
        for middle in np.concatenate(middles(totals, column)).tolist():
            if middle in shares:
                shares[middle] += Fraction(int(totals.by_criterion[middle, column]), 2 * totals.unit)
    return shares
