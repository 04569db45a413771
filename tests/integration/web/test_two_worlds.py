"""Two worlds that differ in one secret mark: whoever must not know it gets the same bytes from every page, paper and letter.

The crawl takes every GET route that a person's roles may open, with every id that stands in the database, and follows the
links with a query that the pages show. A new route is in it by being there.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Base, Database
from app.factory import create_app
from app.models.applications import Application
from app.models.calls import Call, Round
from app.models.matching import Conflict, Panel, Seat
from app.models.people import Account, AuthSession
from app.models.process import JournalEntry, Mail
from app.models.results import Result
from app.models.reviews import Sheet
from app.stages import calibration, deliberation, invitations, scoresheets
from app.stages.invitations import Declared
from app.stages.scoresheets import Entry
from app.web.access import PUBLIC, SIGNED_IN
from app.workflow.actors import SYSTEM
from config import Config
from tests import panels as worlds
from tests import people
from tests.panels import World, filled

SEATS = ("technology", "technology", "technology", "technology", "market")
OTHERS = ("applicant", "procurement", "institution", "committee", "auditor", "administrator")
NAMES = {"run_id": "match_run", "edition_id": "notice_edition"}  # where a route does not call a row by its table
POOLS: dict[str, tuple[str, ...]] = {
    "code": ("T-2026",),
    "kind": ("csv", "json", "receipt"),
    "language": ("ko", "en"),
    "number": ("1",),
    "section": ("narrative",),
    "sha256": ("0" * 64,),
    "version": ("1",),
    "year": ("2026",),
}
VARIES = re.compile(rb'(name="csrf_token" value="|name="csrf-token" content=")[^"]+')
LINK = re.compile(rb'href="(/[^"#]*\?[^"#]*)')


@dataclass
class Copy:
    """One of the two worlds: its pages, and the same people at work in it."""

    database: Database
    app: Any
    now: datetime
    language: str = "ko"

    def world(self, session: Session) -> World:
        call = session.scalars(select(Call)).one()
        found = World(
            session,
            self.now,
            call,
            session.scalars(select(Round)).one(),
            *(self.named(session, name) for name in ("담당 하나", "담당 둘", "신청 담당")),
        )
        found.applications = list(session.scalars(select(Application).order_by(Application.id)))
        found.panels = list(session.scalars(select(Panel).order_by(Panel.id)))
        return found

    def named(self, session: Session, name: str) -> Any:
        account = next(a for a in session.scalars(select(Account)) if a.person.name == name)
        return worlds.actor_of(session, account)

    def error_of_the_second(self) -> str:
        with self.database.read() as session:
            return session.scalars(select(Result.se).order_by(Result.id.desc())).first() or ""

    def client(self, account: str) -> Any:
        client = self.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = self.language
        if account:
            with client.session_transaction() as cookie:
                cookie["_user_id"], cookie["_fresh"] = f"secret of {account}", True
        return client

    def letters(self, mail: str) -> list[tuple[str, str, str]]:
        with self.database.read() as session:
            rows = session.scalars(select(Mail).where(Mail.recipient == mail).order_by(Mail.id))
            return [(row.template, row.subject, row.body) for row in rows]


@dataclass(frozen=True)
class Reader:
    account: str  # public id; empty: nobody signed in
    mail: str
    roles: frozenset[str]
    name: str


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Ids and tokens drawn in the same order are the same ones; the returned function begins the order again."""
    drawn = itertools.count()

    def bytes_of(n: int = 32) -> bytes:
        return hashlib.sha512(str(next(drawn)).encode()).digest()[:n]

    def again(start: int = 0) -> None:
        nonlocal drawn
        drawn = itertools.count(start)

    monkeypatch.setattr(secrets, "token_bytes", bytes_of)
    monkeypatch.setattr(secrets, "token_hex", lambda n=32: bytes_of(n).hex())
    monkeypatch.setattr(secrets, "token_urlsafe", lambda n=32: "always-the-same")
    return again


@pytest.fixture
def two(
    database: Database, config: Config, now: datetime, tmp_path: Path, steady: Callable[..., None]
) -> Iterator[tuple[Copy, Copy]]:
    """A panel of five on two dossiers, and everybody else who signs in here.

    One member declares a conflict with the first dossier; another was seated with one, to judge the second alone.
    One member has submitted the sheet of the first dossier; the author's is a draft, and their mark of C1.1 is 3 or 4.
    """
    with database.writer() as session:
        panel = {"seats": SEATS, "substitutes": ("market",), "panel_seats": 5, "quorum": 3}
        world = worlds.make(session, now, dossiers=2, batch=True, **panel, pass_mark="90.00", apply_if="always")
        seats = world.panels[0].seats
        session.add(Conflict(expert_id=seats[3].expert_id, application_id=world.applications[0].id, ground="co_work", hard=True,
                             nature="narrow_field", kind="recusal", status="upheld", raised_at=now,
                             evidence={"title": "함께 쓴 글", "person": "공저자", "year": 2025}))  # fmt: skip
        session.flush()
        world.invite_all()
        actor, letter = world.panellist(seats[4]), worlds.invitation_of(session, seats[4])
        first, second = (a.public_id for a in world.applications)
        invitations.accept(
            session, letter, {first: Declared(True, "kin"), second: Declared(False)}, actor=actor, now=now
        )
        invitations.pledge(session, letter, version="2026-1", actor=actor, now=now)
        world.start(world.panels[0])
        world.fill(sheet_of(world, seats[1], 0), 4)
        for role in OTHERS:
            people.account(session, now, role, name=f"다른 {role}")
        session.flush()
        for account in session.scalars(select(Account)):
            digest = hashlib.sha256(f"secret of {account.public_id}".encode()).hexdigest()
            ends = now.replace(year=now.year + 1)
            session.add(AuthSession(account_id=account.id, digest=digest, created_at=now, seen_at=now, expires_at=ends))
        session.commit()
    with database.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    copies = []
    for name, step in (("a", 3), ("b", 4)):
        path = tmp_path / f"{name}.sqlite"
        shutil.copy(database.url.removeprefix("sqlite:///"), path)
        here = replace(config, database_url=f"sqlite:///{path}")
        copy = Copy(Database(here.database_url), create_app(here, now=lambda: now), now)
        steady()
        with copy.database.write() as session:
            sheet = sheet_of(world := copy.world(session), world.panels[0].seats[0], 0)
            given = filled(sheet.version, 4)
            given = replace(given, entries=dict(given.entries) | {"C1.1": Entry(step, "같은 사유")})
            scoresheets.save(session, sheet.public_id, given, actor=world.panellist(sheet.seat), now=now)
        copies.append(copy)
    yield copies[0], copies[1]
    for copy in copies:
        copy.database.dispose()
        copy.app.extensions["ppir"].database.dispose()


def sheet_of(world: World, seat: Seat, application: int) -> Sheet:
    mine = (Sheet.seat_id == seat.id, Sheet.application_id == world.applications[application].id)
    return world.session.scalars(select(Sheet).where(*mine)).one()


def test_an_open_sheet_is_nobodys_but_its_authors(two: tuple[Copy, Copy]) -> None:
    """Not the panel's, the member's who has submitted already, the coordinator's nor the auditor's."""
    author, *rest = readers(two[0])
    n = compare(two, rest)
    assert n > 300
    assert differ(two, author)  # and they do differ


def test_after_the_panel_has_spoken_its_marks_are_known_to_those_who_may(
    two: tuple[Copy, Copy], steady: Callable[..., None]
) -> None:
    """The applicants, the public, other offices, a member with a conflict and the administrator go on knowing nothing.

    The secret mark has a part in how sure the run is of the other dossier too: its pages, pictures and minutes are drawn
    for the member with a conflict from a run without it.
    """
    for copy in two:
        steady()
        copy.language = "en"  # the other test reads in Korean
        with copy.database.write() as session:
            speak(copy.world(session))
    may = {"coordinator", "auditor"}
    _, member, *_ = everybody = readers(two[0])
    seated_with_one, conflicted = (next(r for r in everybody if r.name == name) for name in ("위원 1-3", "위원 1-4"))
    panel = {r.name for r in everybody if "panellist" in r.roles} - {seated_with_one.name, conflicted.name, "위원 1-5"}
    assert traces(two[0], conflicted) == traces(two[0], seated_with_one) == []
    assert two[0].error_of_the_second() != two[1].error_of_the_second()
    knowing = [r for r in everybody if r.roles & may or r.name in panel]
    n = compare(two, [r for r in everybody if r not in knowing])
    assert n > 100
    assert differ(two, member)
    assert differ(two, next(r for r in everybody if "coordinator" in r.roles))

    for copy in two:
        steady(10_000)
        with copy.database.write() as session:
            refuse(copy.world(session))
    applicant = next(r for r in everybody if r.name == "신청 담당")
    assert differ(two, applicant)  # the letter tells them their marks, and nobody else
    assert two[0].letters(applicant.mail) == two[1].letters(applicant.mail) != []
    compare(two, [conflicted, next(r for r in everybody if r.name == "다른 applicant"), everybody[-1]])


def speak(world: World) -> None:
    """The rest is submitted, computed, deliberated on and not recommended, in both worlds alike; marks on the second differ."""
    session, now = world.session, world.now
    for sheet in world.sheets(world.panels[0]):
        if sheet.status == "draft":
            actor = world.panellist(sheet.seat)
            scoresheets.lock(session, sheet.public_id, version=sheet.version, actor=actor, now=now)
        elif sheet.status == "empty":
            second = sheet.application_id == world.applications[1].id
            world.fill(sheet, (2, 4, 3, 5, 4)[sheet.seat.ordinal] if second else 4)
    calibration.calibrate_round(session, world.call.public_id, actor=SYSTEM, now=now)
    for application in world.applications:
        world.deliberate(application)


def refuse(world: World) -> None:
    """Two coordinators refuse the first dossier, and its letter goes out."""
    key = world.applications[0].public_id
    for actor in (world.coordinator, world.second):
        deliberation.reject(world.session, key, reason="기준 미달", actor=actor, now=world.now, base_url="http://localhost")


def readers(copy: Copy) -> list[Reader]:
    """Everybody with an account, the author first, and somebody without one."""
    with copy.database.read() as session:
        found = []
        for account in session.scalars(select(Account).order_by(Account.id)):
            roles = frozenset(worlds.actor_of(session, account).roles)
            found.append(Reader(account.public_id, account.mail, roles, account.person.name))
    found.sort(key=lambda r: (r.name != "위원 1-0", r.name != "위원 1-1"))
    return [*found, Reader("", "", frozenset(), "")]


def compare(two: tuple[Copy, Copy], those: list[Reader]) -> int:
    """Byte for byte; the number of pages that could be read."""
    read = 0
    for reader in those:
        first, second = (dict(pages(copy, reader)) for copy in two)
        assert first.keys() == second.keys(), reader.name
        wrong = [address for address in first if first[address] != second[address]]
        assert not wrong, (reader.name, reader.roles, wrong[:5])
        read += sum(answer[0] == 200 for answer in first.values())
        assert two[0].letters(reader.mail) == two[1].letters(reader.mail)
    return read


def traces(copy: Copy, reader: Reader) -> list[tuple[str, str]]:
    """Where a page names the first dossier: its title, number, id, or the sheets that judge it."""
    with copy.database.read() as session:
        first = session.scalars(select(Application).order_by(Application.id)).first()
        assert first is not None
        sheets = session.scalars(select(Sheet.public_id).where(Sheet.application_id == first.id)).all()
        words = [first.title, first.label, first.public_id, *sheets]
    found = pages(copy, reader)
    return [(address, w) for address, answer in found if answer[0] == 200 for w in words if w.encode() in answer[1]]


def differ(two: tuple[Copy, Copy], reader: Reader) -> bool:
    """Whether some page does; the first is enough."""
    return any(one != other for one, other in zip(pages(two[0], reader), pages(two[1], reader), strict=False))


def pages(copy: Copy, reader: Reader) -> Iterator[tuple[str, tuple[int, bytes, list[str]]]]:
    """Every address this reader's roles may open, with what it answers; then the links with a query on those pages."""
    client, linked, seen = copy.client(reader.account), set[str](), set[str]()
    for address in addresses(copy, reader):
        seen.add(address)
        answer = told(client, address)
        yield address, answer
        if answer[0] == 200:
            linked |= {unescape(link.decode()) for link in LINK.findall(answer[1])}
    for address in sorted(linked - seen):
        if "lang=" not in address and not address.startswith("/static"):
            yield address, told(client, address)


def told(client: Any, address: str) -> tuple[int, bytes, list[str]]:
    answer = client.get(address)
    headers = sorted(f"{k}: {v}" for k, v in answer.headers.items() if k not in ("Set-Cookie", "Date"))
    body = VARIES.sub(rb"\1", answer.data)
    assert answer.headers["Cache-Control"] == "no-store", address
    return answer.status_code, body, [h for h in headers if not h.startswith("Content-Length")]


def tables() -> dict[str, Any]:
    """Every table whose rows have an id that people may name."""
    return {name: table.c for name, table in Base.metadata.tables.items() if "public_id" in table.c}


def addresses(copy: Copy, reader: Reader) -> Iterator[str]:
    with copy.database.read() as session:
        rows = {table: session.scalars(select(c.public_id).order_by(c.id)).all() for table, c in tables().items()}
        entries = tuple(str(n) for n in session.scalars(select(JournalEntry.id).order_by(JournalEntry.id.desc()).limit(12)))
        subjects = tuple(session.scalars(select(JournalEntry.subject).distinct().order_by(JournalEntry.subject)))
    pools = POOLS | {f"{table}_id": tuple(ids) for table, ids in rows.items() if ids} | {"subject": subjects}
    pools |= {name: tuple(rows[table]) for name, table in NAMES.items() if rows.get(table)}
    for rule in sorted(copy.app.url_map.iter_rules(), key=lambda r: r.rule):
        if rule.endpoint == "static" or "GET" not in (rule.methods or ()):
            continue
        roles = copy.app.view_functions[rule.endpoint].ppir_roles
        if PUBLIC not in roles and not (reader.account and SIGNED_IN in roles) and not roles & reader.roles:
            continue
        names = sorted(rule.arguments)
        own = {"number": entries} if rule.rule.startswith("/auditor/journal") else {}
        for values in itertools.product(*((own | pools).get(name, ("nothing",)) for name in names)):
            with copy.app.test_request_context():
                address = copy.app.url_map.bind("").build(rule.endpoint, dict(zip(names, values, strict=True)))
            yield address
