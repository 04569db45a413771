"""The pages around filing: countdown, refusal to the second, receipt and bundle, an expired sign-in, reviving, dates."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db import Database
from app.errors import Invalid
from app.factory import create_app
from app.jobs import tasks
from app.models.applications import Application, DossierVersion
from app.models.calls import Call
from app.models.people import AuthSession
from app.models.process import JournalEntry, Promise
from app.stages import calls, eligibility, submission
from app.workflow import dossiers
from app.workflow.actors import Actor
from app.workflow.rules import Rules
from config import Config
from tests import dossiers as made
from tests.people import acting, post, signed_in


class Clock:
    """The server's clock, set by a test."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


@dataclass
class Desk:
    """An applicant at a browser with one dossier; what is stored is read in a session of its own."""

    app: Any
    clock: Clock
    client: Any
    actor: Actor
    key: str
    closes_at: datetime
    database: Database
    config: Config

    @property
    def root(self) -> str:
        return f"/applicant/dossiers/{self.key}"

    def get(self, path: str = "", language: str = "en") -> Any:
        return self.client.get(f"{self.root}{path}?lang={language}")

    def post(self, path: str, page: str, **sent: Any) -> Any:
        return post(self.client, self.root + path, self.root + page, **sent)

    def stored(self, read: Callable[[Session, Application], Any]) -> Any:
        with self.database.read() as session:
            return read(session, session.execute(select(Application).where(Application.public_id == self.key)).scalar_one())

    @property
    def base(self) -> str:
        return str(self.stored(lambda s, row: dossiers.latest(s, row).version))

    @property
    def status(self) -> str:
        return str(self.stored(lambda s, row: row.status))

    def submit(self) -> Any:
        return self.post("/submit", "/preview", base=self.base, pledged="yes")

    def work(self, *kinds: str) -> None:
        """What the workers do meanwhile."""
        for kind in kinds:
            with self.database.read() as session:
                owed = session.execute(select(Promise.id).where(Promise.kind == kind, Promise.state == "open")).scalars().all()
            for promise_id in owed:
                assert tasks.carry_out(self.config, self.database, promise_id)


def at_a_desk(
    config: Config, database: Database, now: datetime, rules: Rules | None = None, closes_in: timedelta = timedelta(hours=1)
) -> Desk:
    clock = Clock(now)
    app = create_app(config, now=clock)
    with database.writer() as session:
        call = made.open_call(session, now, rules=rules)
        client, actor = signed_in(app, session, now, "applicant")
        row = made.draft(session, call, actor, app.extensions["ppir"].files, now)
        call.closes_at = closes_at = now + closes_in
        key = row.public_id
        session.commit()
    return Desk(app, clock, client, actor, key, closes_at, database, config)


@pytest.fixture
def desk(config: Config, database: Database, now: datetime) -> Desk:
    return at_a_desk(config, database, now)


# --- the clock --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/write/company", "/files", "/preview", ""])
def test_every_page_of_a_draft_counts_down_by_the_servers_clock(
    config: Config, database: Database, now: datetime, path: str
) -> None:
    desk = at_a_desk(config, database, now, closes_in=timedelta(hours=26, seconds=5))
    page = desk.get(path).text
    assert "1 d 02:00:05 left" in page
    assert f'data-until="{int(desk.closes_at.timestamp() * 1000)}"' in page
    assert f'data-now="{int(desk.clock.moment.timestamp() * 1000)}"' in page
    assert "1일 02:00:05 남음" in desk.get(path, "ko").text


def test_a_countdown_that_slept_asks_the_server(desk: Desk) -> None:
    assert desk.app.test_client().get("/clock").get_json() == {"now": int(desk.clock.moment.timestamp() * 1000)}


def test_one_second_late_is_refused_with_both_times_and_nothing_is_lost(desk: Desk) -> None:
    base = desk.base
    desk.get("/preview")
    token = re.search(r'name="csrf_token" value="([^"]+)"', desk.get("/preview").text)
    assert token
    desk.clock.moment = desk.closes_at + timedelta(seconds=1)
    sent = desk.client.post(f"{desk.root}/submit?lang=en", data={"csrf_token": token[1], "base": base, "pledged": "yes"})
    assert sent.status_code == 409
    assert "11:00:00" in sent.text and "11:00:01" in sent.text
    assert desk.status == "draft"
    page = desk.get("/preview").text
    assert "Applications are closed" in page and 'name="pledged"' not in page


def test_within_the_grace_the_form_is_still_there(config: Config, database: Database, now: datetime) -> None:
    desk = at_a_desk(config, database, now, Rules(grace_seconds=60))
    desk.clock.moment = desk.closes_at + timedelta(seconds=60)
    assert 'name="pledged"' in desk.get("/preview").text
    assert desk.submit().status_code == 303


# --- the receipt ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "words"), [("en", "The filing stands."), ("ko", "접수는 이미 완료되었습니다.")])
def test_the_receipt_is_there_at_once_and_its_digest_when_the_bundle_is_made(desk: Desk, language: str, words: str) -> None:
    url = desk.submit().headers["Location"]
    assert words in desk.client.get(f"{url}?lang={language}").text
    assert desk.client.get(f"{url}/bundle").status_code == 404
    assert "data-refresh-done" not in desk.client.get(f"{url}/state").text
    desk.work("bundle", "receipt")
    assert "data-refresh-done" in desk.client.get(f"{url}/state").text
    bundle = desk.client.get(f"{url}/bundle")
    assert hashlib.sha256(bundle.data).hexdigest() in desk.client.get(f"{url}?lang={language}").text
    version = url.rpartition("/")[2]
    assert bundle.headers["Content-Disposition"] == f"attachment; filename=2027-1-D-0001-v{version}.zip"
    paper = desk.client.get(f"{url}/pdf")
    assert paper.data.startswith(b"%PDF-") and paper.mimetype == "application/pdf"
    assert desk.client.get(f"{url}/pdf").data == paper.data


def test_coordinators_and_auditors_read_the_bundle_and_nobody_else(desk: Desk, session: Session, now: datetime) -> None:
    version = desk.submit().headers["Location"].rpartition("/")[2]
    desk.work("bundle", "receipt")
    url = f"/auditor/filings/{desk.key}/{version}"
    for role in ("auditor", "coordinator"):
        client, _ = signed_in(desk.app, session, now, role)
        assert f"{url}/bundle" in client.get(f"/auditor/story/{desk.key}").text
        assert client.get(f"{url}/bundle").status_code == 200
        assert client.get(f"{url}/receipt").mimetype == "application/pdf"
        assert client.get(f"{url}/nothing").status_code == 404
    for role in ("panellist", "institution", "applicant"):
        client, _ = signed_in(desk.app, session, now, role)
        assert client.get(f"{url}/bundle").status_code == 403
        assert client.get(f"{desk.root}/receipt/{version}/bundle").status_code in (403, 404)


def test_two_windows_get_the_same_receipt(desk: Desk) -> None:
    base = desk.base
    first = desk.post("/submit", "/preview", base=base, pledged="yes")
    second = desk.post("/submit", "/files", base=base, pledged="yes")
    assert first.headers["Location"] == second.headers["Location"]
    with desk.database.read() as session:
        assert len(session.execute(select(DossierVersion).where(DossierVersion.filed)).scalars().all()) == 1


# --- an expired sign-in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", ["the sign-in", "the cookie"])
def test_a_sign_in_that_ended_on_the_last_step_leads_back_to_the_preview(desk: Desk, session: Session, lost: str) -> None:
    page = desk.get("/preview").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    base = desk.base
    if lost == "the sign-in":
        session.execute(update(AuthSession).values(ended_at=desk.clock.moment))
        session.commit()
    else:
        desk.client.delete_cookie("ppir")
    sent = desk.client.post(f"{desk.root}/submit", data={"csrf_token": token[1], "base": base, "pledged": "yes"})
    assert sent.status_code == 303
    assert sent.headers["Location"].startswith("/account/sign-in?next=")
    assert "Your sign-in had ended" in desk.client.get(f"{sent.headers['Location']}&lang=en").text
    assert desk.status == "draft"
    session.execute(update(AuthSession).values(ended_at=None))  # they sign in
    session.commit()
    desk.client = desk.app.test_client()
    with desk.client.session_transaction() as cookie:
        cookie["_user_id"] = f"secret of {desk.actor.public_id}"
    preview = desk.get("/preview").text
    assert 'name="pledged"' in preview and "checked" not in preview
    assert desk.submit().status_code == 303


def test_a_page_that_names_no_form_still_answers_401(desk: Desk) -> None:
    stranger = desk.app.test_client()
    assert post(stranger, f"{desk.root}/take-back", "/account/sign-in").status_code == 401


# --- withdrawing and reviving -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "words"), [("en", "Revive as a draft"), ("ko", "초안으로 복원")])
def test_a_withdrawn_dossier_comes_back_as_a_draft_with_everything_in_it(desk: Desk, language: str, words: str) -> None:
    desk.submit()
    assert desk.post("/withdraw", "/withdraw", reason="").status_code == 303
    assert words in desk.get("", language).text
    assert desk.client.get(f"/applicant/?lang={language}").text.count("D-0001") >= 1
    assert desk.post("/revive", "").headers["Location"].endswith("/preview")
    assert desk.status == "draft"
    assert desk.submit().status_code == 303
    actions = [e.action for e in _journal(desk)]
    assert actions[-4:] == ["application.submitted", "application.withdrawn", "application.draft", "application.submitted"]


def _journal(desk: Desk) -> list[JournalEntry]:
    with desk.database.read() as session:
        found = select(JournalEntry).where(JournalEntry.subject == desk.key).order_by(JournalEntry.id)
        return list(session.execute(found).scalars())


def test_after_closing_what_was_withdrawn_stays_withdrawn(desk: Desk) -> None:
    desk.submit()
    desk.post("/withdraw", "/withdraw", reason="")
    desk.clock.moment = desk.closes_at + timedelta(seconds=1)
    assert "Revive as a draft" not in desk.get().text
    assert desk.post("/revive", "/withdraw").status_code == 409
    assert desk.status == "withdrawn"


def test_a_call_may_say_that_nothing_comes_back(config: Config, database: Database, now: datetime) -> None:
    desk = at_a_desk(config, database, now, Rules(revive_until="never"))
    assert "cannot be undone" in desk.get("/withdraw").text
    desk.post("/withdraw", "/withdraw", reason="")
    assert "Revive as a draft" not in desk.get().text
    assert desk.post("/revive", "/withdraw").status_code == 409


# --- an extension is public -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_reason_of_an_extension_stands_on_the_page_of_the_call(desk: Desk, session: Session, language: str) -> None:
    call = session.execute(select(Call)).scalar_one()
    coordinator = acting(session, desk.clock.moment, "coordinator")
    later = desk.closes_at + timedelta(days=1)
    calls.extend(
        session, call.public_id, closes_at=later, reason="정전으로 연장", actor=coordinator, now=desk.clock.moment
    )
    session.commit()
    assert "정전으로 연장" in desk.app.test_client().get(f"/calls?lang={language}").text
    assert "정전으로 연장" in desk.client.get(f"/applicant/new/2027-1?lang={language}").text
    assert f'data-until="{int(later.timestamp() * 1000)}"' in desk.get().text


# --- the day on a document --------------------------------------------------------------------------------------------


def dated(desk: Desk, day: str) -> Any:
    desk.post("/files/D07", "/files", file=(io.BytesIO(made.PDF + b"D07"), "report.pdf"))
    held = desk.stored(lambda s, row: [f.public_id for f in dossiers.live_files(s, row) if f.slot == "D07"])
    return desk.post(f"/files/{held[0]}/date", "/files", issued_on=day)


def test_the_day_of_a_document_is_asked_for_and_filed_with_it(desk: Desk) -> None:
    assert dated(desk, "2026-11-02").status_code == 303
    assert 'value="2026-11-02"' in desk.get("/files").text
    desk.submit()
    filed = desk.stored(lambda s, row: dossiers.counting(s, row).files)
    assert [f.get("issued_on") for f in filed if f["slot"] == "D07"] == ["2026-11-02"]


@pytest.mark.parametrize("day", ["2026-11-24", "yesterday"])
def test_a_day_that_cannot_be_is_refused_beside_its_slot(desk: Desk, day: str) -> None:
    sent = dated(desk, day)
    assert sent.status_code == 422
    assert 'href="#D07"' in sent.text


def test_in_a_supplement_nothing_dated_after_closing_is_taken(
    config: Config, database: Database, now: datetime, session: Session
) -> None:
    """Only where the call judges by that date; and an answer after its own time is refused."""
    files = made.folder(config.data_dir)
    applicant, coordinator = acting(session, now, "applicant"), acting(session, now, "coordinator")
    judging = replace(Rules(), eligibility_on=(*Rules().eligibility_on, "E18"))
    for code, rules, refused in (("2027-1", judging, True), ("2027-2", Rules(), False)):
        call = made.open_call(session, now, code=code, rules=rules)
        row = made.in_check(session, call, applicant, files, now)
        after = call.closes_at + timedelta(days=3)
        eligibility.ask_supplement(
            session, row.public_id, items=["D07"], reason="성적서", actor=coordinator, now=after
        )
        held = submission.add_file(
            session, row.public_id, slot="D07", stream=io.BytesIO(made.PDF), name="r.pdf", files=files, actor=applicant, now=after
        )
        late = call.closes_at.date() + timedelta(days=1)
        if refused:
            with pytest.raises(Invalid) as told:
                submission.date_file(session, row.public_id, held.public_id, late, actor=applicant, now=after)
            assert told.value.code == "file.dated_after_closing"
        else:
            submission.date_file(session, row.public_id, held.public_id, late, actor=applicant, now=after)
