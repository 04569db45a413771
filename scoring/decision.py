"""From values to a decision: every rule with its own result, the reasons as codes, and a ranking with its tie-breaks.

>>> from fractions import Fraction
>>> from scoring.rubric import load
>>> rubric = load("ppir-default@1")
>>> criteria = {"C1": Fraction(24), "C2": Fraction(18), "C3": Fraction("14.99"), "C4": Fraction(19)}
>>> standing = Standing("A-117", sum(criteria.values()), criteria, {}, n_sheets=5)
>>> decision = decide(standing, Policy.for_rubric(rubric, gates=()), rubric)
>>> decision.status, str(decision.value), [(reason.code, reason.data["cut_line"]) for reason in decision.reasons]
('not_recommended', '75.99', [('below_cut_line', 'C3')])
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any

import numpy as np
from scipy.special import stdtr

from scoring.errors import ApplicationUnknown, PolicyInvalid
from scoring.policy import SUBMITTED, TOTAL, CutLine, Policy
from scoring.published import Published, publish
from scoring.records import Check, Decision, GateCheck, Place, Reason, Scores, Standing, Status
from scoring.rubric import Rubric
from scoring.totals import total


def round_half_up(value: Fraction | Decimal | float, decimals: int) -> Decimal:
    """The value rounded to ``decimals`` places, halves away from zero; exact, whatever the decimal context.

    >>> round_half_up(Fraction("69.995"), 2), round_half_up(70 - 1.4e-14, 2), round_half_up(Fraction(-5, 2), 0)
    (Decimal('70.00'), Decimal('70.00'), Decimal('-3'))
    """
    exact = Fraction(value)
    units = math.floor(abs(exact) * 10**decimals + Fraction(1, 2))
    return Decimal(f"{'-' if exact < 0 else ''}{units}E-{decimals}")


def standings(
    scores: Scores,
    rubric: Rubric,
    policy: Policy,
    *,
    bonuses: Mapping[str, Iterable[str]] | None = None,
    exempt: Mapping[str, Iterable[str]] | None = None,
) -> tuple[Standing, ...]:
    """Where each application stands, in the order of ``scores.app_ids``; give locked sheets only.

    ``value`` is what the policy publishes (:mod:`scoring.published`), with the points of the ``bonuses`` an application
    has; ``criteria`` are raw means, with which cut-lines are compared whatever the aggregate and the calibration.
    ``exempt`` names checks it need not meet. Raises what :func:`scoring.totals.total` raises, and PolicyInvalid when
    the policy names what the rubric has not.
    """
    policy.check(rubric)
    totals = total(scores, rubric, missing=policy.missing, gates=policy.gates)
    return standings_of(publish(totals, policy), rubric, bonuses=bonuses, exempt=exempt)


def standings_of(
    published: Published,
    rubric: Rubric,
    *,
    bonuses: Mapping[str, Iterable[str]] | None = None,
    exempt: Mapping[str, Iterable[str]] | None = None,
) -> tuple[Standing, ...]:
    """The same from values already published."""
    totals, policy = published.totals, published.policy
    scores = totals.scores
    rows_by_app: list[list[int]] = [[] for _ in scores.app_ids]
    for row in np.flatnonzero(totals.counted):
        rows_by_app[scores.app[row]].append(int(row))
    found = []
    for at, (identity, rows) in enumerate(zip(scores.app_ids, rows_by_app, strict=True)):
        k = len(rows)
        sums = totals.by_criterion[rows].sum(axis=0).tolist()
        means = [Fraction(points, totals.unit * k) for points in sums] if k else []
        criteria = dict(zip(rubric.criterion_codes, means, strict=False))
        votes = {code: _votes(scores, rows, code) for code in policy.gates}
        value = published.exact(identity)
        bonus = bonus_points(policy, (bonuses or {}).get(identity, ()), value)
        found.append(
            Standing(
                identity,
                None if value is None else value + bonus,
                criteria,
                votes,
                k,
                published.se(at),
                degrees=published.fit.degrees if published.fit else 0,
                raw=published.raw.exact(identity),
                bonus=bonus,
                group=int(scores.group[at]),
                exempt=frozenset((exempt or {}).get(identity, ())),
            )
        )
    return tuple(found)


def bonus_points(policy: Policy, codes: Iterable[str], value: Fraction | None) -> Fraction:
    """Points of the bonuses an application has, within the policy's most and never beyond a total of 100."""
    has = set(codes)
    unknown = has - {bonus.code for bonus in policy.bonuses}
    if unknown:
        raise PolicyInvalid(field="bonuses", reason=f"names no {min(unknown)}")
    points = sum((Fraction(bonus.points) for bonus in policy.bonuses if bonus.code in has), Fraction(0))
    if policy.bonus_most is not None:
        points = min(points, Fraction(policy.bonus_most))
    return points if value is None else max(Fraction(0), min(points, 100 - value))


def decide(standing: Standing, policy: Policy, rubric: Rubric) -> Decision:
    """The decision on one application.

    Rounds half-up to the decimals of the policy before every comparison. ``recommended`` ⇔ quorum reached, no gate
    failed by a majority, every cut-line met, total at the pass mark or above; ``insufficient`` ⇔ fewer sheets than the
    quorum, or no value; else ``not_recommended``. ``reasons`` name everything that stands against, or ``all_met``.
    Sequential stages stop at the first that fails: what comes after is in the checks, but is no reason.
    """
    total_check = _check(TOTAL, standing.value, Fraction(policy.mark_of(standing.group)), policy)
    cut_lines = tuple(_cut_line(standing, line, policy, rubric) for line in policy.cut_lines)
    gates = tuple(_gate(standing, code) for code in policy.gates)
    quorum = Check("quorum", Decimal(standing.n_sheets), Decimal(policy.quorum), standing.n_sheets >= policy.quorum)
    against = _against(standing, policy, total_check, cut_lines, gates, quorum)
    status: Status = "recommended"
    if not quorum.met or total_check.value is None:
        status = "insufficient"
    elif against:
        status = "not_recommended"
    p_pass = _p_pass(total_check, standing.se, standing.degrees)
    return Decision(
        application_id=standing.application_id,
        status=status,
        value=total_check.value,
        exact=standing.value,
        total=total_check,
        cut_lines=cut_lines,
        gates=gates,
        quorum=quorum,
        p_pass=p_pass,
        borderline=status != "insufficient" and _inside(p_pass, policy.borderline),
        reasons=against or (Reason("all_met", _limits(total_check)),),
    )


def rank(standings: Iterable[Standing], policy: Policy, submitted: Mapping[str, datetime]) -> tuple[Place, ...]:
    """Applications from the best value down, ties parted by ``policy.tie_break`` in its order.

    Values are compared as rounded. A criterion puts the higher raw mean first, ``submitted`` the earlier time. What is
    still tied shares its rank, and the next rank is skipped. Applications without a value are not ranked.
    Raises ApplicationUnknown when ``submitted`` is a tie-break and lacks one of them.
    """
    rows = []
    for standing in standings:
        if standing.value is not None:
            keys = tuple(_tie_key(standing, name, policy, submitted) for name in policy.tie_break)
            rows.append((round_half_up(standing.value, policy.decimals), keys, standing.application_id))
    rows.sort(key=lambda row: (-row[0], row[1], row[2]))
    places: list[Place] = []
    for value, peers in groupby(rows, key=lambda row: row[0]):
        group, ahead = list(peers), len(places)
        for _, keys, identity in group:
            better = sum(other < keys for _, other, _ in group)
            parted = {_first_difference(keys, other) for _, other, rival in group if rival != identity}
            decided_by = tuple(name for at, name in enumerate(policy.tie_break) if at in parted)
            places.append(Place(1 + ahead + better, identity, value, decided_by, tied=None in parted))
    return tuple(places)


# --- one rule each -------------------------------------------------------------------------------------------------


def _check(code: str, value: Fraction | None, limit: Fraction, policy: Policy) -> Check:
    # the limit is rounded like the value: what is shown as 15.63 of 15.63 has met it
    least = round_half_up(limit, policy.decimals)
    if value is None:
        return Check(code, None, least, met=False)
    rounded = round_half_up(value, policy.decimals)
    return Check(code, rounded, least, met=rounded >= least)


def _cut_line(standing: Standing, line: CutLine, policy: Policy, rubric: Rubric) -> Check:
    weight = sum(rubric.criterion(code).weight for code in line.criteria)
    limit = Fraction(line.pct) * weight / 100
    points = [standing.criteria[code] for code in line.criteria if code in standing.criteria]
    complete = len(points) == len(line.criteria)
    return _check(line.code, sum(points, Fraction(0)) if complete else None, limit, policy)


def _gate(standing: Standing, code: str) -> GateCheck:
    n_yes, n_no = standing.votes.get(code, (0, 0))
    return GateCheck(code, n_yes, n_no, met=2 * n_no <= standing.n_sheets)


def _against(
    standing: Standing,
    policy: Policy,
    total_check: Check,
    cut_lines: Sequence[Check],
    gates: Sequence[GateCheck],
    quorum: Check,
) -> tuple[Reason, ...]:
    """Everything that stands against; without enough sheets only that, since the rest may still change."""
    if not quorum.met:
        return (Reason("below_quorum", {"n_sheets": standing.n_sheets, "quorum": policy.quorum}),)
    if total_check.value is None:
        return (Reason("no_value", {"n_sheets": standing.n_sheets, "aggregate": policy.aggregate}),)
    failed = {g.code: Reason("gate_failed", {"gate": g.code, "n_yes": g.n_yes, "n_no": g.n_no}) for g in gates if not g.met}
    failed |= {c.code: Reason("below_cut_line", {"cut_line": c.code} | _limits(c)) for c in cut_lines if not c.met}
    if not total_check.met:
        failed[TOTAL] = Reason("below_pass_mark", _limits(total_check))
    failed = {code: reason for code, reason in failed.items() if code not in standing.exempt}
    if policy.order == "sequential":
        for stage in policy.stages:
            here = tuple(reason for code, reason in failed.items() if code in stage.checks)
            if here:
                return here
    return tuple(failed.values())


def _limits(check: Check) -> dict[str, Any]:
    return {"value": None if check.value is None else f"{check.value:f}", "limit": f"{check.limit:f}"}


def _p_pass(check: Check, se: float | None, degrees: int) -> float | None:
    """P(true value >= limit) under an error of ``se`` points: Student's t, normal where no degrees are known."""
    if check.value is None or se is None:
        return None
    distance = float(check.value - check.limit)
    if se == 0:
        return 1.0 if distance >= 0 else 0.0
    if degrees > 0:
        return float(stdtr(degrees, distance / se))
    return 0.5 * math.erfc(-distance / (se * math.sqrt(2)))


def _inside(p_pass: float | None, band: tuple[Decimal, Decimal] | None) -> bool:
    return p_pass is not None and band is not None and band[0] <= Decimal(p_pass) <= band[1]


def _votes(scores: Scores, rows: Sequence[int], code: str) -> tuple[int, int]:
    answers = scores.gates[rows, scores.gate_codes.index(code)]
    return int((answers == 1).sum()), int((answers == 0).sum())


def _tie_key(standing: Standing, name: str, policy: Policy, submitted: Mapping[str, datetime]) -> Decimal | datetime:
    """Smaller is better."""
    if name == SUBMITTED:
        if standing.application_id not in submitted:
            raise ApplicationUnknown(application_id=standing.application_id)
        return submitted[standing.application_id]
    return -round_half_up(standing.criteria.get(name, Fraction(0)), policy.decimals)


def _first_difference(mine: Sequence[object], theirs: Sequence[object]) -> int | None:
    return next((at for at, (one, other) in enumerate(zip(mine, theirs, strict=True)) if one != other), None)
