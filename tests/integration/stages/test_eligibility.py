"""The official check: findings by rule, one supplement, a refusal by two, an admission without any open finding."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Invalid, NotAllowed, NotFound, WrongStage
from app.files import Files
from app.models.applications import Decision, Finding, Supplement
from app.models.calls import Call
from app.models.process import Mail, Promise
from app.stages import calls, eligibility, submission
from app.workflow import door, dossiers
from app.workflow.actors import OPERATOR, SYSTEM, Actor
from tests.dossiers import filed, folder, in_check, open_call
from tests.people import acting

pytestmark = pytest.mark.storage


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return folder(tmp_path)


@pytest.fixture
def call(session: Session, now: datetime) -> Call:
    return open_call(session, now)


@pytest.fixture
def applicant(session: Session, now: datetime) -> Actor:
    return acting(session, now, "applicant")


@pytest.fixture
def coordinator(session: Session, now: datetime) -> Actor:
    return acting(session, now, "coordinator")


@pytest.fixture
def later(call: Call) -> datetime:
    return call.closes_at + timedelta(days=1)


def test_closing_owes_the_check_of_everything_filed(
    session: Session, now: datetime, call: Call, applicant: Actor, files: Files
) -> None:
    application = filed(session, call, applicant, files, now)
    with pytest.raises(WrongStage):
        calls.close_call(session, call.public_id, actor=OPERATOR, now=now)
    assert calls.close_if_due(session, call.public_id, now=call.closes_at) is False
    assert calls.close_if_due(session, call.public_id, now=call.closes_at + timedelta(seconds=1)) is True
    owed = session.execute(select(Promise).where(Promise.kind == "screen")).scalar_one()
    assert owed.args == {"application": application.public_id}
    assert calls.close_if_due(session, call.public_id, now=call.closes_at + timedelta(seconds=2)) is False


def test_screening_keeps_a_finding_for_each_rule_with_its_inputs_and_runs_once(
    session: Session, now: datetime, call: Call, applicant: Actor, files: Files, later: datetime
) -> None:
    application = in_check(session, call, applicant, files, now, rnd__ended_on="2015-01-01")
    rows = {f.rule: f for f in dossiers.findings(session, application)}
    assert set(rows) == set(application.call.rules["eligibility_on"])
    assert (rows["E04"].result, rows["E04"].inputs["ended_on"], rows["E04"].rules_version) == ("fail", "2015-01-01", 1)
    assert {f.result for f in rows.values() if f.rule != "E04"} == {"pass"}
    eligibility.screen(session, application.public_id, actor=SYSTEM, now=later)
    assert len(session.execute(select(Finding)).scalars().all()) == len(rows)


def test_an_application_without_an_open_finding_is_admitted_under_a_panel_number(
    session: Session, now: datetime, call: Call, applicant: Actor, coordinator: Actor, files: Files, later: datetime
) -> None:
    application = in_check(session, call, applicant, files, now)
    eligibility.admit(session, application.public_id, actor=coordinator, now=later)
    assert application.status == "eligible" and application.panel_number is not None and application.panel_number >= 101
    decision = session.execute(select(Decision)).scalar_one()
    assert (decision.outcome, decision.by_id, decision.confirmed_by_id) == ("eligible", coordinator.account_id, None)
    with pytest.raises(WrongStage):
        eligibility.admit(session, application.public_id, actor=coordinator, now=later)


def test_an_open_finding_holds_back_until_a_person_settles_it_with_a_reason(
    session: Session, now: datetime, call: Call, applicant: Actor, coordinator: Actor, files: Files, later: datetime
) -> None:
    application = in_check(session, call, applicant, files, now, rnd__ended_on="2015-01-01")
    with pytest.raises(WrongStage) as refused:
        eligibility.admit(session, application.public_id, actor=coordinator, now=later)
    assert refused.value.code == "guard.open_findings"
    with pytest.raises(Invalid):
        eligibility.settle(session, application.public_id, "E04", result="waived", note=" ", actor=coordinator, now=later)
    row = eligibility.settle(session, application.public_id, "E04", result="waived", note="장관 고시", actor=coordinator, now=later)
    assert (row.result, row.by_id, row.note) == ("waived", coordinator.account_id, "장관 고시")
    eligibility.admit(session, application.public_id, actor=coordinator, now=later)
    assert application.status == "eligible"


def test_a_warning_does_not_bar_admission_but_is_left_out_of_a_bulk_one(
    session: Session, now: datetime, call: Call, applicant: Actor, coordinator: Actor, files: Files, later: datetime
) -> None:
    weak = in_check(session, call, applicant, files, now, product__trl=5)
    assert {f.rule: f.result for f in dossiers.findings(session, weak)}["E06"] == "fail"
    done = eligibility.admit_all(session, [weak.public_id], actor=coordinator, now=later)
    assert (done.admitted, done.left) == ((), (("D-0001", "guard.open_findings"),))
    eligibility.admit(session, weak.public_id, actor=coordinator, now=later)
    assert weak.status == "eligible"


def test_a_bulk_admission_takes_only_rows_without_a_fail(
    session: Session, now: datetime, call: Call, applicant: Actor, coordinator: Actor, files: Files, later: datetime
) -> None:
    other = acting(session, now, "applicant")
    good = filed(session, call, other, files, now)
    bad = in_check(session, call, applicant, files, now, company__size="large")
    eligibility.screen(session, good.public_id, actor=SYSTEM, now=later)
    done = eligibility.admit_all(session, [good.public_id, bad.public_id], actor=coordinator, now=later)
    assert (done.admitted, [number for number, _ in done.left]) == (("D-0001",), ["D-0002"])
    assert (good.status, bad.status) == ("eligible", "eligibility")


def test_the_same_product_of_one_company_is_found_whatever_its_spacing(
    session: Session, now: datetime, call: Call, applicant: Actor, files: Files
) -> None:
    call.rules = {**call.rules, "eligibility_on": ["E09"]}
    filed(session, call, applicant, files, now, product__name_ko="구조드론")
    second = in_check(session, call, applicant, files, now, product__name_ko="구조 드론")
    found = dossiers.findings(session, second)
    assert [(f.rule, f.result, f.inputs["others"]) for f in found] == [("E09", "fail", ["D-0001"])]


def test_a_refusal_needs_two_coordinators_a_failed_rule_and_a_text(
    session: Session, now: datetime, call: Call, applicant: Actor, coordinator: Actor, files: Files, later: datetime
) -> None:
    application = in_check(session, call, applicant, files, now, company__size="large")
    second = acting(session, now, "coordinator")
    assert not eligibility.refuse(session, application.public_id, text_ko="대기업", text_en="Large", actor=coordinator, now=later)
    assert application.status == "eligibility" and door.pending_of(session, application) is not None
    with pytest.raises(NotAllowed):
        eligibility.refuse(session, application.public_id, text_ko="", text_en="", actor=coordinator, now=later)
    assert eligibility.refuse(session, application.public_id, text_ko="", text_en="", actor=second, now=later)
    assert application.status == "ineligible"
    decision = session.execute(select(Decision)).scalar_one()
    assert (decision.by_id, decision.confirmed_by_id) == (coordinator.account_id, second.account_id)
    assert (decision.text_ko, decision.text_en, decision.reasons[0]["rule"]) == ("대기업", "Large", "E01")
    letter = session.execute(select(Mail).where(Mail.template == "ineligible")).scalar_one()
    assert "E01" in letter.body and "대기업" in letter.body and "이의신청" in letter.body


def test_the_second_person_may_refuse_the_refusal(
    session: Session, now: datetime, call: Call, applicant: Actor, coordinator: Actor, files: Files, later: datetime
) -> None:
    application = in_check(session, call, applicant, files, now, company__size="large")
    eligibility.refuse(session, application.public_id, text_ko="대기업", text_en="", actor=coordinator, now=later)
    eligibility.refuse_pending(session, application.public_id, actor=acting(session, now, "coordinator"), now=later)
    assert application.status == "eligibility" and door.pending_of(session, application) is None


def test_nothing_is_refused_without_a_failed_hard_rule(
    session: Session, now: datetime, call: Call, applicant: Actor, coordinator: Actor, files: Files, later: datetime
) -> None:
    application = in_check(session, call, applicant, files, now, product__trl=3)
    with pytest.raises(WrongStage) as refused:
        eligibility.refuse(session, application.public_id, text_ko="TRL", text_en="", actor=coordinator, now=later)
    assert refused.value.code == "guard.no_hard_fail"


def test_a_false_document_found_by_a_person_is_a_ground_of_refusal(
    session: Session, now: datetime, call: Call, applicant: Actor, coordinator: Actor, files: Files, later: datetime
) -> None:
    application = in_check(session, call, applicant, files, now)
    eligibility.settle(session, application.public_id, "E20", result="fail", note="위조 성적서", actor=coordinator, now=later)
    assert not eligibility.refuse(session, application.public_id, text_ko="위조", text_en="", actor=coordinator, now=later)
    assert door.pending_of(session, application) is not None


def test_a_supplement_opens_only_what_was_asked_for_and_is_judged_anew(
    session: Session, now: datetime, call: Call, applicant: Actor, coordinator: Actor, files: Files, later: datetime
) -> None:
    application = in_check(session, call, applicant, files, now, company__size="large")
    asked = eligibility.ask_supplement(
        session, application.public_id, items=["company.size", "D09"], reason="확인서가 없습니다", actor=coordinator, now=later
    )
    assert application.status == "supplement" and asked.due_at > later + timedelta(days=7)
    base = dossiers.latest(session, application).version
    submission.save(
        session, application.public_id, "company", {"size": "sme", "name": "다른 이름"}, base=base, actor=applicant, now=later
    )
    draft = dossiers.latest(session, application).content["company"]
    assert (draft["size"], draft["name"]) == ("sme", "가상로봇")
    assert dossiers.counting(session, application).content["company"]["size"] == "large"
    submission.answer_supplement(session, application.public_id, actor=applicant, now=later)
    assert application.status == "eligibility"
    rows = eligibility.screen(session, application.public_id, actor=SYSTEM, now=later)
    assert {f.rule: f.result for f in rows}["E01"] == "pass" and {f.screening for f in rows} == {2}


def test_what_a_person_settled_stays_settled_on_the_same_values(
    session: Session, now: datetime, call: Call, applicant: Actor, coordinator: Actor, files: Files, later: datetime
) -> None:
    application = in_check(session, call, applicant, files, now, company__size="large", rnd__ended_on="2015-01-01")
    eligibility.settle(session, application.public_id, "E04", result="waived", note="고시", actor=coordinator, now=later)
    eligibility.ask_supplement(session, application.public_id, items=["company.size"], reason="규모", actor=coordinator, now=later)
    base = dossiers.latest(session, application).version
    submission.save(session, application.public_id, "company", {"size": "sme"}, base=base, actor=applicant, now=later)
    submission.answer_supplement(session, application.public_id, actor=applicant, now=later)
    rows = {f.rule: f for f in eligibility.screen(session, application.public_id, actor=SYSTEM, now=later)}
    assert (rows["E04"].result, rows["E04"].by_id, rows["E01"].result) == ("waived", coordinator.account_id, "pass")


def test_there_is_one_supplement(
    session: Session, now: datetime, call: Call, applicant: Actor, coordinator: Actor, files: Files, later: datetime
) -> None:
    application = in_check(session, call, applicant, files, now)
    eligibility.ask_supplement(session, application.public_id, items=["D09"], reason="서류", actor=coordinator, now=later)
    submission.answer_supplement(session, application.public_id, actor=applicant, now=later)
    with pytest.raises(WrongStage) as refused:
        eligibility.ask_supplement(session, application.public_id, items=["D10"], reason="또", actor=coordinator, now=later)
    assert refused.value.code == "guard.supplement_used"


def test_an_unanswered_supplement_ends_with_the_version_filed_before(
    session: Session, now: datetime, call: Call, applicant: Actor, coordinator: Actor, files: Files, later: datetime
) -> None:
    application = in_check(session, call, applicant, files, now, company__size="large")
    asked = eligibility.ask_supplement(
        session, application.public_id, items=["company.size"], reason="규모", actor=coordinator, now=later
    )
    base = dossiers.latest(session, application).version
    submission.save(session, application.public_id, "company", {"size": "sme"}, base=base, actor=applicant, now=later)
    assert eligibility.supplement_over(session, application.public_id, now=asked.due_at - timedelta(seconds=1)) is False
    with pytest.raises(WrongStage):
        submission.answer_supplement(session, application.public_id, actor=applicant, now=asked.due_at)
    assert eligibility.supplement_over(session, application.public_id, now=asked.due_at) is True
    assert application.status == "eligibility"
    assert {f.rule: f.result for f in dossiers.findings(session, application)}["E01"] == "fail"
    assert eligibility.supplement_over(session, application.public_id, now=asked.due_at) is False


@pytest.mark.parametrize("items", [[], ["D01"], ["nothing.here"], ["company.nothing"]])
def test_a_supplement_names_what_exists(
    session: Session,
    now: datetime,
    call: Call,
    applicant: Actor,
    coordinator: Actor,
    files: Files,
    later: datetime,
    items: list[str],
) -> None:
    application = in_check(session, call, applicant, files, now)
    with pytest.raises(Invalid):
        eligibility.ask_supplement(session, application.public_id, items=items, reason="r", actor=coordinator, now=later)
    assert session.execute(select(Supplement)).first() is None


def test_only_coordinators_decide(
    session: Session, now: datetime, call: Call, applicant: Actor, files: Files, later: datetime
) -> None:
    application = in_check(session, call, applicant, files, now)
    panellist = acting(session, now, "panellist")
    for actor in (applicant, panellist):
        with pytest.raises(NotAllowed):
            eligibility.admit(session, application.public_id, actor=actor, now=later)
        with pytest.raises((NotAllowed, NotFound)):
            eligibility.settle(session, application.public_id, "E01", result="waived", note="n", actor=actor, now=later)


def test_an_extension_moves_the_closing_for_all_and_tells_each_once(
    session: Session, now: datetime, call: Call, applicant: Actor, coordinator: Actor, files: Files
) -> None:
    filed(session, call, applicant, files, now)
    submission.start(session, call.public_id, actor=applicant, now=now)
    submission.start(session, call.public_id, actor=acting(session, now, "applicant"), now=now)
    before = call.closes_at
    with pytest.raises(Invalid):
        calls.extend(session, call.public_id, closes_at=before, reason="장애", actor=coordinator, now=now)
    with pytest.raises(Invalid):
        calls.extend(session, call.public_id, closes_at=before + timedelta(days=1), reason=" ", actor=coordinator, now=now)
    assert (
        calls.extend(session, call.public_id, closes_at=before + timedelta(days=1), reason="장애", actor=coordinator, now=now) == 2
    )
    letters = session.execute(select(Mail).where(Mail.template == "call_extended")).scalars().all()
    assert len({m.recipient for m in letters}) == len(letters) == 2 and "장애" in letters[0].body
    assert calls.close_if_due(session, call.public_id, now=before + timedelta(seconds=1)) is False
