"""Applications as their applicants read them: my dossiers, the one I write, its way through the process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents import dossier
from app.documents.veil import Veil
from app.errors import NotFound
from app.models.applications import Application, CoApplicant, Decision, DossierFile, Supplement
from app.models.designations import FitnessReview
from app.models.process import JournalEntry
from app.queries import receipts
from app.queries.receipts import FileRow, Receipt, filed_files, with_verdicts
from app.queries.sheets import Attachment, shown_file
from app.workflow import blinding, dossiers, permissions, phases, readings, rounds, rules, window
from app.workflow.actors import Actor
from app.workflow.states import state
from app.workflow.window import Window


@dataclass(frozen=True)
class Mine:
    """One line of "My dossiers". `step` says what the applicant does next: a code the page words, until `due_at`."""

    public_id: str
    number: str
    title: str
    call: Mapping[str, str]
    status: str
    label: Mapping[str, str]
    step: str
    n_left: int
    due_at: datetime | None
    submitted_at: datetime | None
    last_place: str  # the field written last: where to go on


@dataclass(frozen=True)
class Asked:
    """A supplement that is being asked for."""

    items: tuple[str, ...]
    reason: str
    asked_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class Written:
    """The dossier as its applicant works on it: the last version, its files, what stands in the way of filing."""

    public_id: str
    number: str
    title: str
    call: Mapping[str, str]
    call_code: str
    window: Window
    taken: bool  # what is filed now is in time
    status: str
    label: Mapping[str, str]
    content: dossier.Content
    version: int
    saved_at: datetime
    files: tuple[FileRow, ...]
    slots: tuple[str, ...]  # demanded by the call
    problems: tuple[dossier.Problem, ...]  # what stops filing
    warnings: tuple[dossier.Problem, ...]
    asked: Asked | None
    organisation: str
    language: str
    file_mb: int
    editor: bool  # the reader may write
    files_it: bool  # the reader may submit, withdraw and share it
    veil: Veil  # over the names that the call keeps from its panellists

    def problems_of(self, section: str) -> list[dossier.Problem]:
        return [p for p in self.problems if p.section == section]

    def open_fields(self, section: str) -> frozenset[str] | None:
        """The fields that may change: None for all, the named ones during a supplement."""
        if self.asked is None:
            return None
        places = dossier.reopened(self.asked.items)
        return frozenset(place.partition(".")[2] for place in places if place.startswith(f"{section}."))

    def slot_open(self, code: str) -> bool:
        return self.may_write and (self.asked is None or code in dossier.reopened(self.asked.items))

    @property
    def may_write(self) -> bool:
        return self.editor and (self.status == "draft" or self.asked is not None)


@dataclass(frozen=True)
class Stage:
    """One phase of the way: done, now, bad (ended there), later; when it was reached."""

    phase: phases.Phase
    state: str
    at: datetime | None
    word: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Answer:
    """What was decided and said to the applicant."""

    outcome: str
    at: datetime
    text: Mapping[str, str]


@dataclass(frozen=True)
class Status:
    """Where an application stands, for its applicant."""

    public_id: str
    number: str
    title: str
    call: Mapping[str, str]
    window: Window
    status: str
    label: Mapping[str, str]
    way: tuple[Stage, ...]
    receipts: tuple[Receipt, ...]
    asked: Asked | None
    returned: Answer | None  # the fitness review sent it back: reasons, answer by
    returned_until: datetime | None
    decided: tuple[Answer, ...]
    disclosed: bool  # the result may be read
    taken: bool  # what is filed or taken back now is in time
    revivable: bool  # withdrawn, or to be withdrawn, it could come back as a draft
    files_it: bool  # the reader may take back and withdraw
    challengeable: bool  # filed: the page of challenges has something to say


def mine(session: Session, *, actor: Actor, now: datetime) -> list[Mine]:
    """Every application of the actor's companies, the newest first."""
    found = (
        session.execute(
            select(Application)
            .where(
                Application.organisation_id.in_(actor.organisation_ids)
                | (Application.owner_id == actor.account_id)
                | Application.members.any((CoApplicant.account_id == actor.account_id) & CoApplicant.ended_at.is_(None))
            )
            .order_by(Application.created_at.desc(), Application.id.desc())
        )
        .scalars()
        .all()
    )
    return [_line(session, row, now, actor) for row in found if permissions.may(actor, "application.follow", row)]


def written(session: Session, public_id: str, *, actor: Actor, now: datetime) -> Written:
    """The dossier for its form; only its applicants see it so, and not all of them may write."""
    row = _one(session, public_id, actor, "application.follow")
    writing = row.status in ("draft", "supplement")
    last = dossiers.latest(session, row) if writing else dossiers.counting(session, row)
    slots = dossier.demanded(rules.from_json(row.call.rules).extra, last.content)
    files = _live(session, row) if writing else with_verdicts(session, filed_files(last.files))
    faults = dossier.check(last.content)
    lacking = dossier.missing(last.content, {f.slot for f in files}, slots)
    read = readings.problems(session, ((f.slot, f.sha256) for f in files))
    return Written(
        public_id=row.public_id,
        number=row.filed_number,
        title=dossier.title(last.content),
        call={"ko": row.call.title_ko, "en": row.call.title_en},
        call_code=row.call.code,
        window=window.of(row.call),
        taken=window.takes(row.call, now),
        status=row.status,
        label=state("application", row.status).public,
        content=last.content,
        version=last.version,
        saved_at=last.at,
        files=files,
        slots=slots,
        problems=tuple(lacking + [p for p in faults + read if p.hard]),
        warnings=tuple(p for p in faults + read if not p.hard),
        asked=_asked(session, row),
        organisation=row.organisation.name,
        language=row.language,
        file_mb=dossier.file_mb(rules.from_json(row.call.rules).extra),
        editor=permissions.may(actor, "application.edit", row),
        files_it=permissions.may(actor, "application.file", row),
        veil=blinding.of(row, last.content),
    )


def file(session: Session, public_id: str, file_id: str, *, actor: Actor) -> FileRow:
    """A file of the application, in the draft or filed once, for anybody who may read the application."""
    row = _one(session, public_id, actor, "application.read")
    found = session.execute(
        select(DossierFile).where(DossierFile.application_id == row.id, DossierFile.public_id == file_id)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("not_found")
    told = FileRow(found.public_id, found.slot, found.name, found.kind, found.size, found.sha256, found.added_at)
    return replace(with_verdicts(session, [told])[0], language=row.language)


def panel_file(session: Session, public_id: str, file_id: str, *, actor: Actor) -> tuple[FileRow, Attachment, Veil]:
    """A file of the application, and what its panellists get of it; of one that is not for them, all of it."""
    held, row = file(session, public_id, file_id, actor=actor), dossiers.find(session, public_id)
    open_to_them = held.slot in {slot.code for slot in dossier.panel_slots()}
    veil = blinding.of(row, dossiers.latest(session, row).content) if open_to_them else Veil()
    return held, shown_file(session, veil, held.slot, held.name, held.sha256, held.size, held.kind), veil


def status(session: Session, public_id: str, *, actor: Actor, now: datetime) -> Status:
    """The way of one application, its receipts and what was decided, as its applicants may know it."""
    row = _one(session, public_id, actor, "application.follow")
    answers = _answers(session, row)
    returned = _returned(session, row)
    return Status(
        public_id=row.public_id,
        number=row.filed_number,
        title=row.title,
        call={"ko": row.call.title_ko, "en": row.call.title_en},
        window=window.of(row.call),
        status=row.status,
        label=state("application", row.status).public,
        way=way(session, row),
        receipts=receipts.every(session, row),
        asked=_asked(session, row),
        returned=Answer("fitness_returned", returned.at, {"ko": returned.reasons, "en": returned.reasons}) if returned else None,
        returned_until=returned.answer_by if returned else None,
        decided=answers,
        disclosed=any(a.outcome in ("designated", "rejected") for a in answers) or row.status in ("designated", "rejected"),
        taken=window.takes(row.call, now),
        revivable=_revivable(row, now),
        files_it=permissions.may(actor, "application.file", row),
        challengeable=row.status not in ("draft", "withdrawn", "ineligible"),
    )


def way(session: Session, row: Application) -> tuple[Stage, ...]:
    """The phases with the day each was reached, from the journal; states inside a phase never show."""
    again = row.round_id is not None
    reached, last_before_end = _reached(session, row)
    ended = phases.ENDS.get(row.status)
    here = phases.phase_of(row.status, again) or (last_before_end if ended else None)
    way_ = phases.phases_of(again)
    order = [phase.key for phase in way_]
    at = order.index(here) if here in order else -1
    out: list[Stage] = []
    for n, phase in enumerate(way_):
        if n == at and ended is not None:
            out.append(Stage(phase, "bad", reached.get(row.status), ended))
        elif n < at or (n == at and row.status == "designated"):
            out.append(Stage(phase, "done", reached.get(phase.key)))
        elif n == at:
            out.append(Stage(phase, "now", reached.get(phase.key)))
        else:
            out.append(Stage(phase, "later", None))
    return tuple(out)


def _reached(session: Session, row: Application) -> tuple[dict[str, datetime], str | None]:
    """When each phase, and each end, was last entered; and the phase that came before the newest move."""
    entries = session.execute(
        select(JournalEntry.at, JournalEntry.data)
        .where(JournalEntry.subject_kind == "application", JournalEntry.subject == row.public_id)
        .order_by(JournalEntry.id)
    ).all()
    reached: dict[str, datetime] = {}
    before: str | None = None
    phase: str | None = None
    again = False
    for at, data in entries:
        moved = json.loads(data)
        if "to" not in moved or "from" not in moved or "rule" in moved:
            continue
        before = phases.phase_of(moved["from"], again)
        again = again or moved["to"] == "re_review"
        entered = phases.phase_of(moved["to"], again)
        if entered is not None and entered != phase:
            reached[entered] = at
        if moved["to"] in phases.ENDS:
            reached[moved["to"]] = at
        phase = entered or phase
    return reached, before


def _line(session: Session, row: Application, now: datetime, actor: Actor) -> Mine:
    step, n_left, due_at = _step(session, row, now)
    if step in ("fill", "supplement", "fitness") and not permissions.may(actor, "application.edit", row):
        step = "follow"
    if step in ("submit", "fitness") and not permissions.may(actor, "application.file", row):
        step = "hand_over"
    return Mine(
        row.public_id,
        row.filed_number,
        row.title,
        {"ko": row.call.title_ko, "en": row.call.title_en},
        row.status,
        state("application", row.status).public,
        step,
        n_left,
        due_at,
        row.submitted_at,
        dossiers.last_place(session, row) if step == "fill" else "",
    )


def _step(session: Session, row: Application, now: datetime) -> tuple[str, int, datetime | None]:
    if row.status == "draft":
        if not window.takes(row.call, now):
            return "missed", 0, None
        n = len(dossiers.left(session, row))
        return ("fill" if n else "submit"), n, row.call.closes_at
    if row.status == "supplement":
        asked = _asked(session, row)
        return "supplement", len(asked.items) if asked else 0, asked.due_at if asked else None
    if row.status == "fitness_returned":
        returned = _returned(session, row)
        return "fitness", 0, returned.answer_by if returned else None
    if row.status == "submitted":
        return "filed", 0, row.call.closes_at
    if row.status == "withdrawn":
        return ("revive", 0, row.call.closes_at) if _revivable(row, now) else ("withdrawn", 0, None)
    return ("result" if row.status in ("designated", "rejected", "ineligible") else "wait"), 0, None


def _revivable(row: Application, now: datetime) -> bool:
    return window.takes(row.call, now) and rules.from_json(row.call.rules).revive_until == "closing"


def _one(session: Session, public_id: str, actor: Actor, verb: str) -> Application:
    row = dossiers.find(session, public_id)
    permissions.require(actor, verb, row)
    return row


def _live(session: Session, row: Application) -> tuple[FileRow, ...]:
    held = (
        FileRow(f.public_id, f.slot, f.name, f.kind, f.size, f.sha256, f.added_at, _day(f.issued_on))
        for f in dossiers.live_files(session, row)
    )
    return with_verdicts(session, held)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _asked(session: Session, row: Application) -> Asked | None:
    asked: Supplement | None = dossiers.open_supplement(session, row)
    return Asked(tuple(asked.items), asked.reason, asked.asked_at, asked.due_at) if asked else None


def _returned(session: Session, row: Application) -> FitnessReview | None:
    return rounds.fitness_of(session, row) if row.status == "fitness_returned" else None


def _answers(session: Session, row: Application) -> tuple[Answer, ...]:
    """The decisions an applicant is told: refusals, designations, re-reviews; admission is told by the way itself."""
    found = session.execute(
        select(Decision)
        .where(
            Decision.subject_kind == "application",
            Decision.subject_id == row.id,
            Decision.outcome.in_(("ineligible", "rejected", "designated", "re_review")),
        )
        .order_by(Decision.id.desc())
    ).scalars()
    return tuple(Answer(d.outcome, d.at, {"ko": d.text_ko, "en": d.text_en}) for d in found)
