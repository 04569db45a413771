"""A filed document is read on a page: by pages, with search, marked with its reader's name, by nobody it is not meant for."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.models.applications import DossierFile, DossierVersion
from app.models.matching import Seat
from app.models.people import Account
from app.models.readings import ReadingPage
from app.models.reviews import Sheet
from app.queries import documents
from app.stages import invitations, scoresheets
from app.stages.invitations import Declared
from tests import panels as worlds
from tests.documents import PAGES, file_again, pdf, reading
from tests.panels import World
from tests.people import enter, signed_in

SOURCE = pdf()
SHA = hashlib.sha256(SOURCE).hexdigest()
HIDDEN = b"%PDF-1.7 for coordinators only"
HIDDEN_SHA = hashlib.sha256(HIDDEN).hexdigest()


@dataclass
class Room:
    """A panel at work on a dossier with two files: a test report for the panel, one for coordinators only."""

    app: Any
    world: World
    sheet: str
    shown: str  # the id of the file that panellists see
    client: Any

    @property
    def url(self) -> str:
        return f"/panellist/sheets/{self.sheet}/files/{SHA}"


def person(app: Any, world: World, seat: Seat, language: str = "en") -> Any:
    account = world.session.query(Account).filter_by(person_id=seat.expert.person_id).one()
    client = enter(app, world.session, world.now, account)
    client.get(f"/?lang={language}")
    return client


@pytest.fixture
def room(app: Any, session: Session, now: datetime) -> Room:
    world = worlds.make(session, now, dossiers=2)
    application = world.applications[0]
    files = app.extensions["ppir"].files
    rows = []
    for slot, content, name in (("D07", SOURCE, "시험성적서.pdf"), ("D05", HIDDEN, "계약서.pdf")):
        stored = files.put(io.BytesIO(content), limit=1 << 20)
        row = DossierFile(application_id=application.id, slot=slot, sha256=stored.sha256, name=name, kind="pdf", size=stored.size)
        row.added_at = now
        session.add(row)
        session.flush()
        rows.append({"id": row.public_id, "slot": slot, "name": name, "sha256": row.sha256, "size": row.size, "kind": "pdf"})
        reading(session, row.sha256, now, pages=PAGES if slot == "D07" else ("비밀 계약",))
    file_again(session, application, rows, now)
    world.invite_all()
    world.start(world.panels[0])
    sheet = world.sheets(world.panels[0])[0]
    client = person(app, world, sheet.seat)
    scoresheets.open_sheet(session, sheet.public_id, actor=world.panellist(sheet.seat), now=now)
    key = sheet.public_id
    session.commit()
    return Room(app, world, key, str(rows[0]["id"]), client)


def test_the_text_is_there_by_pages_with_the_readers_mark_on_each(room: Room) -> None:
    page = room.client.get(f"{room.url}/read?lang=ko").text
    for n in (1, 2, 3):
        assert f'id="p{n}"' in page
    assert "연기 속에서 열화상 카메라로 사람을 찾는다" in page
    sheet = room.world.session.query(Sheet).filter_by(public_id=room.sheet).one()
    name = sheet.seat.expert.person.name
    assert page.count(f"대외비. {name}(") == 1 + len(PAGES)
    assert f'data-mark="{name} · ' in page
    assert "비밀 계약" not in page


def test_search_finds_words_across_spaces_and_leads_to_their_page(room: Room) -> None:
    page = room.client.get(f"{room.url}/read", query_string={"q": "열화상 카메라"}).text
    assert "“열화상 카메라” stands in 2 places." in page
    links = re.findall(r'<a href="([^"]+)" data-page="(\d)"', page)
    assert [n for _url, n in links] == ["2", "3"]
    assert all(url.endswith(f"#p{n}") for url, n in links)
    assert page.count("<mark>") == 4  # in the list and in the text
    assert "0 places" in room.client.get(f"{room.url}/read", query_string={"q": "없는 낱말"}).text


def test_what_is_searched_for_is_shown_as_text(room: Room) -> None:
    page = room.client.get(f"{room.url}/read", query_string={"q": '<script>"(.*'}).text
    assert "<script>&#34;" not in page and '<script>"' not in page
    assert "&lt;script&gt;" in page


def test_a_long_document_comes_in_portions_from_any_page(session: Session, now: datetime) -> None:
    reading(session, "a" * 64, now, pages=[f"쪽 {n}" for n in range(1, 101)])
    middle = documents.read(session, "a" * 64, at=50)
    assert (middle.first, middle.last, middle.n_pages) == (50, 89, 100)
    assert documents.read(session, "a" * 64, at=-3).first == 1
    assert documents.read(session, "a" * 64, at=10**6).first == 100
    found = documents.read(session, "a" * 64, query="쪽 100")
    assert [hit.number for hit in found.hits] == [100]


@pytest.mark.parametrize(("state", "words"), [("waiting", "The text is being read."), ("failed", "No text could be read")])
def test_a_file_without_text_says_so(room: Room, session: Session, state: str, words: str) -> None:
    from app.models.readings import Reading

    row = session.query(Reading).filter_by(sha256=SHA).one()
    row.state = state
    session.commit()
    assert words in room.client.get(f"{room.url}/read").text


def test_the_pane_gets_the_document_alone(room: Room) -> None:
    part = room.client.get(f"{room.url}/read", headers={"X-Fragment": "1"}).text
    assert "<html" not in part and 'id="p2"' in part
    assert f'data-pdf="{room.url}"' in part


def test_the_file_itself_is_only_handed_out_sandboxed(room: Room) -> None:
    answer = room.client.get(room.url)
    assert answer.data == SOURCE
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    part = room.client.get(room.url, headers={"Range": "bytes=0-8"})
    assert (part.status_code, part.data) == (206, SOURCE[:9])


def test_a_stranger_another_panellist_and_a_hidden_slot_get_nothing(room: Room) -> None:
    world, session = room.world, room.world.session
    stranger, _ = signed_in(room.app, session, world.now, "panellist")
    other = person(room.app, world, world.sheets(world.panels[0])[1].seat)
    elsewhere = person(room.app, world, world.panels[1].seats[0])
    applicant, _ = signed_in(room.app, session, world.now, "applicant")
    session.commit()
    for client in (stranger, other, elsewhere):
        assert client.get(f"{room.url}/read").status_code == 404
        assert client.get(room.url).status_code == 404
    assert room.client.get(room.url.replace(SHA, HIDDEN_SHA) + "/read").status_code == 404
    assert applicant.get(f"{room.url}/read").status_code == 403
    assert room.app.test_client().get(f"{room.url}/read").status_code == 302  # to sign in


def test_before_the_sheet_is_opened_and_after_a_conflict_there_is_nothing_to_read(room: Room) -> None:
    world, session = room.world, room.world.session
    unopened = world.sheets(world.panels[0])[1]
    url = f"/panellist/sheets/{unopened.public_id}/files/{SHA}/read"
    client = person(room.app, world, unopened.seat)
    assert client.get(url).status_code == 404
    seat = session.query(Sheet).filter_by(public_id=room.sheet).one().seat
    said = Declared(True, "other", "함께 일했다")
    invitations.recuse(
        session, seat.public_id, world.applications[0].public_id, said, actor=world.panellist(seat), now=world.now
    )
    session.commit()
    assert room.client.get(f"{room.url}/read").status_code == 404


def test_applicant_and_coordinator_read_what_was_filed_and_another_company_does_not(room: Room) -> None:
    world, session = room.world, room.world.session
    application = world.applications[0]
    key, call_key = application.public_id, world.call.public_id
    owner = session.query(Account).filter_by(id=world.applicant.account_id).one()
    applicant = enter(room.app, session, world.now, owner)
    official = enter(room.app, session, world.now, session.get_one(Account, world.coordinator.account_id))
    other, _ = signed_in(room.app, session, world.now, "applicant")
    session.commit()
    mine = f"/applicant/dossiers/{key}/files/{room.shown}/read"
    theirs = f"/coordinator/calls/{call_key}/eligibility/{key}/files/{room.shown}/read"
    for client, url in ((applicant, mine), (official, theirs)):
        page = client.get(url)
        assert page.status_code == 200 and "탐지율 97" in page.text
    assert f"files/{room.shown}/read" in official.get(theirs.rsplit("/files/", 1)[0]).text
    assert other.get(mine).status_code == 404


def test_who_opened_what_goes_to_the_log_without_a_name(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="ppir.opened"):
        room.client.get(f"{room.url}/read")
        room.client.get(f"{room.url}/read?q=드론")  # still the same reading
        room.client.get(room.url)
    lines = [json.loads(record.message) for record in caplog.records if record.name == "ppir.opened"]
    assert [(line["how"], line["sha256"], line["sheet_id"]) for line in lines] == [
        ("text", SHA, room.sheet),
        ("file", SHA, room.sheet),
    ]
    seat = room.world.session.query(Sheet).filter_by(public_id=room.sheet).one().seat
    assert {line["who"] for line in lines} == {room.world.panellist(seat).public_id}
    assert seat.expert.person.name not in caplog.text


# --- a blind call -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [True, False])
def test_a_blind_call_keeps_names_out_of_every_page_of_the_sheet(room: Room, session: Session, named: bool) -> None:
    """The applicant's preview shows the same; a file in which a name stands is shown as text alone."""
    application = room.world.applications[0]
    application.call.rules = {**application.call.rules, "blind": "all"}
    version = session.query(DossierVersion).filter_by(application_id=application.id, version=application.dossier_version).one()
    told = "한강 로보틱스의 이해관이 만든 드론"
    content = {**version.content, "narrative": {"summary": told}}
    files = [{**f, "name": f"한강로보틱스 {f['name']}"} for f in version.files]
    session.add(
        DossierVersion(
            application_id=application.id, version=version.version + 1, content=content, digest="2" * 64, filed=True, files=files,
            at=room.world.now,
        )
    )  # fmt: skip
    application.dossier_version = version.version + 1
    if named:
        row = session.query(ReadingPage).filter(ReadingPage.text.contains("탐지율")).one()
        row.text = f"{row.text}\n{told}"
    owner = session.get_one(Account, application.owner_id)
    session.commit()
    sheet = room.client.get(f"/panellist/sheets/{room.sheet}").text
    read = room.client.get(f"{room.url}/read", query_string={"q": "이해관"}).text
    applicant = enter(room.app, session, room.world.now, owner)
    preview = applicant.get(f"/applicant/dossiers/{application.public_id}/preview?lang=en").text
    seen = preview[preview.index("What panellists see") : preview.index("Files for coordinators only")]
    covered = "○○○의 ○○○이 만든 드론"
    for page in (sheet, seen):
        assert covered in page and "○○○ 시험성적서.pdf" in page
        assert "이해관" not in page and not re.search(r"한강\s*로보틱스", page)
    assert not re.search(r"한강\s*로보틱스", read) and "0 places" in read
    assert (covered in read) is named
    assert room.client.get(room.url).status_code == (403 if named else 200)
    assert ("data-pdf=" in read) is not named
    assert ("a name stands on page 3" in seen) is named
    page = applicant.get(f"/applicant/dossiers/{application.public_id}/files/{room.shown}/read").text
    assert (covered in page) is named and ("data-pdf=" in page) is not named


def test_a_call_that_is_not_blind_says_so(room: Room, session: Session) -> None:
    application = room.world.applications[0]
    applicant = enter(room.app, session, room.world.now, session.get_one(Account, application.owner_id))
    preview = applicant.get(f"/applicant/dossiers/{application.public_id}/preview?lang=en").text
    assert "This call is not blind" in preview and "한강로보틱스" in preview
