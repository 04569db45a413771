"""Anybody reads the open calls and checks whether one fits, by the rules of the official check, without an account."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy.orm import Session

from tests import dossiers as made

FITTING = {
    "company.size": "sme",
    "rnd.ministry": "MSIT",
    "rnd.result": "success",
    "rnd.ended_on": "2024-03-31",
    "rnd.link_type": "own",
    "product.trl": "8",
    "product.designated_before": "no",
    "company.active": "yes",
    "company.no_bar": "yes",
}


@pytest.fixture
def call(session: Session, now: datetime) -> None:
    made.open_call(session, now)
    session.commit()


@pytest.mark.parametrize(("language", "words"), [("ko", "지금 접수 중인 공고가 없습니다"), ("en", "No call is open now.")])
def test_without_a_call_the_page_leads_to_the_products(client: Any, language: str, words: str) -> None:
    page = client.get(f"/calls?lang={language}").text
    assert words in page
    assert 'href="/products"' in page


@pytest.mark.usefixtures("call")
@pytest.mark.parametrize(
    ("language", "words"), [("ko", ("2027년 1차 공고", "중소기업")), ("en", ("First call of 2027", "Small or medium-sized"))]
)
def test_an_open_call_says_who_may_apply(client: Any, language: str, words: tuple[str, ...]) -> None:
    page = client.get(f"/calls?lang={language}").text
    assert all(text in page for text in words)
    assert "/calls/2027-1/check" in page


@pytest.mark.usefixtures("call")
@pytest.mark.parametrize(
    ("language", "words"), [("ko", "답변에 따르면 신청할 수 있습니다"), ("en", "By these answers you may apply")]
)
def test_fitting_answers_pass_and_come_along_to_the_draft(client: Any, language: str, words: str) -> None:
    page = client.get("/calls/2027-1/check", query_string={**FITTING, "lang": language})
    assert page.status_code == 200
    assert words in page.text
    assert "rnd.ended_on=2024-03-31" in page.text
    start = client.get("/applicant/new/2027-1?rnd.ended_on=2024-03-31")
    assert start.status_code in (302, 303)
    assert parse_qs(urlsplit(start.headers["Location"]).query)["next"] == ["/applicant/new/2027-1?rnd.ended_on=2024-03-31"]


@pytest.mark.usefixtures("call")
@pytest.mark.parametrize(
    ("language", "words"),
    [("ko", ("부적격에 해당합니다", "과제 종료 2015-03-31")), ("en", ("would be refused", "Ended 2015-03-31"))],
)
def test_a_project_out_of_the_window_is_named_with_its_remedy(client: Any, language: str, words: tuple[str, ...]) -> None:
    page = client.get("/calls/2027-1/check", query_string={**FITTING, "rnd.ended_on": "2015-03-31", "lang": language}).text
    assert all(text in page for text in words)


@pytest.mark.usefixtures("call")
def test_an_answer_that_is_no_number_is_kept_and_named(client: Any) -> None:
    page = client.get("/calls/2027-1/check", query_string={**FITTING, "product.trl": "eleven", "lang": "en"})
    assert page.status_code == 422
    assert 'value="eleven"' in page.text
    assert "Write a whole number." in page.text


@pytest.mark.usefixtures("call")
def test_before_any_answer_nothing_is_judged(client: Any) -> None:
    page = client.get("/calls/2027-1/check?lang=en").text
    assert "E04" not in page
    assert 'name="rnd.ended_on"' in page


def test_an_unknown_call_is_not_found(client: Any) -> None:
    assert client.get("/calls/nothing/check").status_code == 404
