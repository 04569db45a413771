"""Suggested sub-fields as people read them: beside an applicant's own choice, a coordinator's view of both, an expert's works."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents import dossier
from app.models.applications import Application
from app.models.process import Promise
from app.models.suggestions import FieldSuggestion
from app.workflow import dossiers, permissions, suggestions
from app.workflow.actors import Actor
from reviewers.fields import SubField, all_fields
from reviewers.text import enough, language_of

LATE = timedelta(minutes=2)  # without an answer for so long, the page says that the models are away or busy
LEAST = 0.05  # a score below is no suggestion


@dataclass(frozen=True)
class Reason:
    """A sentence of the dossier, the part of the description it is near to, words that both use."""

    passage: str
    part: str
    words: tuple[str, ...]

    @property
    def language(self) -> str:
        """Of both sentences: a text is compared with the description in its own language."""
        return language_of(self.passage)


@dataclass(frozen=True)
class WorkLine:
    title: str
    share: float  # of the sub-field's score
    similarity: float


@dataclass(frozen=True)
class Line:
    """One suggested sub-field; `rank` is the applicant's own, 0 when not chosen."""

    field: SubField
    score: float
    reasons: tuple[Reason, ...]
    works: tuple[WorkLine, ...]
    rank: int


@dataclass(frozen=True)
class Suggestion:
    """`state`: ready, changed (newer words are being read), waiting, late, failed, missing, too_little."""

    state: str
    lines: tuple[Line, ...]
    computed_at: datetime | None
    chosen: tuple[SubField, ...] = ()  # by the applicant, in rank
    doubt: Line | None = None  # a sure suggestion that the first choice is not

    @property
    def under_way(self) -> bool:
        return self.state in ("waiting", "changed", "late")


def of_dossier(session: Session, application_id: str, *, actor: Actor, now: datetime) -> Suggestion:
    """What is suggested for a dossier as it is being written, beside its ranked choice."""
    application = dossiers.find(session, application_id)
    permissions.require(actor, "application.follow", application)
    return _shown(session, application, dossiers.latest(session, application).content, now)


def of_filed(session: Session, application_id: str, *, actor: Actor, now: datetime) -> Suggestion:
    """The same for the version that counts, as a coordinator reads it."""
    application = dossiers.find(session, application_id)
    permissions.require(actor, "call.read")
    permissions.require(actor, "application.read", application)
    return _shown(session, application, dossiers.counting(session, application).content, now)


def of_expert(session: Session, expert: int, declared: Sequence[str]) -> Suggestion | None:
    """What an expert's works speak for; `rank` is the place among the declared sub-fields, the main one first."""
    row = suggestions.of_expert(session, expert)
    if row is None:
        return None
    return Suggestion("ready", _lines(row, {code: n for n, code in enumerate(declared, 1)}), row.computed_at)


def _shown(session: Session, application: Application, content: dossier.Content, now: datetime) -> Suggestion:
    texts, codes = dossier.subject(content), dossier.sub_fields(content)
    chosen = tuple(all_fields()[code] for code in codes if code in all_fields())
    if not enough(texts):
        return Suggestion("too_little", (), None, chosen)
    row = suggestions.of_application(session, application.id)
    if row is None:
        return Suggestion("missing", (), None, chosen)
    lines = _lines(row, {code: n for n, code in enumerate(codes, 1)})
    first = lines[0] if lines else None
    doubted = first is not None and first.score >= suggestions.SURE and first.rank != 1 and bool(chosen)
    state = _state(session, row, suggestions.digest(texts), now)
    return Suggestion(state, lines, row.computed_at, chosen, first if doubted else None)


def _state(session: Session, row: FieldSuggestion, digest: str, now: datetime) -> str:
    if row.inputs_digest == digest:
        return "ready"
    promise = session.get(Promise, row.promise_id) if row.promise_id is not None else None
    if promise is None or promise.state == "done":
        return "missing"
    if promise.state == "dead":
        return "failed"
    if now - max(promise.created_at, row.asked_at) > LATE:
        return "late"
    return "changed" if row.computed_at is not None else "waiting"


def _lines(row: FieldSuggestion, ranks: Mapping[str, int]) -> tuple[Line, ...]:
    known = all_fields()
    return tuple(
        Line(
            known[one["code"]],
            one["score"],
            tuple(Reason(r["passage"], r["part"], tuple(r["words"])) for r in one["reasons"]),
            tuple(WorkLine(w["title"], w["share"], w["similarity"]) for w in one["works"]),
            ranks.get(one["code"], 0),
        )
        for one in row.suggested
        if one["code"] in known and (one["score"] >= LEAST or one["code"] in ranks)
    )


def first_of(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, float]]:
    """Application row → the sub-field suggested first and its score, as far as computed."""
    rows = session.execute(
        select(FieldSuggestion.application_id, FieldSuggestion.suggested).where(FieldSuggestion.application_id.in_(ids))
    )
    return {own: (suggested[0]["code"], suggested[0]["score"]) for own, suggested in rows if own is not None and suggested}
