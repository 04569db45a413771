"""The procurement officers' pages: fitness review, certified list, pilot requests and pilots."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.models.applications import Application
from app.models.designations import FitnessReview, ListEdition
from app.models.pilots import Pilot, PilotRequest
from app.stages import listing, pilot, pilot_rules
from app.workflow.pilot_policy import Policy
from app.workflow.pilot_policy_labels import LABELS
from tests import people
from tests.after_panels import BASE, CHECKS, World, world
from tests.people import enter, post, signed_in

EUK = 100_000_000


@pytest.fixture
def here(session: Session, now: datetime) -> World:
    return world(session, now)


def officer(app: Any, here: World) -> Any:
    """The officer's browser, at the time the small world has come to."""
    app.extensions["ppir"].fixed_now = lambda: here.now
    return enter(app, here.session, here.now, here.accounts["officer"])


def read(app: Any) -> Any:
    return app.extensions["ppir"].database.read()


@pytest.mark.parametrize(
    ("language", "words"), [("ko", ("적합성 검토", "구조 드론 1")), ("en", ("check its fitness", "구조 드론 1"))]
)
def test_the_start_page_names_what_is_to_be_checked(app: Any, here: World, language: str, words: tuple[str, ...]) -> None:
    page = officer(app, here).get(f"/procurement/?lang={language}").text
    assert all(text in page for text in words)


@pytest.mark.parametrize(
    ("url", "ko", "en"),
    [
        ("/procurement/list", "아직 공표된 목록이 없습니다", "No edition has been published yet"),
        ("/procurement/requests", "이 연도의 신청이 없습니다", "No request was filed for this year"),
        ("/procurement/pilots", "진행 중인 시범사용이 없습니다", "No pilot is under way"),
    ],
)
def test_empty_pages_say_what_comes_next(app: Any, here: World, url: str, ko: str, en: str) -> None:
    client = officer(app, here)
    assert ko in client.get(f"{url}?lang=ko").text
    assert en in client.get(f"{url}?lang=en").text


@pytest.mark.parametrize("url", ["/procurement/", "/procurement/fitness", "/procurement/list", "/procurement/requests"])
def test_another_role_is_refused(app: Any, session: Session, now: datetime, url: str) -> None:
    client, _ = signed_in(app, session, now, "institution")
    assert client.get(url).status_code == 403


def test_a_pass_needs_every_check_and_is_recorded(app: Any, here: World) -> None:
    url = f"/procurement/fitness/{here.application.public_id}"
    client = officer(app, here)
    checks = {f"check.{key}": value for key, value in CHECKS.items()}
    short = post(client, url, outcome="passed", reasons="", **(checks | {"check.price_evidence": ""}))
    assert short.status_code == 422 and 'value="yes" checked' in short.text
    assert post(client, url, outcome="passed", reasons="", **checks).status_code == 303
    with read(app) as session:
        assert session.query(FitnessReview).one().outcome == "passed"
    assert "passed, the notice follows" in client.get("/procurement/?lang=en").text


def test_a_return_is_shown_with_its_reasons_and_date(app: Any, here: World) -> None:
    url = f"/procurement/fitness/{here.application.public_id}"
    client = officer(app, here)
    checks = {f"check.{key}": value for key, value in (CHECKS | {"price_evidence": "no"}).items()}
    assert post(client, url, outcome="returned", reasons="가격 자료를 더 내세요.", **checks).status_code == 303
    page = client.get(f"{url}?lang=en").text
    assert "가격 자료를 더 내세요." in page and "to answer" in page
    with read(app) as session:
        assert session.query(Application).one().status == "fitness_returned"


def test_an_edition_is_received_and_downloaded_in_three_forms(app: Any, here: World) -> None:
    row = here.designated()
    number = row.number
    edition = listing.publish(here.session, actor=here.coordinator, now=here.now).public_id
    client = officer(app, here)
    url = f"/procurement/list/{edition}"
    assert "1 added, 0 removed, 0 changed" in client.get(f"{url}?lang=en").text
    assert post(client, f"{url}/receive", url).status_code == 303
    with read(app) as session:
        assert session.query(ListEdition).one().received_at is not None
    assert number in client.get(f"{url}/download.csv").data.decode("utf-8-sig")
    assert client.get(f"{url}/download.json").json[0]["number"] == number
    assert zipfile.is_zipfile(io.BytesIO(client.get(f"{url}/download.xlsx").data))
    assert client.get(f"{url}/download.exe").status_code == 404


def test_a_request_is_ranked_matched_and_carried_to_its_contract(app: Any, here: World) -> None:
    request = here.request(here.designated()).public_id
    pilot_rules.pin(here.session, 2027, budgets={"tech_lead": 20 * EUK}, reason="배정", actor=here.officer, now=here.now)
    client = officer(app, here)
    assert post(client, "/procurement/requests/rank", "/procurement/requests?year=2027", year="2027").status_code == 303
    page = client.get("/procurement/requests?year=2027&lang=en").text
    assert "Commitment 40/40" in page and "free: KRW 2,000,000,000" in page
    url = f"/procurement/requests/{request}"
    assert post(client, f"{url}/match", url, quantity="9", reason="너무 많음").status_code == 422
    sent = post(client, f"{url}/match", url, quantity="3", reason="예산 범위")
    assert sent.status_code == 303
    assert "free: KRW 1,700,000,000" in client.get("/procurement/requests?year=2027&lang=en").text
    assert "3 of 4 units" in client.get(f"{sent.location}?lang=en").text
    assert post(client, f"{sent.location}/agree", sent.location).status_code == 303
    refused = post(client, f"{sent.location}/contract", sent.location, contract_no=" ")
    assert refused.status_code == 422
    assert post(client, f"{sent.location}/contract", sent.location, contract_no="R27-1").status_code == 303
    with read(app) as session:
        made = session.query(Pilot).one()
        assert (made.status, made.contract_no) == ("contracted", "R27-1")


def test_rules_and_budgets_are_pinned_on_their_page_with_a_reason(app: Any, here: World) -> None:
    client, url = officer(app, here), "/procurement/rules/2027"
    shown = client.get(f"{url}?lang=en").text
    assert "Nothing is pinned for this year yet" in shown and "No version yet." in shown
    form = {
        **{name: str(getattr(Policy(), name)) for name in LABELS},
        **{f"fields.{theme}": list(codes) for theme, codes in Policy().theme_fields.items()},
        "version": "0",
        "budget.citizen": "600,000,000",
    }
    refused = post(client, url, **form, reason="")
    assert refused.status_code == 422 and 'value="600,000,000"' in refused.text
    assert post(client, url, **form | {"theme_points": "x"}, reason="연간 계획").status_code == 422
    assert post(client, url, **form, reason="연간 계획").status_code == 303
    page = client.get(url).text
    assert "KRW 600,000,000" in page and "연간 계획" in page
    stale = post(client, url, **form | {"pilot_months": "6"}, reason="늦음")
    assert stale.status_code == 422 and "Somebody else pinned version 1 first" in stale.text
    assert post(client, url, **form | {"pilot_months": "6", "version": "1"}, reason="단축").status_code == 303
    assert "12 → 6" in client.get(url).text
    assert "free: KRW 600,000,000" in client.get("/procurement/requests?year=2027").text


def test_a_match_out_of_rank_waits_for_another_officer_on_the_page(app: Any, here: World) -> None:
    row = here.designated()
    better = here.request(row, quantity=2)
    buyer = people.acting(here.session, here.now, "institution")
    url = f"/procurement/requests/{here.request(row, actor=buyer, quantity=3, follow_on=False).public_id}"
    pilot_rules.pin(here.session, 2027, budgets={"tech_lead": 20 * EUK}, reason="배정", actor=here.officer, now=here.now)
    pilot.rank(here.session, 2027, actor=here.officer, now=here.now)
    ahead = better.public_id
    first = officer(app, here)
    page = first.get(f"{url}?lang=en").text
    assert "1 better-ranked request of this theme waits and would fit" in page and ahead in page
    assert "no. 2 of 2 in its theme" in page
    assert post(first, f"{url}/match", url, quantity="3", reason="재난 대응 시급").status_code == 303
    page = first.get(url).text
    assert "Awaiting a second officer" in page and "Confirm the match" not in page
    assert "confirm a match out of rank" not in first.get("/procurement/").text
    second = enter(app, here.session, here.now, people.account(here.session, here.now, "procurement"))
    assert "confirm a match out of rank" in second.get("/procurement/?lang=en").text
    assert "재난 대응 시급" in second.get(url).text
    assert post(second, f"{url}/keep-rank", url).status_code == 303
    assert post(first, f"{url}/match", url, quantity="3", reason="재난 대응 시급").status_code == 303
    sent = post(second, f"{url}/match", url, quantity="3")
    assert sent.status_code == 303
    assert "out of rank, decided by two" in second.get(sent.location).text


@pytest.mark.parametrize(("answer", "status"), [("reserve", "reserve"), ("refuse", "refused")])
def test_a_request_is_answered_with_the_reason_the_institution_reads(app: Any, here: World, answer: str, status: str) -> None:
    request = here.request(here.designated()).public_id
    pilot.rank(here.session, 2027, actor=here.officer, now=here.now)
    client = officer(app, here)
    url = f"/procurement/requests/{request}"
    assert post(client, f"{url}/{answer}", url, reason=" ").status_code == 422
    assert post(client, f"{url}/{answer}", url, reason="예산이 모자랍니다.").status_code == 303
    with read(app) as session:
        assert session.query(PilotRequest).one().status == status
    assert "예산이 모자랍니다." in client.get(url).text


def test_a_cancelled_pilot_gives_its_money_back(app: Any, here: World) -> None:
    request = here.request(here.designated()).public_id
    pilot_rules.pin(here.session, 2027, budgets={"tech_lead": 20 * EUK}, reason="배정", actor=here.officer, now=here.now)
    pilot.rank(here.session, 2027, actor=here.officer, now=here.now)
    made = pilot.match(here.session, request, quantity=4, reason="순위", actor=here.officer, now=here.now, base_url=BASE).public_id
    client = officer(app, here)
    url = f"/procurement/pilots/{made}"
    assert post(client, f"{url}/cancel", url, reason="공급 불가").status_code == 303
    assert "free: KRW 2,000,000,000" in client.get("/procurement/requests?year=2027&lang=en").text
