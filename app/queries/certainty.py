"""How sure a round's results are: what its newest run found out about panellists, panels and decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.models.results import Result
from app.queries.results import RunRow, newest_run, run_row
from app.workflow import permissions, rounds
from app.workflow.actors import Actor
from scoring.compare import Comparison, compare
from scoring.graph import graph

MOST = 40  # applications or panellists in one picture; the table of the ranking has them all


@dataclass(frozen=True)
class Value:
    """One application: `status` pass, borderline or fail; `flips` deletions that would change its decision."""

    key: str
    label: str
    field: str
    total: float
    raw: float
    trimmed: float
    calibrated: float
    low: float
    high: float
    without_low: float
    without_high: float
    flips: Sequence[Mapping[str, Any]]
    status: str
    p_pass: float | None
    rank: int | None
    rank_low: int
    rank_high: int


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
    run: RunRow
    pass_mark: float
    values: tuple[Value, ...]
    severities: tuple[Severity, ...]
    residuals: tuple[tuple[str, str, float], ...]  # panellist, application, points
    noise: float  # standard deviation of one sheet
    ties: tuple[Tie, ...]
    movement: Comparison
    prompts: tuple[Mapping[str, Any], ...]


def of_round(session: Session, call_id: str, *, actor: Actor, round_number: int | None = None) -> Certainty | None:
    """None before there is a run that knows how sure it is. Panellists go by a number of this run, never by name."""
    permissions.require(actor, "decision.explain")
    round_ = rounds.named(session, call_id, round_number)
    run = newest_run(session, round_)
    if run is None or run.fit is None or run.inputs is None:
        return None
    of_run = select(Result).where(Result.run_id == run.id).options(selectinload(Result.application))
    results = session.execute(of_run.order_by(Result.rank.is_(None), Result.rank)).scalars().all()
    pass_mark = float(str(run.policy["pass_mark"]))
    aliases = {p["panellist"]: f"R{n:02d}" for n, p in enumerate(run.fit["panellists"], 1)}
    labels = {r.application.public_id: r.application.label for r in results}
    values = tuple(_value(r) for r in results if r.total)
    quantile = run.fit.get("quantile") or 0.0
    severities = [
        Severity(aliases[p["panellist"]], p["severity"], quantile * p["se"], p["n"])
        for p in run.fit["panellists"]
        if p["se"] is not None and p["severity"] is not None
    ]
    return Certainty(
        run_row(session, run),
        pass_mark,
        values,
        tuple(sorted(severities, key=lambda s: s.value)),
        _residuals(run.fit, run.inputs, results, aliases),
        sqrt(run.fit.get("residual") or 0.0),
        _ties(run.inputs, {r.application.public_id: r.application.field_1 for r in results}),
        compare(
            [v.label for v in values],
            raw=[v.raw for v in values],
            trimmed=[v.trimmed for v in values],
            calibrated=[v.total for v in values],
            pass_mark=pass_mark,
        ),
        tuple(_prompt(f, aliases, labels) for f in run.fit["flags"]),
    )


def _value(result: Result) -> Value:
    detail = result.detail or {}
    total = float(result.total)

    def known(name: str) -> float:
        return total if detail.get(name) is None else float(detail[name])

    status = "borderline" if detail.get("borderline") else "pass" if result.outcome == "recommended" else "fail"
    return Value(
        result.application.public_id,
        result.application.label,
        result.application.field_1,
        total,
        float(result.raw_mean),
        float(result.trimmed_mean or "nan"),
        float(result.calibrated or result.total),
        known("low"),
        known("high"),
        known("without_low"),
        known("without_high"),
        detail.get("flips", ()),
        status,
        detail.get("p_pass"),
        result.rank,
        detail.get("rank_low") or 0,
        detail.get("rank_high") or 0,
    )


def _residuals(
    fit: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]], results: Sequence[Result], aliases: Mapping[str, str]
) -> tuple[tuple[str, str, float], ...]:
    """What neither the application nor its author's severity explains, of the applications where most is left over."""
    severity = {p["panellist"]: p["severity"] or 0.0 for p in fit["panellists"]}
    author = {row["sheet"]: row["panellist"] for row in inputs}
    found: dict[str, list[tuple[str, str, float]]] = {}
    for r in results:
        if r.calibrated:
            found[r.application.label] = [
                (aliases[who], r.application.label, float(s["total"]) - float(r.calibrated) - severity[who])
                for s in r.sheets
                if (who := author[s["sheet"]]) in aliases
            ]
    telling = sorted(found, key=lambda label: -max((abs(cell[2]) for cell in found[label]), default=0.0))
    cells: list[tuple[str, str, float]] = []
    for label in telling[:MOST]:
        if len({c[0] for c in cells} | {c[0] for c in found[label]}) <= MOST:
            cells += found[label]
    return tuple(cells)


def _ties(inputs: Sequence[Mapping[str, Any]], field_of: Mapping[str, str]) -> tuple[Tie, ...]:
    apps = sorted({str(row["application"]) for row in inputs})
    revs = sorted({str(row["panellist"]) for row in inputs})
    app = np.array([apps.index(row["application"]) for row in inputs])
    linked = graph(app, np.array([revs.index(row["panellist"]) for row in inputs]))
    fields: dict[str, set[str]] = defaultdict(set)
    for row in inputs:
        fields[row["panellist"]].add(field_of.get(row["application"], ""))
    found = []
    for field in sorted({f for f in field_of.values() if f}):
        own = [row for row in inputs if field_of.get(row["application"]) == field]
        parts = {int(linked.component[apps.index(row["application"])]) for row in own}
        found.append(Tie(field, len(own), sum(len(fields[row["panellist"]]) > 1 for row in own), len(parts)))
    return tuple(found)


def _prompt(flag: Mapping[str, Any], aliases: Mapping[str, str], labels: Mapping[str, str]) -> Mapping[str, Any]:
    data = dict(flag["data"])
    if "other" in data:
        data["other"] = aliases.get(data["other"], "")
    return {"code": flag["code"], "who": aliases.get(flag["panellist"], ""), "dossier": labels.get(flag["application"], ""), **data}
