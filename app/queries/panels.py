"""The coordinator's view of panels: where each stands, its seats with their states, substitutes in order, who replaced whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from app.errors import NotFound
from app.models.calls import Call, Round
from app.models.experts import Expert
from app.models.matching import Conflict, Panel, PanelDossier, Seat
from app.models.people import Account
from app.models.reviews import Invitation, Sheet
from app.workflow import declarations, door, permissions, rounds, seating
from app.workflow.actors import Actor
from app.workflow.conflicts import barring

PAGE = 25
STATES = ("gaps", "to_invite", "answering", "ready", "at_work", "closed")  # what needs the coordinator first


@dataclass(frozen=True)
class Dossier:
    key: str
    label: str
    title: str
    language: str
    status: str


@dataclass(frozen=True)
class PanelRow:
    public_id: str
    number: int
    state: str
    dossiers: tuple[Dossier, ...]
    seats: Mapping[str, int]  # by status
    wanted: int
    quorum: int
    chair: str
    rapporteur: str

    @property
    def seated(self) -> int:
        return sum(self.seats.get(s, 0) for s in (*seating.SEATED, "done"))

    @property
    def pledged(self) -> int:
        return sum(self.seats.get(s, 0) for s in ("pledged", "active", "done"))


@dataclass(frozen=True)
class Overview:
    rows: tuple[PanelRow, ...]
    counts: Mapping[str, int]
    page: int
    last: int
    to_invite_n: int  # experts
    unanswered_n: int
    closes_at: datetime | None


@dataclass(frozen=True)
class SeatRow:
    public_id: str
    name: str
    organisation: str
    seat_type: str
    status: str
    duty: str
    alias: str
    affinity: float
    substitute_rank: int
    invitation: str
    answer_by: datetime | None
    pledge_by: datetime | None
    lapsed: bool  # accepted, and did not sign in time
    declined: Mapping[str, str] | None
    note: str
    has_address: bool
    replaces: str
    steps_out_of: tuple[str, ...]
    sheets_done: int
    sheets_total: int
    pending_reason: str
    pending_by: str
    pending_mine: bool


@dataclass(frozen=True)
class PanelView:
    row: PanelRow
    round: int
    seated: tuple[SeatRow, ...]
    substitutes: tuple[SeatRow, ...]
    left: tuple[SeatRow, ...]


def overview(
    session: Session, call_id: str, *, actor: Actor, state: str = "", page: int = 1, round_number: int | None = None
) -> Overview:
    """The panels of one round, counted by state; one page of those asked for."""
    permissions.require(actor, "matching.read")
    round_ = rounds.named(session, call_id, round_number)
    panels = session.execute(
        select(Panel.id, Panel.number, Panel.closed_at).where(Panel.round_id == round_.id).order_by(Panel.number)
    ).all()
    statuses: dict[int, Counter[str]] = {p.id: Counter() for p in panels}
    for panel_id, status, n in session.execute(
        select(Seat.panel_id, Seat.status, func.count())
        .join(Panel)
        .where(Panel.round_id == round_.id)
        .group_by(Seat.panel_id, Seat.status)
    ):
        statuses[panel_id][status] = n
    wanted = int(round_.call.rules.get("panel_seats", 7))
    states = {p.id: _state(statuses[p.id], wanted, p.closed_at is not None) for p in panels}
    chosen = sorted((p for p in panels if not state or states[p.id] == state), key=lambda p: (STATES.index(states[p.id]), p.number))
    last = max(1, -(-len(chosen) // PAGE))
    page = min(max(page, 1), last)
    ids = [p.id for p in chosen[(page - 1) * PAGE : page * PAGE]]
    loaded = {
        p.id: p
        for p in session.execute(
            select(Panel)
            .where(Panel.id.in_(ids))
            .options(
                selectinload(Panel.seats).joinedload(Seat.expert).joinedload(Expert.person),
                selectinload(Panel.dossiers).joinedload(PanelDossier.application),
            )
        ).scalars()
    }
    invited = session.execute(
        select(func.count(func.distinct(Seat.expert_id)))
        .join(Panel)
        .where(Panel.round_id == round_.id, Panel.closed_at.is_(None), Seat.status == "drawn")
    ).scalar_one()
    waiting = session.execute(
        select(func.count()).select_from(Invitation).where(Invitation.round_id == round_.id, Invitation.answer == "")
    ).scalar_one()
    return Overview(
        tuple(_row(loaded[i], states[i], statuses[i]) for i in ids),
        Counter(states.values()),
        page,
        last,
        invited,
        waiting,
        round_.scoring_closes_at,
    )


def one(session: Session, call_id: str, panel_id: str, *, actor: Actor) -> PanelView:
    """One panel with its seats, substitutes in their committed order, and those who left."""
    permissions.require(actor, "matching.read")
    panel = session.execute(
        select(Panel).join(Round).join(Call).where(Panel.public_id == panel_id, Call.public_id == call_id)
    ).scalar_one_or_none()
    if panel is None:
        raise NotFound("not_found")
    statuses = Counter(s.status for s in panel.seats)
    row = _row(panel, _state(statuses, seating.rules_of(panel).panel_seats, panel.closed_at is not None), statuses)
    seats = [_seat(session, s, actor) for s in panel.seats]
    return PanelView(
        row,
        panel.round.number,
        tuple(s for s in seats if s.status in (*seating.SEATED, "done")),
        tuple(sorted((s for s in seats if s.status == "candidate"), key=lambda s: (s.seat_type, s.substitute_rank))),
        tuple(s for s in seats if s.status in (*seating.LOST, "replaced")),
    )


def _state(statuses: Mapping[str, int], wanted: int, closed: bool) -> str:
    if closed:
        return "closed"
    if statuses.get("active"):
        return "at_work"
    if statuses.get("drawn"):
        return "to_invite"
    seated = sum(statuses.get(s, 0) for s in seating.SEATED)
    if seated < wanted:
        return "gaps"
    return "ready" if statuses.get("pledged", 0) == seated else "answering"


def _row(panel: Panel, state: str, statuses: Mapping[str, int]) -> PanelRow:
    rules = seating.rules_of(panel)
    names = {s.duty: s.expert.person.name for s in panel.seats if s.status in (*seating.SEATED, "done")}
    dossiers = tuple(
        Dossier(d.application.public_id, d.application.label, d.application.title, d.application.language, d.application.status)
        for d in panel.dossiers
    )
    return PanelRow(
        panel.public_id,
        panel.number,
        state,
        dossiers,
        dict(statuses),
        rules.panel_seats,
        rules.quorum,
        names.get("chair", ""),
        names.get("rapporteur", ""),
    )


def _seat(session: Session, seat: Seat, actor: Actor) -> SeatRow:
    letter = session.get(Invitation, seat.invitation_id) if seat.invitation_id else None
    replaced = session.get(Seat, seat.replaces_id) if seat.replaces_id else None
    sheets = session.execute(
        select(Sheet.status, func.count()).where(Sheet.seat_id == seat.id, Sheet.status != "void").group_by(Sheet.status)
    ).all()
    done: dict[str, int] = {str(status): int(n) for status, n in sheets}
    barred = seating.barred_from(session, seat)
    challenge = _challenge(session, seat)
    pending = door.pending_of(session, challenge) if challenge is not None else None
    asked = session.get(Account, pending.asked_by_id) if pending else None
    expert = seat.expert
    account = session.execute(select(Account.id).where(Account.person_id == expert.person_id)).first()
    reason = declarations.DECLINE_REASONS.get(letter.decline_reason) if letter else None
    return SeatRow(
        seat.public_id,
        expert.person.name,
        expert.organisation.name if expert.organisation else "",
        seat.seat_type,
        seat.status,
        seat.duty,
        seat.alias,
        seat.affinity,
        seat.substitute_rank,
        letter.public_id if letter else "",
        letter.answer_by if letter else None,
        letter.pledge_by if letter else None,
        bool(letter and letter.answer == "lapsed" and not barred),
        {"ko": reason.ko, "en": reason.en} if reason else None,
        letter.note if letter else "",
        bool(expert.mail or account),
        replaced.expert.person.name if replaced else "",
        tuple(d.application.label for d in seat.panel.dossiers if d.application_id in barred and seat.status in seating.SEATED),
        done.get("locked", 0),
        sum(done.values()),
        pending.reason if pending else "",
        asked.person.name if asked else "",
        bool(asked and asked.id == actor.account_id),
    )


def _challenge(session: Session, seat: Seat) -> Conflict | None:
    """An applicant's challenge of this member that waits for its second coordinator."""
    here = barring.rows([d.application_id for d in seat.panel.dossiers], ("raised",))
    mine = here.where(Conflict.expert_id == seat.expert_id, Conflict.kind == "challenge")
    return session.execute(mine.limit(1)).scalars().first()


def standing_conflicts(session: Session, panel_id: str, *, actor: Actor) -> int:
    """Conflicts still to be decided against members of this panel."""
    permissions.require(actor, "matching.read")
    return session.execute(
        select(func.count())
        .select_from(Conflict)
        .join(PanelDossier, PanelDossier.application_id == Conflict.application_id)
        .join(Panel, Panel.id == PanelDossier.panel_id)
        .join(Seat, (Seat.panel_id == Panel.id) & (Seat.expert_id == Conflict.expert_id))
        .where(Panel.public_id == panel_id, Conflict.status == "raised", Seat.status.in_(seating.SEATED))
    ).scalar_one()
