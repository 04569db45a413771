"""The public draw: a frozen list, two commitments, a drawn run that is deployed, replaced in order and repeated by a stranger."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import affinities
from app.db import Database
from app.errors import NotAllowed, NotFound, WrongStage
from app.jobs import matching as job
from app.models.experts import Expert
from app.models.lotteries import PanelDraw
from app.models.matching import MatchRun, Panel, RunPanel, RunSeat, Seat
from app.models.reviews import Invitation
from app.queries import draws
from app.stages import calls, invitations
from app.stages.matching import deployment, drawing, editing
from app.workflow.actors import OPERATOR
from app.workflow.rules import SeatQuota
from config import Config
from reviewers import draw as lots
from reviewers import verify_draw
from tests.encoders import WordEncoders
from tests.matching import World, dossier, expert
from tests.people import acting

ONE, TWO = "봄의 강물은 아직 차갑다", "세 번째 서랍 안의 열쇠"
RULES = replace(
    calls.plain_rules(seats=3, load_max=2),
    seating="drawn",
    quotas=(SeatQuota("seat_type", "market", 1),),
    draw_pool=4,
    draw_multiple=2,
)


@pytest.fixture
def world(config: Config, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(job, "encoders", lambda _config: WordEncoders())
    return World(config, database, now)


def people() -> list[dict[str, Any]]:
    """Two of three take market seats; one belongs to the applicant of the first dossier."""
    made = [expert(n, seat_types=["market"] if n % 3 else ["technology"], mail=f"e{n}@example.org") for n in range(20)]
    return [*made, expert(20, organisation="Maker 0", seat_types=["market"])]


def drawn_places(session: Session, row: PanelDraw) -> dict[str, list[str]]:
    rows = session.execute(
        select(RunPanel.number, RunSeat.seat_type, Expert.public_id)
        .join(RunPanel, RunPanel.id == RunSeat.run_panel_id)
        .join(Expert, Expert.id == RunSeat.expert_id)
        .where(RunPanel.run_id == row.run_id)
        .order_by(RunSeat.substitute_rank, RunSeat.ordinal)
    )
    found: dict[str, list[str]] = {}
    for number, kind, who in rows:
        found.setdefault(f"{number}:{kind}", []).append(who)
    return found


def test_a_draw_from_its_list_to_the_replacement_in_order(session: Session, now: datetime, world: World) -> None:
    call = world.fill(people(), [dossier(n) for n in range(3)], RULES)
    base = world.match(call)
    kept = affinities.find(world.config.affinities_dir, base)
    first, second = acting(session, now, "coordinator"), acting(session, now, "coordinator")
    with pytest.raises(NotAllowed):
        drawing.freeze(session, base, kept=kept, actor=acting(session, now, "panellist"), now=now)
    session.commit()
    with pytest.raises(WrongStage) as refused:
        deployment.deploy(session, base, actor=first, now=now)
    session.rollback()
    assert refused.value.code == "draw.not_drawn"
    row = drawing.freeze(session, base, kept=kept, actor=first, now=now)
    key = row.public_id
    barred = session.execute(select(Expert.public_id).where(Expert.external_id == "E20")).scalar_one()
    assert {name: len(listed) for name, listed in row.strata.items()} == {
        f"{n}:{kind}": size for n in (1, 2, 3) for kind, size in (("market", 4), ("free", 8))
    }
    assert barred not in row.strata["1:market"]
    assert barred not in row.strata["1:free"]

    for actor, secret in ((first, ONE), (second, TWO)):
        drawing.bind(session, key, secret=secret, actor=actor, now=now)
    drawing.tell(session, key, secret=ONE, kept=kept, actor=first, now=now)
    with pytest.raises(NotFound):
        draws.packed(session, call, key, actor=first)
    drawing.tell(session, key, secret=TWO, kept=kept, actor=second, now=now)
    session.flush()
    run = row.run
    assert run is not None
    assert (run.status, run.number, run.summary["seats"], run.summary["empty"]) == ("done", 2, 9, 0)
    order = lots.draw(row.strata, row.seed)
    for name, placed in drawn_places(session, row).items():
        followed = [who for who in order[name] if who in placed]
        assert placed == followed, name  # seats first, then substitutes, each in the drawn order
        walked = [entry["expert"] for entry in row.places[name]]
        assert walked == list(order[name][: len(walked)])  # nobody of the order was left out unsaid
    assert draws.faults(session, call, key, actor=first) == ()

    session.commit()
    edited = editing.copy(session, run.public_id, actor=first, now=now)
    with pytest.raises(WrongStage) as refused:
        deployment.deploy(session, edited.public_id, actor=first, now=now)
    session.rollback()
    assert refused.value.code == "draw.not_drawn"
    with pytest.raises(WrongStage) as refused:  # nobody draws until the outcome pleases
        drawing.freeze(session, base, kept=kept, actor=first, now=now)
    assert refused.value.code == "draw.standing"
    deployment.deploy(session, run.public_id, actor=first, now=now)
    invitations.send(session, call, actor=first, now=now)
    letter = session.execute(
        select(Invitation).join(Seat, Seat.invitation_id == Invitation.id).join(Panel).where(Seat.seat_type == "market").limit(1)
    ).scalar_one()
    assert invitations.expire(session, letter.public_id, now=letter.answer_by + timedelta(seconds=1))
    session.flush()
    contacts = draws.contacts(session, row)
    silent = next(c for c in contacts if c.answer == "no_answer" and c.stratum.endswith("market"))
    after = next(c for c in contacts if c.stratum == silent.stratum and c.replaces == silent.expert)
    placed = drawn_places(session, row)[silent.stratum]
    assert placed.index(after.expert) == placed.index(silent.expert) + 1
    assert after.at > silent.at

    packed = draws.packed(session, call, key, actor=first)
    assert verify_draw.problems(io.BytesIO(packed), row.list_digest) == []
    with zipfile.ZipFile(io.BytesIO(packed)) as file:
        members = {name: file.read(name) for name in file.namelist()}
    members["list.json"] = members["list.json"].replace(b"3", b"4", 1)
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    assert verify_draw.problems(changed, row.list_digest)
    assert draws.problems(session, key, actor=OPERATOR) == []
    row.secrets[0].digest = "0" * 64
    assert draws.faults(session, call, key, actor=first) == ("journal commitments",)


def test_what_no_list_is_made_of(session: Session, now: datetime, world: World) -> None:
    call = world.fill(people(), [dossier(0)], replace(RULES, seating="optimal"))
    run = session.execute(select(MatchRun).where(MatchRun.public_id == world.match(call))).scalar_one()
    coordinator = acting(session, now, "coordinator")
    for seating, code in (("optimal", "draw.not_in_rules"), ("drawn", "board.no_affinity")):
        run.round.call.rules = run.round.call.rules | {"seating": seating}
        with pytest.raises(WrongStage) as refused:
            drawing.freeze(session, run.public_id, kept=None, actor=coordinator, now=now)
        assert refused.value.code == code
    run.result_digest = ""
    with pytest.raises(WrongStage) as refused:
        drawing.freeze(session, run.public_id, kept=None, actor=coordinator, now=now)
    assert refused.value.code == "draw.base_not_stored"
