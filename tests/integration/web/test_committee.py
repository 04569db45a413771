"""The committee's pages: meetings, the bundle of an item, a decision by two members, a cancellation after the hearing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.models.designations import Designation
from app.stages import notice, standing
from tests.after_panels import BASE, World, world
from tests.people import enter, post, signed_in


@pytest.fixture
def here(session: Session, now: datetime) -> World:
    return world(session, now)


def member(app: Any, here: World, key: str = "member") -> Any:
    app.extensions["ppir"].fixed_now = lambda: here.now
    return enter(app, here.session, here.now, here.accounts[key])


@pytest.mark.parametrize(("language", "words"), [("ko", "소집된 회의가 없습니다"), ("en", "No meeting is called")])
def test_without_a_meeting_the_page_says_when_one_comes(app: Any, here: World, language: str, words: str) -> None:
    assert words in member(app, here).get(f"/committee/?lang={language}").text


def test_another_role_is_refused(app: Any, session: Session, now: datetime) -> None:
    client, _ = signed_in(app, session, now, "procurement")
    assert client.get("/committee/").status_code == 403


@pytest.mark.parametrize(("language", "words"), [("ko", ("조달적합성 검토", "제안")), ("en", ("Fitness review", "Propose"))])
def test_the_bundle_shows_what_is_decided_on(app: Any, here: World, language: str, words: tuple[str, ...]) -> None:
    url = f"/committee/meetings/{here.convene()}/{here.application.public_id}"
    page = member(app, here).get(f"{url}?lang={language}").text
    assert all(text in page for text in (*words, "구조 드론 1", "재난 구조 드론 개발"))


def test_an_item_of_no_agenda_is_not_to_be_found(app: Any, here: World) -> None:
    url = f"/committee/meetings/{here.convene()}"
    assert member(app, here).get(f"{url}/nothing").status_code == 404


def test_two_members_decide_and_the_product_is_designated(app: Any, here: World) -> None:
    url = f"/committee/meetings/{here.convene()}/{here.application.public_id}"
    first, second = member(app, here), member(app, here, "other_member")
    assert post(first, f"{url}/opinion", url, opinion="찬성합니다.").status_code == 303
    short = post(first, f"{url}/decide", url, outcome="designated", minutes="", reason="기준 충족")
    assert short.status_code == 422 and "기준 충족" in short.text
    assert post(first, f"{url}/decide", url, outcome="designated", minutes="원안 의결", reason="기준 충족").status_code == 303
    mine, theirs = (c.get(f"{url}?lang=en").text for c in (first, second))
    assert "Another member confirms or refuses" in mine and "Confirm: Designate" not in mine
    assert "Confirm: Designate" in theirs and "원안 의결" in theirs
    assert post(second, f"{url}/decide", url, outcome="designated").status_code == 303
    with app.extensions["ppir"].database.read() as session:
        assert session.query(Designation).one().status == "active"
    assert "Designated" in first.get(f"{url}?lang=en").text


def test_a_decided_item_says_when_its_bundle_has_changed_since(app: Any, here: World) -> None:
    meeting = here.convene()
    here.decide("rejected", meeting=meeting)
    here.session.commit()
    url, words = f"/committee/meetings/{meeting}/{here.application.public_id}?lang=en", "has changed since the committee decided"
    client = member(app, here)
    assert words not in client.get(url).text
    notice.file_objection(
        here.session, here.application.public_id, ground="fact", text="사실과 다름", actor=here.applicant, now=here.now
    )
    here.session.commit()
    assert words in client.get(url).text


def test_a_refused_proposal_leaves_the_item_open(app: Any, here: World) -> None:
    url = f"/committee/meetings/{here.convene()}/{here.application.public_id}"
    first, second = member(app, here), member(app, here, "other_member")
    post(first, f"{url}/decide", url, outcome="rejected", minutes="부결", reason="기준 미달")
    assert post(second, f"{url}/refuse", url).status_code == 303
    assert 'name="outcome"' in second.get(url).text


def test_a_cancellation_is_decided_once_the_time_to_be_heard_is_over(app: Any, here: World) -> None:
    row = here.designated()
    own = row.public_id
    standing.begin_cancellation(here.session, own, reason="거짓 서류", actor=here.coordinator, now=here.now, base_url=BASE)
    client = member(app, here)
    assert "거짓 서류" in client.get("/committee/").text
    url = f"/committee/cancellations/{own}/cancel"
    post(client, url, "/committee/", reason="확인됨")
    assert kept(app) == "cancelling"
    here.later(days=11)
    client = member(app, here, "other_member")
    assert post(client, url, "/committee/", reason="확인됨").status_code == 303
    assert kept(app) == "cancelled"


def kept(app: Any) -> str:
    with app.extensions["ppir"].database.read() as session:
        return str(session.query(Designation).one().status)
