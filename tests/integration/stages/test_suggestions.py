"""Sub-fields are suggested for what is written: asked for once while it settles, computed by a worker, taken over by people."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db import Database
from app.documents.dossier import sub_fields
from app.errors import Invalid, NotAllowed
from app.jobs import matching as job
from app.jobs import tasks
from app.models.applications import Application
from app.models.experts import Expert
from app.models.process import Promise
from app.models.suggestions import FieldSuggestion
from app.queries import field_coverage
from app.queries import suggestions as queries
from app.stages import matching, submission
from app.stages import suggestions as stage
from app.workflow import dossiers
from app.workflow.actors import OPERATOR, SYSTEM
from config import Config
from reviewers.lexical import LexicalEncoder
from tests.dossiers import FULL, open_call
from tests.matching import World, dossier, expert
from tests.people import acting

pytestmark = pytest.mark.storage
BATTERY = "불이 나지 않는 이차전지 배터리 팩과 배터리 관리 시스템이다. 리튬 이온 전지의 열폭주를 미리 알아채고 셀 화재를 막는다."


class Lexical:
    def __init__(self) -> None:
        self.english = self.multilingual = LexicalEncoder()


@pytest.fixture
def world(config: Config, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(job, "encoders", lambda _config: Lexical())
    return World(config, database, now)


def owed(session: Session, kind: str) -> list[Promise]:
    return list(session.scalars(select(Promise).where(Promise.kind == kind, Promise.state == "open").order_by(Promise.id)))


def keep(world: World, kind: str) -> None:
    """Keep what is owed of one kind, as the worker of the models would in a while."""
    with world.database.write() as session:
        session.execute(update(Promise).where(Promise.kind == kind, Promise.state == "open").values(due_at=world.now))
        ids = [promise.id for promise in owed(session, kind)]
    for promise_id in ids:
        assert tasks.carry_out(world.config, world.database, promise_id)


def test_a_draft_is_suggested_its_sub_field_when_its_words_have_settled(world: World) -> None:
    now = world.now
    with world.database.write() as session:
        applicant = acting(session, now, "applicant")
        application = submission.start(session, open_call(session, now).public_id, actor=applicant, now=now)
        own = application.public_id

        def save(section: str, **values: Any) -> None:
            base = dossiers.latest(session, application).version
            submission.save(session, own, section, values, base=base, actor=applicant, now=now)

        save("product", name_ko="안심 배터리")
        assert queries.of_dossier(session, own, actor=applicant, now=now).state == "too_little"
        assert not owed(session, "suggest_fields")
        save("narrative", summary=BATTERY)
        save("narrative", summary=BATTERY + " 창고에 두고 쓴다.")
        save("classification", field_1="F14")
        [promise] = owed(session, "suggest_fields")
        assert promise.queue == "ml" and promise.due_at > now and promise.args == {"application": own}
        assert queries.of_dossier(session, own, actor=applicant, now=now).state == "waiting"
        late = now + timedelta(minutes=5)
        assert queries.of_dossier(session, own, actor=applicant, now=late).state == "late"
    keep(world, "suggest_fields")
    with world.database.write() as session:
        found = queries.of_dossier(session, own, actor=applicant, now=now)
        assert found.state == "ready" and found.lines[0].field.code == "F15" and 0 < found.lines[0].score <= 1
        assert found.doubt is found.lines[0] and [f.code for f in found.chosen] == ["F14"]
        reason = found.lines[0].reasons[0]
        assert reason.passage in BATTERY and reason.part in found.lines[0].field.description_ko and "배터리" in reason.words
        application = dossiers.find(session, own)
        save("narrative", summary=BATTERY.upper() + "  창고에 두고 쓴다!")
        assert not owed(session, "suggest_fields")  # the words are the same
        submission.choose_field(session, own, "F15", 1, actor=applicant, now=now)
        assert sub_fields(dossiers.latest(session, application).content) == ("F15", "F14")
        submission.choose_field(session, own, "F15", 2, actor=applicant, now=now)
        assert sub_fields(dossiers.latest(session, application).content) == ("F14", "F15")
        for code, rank in (("F99", 1), ("F15", 4)):
            with pytest.raises(Invalid):
                submission.choose_field(session, own, code, rank, actor=applicant, now=now)
        with pytest.raises(NotAllowed):
            stage.record(session, own, stage.Found("", []), model_digest="", actor=applicant, now=now)
        save("narrative", summary="온실의 딸기 생육을 재어 양액과 환경을 제어하는 스마트팜 장치로 농가의 수확량을 늘린다.")
        assert queries.of_dossier(session, own, actor=applicant, now=now).state == "changed"
        [promise] = owed(session, "suggest_fields")
        promise.state = "dead"
        session.flush()
        assert queries.of_dossier(session, own, actor=applicant, now=now).state == "failed"
        stage.ask(session, own, actor=applicant, now=now)
        session.refresh(promise)
        assert promise.state == "open"


def test_words_that_change_while_a_worker_reads_are_read_again(world: World) -> None:
    now = world.now
    with world.database.write() as session:
        applicant = acting(session, now, "applicant")
        application = submission.start(session, open_call(session, now).public_id, actor=applicant, now=now, answers=FULL)
        own = application.public_id
        base = dossiers.latest(session, application).version
        submission.save(session, own, "narrative", {"summary": BATTERY}, base=base, actor=applicant, now=now)
        [promise] = owed(session, "suggest_fields")
        first = promise.id  # the worker has read, and now it writes what is no longer true
        own_row, found = application.id, stage.Found("0" * 64, [{"code": "F01", "score": 1.0, "reasons": [], "works": []}])
        stage.record(session, own, found, model_digest="m", actor=SYSTEM, now=now)
        assert [promise.id == first for promise in owed(session, "suggest_fields")] == [True, False]
        for promise in owed(session, "suggest_fields"):
            promise.state = "done"
        stage.record_rest(session, {}, {own_row: found}, model_digest="n", actor=SYSTEM, now=now)
        stage.ask(session, own, actor=applicant, now=now)
        assert len(owed(session, "suggest_fields")) == 1  # another promise than those kept before
        assert queries.of_dossier(session, own, actor=applicant, now=now).state == "changed"


def test_the_pool_is_read_after_a_run_and_steps_back_for_the_next(world: World) -> None:
    call = world.fill([expert(n) for n in range(6)], [dossier(n) for n in range(3)])
    world.match(call)
    with world.database.write() as session:
        run = matching.order(session, call, actor=OPERATOR, now=world.now)
        run_id, promise_id = run.public_id, run.promise_id
    keep(world, "suggest_rest")
    with world.database.write() as session:
        assert session.scalars(select(FieldSuggestion)).all() == []  # a run waits for the models: it goes first
        [promise] = owed(session, "suggest_rest")
        assert promise.due_at > world.now
        matching.give_up(session, run_id, actor=OPERATOR, now=world.now, error="")
        session.execute(update(Promise).where(Promise.id == promise_id).values(state="done"))
    for _ in range(3):  # experts, dossiers, nothing left
        keep(world, "suggest_rest")
    with world.database.write() as session:
        assert not owed(session, "suggest_rest")
        rows = session.scalars(select(FieldSuggestion)).all()
        assert sum(row.expert_id is not None for row in rows) == 6 and sum(row.application_id is not None for row in rows) == 3
        named = {row[0]: row[1] for row in session.execute(select(Expert.id, Expert.external_id))}
        first = {named[row.expert_id]: row.suggested[0] for row in rows if row.expert_id in named}
        assert first["E0"]["code"] == "F15" and first["E0"]["works"][0]["title"].startswith("battery")
        found = field_coverage.of_call(session, call, actor=acting(session, world.now, "coordinator"))
        assert (found.experts, found.read, found.dossiers, found.dossiers_read) == (6, 6, 3, 3)
        battery = next(row for row in found.rows if row.field.code == "F15")
        assert battery.by_works >= 2 and battery.named == 0 and battery.thin and not battery.weak
        session.execute(update(Application).values(field_1="F15"))
        found = field_coverage.of_call(session, call, actor=acting(session, world.now, "coordinator"))
        battery = next(row for row in found.rows if row.field.code == "F15")
        assert (battery.dossiers, battery.waiting, battery.wanted, battery.short, battery.weak) == (3, 3, 9, True, True)
        stage.order_rest(session, actor=acting(session, world.now, "coordinator"), now=world.now)
        stage.order_rest(session, actor=OPERATOR, now=world.now)
        assert len(owed(session, "suggest_rest")) == 1
