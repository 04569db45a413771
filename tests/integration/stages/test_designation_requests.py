"""What a holder asks after the certificate: in its time, decided by two, with an effect that leaves the former in the history."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.clock import end_of_day_kst
from app.errors import Duplicate, Invalid, NotAllowed, NotFound, WrongStage
from app.files import Files
from app.models.applications import Decision
from app.models.designation_requests import DesignationRequest, DesignationRequestVersion
from app.models.designations import CertificateVersion, Designation
from app.models.people import Organisation
from app.models.pilots import Pilot
from app.models.process import JournalEntry, Mail, Promise
from app.queries import designation_requests as queries
from app.queries import holdings, journal
from app.stages import listing, pilot, pilot_rules, pilot_use, standing
from app.stages.designation_requests import deciding, filing
from app.workflow import terms
from app.workflow.actors import SYSTEM
from tests import people
from tests.after_panels import BASE, World, world
from tests.standing import ENTERED, ask, decide, granted, near_the_end, paper, under_review


@pytest.fixture
def here(session: Session, now: datetime) -> World:
    return world(session, now, applications=2)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files")


@pytest.fixture
def row(here: World) -> Designation:
    return here.designated()


def letters(here: World, template: str) -> list[Mail]:
    return here.session.query(Mail).filter_by(template=template).all()


# filing


def test_an_extension_is_asked_for_in_its_window_and_never_after_the_end(here: World, files: Files, row: Designation) -> None:
    near_the_end(here, row, days=181)
    with pytest.raises(WrongStage) as early:
        ask(here, files, row, "extension")
    assert (early.value.code, early.value.data["opens_on"]) == ("request.window_not_open", row.valid_until - timedelta(days=180))
    near_the_end(here, row, days=-1)
    with pytest.raises(WrongStage) as late:
        ask(here, files, row, "extension")
    assert late.value.code == "guard.designation_not_active"
    near_the_end(here, row, days=180)
    request = ask(here, files, row, "extension")
    assert (request.status, request.versions[0].content) == ("filed", ENTERED["extension"])
    evidence = request.files[0].sha256
    assert here.session.query(Promise).filter_by(kind="read_file").one().args["sha256"] == evidence
    assert files.path(evidence).read_bytes().startswith(b"%PDF")
    assert here.session.query(JournalEntry).filter_by(action="designation_request.filed", subject=request.public_id).count() == 1


def test_the_last_valid_day_is_in_the_window(here: World, files: Files, row: Designation) -> None:
    here.now = end_of_day_kst(row.valid_until) - timedelta(seconds=1)
    assert ask(here, files, row, "extension").status == "filed"


def test_the_same_is_not_asked_twice_while_it_is_open(here: World, files: Files, row: Designation) -> None:
    first = ask(here, files, row, "change")
    with pytest.raises(Duplicate):
        ask(here, files, row, "change")
    filing.withdraw(here.session, first.public_id, actor=here.applicant, now=here.now)
    assert ask(here, files, row, "change").status == "filed"


def test_only_the_holder_asks(here: World, files: Files, row: Designation) -> None:
    with pytest.raises(NotFound):
        ask(here, files, row, "change", actor=people.acting(here.session, here.now, "applicant"))
    for actor in (here.coordinator, here.officer):
        with pytest.raises(NotAllowed):
            ask(here, files, row, "change", actor=actor)


@pytest.mark.parametrize(
    ("kind", "changed", "field", "code"),
    [
        ("change", {"text": " "}, "text", "request.text_form"),
        ("change", {"nature": ""}, "nature", "request.nature_missing"),
        ("change", {"models": "RD-1", "item_ids": ""}, "models", "request.nothing_added"),
        ("change", {"item_ids": "123"}, "item_ids", "id.eight_digits"),
        ("change", {"nature": "minor"}, "pledged", "request.pledge_missing"),
        ("transfer", {"ground": "sale"}, "ground", "request.ground_missing"),
        ("transfer", {"company": ""}, "company", "request.company_form"),
        ("transfer", {"business_no": "123-45-67890"}, "business_no", "id.check_digit"),
    ],
)
def test_each_field_that_cannot_stand_is_named(
    here: World, files: Files, row: Designation, kind: str, changed: dict[str, str], field: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        ask(here, files, row, kind, **changed)
    assert refused.value.problems[field] == code
    assert here.session.query(DesignationRequest).count() == 0


def test_only_a_pledged_minor_change_needs_no_evidence(here: World, files: Files, row: Designation) -> None:
    by: dict[str, Any] = {"evidence": [], "files": files, "actor": here.applicant, "now": here.now}
    with pytest.raises(Invalid) as refused:
        filing.file(here.session, row.public_id, "change", entered=ENTERED["change"], **by)
    assert refused.value.problems == {"evidence": "request.evidence_missing"}
    minor = ENTERED["change"] | {"nature": "minor", "pledged": "yes"}
    assert filing.file(here.session, row.public_id, "change", entered=minor, **by).files == []


def test_evidence_of_an_unknown_type_is_refused_by_its_content(here: World, files: Files, row: Designation) -> None:
    bad = paper()
    bad.stream.write(b"MZ\x90")
    with pytest.raises(Invalid) as refused:
        filing.file(
            here.session,
            row.public_id,
            "change",
            entered=ENTERED["change"],
            evidence=[bad],
            files=files,
            actor=here.applicant,
            now=here.now,
        )
    assert refused.value.problems == {"evidence": "file.unknown_kind"}


# taken up, sent back, answered, withdrawn


def test_more_is_asked_for_and_the_answer_is_a_version_beside_the_first(here: World, files: Files, row: Designation) -> None:
    request = under_review(here, files, row, "change")
    with pytest.raises(WrongStage) as silent:
        deciding.ask_more(here.session, request.public_id, reason=" ", actor=here.coordinator, now=here.now, base_url=BASE)
    assert silent.value.code == "guard.reason_given"
    deciding.ask_more(here.session, request.public_id, reason="시험성적서", actor=here.coordinator, now=here.now, base_url=BASE)
    assert request.status == "returned" and "시험성적서" in letters(here, "request_returned")[0].body
    entered = ENTERED["change"] | {"text": "성적서를 붙입니다."}
    more: dict[str, Any] = {"entered": entered, "files": files, "now": here.later(days=1)}
    with pytest.raises(NotAllowed):
        filing.answer(here.session, request.public_id, evidence=[paper("성적서")], actor=here.coordinator, **more)
    filing.answer(here.session, request.public_id, evidence=[paper("성적서"), paper()], actor=here.applicant, **more)
    assert request.status == "under_review"
    assert [(v.number, v.content["text"]) for v in request.versions] == [(1, "야간용 모델을 더합니다."), (2, "성적서를 붙입니다.")]
    assert [(f.number, f.name) for f in request.files] == [(1, "증빙.pdf"), (2, "성적서.pdf")]
    with pytest.raises(WrongStage) as twice:
        filing.answer(here.session, request.public_id, evidence=[], actor=here.applicant, **more)
    assert twice.value.code == "request.not_returned"


def test_a_proposal_does_not_outlive_that_more_was_asked_for(here: World, files: Files, row: Designation) -> None:
    request = under_review(here, files, row, "change")
    decide(here, request, here.coordinator, text_ko="확인함.")
    deciding.ask_more(here.session, request.public_id, reason="시험성적서", actor=here.second, now=here.now, base_url=BASE)
    by: dict[str, Any] = {"files": files, "actor": here.applicant, "now": here.now}
    filing.answer(here.session, request.public_id, entered=ENTERED["change"], evidence=[paper("성적서")], **by)
    with pytest.raises(WrongStage) as silent:
        decide(here, request, here.second)
    assert silent.value.code == "guard.reason_given"


def test_versions_of_what_was_asked_and_of_certificates_are_never_changed(here: World, files: Files, row: Designation) -> None:
    ask(here, files, row, "change")
    for table in (DesignationRequestVersion, CertificateVersion):
        with pytest.raises(DatabaseError), here.session.begin_nested():
            here.session.query(table).update({"digest": "0" * 64})


def test_a_request_is_taken_up_by_coordinators_and_once(here: World, files: Files, row: Designation) -> None:
    request = ask(here, files, row, "change")
    with pytest.raises(NotAllowed):
        deciding.take_up(here.session, request.public_id, actor=here.applicant, now=here.now)
    deciding.take_up(here.session, request.public_id, actor=here.coordinator, now=here.now)
    with pytest.raises(WrongStage):
        deciding.take_up(here.session, request.public_id, actor=here.second, now=here.now)
    filing.withdraw(here.session, request.public_id, actor=here.applicant, now=here.now)
    with pytest.raises(WrongStage):
        filing.withdraw(here.session, request.public_id, actor=here.applicant, now=here.now)


# decided by two


def test_the_same_person_does_not_approve_twice(here: World, files: Files, row: Designation) -> None:
    request = under_review(here, files, row, "change")
    with pytest.raises(WrongStage) as silent:
        decide(here, request, here.coordinator)
    assert silent.value.code == "guard.reason_given"
    decide(here, request, here.coordinator, text_ko="시험으로 확인함.")
    with pytest.raises(NotAllowed) as same:
        decide(here, request, here.coordinator)
    assert (same.value.code, request.status, row.product["models"]) == ("door.same_person", "under_review", ["RD-1"])
    for actor in (here.applicant, here.officer, here.member):
        with pytest.raises((NotAllowed, NotFound)):
            decide(here, request, actor)


def test_a_proposal_is_put_aside_and_another_may_be_made(here: World, files: Files, row: Designation) -> None:
    request = under_review(here, files, row, "change")
    decide(here, request, here.coordinator, text_ko="확인함.")
    with pytest.raises(WrongStage) as other:
        decide(here, request, here.second, "refuse", text_ko="다른 제품임.")
    assert other.value.code == "door.other_move_pending"
    deciding.put_aside(here.session, request.public_id, actor=here.second, now=here.now)
    decide(here, request, here.second, "refuse", text_ko="다른 제품임.", text_en="Another product.")
    decide(here, request, here.coordinator, "refuse")
    assert (request.status, row.product["models"], len(row.certificates)) == ("refused", ["RD-1"], 1)
    assert "다른 제품임." in letters(here, "request_decided")[0].body
    with pytest.raises(WrongStage):
        decide(here, request, here.coordinator, text_ko="늦음.")


def test_a_decision_names_both_persons_what_was_asked_and_what_it_changed(here: World, files: Files, row: Designation) -> None:
    request = granted(here, files, row, "change")
    made = here.session.query(Decision).filter_by(subject_kind="designation_request").one()
    assert (made.by_id, made.confirmed_by_id, made.move) == (
        here.coordinator.account_id,
        here.second.account_id,
        "under_review>approved",
    )
    assert (made.text_ko, made.text_en) == ("기준을 충족함.", "The criteria are met.")
    assert made.inputs["digest"] == request.versions[0].digest
    assert made.inputs["effect"]["models"] == [["RD-1"], ["RD-1", "RD-1S"]]
    story = journal.story(here.session, here.coordinator, request.public_id)
    assert [d.outcome for d in story.decisions] == ["approved"]
    assert [e.action.split(".")[1] for e in story.events] == ["filed", "under_review", "approved", "approved"]


# the effects


def test_an_addition_is_a_new_version_of_the_certificate_and_shows_as_a_difference_of_the_list(
    here: World, files: Files, row: Designation
) -> None:
    listing.publish(here.session, actor=here.coordinator, now=here.now)
    granted(here, files, row, "change")
    assert (row.product["models"], row.product["item_ids"]) == (["RD-1", "RD-1S"], ["12345678", "23456789"])
    former, new = row.certificates
    assert (former.content["product"]["models"], new.content["product"]["models"]) == (["RD-1"], ["RD-1", "RD-1S"])
    assert [e.kind for e in row.events] == ["designated", "listed", "changed"]
    owed = here.session.query(Promise).filter_by(kind="publish_list").one()
    assert owed.due_at == here.now
    edition = listing.publish(here.session, actor=SYSTEM, now=here.now)
    assert edition.delta["changed"] == {
        row.number: {"models": ["RD-1", "RD-1, RD-1S"], "item_ids": ["12345678", "12345678 23456789"]}
    }
    entry = here.session.query(JournalEntry).filter_by(action="designation.changed").one()
    assert json.loads(entry.data)["certificate"] == 2


@pytest.mark.parametrize(
    ("designated", "ends"),
    [
        (date(2026, 7, 1), [date(2029, 6, 30), date(2030, 6, 30), date(2032, 6, 30)]),
        (date(2024, 2, 29), [date(2027, 2, 28), date(2028, 2, 28), date(2030, 2, 28)]),
    ],
)
def test_the_first_extension_gives_one_year_the_second_two_and_there_is_no_third(
    here: World, files: Files, row: Designation, designated: date, ends: list[date]
) -> None:
    row.designated_on, row.valid_from, row.valid_until = designated, designated, ends[0]
    for term, before, until in (("ext1", ends[0], ends[1]), ("ext2", ends[1], ends[2])):
        near_the_end(here, row)
        assert row.valid_until == before
        granted(here, files, row, "extension")
        assert (row.term, row.valid_until) == (term, until)
        owed = here.session.query(Promise).filter_by(key=f"expire:{row.public_id}:{until}").one()
        assert owed.due_at == end_of_day_kst(until)
    near_the_end(here, row)
    with pytest.raises(WrongStage) as used:
        ask(here, files, row, "extension")
    assert used.value.code == "guard.extensions_used"
    assert [c.content["valid_until"] for c in row.certificates][1:] == [d.isoformat() for d in ends[1:]]


def test_an_extended_term_does_not_end_on_its_former_day(here: World, files: Files, row: Designation) -> None:
    former = row.valid_until
    near_the_end(here, row)
    granted(here, files, row, "extension")
    assert not standing.expire(here.session, row.public_id, now=end_of_day_kst(former))
    assert not standing.remind(here.session, row.public_id, until=former, now=here.now, base_url=BASE)
    assert standing.expire(here.session, row.public_id, now=end_of_day_kst(row.valid_until))


def test_an_extension_stops_at_the_end_of_the_familys_first_designation(here: World, files: Files) -> None:
    meeting = here.convene(*here.applications)
    for one in here.applications:
        here.decide(application=one, meeting=meeting)
    first, row = here.session.query(Designation).order_by(Designation.serial)
    near_the_end(here, row)
    request = under_review(here, files, row, "extension")
    decide(here, request, here.coordinator, text_ko="실적이 충분함.")
    by: dict[str, Any] = {"reason": "같은 기술", "actor": here.coordinator, "now": here.now}
    for unknown in ("MSIT-1999-0001", row.number):
        with pytest.raises(Invalid):
            deciding.name_family(here.session, row.public_id, first_number=unknown, **by)
    deciding.name_family(here.session, row.public_id, first_number=first.number.lower(), **by)
    with pytest.raises(Duplicate):
        deciding.name_family(here.session, row.public_id, first_number=first.number, **by)
    with pytest.raises(WrongStage) as moved:
        decide(here, request, here.second)
    assert moved.value.code == "request.changed_since_proposed"
    deciding.put_aside(here.session, request.public_id, actor=here.second, now=here.now)
    with pytest.raises(WrongStage) as nothing:
        decide(here, request, here.coordinator, text_ko="실적이 충분함.")
    assert nothing.value.code == "guard.family_cap"
    first.valid_until = row.valid_until + timedelta(days=40)
    decide(here, request, here.coordinator, text_ko="실적이 충분함.")
    decide(here, request, here.second)
    assert (row.term, row.valid_until) == ("ext1", first.valid_until)


def graded_poor(here: World, row: Designation) -> Pilot:
    request, by = here.request(row), {"actor": here.officer, "now": here.now}
    pilot_rules.pin(here.session, 2027, budgets={"tech_lead": 2 * 10**9}, reason="배정", **by)
    pilot.rank(here.session, 2027, **by)
    made = pilot.match(here.session, request.public_id, quantity=4, reason="순위", base_url=BASE, **by)
    own, day, use = made.public_id, here.now.date(), {"actor": here.institution, "now": here.now}
    pilot_use.agree(here.session, own, **by)
    pilot_use.contract(here.session, own, contract_no="R27-1", **by)
    pilot_use.deliver(here.session, own, on=day, actor=here.applicant, now=here.now)
    pilot_use.inspect(here.session, own, on=day, **use)
    pilot_use.start_use(here.session, own, on=day, **use)
    report(here, own)
    pilot_use.grade(here.session, own, grade="poor", reason="잦은 고장", **by)
    return made


def report(here: World, pilot_id: str) -> None:
    by: dict[str, Any] = {"actor": here.institution, "now": here.now}
    pilot_use.report(here.session, pilot_id, text="사용함", kpis={}, satisfaction=2, defects="", **by)


def test_a_pilot_graded_poor_bars_the_extension_until_its_correction_is_judged_well(
    here: World, files: Files, row: Designation
) -> None:
    made = graded_poor(here, row)
    near_the_end(here, row)
    with pytest.raises(WrongStage) as barred:
        ask(here, files, row, "extension")
    assert barred.value.code == "guard.extension_barred"
    by: dict[str, Any] = {"actor": here.officer, "now": here.now}
    pilot_use.ask_correction(here.session, made.public_id, **by)
    assert terms.barred_by_pilot(here.session, row)
    pilot_use.second_chance(here.session, made.public_id, correction="전원부 교체", actor=here.applicant, now=here.now)
    assert not terms.barred_by_pilot(here.session, row)
    report(here, made.public_id)
    pilot_use.grade(here.session, made.public_id, grade="poor", reason="다시 고장", **by)
    assert terms.barred_by_pilot(here.session, row)
    made.grade = "fair"
    assert ask(here, files, row, "extension").status == "filed"


def test_a_transfer_moves_the_designation_to_the_new_holder_alone(here: World, files: Files, row: Designation) -> None:
    former = row.organisation
    granted(here, files, row, "transfer")
    company = here.session.query(Organisation).filter_by(registration_no="3808100318").one()
    assert (row.organisation_id, company.name, company.name_en) == (company.id, "(주)이어받음", "Successor Ltd")
    assert [c.content["company"]["ko"] for c in row.certificates] == [former.name, "(주)이어받음"]
    assert holdings.designations(here.session, here.now, actor=here.applicant) == []
    with pytest.raises(NotFound):
        ask(here, files, row, "change")
    heir = people.acting(here.session, here.now, "applicant", organisation=company)
    assert [p.number for p in holdings.designations(here.session, here.now, actor=heir)] == [row.number]
    standing.give_back(here.session, row.public_id, reason="중단", actor=heir, now=here.now)
    assert [m.recipient for m in letters(here, "request_decided")] == [here.owner.mail]
    assert [r.kind for r in queries.mine(here.session, actor=here.applicant)] == ["transfer"]


def test_what_the_former_holder_asked_goes_over_with_the_designation(here: World, files: Files, row: Designation) -> None:
    request = ask(here, files, row, "change")
    granted(here, files, row, "transfer")
    heir = people.acting(here.session, here.now, "applicant", organisation=row.organisation)
    assert [queries.one(here.session, request.public_id, here.now, actor=a).held for a in (here.applicant, heir)] == [False, True]
    with pytest.raises(NotFound):
        filing.withdraw(here.session, request.public_id, actor=here.applicant, now=here.now)
    assert filing.withdraw(here.session, request.public_id, actor=heir, now=here.now).status == "withdrawn"


def test_a_transfer_tells_the_former_holder_and_the_new_each_in_their_language(here: World, files: Files, row: Designation) -> None:
    company = Organisation(name="(주)등록된이름", name_en="Registered Ltd", key="등록된이름", registration_no="3808100318")
    here.session.add(company)
    heir = people.account(here.session, here.now, "applicant", organisation=company, language="en")
    granted(here, files, row, "transfer")
    told = {m.recipient: (m.language, m.body) for m in letters(here, "request_decided")}
    assert told[here.owner.mail][0] == "ko" and "기준을 충족함." in told[here.owner.mail][1]
    assert told[heir.mail][0] == "en" and "Holder: Invented Ltd → Registered Ltd" in told[heir.mail][1]


def test_what_ended_meanwhile_is_not_granted(here: World, files: Files, row: Designation) -> None:
    near_the_end(here, row)
    request = under_review(here, files, row, "extension")
    decide(here, request, here.coordinator, text_ko="실적이 충분함.")
    here.now = end_of_day_kst(row.valid_until)
    with pytest.raises(WrongStage) as over:
        decide(here, request, here.second)
    assert over.value.code == "guard.designation_not_active"


# reminders


def test_the_holder_is_reminded_on_the_days_the_call_names_and_told_what_an_extension_gives(here: World, row: Designation) -> None:
    owed = here.session.query(Promise).filter_by(kind="remind_expiry").order_by(Promise.due_at).all()
    assert [(row.valid_until - (p.due_at + timedelta(hours=9)).date()).days for p in owed] == [180, 90, 30]
    here.now = owed[0].due_at
    for _ in range(2):
        assert standing.remind(here.session, row.public_id, until=row.valid_until, now=here.now, base_url=BASE)
    (letter,) = letters(here, "expiry_reminder")
    assert "180일 전" in letter.subject and "2030. 12. 6.(금)" in letter.body


def test_what_was_given_back_is_not_reminded(here: World, row: Designation) -> None:
    standing.give_back(here.session, row.public_id, reason="중단", actor=here.applicant, now=here.now)
    near_the_end(here, row)
    assert not standing.remind(here.session, row.public_id, until=row.valid_until, now=here.now, base_url=BASE)


# the queue


def test_the_queue_puts_what_is_owed_first_on_top(here: World, files: Files) -> None:
    meeting = here.convene(*here.applications)
    for one in here.applications:
        here.decide(application=one, meeting=meeting)
    first, second = here.session.query(Designation).order_by(Designation.serial)
    near_the_end(here, first, days=10)
    change = ask(here, files, first, "change")
    extension = ask(here, files, second, "extension")
    waiting, done = queries.queue(here.session, actor=here.coordinator)
    assert [r.public_id for r in waiting] == [extension.public_id, change.public_id] and done == []
    assert waiting[0].owed_at == second.valid_until
    assert waiting[1].owed_at == here.now.date() + timedelta(days=30)
    with pytest.raises(NotAllowed):
        queries.queue(here.session, actor=here.applicant)
