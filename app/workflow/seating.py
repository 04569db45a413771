"""Who sits on a panel: one invitation for all seats of an expert, the next substitute for a lost seat, a sheet for each dossier."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import mail, outbox
from app.clock import end_of_day_kst, today_kst
from app.models.matching import Panel, Seat
from app.models.people import Account
from app.models.reviews import Invitation, Sheet
from app.workflow import batches, door, draws, rounds
from app.workflow import room as rooms
from app.workflow import rules as call_rules
from app.workflow.actors import SYSTEM, Actor
from app.workflow.conflicts import barring
from app.workflow.rules import Rules
from reviewers.organisations import organisation_key

SEATED = draws.SEATED
LOST = ("declined", "no_answer", "recused", "challenged_out", "excluded")
ALIASES = "KLMNPQRSTUVWXYZ"  # no letter that reads as a digit or as the A of an application


def rules_of(panel: Panel) -> Rules:
    return call_rules.from_json(panel.round.call.rules)


def invite(session: Session, expert_id: int, seats: Sequence[Seat], *, actor: Actor, now: datetime) -> Invitation:
    """Cover the drawn `seats` of one expert by one letter: an unanswered one is widened, else a new one is written."""
    round_ = seats[0].panel.round
    letters = (
        session.execute(
            select(Invitation)
            .where(Invitation.round_id == round_.id, Invitation.expert_id == expert_id)
            .order_by(Invitation.number)
        )
        .scalars()
        .all()
    )
    invitation = next((i for i in letters if not i.answer and now < i.answer_by), None)
    if invitation is None:
        days = timedelta(days=rules_of(seats[0].panel).invitation_days)
        invitation = Invitation(
            round_id=round_.id,
            expert_id=expert_id,
            number=len(letters) + 1,
            sent_at=now,
            answer_by=end_of_day_kst(today_kst(now + days)),
        )
        session.add(invitation)
        session.flush()
        door.record(
            session,
            invitation,
            "invitation.sent",
            actor=actor,
            role=_role(actor),
            now=now,
            data={"seats": len(seats), "answer_by": invitation.answer_by.isoformat()},
        )
        outbox.promise(
            session,
            "sweep_invitation",
            key=f"sweep_invitation:{invitation.public_id}",
            args={"invitation": invitation.public_id},
            now=now,
            due_at=invitation.answer_by,
        )
    for seat in seats:
        seat.invitation_id = invitation.id
        door.advance(session, seat, "invited", actor=actor, now=now)
    covered = session.execute(select(func.count()).select_from(Seat).where(Seat.invitation_id == invitation.id)).scalar_one()
    outbox.promise(
        session,
        "invitation_letter",
        key=f"letter:{invitation.public_id}:{covered}",
        args={"invitation": invitation.public_id},
        now=now,
        queue="mail",
    )
    return invitation


def await_pledge(session: Session, invitation: Invitation, *, now: datetime) -> None:
    """Accepted seats are held for the days the call gives; then whoever has not signed is followed by the next in order."""
    days = timedelta(days=call_rules.from_json(invitation.round.call.rules).pledge_days)
    invitation.pledge_by = end_of_day_kst(today_kst(now + days))
    outbox.promise(
        session,
        "sweep_pledge",
        key=f"sweep_pledge:{invitation.public_id}",
        args={"invitation": invitation.public_id},
        now=now,
        due_at=invitation.pledge_by,
    )


def call_off(session: Session, seats: Sequence[Seat], *, actor: Actor, now: datetime) -> int:
    """The request for these invited seats no longer stands; one letter tells each expert, and what is left of it stays open."""
    by_letter: dict[int, list[Seat]] = {}
    for seat in seats:
        door.advance(session, seat, "called_off", actor=actor, now=now)
        if seat.invitation_id is not None:
            by_letter.setdefault(seat.invitation_id, []).append(seat)
    for letter_id, gone in by_letter.items():
        letter = session.get_one(Invitation, letter_id)
        left = session.execute(select(Seat).where(Seat.invitation_id == letter_id, Seat.status == "invited")).scalars().all()
        if not left:
            letter.answer, letter.answered_at = "called_off", now
        door.record(session, letter, "invitation.called_off", actor=actor, role=_role(actor), now=now,
                    data={"seats": len(gone), "left": len(left)})  # fmt: skip
        _tell_called_off(session, letter, gone, left, now)
    return len(by_letter)


def _tell_called_off(session: Session, letter: Invitation, gone: Sequence[Seat], left: Sequence[Seat], now: datetime) -> None:
    accounts = select(Account).where(Account.person_id == letter.expert.person_id, Account.status != "disabled")
    account = session.execute(accounts.order_by(Account.id).limit(1)).scalar_one_or_none()
    language = account.language if account else letter.expert.language
    to, call = account.mail if account else letter.expert.mail, letter.round.call
    if to:
        mail.send(
            session, "invitation_called_off", to=to, language=language, now=now,
            key=f"called_off:{letter.public_id}:{min(seat.id for seat in gone)}", name=letter.expert.person.name,
            call=call.title_ko if language == "ko" else call.title_en,
            dossiers=sum(len(seat.panel.dossiers) for seat in gone), left=sum(len(seat.panel.dossiers) for seat in left),
        )  # fmt: skip


def replace(session: Session, lost: Seat, *, now: datetime) -> Seat | None:
    """The next substitute in the committed order is drawn and invited; None leaves the seat empty for the coordinator.

    The journal says who was passed over and why, and of whom a drawn list says otherwise, so that anybody can follow it.
    """
    hand_over(lost)
    chosen, passed = next_substitute(session, lost)
    note_replacement(session, lost, chosen, [f"{seat.public_id}:{why}" for seat, why in passed], now=now)
    if chosen is None:
        return None
    door.advance(session, lost, "replaced", actor=SYSTEM, now=now, data={"by": chosen.public_id})
    chosen.replaces_id = lost.id
    door.advance(session, chosen, "drawn", actor=SYSTEM, now=now, data={"replaces": lost.public_id})
    invite(session, chosen.expert_id, [chosen], actor=SYSTEM, now=now)
    return chosen


def note_replacement(
    session: Session, lost: Seat, chosen: Seat | None, passed_over: Sequence[str], *, now: datetime, why: str = ""
) -> None:
    """Who followed, who was passed over before and why, and for whom a frozen list no longer holds."""
    data = {"by": chosen.public_id if chosen else "", "passed_over": passed_over, "changed": draws.changed(session, lost.panel)}
    data |= {"why": why} if why else {}
    door.record(session, lost, "seat.replacement", actor=SYSTEM, role="system", now=now, data=data)


def hand_over(lost: Seat) -> None:
    """The duty of a member who left goes to whoever is seated already."""
    if lost.duty != "member":
        lost.duty = "member"
        appoint_missing(lost.panel)


def next_substitute(session: Session, lost: Seat) -> tuple[Seat | None, list[tuple[Seat, str]]]:
    """Same seat type first, by rank; another type only where the quota of the lost one still holds without it.

    With everybody who was passed over before, and why.
    """
    panel, rules = lost.panel, rules_of(lost.panel)
    seated = [s for s in panel.seats if s.status in SEATED and s.id != lost.id]
    least = next((q.least for q in rules.quotas if q.attribute == "seat_type" and q.value == lost.seat_type), 0)
    spare = sum(s.seat_type == lost.seat_type for s in seated) >= least
    waiting = [s for s in panel.seats if s.status == "candidate" and (spare or s.seat_type == lost.seat_type)]
    waiting.sort(key=lambda s: (s.seat_type != lost.seat_type, s.substitute_rank, s.ordinal))
    passed: list[tuple[Seat, str]] = []
    for seat in waiting:
        if not (why := _obstacle(session, seat, seated, rules)):
            return seat, passed
        passed.append((seat, why))
    return None, passed


def activate(session: Session, seats: Iterable[Seat], *, actor: Actor, now: datetime, accept_short: bool) -> None:
    """Pledged seats begin to score: each gets its letter and a sheet for every dossier it may judge."""
    for seat in seats:
        door.advance(session, seat, "active", actor=actor, now=now, data={"accept_short": accept_short})
        if not seat.alias:
            seat.alias = _alias(seat.panel)
        barred = barred_from(session, seat)
        for dossier in seat.panel.dossiers:
            if dossier.application_id not in barred:
                session.add(Sheet(seat_id=seat.id, application_id=dossier.application_id))
    session.flush()


def void_sheets(session: Session, seat: Seat, application_ids: Collection[int], *, actor: Actor, now: datetime) -> None:
    """What was marked stays on record and no longer counts; results computed from it are computed again, as a run of their own."""
    sheets = select(Sheet).where(Sheet.seat_id == seat.id, Sheet.application_id.in_(application_ids), Sheet.status != "void")
    for sheet in session.execute(sheets).scalars():
        counted = sheet.status == "locked"
        door.advance(session, sheet, "void", actor=actor, now=now)
        if counted and rounds.has_run(session, seat.panel.round):
            rounds.compute_again(session, seat.panel.round, because=f"void:{sheet.public_id}", now=now)


def appoint_missing(panel: Panel) -> None:
    """Without a choice of the coordinator, the technology seats of highest affinity chair and report."""
    seated = [s for s in panel.seats if s.status in ("pledged", "active")]
    order = sorted(seated, key=lambda s: (s.seat_type != "technology", -s.affinity, s.ordinal))
    for duty in ("chair", "rapporteur"):
        if any(s.duty == duty for s in seated):
            continue
        free = next((s for s in order if s.duty == "member"), None)
        if free is not None:
            free.duty = duty


def barred_from(session: Session, seat: Seat, statuses: Collection[str] = barring.BARRING) -> set[int]:
    """The dossiers of its panel this expert must not see, because a conflict is raised or stands."""
    dossiers = [d.application_id for d in seat.panel.dossiers]
    return {application for _, application in barring.barred(session, (seat.expert_id,), dossiers, statuses)}


def _obstacle(session: Session, seat: Seat, seated: Sequence[Seat], rules: Rules) -> str:
    """Why somebody may not take a seat: gone from the pool, a former panellist, a conflict, the institution's cap, the load."""
    expert, dossiers = seat.expert, {d.application_id for d in seat.panel.dossiers}
    if not expert.active:
        return "absent"
    if expert.id in {who for _, who in rounds.former_panellists(session, dossiers, seat.panel.round_id)}:
        return "former"
    if not batches.may_join(session, seat, seated, rules):
        return "conflict"
    if expert.organisation is not None:
        house = organisation_key(expert.organisation.name)
        inside = (s.expert.organisation for s in seated)
        if sum(other is not None and organisation_key(other.name) == house for other in inside) >= rules.institution_cap:
            return "institution"
    carried = draws.loads(session, (expert.id,), seat.panel)[expert.id]
    room = rooms.of(session, seat.panel.round.call, seat.panel.round.call.rules)
    return "load" if carried + len(dossiers) > room.most(expert.id, expert.load_cap) else ""


def _alias(panel: Panel) -> str:
    """Letters in an order nobody can read a rank from: by a digest, not by seat or affinity."""
    used = {s.alias for s in panel.seats}
    free = [a for a in ALIASES if a not in used]
    return min(free, key=lambda a: hashlib.sha256(f"{panel.public_id}{a}{len(used)}".encode()).digest())


def _role(actor: Actor) -> str:
    return "coordinator" if actor.has("coordinator") else "system"
