"""Requests about designations: what a holder may ask for today, one request with former and new, the coordinators' queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from app.clock import today_kst
from app.documents.dossier import FILE_MB
from app.errors import NotFound
from app.models.applications import Decision
from app.models.designation_requests import DesignationRequest
from app.models.designations import Designation
from app.models.people import Account
from app.queries import pending, request_effects
from app.queries.lookup import by_public_id
from app.queries.pending import Pending
from app.queries.products import names_of
from app.queries.readings import Verdict, verdicts
from app.workflow import door, effect_words, permissions, terms
from app.workflow.actors import Actor
from app.workflow.effect_words import Change
from app.workflow.terms import OPEN, Term
from app.workflow.wordlists import REQUEST_KINDS

DECIDED_SHOWN = 50


@dataclass(frozen=True)
class Opening:
    """One kind of request today: open, or closed with the code and data of the reason."""

    kind: str
    open: bool
    code: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Asking:
    """What a holder may ask of one designation, with what its form shows."""

    designation_id: str
    number: str
    name: Mapping[str, str]
    company: Mapping[str, str]
    product: Mapping[str, Any]
    term: str
    valid_until: date
    opens_on: date
    next_term: Term | None
    openings: tuple[Opening, ...]
    file_mb: int

    def opening(self, kind: str) -> Opening:
        return next(o for o in self.openings if o.kind == kind)


@dataclass(frozen=True)
class Task:
    """What a holder has to see to: `answer` a request that came back, `extend` a term that ends."""

    code: str
    designation_id: str
    request_id: str
    number: str
    name: Mapping[str, str]
    due_on: date


@dataclass(frozen=True)
class FileRow:
    public_id: str
    number: int
    name: str
    kind: str
    size: int
    sha256: str
    verdict: Verdict = field(default_factory=Verdict)


@dataclass(frozen=True)
class VersionRow:
    number: int
    content: Mapping[str, Any]
    digest: str
    at: datetime


@dataclass(frozen=True)
class Decided:
    outcome: str
    text: Mapping[str, str]
    at: datetime
    by: str
    confirmed_by: str


@dataclass(frozen=True)
class Line:
    """A request in a list; `owed_at` is when it should be decided: its own date, or the end of the term it wants extended."""

    public_id: str
    kind: str
    status: str
    designation_id: str
    number: str
    name: Mapping[str, str]
    company: Mapping[str, str]
    valid_until: date
    filed_at: datetime
    owed_at: date
    awaits_second: bool

    @property
    def open(self) -> bool:
        return self.status in OPEN


@dataclass(frozen=True)
class Case(Line):
    """One request whole. `hindrance`: what stands against granting it now; `changes`: former and new, as granted once decided.

    `held`: the reader acts for the holder; whoever filed it before a transfer only reads.
    """

    filed_by: str
    taken_up_at: datetime | None
    question: str
    versions: tuple[VersionRow, ...]
    files: tuple[FileRow, ...]
    changes: tuple[Change, ...]
    capped: bool
    family: str
    registered: bool
    hindrance: tuple[str, Mapping[str, Any]] | None
    pending: Pending | None
    decided: Decided | None
    held: bool

    @property
    def content(self) -> Mapping[str, Any]:
        return self.versions[-1].content


def asking(session: Session, designation_id: str, now: datetime, *, actor: Actor) -> Asking:
    """What the holder may ask for today, kind by kind, and why not."""
    row = by_public_id(session, Designation, designation_id)
    permissions.require(actor, "designation.request", row)
    return Asking(
        row.public_id,
        row.number,
        _name(row),
        names_of(row.organisation),
        row.product,
        row.term,
        row.valid_until,
        terms.opens_on(row),
        terms.next_term(row),
        tuple(_opening(session, row, kind, today_kst(now)) for kind in REQUEST_KINDS),
        int(terms.rules_of(row).extra.get("file_mb", FILE_MB)),
    )


def mine(session: Session, *, actor: Actor) -> list[Line]:
    """Of the designations that the actor's companies hold, and what the actor filed; the newest first."""
    return [_line(session, r) for r in _mine(session, actor)]


def owed_by_holder(session: Session, now: datetime, *, actor: Actor) -> list[Task]:
    """What the holder has to see to, the earliest day first: an answer, or an extension that may be asked for until the end."""
    returned = (
        _line(session, r)
        for r in _mine(session, actor)
        if r.status == "returned" and permissions.may(actor, "designation.request", r.designation)
    )
    tasks = [Task("answer", r.designation_id, r.public_id, r.number, r.name, r.owed_at) for r in returned]
    held = select(Designation).where(Designation.organisation_id.in_(actor.organisation_ids), Designation.status == "active")
    tasks += [
        Task("extend", row.public_id, "", row.number, _name(row), row.valid_until)
        for row in session.execute(held).scalars()
        if _opening(session, row, "extension", today_kst(now)).open
    ]
    return sorted(tasks, key=lambda task: task.due_on)


def to_decide(session: Session, *, actor: Actor) -> int:
    """How many requests wait for a coordinator."""
    permissions.require(actor, "designation_request.queue")
    waiting = DesignationRequest.status.in_(("filed", "under_review"))
    return session.execute(select(func.count()).select_from(DesignationRequest).where(waiting)).scalar_one()


def queue(session: Session, *, actor: Actor) -> tuple[list[Line], list[Line]]:
    """What is open, what is owed first on top; and what was decided or withdrawn last."""
    permissions.require(actor, "designation_request.queue")
    rows = select(DesignationRequest).options(selectinload(DesignationRequest.designation))
    open_ = session.execute(rows.where(DesignationRequest.status.in_(OPEN))).scalars()
    done = rows.where(DesignationRequest.status.not_in(OPEN)).order_by(DesignationRequest.id.desc()).limit(DECIDED_SHOWN)
    return (
        sorted((_line(session, r) for r in open_), key=lambda r: (r.status == "returned", r.owed_at, r.filed_at)),
        [_line(session, r) for r in session.execute(done).scalars()],
    )


def one(session: Session, request_id: str, now: datetime, *, actor: Actor) -> Case:
    request = by_public_id(session, DesignationRequest, request_id)
    permissions.require(actor, "designation_request.read", request)
    row, line = request.designation, _line(session, request)
    decided = session.execute(
        select(Decision).where(Decision.subject_kind == "designation_request", Decision.subject_id == request.id)
    ).scalar_one_or_none()
    effect = request_effects.of(session, request) if line.open else dict(decided.inputs.get("effect") or {}) if decided else {}
    term = terms.next_term(row) if request.kind == "extension" else None
    return Case(
        **vars(line),
        filed_by=request.filed_by.person.name if request.filed_by else "",
        taken_up_at=request.taken_up_at,
        question=request.question,
        versions=tuple(VersionRow(v.number, v.content, v.digest, v.at) for v in request.versions),
        files=_files(session, request),
        changes=effect_words.changes(effect),
        capped=bool(term and term.capped),
        family=row.family.first.number if row.family else "",
        registered="business_no" in effect and request_effects.company_of(session, effect["business_no"][1]) is not None,
        hindrance=_against(session, request, now) if line.open else None,
        pending=pending.of(session, request, actor=actor),
        decided=_decided(session, decided) if decided else None,
        held=permissions.may(actor, "designation.request", row),
    )


def _files(session: Session, request: DesignationRequest) -> tuple[FileRow, ...]:
    said = verdicts(session, (("", f.sha256) for f in request.files))
    return tuple(
        FileRow(f.public_id, f.number, f.name, f.kind, f.size, f.sha256, said["", f.sha256]) for f in request.files
    )


def file(session: Session, request_id: str, file_id: str, *, actor: Actor) -> FileRow:
    """One piece of evidence, for whoever may read the request."""
    request = by_public_id(session, DesignationRequest, request_id)
    permissions.require(actor, "designation_request.read", request)
    for f in request.files:
        if f.public_id == file_id:
            return FileRow(f.public_id, f.number, f.name, f.kind, f.size, f.sha256)
    raise NotFound("not_found")


def _mine(session: Session, actor: Actor) -> list[DesignationRequest]:
    permissions.require(actor, "designation_request.read")
    found = session.execute(
        select(DesignationRequest)
        .join(Designation, Designation.id == DesignationRequest.designation_id)
        .where(or_(Designation.organisation_id.in_(actor.organisation_ids), DesignationRequest.filed_by_id == actor.account_id))
        .order_by(DesignationRequest.id.desc())
    ).scalars()
    return list(found)


def _opening(session: Session, row: Designation, kind: str, today: date) -> Opening:
    refused = terms.against(terms.require_fileable, session, row, kind, today)
    return Opening(kind, refused is None, refused.code if refused else "", refused.data if refused else {})


def _against(session: Session, request: DesignationRequest, now: datetime) -> tuple[str, Mapping[str, Any]] | None:
    refused = terms.against(terms.require_grantable, session, request.designation, request.kind, today_kst(now))
    return (refused.code, refused.data) if refused else None


def _line(session: Session, r: DesignationRequest) -> Line:
    row, owed = r.designation, today_kst(r.due_at - timedelta(microseconds=1))  # due at the end of that day
    return Line(
        r.public_id,
        r.kind,
        r.status,
        row.public_id,
        row.number,
        _name(row),
        names_of(row.organisation),
        row.valid_until,
        r.filed_at,
        min(owed, row.valid_until) if r.kind == "extension" else owed,
        door.pending_of(session, r) is not None,
    )


def _name(row: Designation) -> Mapping[str, str]:
    ko = str(row.product.get("name_ko") or "")
    return {"ko": ko, "en": str(row.product.get("name_en") or ko)}


def _decided(session: Session, d: Decision) -> Decided:
    people: Sequence[Account | None] = [session.get(Account, a) if a else None for a in (d.by_id, d.confirmed_by_id)]
    by, confirmed = (a.person.name if a else "" for a in people)
    return Decided(d.outcome, {"ko": d.text_ko, "en": d.text_en}, d.at, by, confirmed)
