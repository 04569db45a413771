"""A dossier judged, refused, objected to and sent to other people, for tests of what a re-review is and is not."""

from __future__ import annotations

from pathlib import Path

from app.jobs import matching as computing
from app.models.applications import Application
from app.models.matching import MatchRun, Panel
from app.models.results import CalibrationRun
from app.stages import calibration, deliberation, invitations, matching, notice
from app.stages.matching import deployment, inputs, results
from app.workflow.actors import SYSTEM
from tests import panels as worlds
from tests.encoders import WordEncoders
from tests.panels import World

BASE = "http://localhost"


def score(world: World, panel: Panel, step: int) -> None:
    """The panel begins, and every sheet gives the same mark everywhere."""
    world.start(panel)
    for sheet in world.sheets(panel):
        world.fill(sheet, step)


def calibrate(world: World, number: int | None = None) -> CalibrationRun:
    run, _ = calibration.calibrate_round(
        world.session, world.call.public_id, actor=world.coordinator, now=world.now, round_number=number
    )
    return run


def conclude(world: World, application: Application, panel: Panel) -> None:
    """From the results to the chair's word."""
    world.deliberate(application, text="합의", note="")


def refuse(world: World, application: Application) -> None:
    for actor in (world.coordinator, world.second):
        deliberation.reject(
            world.session, application.public_id, reason="기준 미달", actor=actor, now=world.now, base_url=BASE
        )


def uphold(world: World, application: Application, ground: str = "fact") -> None:
    """The applicant objects to the refusal, and is right."""
    session, now = world.session, world.now
    row = notice.file_objection(
        session, application.public_id, ground=ground, text="사실과 다릅니다.", actor=world.applicant, now=now
    )
    notice.admit(session, row.public_id, actor=world.coordinator, now=now)
    notice.answer(session, row.public_id, outcome="upheld", text="맞습니다.", actor=world.coordinator, now=now)


def reopen(world: World, application: Application) -> None:
    for actor in (world.coordinator, world.second):
        notice.reopen(world.session, application.public_id, reason="이의 인용", actor=actor, now=world.now, base_url=BASE)


def order(world: World, application: Application, panel: Panel) -> None:
    """Judged too low, and sent to other people."""
    score(world, panel, 2)
    send_on(world, application, panel)


def send_on(world: World, application: Application, panel: Panel) -> None:
    """All sheets are in: refused by two, objected to, upheld, and sent to other people by two."""
    calibrate(world, panel.round.number)
    conclude(world, application, panel)
    refuse(world, application)
    uphold(world, application)
    reopen(world, application)


def match(world: World, folder: Path, number: int) -> MatchRun:
    """A run of the round, computed as a worker does; experts without works are matched by their topic."""
    session, call, now = world.session, world.call.public_id, world.now
    run = matching.order(session, call, actor=world.coordinator, now=now, round_number=number)
    matching.start(session, run.public_id, actor=SYSTEM, now=now)
    given = inputs.read(session, run.public_id)
    found = computing.compute(given, WordEncoders(), folder, lambda _done, _total, _note: None)
    results.record_run(session, run.public_id, given, found, actor=SYSTEM, now=now)
    return run


def deploy(world: World, run: MatchRun) -> Panel:
    """Its panel stands and is invited."""
    session, now = world.session, world.now
    deployment.deploy(session, run.public_id, actor=world.coordinator, now=now)
    panel = session.query(Panel).filter_by(run_id=run.id).one()
    invitations.send(session, world.call.public_id, actor=world.coordinator, now=now, round_number=run.round.number)
    session.refresh(panel)
    return panel


def spare_experts(world: World, n: int = 6) -> None:
    """Experts of the pool who sit on no panel yet, in turn of each kind of seat."""
    kinds = (*worlds.SEATS, *worlds.SUBSTITUTES)
    for k in range(n):
        worlds.expert(world.session, world.now, f"새 위원 {k}", kinds[k % len(kinds)])
