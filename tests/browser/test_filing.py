"""From the self-check to the receipt by the keyboard alone, in both languages, with axe on every page; and whose clock counts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app import clock
from app.clock import KST
from app.demo.cast import PASSWORD
from app.demo.stage import OPEN
from app.jobs import tasks
from app.models.calls import Call
from app.models.people import AuthSession
from app.models.process import Promise
from app.queries.people import IDLE
from tests import dossiers
from tests.browser.conftest import Site
from tests.browser.person import Person

pytestmark = pytest.mark.browser


class Typist(Person):
    """Somebody without a mouse."""

    def enter_at(self, link: str) -> None:
        self.tab_to(link, role="link")
        self.key("Enter")

    def press_by_key(self, button: str) -> None:
        self.tab_to(button)
        self.key("Enter")

    def fill_by_key(self, name: str, value: Any) -> None:
        field = self.page.locator(f'main [name="{name}"]').first
        self.tab_into(field, most=400)
        kind = field.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind == "select":
            for _ in range(60):
                if field.input_value() == value:
                    return
                self.page.keyboard.press("ArrowDown")
            raise AssertionError(f"{name} has no {value}")
        if kind == "date":
            self.page.keyboard.type(datetime.fromisoformat(str(value)).strftime("%m%d%Y"))
            assert field.input_value() == value
            return
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(", ".join(value) if isinstance(value, list) else str(value))

    def write_by_key(self, answers: dict[str, Any]) -> None:
        """In the order of the form, as somebody who tabs through it."""
        entered: dict[str, Any] = {}
        for name, value in answers.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                entered |= {f"{name}.{column}": text for column, text in value[0].items()}
            elif value not in (False, []):
                entered[name] = value
        order = self.page.locator("main [name]").evaluate_all("all => all.map(e => e.name)")
        for name in sorted(entered, key=order.index):
            self.fill_by_key(name, entered[name])

    def upload_by_key(self, slot: str, content: bytes) -> None:
        self.page.wait_for_load_state()  # scripts run when all is there, and focus moves with them
        self.tab_into(self.page.locator(f"li#{slot} input[type=file]"), most=400)
        with self.page.expect_file_chooser() as chosen:
            self.page.keyboard.press("Space")
        chosen.value.set_files({"name": f"{slot}.pdf", "mimeType": "application/pdf", "buffer": content})
        self.tab_into(self.page.locator(f"li#{slot}").get_by_role("button", name=self.words("Add")))
        self.page.keyboard.press("Enter")
        self.page.locator(f"li#{slot} [data-held]").get_by_role("link", name=f"{slot}.pdf").wait_for()


@pytest.fixture
def typist(browser: Any, site: Site) -> Any:
    people: list[Typist] = []

    def enter(language: str) -> Typist:
        people.append(Typist(browser, site.address, language=language))
        return people[-1]

    yield enter
    for one in people:
        one.leave()


def work(site: Site, kind: str) -> None:
    """What the workers do meanwhile."""
    with site.database.read() as session:
        owed = session.execute(select(Promise.id).where(Promise.kind == kind, Promise.state == "open")).scalars().all()
    for promise_id in owed:
        assert tasks.carry_out(site.config, site.database, promise_id)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_from_the_self_check_to_the_receipt_without_a_mouse(
    site: Site, typist: Callable[[str], Typist], language: str, tmp_path: Path
) -> None:
    applicant = typist(language)
    applicant.go("/calls")
    assert applicant.page.get_by_role("timer").first.inner_text().strip()
    applicant.enter_at("Check eligibility")
    asked = applicant.page.locator("main form [name]").evaluate_all("all => all.map(e => e.name)")
    for place in asked:
        section, _, name = place.partition(".")
        if dossiers.FULL.get(section, {}).get(name) not in (None, False, []):
            applicant.fill_by_key(place, dossiers.FULL[section][name])
    applicant.press_by_key("Check")
    applicant.enter_at("Start a dossier with these answers")
    applicant.fill_by_key("mail", "applicant@ppir.example")
    applicant.fill_by_key("password", PASSWORD)
    applicant.press_by_key("Sign in")
    applicant.press_by_key("Start a dossier")
    for answers in dossiers.FULL.values():
        applicant.write_by_key(answers)
        applicant.press_by_key("Save and next")
    for slot in ("D02", "D03"):
        applicant.upload_by_key(slot, dossiers.PDF + slot.encode())
    applicant.enter_at("Preview")
    applicant.reads("What panellists see")
    applicant.tab_into(applicant.page.locator("[name=pledged]"), most=400)
    applicant.page.keyboard.press("Space")
    applicant.press_by_key("Submit")
    applicant.reads("The filing stands. You may leave this page: the digest also comes by mail.")

    work(site, "bundle")
    work(site, "receipt")
    applicant.page.locator("[data-refresh-done]").wait_for(state="attached")
    applicant.tab_to("Download the bundle", role="link")
    with applicant.page.expect_download() as taken:
        applicant.page.keyboard.press("Enter")
    taken.value.save_as(tmp_path / "bundle.zip")
    assert hashlib.sha256((tmp_path / "bundle.zip").read_bytes()).hexdigest() in applicant.text
    applicant.tab_to("Download the receipt (PDF)", role="link")
    with applicant.page.expect_download() as taken:
        applicant.page.keyboard.press("Enter")
    assert taken.value.suggested_filename.endswith(".pdf")
    applicant.enter_at("Follow the application")
    applicant.reads("Progress of this application", "Take back and change")


def test_a_countdown_does_not_believe_the_browsers_clock(site: Site, typist: Callable[[str], Typist]) -> None:
    visitor = typist("en")
    visitor.context.add_init_script(
        "const real = Date.now; Date.now = () => real() + 300000;"
        "const Real = Date;"
        "globalThis.Date = class extends Real { constructor(...a) { a.length ? super(...a) : super(Date.now()); } };"
    )
    visitor.go("/calls")
    visitor.page.wait_for_timeout(1500)
    said = visitor.page.get_by_role("timer").first.inner_text()
    left = site_left(site)
    days, _d, clock, _left = said.split()
    hours, minutes, seconds = map(int, clock.split(":"))
    assert abs(int(days) * 86400 + hours * 3600 + minutes * 60 + seconds - left) < 20


def site_left(site: Site) -> float:
    with site.database.read() as session:
        closes_at = session.execute(select(Call.closes_at).where(Call.code == OPEN)).scalar_one()
    return (closes_at - datetime.now(KST)).total_seconds()


def test_a_page_says_in_time_that_the_sign_in_ends_and_offers_to_stay(site: Site, person: Callable[..., Person]) -> None:
    applicant = person("applicant")
    applicant.page.clock.install()
    applicant.go("/applicant/")
    notice = applicant.page.locator("[data-sign-in-left]")
    assert not notice.is_visible()
    with site.database.write() as session:
        session.execute(update(AuthSession).values(seen_at=clock.now(session) - IDLE + timedelta(minutes=4)))
    applicant.page.clock.fast_forward("01:56:30")
    notice.get_by_role("button", name=applicant.words("Stay signed in")).wait_for()
    assert "로그인이 끝납니다" in notice.get_by_role("status").inner_text()
    applicant.looked.clear()
    applicant.look()
    applicant.tab_to("Stay signed in")
    applicant.page.keyboard.press("Enter")
    notice.wait_for(state="hidden")
    assert applicant.page.evaluate("document.activeElement.id") == "content"
    with site.database.read() as session:
        assert clock.now(session) - session.scalars(select(AuthSession.seen_at)).one() < timedelta(minutes=1)
