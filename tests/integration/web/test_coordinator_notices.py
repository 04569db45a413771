"""The coordinators' pages after the panels: notice and objections, committee, certified list and designations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.models.applications import Application
from app.models.designations import CommitteeMeeting, Designation, ListEdition, NoticeEdition, Objection
from app.stages import notice
from app.workflow.actors import NOBODY
from tests.after_panels import World, world
from tests.people import enter, post, signed_in


@pytest.fixture
def here(session: Session, now: datetime) -> World:
    return world(session, now)


def desk(app: Any, here: World, key: str = "coordinator") -> Any:
    app.extensions["ppir"].fixed_now = lambda: here.now
    return enter(app, here.session, here.now, here.accounts[key])


def only(app: Any, model: Any) -> Any:
    with app.extensions["ppir"].database.read() as session:
        return session.query(model).one()


@pytest.mark.parametrize(
    ("page", "ko", "en"),
    [
        ("notices", "적합성 검토를 통과하고 공고를 기다리는 신청이 없습니다", "Nothing has passed the fitness review"),
        ("committee", "위원회에 상정할 신청이 없습니다", "Nothing for the committee yet"),
        ("list", "공표할 내용이 없습니다", "Nothing to publish yet"),
    ],
)
def test_empty_chapters_say_what_comes_first(app: Any, here: World, page: str, ko: str, en: str) -> None:
    url = f"/coordinator/calls/{here.call.public_id}/{page}"
    client = desk(app, here)
    assert ko in client.get(f"{url}?lang=ko").text
    assert en in client.get(f"{url}?lang=en").text


@pytest.mark.parametrize("page", ["notices", "committee", "list"])
def test_another_role_is_refused(app: Any, here: World, page: str) -> None:
    url = f"/coordinator/calls/{here.call.public_id}/{page}"
    client, _ = signed_in(app, here.session, here.now, "committee")
    assert client.get(url).status_code == 403


def test_what_passed_is_published_and_later_goes_to_a_meeting(app: Any, here: World) -> None:
    here.pass_fitness()
    own, call = here.application.public_id, f"/coordinator/calls/{here.call.public_id}"
    client = desk(app, here)
    assert post(client, f"{call}/notices", f"{call}/notices").status_code == 422
    assert post(client, f"{call}/notices", application=own).status_code == 303
    assert only(app, NoticeEdition).number == 1
    early = post(client, f"{call}/notices/{own}/committee", f"{call}/list")
    assert early.status_code in (400, 422) and only(app, Application).status == "public_notice"
    here.later(days=15)
    client = desk(app, here, "second")
    assert post(client, f"{call}/notices/{own}/committee", f"{call}/notices").status_code == 303
    assert post(client, f"{call}/committee", application=own, held_on="").status_code == 422
    assert post(client, f"{call}/committee", application=own, held_on=here.now.date().isoformat()).status_code == 303
    assert only(app, CommitteeMeeting).number == 1


def test_a_notice_objection_is_admitted_and_answered(app: Any, here: World) -> None:
    edition = here.publish()
    notice.object_to(
        here.session,
        edition,
        here.application.public_id,
        name="시민",
        address="citizen@example.org",
        ground="rights",
        text="특허 침해",
        language="ko",
        actor=NOBODY,
        now=here.now,
    )
    own = here.session.query(Objection).one().public_id
    call = f"/coordinator/calls/{here.call.public_id}"
    client = desk(app, here)
    assert "특허 침해" in client.get(f"{call}/notices").text
    assert post(client, f"{call}/objections/{own}/admit", f"{call}/notices").status_code == 303
    short = post(client, f"{call}/objections/{own}/answer", f"{call}/notices", outcome="dismissed", text=" ")
    assert short.status_code == 422
    sent = post(client, f"{call}/objections/{own}/answer", f"{call}/notices", outcome="dismissed", text="침해가 아닙니다.")
    assert sent.status_code == 303
    assert (only(app, Objection).status, only(app, Objection).answer) == ("dismissed", "침해가 아닙니다.")


def test_two_coordinators_suspend_and_the_list_is_published_as_shown(app: Any, here: World) -> None:
    own = here.designated().public_id
    call = f"/coordinator/calls/{here.call.public_id}"
    first, second = desk(app, here), desk(app, here, "second")
    digest = first.get(f"{call}/list").text.split('name="digest" value="')[1].split('"')[0]
    assert post(first, f"{call}/list", digest="0" * 64).status_code == 422
    assert post(first, f"{call}/list", digest=digest).status_code == 303
    edition = only(app, ListEdition).public_id
    assert first.get(f"{call}/list/{edition}/download.csv").status_code == 200
    url = f"{call}/designations/{own}/suspend"
    assert post(first, url, f"{call}/list", reason=" ").status_code == 422
    assert post(first, url, f"{call}/list", reason="발화 위험").status_code == 303
    assert only(app, Designation).status == "active"
    assert "Another coordinator confirms" in first.get(f"{call}/list?lang=en").text
    assert post(first, url, f"{call}/list", reason="발화 위험").status_code == 422
    assert "발화 위험" in second.get(f"{call}/list").text
    assert post(second, url, f"{call}/list").status_code == 303
    assert only(app, Designation).status == "suspended"
