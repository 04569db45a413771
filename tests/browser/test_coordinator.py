"""A coordinator, in Korean: a new call, the eligibility queue, a matching run, panels, results, notice, committee, list."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from app import outbox
from app.jobs import matching, tasks
from reviewers.lexical import LexicalEncoder
from tests.browser.conftest import Site
from tests.browser.person import Person

pytestmark = pytest.mark.browser

MAIN = "PPIR-DEMO-1"


class Words:
    def __init__(self) -> None:
        self.english = self.multilingual = LexicalEncoder()


def test_a_coordinator_takes_a_call_from_its_rules_to_its_list(
    site: Site, person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "encoders", lambda config: Words())
    coordinator = person("coordinator", language="ko")
    create_a_call(coordinator)
    admit_what_can_be_admitted(coordinator)
    match(site, coordinator)
    run_panels(coordinator)
    read_results(coordinator)
    publish(coordinator)


def create_a_call(coordinator: Person) -> None:
    coordinator.follow("Create a call")
    coordinator.fill(code="PPIR-2027-9", title_ko="2027년 9차 공고", title_en="Ninth call of 2027")
    coordinator.press("Save as draft")
    coordinator.reads("The call is a draft. Check its rules, then open it.")
    coordinator.press("Open the call")
    coordinator.reads("The call is open; companies can apply until it closes.")


def admit_what_can_be_admitted(coordinator: Person) -> None:
    coordinator.follow("Calls")
    coordinator.open_link(MAIN)
    coordinator.follow("Eligibility", within=".subnav")
    boxes = coordinator.page.locator("input[name=chosen]")
    if boxes.count():
        boxes.first.check()
        coordinator.press("Admit the chosen")
    coordinator.follow("Look")
    coordinator.reads("What the rules found")


def match(site: Site, coordinator: Person) -> None:
    """The run that the demonstration has ordered is carried out as a worker would, without a language model."""
    with site.database.read() as session:
        owed = [promise.id for promise in outbox.due(session, datetime.now(UTC), limit=1000) if promise.kind == "match"]
    assert owed
    coordinator.follow("Matching", within=".subnav")
    for promise_id in owed:
        tasks.carry_out(site.config, site.database, promise_id)
    coordinator.go(coordinator.page.url)
    coordinator.follow("Run %(n)s", within="main table", n=newest(coordinator))
    coordinator.reads("About this run")
    coordinator.page.locator("main table tbody th a").first.click()
    coordinator.look()
    coordinator.reads("Substitutes, in their order")
    coordinator.follow("Passages and works", within="main table")
    coordinator.reads("Passage of the dossier", "Work of the expert", "typed into the form")
    coordinator.page.go_back()
    coordinator.page.go_back()
    edit_on_the_board(coordinator)
    coordinator.follow("Check and deploy", within="main")
    coordinator.fill(typed=f"{MAIN} {number_of(coordinator)}")
    coordinator.press("Deploy")
    coordinator.reads("The panels stand. Next: invite the experts.")
    coordinator.follow("Spread", within="main")
    coordinator.reads("Concentration of loads", "Declines by reason")


def edit_on_the_board(coordinator: Person) -> None:
    """A copy of the run, by the keyboard alone: another dossier, a locked seat, a candidate, taken back; each is announced."""
    page = coordinator.page
    coordinator.follow("Assignment board", within="main")
    coordinator.press("Edit a copy of this run")
    page.evaluate("document.activeElement.blur()")
    title = page.locator("#board-panel-title").inner_text()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.wait_for_function("was => document.getElementById('board-panel-title').innerText !== was", arg=title)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("l")
    told(coordinator, "Unlock", "#board-panel .board-here")
    page.keyboard.press("l")
    page.locator("#board-panel .board-here [data-verb=remove]").wait_for()  # offered again
    page.locator(".board-pick").first.check()
    page.locator("#board-bulk button").first.click()
    told(coordinator, "locked", "[data-column=dossiers] .board-facts")
    page.keyboard.press("u")
    told(coordinator, "The last change is taken back.", "#board-live")
    page.select_option("#board-only", "free")
    page.wait_for_url("**only=free**")
    holder = page.locator("#board-panel .board-here .board-main").inner_text()
    page.evaluate("document.querySelector('#board-panel [aria-current]').focus()")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("w")
    told(coordinator, "Save this change")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    told(coordinator, "total %(delta)s", "#board-live")
    assert page.locator("#board-panel .board-here .board-main").inner_text() != holder
    coordinator.look()
    page.keyboard.press("u")
    told(coordinator, "The last change is taken back.", "#board-live")
    assert page.locator("#board-panel .board-here .board-main").inner_text() == holder
    coordinator.follow("Runs side by side", within="main")
    coordinator.reads("Lowest panel", "Seats of first-timers", "Every panel has the same members.")
    coordinator.page.go_back()


def told(coordinator: Person, words: str, where: str = "#board") -> None:
    text = coordinator.words(words).partition("%(")[0].strip()
    coordinator.page.locator(where, has_text=text).first.wait_for(state="attached")


def number_of(coordinator: Person) -> str:
    return re.findall(rf"{MAIN} (\d+)", coordinator.text)[-1]


def newest(coordinator: Person) -> int:
    return coordinator.page.locator("main table tbody tr").count()


def run_panels(coordinator: Person) -> None:
    coordinator.follow("Panels", within=".subnav")
    with coordinator.page.expect_navigation():
        coordinator.page.get_by_role("button", name="위촉 요청").first.click()
    coordinator.look()
    coordinator.follow("Show", within="main table")
    coordinator.reads("Substitutes, in the order in which they are asked")


def read_results(coordinator: Person) -> None:
    coordinator.follow("Scoring", within=".subnav")
    coordinator.follow("Results", within=".subnav")
    coordinator.follow("How sure the results are", within="main")  # axe looks at both
    assert coordinator.page.locator("main svg").count() >= 3
    coordinator.follow("What more reviews would bring", within="main")
    coordinator.page.go_back()
    coordinator.page.go_back()
    coordinator.page.locator("main table tbody th a").first.click()
    coordinator.look()
    coordinator.reads("Criteria", "What follows")


def publish(coordinator: Person) -> None:
    for tab, words in (("Notice", "Ready for the notice"), ("Committee", "Call a meeting"), ("List", "Next edition")):
        coordinator.follow(tab, within=".subnav")
        coordinator.reads(words)
