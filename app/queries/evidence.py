"""Why an expert suits a panel: passages of its dossiers against the expert's works, taken apart when somebody asks.

Works for every pair of a run, seated or not: the vectors are those that the run left, no model is opened.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import affinities, records
from app.errors import NotFound
from app.models.applications import Application
from app.models.experts import Expert, Work
from app.models.matching import MatchRun, RunPanel
from app.queries import drafts
from app.workflow import permissions
from app.workflow.actors import Actor
from reviewers.errors import VectorMissing
from reviewers.evidence import evidence, works_behind
from reviewers.fit import Fit, from_bytes
from reviewers.records import Dossier, Meeting, WorkShare
from reviewers.vector_cache import VectorCache

MEETINGS = 20  # of one dossier; what is left over is told in sum


@dataclass(frozen=True)
class DossierEvidence:
    """`rest` is the share of the meetings that are not shown; `state`: "" , no_works, or changed since the run."""

    label: str
    title: str
    affinity: float | None
    meetings: tuple[Meeting, ...]
    rest: float
    state: str


@dataclass(frozen=True)
class Evidence:
    """`state`: "" , gone (no longer in the pool), unmeasured (the run kept nothing that can be asked)."""

    number: int
    expert_id: str
    name: str
    organisation: str
    state: str
    dossiers: tuple[DossierEvidence, ...]
    urls: dict[str, str]  # work → its address


def of_pair(
    session: Session, run_id: str, number: int, expert_id: str, *, folder: Path, vectors: Path, actor: Actor
) -> Evidence:
    """Of one expert and each dossier of one panel; `folder` keeps the fits of runs, `vectors` the vectors."""
    permissions.require(actor, "matching.read")
    panel, left = _panel(session, run_id, number), _left_by(session, run_id, folder, actor)
    who = session.execute(select(Expert).where(Expert.public_id == expert_id)).scalar_one_or_none()
    if who is None:
        raise NotFound("not_found")
    state = "gone" if not who.active else "" if left else "unmeasured"
    found = Evidence(number, expert_id, who.person.name, who.organisation.name if who.organisation else "", state, (), {})
    if left is None or state:
        return found
    kept = affinities.find(folder, left.run_id)
    pool, cache = records.pool(session, only=[who.id]), VectorCache(vectors)
    out = []
    for application, dossier in _read(session, panel):
        affinity = kept.of([application.id]).get(who.id) if kept else None
        meetings, told = (), "changed"
        with suppress(VectorMissing):
            meetings = evidence(dossier, pool.experts[0], left.encoders, cache, left.fit)
            told = "" if meetings else "no_works"
        shown = tuple(_by_row(met, pool) for met in meetings[:MEETINGS])
        rest = sum(met.share for met in meetings[MEETINGS:])
        out.append(DossierEvidence(application.label, application.title, affinity, shown, rest, told))
    ids = {met.work.work_id for own in out for met in own.meetings}
    urls = {row.public_id: row.url for row in session.execute(select(Work.public_id, Work.url).where(Work.public_id.in_(ids)))}
    return replace(found, dossiers=tuple(out), urls=urls)


def works(
    session: Session, run_id: str, number: int, experts: Collection[int], *, folder: Path, vectors: Path, actor: Actor
) -> dict[int, tuple[WorkShare, ...]]:
    """The works behind some experts for one panel, by row; whoever cannot be asked about is left out."""
    permissions.require(actor, "matching.read")
    left = _left_by(session, run_id, folder, actor) if experts else None
    if left is None:
        return {}
    dossiers = [dossier for _, dossier in _read(session, _panel(session, run_id, number))]
    pool, cache = records.pool(session, only=experts), VectorCache(vectors)
    out = {}
    for expert in pool.experts:
        with suppress(VectorMissing):
            out[pool.row_ids[expert.id]] = works_behind(dossiers, expert, left.encoders, cache, left.fit)
    return out


@dataclass(frozen=True)
class _Left:
    """What the computed run left behind, so that it can be asked again."""

    run_id: str
    encoders: Mapping[str, str]
    fit: Fit


def _left_by(session: Session, run_id: str, folder: Path, actor: Actor) -> _Left | None:
    root = drafts.root(session, run_id, actor=actor)
    summary = session.execute(select(MatchRun.summary).where(MatchRun.public_id == root)).scalar_one()
    fit = _fit(folder, summary.get("fit", "")) if summary.get("vectors") else None
    return _Left(root, summary["vectors"], fit) if fit else None


def _panel(session: Session, run_id: str, number: int) -> RunPanel:
    query = select(RunPanel).join(MatchRun, MatchRun.id == RunPanel.run_id)
    found = session.execute(query.where(MatchRun.public_id == run_id, RunPanel.number == number)).scalar_one_or_none()
    if found is None:
        raise NotFound("not_found")
    return found


def _read(session: Session, panel: RunPanel) -> list[tuple[Application, Dossier]]:
    """The dossiers of a panel as a run reads them."""
    query = select(Application).where(Application.id.in_(panel.application_ids)).order_by(Application.number)
    applications = session.execute(query).scalars().all()
    papers, filed = records.documents(session, applications), records.filed(session, applications).dossiers
    whole = [replace(dossier, documents=papers[dossier.id].passages) for dossier in filed]
    return list(zip(applications, whole, strict=True))


def _by_row(met: Meeting, pool: records.Pool) -> Meeting:
    """The work under the name that addresses use."""
    return replace(met, work=replace(met.work, work_id=pool.work_ids[met.work.work_id]))


@lru_cache(maxsize=4)
def _fit(folder: Path, digest: str) -> Fit | None:
    """A fit is what its digest says, so that it may be kept in memory."""
    stored = affinities.find_fit(folder, digest)
    return from_bytes(stored) if stored else None
