"""The procurement service's queue: what is to be checked, what waits for an answer, what has passed; and one dossier's page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.errors import NotFound
from app.models.applications import Application
from app.queries.bundles import FitnessRow, fitness_of
from app.queries.lookup import by_public_id
from app.queries.product_facts import content_of, facts
from app.queries.products import names_of
from app.workflow import permissions
from app.workflow import rules as call_rules
from app.workflow.actors import Actor

QUEUE = ("fitness_review", "fitness_returned")


@dataclass(frozen=True)
class Checked:
    """One application in the fitness review; `reviews` are oldest first."""

    public_id: str
    label: str
    title: str
    language: str
    company: Mapping[str, str]
    call_code: str
    status: str
    field_1: str
    product: Mapping[str, Any]
    reviews: tuple[FitnessRow, ...]
    answer_days: int

    @property
    def last(self) -> FitnessRow | None:
        return next((one for one in reversed(self.reviews) if not one.lapsed), None)

    @property
    def step(self) -> str:
        """check, check_answer, await_answer, answer_over is told by `over`, passed."""
        if self.status == "fitness_returned":
            return "await_answer"
        if self.last is not None and self.last.outcome == "passed":
            return "passed"
        return "check_answer" if self.last is not None else "check"

    def over(self, now: datetime) -> bool:
        """The time to answer is over and nobody has."""
        return self.step == "await_answer" and bool(self.last and self.last.answer_by and self.last.answer_by <= now)


def queue(session: Session, *, actor: Actor) -> list[Checked]:
    permissions.require(actor, "fitness.review")
    rows = session.execute(
        select(Application)
        .where(Application.status.in_(QUEUE))
        .options(selectinload(Application.organisation), selectinload(Application.call))
        .order_by(Application.call_id, Application.panel_number, Application.number)
    ).scalars()
    return [_checked(session, row) for row in rows]


def one(session: Session, application_id: str, *, actor: Actor) -> Checked:
    """Also after the review, as its history; an application that never came here is not to be found."""
    permissions.require(actor, "fitness.review")
    row = _checked(session, by_public_id(session, Application, application_id))
    if row.status not in QUEUE and not row.reviews:
        raise NotFound("not_found")
    return row


def _checked(session: Session, row: Application) -> Checked:
    return Checked(
        row.public_id,
        row.label,
        row.title,
        row.language,
        names_of(row.organisation),
        row.call.code,
        row.status,
        row.field_1,
        facts(row, content_of(session, row)),
        fitness_of(session, row),
        call_rules.from_json(row.call.rules).fitness_answer_days,
    )
