"""Prompts to reread a sheet: the deviation rule of the call, and one and the same step all the way down.

A flag never decides anything: its author explains, and may adjust; the original marks stay.

>>> from scoring.policy import Policy
>>> from scoring.records import Sheet
>>> from scoring.rubric import load
>>> rubric = load("ppir-default@1")
>>> steps = {"e-1": 4, "e-2": 4, "e-3": 2}
>>> sheets = [Sheet("A-117", who, {code: step for code in rubric.item_codes}) for who, step in steps.items()]
>>> policy = Policy.for_rubric(rubric, gates=())
>>> [(flag.code, flag.panellist_id) for flag in flags(Scores.from_sheets(sheets, rubric), rubric, policy)][:3]
[('deviation', 'e-1'), ('straight_lining', 'e-1'), ('deviation', 'e-2')]
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from scoring.decision import round_half_up
from scoring.policy import Policy
from scoring.records import UNMARKED, Flag, Scores, Totals
from scoring.rubric import Rubric
from scoring.totals import raw, total


def flags(scores: Scores, rubric: Rubric, policy: Policy) -> tuple[Flag, ...]:
    """All flags, ordered by application and panellist; give locked sheets only.

    Raises what :func:`scoring.totals.total` raises.
    """
    totals = total(scores, rubric, missing=policy.missing, gates=policy.gates)
    found = [*deviation(totals, policy), *straight_lining(scores)]
    return tuple(sorted(found, key=lambda flag: (flag.application_id, flag.panellist_id, flag.code)))


def deviation(totals: Totals, policy: Policy) -> tuple[Flag, ...]:
    """Sheets with |total − mean| > deviation_pct % of the mean, the mean of all counted sheets, its own included.

    Compared exactly: at a mean of 70 and 10 % the alarm is below 63 and above 77, not at 63.00 or 77.00. ``data`` holds
    ``total, mean, low, high`` (points as text, rounded by the policy) and ``side`` (``below`` or ``above``).
    """
    found = []
    means = raw(totals)
    mean_by_app = [means.exact(identity) for identity in totals.scores.app_ids]
    for sheet in np.flatnonzero(totals.counted):
        app, rev = int(totals.scores.app[sheet]), int(totals.scores.rev[sheet])
        mean, points = mean_by_app[app] or Fraction(0), totals.exact(int(sheet))
        allowed = mean * Fraction(policy.deviation_pct) / 100
        if abs(points - mean) > allowed:
            shown = {"total": points, "mean": mean, "low": mean - allowed, "high": mean + allowed}
            data = {name: f"{round_half_up(value, policy.decimals):f}" for name, value in shown.items()}
            data["side"] = "below" if points < mean else "above"
            found.append(Flag("deviation", totals.scores.app_ids[app], totals.scores.rev_ids[rev], data))
    return tuple(found)


def straight_lining(scores: Scores) -> tuple[Flag, ...]:
    """Sheets with every item marked, all with the same step, two items at least. ``data``: ``step, n_items``."""
    if len(scores.item_codes) < 2:
        return ()
    first = scores.steps[:, :1]
    straight = (scores.steps == first).all(axis=1) & (first[:, 0] != UNMARKED)
    return tuple(
        Flag(
            "straight_lining",
            scores.app_ids[scores.app[sheet]],
            scores.rev_ids[scores.rev[sheet]],
            {"step": int(first[sheet, 0]), "n_items": len(scores.item_codes)},
        )
        for sheet in np.flatnonzero(straight)
    )
