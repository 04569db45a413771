"""Suggests sub-fields: for one dossier as it is being written, and, when nothing else is owed to the models, for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import clock, records
from app.documents import dossier
from app.jobs import matching
from app.jobs.job import Job
from app.models.applications import Application
from app.models.experts import Expert
from app.models.process import Promise
from app.models.suggestions import FieldSuggestion
from app.stages import suggestions as stage
from app.workflow import dossiers, suggestions
from app.workflow.actors import SYSTEM
from config import Config
from reviewers.fields import all_fields
from reviewers.suggestion import Reader, Suggested
from reviewers.vector_cache import VectorCache

EXPERTS_AT_ONCE, DOSSIERS_AT_ONCE = 150, 20  # ten seconds or so: what is ordered meanwhile waits no longer
POLITE = timedelta(seconds=20)  # the rest steps back so long for a run, or for somebody who is writing
MOST = 5


@cache
def reader(config: Config) -> Reader:
    """One for each process: the models and the descriptions' vectors stay in memory."""
    return Reader(tuple(all_fields().values()), matching.encoders(config), VectorCache(config.vectors_dir))


def suggest(job: Job) -> None:
    """The dossier as it stands now, whatever it was when it was asked for."""
    application_id = job.args["application"]
    with job.database.read() as session:
        application = dossiers.find(session, application_id)
        texts = dossier.subject(dossiers.latest(session, application).content)
    reading = reader(job.config)
    found = stage.Found(suggestions.digest(texts), _plain(reading.suggest([texts], most=MOST)[0]))
    with job.effect() as session:
        now = clock.now(session)
        stage.record(session, application_id, found, model_digest=reading.digest, actor=SYSTEM, now=now)


def suggest_rest(job: Job) -> None:
    """A chunk of experts and filed dossiers without a suggestion by today's method; then the next chunk is owed."""
    reading = reader(job.config)
    model_digest = reading.digest
    with job.database.read() as session:
        busy = _others_wait(session)
        pool = {} if busy else _experts(session, model_digest)
        filed = {} if busy or pool else _filed(session, model_digest)
        works = records.works_of(session, list(pool))
    by_works = reading.suggest_from_works(list(works.values()), most=MOST, progress=job.progress)
    by_words = reading.suggest(list(filed.values()), most=MOST)
    with job.effect() as session:
        now = clock.now(session)
        stage.record_rest(
            session,
            {own: stage.Found(pool[own], _plain(found)) for own, found in zip(works, by_works, strict=True)},
            {own: stage.Found(suggestions.digest(filed[own]), _plain(found)) for own, found in zip(filed, by_words, strict=True)},
            model_digest=model_digest,
            actor=SYSTEM,
            now=now,
        )
        if busy or pool or filed:
            stage.go_on_later(session, beside=job.claim.promise_id, now=now, after=POLITE if busy else timedelta(0))


def _others_wait(session: Session) -> bool:
    """Whether a run or a writer waits for the models."""
    others = select(Promise.id).where(
        Promise.queue == "ml", Promise.state == "open", Promise.due_at <= clock.now(session), Promise.kind != suggestions.REST
    )
    return session.execute(others.limit(1)).first() is not None


def _experts(session: Session, model_digest: str) -> dict[int, str]:
    """Active experts whose profile, or the method, changed since: row → digest of the profile."""
    stale = or_(
        FieldSuggestion.id.is_(None),
        FieldSuggestion.inputs_digest != Expert.digest,
        FieldSuggestion.model_digest != model_digest,
    )
    query = select(Expert.id, Expert.digest).outerjoin(FieldSuggestion, FieldSuggestion.expert_id == Expert.id)
    rows = session.execute(query.where(Expert.active, stale).order_by(Expert.id).limit(EXPERTS_AT_ONCE))
    return {row.id: row.digest for row in rows}


def _filed(session: Session, model_digest: str) -> dict[int, Sequence[str]]:
    """Filed dossiers that have none, or one of another method: row → their words. Those being written ask for themselves."""
    stale = or_(FieldSuggestion.id.is_(None), FieldSuggestion.model_digest != model_digest)
    query = select(Application).outerjoin(FieldSuggestion, FieldSuggestion.application_id == Application.id)
    query = query.where(Application.status.not_in(("draft", "withdrawn")), stale)
    rows = session.execute(query.order_by(Application.id.desc()).limit(DOSSIERS_AT_ONCE)).scalars()
    return {row.id: dossier.subject(dossiers.counting(session, row).content) for row in rows}


def _plain(found: Sequence[Suggested]) -> list[dict[str, Any]]:
    return [
        {
            "code": one.code,
            "score": round(one.score, 4),
            "reasons": [
                {"passage": r.passage, "part": r.part, "similarity": r.similarity, "words": list(r.words)} for r in one.reasons
            ],
            "works": [{"title": w.title, "share": round(w.share, 4), "similarity": round(w.similarity, 4)} for w in one.works],
        }
        for one in found
    ]
