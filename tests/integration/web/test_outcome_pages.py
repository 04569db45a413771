"""Outcomes on the pages of those who know them: the company, the institution, the procurement service."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.models.pilots import AfterUse
from app.stages import pilot, pilot_rules
from tests.after_panels import BASE, World, world
from tests.people import enter, post


@pytest.fixture
def here(session: Session, now: datetime) -> World:
    return world(session, now)


def enters(app: Any, here: World, who: str, language: str = "en") -> Any:
    app.extensions["ppir"].fixed_now = lambda: here.now
    client = enter(app, here.session, here.now, here.accounts[who])
    client.get(f"/?lang={language}")
    return client


def closed_pilot(here: World) -> str:
    request = here.request(here.designated(), quantity=2, year=2026)
    by: dict[str, Any] = {"actor": here.officer, "now": here.now}
    pilot_rules.pin(here.session, 2026, budgets={"tech_lead": 10**9}, reason="배정", **by)
    pilot.rank(here.session, 2026, **by)
    made = pilot.match(here.session, request.public_id, quantity=2, reason="순위", base_url=BASE, **by)
    assert made is not None
    made.status = "closed"
    return made.public_id


@pytest.mark.parametrize(("language", "words"), [("ko", "아직 지정된 제품이 없습니다"), ("en", "No product is designated yet")])
def test_an_empty_list_says_when_outcomes_begin(app: Any, here: World, language: str, words: str) -> None:
    assert words in enters(app, here, "officer", language).get("/procurement/outcomes").text


def test_a_company_records_its_growth_and_sees_it_drawn_with_its_numbers(app: Any, here: World) -> None:
    url = f"/applicant/designations/{here.designated().public_id}/outcomes"
    client = enters(app, here, "applicant")
    assert 'id="growth-money"' not in client.get(url).text
    given = {"indicator": "sales", "year": "2026", "value": "1,250,000,000", "attribution": "direct", "evidence": "재무제표"}
    refused = post(client, url, **given | {"evidence": ""})
    assert refused.status_code == 422 and "1,250,000,000" in refused.text
    assert post(client, url, **given).status_code == 303
    assert post(client, url, **given).status_code == 422
    page = client.get(url).text
    assert 'id="growth-money"' in page and "1,250.0" in page, "drawn in millions, with a table twin"
    assert "재무제표" in page and "1,250,000,000" in page


def test_an_institution_records_what_its_pilot_brought_and_the_use_after_it(app: Any, here: World) -> None:
    made = closed_pilot(here)
    client, url = enters(app, here, "institution"), f"/institution/outcomes/{made}"
    given = {"indicator": "still_in_use", "year": "2026", "value": "2", "attribution": "none", "evidence": ""}
    assert post(client, url, **given).status_code == 303
    use = {"after_year": "2026", "state": "stopped", "reason": ""}
    refused = post(client, f"{url}/after-use", url, **use)
    assert refused.status_code == 422 and "Say why it is not in use." in refused.text
    assert post(client, f"{url}/after-use", url, **use | {"reason": "운영비 없음"}).status_code == 303
    assert "운영비 없음" in client.get(url).text
    assert here.session.query(AfterUse).one().state == "stopped"
    officer = enters(app, here, "officer")
    assert "운영비 없음" in officer.get(f"/procurement/outcomes/pilots/{made}").text
    assert "구조 드론 1" in officer.get("/procurement/outcomes?lang=ko").text


def test_what_is_not_yours_does_not_exist(app: Any, here: World) -> None:
    made = closed_pilot(here)
    client = enters(app, here, "applicant")
    assert client.get(f"/institution/outcomes/{made}").status_code == 403
    assert client.get(f"/applicant/designations/{'x' * 26}/outcomes").status_code == 404
