"""The result an applicant reads: marks by criterion and the panel's words, without a name, fixed at the decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.models.applications import Decision
from app.models.people import Account
from app.stages import calibration
from tests import panels as worlds
from tests.panels import World
from tests.people import enter


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    """A panel whose sheets are in and computed."""
    world = worlds.make(session, now)
    world.invite_all()
    world.start(world.panels[0])
    for sheet in world.sheets(world.panels[0]):
        world.fill(sheet, 4)
    session.flush()
    calibration.calibrate_round(session, world.call.public_id, actor=world.coordinator, now=now)
    session.commit()
    return world


def read(app: Any, world: World, language: str = "en") -> Any:
    owner = world.session.get_one(Account, world.applicant.account_id)
    key = world.applications[0].public_id
    client = enter(app, world.session, world.now, owner)
    world.session.commit()
    return client.get(f"/applicant/dossiers/{key}/result?lang={language}")


def decided(world: World) -> None:
    world.session.add(
        Decision(
            subject_kind="application",
            subject_id=world.applications[0].id,
            move="committee_deliberation>designated",
            outcome="designated",
            text_ko="지정합니다.",
            text_en="Designated by the committee.",
            by_id=world.coordinator.account_id,
            at=world.now,
        )
    )
    world.session.commit()


def test_marks_that_are_computed_stay_closed_until_the_decision(app: Any, world: World) -> None:
    assert read(app, world).status_code == 404


@pytest.mark.parametrize(
    ("language", "words"),
    [("ko", ("지정합니다.", "과락 기준", "평가위원 의견")), ("en", ("Designated by", "Cut-line", "Comments of the"))],
)
def test_the_letter_gives_marks_reasons_and_comments(app: Any, world: World, language: str, words: tuple[str, ...]) -> None:
    decided(world)
    page = read(app, world, language).text
    assert all(text in page for text in words)
    assert "C1" in page
    assert page.count("신청인에게") == len(world.sheets(world.panels[0]))


def test_the_letter_names_no_panellist_and_keeps_the_panels_own_words(app: Any, world: World) -> None:
    decided(world)
    page = read(app, world).text
    names = [seat.expert.person.name for seat in world.panels[0].seats]
    assert names
    assert not [name for name in names if name in page]
    assert "위원회에" not in page
    assert "나만 보는 메모" not in page
    assert "<dt>R1</dt>" in page
