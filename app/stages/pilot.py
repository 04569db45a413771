"""Pilot purchase, first half: an institution's request, its rank with reasons, the match within the money there is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import mail
from app.errors import Invalid, NotFound, Stale, WrongStage
from app.models.designations import Designation
from app.models.people import Account
from app.models.pilots import LedgerEntry, Pilot, PilotRequest
from app.queries import pilot_money, pilot_rank
from app.queries.lookup import by_public_id
from app.queries.pilots import order
from app.workflow import door, permissions
from app.workflow.actors import Actor
from app.workflow.pilot_policy import Asked, score
from app.workflow.wordlists import THEMES

TEXT_MOST = 3_000


def write_request(
    session: Session,
    designation_id: str,
    *,
    actor: Actor,
    now: datetime,
    year: int,
    theme: str,
    quantity: int,
    site: str,
    contact: str,
    purpose: str,
    kpis: Sequence[str],
    running_cost: str,
    follow_on: bool,
    request_id: str | None = None,
) -> PilotRequest:
    """Save a request as a draft. The supplier's plan sets the unit price and the range of units."""
    role = permissions.require(actor, "pilot_request.write")
    designation = by_public_id(session, Designation, designation_id)
    plan = designation.product.get("pilot_plan") or {}
    least, most = int(plan.get("min_units") or 1), plan.get("max_units")
    problems = _problems(theme, quantity, least, most, (site, contact, purpose, running_cost, *kpis))
    if problems:
        raise Invalid("pilot.invalid", problems=problems, least=least, most=most or "∞", text_most=TEXT_MOST)
    row = _draft(session, designation, actor, request_id, now)
    price = int(plan.get("unit_price_krw") or designation.product.get("price_krw") or 0)
    row.year, row.theme, row.quantity, row.unit_price_krw, row.amount_krw = year, theme, quantity, price, price * quantity
    row.site, row.contact, row.purpose, row.running_cost = site.strip(), contact.strip(), purpose.strip(), running_cost.strip()
    row.kpis, row.follow_on = [k.strip() for k in kpis if k.strip()], follow_on
    session.add(row)
    session.flush()
    door.record(
        session,
        row,
        "pilot_request.saved",
        actor=actor,
        role=role,
        now=now,
        data={"quantity": quantity, "amount_krw": row.amount_krw, "theme": theme},
    )
    return row


def submit_request(session: Session, request_id: str, *, actor: Actor, now: datetime) -> PilotRequest:
    """File the request; the designation must hold and the running cost be named."""
    row = by_public_id(session, PilotRequest, request_id)
    door.advance(session, row, "submitted", actor=actor, now=now, data={"amount_krw": row.amount_krw})
    row.submitted_at = now
    return row


def withdraw_request(session: Session, request_id: str, *, actor: Actor, now: datetime) -> PilotRequest:
    """Back to a draft, until it is ranked."""
    row = by_public_id(session, PilotRequest, request_id)
    door.advance(session, row, "draft", actor=actor, now=now)
    row.submitted_at = None
    return row


def rank(session: Session, year: int, *, actor: Actor, now: datetime) -> list[PilotRequest]:
    """Score every request of a year that is not decided yet, by the year's policy; the earlier filing wins a tie."""
    role = permissions.require(actor, "pilot_request.rank")
    policy = pilot_money.policy_of(session, year)
    rows = list(
        session.execute(
            select(PilotRequest).where(PilotRequest.year == year, PilotRequest.status.in_(("submitted", "ranked")))
        ).scalars()
    )
    if not rows:
        raise WrongStage("pilot.nothing_to_rank", year=year)
    for row in rows:
        row.score, parts = score(_asked(session, row), policy)
        row.reasons = [part.as_json() for part in parts]
        if row.status == "submitted":
            door.advance(
                session,
                row,
                "ranked",
                actor=actor,
                now=now,
                data={"score": row.score, "policy": policy.version, "policy_sha256": pilot_money.policy_digest(policy)},
            )
        else:
            door.record(session, row, "pilot_request.ranked_again", actor=actor, role=role, now=now, data={"score": row.score})
    return sorted(rows, key=order)


def match(
    session: Session, request_id: str, *, quantity: int, reason: str, actor: Actor, now: datetime, base_url: str
) -> Pilot | None:
    """Set money aside for all or part of a request, within budget, caps and the once-only rule.

    Past better-ranked requests that wait and would fit, a second officer confirms; until then there is no pilot.
    """
    row = by_public_id(session, PilotRequest, request_id)
    asked = door.pending_of(session, row)
    if asked is not None:
        if quantity != asked.data["quantity"]:
            raise Stale("stale")
        reason = asked.reason
    least = int((row.designation.product.get("pilot_plan") or {}).get("min_units") or 1)
    if not least <= quantity <= row.quantity:
        raise Invalid("pilot.match_quantity", problems={"quantity": "pilot.match_quantity"}, least=least, most=row.quantity)
    amount, passed_over = row.unit_price_krw * quantity, len(pilot_rank.ahead(session, row))
    if (reached := pilot_rank.limit_reached(session, row, amount)) is not None:
        raise WrongStage(reached[0], **reached[1])
    given = {"quantity": quantity, "amount_krw": amount} | ({"passed_over": passed_over} if passed_over else {})
    alone = not passed_over and asked is None
    if not door.advance(
        session, row, "matched", actor=actor, now=now, reason=reason, data=given, second_person=not alone
    ).moved:
        return None
    budget = pilot_money.budget_of(session, row.year, row.theme)
    assert budget is not None  # the guard found it
    pilot = Pilot(request_id=row.id, quantity=quantity, amount_krw=amount)
    session.add(pilot)
    session.flush()
    session.add(
        LedgerEntry(budget_id=budget.id, pilot_id=pilot.id, amount_krw=amount, reason="matched", by_id=actor.account_id, at=now)
    )
    row.reasons = [*(row.reasons or []), _decision("matched", reason, **given)]
    _tell(session, row, "pilot_matched", reason, now, base_url, quantity=quantity, amount_krw=amount)
    return pilot


def keep_rank(session: Session, request_id: str, *, actor: Actor, now: datetime) -> PilotRequest:
    """A match out of rank that awaits its second officer is off the table."""
    row = by_public_id(session, PilotRequest, request_id)
    door.refuse_pending(session, row, actor=actor, now=now)
    return row


def reserve(session: Session, request_id: str, *, reason: str, actor: Actor, now: datetime, base_url: str) -> PilotRequest:
    """Keep a request for money that is freed later."""
    return _answer(session, request_id, "reserve", reason, actor, now, base_url)


def refuse(session: Session, request_id: str, *, reason: str, actor: Actor, now: datetime, base_url: str) -> PilotRequest:
    """Refuse a request, with the reason the institution reads."""
    return _answer(session, request_id, "refused", reason, actor, now, base_url)


def _answer(
    session: Session, request_id: str, target: str, reason: str, actor: Actor, now: datetime, base_url: str
) -> PilotRequest:
    row = by_public_id(session, PilotRequest, request_id)
    door.advance(session, row, target, actor=actor, now=now, reason=reason)
    row.reasons = [*(row.reasons or []), _decision(target, reason)]
    _tell(session, row, "pilot_answered", reason, now, base_url, outcome=target)
    return row


def _decision(code: str, reason: str, **data: int) -> dict[str, object]:
    return {"code": code, "text": reason.strip(), "data": data}


def _asked(session: Session, row: PilotRequest) -> Asked:
    filed = (PilotRequest.year == row.year, PilotRequest.status != "draft")
    counted = select(func.count()).select_from(PilotRequest)
    product = row.designation.product
    region = row.institution.region
    return Asked(
        theme=row.theme,
        field=str(product.get("field_1") or ""),
        running_cost=row.running_cost,
        follow_on=row.follow_on,
        kpis=list(row.kpis or []),
        purpose=row.purpose,
        site=row.site,
        same_region=bool(region) and region == row.designation.organisation.region,
        of_institution=session.execute(counted.where(*filed, PilotRequest.institution_id == row.institution_id)).scalar_one(),
        of_product=session.execute(counted.where(*filed, PilotRequest.designation_id == row.designation_id)).scalar_one(),
    )


def _draft(session: Session, designation: Designation, actor: Actor, request_id: str | None, now: datetime) -> PilotRequest:
    if request_id is not None:
        row = by_public_id(session, PilotRequest, request_id)
        permissions.require(actor, "pilot_request.write", row)
        if row.designation_id != designation.id:
            raise NotFound("not_found")
        if row.status != "draft":
            raise WrongStage("pilot.not_a_draft")
        return row
    if not actor.organisation_ids:
        raise WrongStage("pilot.no_institution")
    return PilotRequest(
        designation_id=designation.id, institution_id=min(actor.organisation_ids), owner_id=actor.account_id, created_at=now
    )


def _problems(theme: str, quantity: int, least: int, most: int | None, texts: Sequence[str]) -> dict[str, str]:
    problems: dict[str, str] = {}
    if theme not in THEMES:
        problems["theme"] = "pilot.theme_unknown"
    if quantity < max(least, 1) or (most is not None and quantity > most):
        problems["quantity"] = "pilot.outside_plan" if most is not None else "pilot.below_plan"
    if any(len(text) > TEXT_MOST for text in texts):
        problems["purpose"] = "pilot.text_long"
    return problems


def _tell(session: Session, row: PilotRequest, template: str, reason: str, now: datetime, base_url: str, **values: object) -> None:
    owner = session.get(Account, row.owner_id) if row.owner_id else None
    if owner is not None:
        session.flush()
        product = row.designation.product
        mail.send(
            session,
            template,
            to=owner.mail,
            language=owner.language,
            key=f"{template}:{row.public_id}:{row.version}",
            now=now,
            name=owner.person.name,
            product=product.get("name_ko") or product.get("name_en") or "",
            number=row.designation.number,
            asked=row.quantity,
            reason=reason.strip(),
            link=f"{base_url}/institution/requests/{row.public_id}",
            **values,
        )
