"""The result an applicant reads: marks by criterion and the panel's words, without a name, fixed at the decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.applications import Decision
from app.models.people import Account
from app.models.results import Result
from app.queries import result_letters
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


def stored(session: Session) -> Result:
    return session.scalars(select(Result)).one()


def decided(world: World, outcome: str = "designated") -> None:
    world.session.add(
        Decision(
            subject_kind="application",
            subject_id=world.applications[0].id,
            move=f"committee_deliberation>{outcome}",
            outcome=outcome,
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


def test_the_letter_names_the_panel_apart_from_its_marks_and_keeps_the_panels_own_words(app: Any, world: World) -> None:
    decided(world)
    page = read(app, world).text
    names = [seat.expert.person.name for seat in world.panels[0].seats if seat.status == "active"]
    assert page.count(", ".join(sorted(names))) == 1
    assert all(page.count(name) == 1 for name in names)  # nowhere beside a mark or a word
    assert "위원회에" not in page
    assert "나만 보는 메모" not in page
    assert "<dt>R1</dt>" in page
    assert not [alias for alias in (seat.alias for seat in world.panels[0].seats) if alias and f">{alias}<" in page]


def test_the_call_decides_what_the_letter_discloses(app: Any, world: World) -> None:
    world.call.rules = world.call.rules | {"disclosed": ["criteria"]}
    decided(world)
    page = read(app, world, "en").text
    assert "Marks by criterion" in page
    assert not [w for w in ("Marks of each panellist", "Comments of", "The panel<", "신청인에게", "위원 1-0") if w in page]


def test_the_labels_are_drawn_for_each_letter(session: Session, world: World) -> None:
    """Of six decisions on the same sheets at least two give another order: nobody can lay letters side by side."""
    orders = set()
    for _ in range(6):
        decided(world)
        letter = result_letters.one(session, world.applications[0].public_id, actor=world.applicant)
        labels = result_letters._labels(session.scalars(select(Decision).order_by(Decision.id.desc())).first(), stored(session))
        assert [m.label for m in letter.marks] == ["R1", "R2", "R3"]
        orders.add(tuple(labels))
    assert len(orders) > 1


@pytest.mark.parametrize(("language", "words"), [("ko", "미지정"), ("en", "Not designated")])
def test_the_printed_letter_tells_the_remedy_and_is_the_same_bytes_each_time(
    app: Any, world: World, language: str, words: str
) -> None:
    world.deliberate(world.applications[0], text="합의한 의견")
    decided(world, "rejected")
    page = read(app, world, language).text
    assert words in page
    assert "합의한 의견" in page
    assert "차이를 논의함" not in page  # what was said of single marks stays with the panel
    owner = world.session.get_one(Account, world.applicant.account_id)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = f"secret of {owner.public_id}", True
    address = f"/applicant/dossiers/{world.applications[0].public_id}/result.{language}.pdf"
    paper = client.get(address).data
    assert paper.startswith(b"%PDF-")
    assert paper == client.get(address).data
    assert client.get(address.replace(f".{language}.", ".fr.")).status_code == 404
