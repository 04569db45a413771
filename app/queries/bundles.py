"""What the committee reads of one application: summary, marks by criterion, consensus, fitness, objections; and its digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.models.applications import Application
from app.models.designations import FitnessReview, Objection
from app.models.results import Result
from app.queries.product_facts import content_of, facts
from app.workflow import rounds
from scoring import rubric as rubrics


@dataclass(frozen=True)
class CriterionRow:
    code: str
    label: Mapping[str, str]
    mean: str
    maximum: str
    cut_line: str
    met: bool | None


@dataclass(frozen=True)
class FitnessRow:
    outcome: str
    checks: Mapping[str, str]
    reasons: str
    at: datetime
    answer_by: datetime | None
    answer: str
    answered_at: datetime | None
    lapsed: bool  # it looked at what a former panel had recommended


@dataclass(frozen=True)
class ObjectionRow:
    public_id: str
    kind: str
    status: str
    name: str
    ground: str
    text: str
    language: str
    filed_at: datetime
    due_at: datetime
    answer: str
    answered_at: datetime | None
    application_id: str
    title: str
    label: str


@dataclass(frozen=True)
class Bundle:
    application_id: str
    label: str
    number: str
    title: str
    language: str
    status: str
    company: str
    field_1: str
    product: Mapping[str, Any]
    total: str
    outcome: str
    n_sheets: int
    reasons: Sequence[Mapping[str, Any]]
    criteria: tuple[CriterionRow, ...]
    consensus: str
    alarms_note: str
    fitness: tuple[FitnessRow, ...]
    objections: tuple[ObjectionRow, ...]

    @property
    def digest(self) -> str:
        """Of what is put before the committee; states and times of answers move on and are left out."""
        return journal.sha256(
            [
                self.application_id,
                self.product,
                self.total,
                self.outcome,
                [[c.code, c.mean] for c in self.criteria],
                self.consensus,
                [[f.outcome, dict(f.checks), f.reasons, f.answer] for f in self.fitness],
                [[o.public_id, o.status, o.text, o.answer] for o in self.objections],
            ]
        )


def bundle_of(session: Session, application: Application) -> Bundle:
    """Read by whoever may read the application; callers check that."""
    result, said = rounds.result_of(session, application), rounds.deliberation_of(session, application)
    return Bundle(
        application_id=application.public_id,
        label=application.label,
        number=application.filed_number,
        title=application.title,
        language=application.language,
        status=application.status,
        company=application.organisation.name,
        field_1=application.field_1,
        product=facts(application, content_of(session, application)),
        total=result.total if result else "",
        outcome=result.outcome if result else "",
        n_sheets=result.n_sheets if result else 0,
        reasons=list(result.reasons) if result else [],
        criteria=_criteria(application, result),
        consensus=said.text if said else "",
        alarms_note=said.alarms_note if said else "",
        fitness=fitness_of(session, application),
        objections=objections_of(session, application.id),
    )


def fitness_of(session: Session, application: Application) -> tuple[FitnessRow, ...]:
    rows = session.execute(
        select(FitnessReview).where(FitnessReview.application_id == application.id).order_by(FitnessReview.id)
    ).scalars()
    return tuple(
        FitnessRow(
            r.outcome, r.checks, r.reasons, r.at, r.answer_by, r.answer, r.answered_at, r.round_id != application.round_id
        )
        for r in rows
    )


def objections_of(session: Session, application_id: int) -> tuple[ObjectionRow, ...]:
    rows = session.execute(select(Objection).where(Objection.application_id == application_id).order_by(Objection.id)).scalars()
    return tuple(objection_row(r) for r in rows)


def objection_row(r: Objection) -> ObjectionRow:
    return ObjectionRow(
        r.public_id,
        r.kind,
        r.status,
        r.name,
        r.ground,
        r.text,
        r.language,
        r.filed_at,
        r.due_at,
        r.answer,
        r.answered_at,
        r.application.public_id,
        r.application.title,
        r.application.label,
    )


def _criteria(application: Application, result: Result | None) -> tuple[CriterionRow, ...]:
    if result is None:
        return ()
    labels = {c.code: c for c in rubrics.load(application.call.rubric).criteria}
    return tuple(
        CriterionRow(
            str(c.get("code", "")),
            _pair(labels.get(c.get("code", "")), str(c.get("code", ""))),
            str(c.get("mean", "")),
            str(c.get("maximum", "")),
            "" if c.get("cut_line") is None else str(c["cut_line"]),
            c.get("met"),
        )
        for c in result.criteria
    )


def _pair(label: Any, code: str) -> Mapping[str, str]:
    return {"ko": getattr(label, "ko", code), "en": getattr(label, "en", code)}
