"""A run seats experts by text, keeps every rule, is stored once, and becomes panels."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app import affinities, i18n, journal
from app.db import Database
from app.errors import Invalid, NotAllowed, WrongStage
from app.exports import panel_list
from app.jobs import matching as job
from app.jobs import tasks
from app.models.applications import Application, CoApplicant
from app.models.calls import Call
from app.models.experts import Expert, Work
from app.models.matching import Conflict, MatchRun, Panel, PanelDossier, RunPanel, RunSeat, Seat
from app.models.people import Account
from app.models.process import JournalEntry, Promise
from app.queries import matching as runs
from app.queries import run_panels, run_targets
from app.stages import calls, matching
from app.stages.matching import deployment, inputs
from app.workflow import bench as benches
from app.workflow.actors import NOBODY, OPERATOR
from app.workflow.rules import SeatQuota
from config import Config
from tests.documents import file_again, reading
from tests.encoders import WordEncoder, WordEncoders
from tests.matching import TOPICS, World, bring, dossier, expert, make_call

pytestmark = pytest.mark.storage


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> WordEncoders:
    encoders = WordEncoders()
    monkeypatch.setattr(job, "encoders", lambda _config: encoders)
    return encoders


@pytest.fixture
def world(config: Config, database: Database, now: datetime, models: WordEncoders) -> World:
    return World(config, database, now)


def numbers(session: Session) -> dict[int, int | None]:
    return {row[0]: row[1] for row in session.execute(select(Application.id, Application.panel_number))}


def seated(file: dict[str, Any]) -> dict[str, list[str]]:
    return {panel["application_id"]: [seat["expert_id"] for seat in panel["seats"]] for panel in file["panels"]}


def test_each_dossier_gets_the_experts_of_its_topic_with_the_works_that_say_so(world: World) -> None:
    call = world.fill([expert(n) for n in range(12)], [dossier(n) for n in range(4)])
    file = world.file(world.match(call))
    assert {own: {int(e[1:]) % 4 for e in people} for own, people in seated(file).items()} == {
        "A0": {0}, "A1": {1}, "A2": {2}, "A3": {3}}  # fmt: skip
    assert all(len(people) == len(set(people)) == 3 for people in seated(file).values())
    for panel in file["panels"]:
        for seat in panel["seats"]:
            assert 0 < seat["affinity"] <= 1
            assert sum(work["share"] for work in seat["works"]) == pytest.approx(1, abs=1e-3)
            assert TOPICS[int(panel["application_id"][1:])] in seat["works"][0]["title"]


def test_an_expert_from_the_applicants_company_gets_no_seat(world: World) -> None:
    own = expert(0, organisation="MAKER 0, Inc.")
    call = world.fill([own, *(expert(n) for n in range(4, 24, 4))], [dossier(0)])
    file = world.file(run_id := world.match(call))
    assert "E0" not in seated(file)["A0"]
    with world.database.read() as session:
        found = session.execute(select(Conflict)).scalars().all()
        assert [(c.expert.external_id, c.kind, c.ground, c.status, c.hard) for c in found] == [
            ("E0", "statutory_exclusion", "same_organisation", "upheld", True)]  # fmt: skip
        assert found[0].evidence["identity_sure"] is True
    assert world.run(run_id).summary["blocked"] == {"same_organisation": 1}


def test_a_declared_interest_bars_and_so_does_work_together(world: World) -> None:
    declares = expert(0, declared=["Maker 0 Ltd"])
    works = [{"title": "battery lithium cell", "year": 2025, "people": ["hong-1"]}]
    call = world.fill([declares, expert(4, works=works), *(expert(n) for n in range(8, 28, 4))], [dossier(0, people=["hong-1"])])
    assert not {"E0", "E4"} & set(seated(world.file(world.match(call)))["A0"])


def test_whom_a_dossier_names_is_barred_where_it_is_the_expert_and_looked_at_where_only_the_name_is(world: World) -> None:
    lead, inventor = expert(0, name="Kim Lead", organisation="Gasang University"), expert(4, name="Lee Inventor")
    people = {
        "interest": [{"name": "Kim Lead", "organisation": "Gasang University", "role": "researcher"}],
        "exclusions": [{"name": "Park Rival", "organisation": "", "reason": "sells the same"}],
    }
    content = {"people": people, "rights": {"ip": [{"kind": "patent", "number": "1", "inventors": "Lee Inventor, Choi Nobody"}]}}
    rival = expert(8, name="Park Rival")
    call = world.fill([lead, inventor, rival, *(expert(n) for n in range(12, 24, 4))], [dossier(0, content=content)])
    run_id = world.match(call)
    places = seated(world.file(run_id))["A0"]
    assert "E0" not in places and "E4" not in places
    with world.database.read() as session:
        found = session.execute(select(Conflict).order_by(Conflict.id)).scalars().all()
        assert {(c.expert.external_id, c.ground, c.status, c.hard) for c in found} == {
            ("E0", "participant", "upheld", True), ("E4", "participant", "raised", False)}  # fmt: skip
        panel = run_panels.detail(session, run_id, 1, actor=OPERATOR)
        assert [(p.name, p.state) for p in panel.named] == [
            ("Kim Lead", "same"), ("Lee Inventor", "open"), ("Choi Nobody", "not_computable")]  # fmt: skip
        # advice only: whoever is asked to be left out may sit, and the coordinator sees it
        assert [(x.name, x.reason, x.here) for x in panel.exclusions] == [("Park Rival", "sells the same", True)]


def test_an_expert_who_writes_the_dossier_does_not_judge_it(world: World) -> None:
    call = world.fill([expert(n) for n in range(0, 24, 4)], [dossier(0)])
    with world.database.write() as session:
        own = session.execute(select(Expert).where(Expert.external_id == "E0")).scalar_one()
        account = Account(person_id=own.person_id, mail="e0@example.org", status="active", created_at=world.now)
        session.add(account)
        session.flush()
        application = session.execute(select(Application)).scalar_one()
        session.add(CoApplicant(application_id=application.id, account_id=account.id, mail=account.mail, name="E0", role="viewer",
                                invited_at=world.now))  # fmt: skip
    assert "E0" not in seated(world.file(world.match(call)))["A0"]


def test_an_organisation_known_by_another_name_is_the_same_organisation(world: World) -> None:
    other = expert(0, organisation="Formerly Something", organisation_no="2148700027")
    maker = dossier(0, organisation="Maker 0", organisation_no="2148700027")
    third = expert(4, organisation="Formerly Something")
    call = world.fill([other, third, *(expert(n) for n in range(8, 28, 4))], [maker])
    assert not {"E0", "E4"} & set(seated(world.file(world.match(call)))["A0"])


def test_what_people_dismissed_does_not_bar_again(world: World) -> None:
    call = world.fill([expert(0, organisation="Maker 0"), expert(4), expert(8)], [dossier(0)])
    assert "E0" not in seated(world.file(world.match(call)))["A0"]
    with world.database.write() as session:
        session.execute(update(Conflict).values(status="dismissed"))
    assert "E0" in seated(world.file(world.match(call, "again")))["A0"]


def test_nobody_is_over_load_or_twice_in_a_panel_or_with_a_colleague(world: World) -> None:
    people = [expert(n, organisation=f"University {n // 2}", load_cap=1 if n == 4 else None) for n in range(24)]
    call = world.fill(people, [dossier(n) for n in range(0, 40, 4)])
    file = world.file(world.match(call))
    loads = Counter(expert for seats in seated(file).values() for expert in seats)
    assert len(file["panels"]) == 10
    assert max(loads.values()) <= 2
    assert loads["E4"] <= 1
    for seats in seated(file).values():
        assert len({int(e[1:]) // 2 for e in seats}) == len(seats) == 3


def test_quotas_of_the_call_are_kept(world: World) -> None:
    rules = replace(calls.plain_rules(seats=3, load_max=9), quotas=(SeatQuota("seat_type", "market", 1, 1),))
    people = [expert(n, seat_types=["technology"] if n < 8 else ["market"]) for n in range(12)]
    call = world.fill(people, [dossier(0)], rules)
    seats = world.file(world.match(call))["panels"][0]["seats"]
    assert [s["expert_id"] for s in seats if s.get("seat_type") == "market"] == ["E8"]


def test_a_seat_that_cannot_be_filled_stays_empty_and_is_told(world: World) -> None:
    call = world.fill([expert(0), expert(4)], [dossier(0)])
    run_id = world.match(call)
    assert world.run(run_id).summary["empty"] == 1
    with world.database.read() as session:
        panel = session.execute(select(RunPanel)).scalar_one()
        assert panel.empty == 1
        assert panel.notes[0] == {"code": "short_seats", "attribute": None, "value": None, "needed": 3, "got": 2}


def test_equal_seed_and_input_give_equal_panels(world: World) -> None:
    call = world.fill([expert(n) for n in range(16)], [dossier(n) for n in range(4)])
    one, two = world.file(world.match(call)), world.file(world.match(call))
    assert one["digest"] == two["digest"]
    assert one["panels"] == two["panels"]
    with world.database.write() as session:
        bring(session, "experts", [expert(99)], world.now)
    assert world.file(world.match(call))["digest"] != one["digest"]


def test_a_later_run_measures_only_what_is_new_and_moves_nobody_else(world: World, models: WordEncoders) -> None:
    call = world.fill([expert(n) for n in range(12)], [dossier(n) for n in range(4)])
    first = world.match(call)
    more = [{"title": "rescue flight over water", "abstract": "A new work.", "year": 2025}]
    with world.database.write() as session:
        bring(session, "experts", [expert(3, works=[*expert(3)["works"], *more])], world.now)
        found = session.execute(select(Call).where(Call.public_id == call)).scalar_one()
        bring(session, "dossiers", [dossier(4, title="A ladder")], world.now, found)
    encoded = len(models.english.seen)
    second = world.match(call)
    assert [world.run(run).summary["measured"] for run in (first, second)] == [48, 4 + 12]
    assert len(models.english.seen) == encoded + 2  # one work and one dossier
    before, after = (affinities.find(world.config.affinities_dir, run) for run in (first, second))
    assert before is not None and after is not None
    with world.database.read() as session:
        grown = session.execute(select(Expert.id).where(Expert.external_id == "E3")).scalar_one()
    for own in before.applications:
        one, two = before.of([own]), after.of([own])
        assert [who for who in one if one[who] != two[who]] in ([], [grown])
    models.english = WordEncoder(digest="another")
    third = world.match(call)
    assert world.run(third).summary["measured"] == 5 * 12


def test_substitutes_wait_in_their_order(world: World) -> None:
    rules = replace(calls.plain_rules(seats=3, load_max=9), substitutes=2)
    call = world.fill([expert(n) for n in range(0, 40, 4)], [dossier(0)], rules)
    world.match(call)
    with world.database.read() as session:
        rows = session.execute(select(RunSeat).order_by(RunSeat.ordinal)).scalars().all()
        assert [(r.ordinal, r.substitute_rank) for r in rows] == [(1, 0), (2, 0), (3, 0), (4, 1), (5, 2)]


def test_an_interrupted_embedding_goes_on_where_it_stopped(world: World, models: WordEncoders) -> None:
    people = [expert(n) for n in range(200)]
    call = world.fill(people, [dossier(n) for n in range(4)])
    _run_id, promise_id = world.order(call)
    models.english.die_after = 300
    with pytest.raises(KeyboardInterrupt):
        tasks.carry_out(world.config, world.database, promise_id)
    kept = len(models.english.seen)
    models.english = WordEncoder()
    with world.database.write() as session:  # a minute later the lease of the dead worker is over
        session.execute(update(Promise).values(leased_until=world.now - timedelta(days=1)))
    assert tasks.carry_out(world.config, world.database, promise_id)
    assert kept >= 128
    assert len(models.english.seen) <= 404 - 128


def test_a_second_worker_stores_nothing_twice(world: World) -> None:
    call = world.fill([expert(n) for n in range(8)], [dossier(0)])
    run_id, promise_id = world.order(call)
    assert tasks.carry_out(world.config, world.database, promise_id) is True
    assert tasks.carry_out(world.config, world.database, promise_id) is False
    with world.database.write() as session:  # as if the promise had been lost and made again
        session.execute(update(Promise).where(Promise.id == promise_id).values(state="open"))
    assert tasks.carry_out(world.config, world.database, promise_id) is True
    with world.database.read() as session:
        assert session.execute(select(func.count()).select_from(RunPanel)).scalar_one() == 1
        done = select(func.count()).select_from(JournalEntry).where(JournalEntry.action == "match_run.done")
        assert session.execute(done).scalar_one() == 1
    assert world.run(run_id).status == "done"


def test_only_one_run_is_under_way_and_asking_again_takes_it_up(world: World) -> None:
    call = world.fill([expert(0)], [dossier(0)])
    run_id, _promise = world.order(call)
    with world.database.write() as session:
        with pytest.raises(WrongStage) as refused:
            matching.order(session, call, actor=OPERATOR, now=world.now)
        assert refused.value.code == "matching.under_way"
        assert matching.take_up(session, call, actor=OPERATOR, now=world.now).public_id == run_id
        with pytest.raises(WrongStage):
            matching.take_up(session, call, actor=OPERATOR, now=world.now, seed="another")


def test_a_run_needs_dossiers_experts_a_coordinator_and_a_plain_seed(session: Session, now: datetime) -> None:
    call = make_call(session, now)
    with pytest.raises(NotAllowed):
        matching.order(session, call.public_id, actor=NOBODY, now=now)
    with pytest.raises(Invalid):
        matching.order(session, call.public_id, actor=OPERATOR, now=now, seed="\n")
    with pytest.raises(WrongStage) as refused:
        matching.order(session, call.public_id, actor=OPERATOR, now=now)
    assert refused.value.code == "matching.no_dossiers"
    bring(session, "dossiers", [dossier(0)], now, call)
    with pytest.raises(WrongStage) as refused:
        matching.order(session, call.public_id, actor=OPERATOR, now=now)
    assert refused.value.code == "matching.no_experts"


def test_a_run_that_was_given_up_is_not_computed_any_more(world: World) -> None:
    call = world.fill([expert(0)], [dossier(0)])
    run_id, promise_id = world.order(call)
    with world.database.write() as session:
        matching.give_up(session, run_id, actor=OPERATOR, now=world.now, error="ModelMissing")
    assert tasks.carry_out(world.config, world.database, promise_id) is True
    assert world.run(run_id).status == "failed"


def test_a_deployed_run_is_panels_with_seats_drawn_and_numbers_that_tell_nothing(world: World) -> None:
    rules = replace(calls.plain_rules(seats=3, load_max=9), substitutes=1)
    call = world.fill([expert(n) for n in range(24)], [dossier(n) for n in range(12)], rules)
    run_id = world.match(call)
    with world.database.write() as session:
        deployment.deploy(session, run_id, actor=OPERATOR, now=world.now)
    with world.database.read() as session:
        panels = session.execute(select(Panel).order_by(Panel.number)).scalars().all()
        assert [p.number for p in panels] == list(range(1, 13))
        for panel in panels:
            assert [p.application.panel_number for p in panel.dossiers] == [panel.number]
            assert sorted((s.substitute_rank, s.status) for s in panel.seats) == [(0, "drawn")] * 3 + [(1, "candidate")]
        order = [p.dossiers[0].application.number for p in panels]
        assert sorted(order) == list(range(1, 13)) != order
        entry = session.execute(select(JournalEntry).where(JournalEntry.action == "seat.drawn.all")).scalar_one()
        assert (entry.subject, json.loads(entry.data)["n"]) == (run_id, 36)
        assert journal.verify(session).first_bad is None


def test_only_one_run_of_a_round_is_deployed(world: World) -> None:
    call = world.fill([expert(n) for n in range(8)], [dossier(0)])
    one, two = world.match(call), world.match(call, "other")
    with world.database.write() as session:
        deployment.deploy(session, one, actor=OPERATOR, now=world.now)
        with pytest.raises(WrongStage) as refused:
            deployment.deploy(session, two, actor=OPERATOR, now=world.now)
        assert refused.value.code == "guard.other_run_deployed"


def test_panels_deployed_before_count_for_the_load(world: World) -> None:
    call = world.fill([expert(n) for n in range(0, 24, 4)], [dossier(0), dossier(4)], calls.plain_rules(seats=3, load_max=1))
    with world.database.write() as session:
        session.execute(update(Application).where(Application.number == 2).values(status="eligibility"))
    first = world.match(call)
    with world.database.write() as session:
        deployment.deploy(session, first, actor=OPERATOR, now=world.now)
        session.execute(update(Application).where(Application.number == 2).values(status="eligible"))
    one, two = seated(world.file(first)), seated(world.file(world.match(call)))
    assert (list(one), list(two)) == (["A0"], ["A4"])
    assert len(one["A0"]) == len(two["A4"]) == 3
    assert not set(one["A0"]) & set(two["A4"])


def test_other_calls_of_the_year_and_calls_in_a_row_leave_less_room(world: World) -> None:
    first = world.fill([expert(n) for n in range(0, 24, 4)], [dossier(0)], calls.plain_rules(seats=3, load_max=2))
    run_id = world.match(first)
    with world.database.write() as session:
        deployment.deploy(session, run_id, actor=OPERATOR, now=world.now)
    before = set(seated(world.file(run_id))["A0"])
    kept_out = {"year_max": ("year", 1), "rest_after": ("rest", 1)}
    left_in = {"year_max": ("year", 2), "rest_after": ("load", 2)}  # one seat left in the year; not yet two calls in a row
    cases = [(name, *case, bars) for bars, some in ((True, kept_out), (False, left_in)) for name, case in some.items()]
    for n, (name, limit, value, bars) in enumerate(cases, 1):
        rules = replace(calls.plain_rules(seats=3, load_max=2), **{name: value})
        with world.database.write() as session:
            call = make_call(session, world.now + timedelta(seconds=1), rules, f"C{n + 1}")
            bring(session, "dossiers", [dossier(0, application_id=f"B{n}")], world.now, call)
            call_id = call.public_id
        run_id = world.match(call_id)
        panel = set(seated(world.file(run_id))[f"B{n}"])
        assert len(panel) == 3 and (not panel & before if bars else panel == before)
        with world.database.read() as session:
            pool = benches.lay_out(session, matching.find(session, run_id)).pool.values()
            assert {who.external_id for who in pool if who.cap == 0} == (before if bars else set())
            assert {who.limit for who in pool if who.external_id in before} == {limit}
        assert world.run(run_id).summary["full"] == ({limit: 3} if bars else {})


def test_a_run_is_withdrawn_while_nobody_is_invited_and_numbers_stay(world: World) -> None:
    call = world.fill([expert(n) for n in range(8)], [dossier(0), dossier(4)])
    one, two = world.match(call), world.match(call, "other")
    with world.database.write() as session:
        deployment.deploy(session, one, actor=OPERATOR, now=world.now)
        before = numbers(session)
    with world.database.write() as session:
        with pytest.raises(WrongStage):
            deployment.withdraw(session, one, actor=OPERATOR, now=world.now, reason="")
        deployment.withdraw(session, one, actor=OPERATOR, now=world.now, reason="another composition")
        assert [session.execute(select(func.count()).select_from(m)).scalar_one() for m in (Panel, PanelDossier, Seat)] == [0] * 3
        deployment.deploy(session, two, actor=OPERATOR, now=world.now)
        assert numbers(session) == before
        seat = session.execute(select(Seat).where(Seat.status == "drawn").limit(1)).scalar_one()
        seat.status = "accepted"
        session.flush()
        with pytest.raises(WrongStage) as refused:
            deployment.withdraw(session, two, actor=OPERATOR, now=world.now, reason="too late")
        assert refused.value.code == "guard.seats_taken"


def test_dossiers_of_one_field_share_a_panel_where_the_call_judges_in_batches(world: World) -> None:
    """Five dossiers for one expert leave room for one panel of three, not for two."""
    rules = replace(calls.plain_rules(seats=3, load_max=5), panel_mode="batch", panel_max=4)
    dossiers = [dossier(n, fields=["F01" if n < 6 else "F02"]) for n in range(9)]
    call = world.fill([expert(n) for n in range(20)], dossiers, rules)
    world.match(call)
    with world.database.read() as session:
        sizes = [len(p.application_ids) for p in session.execute(select(RunPanel).order_by(RunPanel.number)).scalars()]
        laid = benches.lay_out(session, session.execute(select(MatchRun)).scalar_one())
    panel, other = laid.panels[1], laid.panels[2]
    guest = replace(panel, seats=(panel.seats[0]._replace(expert=other.seats[0].expert), *panel.seats[1:]))
    assert sizes == [3, 3, 3] and set(laid.loads.values()) == {3}
    assert "load" in {broken.rule for broken in benches.weigh(laid, panel, guest, {}).broken}


def test_the_inputs_are_named_by_what_was_imported(world: World) -> None:
    call = world.fill([expert(0)], [dossier(0)])
    run_id, _promise = world.order(call)
    with world.database.read() as session:
        given = inputs.read(session, run_id)
        work = session.execute(select(Work).join(Expert).order_by(Work.ordinal).limit(1)).scalar_one()
    assert ([d.id for d in given.dossiers], [e.id for e in given.experts]) == (["D-0001"], ["import:E0"])
    assert given.pool.work_ids["import:E0/1"] == work.public_id


def test_what_a_document_says_moves_the_panel_and_names_the_inputs(world: World) -> None:
    call = world.fill([expert(n) for n in range(12)], [dossier(0, title="A new product", summary="A new product of ours.")])
    run_id, promise_id = world.order(call)
    with world.database.write() as session:
        before = inputs.read(session, run_id)
        reading(session, "a" * 64, world.now, pages=(f"This report is about a {TOPICS[2]} and how well a {TOPICS[2]} did.",))
        paper = {"slot": "D07", "name": "report.pdf", "sha256": "a" * 64, "size": 1, "kind": "pdf"}
        file_again(session, session.execute(select(Application)).scalar_one(), [paper], world.now)
        session.flush()
        after = inputs.read(session, run_id)
    assert before.dossiers[0].documents == ()
    assert [(p.document, p.page) for p in after.dossiers[0].documents] == [("report.pdf", 1)]
    assert before.digest != after.digest
    assert tasks.carry_out(world.config, world.database, promise_id)
    assert {int(own[1:]) % 4 for own in seated(world.file(run_id))["A0"]} == {2}


def test_run_file_is_not_for_everybody(world: World) -> None:
    call = world.fill([expert(n) for n in range(4)], [dossier(0)])
    run_id = world.match(call)
    with world.database.read() as session, pytest.raises(NotAllowed):
        runs.run_file(session, run_id, actor=NOBODY)


def test_a_run_that_is_stopped_is_not_stored_and_another_is_ordered_at_once(world: World) -> None:
    call = world.fill([expert(n) for n in range(8)], [dossier(0)])
    run_id, promise_id = world.order(call)
    with world.database.write() as session:
        matching.stop(session, run_id, actor=OPERATOR, now=world.now)
    assert tasks.carry_out(world.config, world.database, promise_id) is True
    assert (world.run(run_id).status, world.run(run_id).result_digest) == ("stopped", "")
    assert seated(world.file(world.match(call)))["A0"]
    with world.database.write() as session, pytest.raises(WrongStage):
        matching.stop(session, run_id, actor=OPERATOR, now=world.now)


def test_targets_are_aimed_at_after_the_rules_and_told_wherever_runs_are(world: World) -> None:
    """One seat of each panel for people from outside the capital, half of all seats for them."""
    rules = replace(
        calls.plain_rules(seats=3, load_max=2), fairness="none", seating="optimal", quotas=(SeatQuota("region", "부산", 0, 1),),
        outside_least=1, outside_pct=50, newcomer_pct=100, target_price=100,
    )  # fmt: skip
    places = ["서울특별시", "Gyeonggi", "인천", "부산광역시", "대전", ""]
    people = [expert(n, region=places[n // 4 % 6]) for n in range(24)]
    call = world.fill(people, [dossier(n) for n in range(4)], rules)
    run_id = world.match(call)
    file = world.file(run_id)
    outside = {f"E{n}" for n in range(24) if n // 4 % 6 in (3, 4)}
    far = {own: sum(e in outside for e in seats) for own, seats in seated(file).items()}
    assert min(far.values()) >= 1 and sum(far.values()) == 6 and file["targets"]["cost"] >= 0
    least, share, new = file["targets"]["met"]
    assert (least["wanted"], least["got"], least["lacking"]) == (4, 4, [])
    assert (share["wanted"], share["got"]) == (6, 6) and (new["attribute"], new["wanted"], new["got"]) == ("first_timer", 12, 12)
    busan = {f"E{n}" for n in range(24) if n // 4 % 6 == 3}
    assert all(sum(e in busan for e in seats) <= 1 for seats in seated(file).values())

    with world.database.write() as session:  # somebody moves: the run tells it of the panels as they stand
        for who in session.execute(select(Expert).where(Expert.external_id.in_(outside))).scalars():
            who.region = "서울"
    assert sorted(world.file(run_id)["targets"]["met"][0]["lacking"]) == ["A0", "A1", "A2", "A3"]
    with world.database.read() as session, i18n.speaking("ko"):
        table = panel_list.build(session, run_id, actor=OPERATOR)
        assert {row[-1] for row in table.rows} == {"수도권 밖 위원"}
        rows = run_targets.of_run(session, run_id, actor=OPERATOR)
        assert [len(row.panels) for row in rows] == [4, 0, 0] and rows[0].met.missed == 4
