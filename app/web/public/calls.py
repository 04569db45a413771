"""Open calls for everybody, and the self-check: the rules of the official check on a few answers, without an account."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app import i18n
from app.documents import dossier
from app.documents.form import SECTION, Field
from app.queries import calls as queries
from app.queries.calls import OpenCall
from app.web.access import access, db, now
from app.web.errors import words
from app.web.public.blueprint import blueprint
from app.workflow import finding_words, rule_labels, screening

# What decides who may apply, in the order the list says it.
TELLING = ("company_sizes", "rnd_ministries", "rnd_results", "window_years", "links", "trl_min")


@blueprint.get("/calls", endpoint="calls")
@access("public")
def listed() -> ResponseReturnValue:
    return render_template(
        "public/calls.html",
        calls=queries.announced(db(), now=now()),
        telling=[rule_labels.RULE[name] for name in TELLING if name in rule_labels.RULE],
        RULES=screening.RULES,
        here=now(),
    )


@blueprint.get("/calls/<code>/check", endpoint="check")
@access("public")
def check(code: str) -> ResponseReturnValue:
    """The answers stand in the address: nothing is stored, and the page can be sent on."""
    call = queries.one_announced(db(), code)
    asked = _asked(call)
    answers = {place: request.args.get(place, "").strip()[:100] for place in asked}
    content: dict[str, dict[str, object]] = {}
    for place, text in answers.items():
        section, _dot, name = place.partition(".")
        content.setdefault(section, {})[name] = dossier.parse(section, MultiDict({name: text}).getlist)[name]
    problems = {p.place: words(p.code, p.data) for p in dossier.check(content)}
    found = _found(call, content) if any(answers.values()) else []
    given = {place: text for place, text in answers.items() if text and place not in problems}
    return render_template(
        "public/check.html",
        call=call,
        asked=asked,
        answers=answers,
        problems=problems,
        found=found,
        outcome=_outcome(found),
        said=finding_words.said,
        open=call.takes(now()),
        start_url=url_for("applicant.new", code=code, **given),
        section_name=lambda place: i18n.pair(SECTION[place.partition(".")[0]]),
    ), 422 if problems else 200


def _asked(call: OpenCall) -> dict[str, Field]:
    """The fields that the rules switched on by this call ask for, each once, in the order of the rules."""
    places = [place for code, rule in screening.RULES.items() if code in call.rules.eligibility_on for place in rule.asks]
    return {place: _field(place) for place in dict.fromkeys(places)}


def _field(place: str) -> Field:
    section, _dot, name = place.partition(".")
    return next(f for f in SECTION[section].fields if f.name == name)


def _found(call: OpenCall, content: dossier.Content) -> list[screening.Found]:
    case = screening.Case(content=content, rules=call.rules, closing_on=call.window.closing_on, self_check=True)
    return [f for f in screening.screen(case) if f.rule.asks]


def _outcome(found: list[screening.Found]) -> str:
    if not found:
        return ""
    if any(f.result == "fail" and f.rule.hard for f in found):
        return "fail"
    return "open" if any(f.result == "needs_person" for f in found) else "pass"
