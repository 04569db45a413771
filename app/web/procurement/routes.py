"""The procurement officers' pages, chapter by chapter: what is owed, fitness review, certified list, pilot requests, pilots."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from app.queries import editions as lists
from app.queries import fitness_queue, pilot_rank
from app.queries import pilots as queries
from app.web.access import access, actor, db, now
from app.web.procurement import editions, fitness, outcomes, pilots, requests, rules
from app.web.procurement.blueprint import blueprint

CHAPTERS = (fitness, editions, requests, rules, pilots, outcomes)

__all__ = ["CHAPTERS", "blueprint"]


@blueprint.get("/")
@access("procurement")
def home() -> ResponseReturnValue:
    filed = [r for year in queries.years(db(), now()) for r in queries.filed(db(), year, actor=actor())]
    return render_template(
        "procurement/home.html",
        queue=fitness_queue.queue(db(), actor=actor()),
        editions=lists.every(db(), actor=actor()),
        to_rank=[r for r in filed if r.status == "submitted"],
        to_decide=[r for r in filed if r.status == "ranked"],
        to_confirm=pilot_rank.to_confirm(db(), actor=actor()),
        pilots=queries.under_way(db(), actor=actor()),
        here=now(),
    )
