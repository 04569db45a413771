"""The pages of conflicts: kinds with counts, decisions alone and together, undo, a list of names, a question answered."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.matching import Conflict
from app.models.people import Account
from app.workflow.actors import Actor
from tests import panels as worlds
from tests.panels import World
from tests.people import enter


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return worlds.make(session, now)


def entered(app: Any, world: World, actor: Actor, language: str = "en") -> Any:
    client = enter(app, world.session, world.now, world.session.get_one(Account, actor.account_id))
    client.get(f"/?lang={language}")
    return client


def question(world: World, seat: int, ground: str = "co_work") -> str:
    row = Conflict(
        expert_id=world.panels[0].seats[seat].expert_id, application_id=world.applications[0].id, kind="statutory_exclusion",
        ground=ground, nature="narrow_field", hard=False, status="raised", digest=f"{seat}", raised_at=world.now,
        evidence={"title": f"Joint paper {seat}", "year": 2025, "person": "김연구", "identity_sure": False},
    )  # fmt: skip
    world.session.add(row)
    world.session.commit()
    return row.public_id


def states(world: World) -> list[str]:
    world.session.expire_all()
    return list(world.session.execute(select(Conflict.status).order_by(Conflict.id)).scalars())


def test_questions_are_decided_by_kind_and_the_last_decision_is_taken_back(app: Any, world: World) -> None:
    page = f"/coordinator/calls/{world.call.public_id}/conflicts"
    client = entered(app, world, world.coordinator)
    assert "No question is open" in client.get(page).text
    ids = [question(world, 0), question(world, 1), question(world, 2, "adviser")]
    text = client.get(f"{page}?kind=co_work").text
    assert "Joint paper 0" in text and "Joint paper 2" not in text and "confirming empties 1 seat" in text
    assert client.get(f"/coordinator/experts/{world.panels[0].seats[0].expert.public_id}").status_code == 200
    assert world.send(client, page, page, verb="dismiss", show="open", kind="co_work", all="1").status_code == 422
    assert world.send(client, page, page, verb="dismiss", show="open", kind="", reason="x").status_code == 422
    done = world.send(client, page, page, verb="dismiss", show="open", kind="co_work", all="1", reason="namesakes")
    assert (done.status_code, states(world)) == (303, ["dismissed", "dismissed", "raised"])
    cleared = client.get(f"{page}?show=cleared").text
    assert "namesakes" in cleared and "Your last decision" in cleared
    assert world.send(client, page, page, verb="reopen", show="open", kind="", chosen=ids[:2]).status_code == 303
    assert states(world) == ["raised"] * 3
    assert "opened again by a coordinator" in client.get(page).text
    client.get("/?lang=ko")
    korean = client.get(page).text
    assert "이해충돌" in korean and "본인 확인" in korean
    assert entered(app, world, world.applicant).get(page).status_code in (403, 404)


def test_asking_answering_and_a_waiver_of_two(app: Any, world: World) -> None:
    page = f"/coordinator/calls/{world.call.public_id}/conflicts"
    own = question(world, 0)
    one, two = entered(app, world, world.coordinator), entered(app, world, world.second)
    assert world.send(one, page, page, verb="ask", show="open", kind="", chosen=[own]).status_code == 303
    expert = entered(app, world, world.panellist(world.panels[0].seats[0]))
    assert f"/panellist/questions/{own}" in expert.get("/panellist/").text
    asked = f"/panellist/questions/{own}"
    shown = expert.get(asked).text
    assert "Joint paper 0" in shown and "김연구" not in shown
    assert world.send(expert, asked, asked, said="no").status_code == 422
    assert world.send(expert, asked, asked, said="no", note="another author").status_code == 303
    assert "another author" in one.get(page).text
    assert world.send(one, page, page, verb="waive", show="open", kind="", chosen=[own], reason="a narrow field").status_code == 303
    assert "a narrow field" in two.get(page).text and states(world) == ["raised"]
    assert world.send(two, page, page, verb="waive", show="open", kind="", chosen=[own], reason="a narrow field").status_code == 303
    assert states(world) == ["waived"]


def test_a_list_of_names_is_checked_on_the_page_and_by_a_program(app: Any, world: World) -> None:
    page = f"/coordinator/calls/{world.call.public_id}/conflicts"
    client = entered(app, world, world.coordinator)
    names = "김사원, 한강로보틱스 주식회사\n정불명"
    answer = world.send(client, f"{page}/check", f"{page}/check", names=names)
    assert answer.status_code == 200 and "Works for the applicant" in answer.text and "not computable: name only" in answer.text
    assert world.send(client, f"{page}/check", f"{page}/check", names="").status_code == 422
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"{page}/check").text)
    assert token is not None
    sent = client.post(f"{page}/check.json", json={"names": names, "dossier": "D-0001"}, headers={"X-CSRFToken": token[1]})
    assert [(n["state"], [f["ground"] for f in n["findings"]]) for n in sent.json["names"]] == [
        ("barred", ["same_organisation"]), ("not_computable", [])]  # fmt: skip
    assert client.post(f"{page}/check.json", json={"names": 3}, headers={"X-CSRFToken": token[1]}).status_code == 422
    assert client.post(f"{page}/check.json", json={"names": names}).status_code == 400  # without the token of the session
    assert client.get(f"{page}/unknown").status_code == 200
    stranger = entered(app, world, world.applicant)
    assert stranger.post(f"{page}/check.json", json={"names": names}, headers={"X-CSRFToken": token[1]}).status_code in (
        400,
        403,
        404,
    )


def test_a_challenge_is_taken_down_and_decided_on_the_panels_page_and_a_member_withdraws(app: Any, world: World) -> None:
    world.invite_all()
    panel, session = world.panels[0], world.session
    for seat in panel.seats[:2]:
        world.answer(seat)
    session.commit()
    one, two = entered(app, world, world.coordinator), entered(app, world, world.second)
    page = f"/coordinator/calls/{world.call.public_id}/panels/{panel.public_id}"
    at = f"{page}/seats/{panel.seats[0].public_id}/challenge"
    assert world.send(one, at, page, ground="kin", reason="", received_on="2026-11-20").status_code == 303
    assert states(world) == []
    assert world.send(one, at, page, ground="kin", reason="an uncle", received_on="2026-11-20").status_code == 303
    assert "an uncle" in two.get(page).text and states(world) == ["raised"]
    assert "challenged by the applicant" in two.get(f"/coordinator/calls/{world.call.public_id}/conflicts").text
    assert world.send(two, f"{at}/refuse", page, reason="").status_code == 303 and states(world) == ["raised"]
    assert world.send(two, f"{at}/uphold", page).status_code == 303
    assert states(world) == ["upheld"] and panel.seats[0].status == "replaced"
    member = entered(app, world, world.panellist(panel.seats[1]))
    leave = f"/panellist/invitations/{worlds.invitation_of(session, panel.seats[1])}/withdraw"
    assert "Give up my seats" in member.get(leave).text
    assert world.send(member, leave, leave, reason="").status_code == 422
    assert world.send(member, leave, leave, reason="time").status_code == 303
    assert "no seat left" in member.get(leave).text


def test_an_applicant_files_a_challenge_and_two_coordinators_uphold_it(app: Any, world: World) -> None:
    world.invite_all()
    seat = world.panels[0].seats[0]
    name, key = seat.expert.person.name, world.applications[0].public_id
    mine = entered(app, world, world.applicant)
    status, page = f"/dossiers/{key}", f"/dossiers/{key}/challenges"
    status, page = f"/applicant{status}", f"/applicant{page}"
    assert "Challenges" in mine.get(status).text
    text = mine.get(page).text
    assert "In this call the panel is named with the decision" in text and name not in text
    refused = world.send(mine, page, page, name=name, ground="kin", reason="")
    assert refused.status_code == 422 and "Say why a fair review is in doubt." in refused.text and name in refused.text
    assert world.send(mine, page, page, name=name, ground="kin", reason="a cousin").status_code == 303
    assert world.send(mine, page, page, name="Nobody Known", ground="other", reason="a rival").status_code == 303
    first, second = entered(app, world, world.coordinator), entered(app, world, world.second)
    ledger = f"/coordinator/calls/{world.call.public_id}/conflicts"
    assert "Challenges by applicants (2)" in first.get(ledger).text
    text = first.get(f"{ledger}/challenges").text
    assert "in the panel or waiting there" in text and "Nobody of that name or organisation is in the pool" in text
    ids = re.findall(rf"{ledger}/challenges/([a-z0-9]+)", text)
    assert len(ids) == 2
    nobody, cousin = ids
    url = f"{ledger}/challenges"
    assert world.send(first, f"{url}/{nobody}", url, verb="dismiss", reason="").status_code == 422
    assert world.send(first, f"{url}/{nobody}", url, verb="dismiss", reason="not shown").status_code == 303
    assert world.send(first, f"{url}/{cousin}", url, verb="uphold", expert=seat.expert.public_id).status_code == 303
    assert "Confirm the challenge" not in first.get(url).text
    assert "Confirm the challenge" in second.get(url).text
    assert world.send(second, f"{url}/{cousin}", url, verb="uphold").status_code == 303
    assert states(world) == ["upheld"]
    text = mine.get(page).text
    assert "Upheld. Nobody to whom it applies judges this application." in text and "not shown" in text
    assert world.send(mine, page, page, organisation="Rival Institute", ground="rival", reason="our rival").status_code == 303
    taken = re.findall(r"challenges/([a-z0-9]+)/take-back", mine.get(page).text)
    assert world.send(mine, f"{page}/{taken[0]}/take-back", page).status_code == 303
    other = entered(app, world, world.panellist(world.panels[0].seats[1]))
    assert other.get(page).status_code in (403, 404)
    assert first.get(f"{ledger.replace(world.call.public_id, 'x' * 26)}/challenges").status_code == 404
