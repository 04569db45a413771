"""A dossier from its first word to its receipt, and what nobody may do to it."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import journal
from app.errors import Invalid, NotAllowed, NotFound, Stale, WrongStage
from app.files import Files
from app.models.applications import DossierVersion
from app.models.calls import Call
from app.models.process import JournalEntry, Promise
from app.stages import submission
from app.workflow import dossiers
from app.workflow.actors import Actor
from tests.dossiers import PDF, draft, filed, folder, open_call, pdf
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


def test_dossiers_are_numbered_within_their_call(session: Session, now: datetime, call: Call, applicant: Actor) -> None:
    numbers = [submission.start(session, call.public_id, actor=applicant, now=now).filed_number for _ in range(2)]
    other = open_call(session, now, code="2027-2")
    assert numbers == ["D-0001", "D-0002"]
    assert submission.start(session, other.public_id, actor=applicant, now=now).filed_number == "D-0001"


def test_a_draft_begins_with_what_is_known(session: Session, now: datetime, call: Call, applicant: Actor) -> None:
    application = submission.start(session, call.public_id, actor=applicant, now=now, answers={"product": {"trl": 8}})
    content = dossiers.latest(session, application).content
    assert content["company"]["name"] == application.organisation.name
    assert content["product"]["trl"] == 8


def test_each_save_is_a_version_and_saving_the_same_again_is_none(
    session: Session, now: datetime, call: Call, applicant: Actor
) -> None:
    application = submission.start(session, call.public_id, actor=applicant, now=now)
    for _ in range(2):
        submission.save(
            session, application.public_id, "product", {"name_ko": "드론"}, base=2 if _ else 1, actor=applicant, now=now
        )
    assert dossiers.latest(session, application).version == 2
    assert application.title == "드론"


def test_a_second_tab_does_not_overwrite_the_first(session: Session, now: datetime, call: Call, applicant: Actor) -> None:
    application = submission.start(session, call.public_id, actor=applicant, now=now)
    submission.save(session, application.public_id, "product", {"name_ko": "A"}, base=1, actor=applicant, now=now)
    with pytest.raises(Stale):
        submission.save(session, application.public_id, "product", {"name_ko": "B"}, base=1, actor=applicant, now=now)
    submission.save(session, application.public_id, "narrative", {"summary": "s"}, base=1, actor=applicant, now=now)
    content = dossiers.latest(session, application).content
    assert (content["product"]["name_ko"], content["narrative"]["summary"]) == ("A", "s")


def test_filing_pins_content_and_files_under_one_digest_and_owes_the_bundle(
    session: Session, now: datetime, call: Call, applicant: Actor, files: Files
) -> None:
    application = draft(session, call, applicant, files, now)
    base = dossiers.latest(session, application).version
    receipt = submission.submit(session, application.public_id, base=base, pledged=True, actor=applicant, now=now)
    assert application.status == "submitted" and application.submitted_at == now
    assert receipt.filed and [f["slot"] for f in receipt.files] == ["D02", "D03"]
    assert receipt.digest == journal.sha256({"content": receipt.content, "files": receipt.files})
    owed = session.execute(select(Promise).where(Promise.kind == "bundle")).scalar_one()
    assert owed.args == {"application": application.public_id, "version": receipt.version}
    entry = session.execute(select(JournalEntry).where(JournalEntry.action == "application.submitted")).scalar_one()
    assert receipt.digest in entry.data


def test_filing_twice_files_once(session: Session, now: datetime, call: Call, applicant: Actor, files: Files) -> None:
    application = filed(session, call, applicant, files, now)
    submission.submit(session, application.public_id, base=1, pledged=True, actor=applicant, now=now)
    count = select(func.count()).select_from(DossierVersion).where(DossierVersion.filed)
    assert session.execute(count).scalar_one() == 1


def test_an_incomplete_dossier_is_not_filed(session: Session, now: datetime, call: Call, applicant: Actor) -> None:
    application = submission.start(session, call.public_id, actor=applicant, now=now)
    with pytest.raises(WrongStage) as refused:
        submission.submit(session, application.public_id, base=1, pledged=True, actor=applicant, now=now)
    assert refused.value.code == "guard.dossier_incomplete" and refused.value.data["n"] > 10


def test_without_the_pledge_nothing_is_filed(session: Session, now: datetime, call: Call, applicant: Actor, files: Files) -> None:
    application = draft(session, call, applicant, files, now)
    base = dossiers.latest(session, application).version
    with pytest.raises(Invalid):
        submission.submit(session, application.public_id, base=base, pledged=False, actor=applicant, now=now)


def test_what_changed_after_the_preview_is_not_filed(
    session: Session, now: datetime, call: Call, applicant: Actor, files: Files
) -> None:
    application = draft(session, call, applicant, files, now)
    with pytest.raises(Stale):
        submission.submit(session, application.public_id, base=1, pledged=True, actor=applicant, now=now)


@pytest.mark.parametrize(("seconds", "accepted"), [(0, True), (0.9, True), (1, False)])
def test_closing_counts_in_whole_seconds(
    session: Session, now: datetime, call: Call, applicant: Actor, files: Files, seconds: float, accepted: bool
) -> None:
    application = draft(session, call, applicant, files, now)
    base = dossiers.latest(session, application).version
    moment = call.closes_at + timedelta(seconds=seconds)
    if accepted:
        submission.submit(session, application.public_id, base=base, pledged=True, actor=applicant, now=moment)
        assert application.status == "submitted"
    else:
        with pytest.raises(WrongStage) as refused:
            submission.submit(session, application.public_id, base=base, pledged=True, actor=applicant, now=moment)
        assert refused.value.code == "guard.call_closed"


def test_somebody_elses_dossier_does_not_exist(session: Session, now: datetime, call: Call, applicant: Actor, files: Files) -> None:
    application = draft(session, call, applicant, files, now)
    stranger = acting(session, now, "applicant")
    for attempt in (
        lambda: submission.save(session, application.public_id, "product", {}, base=1, actor=stranger, now=now),
        lambda: submission.submit(session, application.public_id, base=1, pledged=True, actor=stranger, now=now),
        lambda: submission.withdraw(session, application.public_id, actor=stranger, now=now),
        lambda: submission.take_back(session, application.public_id, actor=stranger, now=now),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_only_applicants_start_dossiers(session: Session, now: datetime, call: Call) -> None:
    with pytest.raises(NotAllowed):
        submission.start(session, call.public_id, actor=acting(session, now, "panellist"), now=now)


def test_no_dossier_starts_before_opening_or_after_closing(session: Session, now: datetime, call: Call, applicant: Actor) -> None:
    for moment in (call.opens_at - timedelta(seconds=1), call.closes_at + timedelta(seconds=1)):
        with pytest.raises(WrongStage):
            submission.start(session, call.public_id, actor=applicant, now=moment)


def test_a_filed_dossier_is_taken_back_changed_and_filed_again(
    session: Session, now: datetime, call: Call, applicant: Actor, files: Files
) -> None:
    application = filed(session, call, applicant, files, now)
    first = dossiers.counting(session, application)
    with pytest.raises(WrongStage):
        submission.save(session, application.public_id, "product", {"name_ko": "x"}, base=first.version, actor=applicant, now=now)
    submission.take_back(session, application.public_id, actor=applicant, now=now)
    assert application.status == "draft" and application.submitted_at is None
    saved = submission.save(
        session, application.public_id, "product", {"name_ko": "새 이름"}, base=first.version, actor=applicant, now=now
    )
    second = submission.submit(session, application.public_id, base=saved.version, pledged=True, actor=applicant, now=now)
    assert second.digest != first.digest and first.filed and application.title == "새 이름"


def test_after_closing_nothing_is_taken_back(session: Session, now: datetime, call: Call, applicant: Actor, files: Files) -> None:
    application = filed(session, call, applicant, files, now)
    with pytest.raises(WrongStage):
        submission.take_back(session, application.public_id, actor=applicant, now=call.closes_at + timedelta(seconds=1))


def test_a_withdrawn_application_stays_withdrawn(
    session: Session, now: datetime, call: Call, applicant: Actor, files: Files
) -> None:
    application = filed(session, call, applicant, files, now)
    submission.withdraw(session, application.public_id, actor=applicant, now=now)
    assert application.status == "withdrawn"
    with pytest.raises(WrongStage):
        submission.withdraw(session, application.public_id, actor=applicant, now=now)


def test_a_file_is_kept_once_and_what_was_filed_outlives_its_removal(
    session: Session, now: datetime, call: Call, applicant: Actor, files: Files
) -> None:
    application = draft(session, call, applicant, files, now)
    again = submission.add_file(
        session,
        application.public_id,
        slot="D02",
        stream=io.BytesIO(pdf("D02")),
        name="again.pdf",
        files=files,
        actor=applicant,
        now=now,
    )
    held = dossiers.live_files(session, application)
    assert len(held) == 2 and again.name == "D02.pdf"
    submission.remove_file(session, application.public_id, held[0].public_id, actor=applicant, now=now)
    assert [f.slot for f in dossiers.live_files(session, application)] == ["D03"]
    assert files.path(held[0].sha256).read_bytes() == pdf("D02")


def test_the_form_itself_takes_no_file_and_unknown_slots_neither(
    session: Session, now: datetime, call: Call, applicant: Actor, files: Files
) -> None:
    application = submission.start(session, call.public_id, actor=applicant, now=now)
    for slot in ("D01", "D99"):
        with pytest.raises(Invalid):
            submission.add_file(
                session,
                application.public_id,
                slot=slot,
                stream=io.BytesIO(PDF),
                name="a.pdf",
                files=files,
                actor=applicant,
                now=now,
            )


def test_a_file_name_cannot_break_out_of_its_header(
    session: Session, now: datetime, call: Call, applicant: Actor, files: Files
) -> None:
    application = submission.start(session, call.public_id, actor=applicant, now=now)
    row = submission.add_file(
        session,
        application.public_id,
        slot="D02",
        stream=io.BytesIO(PDF),
        name="../../a\r\nX: y\u202e.pdf",
        files=files,
        actor=applicant,
        now=now,
    )
    assert row.name == "aX: y.pdf"
