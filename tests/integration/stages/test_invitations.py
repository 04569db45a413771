"""From drawn seats to panels at work: letters, conflicts, pledge, substitutes, the start of scoring."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.clock import end_of_day_kst, today_kst
from app.errors import Duplicate, Invalid, NotAllowed, NotFound, WrongStage
from app.models.matching import Conflict, Seat
from app.models.process import Mail, Promise
from app.models.reviews import Invitation, Sheet
from app.stages import invitations, panels
from app.stages.invitations import Declared
from app.workflow import door
from app.workflow.actors import SYSTEM
from tests import panels as worlds
from tests.panels import invitation_of


def none(panel) -> dict[str, Declared]:
    return {d.application.public_id: Declared(False) for d in panel.dossiers}


def yes(panel, ground: str = "co_work") -> dict[str, Declared]:
    return {d.application.public_id: Declared(True, ground, "공동 논문") for d in panel.dossiers}


def test_one_letter_covers_all_seats_of_an_expert(session: Session, now: datetime) -> None:
    world = worlds.make(session, now, dossiers=2)
    first, second = world.panels
    second.seats[0].expert_id = first.seats[0].expert_id
    session.commit()
    assert invitations.send(session, world.call.public_id, actor=world.coordinator, now=now) == 5
    letter = session.get_one(Invitation, first.seats[0].invitation_id)
    assert second.seats[0].invitation_id == letter.id
    assert [s.status for s in first.seats] == ["invited"] * 3 + ["candidate"] * 2
    assert invitations.send(session, world.call.public_id, actor=world.coordinator, now=now) == 0


def test_a_panellist_cannot_send_invitations(session: Session, now: datetime) -> None:
    world = worlds.make(session, now)
    with pytest.raises(NotAllowed):
        invitations.send(session, world.call.public_id, actor=world.panellist(world.panels[0].seats[0]), now=now)


def test_the_letter_is_written_once_and_links_to_the_page(session: Session, now: datetime) -> None:
    world = worlds.make(session, now)
    world.invite_all()
    letter = invitation_of(session, world.panels[0].seats[0])
    for _ in range(2):
        invitations.write_letter(session, letter, now=now, base_url="http://localhost")
    mail = session.scalars(select(Mail).where(Mail.template == "invitation")).one()
    assert f"http://localhost/panellist/invitations/{letter}" in mail.body


def test_every_dossier_is_answered_for_and_there_is_no_default(session: Session, now: datetime) -> None:
    world = worlds.make(session, now)
    world.invite_all()
    seat = world.panels[0].seats[0]
    with pytest.raises(Invalid) as refused:
        invitations.accept(session, invitation_of(session, seat), {}, actor=world.panellist(seat), now=now)
    assert refused.value.problems == {world.applications[0].public_id: "invitation.declare"}
    with pytest.raises(Invalid):
        invitations.accept(
            session, invitation_of(session, seat), yes(world.panels[0], ground=""), actor=world.panellist(seat), now=now
        )
    assert seat.status == "invited"


def test_somebody_elses_invitation_does_not_exist(session: Session, now: datetime) -> None:
    world = worlds.make(session, now)
    world.invite_all()
    mine, other = world.panels[0].seats[:2]
    with pytest.raises(NotFound):
        invitations.accept(
            session, invitation_of(session, mine), none(world.panels[0]), actor=world.panellist(other), now=now
        )


def test_an_answer_is_given_once(session: Session, now: datetime) -> None:
    world = worlds.make(session, now)
    world.invite_all()
    seat = world.panels[0].seats[0]
    world.answer(seat)
    with pytest.raises(Duplicate):
        invitations.decline(session, invitation_of(session, seat), reason="time", actor=world.panellist(seat), now=now)
    with pytest.raises(WrongStage):
        invitations.pledge(
            session, invitation_of(session, seat), version="2026-1", actor=world.panellist(seat), now=now
        )


def test_after_the_reply_time_nobody_can_accept(session: Session, now: datetime) -> None:
    world = worlds.make(session, now)
    world.invite_all()
    seat = world.panels[0].seats[0]
    with pytest.raises(WrongStage):
        invitations.accept(
            session,
            invitation_of(session, seat),
            none(world.panels[0]),
            actor=world.panellist(seat),
            now=now + timedelta(days=9),
        )


def test_a_declined_seat_goes_to_the_next_substitute_of_its_type(session: Session, now: datetime) -> None:
    world = worlds.make(session, now)
    world.invite_all()
    market = world.panels[0].seats[2]
    invitations.decline(session, invitation_of(session, market), reason="time", actor=world.panellist(market), now=now)
    assert market.status == "replaced"
    chosen = world.panels[0].seats[4]
    assert (chosen.seat_type, chosen.status, chosen.replaces_id) == ("market", "invited", market.id)
    assert world.panels[0].seats[3].status == "candidate"


def test_an_unanswered_seat_is_replaced_once_the_time_is_over(session: Session, now: datetime) -> None:
    world = worlds.make(session, now)
    world.invite_all()
    seat = world.panels[0].seats[0]
    letter = session.get_one(Invitation, seat.invitation_id)
    sweep = session.scalars(select(Promise).where(Promise.key == f"sweep_invitation:{letter.public_id}")).one()
    assert sweep.due_at == letter.answer_by
    assert not invitations.expire(session, letter.public_id, now=letter.answer_by - timedelta(seconds=1))
    assert invitations.expire(session, letter.public_id, now=letter.answer_by)
    assert not invitations.expire(session, letter.public_id, now=letter.answer_by)
    assert (seat.status, world.panels[0].seats[3].status) == ("replaced", "invited")


def test_without_a_substitute_the_seat_stays_empty(session: Session, now: datetime) -> None:
    world = worlds.make(session, now, substitutes=())
    world.invite_all()
    seat = world.panels[0].seats[0]
    invitations.decline(session, invitation_of(session, seat), reason="field", actor=world.panellist(seat), now=now)
    assert seat.status == "declined"


def test_a_declared_conflict_gives_the_seat_away_at_once(session: Session, now: datetime) -> None:
    world = worlds.make(session, now)
    world.invite_all()
    panel, seat = world.panels[0], world.panels[0].seats[0]
    invitations.accept(session, invitation_of(session, seat), yes(panel), actor=world.panellist(seat), now=now)
    assert (seat.status, panel.seats[3].status) == ("replaced", "invited")
    conflict = session.scalars(select(Conflict)).one()
    assert (conflict.kind, conflict.status, conflict.ground) == ("recusal", "upheld", "co_work")
    with pytest.raises(WrongStage):
        invitations.pledge(
            session, invitation_of(session, seat), version="2026-1", actor=world.panellist(seat), now=now
        )


def test_in_a_batch_a_member_steps_out_of_one_dossier_only(session: Session, now: datetime) -> None:
    world = worlds.make(session, now, dossiers=2, batch=True)
    world.invite_all()
    panel, seat = world.panels[0], world.panels[0].seats[0]
    said = none(panel) | {world.applications[0].public_id: Declared(True, "kin")}
    invitations.accept(session, invitation_of(session, seat), said, actor=world.panellist(seat), now=now)
    invitations.pledge(session, invitation_of(session, seat), version="2026-1", actor=world.panellist(seat), now=now)
    world.start(panel)
    own = session.scalars(select(Sheet.application_id).where(Sheet.seat_id == seat.id)).all()
    assert own == [world.applications[1].id]
    assert len(world.sheets(panel)) == 5


def test_pledging_needs_the_text_of_today(session: Session, now: datetime) -> None:
    world = worlds.make(session, now)
    world.invite_all()
    seat = world.panels[0].seats[0]
    invitations.accept(
        session, invitation_of(session, seat), none(world.panels[0]), actor=world.panellist(seat), now=now
    )
    with pytest.raises(Invalid):
        invitations.pledge(
            session, invitation_of(session, seat), version="2020-1", actor=world.panellist(seat), now=now
        )
    assert seat.status == "accepted"


def accepted(world: worlds.World, n: int = 0) -> tuple[Seat, Invitation]:
    """The n-th seat accepted without a conflict and not signed."""
    world.invite_all()
    seat = world.panels[0].seats[n]
    invitations.accept(
        world.session, invitation_of(world.session, seat), none(world.panels[0]), actor=world.panellist(seat), now=world.now
    )
    return seat, world.session.get_one(Invitation, seat.invitation_id)


def test_a_seat_accepted_and_never_sworn_goes_to_the_next_in_order(session: Session, now: datetime) -> None:
    world = worlds.make(session, now, pledge_days=3)
    seat, letter = accepted(world)
    assert letter.pledge_by == end_of_day_kst(today_kst(now + timedelta(days=3)))
    owed = session.scalars(select(Promise).where(Promise.key == f"sweep_pledge:{letter.public_id}")).one()
    assert owed.due_at == letter.pledge_by

    def lapse(at: datetime) -> bool:
        return invitations.lapse(session, letter.public_id, now=at, base_url="http://localhost")

    assert not lapse(letter.pledge_by - timedelta(seconds=1))
    with pytest.raises(WrongStage):
        door.advance(session, seat, "no_answer", actor=SYSTEM, now=now)
    assert lapse(letter.pledge_by)
    assert (seat.status, letter.answer) == ("replaced", "lapsed")
    assert (world.panels[0].seats[3].status, world.panels[0].seats[3].replaces_id) == ("invited", seat.id)
    head = journal.head(session)
    assert not lapse(letter.pledge_by + timedelta(days=1)), "run again it changes nothing"
    assert journal.head(session) == head
    told = session.scalars(select(Mail).where(Mail.template == "pledge_lapsed")).one()
    assert letter.public_id in told.body
    for late in (
        lambda: invitations.pledge(session, letter.public_id, version="2026-1", actor=world.panellist(seat), now=now),
        lambda: invitations.remind(session, letter.public_id, actor=world.coordinator, now=now, base_url=""),
    ):
        with pytest.raises(WrongStage):
            late()


def test_who_signed_in_time_or_stepped_out_has_nothing_to_lapse(session: Session, now: datetime) -> None:
    world = worlds.make(session, now)
    seat, letter = accepted(world)
    world.answer(seat)
    assert not invitations.lapse(session, letter.public_id, now=now + timedelta(days=30), base_url="")
    assert seat.status == "pledged"
    other = world.panels[0].seats[1]
    invitations.accept(session, invitation_of(session, other), yes(world.panels[0]), actor=world.panellist(other), now=now)
    assert session.get_one(Invitation, other.invitation_id).pledge_by is None


def test_a_full_panel_starts_with_sheets_chair_and_rapporteur(session: Session, now: datetime) -> None:
    world = worlds.make(session, now)
    world.invite_all()
    panel = world.panels[0]
    world.start(panel)
    active = world.seated(panel, "active")
    assert len(active) == len(world.sheets(panel)) == 3
    assert world.applications[0].status == "in_review"
    assert [s.duty for s in active] == ["chair", "rapporteur", "member"]
    assert len({s.alias for s in active}) == 3
    assert world.round.scoring_closes_at >= now + timedelta(days=7)
    assert journal.verify(session).first_bad is None


def test_a_short_panel_starts_only_when_accepted_and_never_under_the_quorum(session: Session, now: datetime) -> None:
    world = worlds.make(session, now)
    world.invite_all()
    panel = world.panels[0]
    world.answer(panel.seats[0])
    with pytest.raises(WrongStage):
        panels.start(session, panel.public_id, actor=world.coordinator, now=now, accept_short=True)
    session.rollback()
    world.invite_all()
    world.answer(panel.seats[0])
    world.answer(panel.seats[1])
    with pytest.raises(WrongStage):
        panels.start(session, panel.public_id, actor=world.coordinator, now=now)
    panels.start(session, panel.public_id, actor=world.coordinator, now=now, accept_short=True)
    assert world.applications[0].status == "in_review"
    world.answer(panel.seats[2])
    assert panel.seats[2].status == "active"
    assert len(world.sheets(panel)) == 3


def test_a_conflict_reported_during_scoring_voids_the_sheet_and_seats_the_next(session: Session, now: datetime) -> None:
    world = worlds.make(session, now)
    world.invite_all()
    panel = world.panels[0]
    world.start(panel)
    chair = panel.seats[0]
    invitations.recuse(
        session,
        chair.public_id,
        world.applications[0].public_id,
        Declared(True, "paid_work"),
        actor=world.panellist(chair),
        now=now,
    )
    voided = session.scalars(select(Sheet).where(Sheet.seat_id == chair.id)).one()
    assert (voided.status, chair.status, chair.duty) == ("void", "replaced", "member")
    assert [s.duty for s in world.seated(panel, "active")] == ["rapporteur", "chair"]
    substitute = panel.seats[3]
    world.answer(substitute)
    assert substitute.status == "active"
    assert {s.seat_id for s in world.sheets(panel)} == {panel.seats[1].id, panel.seats[2].id, substitute.id}
