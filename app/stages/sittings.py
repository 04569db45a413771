"""The panel at the table: the chair takes a dossier up, who has a conflict leaves, absences are noted, votes are taken."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.errors import Duplicate, Invalid, NotFound, WrongStage
from app.models.deliberations import Absence, Ballot, Deliberation, Sitting, Vote
from app.models.matching import Seat
from app.workflow import deliberations, door, duties
from app.workflow.actors import Actor

CHOICES = ("yes", "no", "abstain")
MINUTES_MOST = 24 * 60
QUESTION_MOST = 1000


def take_up(session: Session, application_id: str, *, actor: Actor, now: datetime) -> Deliberation:
    """One dossier is before the panel at a time; members with a conflict step out now, and the time is kept."""
    application, seat, said = deliberations.chair_of(session, application_id, actor)
    if deliberations.sitting_of(said) is not None:
        raise Duplicate("deliberation.taken_up_already")
    for other in deliberations.at_the_table(session, seat.panel):
        deliberations.put_down(other, now=now)
    said.sittings.append(Sitting(taken_up_at=now, by_id=actor.account_id))
    out = deliberations.step_out(session, said, [s for s in seat.panel.seats if s.status == "active"], now=now)
    door.record(
        session, application, "deliberation.taken_up", actor=actor, role="panellist", now=now, data={"stepped_out": out}
    )
    return said


def put_down(session: Session, application_id: str, *, actor: Actor, now: datetime) -> Deliberation:
    """Parked: the sitting ends without a conclusion, and whoever stepped out is back."""
    application, _, said = deliberations.chair_of(session, application_id, actor)
    if deliberations.sitting_of(said) is None:
        raise WrongStage("deliberation.not_taken_up")
    deliberations.put_down(said, now=now)
    door.record(session, application, "deliberation.put_down", actor=actor, role="panellist", now=now)
    return said


def pull_back(session: Session, application_id: str, *, actor: Actor, now: datetime) -> Deliberation:
    """Any member may take a dossier out of those on which all agree: it is talked about one by one."""
    application, seat = deliberations.seat_in(session, application_id, actor, "deliberation.answer")
    deliberations.now_on(application)
    said = deliberations.of(session, application)
    deliberations.require_there(said, seat)
    if said.pulled_at is None:
        said.pulled_by_id, said.pulled_at = actor.account_id, now
        door.record(session, application, "deliberation.pulled_back", actor=actor, role="panellist", now=now)
    return said


def record_absence(
    session: Session, application_id: str, seat_id: str, *, reason: str, actor: Actor, now: datetime
) -> Absence:
    """The chair notes who is not there and why: an absent member neither answers nor votes."""
    application, chair, said = deliberations.chair_of(session, application_id, actor)
    seat = _member(session, chair, seat_id)
    if not reason.strip():
        raise Invalid("deliberation.reason_missing", problems={f"absence-{seat_id}": "deliberation.reason_missing"})
    if any(row.seat_id == seat.id and row.ended_at is None for row in said.absences):
        raise Duplicate("deliberation.absent_already")
    row = Absence(seat_id=seat.id, reason=reason.strip(), by_id=actor.account_id, at=now)
    said.absences.append(row)
    door.record(
        session,
        application,
        "deliberation.absence",
        actor=actor,
        role="panellist",
        now=now,
        data={"seat": seat.public_id, "reason_sha256": journal.sha256(reason.strip())},
    )
    return row


def end_absence(session: Session, application_id: str, seat_id: str, *, actor: Actor, now: datetime) -> None:
    """The member is there after all, or has come."""
    application, chair, said = deliberations.chair_of(session, application_id, actor)
    seat = _member(session, chair, seat_id)
    row = next((row for row in said.absences if row.seat_id == seat.id and row.ended_at is None), None)
    if row is None:
        raise NotFound("not_found")
    row.ended_at = now
    data = {"seat": seat.public_id}
    door.record(session, application, "deliberation.absence_ended", actor=actor, role="panellist", now=now, data=data)


def open_vote(
    session: Session, application_id: str, *, question: str, minutes: int, actor: Actor, now: datetime
) -> Vote:
    """The chair puts a question to the members present, for so many minutes; one at a time."""
    application, _, said = deliberations.chair_of(session, application_id, actor)
    if not question.strip() or len(question) > QUESTION_MOST:
        raise Invalid("deliberation.question_missing", problems={"question": "deliberation.question_missing"})
    if not 1 <= minutes <= MINUTES_MOST:
        raise Invalid("deliberation.minutes_range", problems={"minutes": "deliberation.minutes_range"})
    if any(vote.closed_at is None for vote in said.votes):
        raise Duplicate("deliberation.vote_open")
    vote = Vote(
        number=len(said.votes) + 1,
        question=question.strip(),
        opened_at=now,
        closes_at=now + timedelta(minutes=minutes),
        opened_by_id=actor.account_id,
    )
    said.votes.append(vote)
    data = {"vote": vote.number, "question_sha256": journal.sha256(vote.question), "minutes": minutes}
    door.record(session, application, "deliberation.vote_opened", actor=actor, role="panellist", now=now, data=data)
    return vote


def cast(session: Session, vote_id: str, choice: str, *, actor: Actor, now: datetime) -> Ballot:
    """One ballot each, not to be changed; what it says enters the journal only when the vote is closed."""
    vote = _vote(session, vote_id)
    said = vote.deliberation
    application, seat = deliberations.seat_in(session, said.application.public_id, actor, "deliberation.answer")
    deliberations.now_on(application)
    deliberations.require_there(said, seat)
    if vote.closed_at is not None or vote.closes_at <= now:
        raise WrongStage("deliberation.vote_over")
    if choice not in CHOICES:
        raise Invalid("deliberation.choice_missing", problems={"choice": "deliberation.choice_missing"})
    if any(ballot.seat_id == seat.id for ballot in vote.ballots):
        raise Duplicate("deliberation.voted_already")
    ballot = Ballot(seat_id=seat.id, choice=choice, at=now)
    vote.ballots.append(ballot)
    data = {"vote": vote.number}
    door.record(session, application, "deliberation.vote_cast", actor=actor, role="panellist", now=now, data=data)
    return ballot


def close_vote(session: Session, vote_id: str, *, actor: Actor, now: datetime) -> Vote:
    """The chair closes when everybody present has voted or the time is over; only then is the result there to be seen."""
    vote = _vote(session, vote_id)
    application, seat, _ = deliberations.chair_of(session, vote.deliberation.application.public_id, actor)
    if vote.closed_at is not None:
        raise Duplicate("deliberation.vote_over")
    voted = {ballot.seat_id for ballot in vote.ballots}
    left = [s for s in duties.attending(session, seat.panel, application) if s.id not in voted]
    if left and now < vote.closes_at:
        raise WrongStage("deliberation.vote_running", closes_at=vote.closes_at)
    vote.closed_at = now
    counted = {choice: sum(ballot.choice == choice for ballot in vote.ballots) for choice in CHOICES}
    ballots = [[ballot.seat.alias, ballot.choice] for ballot in sorted(vote.ballots, key=lambda b: b.seat.alias)]
    data = {"vote": vote.number, **counted, "ballots_sha256": journal.sha256(ballots)}
    door.record(session, application, "deliberation.vote_closed", actor=actor, role="panellist", now=now, data=data)
    return vote


def _member(session: Session, chair: Seat, seat_id: str) -> Seat:
    """Another active seat of the same panel."""
    seat = next((s for s in chair.panel.seats if s.public_id == seat_id and s.status == "active"), None)
    if seat is None:
        raise NotFound("not_found")
    return seat


def _vote(session: Session, public_id: str) -> Vote:
    row = session.execute(select(Vote).where(Vote.public_id == public_id)).scalar_one_or_none()
    if row is None:
        raise NotFound("not_found")
    return row
