"""What the demonstration designated three years ago: an extension waits for its second person, the other for being taken up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Site
from tests.browser.person import Person

pytestmark = pytest.mark.browser


def test_an_extension_is_confirmed_by_the_second_coordinator_and_the_public_reads_it(
    site: Site, person: Callable[..., Person]
) -> None:
    second = person("coordinator2", language="en")
    second.follow("Requests about designations", within=".roles-nav")
    second.reads("To decide", "awaits a second person", "Decided lately", "Approved")
    second.open_link("awaits a second person")
    second.reads("Former and new", "First term", "First extension", "Approval: awaits a second person")
    second.press("Confirm")
    second.reads("Done.", "Approved")
    number = second.page.locator(".eyebrow").inner_text().split()[0]

    anybody = person(language="en")
    anybody.go(f"/verify?number={number}")
    anybody.reads("First extension", "Term extended", "Last valid day")


def test_the_holder_sees_the_addition_and_the_extension_that_waits(site: Site, person: Callable[..., Person]) -> None:
    holder = person("applicant", language="ko")
    holder.follow("My designations", within=".roles-nav")
    holder.reads("My requests about designations")
    holder.open_link("MSIT-")
    holder.reads("What you can ask for", "Requests about this designation")
    assert "규격추가" in holder.text and "같은 신청이 이미 처리 중입니다." in holder.text
    holder.follow("Certificate", within="main")
    holder.reads("Versions of the certificate")
    holder.page.go_back()
    holder.follow("Open", within="main table")
    holder.reads("The way of this request", "A coordinator takes it up.")
    holder.page.locator("summary", has_text=holder.words("Withdraw the request")).click()
    holder.press("Withdraw the request")
    holder.reads("The request is withdrawn.")
    holder.go("/applicant/designations")
    holder.open_link("MSIT-")
    holder.page.locator("main a", has_text=holder.words("Make the request")).first.click()
    holder.look()
    holder.fill(text="공공기관 열두 곳에 판매하였습니다.")
    holder.page.set_input_files("#evidence", [{"name": "판매실적.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n"}])
    holder.press("File the request")
    assert "판매실적.pdf" in holder.text
