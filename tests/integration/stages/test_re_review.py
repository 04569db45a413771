"""An upheld objection gives a dossier to other people, in a round of its own beside the one that runs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.errors import Duplicate, NotFound, WrongStage
from app.models.applications import Application, Decision
from app.models.calls import Round
from app.models.designations import NoticeEdition
from app.models.matching import Panel, Seat
from app.models.process import JournalEntry
from app.models.results import CalibrationRun, Result
from app.queries import after_panels, applications, calls, panel_marks, result_letters, results, run_panels, worklist
from app.stages import consensus, deliberation, fitness, invitations, matching, notice, panels, scoresheets
from app.stages.matching import deployment
from app.workflow import rounds, seating
from app.workflow.actors import NOBODY
from app.workflow.wordlists import FITNESS_CHECKS
from tests import panels as worlds
from tests.panels import World
from tests.re_reviews import (
    BASE,
    calibrate,
    conclude,
    deploy,
    match,
    order,
    refuse,
    reopen,
    score,
    send_on,
    spare_experts,
    uphold,
)

pytestmark = pytest.mark.storage


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    """One dossier sent to a re-review while three others are still being judged."""
    world = worlds.make(session, now, dossiers=4, substitutes=("technology", "technology", "market"))
    spare_experts(world)
    world.invite_all()
    for panel in world.panels[1:]:
        world.start(panel)
        world.fill(world.sheets(panel)[0], 3)
    order(world, world.applications[0], world.panels[0])
    return world


def of_round(session: Session, number: int) -> Round:
    return session.query(Round).filter_by(number=number).one()


def people(panel: Panel) -> set[int]:
    return {seat.expert_id for seat in panel.seats if seat.status not in ("candidate", "excluded")}


def test_other_people_judge_again_while_the_running_round_goes_on(session: Session, world: World, tmp_path: Path) -> None:
    key, call, first, former = world.applications[0].public_id, world.call.public_id, world.applications[0], world.panels[0]
    assert [a.status for a in world.applications] == ["re_review", "in_review", "in_review", "in_review"]
    assert [(r.number, r.kind) for r in rounds.of_call(session, call)] == [(1, "first"), (2, "re_review")]
    assert (first.round, rounds.named(session, call).number) == (of_round(session, 2), 1)

    run = match(world, tmp_path, 2)
    assert run.round is of_round(session, 2)
    with pytest.raises(WrongStage) as nothing_left:  # the running round seats only what is eligible
        matching.order(session, call, actor=world.coordinator, now=world.now, round_number=1)
    assert nothing_left.value.code == "matching.no_dossiers"
    barred = run_panels.detail(session, run.public_id, 1, actor=world.coordinator).barred
    assert {b.name for b in barred if b.ground == "former_panellist"} == {
        seat.expert.person.name for seat in former.seats if seat.expert_id in people(former)
    }
    panel = deploy(world, run)
    assert not people(panel) & people(former)
    for seat in world.seated(panel, "invited"):
        world.answer(seat)
    assert panels.start_all_full(session, call, actor=world.coordinator, now=world.now, round_number=1) == 0
    assert panels.start_all_full(session, call, actor=world.coordinator, now=world.now, round_number=2) == 1
    assert first.status == "in_review"

    with pytest.raises(WrongStage) as no_quorum:  # the former panel's three sheets are no quorum of this one
        deliberation.convene(session, key, actor=world.coordinator, now=world.now)
    assert (no_quorum.value.code, no_quorum.value.data["have"]) == ("guard.quorum_missing", 0)
    for sheet in world.sheets(panel):
        world.fill(sheet, 5)
    with pytest.raises(WrongStage) as not_calibrated:  # nor is its result one
        deliberation.convene(session, key, actor=world.coordinator, now=world.now)
    assert not_calibrated.value.code == "guard.not_calibrated"

    before = session.query(CalibrationRun).filter_by(round_id=of_round(session, 1).id).count()
    again = calibrate(world, 2)
    assert [(r.application_id, r.n_sheets, r.total, r.rank) for r in again.results] == [(first.id, 3, "100.00", 1)]
    assert session.query(CalibrationRun).filter_by(round_id=of_round(session, 1).id).count() == before
    conclude(world, first, panel)
    assert (first.status, panel.closed_at, former.closed_at) == ("recommended", world.now, world.now)
    deliberation.to_fitness(session, key, actor=world.coordinator, now=world.now)
    assert first.status == "fitness_review"
    assert [a.status for a in world.applications[1:]] == ["in_review"] * 3

    run_of_all = calibrate(world, 1)  # the running round goes on to its end; its results keep the former one as it was
    kept = session.query(Result).filter_by(run_id=run_of_all.id, application_id=first.id).one()
    assert kept.total == "40.00"
    newest = rounds.result_of(session, first)
    assert newest is not None and newest.total == "100.00"
    view = results.one(session, call, key, actor=world.coordinator)
    assert (view.round, view.row.total, [(b.round, b.total) for b in view.beside]) == (2, "100.00", [(1, "40.00"), (2, "100.00")])
    former_view = results.one(session, call, key, actor=world.coordinator, round_number=1)
    assert (former_view.row.total, former_view.row.judging, former_view.next_step) == ("40.00", False, "")
    assert former_view.elsewhere is not None and (former_view.elsewhere.round, former_view.elsewhere.judged) == (2, True)
    assert journal.verify(session).first_bad is None
    opened = session.execute(select(JournalEntry).where(JournalEntry.action == "round.opened")).scalars().all()
    assert [entry.subject for entry in opened] == [of_round(session, 2).public_id]


def test_neither_panel_sees_or_touches_what_the_other_does(session: Session, world: World, tmp_path: Path) -> None:
    first, former, key = world.applications[0], world.panels[0], world.applications[0].public_id
    old = world.panellist(next(s for s in former.seats if s.duty == "chair"))
    panel = deploy(world, match(world, tmp_path, 2))
    score(world, panel, 5)
    new = world.panellist(next(s for s in panel.seats if s.duty == "chair"))
    fresh = panel_marks.table(session, key, actor=new)
    assert (fresh.status, fresh.outcome, fresh.talk.text) == ("in_review", None, "")  # not calibrated: nothing of the former result
    calibrate(world, 2)
    kept = panel_marks.table(session, key, actor=old)
    assert (kept.status, kept.outcome and kept.outcome.total, kept.talk.text) == ("", "40.00", "합의")
    tasks = worklist.of(session, actor=old, now=world.now)
    assert [t.code for t in tasks.done if t.key == key] == ["concluded"]
    assert not [t for t in (*tasks.now, *tasks.waiting) if t.key == key]
    deliberation.convene(session, key, actor=world.coordinator, now=world.now)
    with pytest.raises(NotFound):
        consensus.draft(session, key, {"overall": "다시"}, actor=old, now=world.now)
    first.status = "in_review"
    with pytest.raises(WrongStage) as closed:
        sheet = world.sheets(former)[0].public_id
        scoresheets.reopen(session, sheet, reason="x", actor=world.coordinator, now=world.now, base_url=BASE)
    assert closed.value.code == "guard.review_over"


def test_a_former_panellist_on_the_new_panel_stops_it(session: Session, world: World, tmp_path: Path) -> None:
    panel = deploy(world, match(world, tmp_path, 2))
    panel.seats[0].expert_id = world.panels[0].seats[0].expert_id
    session.flush()
    session.expire(panel)
    for seat in world.seated(panel, "invited"):
        seat.status = "pledged"
    with pytest.raises(WrongStage) as refused:
        panels.start(session, panel.public_id, actor=world.coordinator, now=world.now)
    assert refused.value.code == "guard.former_panellist"
    assert world.applications[0].status == "re_review"


def test_a_former_panellist_is_no_substitute_either(session: Session, world: World, tmp_path: Path) -> None:
    panel = deploy(world, match(world, tmp_path, 2))
    lost = world.seated(panel, "invited")[0]
    chosen, _ = seating.next_substitute(session, lost)
    assert chosen is not None
    used = {seat.expert_id for seat in panel.seats}
    formers = [s for s in world.panels[0].seats if s.status == "done" and s.expert_id not in used]
    for seat, other in zip([s for s in panel.seats if s.status == "candidate"], formers, strict=False):
        seat.expert_id = other.expert_id
    session.flush()
    session.expire_all()
    chosen, passed = seating.next_substitute(session, lost)
    assert (chosen, {why for _seat, why in passed}) == (None, {"former"})


def test_a_substitute_who_was_never_asked_may_judge_the_re_review(session: Session, world: World) -> None:
    never = {s.expert_id for s in world.panels[0].seats if s.status == "candidate"}
    former = rounds.former_panellists(session, [world.applications[0].id], of_round(session, 2).id)
    assert never and not never & {expert for _, expert in former}
    assert len(former) == 3


def test_re_reviews_share_a_round_until_a_panel_of_it_stands(session: Session, world: World, tmp_path: Path) -> None:
    second, third = world.applications[1], world.applications[2]
    for sheet in world.sheets(world.panels[1])[1:]:
        world.fill(sheet, 3)
    send_on(world, second, world.panels[1])
    assert second.round is world.applications[0].round
    run = match(world, tmp_path, 2)
    assert run.summary["panels"] == 2
    deployment.deploy(session, run.public_id, actor=world.coordinator, now=world.now)
    for sheet in world.sheets(world.panels[2])[1:]:
        world.fill(sheet, 3)
    send_on(world, third, world.panels[2])
    assert third.round is of_round(session, 3)
    assert session.execute(rounds.waiting(of_round(session, 2))).scalars().all() == []
    assert session.execute(rounds.waiting(of_round(session, 3))).scalars().all() == [third]


def test_one_objection_orders_one_re_review_and_a_new_refusal_may_be_objected_to(
    session: Session, world: World, tmp_path: Path
) -> None:
    first = world.applications[0]
    panel = deploy(world, match(world, tmp_path, 2))
    score(world, panel, 3)
    calibrate(world, 2)
    conclude(world, first, panel)
    refuse(world, first)
    assert first.status == "rejected"
    row = after_panels.rows(session, world.call.public_id, ("rejected",), actor=world.coordinator)
    assert [r.upheld for r in row] == [False]
    with pytest.raises(WrongStage) as refused:
        reopen(world, first)
    assert refused.value.code == "guard.no_objection_upheld"
    uphold(world, first)  # on the same ground as before: this is another decision
    with pytest.raises(Duplicate):
        notice.file_objection(
            session, first.public_id, ground="fact", text="또 다릅니다.", actor=world.applicant, now=world.now
        )
    reopen(world, first)
    assert (first.status, first.round) == ("re_review", of_round(session, 3))
    spare_again = rounds.former_panellists(session, [first.id], of_round(session, 3).id)
    assert {expert for _, expert in spare_again} == people(world.panels[0]) | people(panel)


def test_after_a_notice_the_new_panels_recommendation_is_looked_at_anew(
    session: Session, now: datetime, tmp_path: Path
) -> None:
    world = worlds.make(session, now)
    spare_experts(world)
    officer = worlds.account(session, now, "procurement", "조달 담당")
    first, key, call = world.applications[0], world.applications[0].public_id, world.call.public_id
    checks = dict.fromkeys(FITNESS_CHECKS, "yes")

    def pass_fitness() -> None:
        deliberation.to_fitness(session, key, actor=world.coordinator, now=world.now)
        fitness.review(session, key, checks=checks, outcome="passed", reasons="", actor=officer, now=world.now, base_url=BASE)

    def publish() -> NoticeEdition:
        return notice.publish(session, call, [key], actor=world.coordinator, now=world.now)

    def object_to(edition: NoticeEdition) -> str:
        row = notice.object_to(
            session, edition.public_id, key, name="시민", address="c@example.org", ground="rights", text="특허", language="ko",
            actor=NOBODY, now=world.now,
        )  # fmt: skip
        notice.admit(session, row.public_id, actor=world.coordinator, now=world.now)
        return row.public_id

    world.invite_all()
    score(world, world.panels[0], 4)
    calibrate(world)
    conclude(world, first, world.panels[0])
    pass_fitness()
    edition = publish()
    upheld, left = object_to(edition), object_to(edition)
    notice.answer(session, upheld, outcome="upheld", text="맞습니다.", actor=world.coordinator, now=world.now)
    reopen(world, first)
    assert first.status == "re_review"

    panel = deploy(world, match(world, tmp_path, 2))
    score(world, panel, 5)
    calibrate(world, 2)
    conclude(world, first, panel)
    deliberation.to_fitness(session, key, actor=world.coordinator, now=world.now)
    with pytest.raises(WrongStage) as lapsed, session.begin_nested():  # the look at the former recommendation does not count
        publish()
    assert lapsed.value.code == "guard.fitness_not_passed"
    fitness.review(session, key, checks=checks, outcome="passed", reasons="", actor=officer, now=world.now, base_url=BASE)
    second = publish()
    assert second.number == 2
    with pytest.raises(WrongStage) as overtaken:  # the objection to the first notice has led to its re-review
        reopen(world, first)
    assert overtaken.value.code == "guard.no_objection_upheld"
    world.now = second.closes_at
    with pytest.raises(WrongStage) as owed:  # whoever objected to the first notice is still owed an answer
        notice.to_committee(session, key, actor=world.coordinator, now=world.now)
    assert owed.value.code == "guard.objections_open"
    notice.answer(session, left, outcome="upheld", text="맞습니다.", actor=world.coordinator, now=world.now)
    with pytest.raises(WrongStage):
        reopen(world, first)
    notice.to_committee(session, key, actor=world.coordinator, now=world.now)
    assert first.status == "committee_deliberation"


def test_the_applicant_reads_that_other_people_judge_again(session: Session, world: World) -> None:
    key = world.applications[0].public_id
    found = applications.status(session, key, actor=world.applicant, now=world.now)
    way = [(stage.phase.key, stage.state) for stage in found.way]
    assert way[:4] == [("received", "done"), ("eligibility", "done"), ("review", "done"), ("re_review", "now")]
    assert [a.outcome for a in found.decided] == ["re_review", "rejected"]
    assert found.way[3].at == world.now
    letter = result_letters.one(session, key, actor=world.applicant)
    assert (letter.outcome, letter.total, letter.lapsed_at) == ("rejected", "40.00", world.now)
    other = applications.status(session, world.applications[1].public_id, actor=world.applicant, now=world.now)
    assert "re_review" not in [stage.phase.key for stage in other.way]


def test_the_coordinator_is_led_to_the_round_that_waits(session: Session, world: World, tmp_path: Path) -> None:
    call = world.call.public_id
    step = calls.head(session, call, actor=world.coordinator).next_step(world.now)
    assert (step.code, step.n, step.endpoint, step.round) == ("re_review", 1, "coordinator.matching", 2)
    assert [(r.round, r.seated) for r in after_panels.re_reviews(session, call, actor=world.coordinator)] == [(2, False)]
    deploy(world, match(world, tmp_path, 2))
    assert calls.head(session, call, actor=world.coordinator).next_step(world.now).code == "seat_panels"
    assert [(r.round, r.seated) for r in after_panels.re_reviews(session, call, actor=world.coordinator)] == [(2, True)]


def test_seats_in_the_running_round_count_for_the_load(session: Session, world: World, tmp_path: Path) -> None:
    world.call.rules = world.call.rules | {"load_max": 1}
    busy = set().union(*(people(panel) for panel in world.panels))
    panel = deploy(world, match(world, tmp_path, 2))
    assert not people(panel) & busy


def test_a_panel_of_several_dossiers_closes_without_the_one_sent_elsewhere(session: Session, now: datetime) -> None:
    world = worlds.make(session, now, dossiers=2, batch=True)
    panel = world.panels[0]
    world.invite_all()
    order(world, world.applications[0], panel)
    assert panel.closed_at is None
    seat = world.seated(panel, "active")[0]
    with pytest.raises(WrongStage) as over:  # its sheets stand as they are
        invitations.recuse(
            session, seat.public_id, world.applications[0].public_id, invitations.Declared(True, "kin"),
            actor=world.panellist(seat), now=now,
        )  # fmt: skip
    assert over.value.code == "invitation.review_over"
    conclude(world, world.applications[1], panel)
    assert panel.closed_at == now
    assert {s.status for s in panel.seats} == {"done", "candidate"}


def test_a_decision_names_the_objections_and_the_round(session: Session, world: World) -> None:
    made = session.execute(select(Decision).where(Decision.outcome == "re_review")).scalar_one()
    assert made.inputs["round"] == 2 and len(made.inputs["objections"]) == 1
    assert (made.by_id, made.confirmed_by_id) == (world.coordinator.account_id, world.second.account_id)


def test_a_round_nobody_opened_does_not_exist(session: Session, world: World) -> None:
    with pytest.raises(NotFound):
        matching.order(session, world.call.public_id, actor=world.coordinator, now=world.now, round_number=3)
    assert session.query(Application).filter_by(status="re_review").count() == 1
    assert session.query(Seat).join(Panel).filter(Panel.round_id == of_round(session, 2).id).count() == 0
