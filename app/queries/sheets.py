"""A score sheet as its author sees it, beside the dossier; nobody else's marks are near."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents import dossier as dossiers
from app.documents.dossier import ViewSection
from app.documents.veil import Veil
from app.errors import NotFound
from app.models.applications import Application, DossierVersion
from app.models.matching import Panel, Seat
from app.models.reviews import Sheet, SheetLock
from app.queries.invitation import current_content
from app.workflow import blinding, permissions, quotes, rounds, seating
from app.workflow.actors import Actor
from app.workflow.quotes import Quote
from app.workflow.scores import gaps
from scoring.decision import round_half_up
from scoring.rubric import Rubric, load


@dataclass(frozen=True)
class Given:
    """The mark that counts for one item; `number` tells how often it was changed."""

    step: int | None
    comment: str
    number: int
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True)
class Attachment:
    slot: str
    name: str
    sha256: str
    size: int
    kind: str
    as_it_looks: bool = True  # False: only its text, names covered
    named_on: tuple[int, ...] = ()  # pages on which a name stands that the call covers


@dataclass(frozen=True)
class LockRow:
    number: int
    at: datetime
    receipt: str
    reopened_at: datetime | None
    reason: str


@dataclass(frozen=True)
class SheetView:
    public_id: str
    seat: str
    application: str
    label: str
    title: str
    language: str
    call_title: Mapping[str, str]
    status: str
    version: int
    rubric: Rubric
    given: Mapping[str, Given]
    to_applicant: str
    to_panel: str
    private: str
    saved_at: datetime | None
    receipt: str
    locked_at: datetime | None
    locks: tuple[LockRow, ...]
    closes_at: datetime | None
    so_far: Decimal
    so_far_most: int
    dossier: tuple[ViewSection, ...]
    files: tuple[Attachment, ...]
    next_sheet: str
    left_n: int
    all_in: bool  # every sheet of the panel on this dossier is submitted
    veil: Veil  # over the names the call keeps from its panellists

    @property
    def writable(self) -> bool:
        return self.status in ("draft", "reopened")

    def missing(self) -> dict[str, str]:
        """The same list that submitting would give, by item."""
        return gaps(self.given, self.rubric)


def one(session: Session, public_id: str, *, actor: Actor) -> SheetView:
    """The author's own sheet; anybody else's, and a void one, does not exist. The dossier shows once the sheet is opened."""
    sheet = session.execute(select(Sheet).where(Sheet.public_id == public_id)).scalar_one_or_none()
    if sheet is None:
        raise NotFound("not_found")
    permissions.require(actor, "sheet.write", sheet)
    application, seat = sheet.application, sheet.seat
    if sheet.status == "void" or seat.status not in ("active", "done") or application.id in seating.barred_from(session, seat):
        raise NotFound("not_found")
    rubric = load(application.call.rubric)
    given = given_on(sheet)
    points, most = so_far(given, rubric)
    opened = sheet.status != "empty"
    content = current_content(session, application)
    veil = blinding.of(application, content)
    others = _open_sheets(session, seat.expert_id)
    return SheetView(
        public_id=sheet.public_id,
        seat=seat.public_id,
        application=application.public_id,
        label=application.label,
        title=veil.over(application.title),
        language=application.language,
        call_title={"ko": application.call.title_ko, "en": application.call.title_en},
        status=sheet.status,
        version=sheet.version,
        rubric=rubric,
        given=given,
        to_applicant=sheet.to_applicant,
        to_panel=sheet.to_panel,
        private=sheet.private,
        saved_at=sheet.saved_at,
        receipt=sheet.receipt,
        locked_at=sheet.locked_at,
        locks=_locks(session, sheet),
        closes_at=seat.panel.round.scoring_closes_at,
        so_far=points,
        so_far_most=most,
        dossier=in_reading_order(dossiers.panel_view(content, veil)) if opened else (),
        files=tuple(panel_files(session, application, veil)) if opened else (),
        veil=veil,
        next_sheet=next((key for key in _after(others, public_id)), ""),
        left_n=len(others),
        all_in=sheet.status == "locked" and all_in(session, seat.panel, application),
    )


def attachment(session: Session, public_id: str, sha256: str, *, actor: Actor) -> Attachment:
    """A file of the dossier that panellists may see, through the reader's own opened sheet."""
    for file in one(session, public_id, actor=actor).files:
        if file.sha256 == sha256:
            return file
    raise NotFound("not_found")


def in_reading_order(sections: Sequence[ViewSection]) -> tuple[ViewSection, ...]:
    """What the product is stands first, the facts around it after."""
    return tuple(sorted(sections, key=lambda s: s.section.key != "narrative"))


def given_on(sheet: Sheet) -> dict[str, Given]:
    found: dict[str, Given] = {}
    for mark in sorted(sheet.marks, key=lambda m: m.number):
        found[mark.item] = Given(mark.step, mark.comment, mark.number, quotes.of_data(mark.quotes))
    return found


def so_far(given: Mapping[str, Given], rubric: Rubric) -> tuple[Decimal, int]:
    """Points of the items marked so far, and the most those items could give."""
    marked = [(item, given[item.code].step) for item in rubric.items if item.code in given and given[item.code].step]
    points = sum((rubric.points(item.code, step) for item, step in marked if step), Fraction(0))
    return round_half_up(points, rubric.decimals), sum(item.points for item, _ in marked)


def panel_files(session: Session, application: Application, veil: Veil) -> list[Attachment]:
    filed = session.execute(
        select(DossierVersion.files).where(
            DossierVersion.application_id == application.id, DossierVersion.version == application.dossier_version
        )
    ).scalar_one_or_none()
    seen = {slot.code for slot in dossiers.panel_slots()}
    return [
        shown_file(session, veil, str(f["slot"]), str(f["name"]), str(f["sha256"]), int(f["size"]), str(f.get("kind", "")))
        for f in filed or []
        if f["slot"] in seen
    ]


def shown_file(session: Session, veil: Veil, slot: str, name: str, sha256: str, size: int, kind: str) -> Attachment:
    """A file as a panellist gets it: the preview of its applicant shows the same."""
    as_it_looks, named_on = blinding.told(session, veil, sha256)
    return Attachment(slot, veil.over(name), sha256, size, kind, as_it_looks, named_on)


def all_in(session: Session, panel: Panel, application: Application) -> bool:
    """Until this holds, nobody on the panel sees another's marks, nor how many there are."""
    statuses = (
        session.execute(
            select(Sheet.status)
            .join(Seat, Seat.id == Sheet.seat_id)
            .where(Seat.panel_id == panel.id, Sheet.application_id == application.id, Sheet.status != "void")
        )
        .scalars()
        .all()
    )
    waiting = session.execute(
        select(Seat.id).where(Seat.panel_id == panel.id, Seat.status.in_(("drawn", "invited", "accepted", "pledged")))
    ).first()
    concluded = application.status not in ("assigned", "in_review") or not rounds.judges(panel.round, application)
    return bool(statuses) and set(statuses) == {"locked"} and (waiting is None or concluded)


def _locks(session: Session, sheet: Sheet) -> tuple[LockRow, ...]:
    rows = session.execute(select(SheetLock).where(SheetLock.sheet_id == sheet.id).order_by(SheetLock.number)).scalars()
    return tuple(LockRow(r.number, r.at, r.receipt, r.reopened_at, r.reopen_reason) for r in rows)


def _open_sheets(session: Session, expert_id: int) -> list[str]:
    """The author's sheets still to be submitted, in the order of the work list."""
    return list(
        session.execute(
            select(Sheet.public_id)
            .join(Seat, Seat.id == Sheet.seat_id)
            .where(Seat.expert_id == expert_id, Seat.status == "active", Sheet.status.in_(("empty", "draft", "reopened")))
            .order_by(Sheet.id)
        ).scalars()
    )


def _after(keys: Sequence[str], here: str) -> list[str]:
    at = keys.index(here) + 1 if here in keys else 0
    return [key for key in [*keys[at:], *keys[:at]] if key != here]
