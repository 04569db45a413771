"""Results that calibration moved: shown beside the raw mean, explained to the last hundredth, pictured, and held to their run."""

from __future__ import annotations

import re
from datetime import datetime
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.matching import Seat
from app.models.results import CalibrationRun, Result
from app.queries.calibration_runs import recompute
from app.stages import calibration
from app.workflow.actors import OPERATOR
from tests import panels as worlds
from tests.integration.web.test_coordinator_panels import as_coordinator, url
from tests.panels import World

POOL = 4
MARKS = ((4, 4, 4), (3, 4, 3), (4, 5, 5), (3, 3, 3), (5, 4, 4))
SEVERE = 0  # marks one step below


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    """Five panels of three out of four panellists, one of whom is severe; the experts become shared once all is marked."""
    world = worlds.make(session, now, dossiers=5, apply_if="always")
    world.invite_all()
    shared = [seat.expert_id for seat in world.panels[0].seats[:3]] + [world.panels[1].seats[0].expert_id]
    moves: list[tuple[Seat, int]] = []
    for n, panel in enumerate(world.panels):
        world.start(panel)
        for k, sheet in enumerate(world.sheets(panel)):
            who = (n + k) % POOL
            world.fill(sheet, MARKS[n][k] - (who == SEVERE))
            moves.append((sheet.seat, shared[who]))
    for seat, expert_id in moves:
        seat.expert_id = expert_id
    session.commit()
    calibration.calibrate_round(session, world.call.public_id, actor=world.coordinator, now=world.now)
    session.commit()
    return world


def test_calibrated_results_are_explained_pictured_and_computed_again(app: Any, session: Session, world: World) -> None:
    run = session.scalars(select(CalibrationRun)).one()
    assert run.fit["applied"] and run.fit["why"] == "always"
    results = session.scalars(select(Result).where(Result.run_id == run.id)).all()
    moved = [r for r in results if r.total != r.raw_mean]
    assert moved and all(r.total == r.calibrated for r in results)
    for r in results:
        assert abs(sum(Fraction(s["share"]) for s in r.sheets) - Fraction(r.total)) <= Fraction(1, 200)
    assert recompute(session, run.public_id, actor=OPERATOR).changed == ()

    client = as_coordinator(app, world)
    ranking = client.get(url(world, "results")).text
    assert "Calibrated: what is published" in ranking and moved[0].raw_mean in ranking
    one = client.get(url(world, f"results/{moved[0].application.public_id}")).text
    assert run.public_id in one and "Adjusted" in one and 'id="profile"' in one
    terms, total = re.search(r"\(([^)]*)\) ÷ 3 = <b>([0-9.]+)</b>", one).groups()
    assert abs(sum(map(Fraction, terms.split(" + "))) / 3 - Fraction(total)) <= Fraction(1, 100)
    table = client.get(url(world, "results/score-table.json")).get_json()
    assert {"calibrated", "low", "high", "p_pass"} <= set(table[0])
    for language in ("en", "ko"):
        client.get(f"/?lang={language}")
        page = client.get(url(world, "results/certainty")).text
        for picture in ("forest", "severity", "without", "residuals", "ties"):
            assert f'id="{picture}"' in page
        assert "style=" not in page and "R01" in page
        assert not any(seat.expert.person.name in page for panel in world.panels for seat in panel.seats)


def test_the_power_page_answers_for_any_number_it_is_given(app: Any, world: World) -> None:
    client = as_coordinator(app, world)
    page = client.get(url(world, "power?size=20&severity=5.4")).text
    assert "Wrong as published" in page and 'value="5.4"' in page
    assert client.get(url(world, "power?size=x&severity=nan&noise=1e99")).status_code == 200


def test_without_a_run_the_page_says_what_to_do(app: Any, session: Session, now: datetime) -> None:
    bare = worlds.make(session, now)
    assert "Compute the results once sheets are submitted" in as_coordinator(app, bare).get(url(bare, "results/certainty")).text
