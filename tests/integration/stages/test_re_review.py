"""From a refusal through an upheld objection to a second judgement by other people."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from app.errors import WrongStage
from app.models.calls import Round
from app.models.matching import MatchRun
from app.models.results import CalibrationRun
from app.stages import calibration, deliberation, notice
from tests import panels as worlds
from tests.panels import World

BASE = "http://localhost"


def judge(world: World, step: int) -> CalibrationRun:
    """The newest panel is invited, scores the one application alike and concludes."""
    session, now, key, panel = world.session, world.now, world.applications[0].public_id, world.panels[-1]
    world.invite_all()
    world.start(panel)
    for sheet in world.sheets(panel):
        world.fill(sheet, step)
    run, _ = calibration.calibrate_round(session, world.call.public_id, actor=world.coordinator, now=now)
    deliberation.convene(session, key, actor=world.coordinator, now=now)
    chair, rapporteur = (next(s for s in panel.seats if s.duty == duty) for duty in ("chair", "rapporteur"))
    said = deliberation.draft(session, key, text="합의", alarms_note="", actor=world.panellist(rapporteur), now=now)
    digest = deliberation.text_digest(said.text, said.alarms_note)
    deliberation.confirm(session, key, digest=digest, actor=world.panellist(chair), now=now)
    deliberation.conclude(session, key, actor=world.panellist(chair), now=now)
    return run


def reopened(session: Session, now: datetime) -> World:
    """Judged low, refused by two, objected to, upheld, and sent to re-review by two."""
    world = worlds.make(session, now)
    judge(world, 2)
    key = world.applications[0].public_id
    for actor in (world.coordinator, world.second):
        deliberation.reject(session, key, reason="기준 미달", actor=actor, now=now, base_url=BASE)
    row = notice.file_objection(session, key, ground="fact", text="사실과 다릅니다.", actor=world.applicant, now=now)
    notice.admit(session, row.public_id, actor=world.coordinator, now=now)
    notice.answer(session, row.public_id, outcome="upheld", text="맞습니다.", actor=world.coordinator, now=now)
    for actor in (world.coordinator, world.second):
        notice.reopen(session, key, reason="이의 인용", actor=actor, now=now, base_url=BASE)
    return world


def seat_again(world: World, people: int) -> None:
    """A panel of the new round; `people` names its experts, 1 being those of the first panel."""
    session, now = world.session, world.now
    second = session.query(Round).filter_by(number=2).one()
    run = MatchRun(round_id=second.id, number=1, status="deployed", seed="8", created_at=now)
    session.add(run)
    session.flush()
    world.panels.append(worlds.panel(session, now, run, second, people, world.applications, worlds.SEATS, ()))


def test_other_people_judge_again_and_only_their_marks_count(session: Session, now: datetime) -> None:
    world = reopened(session, now)
    seat_again(world, 2)
    run = judge(world, 5)
    assert run.round.number == 2
    assert [result.n_sheets for result in run.results] == [3]
    assert world.applications[0].status == "recommended"


def test_a_former_panellist_on_the_new_panel_stops_it(session: Session, now: datetime) -> None:
    world = reopened(session, now)
    seat_again(world, 2)
    former = world.panels[0].seats[0]
    world.panels[-1].seats[0].expert_id = former.expert_id
    session.flush()
    session.refresh(world.panels[-1])
    with pytest.raises(WrongStage) as refused:
        judge(world, 5)
    assert refused.value.code == "guard.former_panellist"
    assert world.applications[0].status == "re_review"
