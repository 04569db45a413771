"""A company, in Korean: registers, writes a dossier, adds files, previews, submits, and follows its application."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from app import outbox
from app.demo import make
from app.jobs import tasks
from tests import dossiers
from tests.browser.conftest import Site
from tests.browser.person import Person

pytestmark = pytest.mark.browser

MAIL = "hong@robot.example"


def test_a_company_registers_writes_submits_and_follows_its_dossier(site: Site, person: Callable[..., Person]) -> None:
    applicant = person(language="ko")
    applicant.go("/account/register")
    applicant.fill(organisation="가상로봇", business_no="380-81-00318", name="홍길동", mail=MAIL)
    applicant.press("Send me the link")
    applicant.go(link_to(site, MAIL))
    applicant.fill(password=make.password(), again=make.password())
    applicant.press("Set the password")
    applicant.sign_in(MAIL, make.password())
    applicant.reads("No dossiers yet")

    applicant.follow("Start a dossier", within="main")
    applicant.press("Start a dossier")
    with applicant.page.expect_response(lambda answer: answer.request.headers.get("x-autosave") == "1") as told:
        applicant.write({"representative": "홍길동"})
    assert told.value.ok
    applicant.page.reload()  # a killed session loses nothing that was saved while typing
    assert applicant.page.input_value("[name=representative]") == "홍길동"
    for answers in dossiers.FULL.values():
        applicant.write(answers)
        applicant.press("Save and next")
    for slot in ("D02", "D03"):
        applicant.page.locator(f"li#{slot} input[type=file]").set_input_files(
            {"name": f"{slot}.pdf", "mimeType": "application/pdf", "buffer": dossiers.pdf(slot)}
        )
        applicant.page.locator(f"li#{slot}").get_by_role("button", name=applicant.words("Add")).click()
        applicant.page.locator(f"li#{slot} [data-held]").get_by_role("link", name=f"{slot}.pdf").wait_for()
    applicant.follow("Preview", within="main .actions-bar")
    applicant.reads("What panellists see")
    applicant.page.check("[name=pledged]")
    applicant.press("Submit")
    assert applicant.heading == "접수증"
    applicant.reads(
        "The bundle of everything filed is being made; its digest appears here.",
        "The filing stands. You may leave this page: the digest also comes by mail.",
    )
    applicant.follow("Follow the application")
    applicant.reads("Progress of this application", "Take back and change")


def link_to(site: Site, mail: str) -> str:
    """What the workers do when somebody asks for a letter; the link that stands in it."""
    with site.database.read() as session:
        owed = [promise.id for promise in outbox.due(session, datetime.now(UTC), limit=1000) if promise.queue == "mail"]
    for promise_id in owed:
        tasks.carry_out(site.config, site.database, promise_id)
    for path in site.config.mail_dir.glob("*.eml"):
        letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if letter["To"] == mail:
            found = re.search(r"https?://[^/]+(/account/link/\S+)", letter.get_body().get_content())
            assert found
            return found[1]
    raise AssertionError(f"no letter to {mail}")
