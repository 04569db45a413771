"""The coordinators' list of calls and the page of one call, as they read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.errors import Invalid
from app.models.calls import Call
from app.stages import calls
from app.web.coordinator import call_form
from app.workflow.actors import OPERATOR
from app.workflow.rules import Rules, check
from tests.people import signed_in


def make_call(session: Session, now: datetime, **changed: Any) -> Call:
    given: dict[str, Any] = {
        "code": "2027-1",
        "title_ko": "2027년 1차 공고",
        "title_en": "First call of 2027",
        "rules": Rules(),
        "opens_at": now - timedelta(days=1),
        "closes_at": now + timedelta(days=30),
    }
    return calls.create(session, actor=OPERATOR, now=now, **(given | changed))


@pytest.mark.parametrize(
    ("language", "words"), [("ko", ("아직 공고가 없습니다", "공고 만들기")), ("en", ("No call yet", "Create a call"))]
)
def test_without_a_call_the_page_says_what_to_do(
    app: Any, session: Session, now: datetime, language: str, words: tuple[str, ...]
) -> None:
    client, _ = signed_in(app, session, now, "coordinator")
    page = client.get(f"/coordinator/?lang={language}").text
    assert words[0] in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ko", ("2027년 1차 공고", "작성 중", "기준을 확인하고 접수를 시작하십시오")),
        ("en", ("First call of 2027", "Draft", "Check the rules and open the call")),
    ],
)
def test_the_list_names_each_call_its_state_and_the_next_step(
    app: Any, session: Session, now: datetime, language: str, words: tuple[str, ...]
) -> None:
    make_call(session, now)
    client, _ = signed_in(app, session, now, "coordinator")
    page = client.get(f"/coordinator/?lang={language}").text
    assert all(text in page for text in words)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ko", ("위원석", "7 석", "의결 정족수", "제1판", "기준 변경 이력")),
        ("en", ("Seats of a panel", "7 seats", "Quorum", "version 1", "History of the rules")),
    ],
)
def test_a_call_shows_its_pinned_rules_in_words(
    app: Any, session: Session, now: datetime, language: str, words: tuple[str, ...]
) -> None:
    call = make_call(session, now)
    client, _ = signed_in(app, session, now, "coordinator")
    page = client.get(f"/coordinator/calls/{call.public_id}?lang={language}").text
    assert all(text in page for text in words)


def test_another_role_finds_no_call_pages(app: Any, session: Session, now: datetime) -> None:
    call = make_call(session, now)
    client, _ = signed_in(app, session, now, "panellist")
    assert client.get("/coordinator/").status_code == 403
    assert client.get(f"/coordinator/calls/{call.public_id}").status_code == 403


def test_the_form_takes_points_by_fact_and_shows_them_again(app: Any, session: Session, now: datetime) -> None:
    given = MultiDict({"rule-bonuses-certificate-NEP": "3", "rule-bonuses-size-sme": "", "rule-pass_marks-size-sme": "x"})
    form = call_form.read(given, Rules())
    assert form.rules.bonuses == {"certificate-NEP": 3} and form.problems["pass_marks"] == "rules.not_a_number"
    with pytest.raises(Invalid) as refused:
        check(replace(Rules(), bonuses={"certificate-NEP": 30, "gold": 1}, bonus_most=90, order="sideways"))
    assert {"bonuses", "bonus_most", "order"} <= set(refused.value.problems)
    call = make_call(session, now, rules=replace(Rules(), bonuses={"certificate-NEP": 3}, cut_lines_off=("size-sme",)))
    client, _ = signed_in(app, session, now, "coordinator")
    page = client.get(f"/coordinator/calls/{call.public_id}?lang=ko").text
    assert "신제품(NEP) 3 점" in page and "과락 기준 면제" in page
    form_page = client.get(f"/coordinator/calls/{call.public_id}/edit?lang=ko").text
    assert 'name="rule-bonuses-certificate-NEP" value="3"' in form_page
