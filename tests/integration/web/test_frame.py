"""The frame around every page, as it leaves the real application."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.db import Database
from app.models.process import Setting


@pytest.mark.parametrize(("language", "title"), [("ko", "혁신제품 사전인증 심사"), ("en", "Innovative product precertification")])
def test_a_page_is_in_the_language_asked_for_and_remembers_it(client: Any, language: str, title: str) -> None:
    asked = client.get(f"/?lang={language}").text
    assert f'<html lang="{language}">' in asked
    assert title in asked
    assert f'<html lang="{language}">' in client.get("/").text


def test_the_language_switch_keeps_the_page_and_its_filter(client: Any) -> None:
    words = client.get("/?lang=ko&q=drone").text
    link = re.search(r'<a href="([^"]+)" lang="en"', words)
    assert link is not None
    assert set(re.split(r"[?]|&amp;", link[1])) == {"/", "q=drone", "lang=en"}


def test_the_first_thing_the_keyboard_reaches_skips_to_the_content(client: Any) -> None:
    words = client.get("/").text
    first = re.search(r'<body>\s*<a class="skip" href="#(\w+)"', words)
    assert first is not None
    assert f'<main id="{first[1]}"' in words


def test_a_page_outside_the_demonstration_claims_nothing_fictitious(client: Any) -> None:
    assert "Fictitious data" not in client.get("/?lang=en").text


def test_a_host_that_is_not_ours_gets_a_refusal_and_no_page(client: Any) -> None:
    answer = client.get("/", headers={"Host": "elsewhere.example.org"})
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert "elsewhere" not in answer.text


def test_every_page_of_a_demonstration_says_that_its_data_is_invented(database: Database, client: Any) -> None:
    with database.writer() as session:
        session.add(Setting(name="demo", value="yes"))
        session.commit()
    for path in ("/?lang=en", "/account/sign-in?lang=en", "/no-such-page?lang=en"):
        assert "Fictitious data" in client.get(path).text


def test_what_the_frame_loads_is_there_and_may_be_kept(client: Any) -> None:
    words = client.get("/").text
    loaded = re.findall(r'<(?:link|script)[^>]+(?:href|src)="([^"]+)"', words)
    assert len(loaded) >= 4
    for url in loaded:
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_no_page_carries_an_inline_style_or_an_inline_script(client: Any) -> None:
    for path in ("/", "/account/sign-in", "/no-such-page"):
        words = client.get(path).text
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=", words)
        assert not re.search(r"<script(?![^>]*\ssrc=)", words)
