"""The journal, its verification, and the story of any one thing."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.clock import KST
from app.errors import NotFound
from app.queries import journal as queries
from app.queries import receipts
from app.web.access import access, actor, db, now
from app.web.downloads import hand_out_made
from app.workflow import screening

blueprint = Blueprint("auditor", __name__, url_prefix="/auditor")


@blueprint.get("/journal")
@access("auditor")
def journal() -> ResponseReturnValue:
    chosen = {name: request.args.get(name, "").strip() for name in ("subject", "action", "who", "since", "until")}
    found = queries.events(
        db(),
        actor(),
        subject=chosen["subject"],
        action=chosen["action"],
        who=chosen["who"],
        before=request.args.get("before", type=int),
        since=_day(chosen["since"]),
        until=_day(chosen["until"], after=True),
    )
    return render_template("auditor/journal.html", found=found, chosen=chosen)


@blueprint.get("/journal/<int:number>")
@access("auditor")
def event(number: int) -> ResponseReturnValue:
    return render_template("auditor/event.html", event=queries.event(db(), actor(), number))


@blueprint.get("/verify")
@access("auditor")
def verify() -> ResponseReturnValue:
    """Walks the whole chain while the reader waits; it only reads."""
    return render_template("auditor/verify.html", verdict=queries.verify(db(), actor()), at=now())


@blueprint.get("/story/<subject>")
@access("auditor", "coordinator")
def story(subject: str) -> ResponseReturnValue:
    told = queries.story(db(), actor(), subject)
    filings = receipts.of_subject(db(), subject, actor=actor())
    return render_template("auditor/story.html", story=told, filings=filings, RULES=screening.RULES)


@blueprint.get("/filings/<application_id>/<int:version>/<kind>")
@access("auditor", "coordinator")
def filing(application_id: str, version: int, kind: str) -> ResponseReturnValue:
    """The bundle of a filing, or its printed receipt, as the applicant has them."""
    row = receipts.one(db(), application_id, version, actor=actor())
    if kind not in ("bundle", "receipt"):
        raise NotFound("not_found")
    if kind == "bundle":
        return hand_out_made(row.bundle, name=f"{row.file_name}.zip", kind="zip")
    return hand_out_made(row.printed, name=f"{row.file_name}.pdf", kind="pdf")


def _day(text: str, *, after: bool = False) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=KST) + timedelta(days=1 if after else 0)
