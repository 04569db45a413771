"""How sure results are, and how many decisions a design would get wrong: the pages with the pictures of scoring."""

from __future__ import annotations

from functools import lru_cache
from math import isfinite

from flask import render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.i18n import gettext, pair
from app.queries import calls, certainty
from app.queries.certainty import MOST, Certainty
from app.web import charts, score_charts
from app.web.access import access, actor, db
from app.web.coordinator import rounds
from app.web.coordinator.blueprint import blueprint
from reviewers.fields import all_fields
from scoring.power import Plan, Power, power

REVIEWS = (3, 5, 7, 9)
REPEATS = 12
SHARED = 0.15  # share of reviews across sub-fields below which groups are hard to compare
SEVERITY = 3.9  # points: published conference reviews, .43 of the spread of applications
NOISE = 8.0


@blueprint.get("/calls/<call_id>/results/certainty", endpoint="certainty")
@access("coordinator")
def show_certainty(call_id: str) -> ResponseReturnValue:
    here = rounds.shown(call_id)
    found = certainty.of_round(db(), call_id, actor=actor(), round_number=here.here.number)
    return render_template(
        "coordinator/certainty.html",
        call=calls.head(db(), call_id, actor=actor()),
        rounds=here,
        found=found,
        pictures=_pictures(found) if found else [],
    )


@blueprint.get("/calls/<call_id>/power", endpoint="power")
@access("coordinator")
def show_power(call_id: str) -> ResponseReturnValue:
    """What more reviews would bring, at the severity asked for."""
    head = calls.head(db(), call_id, actor=actor())
    severity, noise = _asked("severity", SEVERITY, 0, 20), _asked("noise", NOISE, 1, 30)
    size = int(_asked("size", head.filed or 100, 10, 200))
    plans = [Plan(size, k, severity_sd=severity, noise_sd=noise) for k in REVIEWS]
    found = [_power(plan) for plan in plans]
    return render_template(
        "coordinator/power.html",
        call=head,
        rounds=rounds.shown(call_id),
        found=found,
        chart=_wrong(found),
        plan=plans[0],
        repeats=REPEATS,
    )


def _asked(name: str, default: float, least: float, most: float) -> float:
    """The number of the address within its bounds, to a tenth; the default for what is no number."""
    value = request.args.get(name, default, type=float)
    return round(min(max(value if isfinite(value) else default, least), most), 1)


@lru_cache(maxsize=256)
def _power(plan: Plan) -> Power:
    return power(plan, seed=1, repeats=REPEATS)


def _pictures(found: Certainty) -> list[Markup]:
    drawn = [_forest(found), _severities(found), _slopes(found), _without(found), _residuals(found), _ties(found)]
    return [picture for picture in drawn if picture]


def _words(ident: str, title: str, desc: str, *columns: str) -> charts.Words:
    return charts.Words(ident, title, desc, gettext("Show the numbers"), columns)


def _forest(found: Certainty) -> Markup:
    letters = {"pass": gettext("P"), "borderline": gettext("B"), "fail": gettext("F")}
    rows = [
        score_charts.Standing(v.label, v.total, v.low, v.high, v.raw, v.status, letters[v.status], _p(v.p_pass))
        for v in sorted(found.values, key=lambda v: abs(v.total - found.pass_mark))[:MOST]
    ]
    rows.sort(key=lambda row: -row.value)
    words = _words(
        "forest",
        gettext("Published value, its interval of 90 % and the raw mean"),
        gettext(
            "A dot: the published value, a cross: the raw mean. P passes, B is borderline, F fails. Only those nearest the mark."
        ),
        gettext("Dossier"),
        gettext("Value"),
        gettext("Interval of 90 %"),
        gettext("Raw mean"),
        gettext("Standing"),
        gettext("Chance to pass"),
    )
    return score_charts.forest(words, rows, pass_at=found.pass_mark, pass_label=gettext("pass mark"))


def _severities(found: Certainty) -> Markup:
    if not found.severities:
        return Markup("")
    ordered = found.severities if len(found.severities) <= MOST else found.severities[: MOST // 2] + found.severities[-MOST // 2 :]
    rows = [score_charts.Strictness(s.alias, s.value, s.value - s.reach, s.value + s.reach, s.n) for s in ordered]
    words = _words(
        "severity",
        gettext("Severity of panellists"),
        gettext("Points a panellist gives above or below the others on the same dossiers. Grey: the interval covers 0."),
        gettext("Panellist"),
        gettext("Severity"),
        gettext("Interval of 90 %"),
        gettext("Sheets"),
    )
    return score_charts.caterpillar(words, rows, severe=gettext("severe"), lenient=gettext("lenient"))


def _slopes(found: Certainty) -> Markup:
    rows = [score_charts.Slope(r.application_id, r.raw, r.calibrated) for r in found.movement.rows if r.change != "same"]
    if not rows:
        return Markup("")
    words = _words(
        "slopes",
        gettext("Decisions that calibration changes"),
        gettext("Dossiers that pass by one of the two values only."),
        gettext("Dossier"),
        gettext("Raw mean"),
        gettext("Calibrated"),
        gettext("Change"),
    )
    names = {"raw": gettext("Raw mean"), "calibrated": gettext("Calibrated"), "pass_label": gettext("pass mark")}
    return score_charts.slopes(words, rows[:MOST], pass_at=found.pass_mark, **names)


def _without(found: Certainty) -> Markup:
    near = sorted(found.values, key=lambda v: (-len(v.flips), abs(v.total - found.pass_mark)))[: MOST // 2]
    rows = [score_charts.Reach(v.label, v.total, v.without_low, v.without_high, len(v.flips)) for v in near]
    words = _words(
        "without",
        gettext("Without any one sheet or panellist"),
        gettext("The range of the value with one sheet or one panellist left out. A diamond: some deletion changes the decision."),
        gettext("Dossier"),
        gettext("Value"),
        gettext("From"),
        gettext("Up to"),
        gettext("Flips"),
    )
    rows.sort(key=lambda row: -row.value)
    return score_charts.leave_one_out(words, rows, pass_at=found.pass_mark, pass_label=gettext("pass mark"), flips=gettext("flips"))


def _residuals(found: Certainty) -> Markup:
    if not found.residuals or not found.noise:
        return Markup("")
    panellists = sorted({who for who, _, _ in found.residuals})
    dossiers = sorted({label for _, label, _ in found.residuals})
    cells = [(panellists.index(who), dossiers.index(label), value) for who, label, value in found.residuals]
    words = _words(
        "residuals",
        gettext("What neither dossier nor severity explains"),
        gettext("+ and −: more than one standard deviation above or below what was to be expected; two signs: more than two."),
        gettext("Panellist"),
        gettext("Dossier"),
        gettext("Residual"),
    )
    return score_charts.residuals(words, panellists, dossiers, cells, step=found.noise)


def _ties(found: Certainty) -> Markup:
    names = all_fields()
    rows = [
        score_charts.Tie(f"{t.field} {pair(names[t.field]) if t.field in names else ''}".strip(), t.reviews, t.shared, t.components)
        for t in found.ties
    ]
    if not rows:
        return Markup("")
    words = _words(
        "ties",
        gettext("How sub-fields are tied together"),
        gettext("Reviews by panellists who also judge in another sub-field. Without them sub-fields cannot be compared."),
        gettext("Sub-field"),
        gettext("Reviews"),
        gettext("Shared"),
        gettext("Share"),
        gettext("Separate parts"),
    )
    return score_charts.connectivity(words, rows, least=SHARED)


def _wrong(found: list[Power]) -> Markup:
    words = _words(
        "power",
        gettext("Wrong decisions, per cent of all dossiers"),
        gettext("Published values without a band, and when the borderline band is deliberated instead."),
        gettext("Reviews"),
        gettext("Without a band"),
        gettext("Outside the band"),
    )
    series = [
        charts.Series(gettext("Without a band"), [100 * p.wrong_published for p in found]),
        charts.Series(gettext("Outside the band"), [100 * p.wrong_outside for p in found]),
    ]
    return charts.trend(words, [str(p.plan.reviews) for p in found], series, decimals=1)


def _p(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
