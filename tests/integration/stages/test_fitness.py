"""The procurement service passes a product or returns it with reasons."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.errors import DomainError, Invalid, NotAllowed, NotFound, WrongStage
from app.models.applications import Decision
from app.models.designations import FitnessReview
from app.models.process import JournalEntry, Mail
from app.stages import fitness
from tests import people
from tests.after_panels import BASE, CHECKS, World, world


@pytest.fixture
def here(session: Session, now: datetime) -> World:
    return world(session, now)


def give_back(here: World, reasons: str = "시험성적서가 없습니다.") -> FitnessReview:
    return fitness.review(
        here.session,
        here.application.public_id,
        checks=CHECKS | {"certificates": "no"},
        outcome="returned",
        reasons=reasons,
        actor=here.officer,
        now=here.now,
        base_url=BASE,
    )


def test_a_pass_is_recorded_and_the_application_waits_for_its_notice(here: World) -> None:
    here.pass_fitness()
    row = here.session.query(FitnessReview).one()
    assert (row.outcome, row.checks, here.application.status) == ("passed", CHECKS, "fitness_review")
    assert here.session.query(JournalEntry).filter_by(action="fitness.passed").count() == 1


def test_what_is_not_met_cannot_pass(here: World) -> None:
    with pytest.raises(Invalid) as refused:
        fitness.review(
            here.session,
            here.application.public_id,
            checks=CHECKS | {"price_evidence": "no"},
            outcome="passed",
            reasons="",
            actor=here.officer,
            now=here.now,
            base_url=BASE,
        )
    assert refused.value.problems == {"price_evidence": "fitness.check_not_met"}


def test_every_check_needs_an_answer_and_a_return_needs_reasons(here: World) -> None:
    with pytest.raises(Invalid) as refused:
        fitness.review(
            here.session,
            here.application.public_id,
            checks={"certificates": "yes"},
            outcome="returned",
            reasons=" ",
            actor=here.officer,
            now=here.now,
            base_url=BASE,
        )
    assert set(refused.value.problems) == {"direct_production", "catalogue_no", "price_evidence", "reasons"}


def test_a_return_tells_the_applicant_what_to_answer_and_until_when(here: World) -> None:
    row = give_back(here)
    assert here.application.status == "fitness_returned"
    assert row.answer_by == here.now + timedelta(days=14)
    letter = here.session.query(Mail).filter_by(template="fitness_returned").one()
    assert letter.recipient == here.owner.mail
    assert "시험성적서가 없습니다." in letter.body


def test_the_answer_sends_it_back_to_the_procurement_service(here: World) -> None:
    row = give_back(here)
    fitness.answer(
        here.session, here.application.public_id, text="성적서를 붙입니다.", actor=here.applicant, now=here.later(days=13)
    )
    assert (here.application.status, row.answer) == ("fitness_review", "성적서를 붙입니다.")
    here.pass_fitness()
    assert here.session.query(FitnessReview).count() == 2


def test_an_answer_after_its_time_is_refused_and_the_review_goes_on_without_it(here: World) -> None:
    give_back(here)
    with pytest.raises(WrongStage) as early:
        fitness.take_back(here.session, here.application.public_id, actor=here.officer, now=here.now)
    assert early.value.code == "guard.fitness_answer_running"
    here.later(days=15)
    with pytest.raises(WrongStage) as late:
        fitness.answer(here.session, here.application.public_id, text="늦은 답", actor=here.applicant, now=here.now)
    assert late.value.code == "guard.answer_late"


def test_without_an_answer_the_procurement_service_goes_on_when_the_time_is_over(here: World) -> None:
    give_back(here)
    fitness.take_back(here.session, here.application.public_id, actor=here.officer, now=here.later(days=15))
    assert here.application.status == "fitness_review"


def test_nobody_else_reviews_and_nobody_else_answers(here: World) -> None:
    for actor in (here.coordinator, here.applicant, here.member):
        with pytest.raises(NotAllowed):
            fitness.review(
                here.session,
                here.application.public_id,
                checks=CHECKS,
                outcome="passed",
                reasons="",
                actor=actor,
                now=here.now,
                base_url=BASE,
            )
    give_back(here)
    stranger = people.acting(here.session, here.now, "applicant")
    with pytest.raises(NotFound):
        fitness.answer(here.session, here.application.public_id, text="남의 신청", actor=stranger, now=here.now)


def test_an_application_that_is_not_in_review_is_not_reviewed(here: World) -> None:
    give_back(here)
    with pytest.raises(WrongStage):
        here.pass_fitness()


def test_a_refusal_needs_two_coordinators_and_sends_one_letter(here: World) -> None:
    first = fitness.reject(
        here.session, here.application.public_id, reason="직접생산이 아님", actor=here.coordinator, now=here.now, base_url=BASE
    )
    assert not first.moved
    with pytest.raises(NotAllowed) as same:
        fitness.reject(here.session, here.application.public_id, reason="", actor=here.coordinator, now=here.now, base_url=BASE)
    assert same.value.code == "door.same_person"
    fitness.reject(here.session, here.application.public_id, reason="", actor=here.second, now=here.now, base_url=BASE)
    decided = here.session.query(Decision).one()
    assert (here.application.status, decided.text_ko, decided.by_id, decided.confirmed_by_id) == (
        "rejected",
        "직접생산이 아님",
        here.coordinator.account_id,
        here.second.account_id,
    )
    assert "직접생산이 아님" in here.session.query(Mail).filter_by(template="decided").one().body
    with pytest.raises(DomainError):
        fitness.reject(here.session, here.application.public_id, reason="다시", actor=here.coordinator, now=here.now, base_url=BASE)
