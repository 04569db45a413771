"""The lottery's pages: two coordinators fix a list, bind themselves, tell, and take the record away."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.models.people import Account
from app.queries.lotteries import from_protocol
from app.stages import calibration
from scoring.lottery import faults
from tests import panels as worlds
from tests.panels import World
from tests.people import enter, post

ONE, TWO = "봄의 강물은 아직 차갑다", "세 번째 서랍 안의 열쇠"


@pytest.mark.parametrize(("language", "drawn"), [("ko", "추첨 완료"), ("en", "drawn")])
def test_a_lottery_from_its_list_to_its_record(app: Any, session: Session, now: Any, language: str, drawn: str) -> None:
    world: World = worlds.make(session, now, dossiers=2)
    world.invite_all()
    for panel, steps in zip(world.panels, ((3, 4, 4), (4, 3, 3)), strict=True):
        world.start(panel)
        for sheet, step in zip(world.sheets(panel), steps, strict=True):
            world.fill(sheet, step)
    calibration.calibrate_round(session, world.call.public_id, actor=world.coordinator, now=now)
    chosen = [a.public_id for a in world.applications]
    url = f"/coordinator/calls/{world.call.public_id}/lotteries"
    first, second = (
        enter(app, session, now, session.get_one(Account, actor.account_id)) for actor in (world.coordinator, world.second)
    )
    for client in (first, second):
        client.get(f"/?lang={language}")
    assert post(first, url, application=chosen[:1], reason="동점").status_code == 422
    assert post(first, url, application=chosen, reason="동점").status_code == 303
    key = re.search(r"lotteries/(\w+)/commit", first.get(url).text)
    assert key
    one = f"{url}/{key[1]}"
    assert post(first, f"{one}/commit", url, secret="짧다").status_code == 422
    for client, secret in ((first, ONE), (second, TWO)):
        assert post(client, f"{one}/commit", url, secret=secret).status_code == 303
    assert first.get(f"{one}.json").status_code == 404
    assert post(first, f"{one}/tell", url, secret=TWO).status_code == 422
    for client, secret in ((first, ONE), (second, TWO)):
        assert post(client, f"{one}/tell", url, secret=secret).status_code == 303
    page = second.get(url).text
    assert drawn in page
    assert page.index("<ol>") < page.index("A-10", page.index("<ol>"))
    assert faults(from_protocol(first.get(f"{one}.json").json)) == ()
