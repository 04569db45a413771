"""Coordinators invite, start panels, follow scoring, and act on results that explain themselves."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.models.people import Account
from tests import panels as worlds
from tests.panels import World
from tests.people import enter


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return worlds.make(session, now, dossiers=2)


def as_coordinator(app: Any, world: World, second: bool = False, language: str = "en") -> Any:
    actor = world.second if second else world.coordinator
    client = enter(app, world.session, world.now, world.session.get_one(Account, actor.account_id))
    client.get(f"/?lang={language}")
    return client


def url(world: World, page: str) -> str:
    return f"/coordinator/calls/{world.call.public_id}/{page}"


def scored(world: World, steps: tuple[int, int] = (4, 3)) -> None:
    """Each panel gives its step everywhere; all sheets are in."""
    world.invite_all()
    for panel, step in zip(world.panels, steps, strict=True):
        world.start(panel)
        for sheet in world.sheets(panel):
            world.fill(sheet, step)
    world.session.commit()


@pytest.mark.parametrize(("language", "words"), [("ko", "평가위원회"), ("en", "Panels")])
def test_inviting_answering_and_starting_on_the_panels_page(app: Any, world: World, language: str, words: str) -> None:
    client, page = as_coordinator(app, world, language=language), url(world, "panels")
    assert words in client.get(page).text
    assert world.send(client, f"{page}/invite", page).status_code == 303
    world.session.expire_all()
    assert {s.status for s in world.panels[0].seats} == {"invited", "candidate"}
    for seat in world.seated(world.panels[0], "invited"):
        world.answer(seat)
    world.session.commit()
    assert world.send(client, f"{page}/start", page).status_code == 303
    world.session.expire_all()
    assert [a.status for a in world.applications] == ["in_review", "eligible"]
    assert client.get(f"{page}/{world.panels[0].public_id}").status_code == 200


def test_who_accepted_and_has_not_sworn_is_shown_with_the_last_day_and_then_as_gone(app: Any, world: World, now: datetime) -> None:
    from app.models.reviews import Invitation
    from app.stages import invitations

    world.invite_all()
    seat, letter = world.panels[0].seats[0], worlds.invitation_of(world.session, world.panels[0].seats[0])
    said = {world.applications[0].public_id: invitations.Declared(False)}
    invitations.accept(world.session, letter, said, actor=world.panellist(seat), now=now)
    world.session.commit()
    client, page = as_coordinator(app, world), url(world, f"panels/{world.panels[0].public_id}")
    assert "sign by 2026-11-26 24:00 KST" in client.get(page).text
    assert world.send(client, f"{page}/letters/{letter}", page).status_code == 303
    row = world.session.query(Invitation).filter_by(public_id=letter).one()
    invitations.lapse(world.session, letter, now=row.pledge_by, base_url="")
    world.session.commit()
    assert "accepted, but did not sign the pledge in time" in client.get(page).text


def test_duties_are_given_on_the_panels_page(app: Any, world: World) -> None:
    world.invite_all()
    world.start(world.panels[0])
    world.session.commit()
    client, member = as_coordinator(app, world), world.panels[0].seats[2]
    page = url(world, f"panels/{world.panels[0].public_id}")
    assert world.send(client, f"{page}/seats/{member.public_id}/duty", page, duty="chair").status_code == 303
    world.session.expire_all()
    assert [s.duty for s in world.seated(world.panels[0], "active")] == ["member", "rapporteur", "chair"]


@pytest.mark.parametrize(("page", "words"), [("scoring", "No score sheet yet."), ("results", "No results yet.")])
def test_an_empty_page_says_what_to_do_next(app: Any, world: World, page: str, words: str) -> None:
    assert words in as_coordinator(app, world).get(url(world, page)).text


def test_a_sheet_is_reopened_with_a_reason(app: Any, world: World) -> None:
    scored(world)
    client, page = as_coordinator(app, world), url(world, "scoring")
    sheet = world.sheets(world.panels[0])[0]
    assert world.send(client, f"{page}/sheets/{sheet.public_id}/reopen", page, reason="").status_code == 409
    assert world.send(client, f"{page}/sheets/{sheet.public_id}/reopen", page, reason="첨부 확인").status_code == 303
    world.session.refresh(sheet)
    assert sheet.status == "reopened"
    assert world.send(client, f"{page}/remind", page).status_code == 303


@pytest.mark.parametrize(
    ("language", "words"), [("ko", "총점 60.00점이 합격 기준점 70.00점에"), ("en", "total 60.00 below the pass mark 70.00")]
)
def test_results_explain_themselves(app: Any, world: World, language: str, words: str) -> None:
    scored(world)
    client = as_coordinator(app, world, language=language)
    assert world.send(client, url(world, "scoring/calibrate"), url(world, "scoring")).status_code == 303
    ranking = client.get(url(world, "results")).text
    assert ranking.index("A-101") < ranking.rindex("A-102")
    assert "<svg" in ranking
    result = client.get(url(world, f"results/{world.applications[1].public_id}")).text
    assert "(60.00 + 60.00 + 60.00) ÷ 3" in result
    assert "ppir-default@1" in result
    assert words in result


def test_the_score_table_leaves_as_csv_and_json(app: Any, world: World) -> None:
    scored(world)
    client = as_coordinator(app, world)
    world.send(client, url(world, "scoring/calibrate"), url(world, "scoring"))
    text = client.get(url(world, "results/score-table.csv")).data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [list(row.values())[1] for row in rows] == ["A-101", "A-102"]
    assert client.get(url(world, "results/score-table.json")).status_code == 200
    assert client.get(url(world, "results/score-table.exe")).status_code == 404


def test_a_refusal_waits_for_the_second_coordinator(app: Any, world: World) -> None:
    from tests.integration.stages.test_results import calibrate, deliberate

    scored(world)
    calibrate(world)
    deliberate(world, 1)
    world.session.commit()
    first, page = as_coordinator(app, world), url(world, f"results/{world.applications[1].public_id}")
    assert world.send(first, f"{page}/reject", page, reason="합격 기준점 미달").status_code == 303
    assert "Confirm the refusal" not in first.get(page).text
    second = as_coordinator(app, world, second=True)
    assert "합격 기준점 미달" in second.get(page).text
    assert world.send(second, f"{page}/reject", page).status_code == 303
    world.session.refresh(world.applications[1])
    assert world.applications[1].status == "rejected"


def test_recommended_dossiers_are_counted_and_go_to_the_fitness_review_together(app: Any, world: World) -> None:
    from tests.integration.stages.test_results import calibrate, deliberate

    scored(world, steps=(4, 4))
    calibrate(world)
    deliberate(world, 0)
    world.session.commit()
    client, page = as_coordinator(app, world), url(world, "results/fitness")
    assert "No dossier is chosen" in client.get(page).text
    assert "1 dossier is chosen." in client.get(f"{page}?all=yes").text
    keys = [a.public_id for a in world.applications]
    both = f"{page}?application={keys[0]}&application={keys[1]}"
    assert "2 dossiers are chosen." in client.get(both).text
    refused = world.send(client, page, both, application=keys)
    assert refused.status_code == 422
    assert "No dossier was sent." in refused.text and "A-102" in refused.text
    world.session.expire_all()
    assert [a.status for a in world.applications] == ["recommended", "in_review"]

    deliberate(world, 1)
    assert world.send(client, page, both, application=keys).status_code == 303
    assert "2 dossiers went to the fitness review." in client.get(url(world, "results")).text
    world.session.expire_all()
    assert {a.status for a in world.applications} == {"fitness_review"}


def test_a_panellist_has_no_way_into_the_results(app: Any, world: World) -> None:
    scored(world)
    account = world.session.query(Account).filter_by(person_id=world.panels[0].seats[0].expert.person_id).one()
    client = enter(app, world.session, world.now, account)
    for page in ("panels", "scoring", "results", "results/score-table.csv"):
        assert client.get(url(world, page)).status_code == 403
