"""The eligibility queue of a call, and one application with everything a coordinator decides by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents import dossier
from app.errors import NotFound
from app.models.applications import Application, Finding, Supplement
from app.models.calls import Call
from app.models.people import Account, Person
from app.models.process import PendingMove
from app.queries.readings import HiddenPage, hidden
from app.queries.receipts import FileRow, filed_files, with_verdicts
from app.workflow import door, dossiers, finding_words, permissions, screening
from app.workflow.actors import Actor

PAGE = 30
IN_CHECK = ("submitted", "eligibility")
# The shelves of the queue: which states lie on each; "eligible" holds everything that went on from there.
SHELVES: dict[str, tuple[str, ...] | None] = {
    "open": IN_CHECK,
    "supplement": ("supplement",),
    "eligible": None,
    "ineligible": ("ineligible",),
    "withdrawn": ("withdrawn",),
}


@dataclass(frozen=True)
class FindingRow:
    """What one rule found, as a sentence; `note` and `by` once a person has settled it."""

    rule: str
    name: Mapping[str, str]
    remedy: Mapping[str, str]
    hard: bool
    result: str
    sentence: Mapping[str, str]
    note: str
    by: str
    at: datetime

    @property
    def open(self) -> bool:
        return self.result == "needs_person" or (self.result == "fail" and self.hard)


@dataclass(frozen=True)
class Pending:
    """A refusal that one coordinator asked for."""

    by: str
    mine: bool
    at: datetime
    text: Mapping[str, str]


@dataclass(frozen=True)
class QueueRow:
    public_id: str
    number: str
    title: str
    language: str
    organisation: str
    status: str
    submitted_at: datetime | None
    findings: tuple[FindingRow, ...]
    pending: bool
    due_at: datetime | None  # of a supplement under way

    @property
    def may_admit(self) -> bool:
        """No person is needed and no rule failed: may be chosen for admitting in bulk."""
        clean = all(f.result in ("pass", "waived") for f in self.findings)
        return self.status == "eligibility" and bool(self.findings) and clean and not self.pending

    @property
    def told(self) -> list[FindingRow]:
        """The findings worth a line: what failed or needs a person, warnings after what bars."""
        return sorted((f for f in self.findings if f.result in ("fail", "needs_person")), key=lambda f: (not f.hard, f.rule))

    @property
    def passed(self) -> int:
        return sum(f.result in ("pass", "waived") for f in self.findings)


@dataclass(frozen=True)
class Queue:
    rows: tuple[QueueRow, ...]
    counts: Mapping[str, int]  # by shelf
    rules: tuple[tuple[str, int], ...]  # rules that stop something on this shelf, with how many
    unscreened: int
    page: int
    last: int
    total: int


@dataclass(frozen=True)
class AskedRow:
    number: int
    items: tuple[str, ...]
    reason: str
    by: str
    asked_at: datetime
    due_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True)
class Case:
    """One application on the coordinator's desk."""

    row: QueueRow
    sections: tuple[dossier.ViewSection, ...]
    files: tuple[FileRow, ...]
    version: int
    digest: str
    pending: Pending | None
    asked: tuple[AskedRow, ...]
    missing: tuple[str, ...]
    version_filed_at: datetime
    hidden: tuple[HiddenPage, ...]

    @property
    def stops(self) -> list[FindingRow]:
        return [f for f in self.row.findings if f.open]

    @property
    def may_refuse(self) -> bool:
        return any(f.result == "fail" and f.hard for f in self.row.findings)


def queue(session: Session, call_id: str, *, actor: Actor, shelf: str = "open", rule: str = "", page: int = 1) -> Queue:
    """One shelf of the queue, what needs a person first; `rule` keeps those that this rule stops."""
    permissions.require(actor, "call.read")
    call = session.execute(select(Call).where(Call.public_id == call_id)).scalar_one_or_none()
    if call is None:
        raise NotFound("not_found")
    everything = (
        session.execute(select(Application).where(Application.call_id == call.id, Application.status != "draft")).scalars().all()
    )
    counts: dict[str, int] = dict.fromkeys(SHELVES, 0)
    for application in everything:
        counts[_shelf_of(application.status)] += 1
    chosen = [a for a in everything if _shelf_of(a.status) == shelf]
    found = _findings(session, [a.id for a in chosen])
    stopped: dict[str, int] = {}
    for rows in found.values():
        for f in rows:
            if f.result in ("fail", "needs_person"):
                stopped[f.rule] = stopped.get(f.rule, 0) + 1
    if rule:
        chosen = [a for a in chosen if any(f.rule == rule and f.result in ("fail", "needs_person") for f in found.get(a.id, ()))]
    pending = _pending_ids(session)
    open_supplements = select(Supplement).where(Supplement.answered_at.is_(None)).order_by(Supplement.number)
    due = {s.application_id: s.due_at for s in session.execute(open_supplements).scalars()}
    lines = [_row(a, found.get(a.id, ()), a.id in pending, due.get(a.id) if a.status == "supplement" else None) for a in chosen]
    lines.sort(key=lambda r: (not r.pending, r.may_admit, r.number))
    last = max(1, -(-len(lines) // PAGE))
    page = min(max(page, 1), last)
    return Queue(
        tuple(lines[(page - 1) * PAGE : page * PAGE]),
        counts,
        tuple(sorted(stopped.items())),
        sum(a.status == "submitted" for a in everything),
        page,
        last,
        len(lines),
    )


def case(session: Session, call_id: str, application_id: str, *, actor: Actor) -> Case:
    """The filed dossier in full, its files, findings, supplements and a refusal that waits for a second person."""
    permissions.require(actor, "call.read")
    application = session.execute(
        select(Application).join(Call).where(Application.public_id == application_id, Call.public_id == call_id)
    ).scalar_one_or_none()
    if application is None or application.status == "draft":
        raise NotFound("not_found")
    permissions.require(actor, "application.read", application)
    filed = dossiers.counting(session, application)
    found = _findings(session, [application.id]).get(application.id, ())
    move = door.pending_of(session, application)
    refusal = move if move is not None and move.to_status == "ineligible" else None
    return Case(
        row=replace(_row(application, found, refusal is not None, None), findings=tuple(_settled(session, f) for f in found)),
        sections=tuple(dossier.full_view(filed.content)),
        files=with_verdicts(session, filed_files(filed.files)),
        version=filed.version,
        digest=filed.digest,
        pending=_pending(session, refusal, actor) if refusal else None,
        asked=_asked(session, application.id),
        missing=tuple(str(place) for f in found if f.rule == "E17" for place in f.inputs.get("missing", ())),
        version_filed_at=filed.at,
        hidden=tuple(hidden(session, [f["sha256"] for f in filed.files])),
    )


def unscreened(session: Session, call_id: str, *, actor: Actor) -> list[str]:
    """Applications of a closed call on which the rules have not been run yet."""
    permissions.require(actor, "eligibility.screen")
    return list(
        session.execute(
            select(Application.public_id)
            .join(Call)
            .where(Call.public_id == call_id, Call.status == "closed", Application.status == "submitted")
            .order_by(Application.number)
        ).scalars()
    )


def _shelf_of(status: str) -> str:
    return next((key for key, states in SHELVES.items() if states and status in states), "eligible")


def _findings(session: Session, ids: Sequence[int]) -> dict[int, list[Finding]]:
    """The findings of each application's last screening, in the order of the rules."""
    rows = session.execute(
        select(Finding).where(Finding.application_id.in_(ids)).order_by(Finding.application_id, Finding.rule)
    ).scalars()
    by_application: dict[int, list[Finding]] = {}
    for row in rows:
        by_application.setdefault(row.application_id, []).append(row)
    return {key: [f for f in found if f.screening == max(x.screening for x in found)] for key, found in by_application.items()}


def _row(application: Application, found: Sequence[Finding], pending: bool, due_at: datetime | None) -> QueueRow:
    return QueueRow(
        application.public_id,
        application.filed_number,
        application.title,
        application.language,
        application.organisation.name,
        application.status,
        application.submitted_at,
        tuple(_finding(f) for f in found),
        pending,
        due_at,
    )


def _finding(f: Finding) -> FindingRow:
    rule = screening.RULES[f.rule]
    return FindingRow(
        f.rule,
        {"ko": rule.ko, "en": rule.en},
        rule.remedy,
        f.hard,
        f.result,
        finding_words.said(f.rule, f.result, f.inputs),
        f.note,
        "",
        f.at,
    )


def _settled(session: Session, f: Finding) -> FindingRow:
    """With the name of whoever settled it: only where one application is shown."""
    return replace(_finding(f), by=_name(session, f.by_id)) if f.by_id else _finding(f)


def _pending_ids(session: Session) -> frozenset[int]:
    return frozenset(
        session.execute(
            select(PendingMove.subject_id).where(
                PendingMove.subject_kind == "application",
                PendingMove.to_status == "ineligible",
                PendingMove.closed_at.is_(None),
            )
        ).scalars()
    )


def _pending(session: Session, move: PendingMove, actor: Actor) -> Pending:
    text = {"ko": move.data.get("text_ko", "") or move.reason, "en": move.data.get("text_en", "") or move.reason}
    return Pending(_name(session, move.asked_by_id), move.asked_by_id == actor.account_id, move.asked_at, text)


def _asked(session: Session, application_id: int) -> tuple[AskedRow, ...]:
    rows = session.execute(
        select(Supplement).where(Supplement.application_id == application_id).order_by(Supplement.number)
    ).scalars()
    return tuple(
        AskedRow(s.number, tuple(s.items), s.reason, _name(session, s.asked_by_id), s.asked_at, s.due_at, s.answered_at)
        for s in rows
    )


def _name(session: Session, account_id: int | None) -> str:
    found = session.execute(
        select(Person.name).join(Account, Account.person_id == Person.id).where(Account.id == account_id)
    ).scalar_one_or_none()
    return found or ""
