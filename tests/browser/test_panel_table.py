"""A panel at its table: five score, one lies far from the mean, one steps out, the rest agree, and the office reads why."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from app import clock
from app.db import Database
from app.factory import create_app
from app.jobs import tasks
from app.models.applications import Application
from app.models.people import Account, AuthSession, Organisation
from app.models.process import Promise
from app.models.reviews import Sheet
from config import Config
from tests import panels as worlds
from tests.browser.conftest import _Quiet
from tests.browser.person import Person

pytestmark = pytest.mark.browser
SEATS = ("technology", "technology", "technology", "technology", "market")
COMPANY = "은하수기계"
FILL = """([steps, reason]) => {
  for (const radio of document.querySelectorAll('form#sheet input[type=radio]'))
    if (radio.value === (radio.name.startsWith('gate.') ? '1' : String(steps))) radio.checked = true;
  for (const box of document.querySelectorAll('form#sheet textarea[name^="comment.C"]')) box.value = reason;
}"""


class Seated(Person):
    """Somebody in whose window every answer of the server can be kept, from some moment on."""

    bodies: list[tuple[str, bytes]]

    def watch(self) -> None:
        self.bodies = []
        self.context.route("**/*", self._keep)

    def _keep(self, route: Any) -> None:
        answer = route.fetch(max_redirects=0)
        self.bodies.append((route.request.url, answer.body()))
        route.fulfill(response=answer)


@dataclass
class Table:
    address: str
    config: Config
    database: Database
    app: Any
    call: str
    first: str
    second: str
    trace: tuple[str, ...]  # what the first dossier could be known by


@pytest.fixture
def at_table(config: Config, database: Database) -> Iterator[Table]:
    """Two dossiers before one panel of five; the second is scored already, all 3."""
    with database.writer() as session:
        now = clock.now(session)
        world = worlds.make(session, now, dossiers=2, batch=True, seats=SEATS, substitutes=(), panel_seats=5, quorum=4)
        first, second = world.applications
        first.organisation = Organisation(name=COMPANY, name_en="Milky Way Machines", key=COMPANY)
        world.invite_all()
        world.start(world.panels[0])
        for sheet in world.sheets(world.panels[0]):
            if sheet.application_id == second.id:
                world.fill(sheet, 3)
        for account in session.scalars(select(Account)):
            digest = hashlib.sha256(f"secret of {account.public_id}".encode()).hexdigest()
            ends = now + timedelta(days=1)
            session.add(AuthSession(account_id=account.id, digest=digest, created_at=now, seen_at=now, expires_at=ends))
        sheets = session.scalars(select(Sheet.public_id).where(Sheet.application_id == first.id))
        trace = (first.title, first.label, first.filed_number, first.public_id, COMPANY, "Milky Way", *sheets)
        found = world.call.public_id, first.public_id, second.public_id
        session.commit()
    app = create_app(config)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Table(f"http://127.0.0.1:{server.port}", config, database, app, *found, trace)
    server.shutdown()
    thread.join()
    app.extensions["ppir"].database.dispose()


@pytest.fixture
def seated(browser: Any, at_table: Table) -> Iterator[Callable[..., Seated]]:
    """A browser window in which the person of this name is signed in."""
    people: list[Seated] = []

    def enter(name: str, *, language: str = "ko") -> Seated:
        one = Seated(browser, at_table.address, language=language)
        people.append(one)
        with at_table.database.read() as session:
            account = next(a for a in session.scalars(select(Account)) if a.person.name == name)
            secret = {"_user_id": f"secret of {account.public_id}", "_fresh": True}
        signed = at_table.app.session_interface.get_signing_serializer(at_table.app).dumps(secret)
        one.context.add_cookies([{"name": "ppir", "value": signed, "url": at_table.address}])
        return one

    yield enter
    for one in people:
        one.leave()


def keep_promises(table: Table) -> int:
    """What a worker would do: compute the results again."""
    with table.database.read() as session:
        owed = session.scalars(select(Promise.id).where(Promise.kind == "calibrate", Promise.state == "open")).all()
    return sum(tasks.carry_out(table.config, table.database, promise) for promise in owed)


def sheet_of(table: Table, name: str) -> str:
    with table.database.read() as session:
        mine = select(Sheet).join(Application).where(Application.public_id == table.first, Sheet.status != "void")
        return next(s.public_id for s in session.scalars(mine) if s.seat.expert.person.name == name)


def duties(table: Table) -> dict[str, str]:
    with table.database.read() as session:
        sheets = session.scalars(select(Sheet)).all()
        return {s.seat.duty: s.seat.expert.person.name for s in sheets if s.seat.duty != "member"}


def score(table: Table, one: Seated, name: str, step: int) -> None:
    one.go(f"/panellist/sheets/{sheet_of(table, name)}")
    one.press("Start the review")
    one.page.evaluate(FILL, [step, "성적서 3쪽의 수치로 확인하였다."])
    one.press("Submit")
    one.press("Submit now")


def test_five_score_one_deviates_one_steps_out_and_the_rest_agree(at_table: Table, seated: Callable[..., Seated]) -> None:
    table, names = at_table, [f"위원 1-{k}" for k in range(5)]
    held = duties(table)
    people = {name: seated(name, language="en" if n == 4 else "ko") for n, name in enumerate(names)}
    members = [name for name in names if name not in held.values()]
    far, out = people[members[0]], people[members[1]]
    chair, rapporteur = people[held["chair"]], people[held["rapporteur"]]
    for name, one in people.items():
        score(table, one, name, 2 if one is far else 4)
    page = f"/panellist/applications/{table.first}"

    office = seated("담당 하나")
    office.go(f"/coordinator/calls/{table.call}/scoring")
    office.press("Compute the results")
    for application in (table.first, table.second):
        office.go(f"/coordinator/calls/{table.call}/results/{application}")
        office.press("To the panel's deliberation")

    chair.go("/panellist/agenda")
    chair.reads("To be talked about")
    assert chair.page.locator("main tbody tr").count() == 2
    assert table.trace[1] in chair.page.locator("main tbody tr").first.inner_text()  # furthest apart comes first
    chair.page.clock.install()
    chair.go(page)
    assert chair.words("Marks far from the mean are discussed") in chair.text
    chair.press("Take up")
    chair.page.get_by_text(chair.words("Put a question to the vote")).first.click()
    chair.page.locator("#question").fill("추천에 찬성하는가?")

    out.go(page)
    out.follow("Report a conflict")
    out.page.locator("main [name=ground]").select_option("kin")
    out.watch()
    out.press("Step out of this dossier")
    look_around(table, out)

    far.go(page)
    far.page.get_by_text(far.words("Revise my marks")).first.click()
    far.page.locator("main [name='mark.C1.1']").select_option("3")
    far.page.locator("main form[action$=revise] [name=reason]").fill("시험성적서를 다시 확인하였다.")
    far.press("Record the revised marks")
    assert keep_promises(table) == 2  # a sheet fell away, and one was revised
    chair.page.clock.fast_forward(11_000)  # the chair's page asks by itself, and keeps what stands in a form
    chair.page.locator("#news li", has_text=chair.words("%(alias)s revised marks").partition(" ")[2]).wait_for()
    assert chair.page.locator("main s").count() == 1
    assert chair.page.locator("#question").input_value() == "추천에 찬성하는가?"
    far.go(page)
    assert far.page.locator("main s").count() == 1  # 2 struck out beside the 3

    rapporteur.go(page)
    for topic, text in {"C1": "기술이 새롭다.", "overall": "합의한 종합의견", "alarms": "한 위원이 성적서를 다시 보았다."}.items():
        rapporteur.page.locator(f"main [name='text.{topic}']").fill(text)
    saved = rapporteur.page.locator("[data-save-state]")
    saved.get_by_text(rapporteur.words("Saved")).wait_for()
    rapporteur.page.wait_for_function("document.querySelector('[name=\"seen.alarms\"]').value === '1'")
    rapporteur.press("Save the text")
    for one in (rapporteur, chair, far, *(people[name] for name in members[2:])):
        one.go(page)
        one.page.locator(f"main input[name=answer][value={'object' if one is far else 'approve'}]").check()
        one.page.locator("#answer-reason").fill("시장 규모의 근거가 약하다." if one is far else "")
        one.press("Record my answer")
    chair.go(page)
    chair.press("Confirm the saved text")
    chair.press("Conclude: recommended")

    office.go(f"/coordinator/calls/{table.call}/results/{table.first}")
    assert office.page.locator("main .badge", has_text=office.words("Recommended")).count() >= 1
    for fact in ("70.50", "합의한 종합의견", "시장 규모의 근거가 약하다.", "시험성적서를 다시 확인하였다."):
        assert fact in office.text, fact
    explained = next(t for t in office.page.locator("main p .num").all_inner_texts() if "÷" in t)
    assert sorted(explained) == sorted("(80.00 + 80.00 + 80.00 + 42.00) ÷ 4 = 70.50")  # in whatever order of aliases
    with office.page.expect_download() as paper:
        office.page.locator("main a[href*='minutes.ko.pdf']").click()
    assert paper.value.path().read_bytes().startswith(b"%PDF")
    office.follow("Who decided what", within="main")
    office.reads("Decisions")
    assert "70.50" in office.text
    look_around(table, out)


def look_around(table: Table, out: Seated) -> None:
    """Every page that is still theirs; nothing that came back names the dossier, its company or its marks."""
    for path in ("/panellist/", "/panellist/agenda", f"/panellist/applications/{table.second}"):
        out.go(path)
    links = out.page.locator("a[href^='/panellist/']").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    out.go("/panellist/")
    links += out.page.locator("main a[href^='/panellist/']").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    for link in sorted({link for link in links if "lang=" not in link}):
        out.go(link)
    assert out.context.request.get(f"{table.address}/panellist/applications/{table.first}").status == 404
    marks = ("72.00", "70.50", "80.00", "40.00", "42.00")
    for address, body in out.bodies:
        assert not [word for word in (*table.trace, *marks) if word.encode() in body], address
    assert len(out.bodies) > 8
