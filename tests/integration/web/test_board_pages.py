"""The assignment board in a browser without scripts: links and small forms, in both languages."""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.db import Database
from app.jobs import matching as job
from config import Config
from tests.encoders import WordEncoders
from tests.integration.web.test_coordinator_matching import words
from tests.matching import World, dossier, expert
from tests.people import post, signed_in


@pytest.fixture
def world(config: Config, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> World:
    encoders = WordEncoders()
    monkeypatch.setattr(job, "encoders", lambda _config: encoders)
    return World(config, database, now)


def form_of(page: str, action: str) -> tuple[str, dict[str, str]]:
    """Address and hidden fields of the first form whose address has this ending before its query."""
    found = re.search(rf'<form[^>]*action="([^"]*/{action}(?:\?[^"]*)?)"[^>]*>(.*?)</form>', page, re.S)
    assert found is not None, action
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', found[2]))
    return found[1].replace("&amp;", "&"), {name: value for name, value in fields.items() if name != "csrf_token"}


def test_the_board_is_read_copied_and_edited_without_scripts(app: Any, session: Session, now: datetime, world: World) -> None:
    client, _actor = signed_in(app, session, now, "coordinator")
    session.commit()
    client.get("/?lang=en")
    call = world.fill([expert(n) for n in range(16)], [dossier(n) for n in range(3)])
    base = f"/coordinator/calls/{call}/matching/{world.match(call)}"
    stored = client.get(f"{base}/board?sort=mean")
    assert "Edit a copy of this run" in words(stored)
    assert "Take off" not in words(stored)
    copied = post(client, form_of(stored.text, "copy")[0])
    assert copied.status_code == 303
    assert "sort=mean" in copied.location  # what was filtered stays

    page = client.get(copied.location)
    assert "A draft copied from run 1." in words(page)
    url, fields = form_of(page.text, "seat")
    done = post(client, url, **fields)
    assert done.status_code == 303
    fragment = client.get(done.location, headers={"X-Fragment": "1"})
    assert "<html" not in fragment.text
    said = re.search(r"data-said>(.*?)</p>", fragment.text, re.S)
    assert said is not None
    assert re.match(r"D-000\d, seat \d: E\d+ → E\d+, total ", said[1])
    assert "Seated by hand; the works below are not part of the reason." in words(fragment)
    trial = client.get(done.location.replace("/board?", f"/board?try={fields['holder']}&")).text
    tried = trial[trial.index('id="what-if"') :]
    assert re.search(r"\d+ %</span> · [a-z ]+ study \d+ \d \(2025\)", tried[: tried.index("</ul>")])
    assert post(client, url, **fields).status_code == 422  # the same form again: somebody else sits there now
    trial = client.get(done.location.replace("/board?", "/board?try=remove&"))
    assert "Save this change" in words(trial)
    assert "Mean of the panel" in words(trial)
    undo, _ = form_of(fragment.text, "undo/1")
    assert post(client, undo).status_code == 303
    draft = done.location.partition("/board")[0]
    assert "taken back" in words(client.get(f"{draft}/board/edits"))
    assert "No panel of this kind." in words(client.get(f"{draft}/board?show=gaps"))
    assert "Nobody found." in words(client.get(f"{draft}/board?who=zzz"))
    listed = client.get(f"{draft}/panel-list.csv")
    read = post(client, f"{draft}/file", file=(io.BytesIO(listed.data), "seats.csv"))
    assert read.status_code == 303
    assert "no difference" in words(client.get(read.location))
    assert "These columns are missing" in words(post(client, f"{draft}/file", file=(io.BytesIO(b"a,b"), "seats.csv")))
    emptied = re.sub(rb"(?m)^(1,[^\n]*?,1,,,)E\d+", rb"\1", listed.data)
    read = post(client, f"{draft}/file", file=(io.BytesIO(emptied), "seats.csv"))
    assert "Panels that change 1" in words(client.get(read.location))
    seen = re.findall(r'name="digest" value="(\w+)"', client.get(read.location).text)
    assert post(client, read.location, digest=seen[-1]).status_code == 303
    matching = base.rpartition("/")[0]
    side_by_side = words(client.get(f"{matching}/compare"))
    assert "Seats that differ from run 1 – 1" in side_by_side
    assert client.get(f"{draft}/spread/loads.csv").data.decode("utf-8-sig").startswith("Panels of one expert,Experts")
    assert client.get(f"{draft}/spread/secrets.csv").status_code == 404
    assert "1 panel has empty seats and would start short" in words(client.get(f"{draft}/deploy"))
    assert post(client, f"{draft}/deploy", typed="yes").status_code == 422
    for language in ("ko", "en"):
        pages = ("spread", "deploy", "withdraw", "file", "board", "board?seat=2&try=remove", "board/edits")
        for path in (f"{matching}/compare", f"{base}/board", read.location, *(f"{draft}/{page}" for page in pages)):
            assert client.get(path, query_string={"lang": language} if "?" not in path else None).status_code == 200
    assert client.get(f"/coordinator/calls/{'a' * 26}/matching/{draft[-26:]}/board").status_code == 404
