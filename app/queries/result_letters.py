"""The result as its applicant may read it: after the decision only, without names, with the panel's words to the applicant."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models.applications import Application, Decision
from app.models.results import CalibrationRun, Result
from app.models.reviews import Sheet
from app.workflow import permissions
from app.workflow.actors import Actor
from scoring.rubric import Rubric, load


@dataclass(frozen=True)
class Comment:
    """One panellist's words to the applicant. The label is drawn for this letter and says nothing about the person."""

    label: str
    text: str


@dataclass(frozen=True)
class ResultLetter:
    public_id: str
    number: str
    title: str
    call: Mapping[str, str]
    outcome: str  # designated, rejected
    decided_at: datetime
    text: Mapping[str, str]
    rubric: Rubric
    total: str
    raw_mean: str
    pass_mark: str
    n_sheets: int
    criteria: Sequence[Mapping[str, Any]]  # code, mean, maximum, cut_line, met
    gates: Sequence[Mapping[str, Any]]  # code, yes, no, met
    reasons: Sequence[Mapping[str, Any]]  # codes of the rules that were met or missed, with their values
    comments: tuple[Comment, ...]
    has_marks: bool
    lapsed_at: datetime | None  # a re-review was ordered since


def one(session: Session, public_id: str, *, actor: Actor) -> ResultLetter:
    """The newest decision for or against designation, with the marks it rests on; before it there is no letter."""
    row = session.execute(select(Application).where(Application.public_id == public_id)).scalar_one_or_none()
    if row is None:
        raise NotFound("not_found")
    permissions.require(actor, "application.follow", row)
    decision = session.execute(
        select(Decision)
        .where(
            Decision.subject_kind == "application",
            Decision.subject_id == row.id,
            Decision.outcome.in_(("designated", "rejected")),
        )
        .order_by(Decision.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    if decision is None:
        raise NotFound("not_found")
    result = _result(session, row, decision.at)
    return ResultLetter(
        public_id=row.public_id,
        number=row.filed_number,
        title=row.title,
        call={"ko": row.call.title_ko, "en": row.call.title_en},
        outcome=decision.outcome,
        decided_at=decision.at,
        text={"ko": decision.text_ko, "en": decision.text_en},
        rubric=load(row.call.rubric),
        total=result.total if result else "",
        raw_mean=result.raw_mean if result else "",
        pass_mark=str(row.call.rules.get("pass_mark", "")),
        n_sheets=result.n_sheets if result else 0,
        criteria=tuple(result.criteria) if result else (),
        gates=tuple(result.gates) if result else (),
        reasons=tuple(result.reasons) if result else (),
        comments=_comments(session, result) if result else (),
        has_marks=result is not None,
        lapsed_at=_lapsed_at(session, decision),
    )


def _lapsed_at(session: Session, decision: Decision) -> datetime | None:
    later = select(Decision.at).where(
        Decision.subject_kind == "application",
        Decision.subject_id == decision.subject_id,
        Decision.outcome == "re_review",
        Decision.id > decision.id,
    )
    return session.execute(later.limit(1)).scalar_one_or_none()


def _result(session: Session, row: Application, decided_at: datetime) -> Result | None:
    """The result the decision could know, of the last round by then: a later panel's marks stay closed until decided on."""
    return session.execute(
        select(Result)
        .join(CalibrationRun, CalibrationRun.id == Result.run_id)
        .where(Result.application_id == row.id, CalibrationRun.at <= decided_at)
        .order_by(CalibrationRun.round_id.desc(), CalibrationRun.id.desc())
        .limit(1)
    ).scalar_one_or_none()


def _comments(session: Session, result: Result) -> tuple[Comment, ...]:
    keys = [str(line["sheet"]) for line in result.sheets]
    words = {
        sheet.public_id: sheet.to_applicant.strip()
        for sheet in session.execute(select(Sheet).where(Sheet.public_id.in_(keys))).scalars()
    }
    drawn = sorted(keys, key=lambda key: hashlib.sha256(f"{result.run.public_id}:{key}".encode()).hexdigest())
    said = [words[key] for key in drawn if words.get(key)]
    return tuple(Comment(f"R{n}", text) for n, text in enumerate(said, 1))
