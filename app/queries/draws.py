"""Public draws of a round: what was frozen, committed and told, how each panel was drawn, who was asked when and what they said."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models.calls import Call, Round
from app.models.experts import Expert
from app.models.lotteries import PanelDraw
from app.models.matching import MatchRun, Panel, PanelDossier, RunPanel, Seat
from app.models.people import Organisation, Person
from app.models.process import JournalEntry
from app.models.reviews import Invitation
from app.queries import lotteries
from app.queries.lotteries import SecretView
from app.queries.matching import dossier_labels
from app.workflow import permissions, rounds
from app.workflow import rules as call_rules
from app.workflow.actors import Actor
from reviewers import draw as lots
from reviewers import verify_draw


@dataclass(frozen=True)
class DrawView:
    public_id: str
    round: int
    number: int
    base: int  # number of the run the list was made of
    base_id: str
    listed: Mapping[str, int]
    pool: int
    multiple: int
    list_digest: str
    rules_digest: str
    frozen_at: datetime
    secrets: tuple[SecretView, ...]
    seed: str
    drawn_at: datetime | None
    outcome_digest: str  # of seats, substitutes and reasons
    log_digest: str  # of the log of contacts as far as it went; empty before the draw
    run: int | None  # number of the run it became
    run_id: str
    run_status: str

    @property
    def mine(self) -> SecretView | None:
        return next((one for one in self.secrets if one.mine), None)


@dataclass(frozen=True)
class Draws:
    """`bases`: number and public id of the runs that a list can be made of, the newest first."""

    in_rules: bool
    bases: tuple[tuple[int, str], ...]
    held: tuple[DrawView, ...]


@dataclass(frozen=True)
class Contact:
    """One person asked to sit on one panel. `answer`: as their letter says, empty while it is open."""

    stratum: str
    expert: str
    at: datetime
    answer: str
    answered_at: datetime | None
    decline_reason: str
    replaces: str  # whose place it is, for a substitute


@dataclass(frozen=True)
class Drawn:
    """One line of a stratum: place in the drawn order, and what became of it."""

    place: int
    name: str
    organisation: str
    tickets: int
    became: str
    passed: tuple[tuple[str, datetime], ...]  # passed over as a substitute: why, and when
    contact: Contact | None


@dataclass(frozen=True)
class PanelView:
    number: int
    last: int
    dossiers: tuple[tuple[str, str], ...]
    strata: tuple[tuple[str, int, tuple[Drawn, ...]], ...]  # seat type, listed, lines


def commitment(draw_id: str, who: str, secret: str) -> str:
    return lots.commitment(bound(draw_id, who, secret))


def bound(draw_id: str, who: str, secret: str) -> str:
    """The secret with the draw and the person it holds for, so that nobody can take over the commitment of another."""
    return f"{draw_id}\n{who}\n{secret}"


def said(row: PanelDraw) -> list[str]:
    return [bound(row.public_id, one.who, one.secret) for one in row.secrets]


def find(session: Session, public_id: str) -> PanelDraw:
    row = session.execute(select(PanelDraw).where(PanelDraw.public_id == public_id)).scalar_one_or_none()
    if row is None:
        raise NotFound("not_found")
    return row


def of_round(session: Session, call_id: str, *, actor: Actor, round_number: int | None = None) -> Draws:
    permissions.require(actor, "draw.read")
    round_ = rounds.named(session, call_id, round_number)
    rows = session.execute(select(PanelDraw).where(PanelDraw.round_id == round_.id).order_by(PanelDraw.number.desc())).scalars()
    bases = session.execute(
        select(MatchRun.number, MatchRun.public_id, MatchRun.summary)
        .where(MatchRun.round_id == round_.id, MatchRun.status.in_(("done", "draft")), MatchRun.result_digest != "")
        .order_by(MatchRun.number.desc())
    )
    return Draws(
        call_rules.from_json(round_.call.rules).seating == "drawn",
        tuple((number, own) for number, own, summary in bases if summary.get("method") != "draw"),
        tuple(_view(session, row, actor) for row in rows),
    )


def one(session: Session, call_id: str, draw_id: str, *, actor: Actor) -> DrawView:
    permissions.require(actor, "draw.read")
    row = _of_call(session, call_id, draw_id)
    log = lots.chained(log_of(session, row), row.outcome_digest) if row.outcome_digest else []
    return replace(_view(session, row, actor), log_digest=log[-1]["sha256"] if log else row.outcome_digest)


def panel(session: Session, call_id: str, draw_id: str, number: int, *, actor: Actor) -> PanelView:
    """How one panel was drawn: every stratum in its order as far as it was needed, with what was asked and answered."""
    permissions.require(actor, "draw.read")
    row = _of_call(session, call_id, draw_id)
    numbers = select(RunPanel.number, RunPanel.application_ids).where(RunPanel.run_id == row.run_id)
    panels = {n: tuple(own) for n, own in session.execute(numbers.order_by(RunPanel.number))}
    if number not in panels:
        raise NotFound("not_found")
    asked = {(c.stratum, c.expert): c for c in contacts(session, row, panels[number])}
    mine = {name: line for name, line in row.places.items() if name.partition(":")[0] == str(number)}
    people = _people(session, {str(entry["expert"]) for line in mine.values() for entry in line})
    labels = dossier_labels(session, set(panels[number]))
    passed: dict[str, list[tuple[str, datetime]]] = {}
    for entry in log_of(session, row):
        for expert, why in entry.get("passed_over", ()) if entry["panel"] == str(number) else ():
            passed.setdefault(expert, []).append((why, datetime.fromisoformat(entry["at"])))
    strata = []
    for name, line in mine.items():
        lines = tuple(
            Drawn(place, *people[entry["expert"]], row.strata[name][entry["expert"]], entry["became"],
                  tuple(passed.get(entry["expert"], ())) if entry["became"] == "substitute" else (),
                  asked.get((name, entry["expert"])))
            for place, entry in enumerate(line, 1)
        )  # fmt: skip
        strata.append((name.partition(":")[2], len(row.strata[name]), lines))
    return PanelView(number, max(panels), tuple(labels[own] for own in panels[number]), tuple(strata))


def contacts(session: Session, row: PanelDraw, about: Collection[int] | None = None) -> list[Contact]:
    """Who was asked to sit in the drawn panels (all, or those of these applications), in order; one act asks as drawn."""
    if row.run_id is None:
        return []
    first = func.min(JournalEntry.at).label("first")
    asked = (
        select(JournalEntry.subject, first)
        .where(JournalEntry.subject_kind == "seat", JournalEntry.action == "seat.invited")
        .group_by(JournalEntry.subject)
        .subquery()
    )
    run_panels = session.execute(select(RunPanel.number, RunPanel.application_ids).where(RunPanel.run_id == row.run_id))
    number_of = {own: number for number, applications in run_panels for own in applications}
    place = {(name, e["expert"]): n for name, line in row.places.items() for n, e in enumerate(line)}
    dossier = select(func.min(PanelDossier.application_id)).where(PanelDossier.panel_id == Seat.panel_id).scalar_subquery()
    seats = (
        select(Seat, Expert.public_id, Invitation, asked.c.first, dossier)
        .join(Panel, and_(Panel.id == Seat.panel_id, Panel.run_id == row.run_id))
        .join(asked, asked.c.subject == Seat.public_id)
        .join(Expert, Expert.id == Seat.expert_id)
        .join(Invitation, Invitation.id == Seat.invitation_id)
    )
    if about is not None:
        theirs = select(PanelDossier.panel_id).where(PanelDossier.application_id.in_(about))
        seats = seats.where(Seat.panel_id.in_(theirs))
    rows = session.execute(seats).all()
    who = {seat.id: expert for seat, expert, *_ in rows}
    found = []
    for seat, expert, letter, at, application in rows:
        name = f"{number_of[application]}:{seat.seat_type or 'free'}"
        found.append(
            Contact(name, expert, at, letter.answer, letter.answered_at, letter.decline_reason,
                    who.get(seat.replaces_id, "") if seat.replaces_id else "")
        )  # fmt: skip
    return sorted(found, key=lambda c: (c.at, _number_and_type(c.stratum), place.get((c.stratum, c.expert), 0)))


def _number_and_type(stratum: str) -> tuple[int, str]:
    number, _, kind = stratum.partition(":")
    return int(number), kind


def packed(session: Session, call_id: str, draw_id: str, *, actor: Actor) -> bytes:
    """The draw as a file that anybody repeats; experts by an id that names nobody."""
    permissions.require(actor, "draw.read")
    row = _of_call(session, call_id, draw_id)
    if row.drawn_at is None:
        raise NotFound("not_found")
    digests = [one.digest for one in row.secrets]
    if not row.seating:  # frozen before lists said how they are seated: the order alone can be repeated
        return lots.packed(row.strata, said(row), digests)
    return lots.packed(row.strata, said(row), digests, seating=row.seating, since=row.since, log=log_of(session, row))


def log_of(session: Session, row: PanelDraw) -> list[dict[str, Any]]:
    """What happened to the seats of the drawn panels, as the journal noted it: verify_draw.py says what it reads there."""
    run_panels = session.execute(select(RunPanel.number, RunPanel.application_ids).where(RunPanel.run_id == row.run_id))
    number_of = {own: number for number, applications in run_panels for own in applications}
    dossier = select(func.min(PanelDossier.application_id)).where(PanelDossier.panel_id == Seat.panel_id).scalar_subquery()
    seats = session.execute(
        select(Seat.public_id, Expert.public_id, dossier)
        .join(Panel, and_(Panel.id == Seat.panel_id, Panel.run_id == row.run_id))
        .join(Expert, Expert.id == Seat.expert_id)
    ).all()
    who = {seat: expert for seat, expert, _ in seats}
    panel_of = {seat: str(number_of[application]) for seat, _, application in seats}
    entries = session.execute(
        select(JournalEntry.at, JournalEntry.action, JournalEntry.subject, JournalEntry.data)
        .where(JournalEntry.subject_kind == "seat", JournalEntry.subject.in_(who))
        .order_by(JournalEntry.id)
    )
    out = []
    for at, action, seat, stored in entries:
        event, data = action.removeprefix("seat."), json.loads(stored)
        told: dict[str, Any] = {"why": data["why"]} if "why" in data else {}
        if event == "replacement":
            event = "replaced" if data["by"] else "not_replaced"
            told |= {"by": who[data["by"]]} if data["by"] else {}
            told["passed_over"] = [[who[one], why] for one, why in (said.split(":") for said in data["passed_over"])]
            told["changed"] = sorted(who[one] for one in data["changed"])
        elif event not in _LOGGED:
            continue
        out.append({"at": at.isoformat(), "panel": panel_of[seat], "expert": who[seat], "event": event, **told})
    return out


_LOGGED = frozenset((*verify_draw.HELD, *verify_draw.LOST, *verify_draw.OVER))


def faults(session: Session, call_id: str, draw_id: str, *, actor: Actor) -> tuple[str, ...]:
    """Where list, commitments, seats and reasons differ from what the journal noted; empty when all holds."""
    permissions.require(actor, "draw.read")
    row = _of_call(session, call_id, draw_id)
    found = [] if lots.list_digest(row.strata, row.seating) == row.list_digest else ["list"]
    if row.outcome_digest:
        drawn = select(JournalEntry.data).where(JournalEntry.subject == row.public_id, JournalEntry.action == "draw.drawn")
        noted = [json.loads(data).get("outcome_sha256") for data in session.execute(drawn).scalars()]
        if noted != [lots.outcome_digest(row.since, row.places)]:
            found.append("outcome")
    return (*found, *lotteries.not_as_journalled(session, row, "draw.frozen", "draw"))


def problems(session: Session, draw_id: str, *, actor: Actor) -> list[str]:
    """What does not hold of a drawn draw: against the journal, and when a stranger repeats its file."""
    permissions.require(actor, "journal.verify")
    row = find(session, draw_id)
    call = row.round.call.public_id
    found = faults(session, call, draw_id, actor=actor)
    published = (row.list_digest, row.outcome_digest or None)
    return [*found, *verify_draw.problems(io.BytesIO(packed(session, call, draw_id, actor=actor)), *published)]


@dataclass(frozen=True)
class Published:
    """A draw as anybody may read it: no names, not even an id of a person."""

    call: Mapping[str, str]
    round: int
    number: int
    listed: Mapping[str, int]
    list_digest: str
    rules_digest: str
    frozen_at: datetime
    commitments: tuple[tuple[str, datetime], ...]
    seed: str
    drawn_at: datetime | None
    outcome_digest: str


def published(session: Session) -> tuple[Published, ...]:
    """The draws of all calls that were ever opened, the newest first."""
    rows = session.execute(
        select(PanelDraw, Round.number, Call.title_ko, Call.title_en)
        .join(Round, Round.id == PanelDraw.round_id)
        .join(Call, Call.id == Round.call_id)
        .where(Call.status != "draft")
        .order_by(PanelDraw.id.desc())
    )
    return tuple(
        Published({"ko": ko, "en": en}, number, row.number, row.listed, row.list_digest, row.rules_digest, row.frozen_at,
                  tuple((s.digest, s.committed_at) for s in row.secrets), row.seed, row.drawn_at, row.outcome_digest)
        for row, number, ko, en in rows
    )  # fmt: skip


def _of_call(session: Session, call_id: str, draw_id: str) -> PanelDraw:
    row = find(session, draw_id)
    if row.round.call.public_id != call_id:
        raise NotFound("not_found")
    return row


def _people(session: Session, keys: set[str]) -> dict[str, tuple[str, str]]:
    rows = session.execute(
        select(Expert.public_id, Person.name, Organisation.name)
        .join(Person, Person.id == Expert.person_id)
        .outerjoin(Organisation, Organisation.id == Expert.organisation_id)
        .where(Expert.public_id.in_(keys))
    )
    return {own: (name, organisation or "") for own, name, organisation in rows}


def _view(session: Session, row: PanelDraw, actor: Actor) -> DrawView:
    return DrawView(
        public_id=row.public_id,
        round=row.round.number,
        number=row.number,
        base=row.base.number,
        base_id=row.base.public_id,
        listed=row.listed,
        pool=row.parameters["draw_pool"],
        multiple=row.parameters["draw_multiple"],
        list_digest=row.list_digest,
        rules_digest=row.rules_digest,
        frozen_at=row.frozen_at,
        secrets=lotteries.secret_views(session, row.secrets, actor),
        seed=row.seed,
        drawn_at=row.drawn_at,
        outcome_digest=row.outcome_digest,
        log_digest="",
        run=row.run.number if row.run else None,
        run_id=row.run.public_id if row.run else "",
        run_status=row.run.status if row.run else "",
    )
