"""The result as its applicant may read it: after the decision only, without names, with the panel's words to the applicant."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import end_of_day_kst, today_kst
from app.errors import NotFound
from app.models.applications import Application, Decision
from app.models.matching import Panel
from app.models.results import CalibrationRun, Result
from app.models.reviews import Sheet
from app.queries import deliberations
from app.workflow import permissions
from app.workflow import rules as call_rules
from app.workflow.actors import Actor
from app.workflow.scores import pass_mark_of
from scoring.decision import round_half_up
from scoring.rubric import Rubric, load

AVERAGE_LEAST = 5


@dataclass(frozen=True)
class Comment:
    """One panellist's words to the applicant. The label is drawn for this letter and says nothing about the person."""

    label: str
    text: str


@dataclass(frozen=True)
class Marks:
    """One panellist's marks, under the same label as their words."""

    label: str
    total: str
    criteria: Mapping[str, str]


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
    bonus: str  # points within the total; empty without
    n_sheets: int
    criteria: Sequence[Mapping[str, Any]]  # code, mean, maximum, cut_line, met
    gates: Sequence[Mapping[str, Any]]  # code, yes, no, met
    reasons: Sequence[Mapping[str, Any]]  # codes of the rules that were met or missed, with their values
    comments: tuple[Comment, ...]
    has_marks: bool
    lapsed_at: datetime | None  # a re-review was ordered since
    disclosed: frozenset[str]  # by the rules of the call
    opinion: tuple[tuple[str, str], ...]  # topic and text of the panel's consensus
    marks: tuple[Marks, ...]
    panellists: tuple[str, ...]  # names in alphabetical order, apart from the labels
    average: str  # of the sub-field; empty where too few were judged
    object_until: datetime | None
    language: str


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
    rules = call_rules.from_json(row.call.rules)
    told = frozenset(rules.disclosed)
    labels = _labels(decision, result)
    panel = deliberations.panel_in(session, row, result.run.round_id) if result else None
    ends = end_of_day_kst(today_kst(decision.at) + timedelta(days=rules.objection_days))
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
        pass_mark=pass_mark_of(result, row.call.rules.get("pass_mark", "")),
        bonus=str((result.detail or {}).get("bonus", "")) if result else "",
        n_sheets=result.n_sheets if result else 0,
        criteria=tuple(result.criteria) if result and "criteria" in told else (),
        gates=tuple(result.gates) if result and "criteria" in told else (),
        reasons=tuple(result.reasons) if result else (),
        comments=_comments(session, labels) if "comments" in told else (),
        has_marks=result is not None,
        lapsed_at=_lapsed_at(session, decision),
        disclosed=told,
        opinion=_opinion(session, row, panel) if panel and "opinion" in told else (),
        marks=_marks(result, labels) if result and "sheets" in told else (),
        panellists=_names(session, labels) if "panellists" in told else (),
        average=_average(session, row, result) if result and "average" in told else "",
        object_until=ends if decision.outcome == "rejected" else None,
        language=row.language,
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


def _labels(decision: Decision, result: Result | None) -> dict[str, str]:
    """Sheet → label, drawn anew for every decision: two letters of one panel cannot be laid side by side."""
    keys = [str(line["sheet"]) for line in result.sheets] if result else []
    drawn = sorted(keys, key=lambda key: hashlib.sha256(f"{decision.public_id}:{key}".encode()).hexdigest())
    return {key: f"R{n}" for n, key in enumerate(drawn, 1)}


def _comments(session: Session, labels: Mapping[str, str]) -> tuple[Comment, ...]:
    words = {
        sheet.public_id: sheet.to_applicant.strip()
        for sheet in session.execute(select(Sheet).where(Sheet.public_id.in_(labels))).scalars()
    }
    return tuple(Comment(label, words[key]) for key, label in labels.items() if words.get(key))


def _marks(result: Result, labels: Mapping[str, str]) -> tuple[Marks, ...]:
    lines = {str(line["sheet"]): line for line in result.sheets}
    return tuple(Marks(label, str(lines[key]["total"]), lines[key]["criteria"]) for key, label in labels.items())


def _names(session: Session, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Of those whose sheets count."""
    sheets = session.execute(select(Sheet).where(Sheet.public_id.in_(labels))).scalars()
    return tuple(sorted(sheet.seat.expert.person.name for sheet in sheets))


def _opinion(session: Session, row: Application, panel: Panel) -> tuple[tuple[str, str], ...]:
    """The consensus the chair confirmed, without what was said about single marks."""
    talk = deliberations.talk_of(session, row, panel)
    if talk.confirmed_at is None:
        return ()
    topics = deliberations.topics_of(row)
    return tuple((t, talk.paragraphs[t].text) for t in topics if t in talk.paragraphs and talk.paragraphs[t].text)


def _average(session: Session, row: Application, result: Result) -> str:
    """Of the sub-field in the same computation; of a few, anybody could tell what another applicant got."""
    totals = session.execute(
        select(Result.total)
        .join(Application, Application.id == Result.application_id)
        .where(Result.run_id == result.run_id, Application.field_1 == row.field_1, Result.total != "")
    ).scalars()
    values = [Fraction(total) for total in totals]
    return f"{round_half_up(sum(values, Fraction(0)) / len(values), 2):f}" if len(values) >= AVERAGE_LEAST else ""
