"""Pilot budgets and what of them is promised: the ledger added up, and the caps a match must keep."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import journal
from app.models.designations import Designation
from app.models.pilots import LedgerEntry, Pilot, PilotBudget, PilotRequest, PilotRules
from app.workflow.pilot_policy import Policy, from_json
from app.workflow.wordlists import THEMES, Entry


@dataclass(frozen=True)
class BudgetRow:
    """One theme of a year: what it may spend, what is set aside, what is left."""

    year: int
    theme: Entry
    amount_krw: int
    committed_krw: int
    known: bool  # a budget was set

    @property
    def free_krw(self) -> int:
        return self.amount_krw - self.committed_krw


def policy_of(session: Session, year: int) -> Policy:
    """The policy pinned last for a year, else the programme's defaults."""
    pinned = session.execute(
        select(PilotRules.policy).where(PilotRules.year == year).order_by(PilotRules.version.desc()).limit(1)
    ).scalar_one_or_none()
    return from_json(pinned) if pinned else Policy()


def policy_digest(policy: Policy) -> str:
    return journal.sha256(policy.as_json())


def budgets(session: Session, year: int) -> tuple[BudgetRow, ...]:
    """Every theme, also one without a budget yet."""
    known = {b.theme: b for b in session.execute(select(PilotBudget).where(PilotBudget.year == year)).scalars()}
    return tuple(
        BudgetRow(
            year,
            theme,
            known[key].amount_krw if key in known else 0,
            committed(session, known[key].id) if key in known else 0,
            key in known,
        )
        for key, theme in THEMES.items()
    )


def budget_of(session: Session, year: int, theme: str) -> PilotBudget | None:
    return session.execute(select(PilotBudget).where(PilotBudget.year == year, PilotBudget.theme == theme)).scalar_one_or_none()


def committed(session: Session, budget_id: int) -> int:
    return int(
        session.execute(
            select(func.coalesce(func.sum(LedgerEntry.amount_krw), 0)).where(LedgerEntry.budget_id == budget_id)
        ).scalar_one()
    )


def committed_to_company(session: Session, budget_id: int, organisation_id: int) -> int:
    """What of a budget is set aside for products of one company."""
    return _committed(session, budget_id, Designation.organisation_id == organisation_id)


def committed_to_institution(session: Session, budget_id: int, institution_id: int) -> int:
    return _committed(session, budget_id, PilotRequest.institution_id == institution_id)


def piloted_before(session: Session, request: PilotRequest) -> bool:
    """Whether this institution has had a pilot of this product that was not cancelled."""
    found = (
        select(Pilot.id)
        .join(PilotRequest, PilotRequest.id == Pilot.request_id)
        .where(
            PilotRequest.designation_id == request.designation_id,
            PilotRequest.institution_id == request.institution_id,
            PilotRequest.id != request.id,
            Pilot.status != "cancelled",
        )
    )
    return session.execute(found).first() is not None


def _committed(session: Session, budget_id: int, where: object) -> int:
    total = (
        select(func.coalesce(func.sum(LedgerEntry.amount_krw), 0))
        .join(Pilot, Pilot.id == LedgerEntry.pilot_id)
        .join(PilotRequest, PilotRequest.id == Pilot.request_id)
        .join(Designation, Designation.id == PilotRequest.designation_id)
        .where(LedgerEntry.budget_id == budget_id, where)
    )  # type: ignore[arg-type]
    return int(session.execute(total).scalar_one())
