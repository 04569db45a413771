"""How sure results are, and how many decisions a design would get wrong: the pages with the pictures of scoring."""

from __future__ import annotations

from functools import lru_cache
from math import isfinite

from flask import render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.i18n import gettext
from app.queries import calls, round_certainty
from app.web import charts, score_pictures
from app.web.access import access, actor, db
from app.web.coordinator import rounds
from app.web.coordinator.blueprint import blueprint
from scoring.power import Plan, Power, power

REVIEWS = (3, 5, 7, 9)
REPEATS = 12
SEVERITY = 3.9  # points: published conference reviews, .43 of the spread of applications
NOISE = 8.0


@blueprint.get("/calls/<call_id>/results/certainty", endpoint="certainty")
@access("coordinator")
def show_certainty(call_id: str) -> ResponseReturnValue:
    here = rounds.shown(call_id)
    found = round_certainty.of_round(db(), call_id, actor=actor(), round_number=here.here.number)
    return render_template(
        "coordinator/certainty.html",
        call=calls.head(db(), call_id, actor=actor()),
        rounds=here,
        found=found,
        pictures=score_pictures.all_of(found) if found else [],
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


def _wrong(found: list[Power]) -> Markup:
    words = score_pictures.words(
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
