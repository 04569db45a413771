"""The applicants' pages after the decision: an objection, own designations with their certificates, the supplier's steps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.models.designations import Designation, Objection
from app.models.pilots import Pilot
from app.stages import pilot, pilot_rules, pilot_use
from tests.after_panels import BASE, World, world
from tests.people import enter, post, signed_in


@pytest.fixture
def here(session: Session, now: datetime) -> World:
    return world(session, now)


def holder(app: Any, here: World) -> Any:
    app.extensions["ppir"].fixed_now = lambda: here.now
    return enter(app, here.session, here.now, here.accounts["applicant"])


def only(app: Any, model: Any) -> Any:
    with app.extensions["ppir"].database.read() as session:
        return session.query(model).one()


@pytest.mark.parametrize(("language", "words"), [("ko", "아직 지정된 제품이 없습니다"), ("en", "No designation yet")])
def test_without_a_designation_the_page_says_when_one_comes(app: Any, here: World, language: str, words: str) -> None:
    assert words in holder(app, here).get(f"/applicant/designations?lang={language}").text


@pytest.mark.parametrize(
    ("language", "words"), [("ko", "혁신제품 지정 인증서"), ("en", "Certificate of designation as an innovative product")]
)
def test_the_holder_prints_a_certificate_that_anybody_can_check(app: Any, here: World, language: str, words: str) -> None:
    row = here.designated()
    own, code = row.public_id, row.verify_id
    client = holder(app, here)
    assert own in client.get("/applicant/designations").text
    page = client.get(f"/applicant/designations/{own}/certificate?lang={language}").text
    assert words in page and f"http://localhost/v/{code}" in page and 'class="qr"' in page


def test_nobody_elses_designation_exists(app: Any, here: World) -> None:
    own = here.designated().public_id
    app.extensions["ppir"].fixed_now = lambda: here.now
    stranger, _ = signed_in(app, here.session, here.now, "applicant")
    for page in ("", "/certificate"):
        assert stranger.get(f"/applicant/designations/{own}{page}").status_code == 404
    officer = enter(app, here.session, here.now, here.accounts["officer"])
    assert officer.get("/applicant/designations").status_code == 403


def test_a_designation_is_given_back_with_a_reason(app: Any, here: World) -> None:
    url = f"/applicant/designations/{here.designated().public_id}"
    client = holder(app, here)
    assert post(client, f"{url}/give-back", url, reason=" ").status_code == 422
    assert post(client, f"{url}/give-back", url, reason="생산 중단").status_code == 303
    assert only(app, Designation).status == "returned"


def test_a_refused_applicant_objects_once_for_each_ground(app: Any, here: World) -> None:
    here.decide("rejected")
    url = f"/applicant/objections/{here.application.public_id}"
    client = holder(app, here)
    short = post(client, url, ground="fact", text="")
    assert short.status_code == 422 and 'value="fact" checked' in short.text
    assert post(client, url, ground="fact", text="시험 성적을 잘못 읽었습니다.").status_code == 303
    page = client.get(url).text
    assert "시험 성적을 잘못 읽었습니다." in page and 'value="fact"' not in page
    assert only(app, Objection).ground == "fact"


def test_without_a_refusal_there_is_nothing_to_object_to(app: Any, here: World) -> None:
    url = f"/applicant/objections/{here.application.public_id}?lang=en"
    page = holder(app, here).get(url).text
    assert "no refusal to object to" in page and 'name="ground"' not in page


def test_the_supplier_records_the_delivery(app: Any, here: World) -> None:
    request = here.request(here.designated())
    by: dict[str, Any] = {"actor": here.officer, "now": here.now}
    pilot_rules.pin(here.session, 2027, budgets={"tech_lead": 2 * 10**9}, reason="배정", **by)
    pilot.rank(here.session, 2027, **by)
    own = pilot.match(here.session, request.public_id, quantity=4, reason="순위", base_url=BASE, **by).public_id
    pilot_use.agree(here.session, own, **by)
    pilot_use.contract(here.session, own, contract_no="R27-1", **by)
    url, day = f"/applicant/pilots/{own}", here.now.date().isoformat()
    client = holder(app, here)
    assert post(client, f"{url}/deliver", url, on=day).status_code == 303
    assert only(app, Pilot).status == "delivered"
