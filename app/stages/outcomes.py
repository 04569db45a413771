"""What became of a designated product: measured indicators, in two groups, each with what it can be traced to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Duplicate, Invalid, NotFound
from app.models.designations import Designation
from app.models.pilots import Outcome, Pilot
from app.queries.lookup import by_public_id
from app.workflow import door, permissions
from app.workflow.actors import Actor
from app.workflow.wordlists import ATTRIBUTIONS, INDICATORS


def record(
    session: Session,
    designation_id: str,
    *,
    group: str,
    indicator: str,
    year: int,
    value: str,
    unit: str = "",
    attribution: str,
    evidence: str,
    actor: Actor,
    now: datetime,
    pilot_id: str | None = None,
) -> Outcome:
    """One indicator of one year, once. What is attributed to the designation or a pilot needs evidence."""
    designation = by_public_id(session, Designation, designation_id)
    pilot = by_public_id(session, Pilot, pilot_id) if pilot_id else None
    if pilot is not None and pilot.request.designation_id != designation.id:
        raise NotFound("not_found")
    role = permissions.require(actor, "outcome.record", pilot if pilot is not None else designation)
    problems = _problems(group, indicator, year, value, attribution, evidence, now)
    if problems:
        raise Invalid("outcome.invalid", problems=problems)
    same = select(Outcome.id).where(
        Outcome.designation_id == designation.id,
        Outcome.indicator == indicator,
        Outcome.year == year,
        Outcome.pilot_id == pilot.id if pilot is not None else Outcome.pilot_id.is_(None),
    )
    if session.execute(same).first() is not None:
        raise Duplicate("outcome.recorded_already", field="indicator")
    row = Outcome(
        designation_id=designation.id,
        pilot_id=pilot.id if pilot else None,
        group=group,
        indicator=indicator,
        year=year,
        value=value.strip(),
        unit=unit.strip(),
        attribution=attribution,
        evidence=evidence.strip(),
        by_id=actor.account_id,
        at=now,
    )
    session.add(row)
    session.flush()
    door.record(
        session,
        designation,
        "outcome.recorded",
        actor=actor,
        role=role,
        now=now,
        data={"indicator": indicator, "year": year, "attribution": attribution},
    )
    return row


def _problems(group: str, indicator: str, year: int, value: str, attribution: str, evidence: str, now: datetime) -> dict[str, str]:
    problems: dict[str, str] = {}
    if indicator not in INDICATORS.get(group, {}):
        problems["indicator"] = "outcome.indicator_unknown"
    if not 2000 <= year <= now.year:
        problems["year"] = "outcome.year_range"
    if not value.strip() or len(value) > 40:
        problems["value"] = "outcome.value_form"
    if attribution not in ATTRIBUTIONS:
        problems["attribution"] = "outcome.attribution_unknown"
    elif attribution != "none" and not evidence.strip():
        problems["evidence"] = "outcome.evidence_missing"
    return problems
