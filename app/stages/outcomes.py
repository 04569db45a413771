"""What became of a designated product: indicators of four years in two groups, and the yearly use of a pilot's goods after it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import today_kst
from app.errors import Duplicate, Invalid, NotAllowed, NotFound, WrongStage
from app.models.designations import Designation
from app.models.pilots import AfterUse, Outcome, Pilot
from app.queries.lookup import by_public_id
from app.queries.outcomes import first_year, years_of
from app.workflow import door, permissions
from app.workflow.actors import Actor
from app.workflow.wordlists import AFTER_USES, ATTRIBUTIONS, INDICATORS, UNIT_OF

TEXT_MOST = 2_000
DIGITS_MOST = 15
# Who knows: a company its growth, an institution what its pilot brought; the procurement service may record both.
WHO = {"corporate_growth": ("applicant", "procurement"), "pilot_relevance": ("institution", "procurement")}


def record(
    session: Session,
    designation_id: str,
    *,
    group: str,
    indicator: str,
    year: int,
    value: str,
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
    if group in WHO and role not in WHO[group]:
        raise NotAllowed("not_allowed", verb="outcome.record")
    first = first_year(pilot if pilot is not None else designation)
    figure = "".join(value.split()).replace(",", "")
    problems = _problems(group, indicator, figure, attribution, evidence, pilot)
    if year not in years_of(first) or year > today_kst(now).year:
        problems["year"] = "outcome.year_range"
    if problems:
        raise Invalid("outcome.invalid", problems=problems, first=first, last=first + 3, most=TEXT_MOST)
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
        value=figure,
        unit=UNIT_OF[indicator],
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


def record_after_use(
    session: Session, pilot_id: str, *, year: int, state: str, reason: str, live_reference: bool, actor: Actor, now: datetime
) -> AfterUse:
    """Once a year after the pilot is closed; a reason where the goods are not in use, and only goods in use are a reference."""
    pilot = by_public_id(session, Pilot, pilot_id)
    role = permissions.require(actor, "outcome.record", pilot)
    if role not in WHO["pilot_relevance"]:
        raise NotAllowed("not_allowed", verb="outcome.record")
    if pilot.status != "closed":
        raise WrongStage("after_use.not_closed")
    first, last = first_year(pilot), today_kst(now).year
    problems: dict[str, str] = {}
    if not first <= year <= last:
        problems["after_year"] = "after_use.year_range"
    if state not in AFTER_USES:
        problems["state"] = "after_use.state_unknown"
    elif state != "in_use":
        if not reason.strip():
            problems["reason"] = "after_use.reason_missing"
        if live_reference:
            problems["live_reference"] = "after_use.no_reference"
    if len(reason) > TEXT_MOST:
        problems["reason"] = "outcome.text_long"
    if problems:
        raise Invalid("after_use.invalid", problems=problems, first=first, last=last, most=TEXT_MOST)
    if session.execute(select(AfterUse.id).where(AfterUse.pilot_id == pilot.id, AfterUse.year == year)).first() is not None:
        raise Duplicate("after_use.recorded_already", field="after_year")
    row = AfterUse(
        pilot_id=pilot.id,
        year=year,
        state=state,
        reason=reason.strip(),
        live_reference=live_reference,
        by_id=actor.account_id,
        at=now,
    )
    session.add(row)
    session.flush()
    door.record(
        session, pilot, "after_use.recorded", actor=actor, role=role, now=now, data={"year": year, "state": state}
    )
    return row


def _problems(
    group: str, indicator: str, figure: str, attribution: str, evidence: str, pilot: Pilot | None
) -> dict[str, str]:
    problems: dict[str, str] = {}
    if indicator not in INDICATORS.get(group, {}):
        problems["indicator"] = "outcome.indicator_unknown"
    elif (group == "pilot_relevance") != (pilot is not None):
        problems["indicator"] = "outcome.pilot_needed"
    if not figure.isascii() or not figure.isdigit() or len(figure) > DIGITS_MOST:
        problems["value"] = "outcome.value_form"
    if attribution not in ATTRIBUTIONS:
        problems["attribution"] = "outcome.attribution_unknown"
    elif attribution != "none" and not evidence.strip():
        problems["evidence"] = "outcome.evidence_missing"
    if len(evidence) > TEXT_MOST:
        problems["evidence"] = "outcome.text_long"
    return problems
