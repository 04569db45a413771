"""A panellist, in Korean, reads a PDF beside the score sheet: searches a word, jumps to its page, and the sheet stays as it was."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app import clock
from app.files import Files
from app.models.matching import Seat
from app.models.people import Account
from app.models.reviews import Sheet
from tests.browser.conftest import Site
from tests.browser.person import Person
from tests.documents import PAGES, file_again, pdf, reading

pytestmark = pytest.mark.browser

NAME = "시험성적서.pdf"
COUNT = """(leaf, like) => {
  const canvas = leaf.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let n = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (like === 'ink' ? data[i] < 90 && data[i + 2] < 90 : data[i + 2] - data[i] > 8) n += 1;
  }
  return n;
}"""


def sheet_with_a_report(site: Site, mail: str) -> str:
    """A sheet nobody has begun, now this panellist's, with a PDF that has been read among the dossier's files."""
    with site.database.write() as session:
        now = clock.now(session)
        account = session.execute(select(Account).where(Account.mail == mail)).scalar_one()
        sheet = (
            session.execute(
                select(Sheet)
                .join(Seat, Seat.id == Sheet.seat_id)
                .where(Seat.status == "active", Sheet.status == "empty")
                .order_by(Sheet.id)
            )
            .scalars()
            .first()
        )
        assert sheet is not None
        account.person_id = sheet.seat.expert.person_id
        pages = (*PAGES, *(f"부록 {n}" for n in range(1, 10)))
        stored = Files(site.config.files_dir).put(io.BytesIO(pdf(pages)), limit=1 << 20)
        filed = {"id": "", "slot": "D07", "name": NAME, "sha256": stored.sha256, "size": stored.size, "kind": "pdf"}
        file_again(session, sheet.application, [filed], now)
        reading(session, stored.sha256, now, pages=pages)
        return sheet.public_id


def test_a_panellist_reads_beside_the_sheet(site: Site, person: Callable[..., Person]) -> None:
    sheet = sheet_with_a_report(site, "panellist@ppir.example")
    panellist = person("panellist", language="ko")
    panellist.go(f"/panellist/sheets/{sheet}")
    page = panellist.page
    start = page.get_by_role("button", name=panellist.words("Start the review"))
    if start.count():
        panellist.press("Start the review")
    note = page.locator("textarea[name=private]")
    note.fill("이어서 볼 것")
    page.get_by_role("link", name=panellist.words("Read") + f" {NAME}").click()

    leaves = page.locator("[data-leaves]")
    first = page.locator("[data-leaf='1'][data-ready]")
    first.wait_for()
    assert page.locator("[data-leaf]").count() == 12
    assert first.evaluate(COUNT, "ink") > 200  # Korean letters of a font that the file does not bring
    assert first.evaluate(COUNT, "blue") > 200  # and the reader's mark over them
    mark = page.locator("[data-document]").get_attribute("data-mark") or ""
    assert mark.startswith(page.locator(".person a, .person b").first.inner_text())
    left, right = page.locator("#pane-left").bounding_box(), page.locator("#pane-right").bounding_box()
    assert left and right and left["x"] + left["width"] <= right["x"]
    panellist.looked.clear()
    panellist.look()

    page.get_by_label(panellist.words("Search in the document")).fill("부록 7")
    page.keyboard.press("Enter")
    hit = page.locator("[data-hits] a")
    hit.wait_for()
    assert hit.inner_text() == "10쪽"
    hit.click()
    page.locator("[data-leaf='10'][data-ready]").wait_for()
    assert leaves.evaluate("e => e.scrollTop") > 1000
    assert page.locator("[data-told]").inner_text() == "10 / 12"
    assert note.input_value() == "이어서 볼 것"

    page.get_by_role("button", name=panellist.words("Text only")).click()
    page.get_by_label(panellist.words("Search in the document")).fill("열화상 카메라")
    page.keyboard.press("Enter")
    page.locator("[data-hits] a", has_text="3쪽").click()
    assert page.evaluate("document.activeElement.id") == "p3"
    assert page.locator("#p3 mark").inner_text().split() == ["열화상", "카메라"]
    panellist.looked.clear()
    panellist.look()

    second = page.locator(".scored").nth(1)
    second.locator("input[type=radio]").first.check()
    page.keyboard.press("q")
    assert page.locator("[data-quoted]").inner_text() == panellist.words("Select words in the text first")
    page.locator("#p3 mark").evaluate("e => getSelection().selectAllChildren(e)")
    page.keyboard.press("q")
    kept = second.locator("[data-quotes]")
    assert kept.locator("q").all_inner_texts() == ["열화상 카메라"]
    assert kept.locator("a").inner_text() == f"{NAME}, 3쪽"
    assert page.locator("[data-quotes]").nth(0).locator("q").count() == 0
    page.get_by_text(panellist.words("Saved")).first.wait_for()

    page.locator("#p2-name").evaluate("e => e.closest('section').focus()")
    panellist.tab_into(page.locator("#p2 [data-cite]").last)
    page.keyboard.press("Enter")
    assert kept.locator("q").all_inner_texts() == ["열화상 카메라", PAGES[1].split("\n")[1]]
    assert page.evaluate("document.activeElement.closest('#p2') !== null")  # reading goes on where the sentence stands
    kept.locator("a").first.focus()
    page.keyboard.press("Enter")
    page.locator("#p3:focus").wait_for()

    page.set_viewport_size({"width": 800, "height": 900})
    left, right = page.locator("#pane-left").bounding_box(), page.locator("#pane-right").bounding_box()
    assert left and right and right["y"] >= left["y"] + left["height"]
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("button", name=panellist.words("Close the document")).click()
    assert page.evaluate("document.activeElement.id") == "dossier"


def test_the_same_document_on_a_page_of_its_own(site: Site, person: Callable[..., Person]) -> None:
    sheet = sheet_with_a_report(site, "panellist@ppir.example")
    panellist = person("panellist", language="en")
    panellist.go(f"/panellist/sheets/{sheet}")
    if panellist.page.get_by_role("button", name="Start the review").count():
        panellist.press("Start the review")
    address = panellist.page.get_by_role("link", name=f"Read {NAME}").get_attribute("href")
    panellist.go(f"{address}?q=97#p3")
    panellist.page.locator("[data-leaf='3'][data-ready]").wait_for()
    assert panellist.page.locator("[data-hits] a").inner_text() == "page 3"
    assert panellist.page.locator("[data-told]").inner_text() == "3 / 12"
