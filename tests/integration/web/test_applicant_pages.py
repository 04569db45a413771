"""Applicants write, file and follow a dossier in the browser, in both languages; somebody else's does not exist for them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db import Database
from app.models.applications import Application, Decision, DossierVersion
from app.stages import eligibility, submission
from app.workflow import dossiers
from app.workflow.actors import Actor
from tests import dossiers as made
from tests.people import acting, post, signed_in

BOTH = pytest.mark.parametrize("language", ["ko", "en"])


@dataclass(frozen=True)
class Desk:
    """An applicant's browser and one application of theirs; what is stored is read in a session of its own."""

    client: Any
    actor: Actor
    key: str
    number: str
    database: Database

    @property
    def root(self) -> str:
        return f"/applicant/dossiers/{self.key}"

    def post(self, path: str, page: str = "", **sent: Any) -> Any:
        return post(self.client, self.root + path, self.root + page if page else None, **sent)

    def stored(self, read: Callable[[Session, Application], Any]) -> Any:
        with self.database.read() as session:
            return read(session, session.execute(select(Application).where(Application.public_id == self.key)).scalar_one())

    @property
    def base(self) -> str:
        return str(self.stored(lambda s, row: dossiers.latest(s, row).version))

    @property
    def status(self) -> str:
        return str(self.stored(lambda s, row: row.status))

    def section(self, key: str) -> Any:
        return self.stored(lambda s, row: dossiers.latest(s, row).content[key])

    def files(self) -> list[str]:
        return list(self.stored(lambda s, row: [f.public_id for f in dossiers.live_files(s, row)]))


def _desk(app: Any, database: Database, now: datetime, *, full: bool) -> Desk:
    with database.writer() as session:
        call = made.open_call(session, now)
        client, actor = signed_in(app, session, now, "applicant")
        if full:
            row = made.draft(session, call, actor, app.extensions["ppir"].files, now)
        else:
            row = submission.start(session, call.public_id, actor=actor, now=now)
        session.commit()
        return Desk(client, actor, row.public_id, row.filed_number, database)


@pytest.fixture
def empty(app: Any, database: Database, now: datetime) -> Desk:
    """With a draft that holds nothing yet."""
    return _desk(app, database, now, full=False)


@pytest.fixture
def full(app: Any, database: Database, now: datetime) -> Desk:
    """With a draft that could be filed."""
    return _desk(app, database, now, full=True)


@pytest.fixture
def filed(full: Desk) -> Desk:
    full.post("/submit", "/preview", base=full.base, pledged="yes")
    return full


@pytest.mark.parametrize(
    ("language", "words"), [("ko", ("아직 신청서류가 없습니다", "접수 중인 공고")), ("en", ("No dossiers yet", "Open calls"))]
)
def test_without_a_dossier_the_page_offers_the_open_calls(
    app: Any, session: Session, now: datetime, language: str, words: tuple[str, ...]
) -> None:
    made.open_call(session, now)
    client, _ = signed_in(app, session, now, "applicant")
    page = client.get(f"/applicant/?lang={language}").text
    assert all(text in page for text in words)
    assert "/applicant/new/2027-1" in page


@pytest.mark.parametrize(
    ("language", "words"),
    [("ko", ("작성 중", "개 남음", "2027년 1차 공고")), ("en", ("Fill in the dossier", "left", "First call of 2027"))],
)
def test_a_draft_stands_with_what_is_left_and_until_when(empty: Desk, language: str, words: tuple[str, ...]) -> None:
    page = empty.client.get(f"/applicant/?lang={language}").text
    assert empty.number in page
    assert all(text in page for text in words)


def test_starting_carries_the_answers_of_the_self_check_into_the_draft(
    app: Any, database: Database, session: Session, now: datetime
) -> None:
    made.open_call(session, now)
    client, _ = signed_in(app, session, now, "applicant")
    session.commit()
    asked = "/applicant/new/2027-1?rnd.ended_on=2024-03-31&product.trl=8&nonsense.place=x"
    assert 'name="nonsense.place"' not in client.get(asked).text
    sent = post(client, "/applicant/new/2027-1", asked, **{"rnd.ended_on": "2024-03-31", "product.trl": "8"})
    assert sent.status_code == 303
    with database.read() as reading:
        content = reading.execute(select(DossierVersion.content)).scalar_one()
    assert (content["rnd"]["ended_on"], content["product"]["trl"]) == ("2024-03-31", 8)


@BOTH
def test_every_step_of_the_form_is_one_page(empty: Desk, language: str) -> None:
    for section in ("company", "product", "rnd", "rights", "narrative", "classification", "people", "pilot_plan"):
        answer = empty.client.get(f"{empty.root}/write/{section}?lang={language}")
        assert answer.status_code == 200
        assert 'aria-current="step"' in answer.text
    assert empty.client.get(f"{empty.root}/write/nothing").status_code == 404


def test_saving_goes_on_to_the_next_step(empty: Desk) -> None:
    sent = empty.post("/write/classification", base=empty.base, field_1="F09", field_2="", keywords="드론, 구조")
    assert sent.status_code == 303
    assert sent.headers["Location"].endswith("/write/people")
    assert empty.section("classification")["keywords"] == ["드론", "구조"]


def test_a_row_left_empty_is_left_out(empty: Desk) -> None:
    rows = {"name": ["이발명", ""], "organisation": ["가상대학교", ""], "role": ["inventor", "researcher"]}
    sent = empty.post("/write/people", base=empty.base, **{f"interest.{column}": texts for column, texts in rows.items()})
    assert sent.status_code == 303
    (row,) = empty.section("people")["interest"]
    written = {name: text for name, text in row.items() if text}
    assert written == {"name": "이발명", "organisation": "가상대학교", "role": "inventor"}


def test_somebody_elses_dossier_does_not_exist(full: Desk, app: Any, session: Session, now: datetime) -> None:
    stranger, _ = signed_in(app, session, now, "applicant")
    session.commit()
    held = full.files()[0]
    for path in ("", "/write/company", "/files", "/preview", f"/files/{held}", "/result", "/withdraw"):
        assert stranger.get(full.root + path).status_code == 404, path
    assert post(stranger, f"{full.root}/withdraw", "/applicant/new/2027-1").status_code == 404
    assert full.number not in stranger.get("/applicant/").text
    assert full.status == "draft"


@BOTH
def test_a_file_is_added_downloaded_and_removed(empty: Desk, language: str) -> None:
    sent = empty.post("/files/D02", "/files", file=(io.BytesIO(made.PDF), "제품 설명서.pdf"))
    assert sent.status_code == 303
    assert "제품 설명서.pdf" in empty.client.get(f"{empty.root}/files?lang={language}").text
    held = empty.files()[0]
    got = empty.client.get(f"{empty.root}/files/{held}")
    assert got.data == made.PDF
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''%EC%A0%9C%ED%92%88" in got.headers["Content-Disposition"]
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert empty.post(f"/files/{held}/remove", "/files").status_code == 303
    assert empty.files() == []


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(b"", "empty.pdf", id="empty"),
        pytest.param(b"MZ program", "plan.pdf", id="program"),
        pytest.param(made.PDF, "plan.docx", id="other extension"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_beside_its_slot(empty: Desk, content: bytes, name: str) -> None:
    sent = empty.post("/files/D02", "/files", file=(io.BytesIO(content), name))
    assert sent.status_code == 422
    assert 'href="#D02"' in sent.text
    assert empty.files() == []


@pytest.mark.parametrize(
    ("language", "words"),
    [("ko", ("평가위원에게 공개되는 내용", "개 남았습니다")), ("en", ("What panellists see", "left before you can submit"))],
)
def test_the_preview_links_to_each_thing_that_is_missing(empty: Desk, language: str, words: tuple[str, ...]) -> None:
    page = empty.client.get(f"{empty.root}/preview?lang={language}").text
    assert all(text in page for text in words)
    assert "write/narrative?check=1#summary" in page
    assert "files#D02" in page
    assert 'name="pledged"' not in page


def test_the_preview_shows_what_panellists_read_and_nothing_else(full: Desk) -> None:
    page = full.client.get(f"{full.root}/preview").text
    assert "연기 속에서 사람을 찾는 드론" in page
    assert "380-81-00318" not in page  # the registration number is for coordinators only


def test_without_the_pledge_nothing_is_filed(full: Desk) -> None:
    sent = full.post("/submit", "/preview", base=full.base)
    assert sent.status_code == 422
    assert 'href="#pledged"' in sent.text
    assert full.status == "draft"


@BOTH
def test_submitting_gives_a_receipt_with_the_time_at_once(full: Desk, language: str) -> None:
    sent = full.post("/submit", "/preview", base=full.base, pledged="yes")
    assert sent.status_code == 303
    page = full.client.get(f"{sent.headers['Location']}?lang={language}").text
    assert "sha256sum" in page
    assert "10:00:00" in page  # 01:00 UTC, in Korea
    assert "D02.pdf" in page
    assert full.status == "submitted"


def test_a_filed_dossier_is_taken_back_before_closing(filed: Desk) -> None:
    assert filed.post("/take-back", "/withdraw").status_code == 303
    assert filed.status == "draft"
    assert filed.stored(lambda s, row: row.submitted_at) is None


@BOTH
def test_the_way_of_an_application_marks_where_it_stands(filed: Desk, language: str) -> None:
    page = filed.client.get(f"{filed.root}?lang={language}").text
    assert page.count('aria-current="step"') == 1
    assert ("요건심사" if language == "ko" else "Eligibility check") in page


def test_withdrawing_asks_once_more_and_ends_it(filed: Desk) -> None:
    assert filed.client.get(f"{filed.root}/withdraw").status_code == 200
    assert filed.post("/withdraw", reason="다음 공고에 신청").status_code == 303
    assert filed.status == "withdrawn"


def test_an_impossible_move_names_the_state_the_applicant_may_read(filed: Desk, session: Session) -> None:
    session.execute(update(Application).values(status="recommended"))
    session.commit()
    refused = filed.post("/take-back", "/withdraw")
    assert refused.status_code == 409
    assert "심의 준비" in refused.text
    assert "recommended" not in refused.text


def test_a_supplement_opens_only_what_was_asked_and_is_sent_once(app: Any, database: Database, now: datetime) -> None:
    with database.writer() as session:
        call = made.open_call(session, now - timedelta(days=20), days=19)
        client, actor = signed_in(app, session, now, "applicant")
        row = made.in_check(session, call, actor, app.extensions["ppir"].files, now - timedelta(days=10))
        eligibility.ask_supplement(
            session,
            row.public_id,
            items=["rnd.title", "D03"],
            reason="과제명을 확인해 주세요",
            actor=acting(session, now, "coordinator"),
            now=now,
        )
        session.commit()
        desk = Desk(client, actor, row.public_id, row.filed_number, database)
        session.commit()
    assert "과제명을 확인해 주세요" in client.get(f"{desk.root}?lang=en").text
    assert desk.post("/write/rnd", base=desk.base, title="고친 과제명", lead_institution="다른 기관").status_code == 303
    assert (desk.section("rnd")["title"], desk.section("rnd")["lead_institution"]) == ("고친 과제명", "가상로봇")
    assert desk.post("/files/D02", "/files", file=(io.BytesIO(made.PDF), "x.pdf")).status_code == 422
    assert desk.post("/supplement", "/preview").status_code == 303
    assert desk.status == "eligibility"
    assert desk.post("/supplement", "/withdraw").status_code == 409


def test_the_result_opens_with_the_decision_and_not_before(full: Desk, session: Session, now: datetime) -> None:
    assert full.client.get(f"{full.root}/result").status_code == 404
    row = session.execute(select(Application)).scalar_one()
    session.add(
        Decision(
            subject_kind="application",
            subject_id=row.id,
            move="not_recommended>rejected",
            outcome="rejected",
            text_ko="기준점에 미치지 못했습니다.",
            text_en="Below the pass mark.",
            by_id=full.actor.account_id,
            at=now,
        )
    )
    session.commit()
    assert "Below the pass mark." in full.client.get(f"{full.root}/result?lang=en").text
    assert "기준점에 미치지 못했습니다." in full.client.get(f"{full.root}/result?lang=ko").text
