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
    order = lots.draw(row.strata, row.seed, row.seating)
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
    seat = session.execute(select(Seat).where(Seat.invitation_id == letter.id, Seat.seat_type == "market")).scalar_one()
    own = replace(OPERATOR, public_id="p" * 26, roles=frozenset({"panellist"}), expert_id=letter.expert_id)
    invitations.decline(session, letter.public_id, reason="time", actor=own, now=now)
    session.flush()
    contacts = draws.contacts(session, row)
    declined = next(c for c in contacts if c.answer == "declined" and c.stratum.endswith("market"))
    after = next(c for c in contacts if c.stratum == declined.stratum and c.replaces == declined.expert)
    placed = drawn_places(session, row)[declined.stratum]
    assert placed.index(after.expert) == placed.index(declined.expert) + 1
    assert after.at >= declined.at

    # A substitute of the free seats is gone from the pool, another works elsewhere now: both are said, and the draw repeats.
    free = [one for one in seat.panel.seats if one.seat_type == "free"]
    gone, moved = [one for one in free if one.status == "candidate"][:2]
    gone.expert.active, moved.expert.organisation_id = False, None
    silent = session.get_one(Invitation, next(one for one in free if one.status == "invited").invitation_id)
    assert invitations.expire(session, silent.public_id, now=silent.answer_by + timedelta(seconds=1))
    log = draws.log_of(session, row)
    assert {e["why"] for e in log if e["event"] == "declined"} == {"time"}
    passed = [e for e in log if [gone.expert.public_id, "absent"] in e.get("passed_over", ())]
    assert passed and moved.expert.public_id in passed[0]["changed"]
    view = draws.one(session, call, key, actor=first)
    packed = draws.packed(session, call, key, actor=first)
    assert verify_draw.problems(io.BytesIO(packed), row.list_digest, row.outcome_digest, view.log_digest) == []
    said = draws.panel(session, call, key, int(passed[0]["panel"]), actor=first)
    assert "absent" in {why for _kind, _n, lines in said.strata for line in lines for why, _at in line.passed}
    with zipfile.ZipFile(io.BytesIO(packed)) as file:
        members = {name: file.read(name) for name in file.namelist()}
    members["list.json"] = members["list.json"].replace(b"3", b"4", 1)
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    assert verify_draw.problems(changed, row.list_digest)
    assert draws.problems(session, key, actor=OPERATOR) == []
    kept_places, (name, line) = row.places, next(iter(row.places.items()))
    row.places = row.places | {name: [line[0] | {"became": "load"}, *line[1:]]}
    assert draws.faults(session, call, key, actor=first) == ("outcome",)
    row.places = kept_places
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
