"""What rules find is kept with its evidence; what people decided stands until the evidence changes, and then says why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from app import journal
from app.db import Database
from app.jobs import matching as job
from app.models.applications import Application, Decision
from app.models.experts import Expert
from app.models.matching import Conflict
from app.models.process import ImportRun, JournalEntry
from app.stages import conflicts, imports
from app.stages.imports.profiles import read_all
from app.stages.imports.row_files import Row
from app.workflow.actors import OPERATOR, Actor
from app.workflow.conflicts import barring
from config import Config
from tests.encoders import WordEncoders
from tests.matching import World, bring, dossier, expert
from tests.people import acting

pytestmark = pytest.mark.storage

LEAD = {"name": "김연구", "organisation": "가상대학교", "unit": "전자공학과", "identifier": "0000-0002-1825-0097"}


@pytest.fixture
def world(config: Config, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> World:
    encoders = WordEncoders()
    monkeypatch.setattr(job, "encoders", lambda _config: encoders)
    return World(config, database, now)


def author(year: int, title: str = "battery") -> dict[str, Any]:
    return {"title": title, "year": year, "people": ["0000-0002-1825-0097"]}


def states(world: World) -> dict[tuple[str, str], str]:
    with world.database.read() as session:
        rows = session.execute(select(Conflict).order_by(Conflict.id)).scalars()
        return {(row.expert.external_id, row.ground): row.status for row in rows}


def decide(world: World, expert_id: str, verb: Any, actor: Actor) -> conflicts.Done:
    with world.database.write() as session:
        row = session.execute(select(Conflict).join(Expert).where(Expert.external_id == expert_id)).scalar_one()
        return verb(session, [row.public_id], reason="looked at it", actor=actor, now=world.now)


def coordinators(world: World) -> list[Actor]:
    with world.database.write() as session:
        return [acting(session, world.now, "coordinator") for _ in range(2)]


def reopened(world: World) -> dict[str, str]:
    with world.database.read() as session:
        return {row.expert.external_id: row.reopened for row in session.execute(select(Conflict)).scalars() if row.reopened}


def test_a_decision_holds_until_its_evidence_changes_and_then_comes_up_again_with_the_reason(world: World) -> None:
    pool = [expert(n, works=[author(2025)]) for n in (0, 4, 8)]
    call = world.fill([*pool, *(expert(n) for n in range(12, 32, 4))], [dossier(0, people=[LEAD])])
    first = world.match(call)
    assert states(world) == {(f"E{n}", "co_work"): "upheld" for n in (0, 4, 8)}
    one, other = coordinators(world)
    assert decide(world, "E0", conflicts.dismiss, one).asked, "what bars by rule takes a second person"
    assert decide(world, "E0", conflicts.dismiss, other).moved
    with world.database.write() as session:  # as if it had been a question
        session.execute(update(Conflict).where(Conflict.status == "upheld").values(status="raised"))
    decide(world, "E4", conflicts.confirm, one)
    decide(world, "E8", conflicts.pin, one)
    with world.database.write() as session:  # a work in another place of the list is the same evidence
        bring(session, "experts", [expert(0, works=[{"title": "battery cell", "year": 2026}, author(2025)])], world.now)
    world.match(call)
    assert states(world) == {("E0", "co_work"): "dismissed", ("E4", "co_work"): "upheld", ("E8", "co_work"): "pinned"}
    with world.database.write() as session:
        bring(session, "experts", [expert(0, works=[author(2025), author(2026, "another")])], world.now)
        bring(session, "experts", [expert(4), expert(8)], world.now)  # nothing speaks for these two any more
    again = world.match(call)
    assert states(world) == {("E0", "co_work"): "raised", ("E4", "co_work"): "raised", ("E8", "co_work"): "pinned"}
    assert reopened(world) == {"E0": "evidence_changed", "E4": "evidence_gone"}
    seats = {seat["expert_id"] for seat in world.file(again)["panels"][0]["seats"]}
    assert not seats & {"E0", "E4", "E8"}, "an open question and a pinned finding bar"
    world.match(call)
    assert states(world)["E4", "co_work"] == "raised", "a question that was put to people does not lapse by itself"
    with world.database.read() as session:
        actions = select(JournalEntry.action).where(JournalEntry.action.like("conflict.%")).order_by(JournalEntry.id)
        assert list(dict.fromkeys(session.execute(actions).scalars())) == [
            "conflict.recorded", "conflict.dismissed.asked", "conflict.dismissed", "conflict.upheld", "conflict.pinned",
            "conflict.raised"]  # fmt: skip
        why = session.execute(select(Decision).where(Decision.subject_kind == "conflict").order_by(Decision.id)).scalars().all()
        assert [(d.outcome, d.text_ko, d.by_id == d.confirmed_by_id) for d in why] == [
            ("dismissed", "looked at it", False), ("upheld", "looked at it", False), ("pinned", "looked at it", False)]  # fmt: skip
        assert why[0].confirmed_by_id == other.account_id
        assert journal.verify(session).first_bad is None
    assert world.run(first).summary["blocked"] == {"co_work": 3}


def test_what_rules_alone_found_lapses_with_its_evidence_and_stands_again_with_it(world: World) -> None:
    call = world.fill([expert(0, organisation="Maker 0"), *(expert(n) for n in range(4, 20, 4))], [dossier(0)])
    for organisation, status in (
        ("Maker 0", "upheld"),
        ("University 0", "lapsed"),
        ("MAKER 0 Co., Ltd.", "upheld"),
        ("Maker 0 Labs", "raised"),
    ):
        with world.database.write() as session:
            bring(session, "experts", [expert(0, organisation=organisation)], world.now)
        world.match(call)
        assert states(world) == {("E0", "same_organisation"): status}


def test_rivals_and_the_sanctioned_are_out_of_the_call_and_kept_as_one_finding_each(world: World) -> None:
    sanctioned = expert(4, declared=[{"ground": "sanction", "until": "2025-11-03", "role": "breach"}])
    pool = [expert(0, organisation="Maker 1"), sanctioned, *(expert(n) for n in range(8, 40, 4))]
    call = world.fill(pool, [dossier(n, people=["아무개"]) for n in range(4)])
    run_id = world.match(call)
    assert not {"E0", "E4"} & {seat["expert_id"] for panel in world.file(run_id)["panels"] for seat in panel["seats"]}
    assert states(world) == {
        ("E0", "same_organisation"): "upheld", ("E0", "rival"): "upheld", ("E4", "sanction"): "upheld"}  # fmt: skip
    assert world.run(run_id).summary["not_computable"] == 4
    with world.database.read() as session:
        experts = {row.external_id: row.id for row in session.execute(select(Expert)).scalars()}
        applications = list(session.execute(select(Application.id)).scalars())
        barred = barring.barred(session, experts.values(), applications)
        assert barred == {(experts[own], a) for own in ("E0", "E4") for a in applications}


def test_records_of_an_expert_reach_the_grounds_they_are_about(world: World) -> None:
    declared = {
        0: {"ground": "holding", "organisation": "Maker 0 Inc.", "role": "options"},
        4: {"ground": "employment", "organisation": "Maker 0", "until": "2015-01-01"},
        8: {"ground": "adviser", "person": "김연구", "organisation": "가상대학교 산학협력단"},
        12: {"ground": "judged_before", "project": "1711-190129"},
        16: {"ground": "litigation", "organisation_no": "214-87-00027"},
    }
    pool = [expert(n, declared=[entry]) for n, entry in declared.items()]
    pool += [expert(20, organisation="가상대학교", unit="전자공학과"), expert(24, organisation="가상대학교", unit="물리학과")]
    content = {"rnd": {"ntis_project_no": "1711190129"}}
    maker = dossier(0, people=[LEAD], content=content, organisation_no="2148700027")
    call = world.fill([*pool, *(expert(n) for n in range(28, 44, 4))], [maker])
    seats = {seat["expert_id"] for seat in world.file(world.match(call))["panels"][0]["seats"]}
    assert states(world) == {
        ("E0", "holding"): "upheld", ("E8", "adviser"): "upheld", ("E12", "judged_before"): "noted",
        ("E16", "litigation"): "upheld", ("E20", "same_unit"): "upheld", ("E24", "same_institution"): "upheld"}  # fmt: skip
    assert not seats & {"E0", "E8", "E16", "E20", "E24"}


def test_nobody_is_in_the_pool_twice_and_a_number_must_be_one(world: World) -> None:
    one = expert(0, orcid="https://orcid.org/0000-0002-1825-0097", researcher_no="10012345")
    world.fill([one], [])
    rows = [expert(1, orcid="0000-0002-1825-0097"), expert(2, researcher_no="1001-2345"), expert(3, orcid="0000-0002-1825-0098"),
            one, expert(4, declared=[{"ground": "friend", "organisation": "x"}, {"ground": "kin"}])]  # fmt: skip
    with world.database.write() as session:
        run = imports.begin(session, kind="experts", name="f", sha256="0" * 64, actor=OPERATOR, now=world.now)
        reading = read_all([Row(n, row) for n, row in enumerate(rows, 1)], "experts")
        imports.store(session, run.public_id, reading, actor=OPERATOR, now=world.now)
        problems = session.execute(select(ImportRun).order_by(ImportRun.id.desc()).limit(1)).scalar_one().problems
    assert [(p["line"], p["field"], p["code"]) for p in problems] == [
        (1, "orcid", "import.person_twice"), (2, "researcher_no", "import.person_twice"), (3, "orcid", "import.not_orcid"),
        (5, "declared[0].ground", "import.unknown_choice"), (5, "declared[1].organisation", "import.missing_field")]  # fmt: skip
