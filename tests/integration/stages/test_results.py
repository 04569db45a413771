"""Calibration computes from locked marks only; deliberation confirms what the rules give, and two coordinators refuse."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.cli import main
from app.errors import Invalid, NotAllowed, NotFound, WrongStage
from app.models.applications import Decision, DossierVersion
from app.models.process import Mail, Promise
from app.models.results import CalibrationRun, Result
from app.models.reviews import Mark, SheetLock
from app.queries.calibration_runs import recompute
from app.queries.results import newer_than
from app.stages import calibration, deliberation, scoresheets
from app.workflow import seating
from app.workflow.actors import OPERATOR, SYSTEM
from app.workflow.inspections import CHECKS, Inspected
from tests import panels as worlds
from tests.panels import World, filled


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    """Two panels at work: the first gives 4 everywhere, the second 3."""
    world = worlds.make(session, now, dossiers=2)
    world.invite_all()
    for panel, step in zip(world.panels, (4, 3), strict=True):
        world.start(panel)
        for sheet in world.sheets(panel):
            world.fill(sheet, step)
    session.commit()
    return world


def calibrate(world: World) -> tuple[CalibrationRun, bool]:
    return calibration.calibrate_round(world.session, world.call.public_id, actor=world.coordinator, now=world.now)


def deliberate(world: World, n: int) -> None:
    """The whole deliberation of the n-th application."""
    world.deliberate(world.applications[n])


def test_the_same_marks_give_the_same_run_and_write_nothing(session: Session, world: World) -> None:
    run, new = calibrate(world)
    head = journal.head(session)
    again, newer = calibrate(world)
    assert (new, newer, again.id, journal.head(session)) == (True, False, run.id, head)


def test_the_rows_of_the_sheets_add_up_to_the_published_value(session: Session, world: World) -> None:
    run, _ = calibrate(world)
    results = session.scalars(select(Result).where(Result.run_id == run.id).order_by(Result.rank)).all()
    assert [(r.total, r.outcome, r.rank) for r in results] == [
        ("80.00", "recommended", 1),
        ("60.00", "not_recommended", 2),
    ]
    for result in results:
        assert sum(Fraction(row["share"]) for row in result.sheets) == Fraction(result.total)
        assert len({row["alias"] for row in result.sheets}) == 3
    assert [r["code"] for r in results[1].reasons] == ["below_pass_mark"]


def test_a_mark_far_from_the_mean_raises_an_alarm(session: Session, world: World, now: datetime) -> None:
    sheet = world.sheets(world.panels[0])[0]
    scoresheets.reopen(session, sheet.public_id, reason="확인", actor=world.coordinator, now=now, base_url="")
    actor = world.panellist(sheet.seat)
    scoresheets.save(session, sheet.public_id, filled(sheet.version, 2), actor=actor, now=now)
    scoresheets.lock(session, sheet.public_id, version=sheet.version, actor=actor, now=now)
    run, new = calibrate(world)
    assert new
    result = next(r for r in run.results if r.application_id == world.applications[0].id)
    alarms = {row["alias"]: row["alarm"]["side"] for row in result.sheets if row["alarm"]}
    assert alarms[sheet.seat.alias] == "below"
    assert result.raw_mean == "66.67"


def test_without_the_quorum_there_is_no_decision(session: Session, world: World, now: datetime) -> None:
    for sheet in world.sheets(world.panels[0])[:2]:
        scoresheets.reopen(session, sheet.public_id, reason="확인", actor=world.coordinator, now=now, base_url="")
    run, _ = calibrate(world)
    result = next(r for r in run.results if r.application_id == world.applications[0].id)
    assert (result.outcome, result.rank, result.n_sheets) == ("quorum_missing", None, 1)
    with pytest.raises(WrongStage):
        deliberation.convene(session, world.applications[0].public_id, actor=world.coordinator, now=now)


def test_a_panellist_may_not_calibrate(session: Session, world: World, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        calibration.calibrate_round(
            session, world.call.public_id, actor=world.panellist(world.panels[0].seats[0]), now=now
        )


def test_deliberation_needs_results_of_the_marks_as_they_stand(session: Session, world: World, now: datetime) -> None:
    with pytest.raises(WrongStage):
        deliberation.convene(session, world.applications[0].public_id, actor=world.coordinator, now=now)


def test_results_of_a_sheet_that_was_submitted_again_are_computed_again(session: Session, world: World, now: datetime) -> None:
    calibrate(world)
    sheet, key = world.sheets(world.panels[0])[0], world.applications[0].public_id
    for step in (2, 2):  # other marks, then the same once more
        scoresheets.reopen(session, sheet.public_id, reason="확인", actor=world.coordinator, now=now, base_url="")
        world.fill(sheet, step)
        with pytest.raises(WrongStage) as stale, session.begin_nested():
            deliberation.convene(session, key, actor=world.coordinator, now=now)
        assert stale.value.code == "guard.not_calibrated"
        assert calibrate(world)[1]
    deliberation.convene(session, key, actor=world.coordinator, now=now)
    assert world.applications[0].status == "panel_deliberation"


def test_the_panel_concludes_what_the_rules_give(session: Session, world: World) -> None:
    calibrate(world)
    deliberate(world, 0)
    deliberate(world, 1)
    assert [a.status for a in world.applications] == ["recommended", "not_recommended"]
    assert all(p.closed_at for p in world.panels)
    assert {s.status for s in world.panels[0].seats} == {"done", "candidate"}
    assert session.query(Decision).count() == 2
    deliberation.to_fitness(session, world.applications[0].public_id, actor=world.coordinator, now=world.now)
    assert world.applications[0].status == "fitness_review"


def test_several_go_to_the_fitness_review_together_or_none_goes(session: Session, world: World) -> None:
    calibrate(world)
    deliberate(world, 0)
    deliberate(world, 1)
    session.commit()
    keys = [a.public_id for a in world.applications]

    def send(*chosen: str, call: str = world.call.public_id) -> int:
        return deliberation.to_fitness_together(session, call, chosen, actor=world.coordinator, now=world.now)

    with pytest.raises(Invalid) as refused:
        send(*keys)
    assert refused.value.problems == {"A-102": "door.no_such_move"}
    session.rollback()
    assert [a.status for a in world.applications] == ["recommended", "not_recommended"]
    with pytest.raises(Invalid):
        send()
    with pytest.raises(NotFound):
        send(keys[0], call="another")
    assert send(keys[0], keys[0]) == 1
    assert world.applications[0].status == "fitness_review"


def test_a_refusal_needs_two_coordinators_and_sends_one_letter(session: Session, world: World, now: datetime) -> None:
    calibrate(world)
    deliberate(world, 1)
    key = world.applications[1].public_id
    with pytest.raises(WrongStage):
        deliberation.reject(
            session, world.applications[0].public_id, reason="x", actor=world.coordinator, now=now, base_url=""
        )
    asked = deliberation.reject(
        session, key, reason="합격 기준점 미달", actor=world.coordinator, now=now, base_url="http://localhost"
    )
    assert not asked.moved
    with pytest.raises(NotAllowed):
        deliberation.reject(session, key, reason="", actor=world.coordinator, now=now, base_url="http://localhost")
    assert deliberation.reject(session, key, reason="", actor=world.second, now=now, base_url="http://localhost").moved
    assert world.applications[1].status == "rejected"
    letter = session.scalars(select(Mail).where(Mail.template == "rejected")).one()
    assert "합격 기준점 미달" in letter.body
    assert not any(s.expert.person.name in letter.body for s in world.panels[1].seats)
    last = session.scalars(select(Decision).order_by(Decision.id.desc())).first()
    assert (last.by_id, last.confirmed_by_id) == (world.coordinator.account_id, world.second.account_id)


def test_the_calls_switches_decide_the_next_step(session: Session, world: World, now: datetime) -> None:
    world.call.rules = world.call.rules | {"interview": True, "site_check": True}
    calibrate(world)
    key = world.applications[0].public_id
    deliberation.convene(session, key, actor=world.coordinator, now=now)
    assert world.applications[0].status == "interview"
    with pytest.raises(WrongStage):
        deliberation.convene(session, key, actor=world.coordinator, now=now)
    held = Inspected(date(2026, 11, 20), "질문과 답변")
    deliberation.inspect(session, key, held, actor=world.coordinator, now=now)
    deliberation.convene(session, key, actor=world.coordinator, now=now)
    with pytest.raises(WrongStage):
        deliberation.convene(session, key, actor=world.coordinator, now=now)
    with pytest.raises(Invalid) as refused:
        wrong = replace(held, held_on=date(2026, 11, 30), people=["한 사람"])
        deliberation.inspect(session, key, wrong, actor=world.coordinator, now=now)
    assert {"held_on", "people", "signed_by", "outcome", "item.facility"} <= set(refused.value.problems)
    checked = [{"code": code, "answer": "yes"} for code in CHECKS]
    report = replace(held, people=["가", "나"], items=checked, outcome="fit", signed_by="대표")
    deliberation.inspect(session, key, report, actor=world.coordinator, now=now)
    deliberation.convene(session, key, actor=world.coordinator, now=now)
    assert world.applications[0].status == "panel_deliberation"


def test_a_run_is_computed_again_from_what_it_kept_and_names_what_changed(session: Session, world: World) -> None:
    run, _ = calibrate(world)
    session.commit()
    assert recompute(session, run.public_id, actor=OPERATOR).changed == ()
    result = session.scalars(select(Result).where(Result.run_id == run.id, Result.rank == 1)).one()
    told = {
        f"result {result.application.public_id}.total": lambda: setattr(result, "total", "80.01"),
        "policy: is no longer": lambda: setattr(run, "policy", run.policy | {"pass_mark": "60"}),
        "inputs: are no longer": lambda: setattr(run, "inputs", run.inputs[1:]),
        "library: computed with 'older'": lambda: setattr(run, "computed_with", "older"),
        "before runs kept their inputs": lambda: setattr(run, "inputs", None),
    }
    for words, change in told.items():
        change()
        session.flush()
        found = recompute(session, run.public_id, actor=OPERATOR)
        session.rollback()
        assert not found.holds and any(words in line for line in found.changed), words
    lock = session.scalars(select(SheetLock).order_by(SheetLock.id)).first()
    content = json.loads(json.dumps(lock.content))
    content["marks"][0]["step"] = 1
    lock.content = content
    session.flush()
    (line,) = recompute(session, run.public_id, actor=OPERATOR).changed
    assert line == f"sheet {content['sheet']}: {content['marks'][0]['item']} is not what was locked"
    session.rollback()
    with pytest.raises(NotAllowed):
        recompute(session, run.public_id, actor=world.applicant)


def test_bonus_points_marks_by_size_exemptions_and_the_order_of_checks_come_from_the_call(session: Session, world: World) -> None:
    """Two panels gave 80 and 60; a valid certificate is worth points, a lapsed one is not, and the run repeats."""
    held = {"kind": "NEP", "issued_on": "2020-01-01", "valid_until": "2099-12-31"}
    lapsed = {"kind": "NET", "issued_on": "2000-01-01", "valid_until": "2001-01-01"}
    for application, size in zip(world.applications, ("large", "sme"), strict=True):
        filed = session.scalars(select(DossierVersion).where(DossierVersion.application_id == application.id)).one()
        told = filed.content | {"company": {"size": size}, "rights": {"certificates": [held, lapsed]}}
        filing = {"version": 2, "digest": "1" * 64, "filed": True, "at": world.now}
        session.add(DossierVersion(application_id=application.id, content=told, **filing))
        application.dossier_version = 2
    before = world.call.rules
    apart = {"bonuses": {"certificate-NEP": 3, "certificate-NET": 4}, "pass_marks": {"size-large": 85, "size-sme": 62}}
    world.call.rules = before | apart | {"bonus_most": 2}
    run, _ = calibrate(world)
    found = {r.application_id: r for r in session.scalars(select(Result).where(Result.run_id == run.id))}
    large, small = (found[a.id] for a in world.applications)
    assert [(r.total, r.raw_mean, r.detail["bonus"], r.detail["pass_mark"], r.outcome) for r in (large, small)] == [
        ("82.00", "80.00", "2.00", "85.00", "not_recommended"),
        ("62.00", "60.00", "2.00", "62.00", "recommended"),
    ]
    assert sum(Fraction(s["share"]) for s in large.sheets) + 2 == Fraction(large.total)
    assert recompute(session, run.public_id, actor=OPERATOR).holds

    strict = {"pass_mark": "90", "cut_lines_off": []}
    sheet = world.sheets(world.panels[1])[0]
    for item in ("C1.1", "C1.2"):  # far below the cut-line of the first criterion
        for one in world.sheets(world.panels[1]):
            session.add(Mark(sheet_id=one.id, item=item, number=9, step=1, comment="미흡", at=world.now))
    assert sheet.application_id == world.applications[1].id
    codes = {}
    for name, rules in {
        "together": strict,
        "in turn": strict | {"order": "gates_first"},
        "exempt": strict | {"order": "gates_first", "cut_lines_off": ["size-sme"]},
    }.items():
        world.call.rules = before | rules
        run, _ = calibrate(world)
        result = session.scalars(select(Result).where(Result.run_id == run.id, Result.application_id == sheet.application_id)).one()
        codes[name] = [reason["code"] for reason in result.reasons]
    assert codes == {
        "together": ["below_cut_line", "below_pass_mark"],
        "in turn": ["below_cut_line"],
        "exempt": ["below_pass_mark"],
    }


def test_the_command_tells_whether_a_run_still_gives_what_it_gave(
    session: Session, world: World, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run, _ = calibrate(world)
    result = session.scalars(select(Result).where(Result.run_id == run.id, Result.rank == 1)).one()
    run_id, method, first = run.public_id, run.computed_with, result.application.public_id
    monkeypatch.setenv("DATABASE_URL", database_url)
    for total, changed in ((result.total, []), ("99.99", [f"result {first}.total"])):
        result.total = total
        session.commit()  # the command opens the database itself
        assert main(["verify", "run", run_id]) == bool(changed)
        told = json.loads(capsys.readouterr().out)
        assert (told["holds"], told["changed"], told["computed_with"]) == (not changed, changed, method)


def test_a_late_conflict_takes_a_sheet_out_by_a_new_run_and_the_old_one_holds(session: Session, world: World) -> None:
    run, _ = calibrate(world)
    panel = world.panels[0]
    seat = world.seated(panel, "active")[0]
    seating.void_sheets(session, seat, {world.applications[0].id}, actor=SYSTEM, now=world.now)
    promised = session.scalars(select(Promise).where(Promise.kind == "calibrate")).one()
    assert promised.args["round"] == 1 and newer_than(session, world.round, run)
    again, new = calibrate(world)
    assert new and again.number == 2 and not newer_than(session, world.round, again)
    results = session.scalars(select(Result).where(Result.application_id == world.applications[0].id))
    counted = {r.run_id: r.n_sheets for r in results}
    assert counted[again.id] == counted[run.id] - 1
    for kept in (run, again):
        assert recompute(session, kept.public_id, actor=OPERATOR).holds
