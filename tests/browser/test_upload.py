"""A large file, in Korean: paused, gone on with, broken off by closing the page, chosen again and finished, by the keyboard too."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from app import clock
from app.files import Files
from app.models.applications import DossierFile
from app.models.people import Account
from app.queries import people
from app.stages import submission
from app.workflow.rules import Rules
from tests import dossiers
from tests.browser.conftest import Site
from tests.browser.person import Person

pytestmark = pytest.mark.browser

SIZE = 64 << 20
LINE = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 12 << 20}  # so that there is a middle


def draft(site: Site) -> str:
    """A draft of the demonstration's applicant in a call that takes large files."""
    with site.database.write() as session:
        now = clock.now(session)
        call = dossiers.open_call(session, now, code="LARGE-1", rules=Rules(extra={"file_mb": 100}))
        row = session.execute(select(Account).where(Account.mail == "applicant@ppir.example")).scalar_one()
        actor = people.actor_of(session, row)
        return submission.start(session, call.public_id, actor=actor, now=now).public_id


def test_a_large_file_survives_a_pause_and_a_closed_page(site: Site, person: Callable[..., Person], tmp_path: Path) -> None:
    source = tmp_path / "시험성적서 원본.pdf"
    source.write_bytes(dossiers.PDF + random.Random(6).randbytes(SIZE))
    applicant = person("applicant", language="ko")
    applicant.go(f"/applicant/dossiers/{draft(site)}/files")
    page = applicant.page
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", LINE)
    bar = page.get_by_role("progressbar", name=source.name)

    page.locator("#D07 input[type=file]").set_input_files(source)
    applicant.tab_into(page.locator("#D07").get_by_role("button", name=applicant.words("Add")))
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('#uploads progress')?.value >= 15")
    applicant.tab_to("Pause")
    page.keyboard.press("Enter")
    applicant.reads("paused")
    applicant.looked.clear()
    applicant.look()  # with an upload under way the page is as clean as without
    stood = int(bar.get_attribute("value") or 0)
    page.keyboard.press("Enter")  # the same button goes on
    page.wait_for_function("stood => document.querySelector('#uploads progress').value >= stood + 15", arg=stood)
    assert "중" in (bar.get_attribute("aria-valuetext") or "")

    page.reload()
    arrived = page.locator("#D07 [data-upload]").inner_text()
    assert source.name in arrived and "에서 끊겼습니다" in arrived
    page.locator("#D07 input[type=file]").set_input_files(source)
    page.locator("#D07").get_by_role("button", name=applicant.words("Add")).click()
    page.get_by_text(applicant.words("added to the dossier")).wait_for(timeout=120_000)
    page.locator("#D07 [data-held]").get_by_role("link", name=source.name).wait_for()
    assert page.locator("#D07 [data-upload]").count() == 0

    with site.database.read() as session:
        stored = session.scalars(select(DossierFile).where(DossierFile.name == source.name)).one()
    expected = hashlib.sha256(source.read_bytes()).hexdigest()
    assert stored.sha256 == expected
    assert hashlib.sha256(Files(site.config.files_dir).path(expected).read_bytes()).hexdigest() == expected


def test_several_files_queue_and_a_refused_one_says_why(site: Site, person: Callable[..., Person]) -> None:
    applicant = person("applicant", language="en")
    applicant.go(f"/applicant/dossiers/{draft(site)}/files")
    page = applicant.page
    good = [{"name": f"{n}.pdf", "mimeType": "application/pdf", "buffer": dossiers.PDF + b"%d" % n} for n in range(3)]
    bad = {"name": "macro.pdf", "mimeType": "application/pdf", "buffer": b"MZ no document at all"}
    page.locator("#D07 input[type=file]").set_input_files([*good, bad])
    page.locator("#D07").get_by_role("button", name="Add").click()
    page.get_by_text("This type is not accepted.").first.wait_for()
    assert page.locator("#uploads li").count() == 4
    assert page.locator("#D07 [data-held]").get_by_role("link").count() == 3
    page.reload()
    assert page.locator("#D07 [data-upload]").count() == 0  # what was refused is not kept
    (told,) = applicant.errors  # the browser's own line about the answer that refused
    assert "422" in told
    applicant.errors.clear()
