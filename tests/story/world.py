"""Where the story happens: one empty installation, one clock that the story moves, a post office, and workers on demand."""

from __future__ import annotations

import email
import email.policy
import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import outbox
from app.db import Database
from app.jobs import matching, tasks
from app.models.people import Account, AccountRole, Organisation, Person
from app.models.process import Promise
from app.stages.people import password_hash
from config import Config
from reviewers.lexical import LexicalEncoder
from tests.story.visitor import Visitor

PASSWORD = "a sentence nobody else would think of"


class Words:
    """Both languages by their words alone: the story needs no language model."""

    def __init__(self) -> None:
        self.english = self.multilingual = LexicalEncoder()


class World:
    def __init__(self, app: Any, config: Config, database: Database, now: datetime, language: str) -> None:
        self.app, self.config, self.database, self.now, self.language = app, config, database, now, language
        self.secret = password_hash(PASSWORD)  # computed once: argon2 is slow on purpose

    # --- time ----------------------------------------------------------------------------------------------------------

    def pass_time(self, **by: float) -> None:
        """Time goes by, and the workers do what falls due."""
        self.now += timedelta(**by)
        self.work()

    def work(self) -> None:
        """What the workers would do now, until nothing is owed."""
        for _ in range(20):
            with self.database.read() as session:
                owed = [promise.id for promise in outbox.due(session, self.now, limit=1000)]
            if not owed:
                return
            for promise_id in owed:
                tasks.carry_out(self.config, self.database, promise_id)
        with self.database.read() as session:
            left = session.execute(select(Promise.kind, Promise.last_error).where(Promise.state == "open")).all()
        raise AssertionError(f"the workers do not come to an end: {left}")

    # --- people --------------------------------------------------------------------------------------------------------

    def staff(self, role: str, name: str, *, organisation: str = "") -> Visitor:
        """Somebody who has been at work for long: their account exists; they sign in as everybody does."""
        mail = f"{role}-{len(name)}-{abs(hash(name)) % 10_000}@ministry.example"
        with self.database.write() as session:
            person = Person(name=name)
            session.add(person)
            session.flush()
            account = Account(person_id=person.id, mail=mail, password_hash=self.secret, language=self.language, status="active",
                              created_at=self.now, password_at=self.now)  # fmt: skip
            session.add(account)
            owner = None
            if organisation:
                owner = Organisation(name=organisation, key=organisation.casefold())
                session.add(owner)
            session.flush()
            session.add(
                AccountRole(account_id=account.id, role=role, organisation_id=owner.id if owner else None, given_at=self.now)
            )
        return self.sign_in(mail)

    def visitor(self) -> Visitor:
        return Visitor(self.app, self.language)

    def sign_in(self, mail: str) -> Visitor:
        visitor = self.visitor()
        visitor.open("/")
        visitor.follow("Sign in")
        visitor.sign_in(mail, PASSWORD)
        return visitor

    def come_by_letter(self, mail: str, subject: str) -> Visitor:
        """Somebody who follows the link of a letter, chooses a password and signs in with it."""
        visitor = self.visitor()
        visitor.open(link(self.letter(mail, subject)))
        visitor.sees(mail)
        visitor.fill("New password", PASSWORD)
        visitor.fill("New password again", PASSWORD)
        visitor.press("Set the password")
        return self.sign_in(mail)

    # --- letters -------------------------------------------------------------------------------------------------------

    def letters(self, mail: str) -> list[tuple[str, str]]:
        """(subject, text) of every letter that has reached this address, the oldest first."""
        found = []
        for path in sorted(self.config.mail_dir.glob("*.eml"), key=lambda p: p.stat().st_mtime_ns):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if message["To"] == mail:
                found.append((message["Subject"], message.get_body().get_content()))
        return found

    def letter(self, mail: str, subject: str) -> str:
        """The newest letter to somebody whose subject holds these words."""
        found = [text for said, text in self.letters(mail) if subject in said]
        assert found, f"no letter {subject!r} to {mail}: {[said for said, _ in self.letters(mail)]}"
        return found[-1]


def link(letter: str) -> str:
    found = re.search(r"https?://\S+", letter)
    assert found, letter
    return found[0]


def pool(topics: list[tuple[str, str]], language: str) -> bytes:
    """A file of experts as a ministry would bring it: one for each topic, with mail addresses and works."""
    lines = []
    for n, (title, abstract) in enumerate(topics, 1):
        works = [{"title": f"{title} {part}", "abstract": abstract, "year": 2020 + part} for part in (1, 2, 3)]
        line = {"expert_id": f"E{n}", "name": f"{'위원' if language == 'ko' else 'Expert'} {n}", "organisation": f"University {n}"}
        lines.append(line | {"mail": f"expert{n}@university.example", "language": language, "fields": ["F09"], "works": works})
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


@pytest.fixture(params=["ko", "en"])
def world(
    request: pytest.FixtureRequest, config: Config, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> World:
    from app.factory import create_app

    made: list[World] = []
    app = create_app(config, now=lambda: made[0].now)
    made.append(World(app, config, database, now, request.param))
    monkeypatch.setattr("app.clock.now", lambda session=None: made[0].now)  # the workers look at the same clock
    monkeypatch.setattr(matching, "encoders", lambda config: Words())
    return made[0]
