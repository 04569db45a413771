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

from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from scoring.decision import bonus_points, round_half_up
from scoring.policy import Policy
from scoring.published import Published, publish
from scoring.records import Explanation, Row, Scores, Totals
from scoring.rubric import Rubric
from scoring.totals import middles, total


def explain(application_id: str, scores: Scores, rubric: Rubric, policy: Policy, *, bonus: Iterable[str] = ()) -> Explanation:
    """The rows behind the value of one application, in the order of the panellists' ids.

    ``bonus`` names the bonuses it has. For many applications of one round use :func:`rows_behind`, which takes the
    published values as they are instead of fitting them again.

    A sheet left out as incomplete has a row with ``kept`` False. Without a value (no sheet; fewer than three for the
    trimmed mean) every share is 0. Raises ApplicationUnknown, and what :func:`scoring.totals.total` raises.
    """
    totals = total(scores, rubric, missing=policy.missing, gates=policy.gates)
    return rows_behind(application_id, publish(totals, policy), rubric, bonus=bonus)


def rows_behind(application_id: str, published: Published, rubric: Rubric, *, bonus: Iterable[str] = ()) -> Explanation:
    """The same from values already published. Raises ApplicationUnknown."""
    totals, policy = published.totals, published.policy
    scores = totals.scores
    at = scores.app_at(application_id)
    raw, value = published.raw.exact(application_id), published.exact(application_id)
    severity = published.severity or (Fraction(0),) * len(scores.rev_ids)
    sheets = [int(sheet) for sheet in np.flatnonzero(scores.app == at)]
    if policy.aggregate == "median":
        shares = _shares_of_medians(totals, sheets)
    else:
        kept = [sheet for sheet in sheets if published.raw.kept[sheet]]
        shares = {sheet: (totals.exact(sheet) - severity[scores.rev[sheet]]) / len(kept) for sheet in kept}
    rows = [
        Row(
            panellist_id=scores.rev_ids[scores.rev[sheet]],
            total=totals.exact(sheet),
            by_criterion={
                code: Fraction(int(points), totals.unit)
                for code, points in zip(rubric.criterion_codes, totals.by_criterion[sheet], strict=True)
            },
            kept=bool(published.raw.kept[sheet]),
            share=shares.get(sheet, Fraction(0)),
            severity=severity[scores.rev[sheet]] if published.raw.kept[sheet] else Fraction(0),
        )
        for sheet in sheets
    ]
    rows.sort(key=lambda row: row.panellist_id)
    added = bonus_points(policy, bonus, value)
    whole = None if value is None else value + added
    return Explanation(
        application_id,
        policy.aggregate,
        whole,
        tuple(rows),
        raw=raw,
        cap=Fraction(0) if value is None else value - sum((row.share for row in rows), Fraction(0)),
        bonus=added,
        published=None if whole is None else round_half_up(whole, policy.decimals),
        calibrated=published.applied,
    )


def _shares_of_medians(totals: Totals, sheets: list[int]) -> dict[int, Fraction]:
    """A middle sheet of a criterion gives half its points there, twice when it is the only middle."""
    shares = dict.fromkeys(sheets, Fraction(0))
    for column in range(len(totals.criterion_codes)):
        for middle in np.concatenate(middles(totals, column)).tolist():
            if middle in shares:
                shares[middle] += Fraction(int(totals.by_criterion[middle, column]), 2 * totals.unit)
    return shares
