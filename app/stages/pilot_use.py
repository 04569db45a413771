"""Pilot purchase, second half: what is agreed is contracted, delivered, inspected, used, reported and graded; or cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import mail
from app.clock import today_kst
from app.errors import Invalid
from app.models.people import Account
from app.models.pilots import LedgerEntry, Pilot
from app.queries import pilot_money
from app.queries.lookup import by_public_id
from app.workflow import door
from app.workflow.actors import Actor
from app.workflow.validity import months_later
from app.workflow.wordlists import GRADES

TEXT_MOST = 5_000


def agree(session: Session, pilot_id: str, *, actor: Actor, now: datetime) -> Pilot:
    """Amount, scale and running cost stand."""
    pilot = by_public_id(session, Pilot, pilot_id)
    door.advance(session, pilot, "agreed", actor=actor, now=now)
    return pilot


def contract(session: Session, pilot_id: str, *, contract_no: str, actor: Actor, now: datetime) -> Pilot:
    """The contract has a number."""
    pilot = by_public_id(session, Pilot, pilot_id)
    if len(contract_no) > 40:
        raise Invalid("pilot.contract_no_form", problems={"contract_no": "pilot.contract_no_form"})
    pilot.contract_no = contract_no.strip()
    door.advance(session, pilot, "contracted", actor=actor, now=now)
    return pilot


def deliver(session: Session, pilot_id: str, *, on: date, actor: Actor, now: datetime) -> Pilot:
    pilot = by_public_id(session, Pilot, pilot_id)
    pilot.delivered_on = _not_future(on, now)
    door.advance(session, pilot, "delivered", actor=actor, now=now, data={"on": on.isoformat()})
    return pilot


def inspect(session: Session, pilot_id: str, *, on: date, actor: Actor, now: datetime) -> Pilot:
    """The institution accepts what was delivered; not before it came."""
    pilot = by_public_id(session, Pilot, pilot_id)
    if pilot.delivered_on is not None and on < pilot.delivered_on:
        raise Invalid("pilot.before_delivery", problems={"on": "pilot.before_delivery"}, delivered_on=pilot.delivered_on)
    pilot.inspected_on = _not_future(on, now)
    door.advance(session, pilot, "inspected", actor=actor, now=now, data={"on": on.isoformat()})
    return pilot


def start_use(session: Session, pilot_id: str, *, on: date, actor: Actor, now: datetime) -> Pilot:
    """Use runs for the months the year's policy gives."""
    pilot = by_public_id(session, Pilot, pilot_id)
    if pilot.inspected_on is not None and on < pilot.inspected_on:
        raise Invalid("pilot.before_inspection", problems={"on": "pilot.before_inspection"}, inspected_on=pilot.inspected_on)
    months = pilot_money.policy_of(session, pilot.request.year).pilot_months
    pilot.use_from, pilot.use_until = on, months_later(on, months)
    door.advance(session, pilot, "in_use", actor=actor, now=now, data={"on": on.isoformat(), "until": pilot.use_until.isoformat()})
    return pilot


def report(
    session: Session,
    pilot_id: str,
    *,
    text: str,
    kpis: Mapping[str, str],
    satisfaction: int,
    defects: str,
    actor: Actor,
    now: datetime,
) -> Pilot:
    """What came of the use, indicator by indicator."""
    pilot = by_public_id(session, Pilot, pilot_id)
    if not 1 <= satisfaction <= 5:
        raise Invalid("pilot.satisfaction", problems={"satisfaction": "pilot.satisfaction"})
    if max(len(text), len(defects), *(len(v) for v in kpis.values()), 0) > TEXT_MOST:
        raise Invalid("pilot.text_long", problems={"text": "pilot.text_long"}, text_most=TEXT_MOST)
    kept: dict[str, Any] = {k: v for k, v in (pilot.report or {}).items() if k in ("second_chance", "first")}
    pilot.report = kept | {
        "text": text.strip(),
        "kpis": dict(kpis),
        "satisfaction": satisfaction,
        "defects": defects.strip(),
        "at": now.isoformat(),
    }
    door.advance(session, pilot, "reported", actor=actor, now=now, data={"satisfaction": satisfaction})
    return pilot


def grade(session: Session, pilot_id: str, *, grade: str, reason: str, actor: Actor, now: datetime) -> Pilot:
    """Good, fair or poor, with a reason; only poor asks for a correction."""
    pilot = by_public_id(session, Pilot, pilot_id)
    if grade not in GRADES:
        raise Invalid("pilot.grade_unknown", problems={"grade": "pilot.grade_unknown"})
    pilot.grade, pilot.grade_reason = grade, reason.strip()
    door.advance(session, pilot, "graded", actor=actor, now=now, reason=reason, data={"grade": grade})
    return pilot


def ask_correction(session: Session, pilot_id: str, *, actor: Actor, now: datetime) -> Pilot:
    pilot = by_public_id(session, Pilot, pilot_id)
    door.advance(session, pilot, "correction", actor=actor, now=now)
    return pilot


def second_chance(session: Session, pilot_id: str, *, correction: str, actor: Actor, now: datetime) -> Pilot:
    """The supplier says what was corrected and the pilot runs once more; the first report is kept."""
    pilot = by_public_id(session, Pilot, pilot_id)
    pilot.correction = correction.strip()
    door.advance(session, pilot, "repilot", actor=actor, now=now)
    pilot.report = {"second_chance": True, "first": dict(pilot.report or {}) | {"grade": pilot.grade}}
    return pilot


def close(session: Session, pilot_id: str, *, after_use_plan: str, actor: Actor, now: datetime) -> Pilot:
    """Who goes on using it, and who pays."""
    pilot = by_public_id(session, Pilot, pilot_id)
    pilot.after_use_plan = after_use_plan.strip()
    door.advance(session, pilot, "closed", actor=actor, now=now)
    return pilot


def cancel(session: Session, pilot_id: str, *, reason: str, actor: Actor, now: datetime, base_url: str) -> Pilot:
    """Before acceptance; the money goes back to its budget."""
    pilot = by_public_id(session, Pilot, pilot_id)
    door.advance(session, pilot, "cancelled", actor=actor, now=now, reason=reason)
    for entry in session.execute(select(LedgerEntry).where(LedgerEntry.pilot_id == pilot.id)).scalars().all():
        session.add(
            LedgerEntry(
                budget_id=entry.budget_id,
                pilot_id=pilot.id,
                amount_krw=-entry.amount_krw,
                reason="cancelled",
                by_id=actor.account_id,
                at=now,
            )
        )
    _tell(session, pilot, reason, now, base_url)
    return pilot


def _not_future(on: date, now: datetime) -> date:
    if on > today_kst(now):
        raise Invalid("pilot.date_in_future", problems={"on": "pilot.date_in_future"})
    return on


def _tell(session: Session, pilot: Pilot, reason: str, now: datetime, base_url: str) -> None:
    request = pilot.request
    owner = session.get(Account, request.owner_id) if request.owner_id else None
    if owner is not None:
        product = request.designation.product
        mail.send(
            session,
            "pilot_answered",
            to=owner.mail,
            language=owner.language,
            key=f"pilot_cancelled:{pilot.public_id}",
            now=now,
            name=owner.person.name,
            product=product.get("name_ko") or product.get("name_en") or "",
            number=request.designation.number,
            asked=request.quantity,
            reason=reason.strip(),
            outcome="cancelled",
            link=f"{base_url}/institution/requests/{request.public_id}",
        )
