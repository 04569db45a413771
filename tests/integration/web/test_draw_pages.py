"""The draw's pages: frozen, committed, told and read by two coordinators, its digests read by anybody."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Database
from app.jobs import matching as job
from app.models.matching import Panel, Seat
from app.models.reviews import Invitation
from app.stages import calls, invitations
from app.stages.matching import deployment
from app.workflow.actors import OPERATOR
from config import Config
from reviewers import verify_draw
from tests.encoders import WordEncoders
from tests.integration.web.test_coordinator_matching import words
from tests.matching import World, dossier, expert
from tests.people import post, signed_in

ONE, TWO = "봄의 강물은 아직 차갑다", "세 번째 서랍 안의 열쇠"


def test_two_coordinators_draw_and_anybody_reads_the_digests(
    app: Any, session: Session, config: Config, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "encoders", lambda _config: WordEncoders())
    world = World(config, database, now)
    (first, _), (second, _) = (signed_in(app, session, now, "coordinator") for _ in range(2))
    auditor, _ = signed_in(app, session, now, "auditor")
    session.commit()
    first.get("/?lang=en")
    assert "No list has been frozen yet" in words(first.get("/draws"))
    rules = replace(calls.plain_rules(seats=2, load_max=2), seating="drawn", draw_pool=3)
    call = world.fill([expert(n, name=f"Judge {n}") for n in range(12)], [dossier(n) for n in range(2)], rules)
    url = f"/coordinator/calls/{call}/draws"
    assert "No run to make a list of" in words(first.get(url))
    run = world.match(call)
    assert "Public draw" in words(first.get(f"/coordinator/calls/{call}/matching"))
    assert "To the public draw" in words(first.get(f"/coordinator/calls/{call}/matching/{run}"))
    frozen = post(first, url, run=run)
    assert frozen.status_code == 303
    one = frozen.location
    assert post(first, f"{one}/commit", one, secret="짧다").status_code == 422
    for client, secret in ((first, ONE), (second, TWO)):
        assert post(client, f"{one}/commit", one, secret=secret).status_code == 303
    assert first.get(f"{one}.zip").status_code == 404
    assert post(first, f"{one}/tell", one, secret=TWO).status_code == 422
    for client, secret in ((first, ONE), (second, TWO)):
        assert post(client, f"{one}/tell", one, secret=secret).status_code == 303
    for client in (first, second, auditor):
        page = client.get(f"{one}?panel=2")
        assert page.status_code == 200
        assert "Judge" in page.text
    assert "Free seats, drawn from a list of 6" in words(first.get(one))
    assert first.get(f"{one}?panel=9").status_code == 404
    packed = auditor.get(f"{one}.zip")
    assert verify_draw.problems(io.BytesIO(packed.data)) == []
    drawn = first.get(one).text.partition("/matching/")[2][:26]
    shown = words(first.get(f"/coordinator/calls/{call}/matching/{drawn}"))
    assert "public draw" in shown
    assert "To the public draw" not in shown
    with database.write() as writing:
        deployment.deploy(writing, drawn, actor=OPERATOR, now=now)
        invitations.send(writing, call, actor=OPERATOR, now=now)
        letter = writing.execute(
            select(Invitation).join(Seat, Seat.invitation_id == Invitation.id).join(Panel).where(Panel.number == 1).limit(1)
        ).scalar_one()
        own = replace(OPERATOR, public_id="p" * 26, roles=frozenset({"panellist"}), expert_id=letter.expert_id)
        invitations.decline(writing, letter.public_id, reason="time", actor=own, now=now)
    pages = words(first.get(one)) + words(first.get(f"{one}?panel=2"))
    for said in ("Declined: No time in this period", "as a replacement", "Invited"):
        assert said in pages
    anybody = app.test_client()
    assert 'href="/draws"' in anybody.get("/calls").text
    for language, title in (("en", "Public draw of panels"), ("ko", "평가위원 공개 추첨")):
        public = anybody.get("/draws", query_string={"lang": language})
        assert title in public.text
        assert "Judge" not in public.text
    assert verify_draw.sha256(zipfile.ZipFile(io.BytesIO(packed.data)).read("list.json")) in public.text
