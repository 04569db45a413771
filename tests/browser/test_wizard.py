"""Writing a dossier in a real browser: what is typed survives a killed window, another window, a lost connection, a sign-out."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select, update

from app import clock
from app.demo import make
from app.models.applications import Application
from app.models.people import Account, AuthSession
from app.workflow import dossiers
from tests.browser.conftest import Site
from tests.browser.person import Person
from tests.unit.documents.test_characters import SAMPLES

pytestmark = pytest.mark.browser

MAIL = "applicant@ppir.example"
KEY_MS = 60  # between two keys: fast typing
WORDS = "연기 속에서 사람을 찾는 드론이 열화상과 레이더를 함께 쓴다. " * 6


@pytest.fixture
def draft(site: Site, person: Callable[..., Person]) -> Iterator[tuple[Person, str]]:
    """An applicant of the demonstration who has just started a dossier; its public id."""
    applicant = person(MAIL, language="ko")
    applicant.go("/applicant/")
    applicant.follow("Start a dossier", within="main")
    applicant.press("Start a dossier")
    yield applicant, applicant.page.url.split("/dossiers/")[1].split("/")[0]
    expected = ("status of 409", "status of 401", "ERR_INTERNET_DISCONNECTED", "ERR_FAILED")
    applicant.errors[:] = [said for said in applicant.errors if not any(text in said for text in expected)]


def stored(site: Site, key: str, section: str, name: str) -> Any:
    with site.database.read() as session:
        row = session.execute(select(Application).where(Application.public_id == key)).scalar_one()
        return (dossiers.latest(session, row).content.get(section) or {}).get(name) or ""


def write(key: str, section: str) -> str:
    return f"/applicant/dossiers/{key}/write/{section}"


def saved(page: Any) -> None:
    """The page says that everything is stored."""
    page.wait_for_function("() => /버전 \\d+|version \\d+/.test(document.querySelector('[data-save-state]').textContent)")


def test_a_killed_tab_loses_at_most_two_seconds_and_on_this_device_nothing(site: Site, draft: tuple[Person, str]) -> None:
    applicant, key = draft
    applicant.go(write(key, "narrative"))
    page, typed = applicant.page, ""
    page.focus("#summary")
    began = time.monotonic()
    moments: list[tuple[float, int]] = []
    while time.monotonic() - began < 6:
        letter = WORDS[len(typed)]
        page.keyboard.insert_text(letter)
        typed += letter
        moments.append((time.monotonic(), len(typed)))
        page.wait_for_timeout(KEY_MS)
    killed = time.monotonic()
    kill(page)
    two_seconds_before = max(n for at, n in moments if at <= killed - 2)
    at_server = stored(site, key, "narrative", "summary")
    assert typed.startswith(at_server)
    assert len(at_server) >= len(typed[:two_seconds_before].strip()), (len(at_server), two_seconds_before, len(typed))

    applicant.page = applicant.context.new_page()
    applicant.go(write(key, "narrative"))
    applicant.reads("Text on this device has not reached the server")
    applicant.page.get_by_role("button", name=applicant.words("Put it back")).click()
    assert applicant.page.input_value("#summary") == typed
    saved(applicant.page)
    assert stored(site, key, "narrative", "summary") == typed.strip()
    applicant.page.reload()
    assert not applicant.page.locator("[data-kept]").is_visible()  # nothing is left to be offered


def kill(page: Any) -> None:
    """Kill the processes that draw this browser's pages, as a crash or an empty battery does: no page event runs."""
    processes = page.context.browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    with page.expect_event("crash"):
        for process in processes:
            if process["type"] == "renderer":
                os.kill(process["id"], signal.SIGKILL)


def test_two_windows_join_their_fields_and_choose_where_both_wrote(site: Site, draft: tuple[Person, str]) -> None:
    applicant, key = draft
    first = applicant.page
    applicant.go(write(key, "narrative"))
    second = applicant.context.new_page()
    second.goto(applicant.address + write(key, "narrative"))

    first.fill("#summary", "첫째 창의 요약")
    saved(first)
    second.fill("#novelty", "둘째 창의 신규성")
    saved(second)
    second.wait_for_function("() => document.getElementById('summary').value === '첫째 창의 요약'")  # taken over, and said so
    assert "다른 창에서" in second.locator("[data-others]").inner_text()
    assert stored(site, key, "narrative", "summary") == "첫째 창의 요약"
    assert stored(site, key, "narrative", "novelty") == "둘째 창의 신규성"

    first.fill("#summary", "첫째 창이 고친 요약")
    saved(first)
    first.wait_for_timeout(100)
    second.fill("#summary", "둘째 창이 고친 요약")
    box = second.locator("[data-clash=summary]")
    box.wait_for()
    assert box.locator("textarea").input_value() == "첫째 창이 고친 요약"
    assert second.input_value("#summary") == "둘째 창이 고친 요약"
    second.fill("#impact", "다른 항목은 그동안에도 저장된다")
    second.wait_for_function("() => document.querySelector('[data-save-state]').textContent.includes('저장')")
    second.wait_for_timeout(2500)
    assert stored(site, key, "narrative", "impact") == "다른 항목은 그동안에도 저장된다"
    assert stored(site, key, "narrative", "summary") == "첫째 창이 고친 요약"
    box.locator("textarea").fill("두 글을 합친 요약")
    box.get_by_role("button", name=applicant.words("Keep the stored one")).click()
    assert box.count() == 0
    saved(second)
    assert stored(site, key, "narrative", "summary") == "두 글을 합친 요약"

    for page in (first, second):  # rows, which the server draws
        page.goto(applicant.address + write(key, "classification"))
    first.fill('[name="nstc.code"] >> nth=0', "EE02")
    first.fill('[name="nstc.weight"] >> nth=0', "100")
    saved(first)
    first.wait_for_timeout(100)
    second.fill("#keywords", "드론")
    second.fill('[name="nstc.code"] >> nth=0', "ED01")
    box = second.locator("[data-clash=nstc]")
    box.wait_for()
    box.get_by_role("button", name=applicant.words("Keep the stored one")).click()
    box.wait_for(state="detached")
    assert second.input_value('[name="nstc.code"] >> nth=0') == "EE02"
    assert second.input_value("#keywords") == "드론"  # nothing else on the page is drawn again
    saved(second)
    assert stored(site, key, "classification", "nstc") == [{"code": "EE02", "weight": "100"}]
    second.close()


def test_a_lost_connection_keeps_the_text_here_and_sends_it_when_it_is_back(site: Site, draft: tuple[Person, str]) -> None:
    applicant, key = draft
    applicant.go(write(key, "narrative"))
    applicant.context.set_offline(True)
    applicant.page.fill("#market", "연결이 끊긴 동안 쓴 글")
    applicant.page.wait_for_function("() => document.querySelector('[data-save-state]').textContent.includes('이 기기에 보관')")
    applicant.context.set_offline(False)
    saved(applicant.page)
    assert stored(site, key, "narrative", "market") == "연결이 끊긴 동안 쓴 글"


def test_a_sign_in_that_ended_loses_nothing(site: Site, draft: tuple[Person, str]) -> None:
    applicant, key = draft
    applicant.go(write(key, "narrative"))
    with site.database.write() as session:
        account = session.execute(select(Account).where(Account.mail == MAIL)).scalar_one()
        session.execute(update(AuthSession).where(AuthSession.account_id == account.id).values(ended_at=clock.now(session)))
    applicant.page.fill("#procurement", "로그아웃된 뒤에 쓴 글")
    applicant.page.locator("[data-sign-in]").wait_for(state="visible")
    applicant.page.get_by_role("button", name=applicant.words("Save and next")).click()
    applicant.page.wait_for_timeout(500)
    assert applicant.page.input_value("#procurement") == "로그아웃된 뒤에 쓴 글"  # nobody left the page
    applicant.follow("Sign in again", within="main")
    applicant.page.fill("[name=mail]", MAIL)
    applicant.page.fill("[name=password]", make.password())
    applicant.press("Sign in")
    assert write(key, "narrative") in applicant.page.url
    applicant.page.get_by_role("button", name=applicant.words("Put it back")).click()
    saved(applicant.page)
    assert stored(site, key, "narrative", "procurement") == "로그아웃된 뒤에 쓴 글"


def test_a_field_asked_for_by_condition_appears_at_once(draft: tuple[Person, str]) -> None:
    applicant, key = draft
    applicant.go(write(key, "product"))
    data = applicant.page.locator("#ai_data")
    assert not data.is_visible()
    applicant.page.check("#is_ai")
    assert data.is_visible()
    applicant.page.uncheck("#is_ai")
    assert not data.is_visible()
    applicant.page.fill("#partners", "가상정밀")
    assert applicant.page.locator("#partner_work").is_visible()
    applicant.go(write(key, "company"))
    applicant.page.fill("#business_no", "123-45-67890")  # only the server knows check digits
    applicant.page.locator("#business_no_reason").wait_for(state="visible")


def test_rows_grow_as_they_are_filled(site: Site, draft: tuple[Person, str]) -> None:
    applicant, key = draft
    applicant.go(write(key, "people"))
    names = applicant.page.locator("[name='interest.name']")
    for n in range(4):
        names.nth(n).fill(f"이해관계자 {n + 1}")
    saved(applicant.page)
    assert [row["name"] for row in stored(site, key, "people", "interest")] == [f"이해관계자 {n + 1}" for n in range(4)]
    assert names.count() == 5
    applicant.look()


def test_the_page_counts_characters_as_the_server_does(draft: tuple[Person, str]) -> None:
    applicant, key = draft
    applicant.go(write(key, "narrative"))
    for text, n in SAMPLES:
        applicant.page.evaluate(
            "text => { const box = document.getElementById('summary'); box.value = text; box.dispatchEvent(new Event('input')); }",
            text,
        )
        assert applicant.page.locator("#summary-count [data-count]").inner_text() == str(n), repr(text)
        assert applicant.page.evaluate("text => characters.count(text)", text) == n, repr(text)  # a text box mends line ends itself


def test_the_counter_is_announced_at_ninety_per_cent_and_at_the_limit(draft: tuple[Person, str]) -> None:
    applicant, key = draft
    applicant.go(write(key, "narrative"))
    live = applicant.page.locator("[data-counts]")
    for n, said in ((1349, ""), (1350, "1,350"), (1400, "1,350"), (1500, "1,500"), (1501, "1,501")):
        applicant.page.fill("#summary", "가" * n)
        assert (live.inner_text().split("/")[0].strip() if said else live.inner_text()) == said
