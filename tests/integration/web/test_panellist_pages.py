"""What a panellist sees and can do: invitation, pledge, sheet beside the dossier, the panel's marks only when all are in."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pypdfium2
import pytest
from sqlalchemy.orm import Session

from app.models.matching import Seat
from app.models.people import Account
from app.models.reviews import Mark, Sheet
from app.stages import calibration, deliberation
from tests import panels as worlds
from tests.panels import RUBRIC, World, invitation_of
from tests.people import enter


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    world = worlds.make(session, now)
    world.invite_all()
    session.commit()
    return world


@pytest.fixture
def started(world: World) -> World:
    world.start(world.panels[0])
    world.session.commit()
    return world


def browser(app: Any, world: World, seat: Seat, language: str = "en") -> Any:
    account = world.session.query(Account).filter_by(person_id=seat.expert.person_id).one()
    client = enter(app, world.session, world.now, account)
    client.get(f"/?lang={language}")
    return client


def form_of(text: str) -> dict[str, str]:
    """The version a sheet's form carries."""
    found = re.search(r'name="version" value="(\d+)"', text)
    assert found
    return {"version": found[1]}


def complete(step: int = 4) -> dict[str, str]:
    marks = {f"mark.{code}": str(step) for code in RUBRIC.item_codes} | {f"gate.{code}": "1" for code in RUBRIC.gate_codes}
    return marks | {f"comment.{code}": "근거 확인" for code in RUBRIC.item_codes}


@pytest.mark.parametrize(("language", "words"), [("ko", "지금 맡은 평가가 없습니다"), ("en", "No reviews now")])
def test_an_empty_work_list_says_what_to_do(app: Any, world: World, language: str, words: str) -> None:
    page = browser(app, world, world.panels[0].seats[3], language).get("/panellist/")
    assert page.status_code == 200
    assert words in page.text


@pytest.mark.parametrize(("language", "words"), [("ko", "이해충돌이 있습니까?"), ("en", "Do you have a conflict of interest?")])
def test_before_the_pledge_only_the_summary_is_there(app: Any, world: World, language: str, words: str) -> None:
    seat = world.panels[0].seats[0]
    client = browser(app, world, seat, language)
    letter = invitation_of(world.session, seat)
    assert letter in client.get("/panellist/").text
    page = client.get(f"/panellist/invitations/{letter}").text
    assert words in page
    assert "요약 1" in page
    assert "이해관" in page
    assert "비밀본문" not in page


def test_opening_the_link_answers_nothing(app: Any, world: World) -> None:
    seat = world.panels[0].seats[0]
    browser(app, world, seat).get(f"/panellist/invitations/{invitation_of(world.session, seat)}")
    world.session.refresh(seat)
    assert seat.status == "invited"


def test_accepting_needs_an_answer_for_the_dossier_and_then_a_ticked_pledge(app: Any, world: World) -> None:
    seat, key = world.panels[0].seats[0], world.applications[0].public_id
    client, letter = browser(app, world, seat), invitation_of(world.session, seat)
    page = f"/panellist/invitations/{letter}"
    refused = world.send(client, f"{page}/accept", page)
    assert refused.status_code == 422
    assert "Say whether there is a conflict of interest." in refused.text
    assert world.send(client, f"{page}/accept", page, **{f"conflict.{key}": "no"}).status_code == 303
    unsigned = world.send(client, f"{page}/pledge", page, version="2026-1")
    assert unsigned.status_code == 422
    assert world.send(client, f"{page}/pledge", page, version="2026-1", agree="yes").status_code == 303
    world.session.refresh(seat)
    assert seat.status == "pledged"


def test_a_declared_conflict_closes_the_dossier_at_once(app: Any, world: World) -> None:
    seat, key = world.panels[0].seats[0], world.applications[0].public_id
    client, letter = browser(app, world, seat), invitation_of(world.session, seat)
    page = f"/panellist/invitations/{letter}"
    answer = {f"conflict.{key}": "yes", f"ground.{key}": "co_work", f"note.{key}": "공동 논문"}
    assert world.send(client, f"{page}/accept", page, **answer).status_code == 303
    assert "요약 1" not in client.get(page).text
    world.session.refresh(seat)
    assert seat.status == "replaced"


def test_declining_needs_a_reason(app: Any, world: World) -> None:
    seat = world.panels[0].seats[0]
    client, page = browser(app, world, seat), f"/panellist/invitations/{invitation_of(world.session, seat)}"
    assert world.send(client, f"{page}/decline", page).status_code == 422
    assert world.send(client, f"{page}/decline", page, reason="time").status_code == 303
    assert "You declined." in client.get(page).text


def test_somebody_elses_pages_do_not_exist(app: Any, started: World) -> None:
    mine, other = started.sheets(started.panels[0])[:2]
    client = browser(app, started, other.seat)
    letter = invitation_of(started.session, mine.seat)
    for url in (
        f"/panellist/sheets/{mine.public_id}",
        f"/panellist/invitations/{letter}",
        f"/panellist/sheets/{mine.public_id}/receipt",
        f"/panellist/conflicts/{mine.seat.public_id}/{mine.application.public_id}",
    ):
        assert client.get(url).status_code == 404, url


def test_the_dossier_opens_with_the_sheet_and_names_its_reader(app: Any, started: World) -> None:
    sheet = started.sheets(started.panels[0])[0]
    client, url = browser(app, started, sheet.seat), f"/panellist/sheets/{sheet.public_id}"
    before = client.get(url).text
    assert "비밀본문" not in before
    assert started.send(client, f"{url}/open", url).status_code == 303
    after = client.get(url).text
    assert "비밀본문 1" in after
    assert f"Shown to {sheet.seat.expert.person.name}" in after


@pytest.mark.parametrize(("language", "words"), [("ko", "평가표 접수증"), ("en", "Receipt of the score sheet")])
def test_from_the_first_mark_to_the_receipt(app: Any, started: World, language: str, words: str) -> None:
    sheet = started.sheets(started.panels[0])[0]
    client, url = browser(app, started, sheet.seat, language), f"/panellist/sheets/{sheet.public_id}"
    started.send(client, f"{url}/open", url)
    saved = started.send(client, f"{url}/save", url, **form_of(client.get(url).text), **{"mark.C1.1": "5", "then": "submit"})
    assert saved.headers["Location"].endswith("/submit")
    missing = client.get(f"{url}/submit").text
    assert missing.count("C1.1") and f"{url}/lock" not in missing
    assert "16" in missing  # 11 marks, 4 gates and the reason for the 5
    started.send(client, f"{url}/save", url, **form_of(client.get(url).text), **complete())
    page = client.get(f"{url}/submit").text
    assert "80.00" in page
    locked = started.send(client, f"{url}/lock", f"{url}/submit", **form_of(page))
    assert locked.headers["Location"].endswith("/receipt")
    receipt = client.get(f"{url}/receipt").text
    started.session.refresh(sheet)
    assert sheet.status == "locked"
    assert words in receipt
    assert sheet.receipt in receipt


def test_autosave_answers_with_the_servers_total(app: Any, started: World) -> None:
    sheet = started.sheets(started.panels[0])[0]
    client, url = browser(app, started, sheet.seat), f"/panellist/sheets/{sheet.public_id}"
    started.send(client, f"{url}/open", url)
    marks = {"mark.C1.1": "3", "mark.C2.3": "4"}
    told = started.send(client, f"{url}/autosave", url, **form_of(client.get(url).text), **marks).get_json()
    assert (told["points"], told["most"]) == ("10.00", 15)
    assert f'name="version" value="{told["version"]}"' in client.get(url).text


def test_an_older_tab_is_shown_what_differs_and_loses_nothing(app: Any, started: World) -> None:
    sheet = started.sheets(started.panels[0])[0]
    client, url = browser(app, started, sheet.seat), f"/panellist/sheets/{sheet.public_id}"
    started.send(client, f"{url}/open", url)
    older = form_of(client.get(url).text)
    started.send(client, f"{url}/save", url, **older, **{"mark.C1.1": "5", "comment.C1.1": "첫째 창"})
    late = started.send(client, f"{url}/save", url, **older, **{"mark.C1.1": "2", "comment.C1.1": "둘째 창"})
    assert late.status_code == 409
    assert "첫째 창" in late.text
    assert "둘째 창" in late.text
    assert started.session.query(Mark).filter_by(sheet_id=sheet.id).count() == 1


def test_reporting_a_conflict_later_takes_a_ground_and_voids_the_sheet(app: Any, started: World) -> None:
    sheet = started.sheets(started.panels[0])[0]
    client = browser(app, started, sheet.seat)
    url = f"/panellist/conflicts/{sheet.seat.public_id}/{sheet.application.public_id}"
    assert client.get(url).status_code == 200
    assert started.send(client, url).status_code == 422
    assert started.send(client, url, ground="kin").status_code == 303
    assert client.get(f"/panellist/sheets/{sheet.public_id}").status_code == 404
    started.session.expire_all()
    assert started.session.get_one(Sheet, sheet.id).status == "void"


def test_the_panels_marks_do_not_exist_before_every_sheet_is_in(app: Any, started: World) -> None:
    first, second, third = started.sheets(started.panels[0])
    url = f"/panellist/applications/{started.applications[0].public_id}"
    started.fill(first, 5)
    started.fill(second, 3)
    client = browser(app, started, first.seat)
    assert client.get(url).status_code == 404
    assert "60.00" not in client.get(f"/panellist/sheets/{first.public_id}").text
    started.fill(third, 4)
    started.session.commit()
    shown = client.get(url).text
    assert "60.00" in shown
    names = [s.expert.person.name for s in started.seated(started.panels[0], "active") if s.id != first.seat_id]
    assert not any(name in shown for name in names)


@pytest.mark.parametrize(("language", "words"), [("ko", "합의문"), ("en", "Consensus")])
def test_rapporteur_and_chair_bring_the_deliberation_to_its_end(app: Any, started: World, language: str, words: str) -> None:
    session, key, panel = started.session, started.applications[0].public_id, started.panels[0]
    for sheet in started.sheets(panel):
        started.fill(sheet, 4)
    calibration.calibrate_round(session, started.call.public_id, actor=started.coordinator, now=started.now)
    deliberation.convene(session, key, actor=started.coordinator, now=started.now)
    session.commit()
    seats = {s.duty: s for s in started.seated(panel, "active")}
    url = f"/panellist/applications/{key}"
    member = browser(app, started, seats["member"], language)
    shown = member.get(url).text
    assert words in shown and 'aria-labelledby="profile-title' in shown
    assert 'name="text.overall"' not in member.get(url).text
    rapporteur, chair = (browser(app, started, seats[duty], language) for duty in ("rapporteur", "chair"))
    assert started.send(chair, f"{url}/take-up", url).status_code == 303
    assert started.send(rapporteur, f"{url}/draft", url, **{"text.C1": "가" * 10_001}).status_code == 422
    held = {"If-None-Match": member.get(url).headers["ETag"]}
    assert member.get(url, headers=held).status_code == member.get(f"{url}?since=", headers=held).status_code == 304
    written = {"text.C1": "기술이 새롭다.", "text.overall": "합의한 의견", "seen.C1": "0"}
    assert started.send(rapporteur, f"{url}/draft", url, **written).status_code == 303
    assert started.send(chair, f"{url}/draft", url, **(written | {"text.C1": "다르게"})).status_code == 409
    saved = started.send(rapporteur, f"{url}/autosave", url, **{"text.C1": "기술이 매우 새롭다.", "seen.C1": "1"})
    assert saved.json["seen"] == {"C1": 2}
    before = quote((started.now - timedelta(seconds=1)).isoformat())
    told = member.get(f"{url}?since={before}", headers=held)
    assert told.status_code == 200 and told.text.count("data-key=") == 4  # taken up, two paragraphs, results
    assert "data-key=" not in member.get(f"{url}?since={quote(started.now.isoformat())}").text
    digest = re.search(r'name="digest" value="(\w+)"', member.get(url).text)
    assert digest
    assert started.send(chair, f"{url}/confirm", url, digest=digest[1]).status_code == 409
    assert started.send(member, f"{url}/answer", url, digest=digest[1], answer="object").status_code == 422
    assert started.send(member, f"{url}/answer", url, digest=digest[1], answer="object", reason="이견").status_code == 303
    for client in (rapporteur, chair):
        assert started.send(client, f"{url}/answer", url, digest=digest[1], answer="approve").status_code == 303
    agenda = chair.get("/panellist/agenda").text
    assert started.applications[0].label in agenda
    assert ("공고" not in agenda) or language == "ko"
    assert started.send(chair, f"{url}/votes", url, question="추천에 찬성하는가?", minutes="5").status_code == 303
    vote = re.search(rf"{key}/votes/(\w+)", member.get(url).text)
    assert vote
    assert started.send(member, f"{url}/votes/{vote[1]}", url, choice="abstain").status_code == 303
    assert started.send(chair, f"{url}/votes/{vote[1]}/close", url).status_code == 409
    for client in (rapporteur, chair):
        assert started.send(client, f"{url}/votes/{vote[1]}", url, choice="yes").status_code == 303
    assert started.send(chair, f"{url}/votes/{vote[1]}/close", url).status_code == 303
    assert started.send(chair, f"{url}/confirm", url, digest=digest[1]).status_code == 303
    assert started.send(chair, f"{url}/conclude", url).status_code == 303
    session.refresh(started.applications[0])
    assert started.applications[0].status == "recommended"
    assert chair.get("/panellist/").status_code == 200
    paper = member.get(f"{url}/minutes.{language}.pdf")
    page = pypdfium2.PdfDocument(paper.data)[0].get_textpage().get_text_bounded()
    assert all(f"{mean} / {most}" in page for mean, most in (("24.00", 30), ("16.00", 20)))  # beside the bars of the criteria
    assert paper.data == member.get(f"{url}/minutes.{language}.pdf").data


def test_applicants_have_no_way_in(app: Any, started: World) -> None:
    account = started.session.get_one(Account, started.applicant.account_id)
    client = enter(app, started.session, started.now, account)
    assert client.get("/panellist/").status_code == 403
    assert client.get(f"/panellist/applications/{started.applications[0].public_id}").status_code == 403
