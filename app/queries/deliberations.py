"""What a panel said and did over one dossier: paragraphs with their authors, answers, attendance, votes once they are closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.applications import Application
from app.models.deliberations import Deliberation, Inspection, Vote
from app.models.experts import Expert
from app.models.matching import Conflict, Panel, PanelDossier, Seat
from app.models.people import Account
from app.workflow import deliberations, duties
from app.workflow.conflicts import barring
from scoring.rubric import load


@dataclass(frozen=True)
class ParagraphView:
    topic: str
    text: str
    number: int
    by: str  # alias
    at: datetime


@dataclass(frozen=True)
class Member:
    """`state`: present, absent, stepped_out, left. `approves` is None until the text as it stands was answered."""

    seat: str
    alias: str
    duty: str
    mine: bool
    state: str
    absent_because: str
    approves: bool | None
    reason: str
    at: datetime | None


@dataclass(frozen=True)
class StepOutView:
    """From when to when a member with a conflict was out; `back_at` is None where they are out for good."""

    alias: str
    ground: str
    out_at: datetime
    back_at: datetime | None


@dataclass(frozen=True)
class VoteView:
    """`counts` and `ballots` are empty while the vote is open."""

    public_id: str
    number: int
    question: str
    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None
    voted: bool
    counts: Mapping[str, int]
    ballots: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PhotoView:
    photo: str
    caption: str
    alt: str
    taken_at: str
    place: str
    sha256: str
    small_sha256: str
    kind: str


@dataclass(frozen=True)
class InspectionView:
    kind: str
    held_on: date
    place: str
    people: tuple[str, ...]
    items: tuple[Mapping[str, Any], ...]
    outcome: str
    text: str
    signed_by: str
    at: datetime
    photographs: tuple[PhotoView, ...] = ()


@dataclass(frozen=True)
class Talk:
    paragraphs: Mapping[str, ParagraphView]
    members: tuple[Member, ...]
    step_outs: tuple[StepOutView, ...]
    waivers: tuple[tuple[str, str, str], ...]  # alias, ground, reason
    sittings: tuple[tuple[datetime, datetime | None], ...]
    votes: tuple[VoteView, ...]
    inspections: tuple[InspectionView, ...]
    digest: str  # names the text as it stands
    text: str
    drafted_at: datetime | None
    confirmed_at: datetime | None
    pulled_at: datetime | None
    minutes_digest: str = ""

    @property
    def present(self) -> tuple[Member, ...]:
        return tuple(m for m in self.members if m.state == "present")

    @property
    def approving(self) -> int:
        return sum(m.approves is True for m in self.present)

    @property
    def unanswered(self) -> int:
        return sum(m.approves is None for m in self.present)

    @property
    def sitting(self) -> bool:
        return any(until is None for _, until in self.sittings)

    @property
    def alarms_note(self) -> str:
        return self.paragraphs[deliberations.ALARMS].text if deliberations.ALARMS in self.paragraphs else ""


def talk_of(session: Session, application: Application, panel: Panel, *, mine: Seat | None = None) -> Talk:
    """Callers have checked who reads: a member without a conflict, a coordinator, an auditor."""
    said = session.execute(
        select(Deliberation).where(Deliberation.application_id == application.id, Deliberation.round_id == panel.round_id)
    ).scalar_one_or_none()
    authors = _aliases(session, panel)
    return Talk(
        paragraphs={
            topic: ParagraphView(topic, p.text, p.number, authors.get(p.by_id or 0, ""), p.at)
            for topic, p in deliberations.newest(said).items()
        },
        members=_members(session, application, panel, said, mine),
        step_outs=_step_outs(session, application, panel, said),
        waivers=_waivers(session, application, panel),
        sittings=tuple((s.taken_up_at, s.put_down_at) for s in said.sittings) if said else (),
        votes=tuple(_vote(vote, mine) for vote in said.votes) if said else (),
        inspections=_inspections(session, application, panel),
        digest=deliberations.text_digest(said.text, said.alarms_note) if said else "",
        text=said.text if said else "",
        drafted_at=said.drafted_at if said else None,
        confirmed_at=said.confirmed_at if said else None,
        pulled_at=said.pulled_at if said else None,
    )


def _aliases(session: Session, panel: Panel) -> dict[int, str]:
    """Account → alias of the members of this panel."""
    rows = session.execute(
        select(Account.id, Seat.alias)
        .join(Expert, Expert.person_id == Account.person_id)
        .join(Seat, Seat.expert_id == Expert.id)
        .where(Seat.panel_id == panel.id)
    )
    return {int(account): str(alias) for account, alias in rows}


def _members(
    session: Session, application: Application, panel: Panel, said: Deliberation | None, mine: Seat | None
) -> tuple[Member, ...]:
    """Everybody who sat on the panel, by alias."""
    held = duties.of(session, panel, application)
    out = duties.barred(session, application.id, panel.seats)
    away = {row.seat_id: row.reason for row in said.absences if row.ended_at is None} if said else {}
    answered = deliberations.stances(said) if said else {}
    found = []
    for seat in panel.seats:
        if not seat.alias:
            continue
        state = "stepped_out" if seat.expert_id in out else "absent" if seat.id in away else "present"
        if state == "present" and seat.id not in held:
            state = "left"
        stance = answered.get(seat.id)
        found.append(
            Member(
                seat.public_id,
                seat.alias,
                held.get(seat.id, "member"),
                bool(mine and seat.id == mine.id),
                state,
                away.get(seat.id, ""),
                stance.approves if stance else None,
                stance.reason if stance else "",
                stance.at if stance else None,
            )
        )
    return tuple(sorted(found, key=lambda m: m.alias))


def _step_outs(
    session: Session, application: Application, panel: Panel, said: Deliberation | None
) -> tuple[StepOutView, ...]:
    """As noted at the table; a conflict without a sitting counts from when it was reported."""
    noted = said.step_outs if said else []
    found = [StepOutView(row.seat.alias, row.ground, row.out_at, row.back_at) for row in noted]
    seen = {row.seat.expert_id for row in noted}
    seats = {seat.expert_id: seat.alias for seat in panel.seats if seat.alias and seat.expert_id not in seen}
    standing = session.execute(barring.rows((application.id,)).where(Conflict.expert_id.in_(seats))).scalars()
    for conflict in standing:
        if (alias := seats.pop(conflict.expert_id, "")) != "":
            found.append(StepOutView(alias, conflict.ground, conflict.raised_at, None))
    return tuple(sorted(found, key=lambda s: (s.out_at, s.alias)))


def _waivers(session: Session, application: Application, panel: Panel) -> tuple[tuple[str, str, str], ...]:
    seats = {seat.expert_id: seat.alias for seat in panel.seats if seat.alias}
    rows = session.execute(
        select(Conflict).where(
            Conflict.application_id == application.id, Conflict.expert_id.in_(seats), Conflict.status == "waived"
        )
    ).scalars()
    return tuple(sorted((seats[row.expert_id], row.ground, row.note) for row in rows))


def _vote(vote: Vote, mine: Seat | None) -> VoteView:
    closed = vote.closed_at is not None
    ballots = tuple(sorted((b.seat.alias, b.choice) for b in vote.ballots)) if closed else ()
    return VoteView(
        vote.public_id,
        vote.number,
        vote.question,
        vote.opened_at,
        vote.closes_at,
        vote.closed_at,
        bool(mine and any(b.seat_id == mine.id for b in vote.ballots)),
        {choice: sum(c == choice for _, c in ballots) for choice in ("yes", "no", "abstain")} if closed else {},
        ballots,
    )


def _inspections(session: Session, application: Application, panel: Panel) -> tuple[InspectionView, ...]:
    rows = session.execute(
        select(Inspection)
        .where(Inspection.application_id == application.id, Inspection.round_id == panel.round_id)
        .order_by(Inspection.id)
    ).scalars()
    return tuple(
        InspectionView(
            r.kind, r.held_on, r.place, tuple(r.people), tuple(r.items), r.outcome, r.text, r.signed_by, r.at, photographs_of(r)
        )
        for r in rows
    )


def photographs_of(record: Inspection) -> tuple[PhotoView, ...]:
    return tuple(
        PhotoView(p.public_id, p.caption, p.alt, p.taken_at, p.place, p.sha256, p.small_sha256, p.kind)
        for p in record.photographs
        if p.removed_at is None
    )


def panel_in(session: Session, application: Application, round_id: int) -> Panel | None:
    """The panel that judged the dossier in that round."""
    panels = select(Panel).join(PanelDossier, PanelDossier.panel_id == Panel.id)
    mine = panels.where(PanelDossier.application_id == application.id, Panel.round_id == round_id)
    return session.execute(mine.order_by(Panel.id.desc()).limit(1)).scalar_one_or_none()


def topics_of(application: Application) -> tuple[str, ...]:
    """The paragraphs its applicant may read, in their order."""
    return tuple(t for t in deliberations.topics(load(application.call.rubric)) if t != deliberations.ALARMS)


def first_steps(locks: Sequence[Any]) -> Mapping[str, int]:
    """The marks as they were submitted, before any revision in deliberation."""
    before = [lock for lock in locks if not lock.revised_because]
    return {str(m["item"]): int(m["step"]) for m in before[-1].content["marks"]} if before else {}
