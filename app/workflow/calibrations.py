"""What a run computes, from inputs kept with it: the same inputs give the same results on any machine, years later.

Inputs are plain JSON: sheets as they counted, whose digest names them. Nothing here reads a row or a clock.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

import numpy as np
import scipy

from app import journal
from scoring import decision, explain, flags, graph, influence, patterns, ranking, reliability, totals
from scoring.policy import Policy
from scoring.published import Published, publish
from scoring.records import Decision, Place, Scores, Sheet, Standing
from scoring.rubric import Rubric

LIBRARY = "scoring 2: model F"  # what computed; a run names it, so that a later method does not pass for this one
OUTCOMES = {"recommended": "recommended", "not_recommended": "not_recommended", "insufficient": "quorum_missing"}
DRAWS = 2000
APART: tuple[tuple[str, Any], ...] = (("bonuses", ()), ("group", 0), ("exempt", ()))  # what a sheet's row says of its dossier
PLACES = 4  # of floats that are kept: beyond them machines differ


@dataclass(frozen=True)
class Outputs:
    """`results` by application; `fit` says how sure they are and what made them so."""

    results: Mapping[str, Mapping[str, Any]]
    fit: Mapping[str, Any]


def digest_of(inputs: Sequence[Mapping[str, Any]], rubric_digest: str, policy_digest: str) -> str:
    """What the results depend on and nothing else: sheets as submitted, rubric, rules, library."""
    return journal.sha256({"library": LIBRARY, "rubric": rubric_digest, "policy": policy_digest, "sheets": inputs})


def software() -> dict[str, str]:
    return {"scoring": LIBRARY, "numpy": np.__version__, "scipy": scipy.__version__}


def compute(inputs: Sequence[Mapping[str, Any]], rubric: Rubric, policy: Policy, *, seed: int) -> Outputs:
    """One result for each application with at least one sheet; the rows of its sheets make up the published value."""
    sheets = {(row["application"], row["panellist"]): row for row in inputs}
    bonuses, groups, exempt = ({row["application"]: row.get(name, none) for row in inputs} for name, none in APART)
    scores = Scores.from_sheets(
        [Sheet(a, p, row["marks"], row["gates"]) for (a, p), row in sheets.items()], rubric, groups=groups
    )
    counted = totals.total(scores, rubric, missing=policy.missing, gates=policy.gates)
    published = publish(counted, policy)
    standings = decision.standings_of(published, rubric, bonuses=bonuses, exempt=exempt)
    submitted = {row["application"]: datetime.fromisoformat(row["submitted_at"]) for row in inputs}
    ranked = decision.rank([s for s in standings if s.n_sheets >= policy.quorum], policy, submitted)
    places = {place.application_id: place for place in ranked}
    trims = totals.trimmed(counted)
    alarms = {(f.application_id, f.panellist_id): dict(f.data) for f in flags.deviation(counted, policy)}
    sure = _sureness(published, standings, policy, seed)
    results = {}
    for at, standing in enumerate(standings):
        key = standing.application_id
        decided = decision.decide(standing, policy, rubric)
        results[key] = _result(standing, decided, places.get(key), rubric, policy) | {
            "trimmed_mean": points(trims.exact(key), policy),
            "sd": "" if np.isnan(trims.sd[at]) else points(Fraction(float(trims.sd[at])), policy),
            "calibrated": _calibrated(published, at, policy),
            "se": "" if standing.se is None else f"{standing.se:.{PLACES}f}",
            "sheets": _sheet_rows(key, published, rubric, policy, sheets, alarms),
            "detail": sure[at]
            | {"p_pass": _round(decided.p_pass), "borderline": decided.borderline}
            | ({"bonus": points(standing.bonus, policy)} if standing.bonus else {})
            | ({"pass_mark": f"{decided.total.limit:f}"} if standing.group else {}),
        }
    return Outputs(results, _fit(published, policy, seed))


def differences(found: Outputs, results: Mapping[str, Mapping[str, Any]], fit: Mapping[str, Any]) -> list[str]:
    """Where recomputed and kept results differ, each as ``application.field``; machines may differ in the last place."""
    out = [f"{key}: only one of the two has it" for key in sorted(set(found.results) ^ set(results))]
    for key in sorted(set(found.results) & set(results)):
        out += [f"{key}.{name}" for name, value in found.results[key].items() if not _same(value, results[key].get(name))]
    out += [f"fit.{name}" for name, value in found.fit.items() if name != "software" and not _same(value, fit.get(name))]
    return out


# --- one result -----------------------------------------------------------------------------------------------------


def _result(standing: Standing, decided: Decision, place: Place | None, rubric: Rubric, policy: Policy) -> dict[str, Any]:
    lines = {line.code: line for line in decided.cut_lines if line.code not in standing.exempt}
    criteria = [
        {
            "code": criterion.code,
            "mean": points(standing.criteria.get(criterion.code), policy),
            "maximum": criterion.weight,
            "cut_line": f"{line.limit:f}" if (line := lines.get(criterion.code)) else None,
            "met": line.met if line else None,
        }
        for criterion in rubric.criteria
    ]
    return {
        "n_sheets": standing.n_sheets,
        "total": points(standing.value, policy),
        "raw_mean": points(standing.raw, policy),
        "criteria": criteria,
        "gates": [{"code": g.code, "yes": g.n_yes, "no": g.n_no, "met": g.met} for g in decided.gates],
        "outcome": OUTCOMES[decided.status],
        "rank": place.rank if place else None,
        "reasons": [{"code": r.code, "data": {k: v if v is None else str(v) for k, v in r.data.items()}} for r in decided.reasons],
    }


def _sheet_rows(
    key: str,
    published: Published,
    rubric: Rubric,
    policy: Policy,
    sheets: Mapping[tuple[str, str], Mapping[str, Any]],
    alarms: Mapping[tuple[str, str], Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Alias, total, severity, share of the published value and alarm of each sheet; the shares add up to the value."""
    found = []
    for row in explain.rows_behind(key, published, rubric).rows:
        sheet = sheets[(key, row.panellist_id)]
        found.append(
            {
                "alias": sheet["alias"],
                "sheet": sheet["sheet"],
                "receipt": sheet["receipt"],
                "total": points(row.total, policy),
                "criteria": {code: points(value, policy) for code, value in row.by_criterion.items()},
                "kept": row.kept,
                "severity": str(row.severity),
                "share": str(row.share),
                "alarm": alarms.get((key, row.panellist_id)),
            }
        )
    return sorted(found, key=lambda r: str(r["alias"]))


def points(value: Fraction | None, policy: Policy) -> str:
    return "" if value is None else f"{decision.round_half_up(value, policy.decimals):f}"


def _calibrated(published: Published, at: int, policy: Policy) -> str:
    """What calibration gives, whether or not it applies; empty where the policy wants none."""
    key = published.raw.app_ids[at]
    if published.fit is None or (exact := published.exact(key)) is None:
        return ""
    if published.applied:
        return points(exact, policy)
    rows = published.totals.counted & (published.totals.scores.app == at)
    severity = np.nan_to_num(published.fit.severity)[published.totals.scores.rev[rows]]
    return points(exact - Fraction(round(float(severity.mean()), 6)), policy)


# --- how sure it is --------------------------------------------------------------------------------------------------


def _sureness(published: Published, standings: Sequence[Standing], policy: Policy, seed: int) -> list[dict[str, Any]]:
    """Interval, leave-one-out range with flips, and the interval of the rank of each application."""
    fit, app_ids = published.fit, published.raw.app_ids
    moved = zip(published.capped, published.shift, strict=True)
    found: list[dict[str, Any]] = [{"capped": capped, "shift": str(shift)} for capped, shift in moved]
    if fit is None:
        return found
    bonus = np.array([float(s.bonus) for s in standings])
    marks = np.array([float(policy.mark_of(s.group)) for s in standings])
    without = influence.influence(fit, pass_mark=marks - bonus, decimals=policy.decimals)
    shown = np.array([np.nan if s.value is None else float(s.value) for s in standings])
    places = ranking.rank(np.round(shown, policy.decimals), fit.covariance(), DRAWS, seed)
    reach = fit.quantile() * fit.se
    for at, row in enumerate(found):
        row |= {
            "low": _round(shown[at] - reach[at]),
            "high": _round(shown[at] + reach[at]),
            "without_low": _round(without.low[at] + bonus[at]),
            "without_high": _round(without.high[at] + bonus[at]),
            "flips": [],
            "rank_low": int(places.low[at]),
            "rank_high": int(places.high[at]),
        }
    scores = published.totals.scores
    rows = np.flatnonzero(published.totals.counted)
    for flip in without.flips:
        author = flip.deleted if flip.kind == "panellist" else int(scores.rev[rows[flip.deleted]])
        of = "" if flip.kind == "panellist" else app_ids[scores.app[rows[flip.deleted]]]
        total = _round(flip.without + bonus[flip.application])
        told = {"kind": flip.kind, "panellist": scores.rev_ids[author], "of": of, "without": total}
        found[flip.application]["flips"].append(told)
    return found


def _fit(published: Published, policy: Policy, seed: int) -> dict[str, Any]:
    scores, counted = published.totals.scores, published.totals.counted
    value, app, rev = published.totals.value[counted], scores.app[counted], scores.rev[counted]
    agreed = reliability.reliability(value, app, rev, seed=seed)
    linked = graph.graph(app, rev)
    told: dict[str, Any] = {
        "applied": published.applied,
        "why": published.why,
        "seed": seed,
        "draws": DRAWS,
        "software": software(),
        "components": linked.n_components,
        "connectivity": [_round(c) for c in linked.connectivity],
        "reliability": {name: _round(getattr(agreed, name)) for name in ("icc_1", "icc_k", "alpha", "k")}
        | {f"{name}_range": [_round(x) for x in getattr(agreed, f"{name}_range")] for name in ("icc_1", "icc_k", "alpha")},
        "panellists": [],
        "flags": [],
    }
    if (fit := published.fit) is None:
        return told
    told |= {
        "method": fit.variance.method,
        "residual": _round(fit.variance.residual),
        "severity": _round(fit.variance.severity),
        "likelihood_ratio": _round(fit.variance.likelihood_ratio),
        "quantile": _round(fit.quantile()),
    }
    told["panellists"] = [
        {"panellist": key, "severity": _round(fit.severity[at]), "se": _round(fit.severity_se[at]), "n": int(fit.n[at])}
        for at, key in enumerate(scores.rev_ids)
    ]
    told["flags"] = [
        {"code": f.code, "application": f.application_id, "panellist": f.panellist_id, "data": dict(f.data)}
        for f in patterns.patterns(fit, scores.app_ids, scores.rev_ids, seed=seed)
    ]
    return told


def _round(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), PLACES) + 0.0


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return set(one) == set(other) and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if one == other:
        return True
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    try:
        return abs(Fraction(one) - Fraction(other)) <= Fraction(2, 10**PLACES)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        return False
