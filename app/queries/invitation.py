"""The invitation as its expert reads it: before the pledge only title, summary and the people concerned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents import dossier as dossiers
from app.errors import NotFound
from app.models.applications import Application, DossierVersion
from app.models.matching import Seat
from app.models.reviews import Declaration, Invitation, Sheet
from app.workflow import permissions, seating
from app.workflow.actors import Actor


@dataclass(frozen=True)
class Party:
    name: str
    organisation: str
    role: str


@dataclass(frozen=True)
class Brief:
    """One dossier of the invitation. `state`: open, kept, stepped_out, gone.

    Nothing but the label is left once it is gone, and not even that of one they stepped out of.
    """

    key: str
    label: str
    state: str
    seat: str
    title: str = ""
    language: str = "ko"
    summary: str = ""
    company: str = ""
    parties: tuple[Party, ...] = ()
    sheet: str = ""


@dataclass(frozen=True)
class InvitationView:
    """`state`: open, expired, accepted (to be pledged), pledged, active, declined, no_answer, lapsed, called_off, over."""

    public_id: str
    state: str
    call_code: str
    call_title: Mapping[str, str]
    sent_at: datetime
    answer_by: datetime
    answered_at: datetime | None
    pledge_by: datetime | None
    pledged_at: datetime | None
    pledge_version: str
    scoring_closes_at: datetime | None
    seats_wanted: int
    reading_days: int
    dossiers: tuple[Brief, ...]


def one(session: Session, public_id: str, *, actor: Actor, now: datetime) -> InvitationView:
    """The expert's own invitation; anybody else's does not exist."""
    letter = session.execute(select(Invitation).where(Invitation.public_id == public_id)).scalar_one_or_none()
    if letter is None:
        raise NotFound("not_found")
    permissions.require(actor, "invitation.answer", letter)
    seats = session.execute(select(Seat).where(Seat.invitation_id == letter.id).order_by(Seat.id)).scalars().all()
    rules = seating.rules_of(seats[0].panel) if seats else None
    call = letter.round.call
    return InvitationView(
        public_id=letter.public_id,
        state=_state(letter, {s.status for s in seats}, now),
        call_code=call.code,
        call_title={"ko": call.title_ko, "en": call.title_en},
        sent_at=letter.sent_at,
        answer_by=letter.answer_by,
        answered_at=letter.answered_at,
        pledge_by=letter.pledge_by,
        pledged_at=letter.pledged_at,
        pledge_version=letter.pledge_version,
        scoring_closes_at=letter.round.scoring_closes_at,
        seats_wanted=rules.panel_seats if rules else 0,
        reading_days=rules.reading_days if rules else 0,
        dossiers=tuple(_brief(session, letter, seat, d.application) for seat in seats for d in seat.panel.dossiers),
    )


def held(session: Session, seat_id: str, application_id: str, *, actor: Actor) -> Brief:
    """One dossier of a seat the actor holds, from which they may step out."""
    seat = session.execute(select(Seat).where(Seat.public_id == seat_id)).scalar_one_or_none()
    if seat is None or seat.invitation_id is None:
        raise NotFound("not_found")
    permissions.require(actor, "invitation.answer", seat)
    letter = session.get_one(Invitation, seat.invitation_id)
    for dossier in seat.panel.dossiers:
        if dossier.application.public_id == application_id:
            brief = _brief(session, letter, seat, dossier.application)
            if brief.state == "kept" and seat.status != "done":
                return brief
    raise NotFound("not_found")


def _state(letter: Invitation, statuses: set[str], now: datetime) -> str:
    if letter.answer in ("declined", "no_answer", "lapsed", "called_off"):
        return letter.answer
    if "invited" in statuses and not letter.answer:
        return "open" if now < letter.answer_by else "expired"
    for status in ("accepted", "pledged", "active"):
        if status in statuses:
            return status
    return "over"


def _brief(session: Session, letter: Invitation, seat: Seat, application: Application) -> Brief:
    said = session.execute(
        select(Declaration.conflicted)
        .where(Declaration.invitation_id == letter.id, Declaration.application_id == application.id)
        .order_by(Declaration.id.desc())
        .limit(1)
    ).scalar()
    if application.id in seating.barred_from(session, seat) or said:
        asked = not letter.answer  # then it still has to be answered for
        return Brief(application.public_id if asked else "", application.label if asked else "", "stepped_out", seat.public_id)
    if seat.status not in ("invited", "accepted", "pledged", "active", "done"):
        return Brief(application.public_id, application.label, "gone", seat.public_id)
    content = current_content(session, application)
    rows = dossiers.value(content, "people.interest") or []
    parties = [
        Party(str(dossiers.value(content, place) or ""), str(dossiers.value(content, org) or ""), role)
        for place, org, role in (
            ("company.representative", "company.name", "representative"),
            ("rnd.principal_investigator", "rnd.lead_institution", "investigator"),
        )
    ]
    parties += [Party(str(r.get("name", "")), str(r.get("organisation", "")), str(r.get("role", "other"))) for r in rows]
    sheet = session.execute(
        select(Sheet.public_id).where(Sheet.seat_id == seat.id, Sheet.application_id == application.id, Sheet.status != "void")
    ).scalar()
    return Brief(
        application.public_id,
        application.label,
        "kept" if letter.answer else "open",
        seat.public_id,
        application.title,
        application.language,
        str(dossiers.value(content, "narrative.summary") or ""),
        application.organisation.name,
        tuple(p for p in parties if p.name),
        sheet or "",
    )


def current_content(session: Session, application: Application) -> dict[str, dict[str, object]]:
    """The dossier version that counts."""
    found = session.execute(
        select(DossierVersion.content).where(
            DossierVersion.application_id == application.id, DossierVersion.version == application.dossier_version
        )
    ).scalar_one_or_none()
    return found or {}
