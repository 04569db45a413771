"""The rank of a pilot request: its place, what would stop a match, and who waits before it and would fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.pilots import PilotRequest
from app.models.process import PendingMove
from app.queries import pending, pilot_money
from app.queries.lookup import by_public_id
from app.queries.pending import Pending
from app.queries.pilots import RequestRow, order, request
from app.workflow import permissions
from app.workflow.actors import Actor


@dataclass(frozen=True)
class Standing:
    """`ahead`: better-ranked requests of the same theme that wait and would fit; matching past them takes two officers."""

    place: int
    of: int
    ahead: tuple[RequestRow, ...]
    pending: Pending | None


def standing(session: Session, request_id: str, *, actor: Actor) -> Standing:
    row = by_public_id(session, PilotRequest, request_id)
    permissions.require(actor, "pilot_request.rank")
    ranked = [r.id for r in _of_theme(session, row) if r.score is not None]
    return Standing(
        ranked.index(row.id) + 1 if row.id in ranked else 0,
        len(ranked),
        tuple(request(session, r.public_id, actor=actor) for r in ahead(session, row)),
        pending.of(session, row, actor=actor),
    )


def to_confirm(session: Session, *, actor: Actor) -> list[RequestRow]:
    """Matches out of rank that another officer asked for."""
    permissions.require(actor, "pilot_request.rank")
    rows = session.execute(
        select(PilotRequest)
        .join(PendingMove, PendingMove.subject_id == PilotRequest.id)
        .where(
            PendingMove.subject_kind == PilotRequest.__tablename__,
            PendingMove.closed_at.is_(None),
            PendingMove.from_status == PilotRequest.status,
            PendingMove.asked_by_id != actor.account_id,
        )
        .order_by(PendingMove.id)
    ).scalars()
    return [request(session, r.public_id, actor=actor) for r in rows]


def ahead(session: Session, row: PilotRequest) -> list[PilotRequest]:
    """A request in reserve also stands behind better ones in reserve; what no longer fits is skipped."""
    waiting = ("ranked", "reserve") if row.status == "reserve" else ("ranked",)
    better = [r for r in _of_theme(session, row) if r.status in waiting and order(r) < order(row)]
    return [r for r in better if _fits(session, r)]


def limit_reached(session: Session, row: PilotRequest, amount: int) -> tuple[str, Mapping[str, Any]] | None:
    """The code and figures of the limit that stops this amount: once only, a company's or an institution's share (100: none)."""
    policy = pilot_money.policy_of(session, row.year)
    if row.theme != "overseas" and amount > policy.small_pilot_krw and pilot_money.piloted_before(session, row):
        return "pilot.once_only", {"small_krw": policy.small_pilot_krw}
    budget = pilot_money.budget_of(session, row.year, row.theme)
    if budget is None:
        return None  # the guard of the move says so
    of_company = pilot_money.committed_to_company(session, budget.id, row.designation.organisation_id)
    of_institution = pilot_money.committed_to_institution(session, budget.id, row.institution_id)
    for code, share, spent in (
        ("pilot.company_cap", policy.company_cap_pct, of_company),
        ("pilot.institution_cap", policy.institution_cap_pct, of_institution),
    ):
        cap = budget.amount_krw * share // 100
        if share < 100 and spent + amount > cap:
            return code, {"cap_krw": cap, "share": share, "over_krw": spent + amount - cap}
    return None


def _fits(session: Session, row: PilotRequest) -> bool:
    """Could be matched now with the least units of its supplier's plan."""
    budget = pilot_money.budget_of(session, row.year, row.theme)
    if budget is None or row.designation.status != "active":
        return False
    amount = row.unit_price_krw * int((row.designation.product.get("pilot_plan") or {}).get("min_units") or 1)
    free = budget.amount_krw - pilot_money.committed(session, budget.id)
    return amount <= free and limit_reached(session, row, amount) is None


def _of_theme(session: Session, row: PilotRequest) -> list[PilotRequest]:
    rows = session.execute(
        select(PilotRequest).where(
            PilotRequest.year == row.year, PilotRequest.theme == row.theme, PilotRequest.status != "draft"
        )
    ).scalars()
    return sorted(rows, key=order)
