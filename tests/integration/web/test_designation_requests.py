"""The pages of requests about designations: asked for by the holder, decided by two coordinators, read by anybody afterwards."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.files import Files
from app.models.designation_requests import DesignationRequest
from app.models.designations import Designation
from app.models.people import AuthSession
from app.stages import listing
from tests.after_panels import World, world
from tests.people import enter, post, signed_in
from tests.standing import ENTERED, ask, granted, near_the_end, under_review


@pytest.fixture
def here(session: Session, now: datetime) -> World:
    return world(session, now)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files")


def sit(app: Any, here: World, key: str) -> Any:
    app.extensions["ppir"].fixed_now = lambda: here.now
    return enter(app, here.session, here.now, here.accounts[key])


def only(app: Any, model: Any) -> Any:
    with app.extensions["ppir"].database.read() as session:
        return session.query(model).one()


def paper() -> tuple[BytesIO, str]:
    return BytesIO(b"%PDF-1.7\n"), "report.pdf"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ko", ("신청할 수 있는 사항", "연장 신청은 2029. 6. 9.(토)부터 받습니다.", "규격추가·변경", "지정서 이전")),
        ("en", ("What you can ask for", "An extension may be asked for from 2029-06-09.", "Specification addition or change")),
    ],
)
def test_the_holder_reads_what_can_be_asked_now_and_from_when(app: Any, here: World, language: str, words: tuple[str, ...]) -> None:
    own = here.designated().public_id
    page = sit(app, here, "applicant").get(f"/applicant/designations/{own}?lang={language}").text
    assert all(text in page for text in words)
    assert f"/applicant/designations/{own}/ask/change" in page and "/ask/extension" not in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ko", ("유효기간 연장", "1차 연장", "2030. 12. 6.(금)", "신청 진행 현황", "실적 자료입니다.")),
        ("en", ("Extension of the term", "First extension", "2030-12-06", "The way of this request", "실적 자료입니다.")),
    ],
)
def test_the_holder_files_an_extension_and_follows_it(app: Any, here: World, language: str, words: tuple[str, ...]) -> None:
    row = here.designated()
    own = row.public_id
    near_the_end(here, row)
    client = sit(app, here, "applicant")
    url = f"/applicant/designations/{own}/ask/extension"
    pages = client.get(f"{url}?lang={language}").text
    short = post(client, url, text="실적 자료입니다.")
    assert short.status_code == 422 and "실적 자료입니다." in short.text
    sent = post(client, url, text="실적 자료입니다.", evidence=paper())
    assert sent.status_code == 303
    pages += client.get(f"{sent.location}?lang={language}").text
    assert all(text in pages for text in words)
    assert "report.pdf" in pages
    evidence = pages.split(f"{sent.location}/files/")[1].split('"')[0]
    handed = client.get(f"{sent.location}/files/{evidence}")
    assert handed.data == b"%PDF-1.7\n" and "attachment" in handed.headers["Content-Disposition"]
    assert sent.location in client.get("/applicant/designations").text
    assert "/ask/extension" not in client.get(f"/applicant/designations/{own}").text
    assert post(client, f"{sent.location}/withdraw", sent.location).status_code == 303
    assert only(app, DesignationRequest).status == "withdrawn"


@pytest.mark.parametrize(
    ("language", "ends", "owed"),
    [
        ("ko", "지정 유효기간이 2029. 12. 6.(목)에 끝납니다", "처리할 지정 관련 신청 1건"),
        ("en", "The designation ends on 2029-12-06", "1 request about a designation to decide"),
    ],
)
def test_both_sides_are_told_what_they_owe_on_their_first_page(
    app: Any, here: World, files: Files, language: str, ends: str, owed: str
) -> None:
    row = here.designated()
    near_the_end(here, row, days=181)
    assert ends not in sit(app, here, "applicant").get(f"/applicant/?lang={language}").text
    near_the_end(here, row)
    here.session.query(AuthSession).delete()
    holder, desk = sit(app, here, "applicant"), sit(app, here, "coordinator")
    for page in ("/applicant/", "/applicant/designations"):
        assert ends in holder.get(f"{page}?lang={language}").text
    assert owed not in desk.get(f"/coordinator/?lang={language}").text
    ask(here, files, row, "extension")
    here.session.commit()
    assert ends not in holder.get(f"/applicant/?lang={language}").text
    assert owed in desk.get(f"/coordinator/?lang={language}").text


def test_nobody_elses_request_exists(app: Any, here: World, files: Files) -> None:
    row = here.designated()
    request = ask(here, files, row, "change").public_id
    own = row.public_id
    app.extensions["ppir"].fixed_now = lambda: here.now
    stranger, _ = signed_in(app, here.session, here.now, "applicant")
    for url in (f"/applicant/designation-requests/{request}", f"/applicant/designations/{own}/ask/transfer"):
        assert stranger.get(url).status_code == 404
    officer = sit(app, here, "officer")
    for url in ("/coordinator/designation-requests", f"/coordinator/designation-requests/{request}"):
        assert officer.get(url).status_code == 403
    assert sit(app, here, "applicant").get(f"/applicant/designations/{own}/ask/renewal").status_code == 404


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ko", ("처리할 신청이 없습니다", "지정기업이 나의 지정 제품 화면에서 신청하면")),
        ("en", ("No request is open", "Holders ask from the page of their designation")),
    ],
)
def test_an_empty_queue_says_where_requests_come_from(app: Any, here: World, language: str, words: tuple[str, ...]) -> None:
    page = sit(app, here, "coordinator").get(f"/coordinator/designation-requests?lang={language}").text
    assert all(text in page for text in words)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ko", ("변경 전후", "RD-1, RD-1S", "야간용 모델을 더합니다.", "처리 기한")),
        ("en", ("Former and new", "RD-1, RD-1S", "야간용 모델을 더합니다.", "Decide by")),
    ],
)
def test_a_coordinator_sees_former_and_new_side_by_side(
    app: Any, here: World, files: Files, language: str, words: tuple[str, ...]
) -> None:
    request = under_review(here, files, here.designated(), "change").public_id
    page = sit(app, here, "coordinator").get(f"/coordinator/designation-requests/{request}?lang={language}").text
    assert all(text in page for text in words)


def test_two_coordinators_approve_and_everybody_reads_the_change(app: Any, here: World, files: Files) -> None:
    row = here.designated()
    number, code, product = row.number, row.verify_id, row.public_id
    listing.publish(here.session, actor=here.coordinator, now=here.now)
    request = ask(here, files, row, "change").public_id
    url = f"/coordinator/designation-requests/{request}"
    first, second, holder = (sit(app, here, key) for key in ("coordinator", "second", "applicant"))
    assert request in first.get("/coordinator/designation-requests").text
    assert post(first, f"{url}/take-up", url).status_code == 303
    assert post(first, f"{url}/approve", url, text_ko=" ").status_code == 422
    assert post(first, f"{url}/approve", url, text_ko="시험으로 확인함.", text_en="Tested.").status_code == 303
    again = post(first, f"{url}/approve", url)
    assert again.status_code == 422 and only(app, DesignationRequest).status == "under_review"
    assert "Another coordinator confirms" in first.get(f"{url}?lang=en").text
    assert "시험으로 확인함." in second.get(url).text
    assert post(second, f"{url}/aside", url).status_code == 303
    assert post(second, f"{url}/approve", url, text_ko="시험으로 확인함.", text_en="Tested.").status_code == 303
    assert post(first, f"{url}/approve", url).status_code == 303
    assert only(app, DesignationRequest).status == "approved"
    assert only(app, Designation).product["models"] == ["RD-1", "RD-1S"]
    assert "Proposed by second, confirmed by coordinator" in first.get(f"{url}?lang=en").text
    assert "Tested." in holder.get(f"/applicant/designation-requests/{request}?lang=en").text
    certificate = holder.get(f"/applicant/designations/{product}/certificate?lang=en").text
    assert "Specification added" in certificate and "Versions of the certificate" in certificate
    anybody = app.test_client()
    for page in (f"/v/{code}?lang=en", f"/products/{product}?lang=en"):
        text = anybody.get(page).text
        assert "Specification added" in text and "Models: RD-1 → RD-1, RD-1S" in text and "First term" in text
    assert "규격추가" in anybody.get(f"/v/{code}?lang=ko").text
    history = anybody.get(f"/products/{product}.json").json["history"]
    assert history[-1]["changed"]["models"]["after"]["en"] == "RD-1, RD-1S"
    with app.extensions["ppir"].database.write() as session:
        edition = listing.publish(session, actor=here.coordinator, now=here.now).public_id
    shown = sit(app, here, "officer").get(f"/procurement/list/{edition}?lang=en").text
    assert number in shown and "Models: RD-1 → RD-1, RD-1S" in shown


def test_more_is_asked_for_and_the_holder_answers(app: Any, here: World, files: Files) -> None:
    request = under_review(here, files, here.designated(), "transfer").public_id
    url, own = f"/coordinator/designation-requests/{request}", f"/applicant/designation-requests/{request}"
    desk = sit(app, here, "coordinator")
    assert "No company is on file" in desk.get(f"{url}?lang=en").text
    assert post(desk, f"{url}/return", url, reason=" ").status_code == 422
    assert post(desk, f"{url}/return", url, reason="계약서 날인").status_code == 303
    client = sit(app, here, "applicant")
    page = client.get(f"{own}?lang=en").text
    assert "계약서 날인" in page and 'value="380-81-00318"' in page
    entered = ENTERED["transfer"] | {"text": "날인한 계약서를 붙입니다."}
    assert post(client, f"{own}/answer", own, **(entered | {"company": ""})).status_code == 422
    assert post(client, f"{own}/answer", own, **entered, evidence=(BytesIO(b"%PDF-1.7 2"), "signed.pdf")).status_code == 303
    assert "Answered, version 2" in client.get(f"{own}?lang=en").text
    assert "signed.pdf" in desk.get(url).text


def test_an_extended_term_is_what_the_public_verifies(app: Any, here: World, files: Files) -> None:
    row = here.designated()
    code = row.verify_id
    near_the_end(here, row)
    granted(here, files, row, "extension")
    here.session.commit()
    app.extensions["ppir"].fixed_now = lambda: here.now
    page = app.test_client().get(f"/v/{code}?lang=en").text
    assert "VALID until 2030-12-06" in page and "First extension" in page and "Last valid day: 2029-12-06 → 2030-12-06" in page
    assert "1차 연장" in app.test_client().get(f"/v/{code}?lang=ko").text


def test_a_first_designation_of_the_same_technology_is_recorded_from_the_page(app: Any, here: World, files: Files) -> None:
    row = here.designated()
    near_the_end(here, row)
    request = under_review(here, files, row, "extension").public_id
    url = f"/coordinator/designation-requests/{request}"
    refused = post(sit(app, here, "coordinator"), f"{url}/family", url, first_number="MSIT-1999-0001", reason="같은 기술")
    assert refused.status_code == 422 and 'value="MSIT-1999-0001"' in refused.text
