"""Marks are versions, an older tab is refused, and a receipt says exactly what was submitted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.errors import Invalid, NotAllowed, NotFound, Stale, WrongStage
from app.models.applications import DossierVersion
from app.models.process import Mail
from app.models.reviews import Mark, Sheet, SheetLock
from app.stages import invitations, scoresheets
from app.stages.scoresheets import Entry, Filled
from app.workflow.quotes import Quote
from tests import panels as worlds
from tests.documents import file_again, reading
from tests.panels import World, filled


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    world = worlds.make(session, now)
    world.invite_all()
    world.start(world.panels[0])
    session.commit()
    return world


def test_a_changed_mark_is_a_new_version_and_the_old_one_stays(session: Session, world: World, now: datetime) -> None:
    sheet = world.sheets(world.panels[0])[0]
    actor = world.panellist(sheet.seat)
    scoresheets.save(session, sheet.public_id, filled(sheet.version, 4), actor=actor, now=now)
    first = filled(sheet.version, 4)
    again = replace(first, entries=dict(first.entries) | {"C1.1": Entry(2, "근거 부족")})
    scoresheets.save(session, sheet.public_id, again, actor=actor, now=now)
    marks = session.scalars(
        select(Mark).where(Mark.sheet_id == sheet.id, Mark.item == "C1.1").order_by(Mark.number)
    ).all()
    assert [(m.number, m.step) for m in marks] == [(1, 4), (2, 2)]
    assert session.query(Mark).filter_by(sheet_id=sheet.id).count() == 17


def test_saving_the_same_again_writes_nothing(session: Session, world: World, now: datetime) -> None:
    sheet = world.sheets(world.panels[0])[0]
    actor = world.panellist(sheet.seat)
    scoresheets.save(session, sheet.public_id, filled(sheet.version), actor=actor, now=now)
    version, head = sheet.version, journal.head(session)
    scoresheets.save(session, sheet.public_id, filled(version), actor=actor, now=now)
    assert (sheet.version, journal.head(session)) == (version, head)


def test_an_older_tab_is_refused(session: Session, world: World, now: datetime) -> None:
    sheet = world.sheets(world.panels[0])[0]
    actor, version = world.panellist(sheet.seat), sheet.version
    scoresheets.save(session, sheet.public_id, Filled(version, {"C1.1": Entry(4)}), actor=actor, now=now)
    assert sheet.version > version
    with pytest.raises(Stale):
        scoresheets.save(session, sheet.public_id, Filled(version, {"C1.1": Entry(5)}), actor=actor, now=now)


def test_a_quote_names_file_and_page_and_stands_there(session: Session, world: World, now: datetime) -> None:
    sheet = world.sheets(world.panels[0])[0]
    actor, key = world.panellist(sheet.seat), sheet.public_id
    filed = session.scalars(select(DossierVersion).where(DossierVersion.application_id == sheet.application_id)).one()
    report = {"slot": "D07", "name": "성적서.pdf", "sha256": "a" * 64, "size": 1, "kind": "pdf"}
    file_again(session, sheet.application, [report, report | {"slot": "D09", "sha256": "b" * 64}], now)
    for sha256 in ("a" * 64, "b" * 64):
        reading(session, sha256, now, pages=("첫 쪽", "열화상 카메라로\n사람을 찾는다"))
    good = Quote("a" * 64, 2, "카메라로 사람을")

    def save(*quotes: Quote) -> None:
        entries = dict(filled(0).entries) | {"C1.1": Entry(4, "", quotes), "C1": Entry(3)}
        scoresheets.save(session, key, Filled(sheet.version, entries), actor=actor, now=now)

    for wrong in (replace(good, page=1), replace(good, file="b" * 64), replace(good, file="c" * 64), replace(good, words=" ")):
        with pytest.raises(Invalid) as refused:
            save(good, wrong)
        assert refused.value.problems == {"C1.1": "sheet.quote_not_there"}, wrong
    save(good)
    lock = scoresheets.lock(session, key, version=sheet.version, actor=actor, now=now)
    told = {mark["item"]: mark["quotes"] for mark in lock.content["marks"]}
    assert told["C1.1"] == [{"file": "a" * 64, "page": 2, "words": "카메라로 사람을"}]
    assert told["C1.2"] == []
    assert (lock.content["sure"], lock.receipt) == ({"C1": 3}, journal.sha256(lock.content))
    assert filed.version == 1


def test_what_is_missing_is_listed_item_by_item(session: Session, world: World, now: datetime) -> None:
    sheet = world.sheets(world.panels[0])[0]
    actor = world.panellist(sheet.seat)
    partial = Filled(sheet.version, {"C1.1": Entry(5), "C1.2": Entry(3), "G1": Entry(0)})
    scoresheets.save(session, sheet.public_id, partial, actor=actor, now=now)
    with pytest.raises(Invalid) as refused:
        scoresheets.lock(session, sheet.public_id, version=sheet.version, actor=actor, now=now)
    problems = refused.value.problems
    assert problems["C1.1"] == "sheet.comment_missing"
    assert "C1.2" not in problems
    assert (problems["C2.1"], problems["G1"], problems["G2"]) == (
        "sheet.mark_missing",
        "sheet.gate_comment_missing",
        "sheet.gate_missing",
    )
    assert sheet.status == "draft"


def test_a_step_outside_the_scale_is_refused(session: Session, world: World, now: datetime) -> None:
    sheet = world.sheets(world.panels[0])[0]
    for entries in ({"C1.1": Entry(6)}, {"C9.9": Entry(1)}, {"G1": Entry(2)}):
        with pytest.raises(Invalid):
            scoresheets.save(
                session, sheet.public_id, Filled(sheet.version, entries), actor=world.panellist(sheet.seat), now=now
            )


def test_the_receipt_is_the_digest_of_what_was_submitted(session: Session, world: World, now: datetime) -> None:
    sheet = world.sheets(world.panels[0])[0]
    world.fill(sheet)
    lock = session.scalars(select(SheetLock)).one()
    assert sheet.receipt == lock.receipt == journal.sha256(lock.content)
    stored = {m.item: m.step for m in sheet.marks}
    assert {m["item"]: m["step"] for m in lock.content["marks"]} == stored
    assert "나만 보는 메모" not in str(lock.content)


def test_a_locked_sheet_cannot_be_changed_or_locked_again(session: Session, world: World, now: datetime) -> None:
    sheet = world.sheets(world.panels[0])[0]
    world.fill(sheet)
    actor = world.panellist(sheet.seat)
    with pytest.raises(WrongStage):
        scoresheets.save(session, sheet.public_id, filled(sheet.version, 5), actor=actor, now=now)
    with pytest.raises(WrongStage):
        scoresheets.lock(session, sheet.public_id, version=sheet.version, actor=actor, now=now)


def test_a_coordinator_reopens_with_a_reason_and_the_first_lock_stays(
    session: Session, world: World, now: datetime
) -> None:
    sheet = world.sheets(world.panels[0])[0]
    world.fill(sheet)
    actor = world.panellist(sheet.seat)
    with pytest.raises(NotAllowed):
        scoresheets.reopen(session, sheet.public_id, reason="x", actor=actor, now=now, base_url="http://localhost")
    with pytest.raises(WrongStage):
        scoresheets.reopen(
            session, sheet.public_id, reason=" ", actor=world.coordinator, now=now, base_url="http://localhost"
        )
    scoresheets.reopen(
        session, sheet.public_id, reason="첨부 확인", actor=world.coordinator, now=now, base_url="http://localhost"
    )
    assert session.query(Mail).filter_by(template="sheet_reopened").count() == 1
    scoresheets.save(session, sheet.public_id, filled(sheet.version, 3), actor=actor, now=now)
    scoresheets.lock(session, sheet.public_id, version=sheet.version, actor=actor, now=now)
    locks = session.scalars(select(SheetLock).order_by(SheetLock.number)).all()
    assert [(lock.number, lock.reopen_reason) for lock in locks] == [(1, "첨부 확인"), (2, "")]
    assert locks[0].receipt != locks[1].receipt == sheet.receipt


def test_another_panellists_sheet_does_not_exist(session: Session, world: World, now: datetime) -> None:
    mine, other = world.sheets(world.panels[0])[:2]
    with pytest.raises(NotFound):
        scoresheets.save(session, mine.public_id, filled(mine.version), actor=world.panellist(other.seat), now=now)
    with pytest.raises(NotAllowed):
        scoresheets.save(session, mine.public_id, filled(mine.version), actor=world.coordinator, now=now)


def test_a_void_sheet_is_closed_to_its_author(session: Session, world: World, now: datetime) -> None:
    sheet = world.sheets(world.panels[0])[0]
    actor = world.panellist(sheet.seat)
    said = invitations.Declared(True, "adviser")
    invitations.recuse(session, sheet.seat.public_id, sheet.application.public_id, said, actor=actor, now=now)
    with pytest.raises(NotFound):
        scoresheets.save(session, sheet.public_id, filled(sheet.version), actor=actor, now=now)
    assert session.get_one(Sheet, sheet.id).status == "void"


def test_scoring_ends_at_its_closing(session: Session, world: World, now: datetime) -> None:
    sheet = world.sheets(world.panels[0])[0]
    actor, closes = world.panellist(sheet.seat), world.round.scoring_closes_at
    scoresheets.save(session, sheet.public_id, filled(sheet.version), actor=actor, now=now)
    with pytest.raises(WrongStage):
        scoresheets.lock(session, sheet.public_id, version=sheet.version, actor=actor, now=closes)
