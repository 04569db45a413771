"""A sign-in that ended loses nothing that was sent, without a script too; and a page is told in time that it will end."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models.people import Account, AuthSession
from app.queries.people import IDLE
from app.stages import people, submission
from app.workflow import dossiers
from tests.dossiers import open_call
from tests.people import signed_in

BROWSER = {"Accept": "text/html,*/*", "Origin": "http://localhost"}
TEXT = "연기 속에서 사람을 찾는 드론을 만든 까닭을 여기에 길게 적었다."
PASSWORD = "the drone finds people"


def fields(page: str) -> dict[str, str]:
    main = page[page.index("<main") :]
    return {n: html.unescape(v) for n, v in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', main)}


@pytest.fixture
def ended(app: Any, session: Session, now: datetime) -> tuple[Any, str, str, dict[str, str]]:
    """Somebody whose sign-in ends while a section stands open: the client, its address, who it was, what is then sent."""
    client, actor = signed_in(app, session, now, "applicant", language="en")
    application = submission.start(session, open_call(session, now).public_id, actor=actor, now=now)
    account = session.get_one(Account, actor.account_id)
    account.password_hash = people._hasher.hash(PASSWORD)
    session.commit()
    address = f"/applicant/dossiers/{application.public_id}/write/narrative"
    page = client.get(f"{address}?lang=en").text
    sent = fields(page) | {"novelty": TEXT, "then": "stay"}
    session.execute(update(AuthSession).values(ended_at=now))
    mail = account.mail
    session.commit()
    return client, address, mail, sent


@pytest.mark.parametrize("lost", ["the sign-in", "the cookie"])
def test_what_was_sent_is_shown_again_after_signing_in_and_then_stored(
    ended: tuple[Any, str, str, dict[str, str]], session: Session, lost: str
) -> None:
    client, address, mail, sent = ended
    if lost == "the cookie":
        client.delete_cookie("ppir")
    asked = client.post(address, data=sent, headers=BROWSER)
    assert asked.status_code == 401 and "what you wrote is kept here" in asked.text
    form = fields(asked.text) | {"mail": mail, "password": "not this one"}
    again = client.post("/account/sign-in", data=form, headers=BROWSER)
    assert again.status_code == 422
    shown = client.post("/account/sign-in", data=fields(again.text) | {"mail": mail, "password": PASSWORD}, headers=BROWSER)
    assert shown.status_code == 200 and TEXT in shown.text
    assert f'action="{address}"' in shown.text and "novelty" not in written(session, address)
    assert client.post(address, data=fields(shown.text), headers=BROWSER).status_code == 303
    assert written(session, address)["novelty"] == TEXT


def test_no_other_site_has_its_words_kept(ended: tuple[Any, str, str, dict[str, str]]) -> None:
    client, address, _mail, sent = ended
    for origin in ("http://elsewhere.example", "null", ""):
        answer = client.post(address, data=sent, headers=BROWSER | {"Origin": origin})
        assert answer.status_code == 401 and "kept" not in fields(answer.text)
    client.delete_cookie("ppir")
    forged = {
        "csrf_token": fields(client.get("/account/sign-in").text)["csrf_token"],
        "kept": "forged",
        "mail": "x@y.zz",
        "password": "x",
    }
    answer = client.post("/account/sign-in", data=forged)
    assert answer.status_code == 422 and "kept" not in fields(answer.text)


def test_the_page_knows_how_long_the_sign_in_lasts_and_asking_is_no_sign_of_life(app: Any, session: Session, now: datetime) -> None:
    client, actor = signed_in(app, session, now, "applicant")
    row = session.execute(select(AuthSession).where(AuthSession.account_id == actor.account_id)).scalar_one()
    row.seen_at = now - IDLE + timedelta(minutes=4)
    session.commit()
    assert client.get("/account/left").json == {"left": 240}
    assert client.get("/account/left").json == {"left": 240}
    page = client.get("/applicant/").text  # opening a page is one
    assert f'data-sign-in-left="{int(IDLE.total_seconds())}"' in page
    row.seen_at, row.expires_at = now - IDLE + timedelta(minutes=4), now + timedelta(minutes=9)
    session.commit()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    stayed = client.post("/account/stay", data={"csrf_token": token[1]})
    assert stayed.json == {"left": 540}  # it ends when it must


def written(session: Session, address: str) -> dict[str, Any]:
    content = dossiers.latest(session, dossiers.find(session, address.split("/")[3])).content
    session.commit()
    return dict(content.get("narrative") or {})
