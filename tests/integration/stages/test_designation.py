"""The committee decides by two, numbers run without a gap, and a designation ends only by its rules."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.clock import end_of_day_kst
from app.errors import Invalid, NotAllowed, NotFound, WrongStage
from app.models.applications import Decision
from app.models.designations import CommitteeItem, Designation
from app.models.process import JournalEntry, Mail, Promise
from app.stages import designation, standing
from tests import people
from tests.after_panels import BASE, World, world


@pytest.fixture
def here(session: Session, now: datetime) -> World:
    return world(session, now, applications=3)


def decide(here: World, meeting: str, actor: object, outcome: str = "designated", **given: str) -> object:
    return designation.decide(
        here.session,
        meeting,
        here.application.public_id,
        outcome=outcome,
        actor=actor,
        now=here.now,  # type: ignore[arg-type]
        base_url=BASE,
        **given,
    )


def test_one_member_proposes_and_a_second_confirms(here: World) -> None:
    meeting = here.convene()
    decide(here, meeting, here.member, minutes="의결함.", reason="우수함.")
    assert here.application.status == "committee_deliberation"
    with pytest.raises(NotAllowed) as same:
        decide(here, meeting, here.member)
    assert same.value.code == "door.same_person"
    with pytest.raises(NotAllowed) as role:
        decide(here, meeting, here.second)
    assert role.value.code == "door.other_role"
    decide(here, meeting, here.other_member)
    row = here.session.query(Designation).one()
    decided = here.session.query(Decision).filter_by(outcome="designated").one()
    item = here.session.query(CommitteeItem).one()
    assert here.application.status == "designated"
    assert (decided.by_id, decided.confirmed_by_id, decided.text_ko) == (
        here.member.account_id,
        here.other_member.account_id,
        "우수함.",
    )
    assert (item.outcome, item.minutes) == ("designated", "의결함.")
    assert (row.number, row.valid_from, row.valid_until) == ("MSIT-2026-0001", date(2026, 12, 7), date(2029, 12, 6))
    assert len(row.verify_id) == 26
    assert [e.kind for e in row.events] == ["designated"]


def test_a_proposal_needs_minutes_and_a_reason(here: World) -> None:
    meeting = here.convene()
    with pytest.raises(WrongStage) as minutes:
        decide(here, meeting, here.member, reason="우수함.")
    assert minutes.value.code == "guard.minutes_missing"
    with pytest.raises(WrongStage) as reason:
        decide(here, meeting, here.member, minutes="의결함.")
    assert reason.value.code == "guard.reason_given"


def test_a_second_member_who_disagrees_refuses_and_another_outcome_may_be_proposed(here: World) -> None:
    meeting = here.convene()
    decide(here, meeting, here.member, minutes="의결함.", reason="우수함.")
    with pytest.raises(WrongStage) as other:
        decide(here, meeting, here.other_member, outcome="rejected", minutes="부결함.", reason="미흡함.")
    assert other.value.code == "door.other_move_pending"
    designation.refuse_decision(here.session, here.application.public_id, actor=here.other_member, now=here.now)
    decide(here, meeting, here.other_member, outcome="rejected", minutes="부결함.", reason="미흡함.")
    decide(here, meeting, here.member, outcome="rejected")
    assert here.application.status == "rejected"
    assert "미흡함." in here.session.query(Mail).filter_by(template="decided").one().body
    assert here.session.query(Designation).count() == 0


def test_nobody_but_the_committee_or_two_coordinators_decides(here: World) -> None:
    meeting = here.convene()
    for actor in (here.officer, here.applicant, here.institution):
        with pytest.raises((NotAllowed, NotFound)):
            decide(here, meeting, actor, minutes="의결함.", reason="우수함.")


def test_numbers_of_a_year_run_without_a_gap(here: World) -> None:
    meeting = here.convene(*here.applications)
    for one in (here.applications[2], here.applications[0]):
        here.decide(application=one, meeting=meeting)
    here.decide("rejected", here.applications[1], meeting)
    assert [d.number for d in here.session.query(Designation).order_by(Designation.id)] == ["MSIT-2026-0001", "MSIT-2026-0002"]
    assert len({d.verify_id for d in here.session.query(Designation)}) == 2


def test_what_was_deferred_comes_back_to_a_new_meeting(here: World) -> None:
    here.decide("deferred")
    designation.resume_deliberation(
        here.session, here.application.public_id, reason="자료가 왔음", actor=here.coordinator, now=here.now
    )
    meeting = designation.convene(
        here.session,
        here.call.public_id,
        held_on=here.now.date(),
        application_ids=[here.application.public_id],
        actor=here.coordinator,
        now=here.now,
    )
    here.decide(meeting=meeting.public_id)
    assert here.application.status == "designated"


def test_an_agenda_holds_only_what_is_ready_and_nothing_twice(here: World) -> None:
    with pytest.raises(WrongStage) as early:
        designation.convene(
            here.session,
            here.call.public_id,
            held_on=here.now.date(),
            application_ids=[here.application.public_id],
            actor=here.coordinator,
            now=here.now,
        )
    assert early.value.code == "committee.not_ready"
    here.convene()
    with pytest.raises(WrongStage) as twice:
        designation.convene(
            here.session,
            here.call.public_id,
            held_on=here.now.date(),
            application_ids=[here.application.public_id],
            actor=here.coordinator,
            now=here.now,
        )
    assert twice.value.code == "committee.on_another_agenda"
    with pytest.raises(Invalid):
        designation.convene(
            here.session, here.call.public_id, held_on=here.now.date(), application_ids=[], actor=here.coordinator, now=here.now
        )


def test_members_note_their_opinion_until_the_item_is_decided(here: World) -> None:
    meeting = here.convene()
    designation.opine(here.session, meeting, here.application.public_id, text="수요가 분명함", actor=here.member, now=here.now)
    with pytest.raises(NotAllowed):
        designation.opine(here.session, meeting, here.application.public_id, text="x", actor=here.officer, now=here.now)
    here.decide(meeting=meeting)
    with pytest.raises(WrongStage):
        designation.opine(here.session, meeting, here.application.public_id, text="늦은 의견", actor=here.member, now=here.now)
    assert here.session.query(CommitteeItem).one().opinion == "수요가 분명함"


def test_a_suspension_needs_two_coordinators_and_promises_a_new_edition_the_same_day(here: World) -> None:
    row = here.designated()
    standing.suspend(here.session, row.public_id, reason="화재 사고", actor=here.coordinator, now=here.now, base_url=BASE)
    assert row.status == "active"
    standing.suspend(here.session, row.public_id, actor=here.second, now=here.now, base_url=BASE)
    assert (row.status, row.events[-1].kind, row.events[-1].note) == ("suspended", "suspended", "화재 사고")
    assert here.session.query(Promise).filter_by(kind="publish_list").one().due_at == here.now
    assert "화재 사고" in here.session.query(Mail).filter_by(template="designation_changed").one().body
    until = row.valid_until
    for actor in (here.coordinator, here.second):
        standing.resume(here.session, row.public_id, reason="원인 제거", actor=actor, now=here.later(days=30), base_url=BASE)
    assert (row.status, row.valid_until) == ("active", until)


def test_a_cancellation_is_notified_heard_and_decided_by_the_committee(here: World) -> None:
    row = here.designated()
    standing.begin_cancellation(
        here.session, row.public_id, reason="거짓 서류", actor=here.coordinator, now=here.now, base_url=BASE
    )
    with pytest.raises(WrongStage) as early:
        standing.cancel(here.session, row.public_id, reason="거짓 서류", actor=here.member, now=here.later(days=9), base_url=BASE)
    assert early.value.code == "guard.cancel_notice_running"
    with pytest.raises(NotAllowed):
        standing.cancel(
            here.session, row.public_id, reason="거짓 서류", actor=here.coordinator, now=here.later(days=1), base_url=BASE
        )
    standing.cancel(here.session, row.public_id, reason="거짓 서류", actor=here.member, now=here.now, base_url=BASE)
    assert row.status == "cancelled"
    with pytest.raises(WrongStage):
        standing.suspend(here.session, row.public_id, reason="x", actor=here.coordinator, now=here.now, base_url=BASE)


def test_a_cancellation_not_upheld_leaves_what_was_there(here: World) -> None:
    row = here.designated()
    for actor in (here.coordinator, here.second):
        standing.suspend(here.session, row.public_id, reason="사고", actor=actor, now=here.now, base_url=BASE)
    standing.begin_cancellation(
        here.session, row.public_id, reason="중대한 하자", actor=here.coordinator, now=here.now, base_url=BASE
    )
    standing.keep(here.session, row.public_id, reason="하자 아님", actor=here.member, now=here.later(days=11), base_url=BASE)
    assert row.status == "suspended"


def test_the_holder_gives_a_designation_back(here: World) -> None:
    row = here.designated()
    stranger = people.acting(here.session, here.now, "applicant")
    with pytest.raises(NotFound):
        standing.give_back(here.session, row.public_id, reason="x", actor=stranger, now=here.now)
    standing.give_back(here.session, row.public_id, reason="생산 중단", actor=here.applicant, now=here.now)
    assert (row.status, row.events[-1].kind) == ("returned", "returned")


def test_a_designation_expires_on_the_day_after_its_last_and_only_once(here: World) -> None:
    row = here.designated()
    promised = here.session.query(Promise).filter_by(kind="expire_designation").one()
    last_moment = end_of_day_kst(row.valid_until)
    assert promised.due_at == last_moment
    assert not standing.expire(here.session, row.public_id, now=last_moment - timedelta(seconds=1))
    assert standing.expire(here.session, row.public_id, now=last_moment)
    assert not standing.expire(here.session, row.public_id, now=last_moment)
    assert (row.status, [e.kind for e in row.events]) == ("expired", ["designated", "expired"])
    assert here.session.query(JournalEntry).filter_by(action="designation.expired").count() == 1
