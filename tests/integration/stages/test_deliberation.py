"""The panel's deliberation: who may say what, what is sealed, who is out, and what the minutes keep of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.errors import Duplicate, Invalid, NotAllowed, NotFound, Stale, WrongStage
from app.models.applications import Application
from app.models.deliberations import Deliberation, Minutes
from app.models.process import JournalEntry, Promise
from app.models.reviews import Mark
from app.queries import agenda, minutes, panel_marks
from app.stages import calibration, consensus, deliberation, invitations, scoresheets, sittings
from app.stages.invitations import Declared
from app.stages.scoresheets import Entry
from app.workflow import deliberations
from app.workflow.actors import SYSTEM, Actor
from tests import panels as worlds
from tests.panels import World

SEATS = ("technology", "technology", "technology", "market")


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    """One panel of four judges two dossiers and deliberates on both: all give 4, but to the first one gives 2."""
    world = worlds.make(session, now, dossiers=2, batch=True, seats=SEATS, panel_seats=4, quorum=3)
    world.invite_all()
    world.start(world.panels[0])
    for n, sheet in enumerate(world.sheets(world.panels[0])):
        world.fill(sheet, 2 if n == 0 else 4)
    compute(world)
    for application in world.applications:
        deliberation.convene(session, application.public_id, actor=world.coordinator, now=now)
    session.commit()
    return world


def compute(world: World) -> Any:
    return calibration.calibrate_round(world.session, world.call.public_id, actor=SYSTEM, now=world.now)[0]


def write(world: World, application: Application, **texts: str) -> Deliberation:
    who = world.by_duty(application)["rapporteur"]
    return consensus.draft(world.session, application.public_id, texts or {"overall": "글"}, actor=who, now=world.now)


def member(world: World, *aliases: str) -> list[Actor]:
    return [world.panellist(s) for s in world.panels[0].seats if s.alias in aliases]


def test_only_chair_and_rapporteur_write_and_a_newer_paragraph_is_not_overwritten(world: World, now: datetime) -> None:
    session, key = world.session, world.applications[0].public_id
    who = world.by_duty(world.applications[0])
    for actor, error in ((who["member"], NotAllowed), (world.coordinator, NotAllowed)):
        with pytest.raises(error):
            consensus.draft(session, key, {"overall": "글"}, actor=actor, now=now)
    consensus.draft(session, key, {"C1": "새롭다", "overall": "글"}, seen={"C1": 0}, actor=who["rapporteur"], now=now)
    with pytest.raises(Stale):
        consensus.draft(session, key, {"C1": "다르게"}, seen={"C1": 0}, actor=who["chair"], now=now)
    with pytest.raises(Invalid):
        consensus.draft(session, key, {"C9": "없는 항목"}, actor=who["chair"], now=now)
    said = consensus.draft(session, key, {"C1": "더 새롭다"}, seen={"C1": 1}, actor=who["chair"], now=now)
    assert said.text == "더 새롭다\n\n글"
    assert [(p.topic, p.number, p.text) for p in said.paragraphs] == [
        ("C1", 1, "새롭다"),
        ("C1", 2, "더 새롭다"),
        ("overall", 1, "글"),
    ]


def test_the_chair_confirms_what_everybody_present_answered_and_most_approve(world: World, now: datetime) -> None:
    session, application = world.session, world.applications[1]
    key, chair = application.public_id, world.by_duty(application)["chair"]
    said = write(world, application)
    digest = deliberations.text_digest(said.text, said.alarms_note)

    def refusal() -> str:
        with pytest.raises(WrongStage) as refused:
            deliberation.confirm(session, key, digest=digest, actor=chair, now=now)
        return refused.value.code

    assert refusal() == "deliberation.answers_missing"
    aliases = sorted(s.alias for s in world.panels[0].seats if s.alias)
    world.answer_text(application, against=aliases[:2])
    assert refusal() == "deliberation.not_approved"  # two of four
    world.answer_text(application, against=aliases[:1])
    deliberation.confirm(session, key, digest=digest, actor=chair, now=now)
    world.answer_text(application)  # an answer after it asks for the confirmation again
    with pytest.raises(WrongStage):
        deliberation.conclude(session, key, actor=chair, now=now)
    write(world, application, overall="고친 글")
    assert refusal() == "deliberation.text_changed"


def test_an_absent_member_is_not_waited_for_but_the_quorum_is(world: World, now: datetime) -> None:
    session, application = world.session, world.applications[1]
    key, who = application.public_id, world.by_duty(application)
    said = write(world, application)
    seats = [s for s in world.panels[0].seats if s.status == "active" and s.duty == "member"]
    with pytest.raises(Invalid):
        sittings.record_absence(session, key, seats[0].public_id, reason=" ", actor=who["chair"], now=now)
    with pytest.raises(NotAllowed):
        sittings.record_absence(session, key, seats[0].public_id, reason="출장", actor=who["rapporteur"], now=now)
    for seat in seats:
        sittings.record_absence(session, key, seat.public_id, reason="출장", actor=who["chair"], now=now)
    digest = world.answer_text(application)
    with pytest.raises(WrongStage) as refused:
        consensus.answer(session, key, digest=digest, approves=True, actor=world.panellist(seats[0]), now=now)
    assert refused.value.code == "deliberation.absent"
    with pytest.raises(WrongStage) as refused:
        deliberation.confirm(session, key, digest=digest, actor=who["chair"], now=now)
    assert refused.value.code == "deliberation.quorum_absent"
    sittings.end_absence(session, key, seats[0].public_id, actor=who["chair"], now=now)
    world.answer_text(application)
    deliberation.confirm(session, key, digest=digest, actor=who["chair"], now=now)
    assert said.confirmed_at == now


def test_a_vote_is_sealed_until_it_is_closed(world: World, now: datetime) -> None:
    session, application = world.session, world.applications[1]
    key, who = application.public_id, world.by_duty(application)
    vote = sittings.open_vote(session, key, question="추천하는가?", minutes=10, actor=who["chair"], now=now)
    with pytest.raises(Duplicate):
        sittings.open_vote(session, key, question="또?", minutes=10, actor=who["chair"], now=now)
    members = [world.panellist(s) for s in world.panels[0].seats if s.status == "active"]
    sittings.cast(session, vote.public_id, "no", actor=members[0], now=now)
    for choice, error in (("yes", Duplicate), ("maybe", Invalid)):
        with pytest.raises(error):
            sittings.cast(session, vote.public_id, choice, actor=members[0], now=now)
    session.flush()
    shown = panel_marks.table(session, key, actor=members[1]).talk.votes[0]
    assert (shown.counts, shown.ballots, shown.voted) == ({}, (), False)
    with pytest.raises(WrongStage) as refused:
        sittings.close_vote(session, vote.public_id, actor=who["chair"], now=now)
    assert refused.value.code == "deliberation.vote_running"
    with pytest.raises(WrongStage):
        sittings.cast(session, vote.public_id, "yes", actor=members[1], now=now + timedelta(minutes=10))
    sittings.close_vote(session, vote.public_id, actor=who["chair"], now=now + timedelta(minutes=10))
    session.flush()
    shown = panel_marks.table(session, key, actor=members[1]).talk.votes[0]
    assert shown.counts == {"yes": 0, "no": 1, "abstain": 0}
    told = [e.data for e in session.scalars(select(JournalEntry).where(JournalEntry.action == "deliberation.vote_cast"))]
    assert told == [journal.canonical({"vote": 1})]


def test_a_revision_stands_beside_what_was_submitted_and_the_results_follow(world: World, now: datetime) -> None:
    session, application = world.session, world.applications[0]
    key = application.public_id
    sheet = next(s for s in world.sheets(world.panels[0]) if s.application_id == application.id and s.marks[0].step == 2)
    actor, first = world.panellist(sheet.seat), sheet.receipt
    assert panel_marks.table(session, key, actor=actor).alarms
    entries = {"C1.1": Entry(4, "성적서를 다시 보았다.")}
    with pytest.raises(Invalid):
        scoresheets.revise(session, sheet.public_id, entries, reason=" ", actor=actor, now=now)
    with pytest.raises(Invalid):
        scoresheets.revise(session, sheet.public_id, {}, reason="이유", actor=actor, now=now)
    lock = scoresheets.revise(session, sheet.public_id, entries, reason="성적서 확인", actor=actor, now=now)
    session.flush()
    assert (sheet.status, lock.number, sheet.receipt == first) == ("locked", 2, False)
    assert session.query(Mark).filter_by(sheet_id=sheet.id, item="C1.1").count() == 2
    table = panel_marks.table(session, key, actor=actor)
    assert table.own is not None
    assert (table.own.was("C1.1"), table.own.was("C1.2"), table.own.revisions[0].because) == (2, None, "성적서 확인")
    assert (table.own.first_total, table.own.total) == ("40.00", "44.00")
    assert table.computing
    promise = session.scalars(select(Promise).where(Promise.kind == "calibrate")).one()
    assert promise.args == {"call": world.call.public_id, "round": 1}
    write(world, application, overall="글", alarms="논의함")
    digest, chair = world.answer_text(application), world.by_duty(application)["chair"]
    deliberation.confirm(session, key, digest=digest, actor=chair, now=now)
    with pytest.raises(WrongStage) as refused:
        deliberation.conclude(session, key, actor=chair, now=now)
    assert refused.value.code == "guard.not_calibrated"
    compute(world)
    deliberation.conclude(session, key, actor=chair, now=now)
    kept = session.scalars(select(Minutes)).one()
    told = next(s for s in kept.content["sheets"] if s["revisions"])
    assert (told["first_total"], told["total"], told["changed"]) == ("40.00", "44.00", {"C1.1": [2, 4]})
    assert kept.digest == journal.sha256(kept.content)


def test_whoever_has_a_conflict_steps_out_and_the_dossier_is_gone_for_them(world: World, now: datetime) -> None:
    session, (first, second) = world.session, world.applications
    seat = next(s for s in world.panels[0].seats if s.duty == "chair")
    actor = world.panellist(seat)
    assert len(agenda.of(session, actor=actor).items) == 2
    sittings.take_up(session, first.public_id, actor=actor, now=now)
    later = now + timedelta(minutes=5)
    invitations.recuse(session, seat.public_id, first.public_id, Declared(True, "kin"), actor=actor, now=later)
    session.flush()
    said = deliberations.of(session, first)
    assert [(row.out_at, row.back_at) for row in said.step_outs] == [(later, None)]
    items = agenda.of(session, actor=actor).items
    assert [(i.application, i.place, i.rank) for i in items] == [(second.public_id, 1, 1)]
    for verb in (
        lambda: panel_marks.table(session, first.public_id, actor=actor),
        lambda: sittings.put_down(session, first.public_id, actor=actor, now=later),
        lambda: consensus.draft(session, first.public_id, {"overall": "글"}, actor=actor, now=later),
    ):
        with pytest.raises(NotFound):
            verb()
    assert session.query(Promise).filter_by(kind="calibrate").count() == 1
    assert {r.application_id: r.n_sheets for r in compute(world).results} == {first.id: 3, second.id: 4}
    acting = world.by_duty(first)["chair"]  # another member stands in for this dossier, the chair keeps the other
    assert acting.expert_id != actor.expert_id
    assert world.by_duty(second)["chair"].expert_id == actor.expert_id
    write(world, first, overall="글", alarms="논의함")
    digest = world.answer_text(first)
    deliberation.confirm(session, first.public_id, digest=digest, actor=acting, now=later)
    deliberation.conclude(session, first.public_id, actor=acting, now=later + timedelta(minutes=5))
    kept = session.scalars(select(Minutes)).one().content
    assert [(s["alias"], s["ground"], s["back_at"]) for s in kept["step_outs"]] == [
        (seat.alias, "kin", (later + timedelta(minutes=5)).isoformat())
    ]
    assert seat.expert.person.name not in kept["names"]
    assert len(kept["sheets"]) == 3
    with pytest.raises(NotFound):
        minutes.printed(session, first.public_id, actor=actor)
    assert not minutes.printed(session, first.public_id, actor=acting).names
    assert minutes.printed(session, first.public_id, actor=world.coordinator).names


def test_the_agenda_begins_with_what_is_apart_and_agreed_ones_close_together_with_their_count(
    world: World, now: datetime
) -> None:
    session, (apart, agreed) = world.session, world.applications
    chair = world.by_duty(agreed)["chair"]
    items = agenda.of(session, actor=chair).items
    assert [(i.application, i.triage.group) for i in items] == [
        (apart.public_id, "discuss"),
        (agreed.public_id, "agreed_high"),
    ]
    for application in (apart, agreed):
        write(world, application, overall="글", alarms="논의함")
        world.answer_text(application)
    session.flush()
    assert [i.application for i in agenda.of(session, actor=chair).closable] == [agreed.public_id]

    def together(*keys: str, stated: int) -> int:
        return deliberation.conclude_together(session, keys, stated=stated, actor=chair, now=now)

    for keys, stated in (((), 0), ((agreed.public_id,), 2), ((agreed.public_id, apart.public_id), 2)):
        with pytest.raises(Invalid), session.begin_nested():
            together(*keys, stated=stated)
    assert {a.status for a in world.applications} == {"panel_deliberation"}
    assert together(agreed.public_id, stated=1) == 1
    assert agreed.status == "recommended"
    other = next(actor for duty, actor in world.by_duty(apart).items() if duty == "member")
    sittings.pull_back(session, apart.public_id, actor=other, now=now)
    assert deliberations.of(session, apart).pulled_by_id == other.account_id
