"""The institutions' pages: catalogue, request within the plan, own requests, acceptance, use and report."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.models.pilots import Pilot, PilotRequest
from app.stages import pilot, pilot_rules, pilot_use
from tests.after_panels import BASE, World, world
from tests.people import enter, post, signed_in

ASKED = {
    "year": "2026",
    "theme": "tech_lead",
    "site": "중앙소방서",
    "contact": "구조과",
    "purpose": "실내 수색",
    "kpis": "구조 시간\n오경보율",
    "running_cost": "자체 예산",
}


@pytest.fixture
def here(session: Session, now: datetime) -> World:
    return world(session, now)


def buyer(app: Any, here: World) -> Any:
    app.extensions["ppir"].fixed_now = lambda: here.now
    return enter(app, here.session, here.now, here.accounts["institution"])


def matched(here: World) -> str:
    request = here.request(here.designated())
    pilot_rules.pin(here.session, 2027, budgets={"tech_lead": 2 * 10**9}, reason="배정", actor=here.officer, now=here.now)
    pilot.rank(here.session, 2027, actor=here.officer, now=here.now)
    by = {"actor": here.officer, "now": here.now}
    made = pilot.match(here.session, request.public_id, quantity=4, reason="순위", base_url=BASE, **by)
    pilot_use.agree(here.session, made.public_id, **by)
    pilot_use.contract(here.session, made.public_id, contract_no="R27-1", **by)
    pilot_use.deliver(here.session, made.public_id, on=here.now.date(), **by)
    return request.public_id


@pytest.mark.parametrize(
    ("language", "words"), [("ko", "지금 신청할 수 있는 제품이 없습니다"), ("en", "No product can be asked for now")]
)
def test_an_empty_catalogue_says_when_products_come(app: Any, here: World, language: str, words: str) -> None:
    client = buyer(app, here)
    assert words in client.get(f"/institution/?lang={language}").text


@pytest.mark.parametrize(("language", "words"), [("ko", "시범사용 신청"), ("en", "Ask for a pilot")])
def test_the_catalogue_offers_what_holds(app: Any, here: World, language: str, words: str) -> None:
    row = here.designated()
    number = row.number
    page = buyer(app, here).get(f"/institution/?lang={language}").text
    assert number in page and words in page


@pytest.mark.parametrize("url", ["/institution/", "/institution/requests"])
def test_another_role_is_refused(app: Any, session: Session, now: datetime, url: str) -> None:
    client, _ = signed_in(app, session, now, "applicant")
    assert client.get(url).status_code == 403


def test_units_outside_the_plan_are_refused_at_the_field_with_the_range(app: Any, here: World) -> None:
    url = f"/institution/products/{here.designated().public_id}/request"
    client = buyer(app, here)
    sent = post(client, url, quantity="9", then="submit", **ASKED)
    assert sent.status_code == 422
    assert 'id="quantity-error"' in sent.text and "실내 수색" in sent.text
    with app.extensions["ppir"].database.read() as session:
        assert session.query(PilotRequest).count() == 0


def test_a_request_is_saved_filed_and_taken_back(app: Any, here: World) -> None:
    url = f"/institution/products/{here.designated().public_id}/request"
    client = buyer(app, here)
    saved = post(client, url, quantity="4", then="save", **ASKED)
    assert saved.status_code == 303
    page = saved.location
    assert post(client, f"{page}/edit", quantity="5", then="submit", **ASKED).status_code == 303
    assert "submitted" in status(app) and "KRW 500,000,000" in client.get(f"{page}?lang=en").text
    assert post(client, f"{page}/withdraw", page).status_code == 303
    assert "draft" in status(app)
    assert post(client, f"{page}/edit", quantity="5", then="submit", **(ASKED | {"running_cost": ""})).status_code == 422


def status(app: Any) -> list[str]:
    with app.extensions["ppir"].database.read() as session:
        return [r.status for r in session.query(PilotRequest)]


def test_nobody_elses_request_exists(app: Any, here: World) -> None:
    request = here.request(here.designated()).public_id
    client, _ = signed_in(app, here.session, here.now, "institution")
    app.extensions["ppir"].fixed_now = lambda: here.now
    assert client.get(f"/institution/requests/{request}").status_code == 404


def test_acceptance_use_and_report_follow_on_the_same_page(app: Any, here: World) -> None:
    page = f"/institution/requests/{matched(here)}"
    own = here.session.query(Pilot).one().public_id
    day = here.now.date().isoformat()
    client = buyer(app, here)
    steps = f"/institution/pilots/{own}"
    assert post(client, f"{steps}/inspect", page, on="").status_code == 422
    assert post(client, f"{steps}/inspect", page, on=day).status_code == 303
    assert post(client, f"{steps}/start_use", page, on=day).status_code == 303
    assert post(client, f"{steps}/report", page, text="", satisfaction="5", defects="").status_code == 422
    sent = {"text": "수색이 빨라졌다.", "satisfaction": "5", "defects": "", "kpi.0": "30 % 단축"}
    assert post(client, f"{steps}/report", page, **sent).status_code == 303
    shown = client.get(f"{page}?lang=en").text
    assert "수색이 빨라졌다." in shown and "30 % 단축" in shown
    assert post(client, f"{steps}/grade", page, grade="good", reason="x").status_code == 404
