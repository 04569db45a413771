"""The rules of a pilot year as a form: points of the rank, caps, budget lines; every version with who, why and what changed."""

from __future__ import annotations

from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import DomainError, Invalid, NotAllowed
from app.i18n import gettext
from app.queries import pilot_money
from app.queries import pilot_rules as queries
from app.queries import pilots as requests
from app.stages import pilot_rules
from app.web.access import access, actor, db, now
from app.web.errors import words
from app.web.procurement.blueprint import blueprint
from app.workflow.pilot_policy import Policy
from app.workflow.pilot_policy_labels import LABELS, LIMITS, POINTS
from app.workflow.wordlists import THEMES
from reviewers.fields import all_fields


@blueprint.get("/rules/<int:year>")
@access("procurement")
def rules(year: int) -> ResponseReturnValue:
    return _page(year)


@blueprint.post("/rules/<int:year>")
@access("procurement")
def rules_pin(year: int) -> ResponseReturnValue:
    problems: dict[str, str] = {}
    try:
        policy, budgets = _read(pilot_money.policy_of(db(), year), problems)
        if problems:
            raise Invalid("pilot_rules.invalid", problems=problems)
        row = pilot_rules.pin(
            db(),
            year,
            policy=policy,
            budgets=budgets,
            reason=request.form.get("reason", ""),
            based_on=request.form.get("version", type=int),
            actor=actor(),
            now=now(),
        )
    except NotAllowed:
        raise
    except DomainError as error:
        db().rollback()
        return _page(year, error), 422
    flash(gettext("Version %(n)s of the rules of %(year)s is pinned.", n=row.version, year=year), "success")
    return redirect(url_for("procurement.rules", year=year), 303)


def _read(before: Policy, problems: dict[str, str]) -> tuple[Policy, dict[str, int]]:
    """What was entered; a budget line left empty is not set, a number that is none is named in `problems`."""
    sent = request.form

    def whole(name: str) -> int:
        text = sent.get(name, "").replace(",", "").strip()
        if not text.isdigit() or len(text) > 15:
            problems[name] = "rules.not_a_number"
            return 0
        return int(text)

    numbers = {name: whole(name) for name in LABELS}
    fields = {theme: sent.getlist(f"fields.{theme}") for theme in THEMES}
    names = {theme: f"budget.{theme}" for theme in THEMES}
    budgets = {theme: whole(name) for theme, name in names.items() if sent.get(name, "").strip()}
    return replace(before, theme_fields=fields, **numbers), budgets


def _page(year: int, error: DomainError | None = None) -> str:
    policy = pilot_money.policy_of(db(), year)
    return render_template(
        "procurement/rules.html",
        year=year,
        years=requests.years(db(), now()),
        policy=policy,
        budgets=pilot_money.budgets(db(), year),
        versions=queries.versions(db(), year, actor=actor()),
        points=POINTS,
        limits=LIMITS,
        LABELS=LABELS,
        THEMES=THEMES,
        fields=all_fields(),
        chosen={t: request.form.getlist(f"fields.{t}") if error else policy.theme_fields.get(t, ()) for t in THEMES},
        problems={key: words(code, error.data) for key, code in error.problems.items()} if isinstance(error, Invalid) else {},
        summary=words(error.code, error.data) if error else "",
        sent=request.form,
    )
