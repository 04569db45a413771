"""An applicant's challenge: filed, decided by two coordinators, kept in the ledger; it tells nothing that the call has not told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.errors import Duplicate, Invalid, NotAllowed, NotFound, WrongStage
from app.models.challenges import Challenge
from app.models.matching import Conflict, Seat
from app.models.people import Organisation
from app.models.process import Mail
from app.queries import challenges as queries
from app.stages import challenges
from app.stages.challenges import Filed
from app.workflow import seating
from tests import panels as worlds
from tests.panels import World

pytestmark = pytest.mark.storage
WHY = "2024년 특허 분쟁의 상대방 대리인이었습니다."


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return worlds.make(session, now)


def file(world: World, **said: str) -> Challenge:
    given = {"ground": "rival", "reason": WHY} | said
    return challenges.file(world.session, world.applications[0].public_id, Filed(**given), actor=world.applicant, now=world.now)


def letters(world: World, template: str) -> list[str]:
    rows = world.session.execute(select(Mail.body).where(Mail.template == template).order_by(Mail.id))
    return list(rows.scalars())


def page(world: World) -> queries.Challenges:
    return queries.of_application(world.session, world.applications[0].public_id, actor=world.applicant)


def house(world: World, seat: Seat, name: str) -> None:
    place = Organisation(name=name, key=name)
    world.session.add(place)
    world.session.flush()
    seat.expert.organisation_id = place.id
    world.session.flush()


def test_an_expert_named_before_the_review_leaves_the_seat_once_two_coordinators_agree(world: World) -> None:
    session, call = world.session, world.call.public_id
    world.invite_all()
    seat = world.panels[0].seats[0]
    house(world, seat, "경쟁연구원")
    world.answer(seat)
    with pytest.raises(NotAllowed):
        said = Filed("rival", WHY, name="x")
        challenges.file(session, world.applications[0].public_id, said, actor=world.coordinator, now=world.now)
    with pytest.raises(Invalid) as refused:
        file(world, ground="envy", reason=" ", name="")
    assert set(refused.value.problems) == {"name", "ground", "reason"}
    row = file(world, name=seat.expert.person.name, organisation="(주)경쟁연구원", evidence="특허심판원 2024당100")
    with pytest.raises(Duplicate):
        file(world, name=seat.expert.person.name, organisation="(주)경쟁연구원")
    assert len(letters(world, "challenge_filed")) == 2
    line = queries.of_call(session, call, actor=world.coordinator)[0]
    assert [(one.expert_id, one.sure, one.sits) for one in line.candidates] == [(seat.expert.public_id, True, True)]
    assert not seating.barred_from(session, seat), "filing alone does not suspend anybody"

    challenges.take_up(session, row.public_id, experts=[seat.expert.public_id], actor=world.coordinator, now=world.now)
    found = session.execute(select(Conflict)).scalar_one()
    assert (found.kind, found.ground, found.status, found.challenge_id) == ("challenge", "rival", "raised", row.id)
    assert (row.status, seat.status) == ("filed", "pledged")
    assert seating.barred_from(session, seat), "until the second has decided the member judges nothing of it"
    with pytest.raises(NotAllowed):
        challenges.take_up(session, row.public_id, actor=world.coordinator, now=world.now)
    challenges.take_up(session, row.public_id, actor=world.second, now=world.now)
    assert (row.status, found.status, seat.status) == ("upheld", "upheld", "replaced")
    told = letters(world, "challenge_request_answered")
    assert len(told) == 1 and "받아들여" in told[0] and not letters(world, "challenge_answered")
    assert len(letters(world, "challenge_upheld")) == 1
    with pytest.raises(WrongStage):
        challenges.turn_down(session, row.public_id, reason="too late", actor=world.second, now=world.now)
    assert journal.verify(session).first_bad is None


def test_what_the_applicant_reads_does_not_tell_who_is_on_the_panel(world: World) -> None:
    """The same of a member, of an expert who was never near it, and of nobody at all."""
    session = world.session
    world.invite_all()
    member = world.panels[0].seats[0]
    rows = [file(world, name=name) for name in (member.expert.person.name, "없는사람")]
    for row, experts in zip(rows, ([member.expert.public_id], []), strict=True):
        for actor in (world.coordinator, world.second):
            challenges.take_up(session, row.public_id, experts=experts, actor=actor, now=world.now)
    told = {one.public_id: one for one in page(world).filed}
    seen = [told[row.public_id] for row in rows]
    assert len({(one.status, one.answer, one.answered_at, one.open) for one in seen}) == 1
    bodies = letters(world, "challenge_request_answered")
    assert len({body.replace(row.name, "·") for body, row in zip(bodies, rows, strict=True)}) == 1
    assert page(world).members == ()
    with pytest.raises(WrongStage):
        file(world, seat=member.public_id)


def test_members_are_named_and_challenged_where_the_call_says_so_and_as_long_as_it_says(session: Session, now: datetime) -> None:
    world = worlds.make(session, now, names_shown="review", challenge_days=2)
    world.invite_all()
    assert page(world).members == () and page(world).asking
    panel = world.panels[0]
    world.start(panel)
    assert not page(world).asking
    with pytest.raises(WrongStage):
        file(world, name="누구든")
    shown = page(world).members
    assert [one.seat for one in shown] == [s.public_id for s in sorted(panel.seats, key=lambda s: s.expert.person.name)
                                           if s.status == "active"]  # fmt: skip
    chosen = next(s for s in panel.seats if s.public_id == shown[0].seat)
    row = file(world, seat=chosen.public_id, ground="kin")
    for actor in (world.coordinator, world.second):
        challenges.take_up(session, row.public_id, actor=actor, now=now)
    assert (row.status, chosen.status, len(letters(world, "challenge_answered"))) == ("upheld", "replaced", 1)
    assert chosen.public_id not in {one.seat for one in page(world).members}
    late = Filed("kin", WHY, seat=shown[1].seat)
    with pytest.raises(WrongStage) as refused:
        challenges.file(session, world.applications[0].public_id, late, actor=world.applicant, now=shown[1].until)
    assert refused.value.code == "challenge.too_late"
    second = challenges.file(
        session, world.applications[0].public_id, late, actor=world.applicant, now=shown[1].until - timedelta(seconds=1)
    )
    assert second.name == shown[1].name


def test_one_is_dismissed_with_a_reason_another_is_taken_back_and_nothing_stays_behind(world: World) -> None:
    session = world.session
    world.invite_all()
    seat = world.panels[0].seats[0]
    row = file(world, name=seat.expert.person.name)
    challenges.take_up(session, row.public_id, experts=[seat.expert.public_id], actor=world.coordinator, now=world.now)
    challenges.turn_down(session, row.public_id, reason="다른 사람입니다.", actor=world.second, now=world.now)
    assert (row.status, row.answer) == ("dismissed", "다른 사람입니다.")
    assert "다른 사람입니다." in letters(world, "challenge_request_answered")[0]
    assert not seating.barred_from(session, seat)

    house(world, seat, "경쟁연구원")
    again = file(world, organisation="경쟁연구원")
    assert [one.expert_id for one in queries.of_call(session, world.call.public_id, actor=world.second)[0].candidates] == [
        seat.expert.public_id]  # fmt: skip
    challenges.take_up(session, again.public_id, experts=[seat.expert.public_id], actor=world.coordinator, now=world.now)
    with pytest.raises((NotAllowed, NotFound)):
        challenges.take_back(session, again.public_id, actor=world.panellist(seat), now=world.now)
    challenges.take_back(session, again.public_id, actor=world.applicant, now=world.now)
    assert (again.status, seat.status) == ("withdrawn", "invited")
    assert not seating.barred_from(session, seat)
    assert {c.status for c in session.execute(select(Conflict)).scalars()} == {"dismissed", "lapsed"}

    refused = file(world, name="아무개")
    challenges.turn_down(session, refused.public_id, reason="근거 없음", actor=world.coordinator, now=world.now)
    assert refused.status == "dismissed"
    with pytest.raises(WrongStage):
        challenges.take_up(session, refused.public_id, actor=world.second, now=world.now)
