"""The borderline lottery: a fixed list, two commitments before either secret is told, an order that replays."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.cli import main
from app.errors import Duplicate, Invalid, NotAllowed, NotFound, WrongStage
from app.models.lotteries import Lottery
from app.queries import lotteries as held
from app.stages import calibration, lotteries
from app.workflow.actors import OPERATOR
from tests import panels as worlds
from tests.panels import World

ONE, TWO = "봄의 강물은 아직 차갑다", "세 번째 서랍 안의 열쇠"


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    """Two dossiers near the pass mark, one clear of it."""
    world = worlds.make(session, now, dossiers=3)
    world.invite_all()
    for panel, steps in zip(world.panels, ((3, 4, 4), (4, 3, 3), (5, 5, 5)), strict=True):
        world.start(panel)
        for sheet, step in zip(world.sheets(panel), steps, strict=True):
            world.fill(sheet, step)
    calibration.calibrate_round(session, world.call.public_id, actor=world.coordinator, now=now)
    session.commit()
    return world


def opened(world: World, *which: int) -> Lottery:
    return lotteries.open_lottery(
        world.session,
        world.call.public_id,
        [world.applications[n].public_id for n in which],
        reason="점수로 가릴 수 없음",
        actor=world.coordinator,
        now=world.now,
    )


def test_only_two_or_more_of_the_borderline_band(session: Session, world: World) -> None:
    assert [c.label for c in held.of_round(session, world.call.public_id, actor=world.coordinator).candidates] == [
        "A-101",
        "A-102",
    ]
    for which, code in (((0,), "lottery.two_at_least"), ((0, 0), "lottery.two_at_least"), ((0, 2), "lottery.not_borderline")):
        with pytest.raises(Invalid) as refused:
            opened(world, *which)
        assert refused.value.code == code
    with pytest.raises(NotAllowed):
        lotteries.open_lottery(session, world.call.public_id, [], reason="x", actor=world.applicant, now=world.now)


def test_two_commit_then_both_tell_and_the_order_replays(
    session: Session, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now, row = world.now, opened(world, 0, 1)
    key = row.public_id

    def commit(actor=world.coordinator, secret: str = ONE) -> None:  # type: ignore[no-untyped-def]
        lotteries.bind(session, key, secret=secret, actor=actor, now=now)

    def tell(actor=world.coordinator, secret: str = ONE) -> None:  # type: ignore[no-untyped-def]
        lotteries.tell(session, key, secret=secret, actor=actor, now=now)

    with pytest.raises(Invalid):
        commit(secret="짧다")
    with pytest.raises(NotAllowed):
        commit(actor=OPERATOR)  # nobody in particular cannot be bound
    commit()
    with pytest.raises(Duplicate):
        commit()
    with pytest.raises(WrongStage):
        tell()  # before the other has committed
    with pytest.raises(NotAllowed):
        tell(actor=world.second)
    commit(actor=world.second, secret=TWO)
    session.flush()
    assert not [s for s in row.secrets if s.secret]
    assert ONE not in str(held.of_round(session, world.call.public_id, actor=world.second))
    with pytest.raises(Invalid):
        tell(secret=TWO)
    tell()
    with pytest.raises(NotFound):
        held.protocol(session, key, actor=world.coordinator)
    tell(actor=world.second, secret=TWO)
    session.flush()
    assert sorted(row.order) == sorted(world.applications[n].public_id for n in (0, 1))
    replayed = held.replay(session, key, actor=OPERATOR)
    assert (replayed.faults, len(replayed.order)) == ((), 2)
    assert held.place_of(session, world.applications[0], row.round_id) in ((1, 1, 2), (1, 2, 2))

    record = tmp_path / "record.json"
    record.write_text(json.dumps(held.protocol(session, key, actor=world.coordinator)), encoding="utf-8")
    assert main(["verify", "lottery", str(record)]) == 0
    capsys.readouterr()
    turned = json.loads(record.read_text()) | {"order": row.order[::-1]}
    record.write_text(json.dumps(turned), encoding="utf-8")
    assert main(["verify", "lottery", str(record)]) == 1
    assert json.loads(capsys.readouterr().out)["faults"] == ["order"]
    row.order = row.order[::-1]
    row.secrets[0].digest = "0" * 64
    assert set(held.replay(session, key, actor=OPERATOR).faults) >= {"order", "journal commitments"}
