"""What anybody reads without an account: products, certificates, notices; and the objection anybody may file."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.models.designations import Objection
from app.models.process import Mail
from app.stages import standing
from tests.after_panels import BASE, World, world
from tests.people import post


@pytest.fixture
def here(session: Session, now: datetime) -> World:
    return world(session, now)


def at(app: Any, here: World) -> Any:
    """A visitor at the time the small world has come to."""
    here.session.commit()
    app.extensions["ppir"].fixed_now = lambda: here.now
    return app.test_client()


@pytest.mark.parametrize(("language", "words"), [("ko", "아직 지정된 제품이 없습니다"), ("en", "No product is designated yet")])
def test_an_empty_list_says_so_and_leads_on(client: Any, language: str, words: str) -> None:
    page = client.get(f"/products?lang={language}").text
    assert words in page
    assert "/notices" in page
    assert words in client.get(f"/?lang={language}").text


@pytest.mark.parametrize(("language", "name", "status"), [("ko", "구조 드론 1", "유효"), ("en", "Rescue drone 1", "Valid")])
def test_a_designated_product_is_listed_and_has_a_page(app: Any, here: World, language: str, name: str, status: str) -> None:
    row = here.designated()
    client = at(app, here)
    listed, page = (client.get(f"{url}?lang={language}").text for url in ("/products", f"/products/{row.public_id}"))
    assert name in listed and status in listed and row.number in listed
    assert name in page and "재난 구조 드론 개발" in page and "10-0000001" in page
    assert "비공개" not in page


@pytest.mark.parametrize(("asked", "found"), [("구조드론", True), ("ㄱㅈㄷㄹ", True), ("rescue DRONE", True), ("센서", False)])
def test_search_reads_korean_as_people_type_it(app: Any, here: World, asked: str, found: bool) -> None:
    row = here.designated()
    page = at(app, here).get("/products", query_string={"find": asked, "lang": "en"}).text
    assert (row.number in page) is found
    assert ("No product matches" in page) is not found


def test_the_json_twin_says_what_the_page_says(app: Any, here: World) -> None:
    row = here.designated()
    got = json.loads(at(app, here).get(f"/products/{row.public_id}.json").data)
    assert (got["number"], got["status"], got["name"]["en"]) == (row.number, "active", "Rescue drone 1")
    assert "비공개" not in json.dumps(got, ensure_ascii=False)


def test_a_certificate_is_found_by_number_and_by_code(app: Any, here: World) -> None:
    row = here.designated()
    client = at(app, here)
    for url in (f"/verify?number={row.number.lower()}&lang=en", f"/v/{row.verify_id}?lang=en"):
        page = client.get(url)
        assert page.status_code == 200
        assert "VALID until" in page.text and 'class="qr"' in page.text


def test_a_suspended_certificate_says_since_when(app: Any, here: World) -> None:
    row = here.designated()
    for one in (here.coordinator, here.second):
        standing.suspend(here.session, row.public_id, reason="사고", actor=one, now=here.now, base_url=BASE)
    page = at(app, here).get(f"/v/{row.verify_id}?lang=en").text
    assert "SUSPENDED since" in page and "VALID until" not in page
    assert "사고" not in page


def test_a_term_that_is_over_reads_expired_before_the_job_ran(app: Any, here: World) -> None:
    row = here.designated()
    here.later(days=3 * 366)
    client = at(app, here)
    assert "EXPIRED" in client.get(f"/v/{row.verify_id}?lang=en").text
    assert row.number not in client.get("/products").text


@pytest.mark.parametrize(("language", "words"), [("ko", "없는 번호"), ("en", "UNKNOWN")])
def test_a_number_nobody_issued_is_unknown(client: Any, language: str, words: str) -> None:
    page = client.get(f"/v/{'a' * 26}?lang={language}")
    assert page.status_code == 404
    assert words in page.text


def test_anybody_may_object_and_gets_a_receipt(app: Any, here: World) -> None:
    url = f"/notices/{here.publish()}/{here.application.public_id}"
    client = at(app, here)
    assert url in client.get("/notices?lang=en").text
    sent = post(client, url, name="시민", mail="citizen@example.org", ground="rights", text="특허를 침해합니다.")
    assert sent.status_code == 303
    receipt = client.get(f"{sent.location}?lang=en").text
    with app.extensions["ppir"].database.read() as session:
        filed = session.query(Objection).one()
        assert filed.public_id in receipt and filed.ground == "rights"
        assert "citizen@example.org" not in receipt
        assert session.query(Mail).filter_by(recipient="citizen@example.org").count() == 1


def test_an_incomplete_objection_keeps_what_was_typed(app: Any, here: World) -> None:
    url = f"/notices/{here.publish()}/{here.application.public_id}"
    client = at(app, here)
    sent = post(client, url, name="시민", mail="nowhere", ground="safety", text="위험")
    assert sent.status_code == 422
    assert "위험" in sent.text and 'aria-invalid="true"' in sent.text


def test_a_closed_notice_shows_what_became_of_it_and_takes_no_objection(app: Any, here: World) -> None:
    url = f"/notices/{here.publish()}/{here.application.public_id}"
    client = at(app, here)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(url).text)
    assert token is not None
    here.later(days=15)
    page = client.get("/notices?lang=en").text
    assert "No notice is open now" in page and "Public notice" in page
    assert "no longer taken" in client.get(f"{url}?lang=en").text
    late = {"csrf_token": token[1], "name": "a", "mail": "a@example.org", "ground": "safety", "text": "x"}
    sent = client.post(url, data=late)
    assert sent.status_code == 409
