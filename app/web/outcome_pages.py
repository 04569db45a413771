"""Outcomes as three groups of users see and record them: a product's growth, what a pilot brought, the use of its goods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.errors import DomainError, Invalid, NotAllowed, NotFound
from app.i18n import gettext, pair
from app.queries import outcomes as queries
from app.queries.outcomes import IndicatorRow
from app.stages import outcomes
from app.web import charts
from app.web.access import actor, db, now
from app.web.errors import words
from app.workflow.wordlists import AFTER_USES, ATTRIBUTIONS, INDICATOR_UNITS, INDICATORS, UNIT_OF

MILLION = 1_000_000


def product(designation_id: str, area: str, error: DomainError | None = None) -> str:
    """`area` is the blueprint whose pages this one links to."""
    view = queries.product(db(), designation_id, actor=actor())
    return render_template("outcomes/product.html", view=view, area=area, charts=_charts(view), **_form(error, "corporate_growth"))


def pilot(pilot_id: str, area: str, error: DomainError | None = None) -> str:
    view = queries.pilot(db(), pilot_id, actor=actor())
    return render_template("outcomes/pilot.html", view=view, area=area, AFTER_USES=AFTER_USES, **_form(error, "pilot_relevance"))


def record(group: str, designation_id: str, area: str, pilot_id: str | None = None) -> ResponseReturnValue:
    sent = request.form

    def verb() -> object:
        return outcomes.record(
            db(),
            designation_id,
            group=group,
            indicator=sent.get("indicator", ""),
            year=sent.get("year", 0, type=int),
            value=sent.get("value", ""),
            attribution=sent.get("attribution", ""),
            evidence=sent.get("evidence", ""),
            pilot_id=pilot_id,
            actor=actor(),
            now=now(),
        )

    return _answered(verb, area, designation_id, pilot_id)


def record_after_use(pilot_id: str, area: str) -> ResponseReturnValue:
    sent = request.form

    def verb() -> object:
        return outcomes.record_after_use(
            db(),
            pilot_id,
            year=sent.get("after_year", 0, type=int),
            state=sent.get("state", ""),
            reason=sent.get("reason", ""),
            live_reference=bool(sent.get("live_reference")),
            actor=actor(),
            now=now(),
        )

    return _answered(verb, area, "", pilot_id)


def _answered(verb: Callable[[], object], area: str, designation_id: str, pilot_id: str | None) -> ResponseReturnValue:
    """Back to the page of the pilot, or else of the product; the same page with 422 when a rule refuses."""
    try:
        verb()
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        db().rollback()
        return (pilot(pilot_id, area, error) if pilot_id else product(designation_id, area, error)), 422
    flash(gettext("Recorded."), "success")
    if pilot_id:
        return redirect(url_for(f"{area}.outcomes_pilot", pilot_id=pilot_id), 303)
    return redirect(url_for(f"{area}.outcomes_product", designation_id=designation_id), 303)


def _form(error: DomainError | None, group: str) -> dict[str, Any]:
    problems = {key: words(code, error.data) for key, code in error.problems.items()} if isinstance(error, Invalid) else {}
    return {
        "indicators": INDICATORS[group],
        "ATTRIBUTIONS": ATTRIBUTIONS,
        "INDICATOR_UNITS": INDICATOR_UNITS,
        "UNIT_OF": UNIT_OF,
        "this_year": now().year,
        "problems": problems,
        "summary": words(error.code, error.data) if error else "",
        "sent": request.form,
    }


def _charts(view: queries.ProductOutcomes) -> list[Markup]:
    """Money in millions of won, the rest in numbers; a chart of nothing is not drawn."""
    moments = [str(year) for year in view.years]
    money = _series([row for row in view.rows if row.unit.key == "krw"], MILLION)
    counted = _series([row for row in view.rows if row.unit.key != "krw"], 1)
    found = []
    for ident, title, series, decimals in (
        ("growth-money", gettext("Money, in millions of won"), money, 1),
        ("growth-numbers", gettext("Jobs, rights and certificates"), counted, 0),
    ):
        if series:
            desc = gettext("One line for each indicator that is recorded, from the year of the designation to three years after.")
            names = charts.Words(ident, title, desc, gettext("Show the numbers"), (gettext("Year"), *(s.label for s in series)))
            found.append(charts.trend(names, moments, series, decimals=decimals))
    return found


def _series(rows: Sequence[IndicatorRow], scale: int) -> list[charts.Series]:
    return [
        charts.Series(pair(row.name), [f.value / scale if f and f.value is not None else None for f in row.figures])
        for row in rows
        if any(row.figures)
    ]
