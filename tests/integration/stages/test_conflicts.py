"""Conflicts after the panel was made up: looked for again at the pledge and at the start, decided with effect on the seats."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.errors import Duplicate, Invalid, NotAllowed, NotFound, WrongStage
from app.models.applications import Application, DossierVersion
from app.models.calls import Call, Round
from app.models.experts import Work
from app.models.matching import Conflict, MatchRun, Panel, Seat
from app.models.people import Organisation
from app.models.process import JournalEntry, Mail
from app.models.reviews import Invitation, Sheet
from app.queries import conflict_question, conflict_triage, worklist
from app.queries import conflicts as queries
from app.stages import challenges, conflict_check, conflicts, invitations, panels
from app.workflow import seating
from app.workflow.actors import NOBODY
from tests import panels as worlds
from tests.panels import World, invitation_of

pytestmark = pytest.mark.storage


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return worlds.make(session, now)


def employ(world: World, seat: Seat, name: str) -> None:
    """The expert has changed to this employer, which nobody knew when the panel was made up."""
    place = Organisation(name=name, key=name)
    world.session.add(place)
    world.session.flush()
    seat.expert.organisation_id = place.id
    world.session.flush()


def letters(world: World) -> list[str]:
    return list(world.session.execute(select(Mail.template).order_by(Mail.id)).scalars())


def raised(world: World, seat: Seat, **changed: object) -> Conflict:
    told = {"title": "T", "year": 2025, "person": "김연구"}
    values = {"kind": "statutory_exclusion", "ground": "co_work", "nature": "narrow_field", "hard": False, "digest": "1"}
    values |= {"evidence": told, "status": "raised", "raised_at": world.now} | changed
    row = Conflict(expert_id=seat.expert_id, application_id=world.applications[0].id, **values)
    world.session.add(row)
    world.session.flush()
    return row


def test_at_the_pledge_a_conflict_that_came_up_since_gives_the_seat_to_the_next_in_order(world: World) -> None:
    world.invite_all()
    seat, other = world.panels[0].seats[:2]
    employ(world, seat, "HANGANG ROBOTICS Co., Ltd.")
    world.answer(seat)
    assert seat.status == "replaced"
    assert world.session.get_one(Invitation, seat.invitation_id).pledged_at is None
    assert [s.status for s in world.panels[0].seats if s.replaces_id == seat.id] == ["invited"]
    assert letters(world).count("seat_excluded") == 1
    employ(world, other, "Hangang Robotics Lab")  # alike only: a question, and nothing is signed until it is answered
    world.answer(other)
    assert other.status == "accepted"
    question = world.session.execute(select(Conflict).where(Conflict.status == "raised")).scalar_one()
    conflicts.dismiss(world.session, [question.public_id], reason="another firm", actor=world.coordinator, now=world.now)
    world.answer(other)
    assert other.status == "pledged"


def another_dossier(world: World, call: Call, company: Organisation, n: int, **content: object) -> Application:
    row = worlds.application(world.session, world.now, call, company, n, owner_id=None)
    refile(world, row, **content)
    return row


def refile(world: World, row: Application, **content: object) -> None:
    """A further version of the dossier, which counts from now on."""
    row.dossier_version += 1
    named = {"application_id": row.id, "version": row.dossier_version, "digest": "1" * 64, "filed": True, "at": world.now}
    world.session.add(DossierVersion(content={"company": {"name": row.organisation.name}, **content}, **named))
    world.session.flush()


def test_at_the_pledge_whoever_another_dossier_of_the_call_names_is_a_rival(world: World) -> None:
    world.invite_all()
    seat = world.panels[0].seats[0]
    other = Organisation(name="다른회사", key="다른회사")
    home = Organisation(name="가상대학교", key="가상대학교")
    world.session.add_all([other, home])
    world.session.flush()
    seat.expert.organisation_id = home.id
    named = {"name": seat.expert.person.name, "organisation": "가상대학교", "role": "researcher"}
    another_dossier(world, world.call, other, 7, people={"interest": [named]})
    world.answer(seat)
    assert seat.status == "replaced"
    found = world.session.execute(select(Conflict)).scalar_one()
    assert (found.ground, found.call_id, found.evidence) == (
        "rival", world.call.id, {"applicant": "다른회사", "as": "participant"})  # fmt: skip


def test_a_sheet_in_another_call_shows_that_research_and_applicant_were_judged_before(world: World) -> None:
    session, now, mine = world.session, world.now, world.applications[0]
    world.invite_all()
    seat, company = world.panels[0].seats[0], mine.organisation
    rnd = {"rnd": {"ntis_project_no": "1711190129"}}
    refile(world, mine, **rnd)
    made = {name: getattr(world.call, name) for name in ("title_ko", "title_en", "status", "opens_at", "rules", "rubric",
                                                         "rubric_digest", "created_at")}  # fmt: skip
    before = Call(code="T-2024", closes_at=now - timedelta(days=30), **made)
    before.rounds.append(Round(number=1))
    session.add(before)
    session.flush()
    firm = Organisation(name="이전회사", key="이전회사")
    session.add(firm)
    session.flush()
    run = MatchRun(round_id=before.rounds[0].id, number=1, status="deployed", seed="7", created_at=now)
    session.add(run)
    session.flush()
    for n, (owner, content) in enumerate(((firm, rnd), (company, {}), (firm, {})), 1):
        judged = another_dossier(world, before, owner, n, **content)
        panel = Panel(round_id=before.rounds[0].id, run_id=run.id, number=n, created_at=now)
        session.add(panel)
        session.flush()
        old = Seat(panel_id=panel.id, expert_id=seat.expert_id, ordinal=1, status="done", affinity=0.5)
        session.add(old)
        session.flush()
        session.add(
            Sheet(seat_id=old.id, application_id=judged.id, status="locked", locked_at=now - timedelta(days=400), receipt="x")
        )
    session.flush()
    world.answer(seat)
    assert seat.status == "pledged", "it is shown and bars nobody"
    found = session.execute(select(Conflict)).scalar_one()
    assert (found.ground, found.status, found.application_id) == ("judged_before", "noted", mine.id)
    told = [found.evidence, *found.evidence["more"]]
    assert {(piece.get("project"), piece.get("applicant"), piece["call"]) for piece in told} == {
        ("1711190129", None, "T-2024"), (None, "한강로보틱스", "T-2024")}  # fmt: skip


def test_scoring_does_not_begin_over_a_conflict_that_came_up_since_the_pledge(world: World) -> None:
    world.invite_all()
    panel = world.panels[0]
    for seat in world.seated(panel, "invited"):
        world.answer(seat)
    gone = panel.seats[0]
    employ(world, gone, "한강로보틱스 주식회사")
    assert panels.start(world.session, panel.public_id, actor=world.coordinator, now=world.now, accept_short=True) is None
    assert (gone.status, world.applications[0].status) == ("replaced", "eligible")
    assert panels.start_all_full(world.session, world.call.public_id, actor=world.coordinator, now=world.now) == 0
    assert panels.start(world.session, panel.public_id, actor=world.coordinator, now=world.now, accept_short=True) is panel


def test_confirming_empties_the_seat_and_taking_it_back_opens_the_question_again(world: World) -> None:
    session, call = world.session, world.call.public_id
    world.invite_all()
    panel = world.panels[0]
    world.start(panel)
    seat = panel.seats[0]
    row = raised(world, seat)
    found = conflict_triage.triage(session, call, actor=world.coordinator)
    assert [(line.label, line.seats) for line in found.rows] == [(world.applications[0].label, 1)]
    assert (found.seats, found.kinds, found.shelves["open"]) == (1, (("co_work", 1),), 1)
    done = conflicts.confirm(session, [row.public_id], actor=world.coordinator, now=world.now)
    assert (done.seats, row.status, seat.status) == (1, "upheld", "replaced")
    assert set(session.execute(select(Sheet.status).where(Sheet.seat_id == seat.id)).scalars()) == {"void"}
    assert "seat_excluded" in letters(world)
    undo = conflict_triage.triage(session, call, actor=world.coordinator).undo
    assert undo is not None and undo.ids == (row.public_id,)
    conflicts.reopen(session, undo.ids, actor=world.coordinator, now=world.now)
    assert (row.status, row.reopened, row.decided_by_id) == ("raised", "undone", None)
    line = conflict_triage.triage(session, call, actor=world.coordinator).rows[0]
    assert [decided.outcome for decided in line.history] == ["raised", "upheld"]
    assert journal.verify(session).first_bad is None


def test_a_waiver_takes_two_and_only_where_the_ground_allows_it(world: World) -> None:
    session, seat = world.session, world.panels[0].seats[0]
    row, hard = raised(world, seat), raised(world, seat, ground="kin", nature="hard", digest="2")
    with pytest.raises(WrongStage):
        conflicts.waive(session, [hard.public_id], reason="narrow field", actor=world.coordinator, now=world.now)
    assert conflicts.waive(session, [row.public_id], reason="narrow field", actor=world.coordinator, now=world.now).asked
    line = next(x for x in conflict_triage.triage(session, world.call.public_id, actor=world.second).rows if x.pending)
    assert (line.pending.target, line.pending.reason, line.pending.mine) == ("waived", "narrow field", False)
    assert conflicts.waive(session, [row.public_id], reason="", actor=world.second, now=world.now).moved
    found = queries.findings(session, world.call.public_id, actor=world.coordinator)
    here = (world.applications[0].id,)
    assert [(f.ground, f.bars) for f in found.of(seat.expert_id, here)] == [("kin", True), ("co_work", False)]
    assert found.bars(seat.expert_id, here) and not found.bars(world.panels[0].seats[1].expert_id, here)
    with pytest.raises(NotAllowed):
        queries.findings(session, world.call.public_id, actor=NOBODY)
    with pytest.raises(WrongStage):
        conflicts.dismiss(session, [hard.public_id], reason="", actor=world.coordinator, now=world.now)


def test_the_expert_is_asked_about_the_own_record_and_nothing_of_the_dossier_is_told(world: World) -> None:
    session, seat, now = world.session, world.panels[0].seats[0], world.now
    row, me = raised(world, seat), world.panellist(seat)
    with pytest.raises(WrongStage):
        conflicts.answer(session, row.public_id, said="yes", actor=me, now=now)
    conflicts.ask(session, [row.public_id], actor=world.coordinator, now=now, base_url="https://ppir.example")
    with pytest.raises(WrongStage):  # asked twice before the answer
        conflicts.ask(session, [row.public_id], actor=world.coordinator, now=now, base_url="")
    letter = session.execute(select(Mail).where(Mail.template == "conflict_question")).scalar_one()
    question = conflict_question.one(session, row.public_id, actor=me)
    assert question.record == {"title": "T", "year": 2025}
    for told in (letter.body, str(question)):
        assert "김연구" not in told and world.applications[0].label not in told and "한강" not in told
    assert [task.code for task in worklist.of(session, actor=me, now=now).now] == ["answer_question"]
    with pytest.raises(NotFound):
        conflict_question.one(session, row.public_id, actor=world.panellist(world.panels[0].seats[1]))
    with pytest.raises(Invalid):
        conflicts.answer(session, row.public_id, said="no", actor=me, now=now)
    conflicts.answer(session, row.public_id, said="no", note="a namesake", actor=me, now=now)
    line = conflict_triage.triage(session, world.call.public_id, actor=world.coordinator).rows[0]
    assert (line.answer, line.answer_note, line.status) == ("no", "a namesake", "raised")


def test_a_list_of_names_is_checked_before_anybody_is_contacted_and_nothing_but_that_is_stored(world: World) -> None:
    session, seat = world.session, world.panels[0].seats[0]
    seat.expert.person.orcid = "0000-0002-1825-0097"
    session.add(Work(expert_id=seat.expert_id, ordinal=9, title="Joint", year=2026, people=["0000-0001-5109-3700"], current=True))
    version = worlds.DossierVersion
    content = session.execute(select(version).where(version.application_id == world.applications[0].id)).scalar_one()
    named = {
        "interest": [{"name": "박연구", "organisation": "가상대학교", "role": "researcher", "identifier": "0000-0001-5109-3700"}]
    }
    session.execute(version.__table__.insert().values(
        application_id=content.application_id, version=content.version + 1, content={**content.content, "people": named},
        digest="f" * 64, filed=True, files=[], at=world.now))  # fmt: skip
    world.applications[0].dossier_version += 1
    session.flush()
    first = f"{seat.expert.person.name}\t어디든\t0000-0002-1825-0097"
    rest = ["김사원, Hangang Robotics, Inc.", "이유사; 한강로보틱스 중앙연구소", "박연구", "최무관, 다른대학교", "정불명"]
    text = "\n".join([first, *rest])
    before = session.query(Conflict).count()
    found = conflict_check.check(session, world.call.public_id, text, actor=world.coordinator, now=world.now)
    assert [(a.asked.line, a.state, [f.ground for f in a.findings]) for a in found] == [
        (1, "barred", ["co_work"]), (2, "barred", ["same_organisation"]), (3, "question", ["same_organisation"]),
        (4, "question", ["participant"]), (5, "clear", []), (6, "not_computable", [])]  # fmt: skip
    assert found[0].expert == seat.expert.external_id
    assert session.query(Conflict).count() == before
    entry = session.execute(select(JournalEntry).order_by(JournalEntry.id.desc()).limit(1)).scalar_one()
    assert entry.action == "conflicts.checked" and "김사원" not in entry.data
    with pytest.raises(NotFound):
        conflict_check.check(session, world.call.public_id, text, dossier="D-9999", actor=world.coordinator, now=world.now)
    with pytest.raises(Invalid):
        conflict_check.check(session, world.call.public_id, " \n ", actor=world.coordinator, now=world.now)
    with pytest.raises(NotAllowed):
        conflict_check.check(session, world.call.public_id, text, actor=world.applicant, now=world.now)


def test_what_a_panellist_reports_stands_over_a_waiver(world: World) -> None:
    session, seat = world.session, world.panels[0].seats[0]
    row = raised(world, seat, status="waived")
    world.invite_all()
    said = {world.applications[0].public_id: invitations.Declared(True, "co_work", "we wrote together")}
    invitations.accept(session, invitation_of(session, seat), said, actor=world.panellist(seat), now=world.now)
    assert (row.status, row.kind, row.note, seat.status) == ("upheld", "recusal", "we wrote together", "replaced")


def test_a_challenge_is_on_record_suspends_the_member_and_takes_two_coordinators(world: World) -> None:
    session, now = world.session, world.now
    world.invite_all()
    panel = world.panels[0]
    world.start(panel)
    seat, other = panel.seats[:2]
    said = {"ground": "paid_work", "reason": "자문 계약이 있다", "actor": world.coordinator, "now": now}
    with pytest.raises(Invalid):
        challenges.take_down(session, seat.public_id, **said | {"ground": "envy"})
    with pytest.raises(WrongStage):
        challenges.uphold(session, seat.public_id, actor=world.second, now=now)
    (row,) = challenges.take_down(session, seat.public_id, **said)
    assert (row.kind, row.ground, row.status, row.evidence["on"]) == ("challenge", "paid_work", "raised", "2026-11-23")
    assert seat.status == "active" and world.applications[0].id in seating.barred_from(session, seat)
    with pytest.raises(Duplicate):
        challenges.take_down(session, seat.public_id, **said)
    with pytest.raises(NotAllowed):
        challenges.uphold(session, seat.public_id, actor=world.coordinator, now=now)
    assert challenges.uphold(session, seat.public_id, actor=world.second, now=now) == 1
    assert (row.status, seat.status) == ("upheld", "replaced")
    assert [t for t in letters(world) if t.startswith("challenge")] == ["challenge_answered", "challenge_upheld"]
    challenges.take_down(session, other.public_id, **said)
    challenges.dismiss(session, other.public_id, reason="no contract is known", actor=world.second, now=now)
    assert other.status == "active" and not seating.barred_from(session, other)
    answer = session.execute(
        select(Mail).where(Mail.template == "challenge_answered").order_by(Mail.id.desc()).limit(1)
    ).scalar_one()
    assert "no contract is known" in answer.body
    assert journal.verify(session).first_bad is None


def test_a_member_who_cannot_go_on_gives_up_the_seats_and_those_who_must_know_are_told(world: World) -> None:
    session, now = world.session, world.now
    world.invite_all()
    panel = world.panels[0]
    world.start(panel)
    seat = panel.seats[0]
    me, letter = world.panellist(seat), invitation_of(session, seat)
    with pytest.raises(Invalid):
        invitations.withdraw(session, letter, reason="conflict", actor=me, now=now)
    invitations.withdraw(session, letter, reason="time", note="hospital", actor=me, now=now)
    assert seat.status == "replaced"
    assert set(session.execute(select(Sheet.status).where(Sheet.seat_id == seat.id)).scalars()) == {"void"}
    told = session.execute(select(Mail).where(Mail.template == "member_left")).scalars().all()
    assert len(told) == 2 and all("hospital" in letter.body for letter in told)
    with pytest.raises(WrongStage):
        invitations.withdraw(session, letter, reason="time", actor=me, now=now)
