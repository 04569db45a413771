"""How sure results are: what a run found out about panellists, panels and decisions, of a whole round or of one panel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import nan, sqrt
from typing import Any, Protocol

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.applications import Application
from app.queries.seen_runs import SeenRun
from app.workflow import triage
from scoring.compare import Comparison, compare
from scoring.graph import graph

MOST = 40  # applications or panellists in one picture; the table of the ranking has them all


class Judged(triage.Judged, Protocol):
    """A result as stored, or as computed for one reader."""

    @property
    def raw_mean(self) -> str: ...
    @property
    def trimmed_mean(self) -> str: ...
    @property
    def calibrated(self) -> str: ...
    @property
    def rank(self) -> int | None: ...
    @property
    def detail(self) -> dict[str, Any] | None: ...


@dataclass(frozen=True)
class Value:
    """One application: `status` pass, borderline or fail; `flips` deletions that would change its decision.

    `pass_mark` is the one it is held against; `bonus` is part of the total, not of the raw mean.
    """

    key: str
    label: str
    field: str
    total: float
    raw: float
    trimmed: float | None
    calibrated: float
    low: float
    high: float
    without_low: float
    without_high: float
    flips: int
    status: str
    p_pass: float | None
    rank: int | None
    rank_low: int
    rank_high: int
    pass_mark: float
    bonus: float


@dataclass(frozen=True)
class Severity:
    alias: str
    value: float
    reach: float
    n: int


@dataclass(frozen=True)
class Tie:
    """Reviews of one sub-field, those by panellists who also judge another, and its disconnected parts."""

    field: str
    reviews: int
    shared: int
    components: int


@dataclass(frozen=True)
class Certainty:
    """What the pictures are drawn from; plain values, so that minutes can keep it."""

    pass_mark: float
    values: tuple[Value, ...]
    severities: tuple[Severity, ...]
    residuals: tuple[tuple[str, str, float], ...]  # panellist, application, points
    noise: float  # standard deviation of one sheet
    ties: tuple[Tie, ...]

    @property
    def movement(self) -> Comparison:
        return compare(
            [v.label for v in self.values],
            raw=[v.raw + v.bonus for v in self.values],
            trimmed=[nan if v.trimmed is None else v.trimmed for v in self.values],
            calibrated=[v.total for v in self.values],
            pass_mark=[v.pass_mark for v in self.values],
        )

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_data(kept: Mapping[str, Any]) -> Certainty:
        return Certainty(
            kept["pass_mark"],
            tuple(Value(**row) for row in kept["values"]),
            tuple(Severity(**row) for row in kept["severities"]),
            tuple((str(who), str(label), float(points)) for who, label, points in kept["residuals"]),
            kept["noise"],
            tuple(Tie(**row) for row in kept["ties"]),
        )


def of_panel(session: Session, seen: SeenRun, applications: Sequence[Application]) -> Certainty | None:
    """The same of one panel's dossiers and members, by alias, from the run as its reader may see it; callers check who reads."""
    if not seen.fit.get("panellists") or not seen.inputs:
        return None
    results = [(a, seen.results[a.public_id]) for a in applications if a.public_id in seen.results]
    here = {a.public_id for a, _ in results}
    aliases = {row["panellist"]: row["alias"] for row in seen.inputs if row["application"] in here}
    judged = {str(row["application"]) for row in seen.inputs}
    fields = session.execute(select(Application.public_id, Application.field_1).where(Application.public_id.in_(judged)))
    return of(seen.fit, seen.inputs, seen.policy, results, aliases, {str(key): str(code) for key, code in fields})


def of(
    fit: Mapping[str, Any],
    inputs: Sequence[Mapping[str, Any]],
    policy: Mapping[str, Any],
    results: Sequence[tuple[Application, Judged]],
    aliases: Mapping[str, str],
    field_of: Mapping[str, str],
) -> Certainty:
    """Of these results, out of a run with this fit; `aliases`: what its panellists are called, `field_of`: every application's."""
    pass_mark, quantile = float(str(policy["pass_mark"])), fit.get("quantile") or 0.0
    severities = [
        Severity(aliases[p["panellist"]], p["severity"], quantile * p["se"], p["n"])
        for p in fit["panellists"]
        if p["panellist"] in aliases and p["se"] is not None and p["severity"] is not None
    ]
    return Certainty(
        pass_mark,
        tuple(_value(a, r, pass_mark) for a, r in results if r.total),
        tuple(sorted(severities, key=lambda s: (s.value, s.alias))),
        _residuals(fit, inputs, results, aliases),
        sqrt(fit.get("residual") or 0.0),
        _ties(inputs, field_of, {a.public_id for a, _ in results}),
    )


def _value(application: Application, result: Judged, pass_mark: float) -> Value:
    detail = result.detail or {}
    total = float(result.total)

    def known(name: str) -> float:
        return total if detail.get(name) is None else float(detail[name])

    status = "borderline" if detail.get("borderline") else "pass" if result.outcome == "recommended" else "fail"
    return Value(
        application.public_id,
        application.label,
        application.field_1,
        total,
        float(result.raw_mean),
        float(result.trimmed_mean) if result.trimmed_mean else None,
        float(result.calibrated or result.total),
        max(0.0, known("low")),
        min(max(100.0, total), known("high")),
        known("without_low"),
        known("without_high"),
        len(detail.get("flips", ())),
        status,
        detail.get("p_pass"),
        result.rank,
        detail.get("rank_low") or 0,
        detail.get("rank_high") or 0,
        float(detail.get("pass_mark") or pass_mark),
        float(detail.get("bonus") or 0),
    )


def _residuals(
    fit: Mapping[str, Any],
    inputs: Iterable[Mapping[str, Any]],
    results: Sequence[tuple[Application, Judged]],
    aliases: Mapping[str, str],
) -> tuple[tuple[str, str, float], ...]:
    """What neither the application nor its author's severity explains, of the applications where most is left over."""
    severity = {p["panellist"]: p["severity"] or 0.0 for p in fit["panellists"]}
    author = {row["sheet"]: row["panellist"] for row in inputs}
    found: dict[str, list[tuple[str, str, float]]] = {}
    for application, r in results:
        if r.calibrated:
            found[application.label] = [
                (aliases[who], application.label, float(s["total"]) - float(r.calibrated) - severity[who])
                for s in r.sheets
                if (who := author[s["sheet"]]) in aliases
            ]
    telling = sorted(found, key=lambda label: -max((abs(cell[2]) for cell in found[label]), default=0.0))
    cells: list[tuple[str, str, float]] = []
    for label in telling[:MOST]:
        if len({c[0] for c in cells} | {c[0] for c in found[label]}) <= MOST:
            cells += found[label]
    return tuple(cells)


def _ties(inputs: Sequence[Mapping[str, Any]], field_of: Mapping[str, str], shown: Collection[str]) -> tuple[Tie, ...]:
    """Of the applications in `shown`, by sub-field; what their panellists judge elsewhere makes them shared."""
    apps = sorted({str(row["application"]) for row in inputs})
    revs = sorted({str(row["panellist"]) for row in inputs})
    app = np.array([apps.index(row["application"]) for row in inputs])
    linked = graph(app, np.array([revs.index(row["panellist"]) for row in inputs]))
    fields: dict[str, set[str]] = defaultdict(set)
    for row in inputs:
        fields[row["panellist"]].add(field_of.get(row["application"], ""))
    found = []
    for field in sorted({code for key in shown if (code := field_of.get(key))}):
        own = [row for row in inputs if row["application"] in shown and field_of.get(row["application"]) == field]
        parts = {int(linked.component[apps.index(row["application"])]) for row in own}
        found.append(Tie(field, len(own), sum(len(fields[row["panellist"]]) > 1 for row in own), len(parts)))
    return tuple(found)
