"""Pilot requests of a year: the money, the ranks with their reasons, match, reserve, refuse."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import DomainError, Invalid, NotAllowed, NotFound
from app.i18n import gettext
from app.queries import pilot_money, pilot_rank
from app.queries import pilots as queries
from app.stages import pilot
from app.web.access import access, actor, base_url, db, now
from app.web.errors import words
from app.web.procurement.blueprint import blueprint


@blueprint.get("/requests", endpoint="requests")
@access("procurement")
def requests_of_year() -> ResponseReturnValue:
    return _list(_year())


@blueprint.post("/requests/rank")
@access("procurement")
def requests_rank() -> ResponseReturnValue:
    year = _year()
    rows = pilot.rank(db(), year, actor=actor(), now=now())
    flash(gettext("%(n)s requests are ranked.", n=len(rows)), "success")
    return redirect(url_for("procurement.requests", year=year), 303)


@blueprint.get("/requests/<request_id>")
@access("procurement")
def requests_one(request_id: str) -> ResponseReturnValue:
    return _page(request_id)


@blueprint.post("/requests/<request_id>/<answer>")
@access("procurement")
def requests_answer(request_id: str, answer: str) -> ResponseReturnValue:
    reason, units = request.form.get("reason", ""), request.form.get("quantity", "")
    try:
        if answer == "match":
            made = pilot.match(
                db(),
                request_id,
                quantity=int(units) if units.isdigit() else 0,
                reason=reason,
                actor=actor(),
                now=now(),
                base_url=base_url(),
            )
            if made is None:
                flash(gettext("Noted. Another officer must confirm a match out of rank."), "success")
                return redirect(url_for("procurement.requests_one", request_id=request_id), 303)
            flash(gettext("Matched. The institution is told by mail."), "success")
            return redirect(url_for("procurement.pilot", pilot_id=made.public_id), 303)
        if answer == "keep-rank":
            pilot.keep_rank(db(), request_id, actor=actor(), now=now())
            flash(gettext("The match out of rank is off the table."), "success")
            return redirect(url_for("procurement.requests_one", request_id=request_id), 303)
        verb = {"reserve": pilot.reserve, "refuse": pilot.refuse}.get(answer)
        if verb is None:
            raise NotFound("not_found")
        row = verb(db(), request_id, reason=reason, actor=actor(), now=now(), base_url=base_url())
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        return _page(request_id, error), 422
    flash(gettext("Answered. The institution is told by mail."), "success")
    return redirect(url_for("procurement.requests", year=row.year), 303)


def _year() -> int:
    asked = request.values.get("year", type=int)
    return asked if asked and 2000 <= asked <= 2200 else _busiest()


def _busiest() -> int:
    """The newest year with requests, else this year."""
    for year in queries.years(db(), now()):
        if queries.filed(db(), year, actor=actor()):
            return year
    return int(now().year)


def _list(year: int) -> str:
    return render_template(
        "procurement/requests.html",
        year=year,
        years=queries.years(db(), now()),
        budgets=pilot_money.budgets(db(), year),
        rows=queries.filed(db(), year, actor=actor()),
        policy=pilot_money.policy_of(db(), year),
    )


def _page(request_id: str, error: DomainError | None = None) -> str:
    row = queries.request(db(), request_id, actor=actor())
    budgets = {b.theme.key: b for b in pilot_money.budgets(db(), row.year)}
    problems = {key: words(code, error.data) for key, code in error.problems.items()} if isinstance(error, Invalid) else {}
    return render_template(
        "procurement/request.html",
        row=row,
        standing=pilot_rank.standing(db(), request_id, actor=actor()),
        budget=budgets[row.theme.key],
        problems=problems,
        summary=words(error.code, error.data) if error else "",
        sent=request.form,
    )
