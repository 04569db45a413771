"""The notice, objections of anyone, objections of applicants, and what follows from an answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.errors import Duplicate, Invalid, NotAllowed, NotFound, WrongStage
from app.models.designations import NoticeEdition, Objection
from app.models.process import Mail
from app.stages import fitness, notice
from app.workflow.actors import NOBODY, Actor
from tests import people
from tests.after_panels import BASE, World, world


@pytest.fixture
def here(session: Session, now: datetime) -> World:
    return world(session, now, applications=2)


def object_to(here: World, edition: str, actor: Actor = NOBODY, **changed: Any) -> Objection:
    given: dict[str, Any] = {
        "name": "이의 신청인",
        "address": "citizen@example.org",
        "ground": "earlier_product",
        "text": "이미 팔던 제품입니다.",
        "language": "ko",
    }
    return notice.object_to(here.session, edition, here.application.public_id, actor=actor, now=here.now, **(given | changed))


def refuse(here: World) -> None:
    for actor in (here.coordinator, here.second):
        fitness.reject(here.session, here.application.public_id, reason="가격 근거 없음", actor=actor, now=here.now, base_url=BASE)


def test_a_notice_shows_product_company_and_technology_for_the_days_of_the_call(here: World) -> None:
    here.publish(*here.applications)
    edition = here.session.query(NoticeEdition).one()
    assert edition.closes_at == here.now + timedelta(days=14)
    assert [e["name_ko"] for e in edition.content] == ["구조 드론 1", "구조 드론 2"]
    assert "비공개" not in str(edition.content)
    assert {a.status for a in here.applications} == {"public_notice"}


def test_only_what_passed_the_fitness_review_goes_on_notice(here: World) -> None:
    with pytest.raises(WrongStage) as refused:
        notice.publish(here.session, here.call.public_id, [here.application.public_id], actor=here.coordinator, now=here.now)
    assert refused.value.code == "guard.fitness_not_passed"
    with pytest.raises(NotAllowed):
        notice.publish(here.session, here.call.public_id, [here.application.public_id], actor=here.applicant, now=here.now)
    with pytest.raises(Invalid):
        notice.publish(here.session, here.call.public_id, [], actor=here.coordinator, now=here.now)


def test_anyone_may_object_and_gets_a_receipt(here: World) -> None:
    row = object_to(here, here.publish())
    receipt = here.session.query(Mail).filter_by(template="objection_received").one()
    assert (row.status, receipt.recipient) == ("filed", "citizen@example.org")
    assert row.public_id in receipt.body


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("mail", {"address": "nobody"}),
        ("name", {"name": " "}),
        ("ground", {"ground": "envy"}),
        ("text", {"text": ""}),
        ("text", {"text": "가" * 5001}),
    ],
)
def test_an_objection_that_cannot_be_answered_is_refused_at_its_field(here: World, field: str, changed: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        object_to(here, here.publish(), **changed)
    assert field in refused.value.problems


def test_after_the_notice_nobody_objects_and_a_product_that_is_not_on_it_has_none(here: World) -> None:
    edition = here.publish()
    with pytest.raises(NotFound):
        notice.object_to(
            here.session,
            edition,
            here.applications[1].public_id,
            name="a",
            address="a@b.cd",
            ground="other",
            text="x",
            language="ko",
            actor=NOBODY,
            now=here.now,
        )
    here.later(days=14)
    with pytest.raises(WrongStage) as refused:
        object_to(here, edition)
    assert refused.value.code == "notice.closed"


def test_the_committee_waits_for_the_end_of_the_notice_and_for_every_answer(here: World) -> None:
    row = object_to(here, here.publish())
    with pytest.raises(WrongStage) as running:
        notice.to_committee(here.session, here.application.public_id, actor=here.coordinator, now=here.now)
    assert running.value.code == "guard.notice_running"
    here.later(days=14)
    with pytest.raises(WrongStage) as open_:
        notice.to_committee(here.session, here.application.public_id, actor=here.coordinator, now=here.now)
    assert open_.value.code == "guard.objections_open"
    notice.admit(here.session, row.public_id, actor=here.coordinator, now=here.now)
    notice.answer(here.session, row.public_id, outcome="dismissed", text="다른 제품입니다.", actor=here.coordinator, now=here.now)
    notice.to_committee(here.session, here.application.public_id, actor=here.coordinator, now=here.now)
    assert here.application.status == "committee_deliberation"
    assert "다른 제품입니다." in here.session.query(Mail).filter_by(template="objection_answered").one().body


def test_an_objection_is_answered_once_with_reasons_by_a_coordinator(here: World) -> None:
    row = object_to(here, here.publish())
    with pytest.raises(NotAllowed):
        notice.admit(here.session, row.public_id, actor=here.officer, now=here.now)
    with pytest.raises(Invalid):
        notice.answer(here.session, row.public_id, outcome="inadmissible", text=" ", actor=here.coordinator, now=here.now)
    notice.answer(
        here.session, row.public_id, outcome="inadmissible", text="근거가 없습니다.", actor=here.coordinator, now=here.now
    )
    with pytest.raises(WrongStage):
        notice.answer(here.session, row.public_id, outcome="upheld", text="다시", actor=here.coordinator, now=here.now)


def test_a_notice_objection_is_never_put_off(here: World) -> None:
    row = object_to(here, here.publish())
    notice.admit(here.session, row.public_id, actor=here.coordinator, now=here.now)
    with pytest.raises(WrongStage) as refused:
        notice.extend(here.session, row.public_id, reason="바쁨", actor=here.coordinator, now=here.now)
    assert refused.value.code == "guard.notice_objection_not_extended"


def test_an_upheld_notice_objection_lets_two_coordinators_order_a_re_review(here: World) -> None:
    row = object_to(here, here.publish())
    with pytest.raises(WrongStage):
        notice.reopen(here.session, here.application.public_id, reason="이의", actor=here.coordinator, now=here.now, base_url=BASE)
    notice.admit(here.session, row.public_id, actor=here.coordinator, now=here.now)
    notice.answer(here.session, row.public_id, outcome="upheld", text="맞습니다.", actor=here.coordinator, now=here.now)
    for actor in (here.coordinator, here.second):
        notice.reopen(here.session, here.application.public_id, reason="이의 인용", actor=actor, now=here.now, base_url=BASE)
    assert here.application.status == "re_review"
    assert here.session.query(Mail).filter_by(template="re_review").count() == 1


def test_an_applicant_objects_once_on_each_ground_within_the_time(here: World) -> None:
    with pytest.raises(WrongStage):
        notice.file_objection(here.session, here.application.public_id, ground="fact", text="x", actor=here.applicant, now=here.now)
    refuse(here)
    stranger = people.acting(here.session, here.now, "applicant")
    with pytest.raises(NotFound):
        notice.file_objection(here.session, here.application.public_id, ground="fact", text="x", actor=stranger, now=here.now)
    notice.file_objection(
        here.session, here.application.public_id, ground="fact", text="가격 근거가 있습니다.", actor=here.applicant, now=here.now
    )
    with pytest.raises(Duplicate):
        notice.file_objection(
            here.session, here.application.public_id, ground="fact", text="다시", actor=here.applicant, now=here.now
        )
    notice.file_objection(
        here.session, here.application.public_id, ground="procedure", text="절차", actor=here.applicant, now=here.later(days=29)
    )
    with pytest.raises(WrongStage) as late:
        notice.file_objection(
            here.session, here.application.public_id, ground="conflict", text="늦음", actor=here.applicant, now=here.later(days=1)
        )
    assert late.value.code == "objection.time_over"


def test_an_applicants_objection_is_put_off_once_and_upheld_leads_to_a_re_review(here: World) -> None:
    refuse(here)
    row = notice.file_objection(
        here.session, here.application.public_id, ground="fact", text="근거", actor=here.applicant, now=here.now
    )
    notice.admit(here.session, row.public_id, actor=here.coordinator, now=here.now)
    due = row.due_at
    notice.extend(here.session, row.public_id, reason="사실 확인", actor=here.coordinator, now=here.now)
    assert row.due_at == due + timedelta(days=10)
    with pytest.raises(WrongStage):
        notice.extend(here.session, row.public_id, reason="또", actor=here.coordinator, now=here.now)
    notice.answer(here.session, row.public_id, outcome="partly_upheld", text="일부 맞습니다.", actor=here.coordinator, now=here.now)
    for actor in (here.coordinator, here.second):
        notice.reopen(here.session, here.application.public_id, reason="이의 인용", actor=actor, now=here.now, base_url=BASE)
    assert here.application.status == "re_review"


def test_one_voice_for_a_refusal_does_not_outlive_the_state_it_was_asked_in(here: World) -> None:
    """After a re-review the application stands in the fitness review again; nobody may join what was asked before."""
    own = here.application.public_id
    assert not fitness.reject(here.session, own, reason="가격", actor=here.coordinator, now=here.now, base_url=BASE).moved
    here.publish()
    here.application.status = "fitness_review"
    assert not fitness.reject(here.session, own, reason="가격", actor=here.second, now=here.now, base_url=BASE).moved
    assert here.application.status == "fitness_review"
