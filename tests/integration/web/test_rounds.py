"""A call with a re-review shows its rounds beside each other; every page and form stays in the one that is shown."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.models.calls import Round
from app.models.matching import MatchRun
from app.models.people import Account
from app.models.results import CalibrationRun
from tests import panels as worlds
from tests.integration.web.test_coordinator_panels import as_coordinator, url
from tests.panels import World
from tests.people import enter
from tests.re_reviews import calibrate, conclude, deploy, match, order, refuse, score, spare_experts, uphold

PAGES = ("matching", "panels", "scoring", "results")


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    """Two dossiers: the first goes to a re-review, the second is at work."""
    world = worlds.make(session, now, dossiers=2)
    spare_experts(world)
    world.invite_all()
    world.start(world.panels[1])
    return world


def links(text: str) -> set[str]:
    return {link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', text)}


def test_a_call_with_one_round_shows_no_switch(app: Any, world: World) -> None:
    client = as_coordinator(app, world)
    for page in PAGES:
        text = client.get(url(world, page)).text
        assert "Rounds of this call" not in text and "round=" not in text


@pytest.mark.parametrize(("language", "words"), [("ko", "2회차(재심의)"), ("en", "Round 2 (re-review)")])
def test_every_page_of_a_round_switches_to_the_other_and_keeps_it(app: Any, world: World, language: str, words: str) -> None:
    order(world, world.applications[0], world.panels[0])
    client = as_coordinator(app, world, language=language)
    for page in PAGES:
        default, other = client.get(url(world, page)).text, client.get(url(world, f"{page}?round=2")).text
        assert words in default and words in other
        assert f'href="{url(world, page)}?round=1" aria-current="page"' in default  # the running round has something to do
        assert f'href="{url(world, page)}?round=2" aria-current="page"' in other
        assert {url(world, f"{one}?round=2") for one in PAGES} <= links(other)
        assert client.get(url(world, f"{page}?round=3")).status_code == 404
    assert client.get(url(world, "scoring?round=two")).status_code == 200


def test_the_objections_page_leads_to_the_matching_of_the_new_round(app: Any, world: World) -> None:
    order(world, world.applications[0], world.panels[0])
    client = as_coordinator(app, world)
    notices = client.get(url(world, "notices")).text
    assert "In re-review" in notices and url(world, "matching?round=2") in links(notices)
    result = client.get(url(world, f"results/{world.applications[0].public_id}")).text
    assert "This is the former result; round 2 judges again" in result and url(world, "matching?round=2") in links(result)
    assert url(world, "matching?round=2") in links(client.get(url(world, f"eligibility/{world.applications[0].public_id}")).text)
    assert url(world, "matching?round=2") in links(client.get(f"/coordinator/calls/{world.call.public_id}").text)


def test_a_run_ordered_on_the_page_of_a_round_is_a_run_of_that_round(app: Any, world: World) -> None:
    order(world, world.applications[0], world.panels[0])
    client, page = as_coordinator(app, world), url(world, "matching?round=2")
    assert "1 eligible dossiers are ready" in client.get(page).text
    assert world.send(client, page, page, seed="again").status_code == 303
    world.session.expire_all()
    run = world.session.query(MatchRun).filter_by(seed="again").one()
    assert (run.round.number, run.number) == (2, 1)
    shown = client.get(url(world, f"matching/{run.public_id}")).text
    assert "Round 2 (re-review), Run 1" in shown and url(world, "panels?round=2") in links(shown)
    assert run.public_id not in client.get(url(world, "matching?round=1")).text


def test_forms_act_on_the_round_of_their_page(app: Any, world: World, tmp_path: Path) -> None:
    first = world.applications[0]
    order(world, first, world.panels[0])
    run = match(world, tmp_path, 2)
    panel = deploy(world, run)
    for seat in world.seated(panel, "invited"):
        world.answer(seat)
    client, page = as_coordinator(app, world), url(world, "panels?round=2")
    text = client.get(page).text
    assert "Start 1 complete panels" in text and f'action="{url(world, "panels/start")}?round=2"' in text
    assert world.send(client, url(world, "panels/start?round=1"), page).status_code == 303
    world.session.expire_all()
    assert first.status == "re_review"
    sent = world.send(client, url(world, "panels/start?round=2"), page)
    assert (sent.status_code, sent.headers["Location"]) == (303, page)
    world.session.expire_all()
    assert first.status == "in_review"
    ends = world.panels[1].round.scoring_closes_at
    assert world.send(client, url(world, "panels/extend?round=2"), page, until="2026-12-24").status_code == 303
    world.session.expire_all()
    moved = panel.round.scoring_closes_at
    assert world.panels[1].round.scoring_closes_at == ends and moved is not None and moved.month == 12
    for sheet in world.sheets(panel):
        world.fill(sheet, 5)
    world.session.commit()
    assert world.send(client, url(world, "scoring/calibrate?round=2"), url(world, "scoring?round=2")).status_code == 303
    world.session.expire_all()
    assert [r.round.number for r in world.session.query(CalibrationRun).order_by(CalibrationRun.id)] == [1, 2]


def test_the_result_page_shows_the_former_result_beside_the_new(app: Any, world: World, tmp_path: Path) -> None:
    order(world, world.applications[0], world.panels[0])
    score(world, deploy(world, match(world, tmp_path, 2)), 5)
    client, key = as_coordinator(app, world), world.applications[0].public_id
    assert world.send(client, url(world, "scoring/calibrate?round=2"), url(world, "scoring?round=2")).status_code == 303
    text = client.get(url(world, f"results/{key}")).text
    beside = text.partition("Former and new result")[2].partition("</table>")[0]
    assert "40.00" in beside and "100.00" in beside
    assert "To the panel's deliberation" in text or "To the panel&#39;s deliberation" in text
    former = client.get(url(world, f"results/{key}?round=1")).text
    assert "This is the former result; round 2 judges again" in former and "deliberation</button>" not in former
    ranking = client.get(url(world, "results?round=1")).text
    assert "judged again in a re-review" in ranking and 'name="application"' not in ranking
    assert 'name="application"' in client.get(url(world, "results?round=2")).text
    table = json.loads(client.get(url(world, "results/score-table.json?round=2")).text)
    assert [row["total"] for row in table] == ["100.00"]
    saved = client.get(url(world, "results/score-table.csv?round=2")).headers["Content-Disposition"]
    assert "T-2026-round-2-scores-run-1.csv" in saved


@pytest.mark.parametrize(
    ("language", "words"), [("ko", "앞선 평가에 참여하지 않은 위원들이"), ("en", "people who took no part before")]
)
def test_the_applicant_reads_what_a_re_review_is(app: Any, world: World, language: str, words: str) -> None:
    order(world, world.applications[0], world.panels[0])
    client = enter(app, world.session, world.now, world.session.get_one(Account, world.applicant.account_id))
    client.get(f"/?lang={language}")
    key = world.applications[0].public_id
    assert words in client.get(f"/applicant/dossiers/{key}").text
    letter = client.get(f"/applicant/dossiers/{key}/result").text
    assert {"ko": "재심의가 결정되었습니다", "en": "this decision no longer counts"}[language] in letter


def test_the_second_round_is_opened_by_the_second_coordinator_only(app: Any, world: World) -> None:
    first = world.applications[0]
    score(world, world.panels[0], 2)
    calibrate(world)
    conclude(world, first, world.panels[0])
    refuse(world, first)
    uphold(world, first)
    one, two, page = as_coordinator(app, world), as_coordinator(app, world, second=True), url(world, "notices")
    move = url(world, f"notices/{first.public_id}/reopen")
    assert world.send(one, move, page, reason="이의 인용").status_code == 303
    assert world.session.query(Round).count() == 1
    assert world.send(two, move, page).status_code == 303
    world.session.expire_all()
    assert (first.status, first.round and first.round.number) == ("re_review", 2)
