"""Files become experts and dossiers: once, as a whole, and never half."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import journal
from app.db import Database
from app.errors import NotAllowed, NotFound
from app.files import Files
from app.jobs import tasks
from app.models.applications import Application, Decision, DossierVersion
from app.models.calls import Call
from app.models.experts import Expert, ExpertField, ExpertVersion, Work
from app.models.people import Account, Organisation, OrganisationName, Person
from app.models.process import ImportRun, JournalEntry
from app.stages import calls, imports
from app.workflow.actors import NOBODY, OPERATOR
from config import Config

pytestmark = pytest.mark.storage

Import = Callable[..., ImportRun]


def expert(n: int, **changed: Any) -> dict[str, Any]:
    works = [{"title": f"Work {n}.{i}", "abstract": "About something.", "year": 2020} for i in (1, 2)]
    return {"expert_id": f"E{n}", "organisation": f"Acme {n}, Inc.", "works": works, "fields": ["F01"]} | changed


def dossier(n: int, **changed: Any) -> dict[str, Any]:
    return {"application_id": f"A{n}", "organisation": f"Maker {n}", "title": f"Product {n}", "summary": "It works."} | changed


@pytest.fixture
def call(session: Session, now: datetime) -> Call:
    rules = calls.plain_rules(seats=5, load_max=3)
    made = calls.create(session, code="C1", title_ko="", title_en="C1", rules=rules, actor=OPERATOR, now=now,
                        opens_at=now - timedelta(days=1), closes_at=now - timedelta(seconds=1))  # fmt: skip
    calls.collected(session, made, actor=OPERATOR, now=now)
    return made


@pytest.fixture
def bring(session: Session, now: datetime, tmp_path: Path) -> Import:
    """Import rows, or bytes as they are."""

    def do(kind: str, content: list[dict[str, Any]] | bytes, *, name: str = "file.jsonl", partial: bool = False,
           call: Call | None = None) -> ImportRun:  # fmt: skip
        path = tmp_path / "upload"
        lines = content if isinstance(content, bytes) else "\n".join(json.dumps(row) for row in content).encode()
        path.write_bytes(lines)
        reading = imports.read(path, name, kind)
        run = imports.begin(session, kind=kind, name=name, sha256=imports.file_digest(path), actor=OPERATOR, now=now,
                            partial=partial, call_id=call.public_id if call else None)  # fmt: skip
        return imports.store(session, run.public_id, reading, actor=OPERATOR, now=now)

    return do


def count(session: Session, *models: Any) -> list[int]:
    return [session.execute(select(func.count()).select_from(model)).scalar_one() for model in models]


def outcome(run: ImportRun) -> tuple[str, int, int, int, int]:
    return run.status, run.created_n, run.changed_n, run.unchanged_n, run.bad_n


def test_experts_come_with_person_organisation_works_fields_and_first_version(session: Session, bring: Import) -> None:
    run = bring("experts", [expert(1, name="Kim", mail="Kim@Example.org"), expert(2)])
    assert outcome(run) == ("done", 2, 0, 0, 0)
    assert count(session, Expert, Person, Organisation, Work, ExpertField, ExpertVersion) == [2, 2, 2, 4, 2, 2]
    one, two = session.execute(select(Expert).order_by(Expert.external_id)).scalars()
    assert (one.person.name, one.mail, [w.title for w in one.works]) == ("Kim", "kim@example.org", ["Work 1.1", "Work 1.2"])
    assert two.person.name == "E2"  # a name is optional: the imported id stands for it
    assert [(f.code, f.level, f.main) for f in one.fields] == [("F01", 3, True)]


def test_the_same_file_twice_changes_nothing(session: Session, bring: Import) -> None:
    rows = [expert(1), expert(2)]
    bring("experts", rows)
    before = count(session, Expert, Person, Organisation, Work, ExpertVersion)
    assert outcome(bring("experts", rows)) == ("done", 0, 0, 2, 0)
    assert count(session, Expert, Person, Organisation, Work, ExpertVersion) == before


def test_other_content_is_a_new_version_and_works_that_stay_keep_their_id(session: Session, bring: Import) -> None:
    bring("experts", [expert(1), expert(2)])
    kept = session.execute(select(Work.public_id).where(Work.title == "Work 1.2")).scalar_one()
    new = [{"title": "Work 1.2", "abstract": "About something.", "year": 2020}, {"title": "New"}]
    run = bring("experts", [expert(1, works=new, fields=["F02"], organisation="Other"), expert(2)])
    assert outcome(run) == ("done", 0, 1, 1, 0)
    session.expire_all()
    row = session.execute(select(Expert).where(Expert.external_id == "E1")).scalar_one()
    assert (row.version, row.organisation.name if row.organisation else "") == (2, "Other")
    assert [f.code for f in row.fields] == ["F02"]
    current = session.execute(select(Work).where(Work.expert_id == row.id, Work.current).order_by(Work.ordinal)).scalars()
    assert [(w.title, w.public_id == kept) for w in current] == [("Work 1.2", True), ("New", False)]
    assert count(session, ExpertVersion, Work) == [3, 5]


def test_spellings_of_one_organisation_are_one_organisation(session: Session, bring: Import) -> None:
    bring("experts", [expert(1, organisation="Acme Robotics, Inc."), expert(2, organisation="ACME ROBOTICS LLC"),
                      expert(3, organisation="㈜가나다"), expert(4, organisation="가나다 주식회사")])  # fmt: skip
    assert count(session, Organisation) == [2]


def test_a_registration_number_decides_and_other_names_are_remembered(session: Session, bring: Import) -> None:
    bring("experts", [expert(1, organisation="Old Name", organisation_no="214-87-00027"),
                      expert(2, organisation="New Name", organisation_no="2148700027")])  # fmt: skip
    assert count(session, Organisation) == [1]
    assert session.execute(select(OrganisationName.name)).scalars().all() == ["New Name"]
    bring("experts", [expert(3, organisation="New Name Ltd")])
    assert count(session, Organisation) == [1]


def test_equal_names_with_two_numbers_stay_two_organisations(session: Session, bring: Import) -> None:
    bring("experts", [expert(1, organisation="Same", organisation_no="2148700027"),
                      expert(2, organisation="Same", organisation_no="3058600030")])  # fmt: skip
    assert count(session, Organisation) == [2]


def test_whoever_has_an_account_with_the_mail_is_the_same_person(session: Session, bring: Import, now: datetime) -> None:
    person = Person(name="Kim")
    session.add(person)
    session.flush()
    session.add(Account(person_id=person.id, mail="kim@example.org", created_at=now))
    bring("experts", [expert(1, mail="kim@example.org"), expert(2, mail="kim@example.org")])
    owners = session.execute(select(Expert.person_id).order_by(Expert.external_id)).scalars().all()
    assert owners[0] == person.id != owners[1]


def test_dossiers_are_filed_as_eligible_on_the_ground_imported(session: Session, bring: Import, call: Call) -> None:
    run = bring("dossiers", [dossier(1, fields=["F07"], agency="NSF", year=2014), dossier(2)], call=call)
    assert outcome(run) == ("done", 2, 0, 0, 0)
    rows = session.execute(select(Application).order_by(Application.number)).scalars().all()
    assert [(r.status, r.filed_number, r.external_id, r.field_1) for r in rows] == [
        ("eligible", "D-0001", "A1", "F07"), ("eligible", "D-0002", "A2", "")]  # fmt: skip
    decisions = session.execute(select(Decision)).scalars().all()
    assert [(d.outcome, d.reasons) for d in decisions] == [("eligible", [{"code": "imported"}])] * 2
    version = session.execute(select(DossierVersion).where(DossierVersion.application_id == rows[0].id)).scalar_one()
    assert version.filed
    assert version.content["narrative"]["summary"] == "It works."
    assert version.content["imported"] == {"agency": "NSF", "year": 2014}


def test_a_changed_dossier_is_a_new_version_until_a_panel_has_it(session: Session, bring: Import, call: Call) -> None:
    bring("dossiers", [dossier(1), dossier(2)], call=call)
    assert outcome(bring("dossiers", [dossier(1, title="Renamed"), dossier(2)], call=call)) == ("done", 0, 1, 1, 0)
    session.expire_all()
    row = session.execute(select(Application).where(Application.external_id == "A1")).scalar_one()
    assert (row.title, row.dossier_version) == ("Renamed", 2)
    row.status = "assigned"
    session.flush()
    late = bring("dossiers", [dossier(1, title="Too late")], call=call)
    assert (late.status, late.problems[0]["code"]) == ("refused", "import.dossier_under_review")


BAD_FILES = {
    "a broken line": (b'{"expert_id": "E1", "organisation": "A", "works": []}\n{"expert_id":\n', 2, "import.broken_json"),
    "an unknown sub-field": (json.dumps(expert(1, fields=["F99"])).encode(), 1, "import.unknown_field"),
    "an id twice": (b"\n".join([json.dumps(expert(1)).encode()] * 2), 2, "import.duplicate_id"),
    "no id": (b'{"organisation": "A", "works": []}', 1, "import.missing_field"),
    "a wrong type": (json.dumps(expert(1, works="none")).encode(), 1, "import.not_list"),
    "0 bytes": (b"", 0, "import.empty_file"),
    "a broken archive": (gzip.compress(json.dumps(expert(1)).encode())[:-4], 0, "import.broken_gzip"),
    "bad UTF-8": (json.dumps(expert(1)).encode() + b'\n{"a": "\xff"}', 2, "import.not_utf8"),
}


@pytest.mark.parametrize(("content", "line", "code"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_leaves_nothing_but_the_reason(session: Session, bring: Import, content: bytes, line: int, code: str) -> None:
    run = bring("experts", content)
    assert run.status == "refused"
    assert [(p["line"], p["code"]) for p in run.problems] == [(line, code)]
    assert count(session, Expert, Person, Organisation, Work) == [0, 0, 0, 0]


def test_a_file_of_600_mb_leaves_nothing_but_the_reason(session: Session, bring: Import, tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "huge.jsonl"
    with path.open("wb") as handle:
        handle.truncate(600 << 20)
    reading = imports.read(path, path.name, "experts")
    run = imports.begin(session, kind="experts", name=path.name, sha256="0" * 64, actor=OPERATOR, now=now)
    imports.store(session, run.public_id, reading, actor=OPERATOR, now=now)
    assert (run.status, run.problems[0]["code"]) == ("refused", "import.too_large")


def test_partial_stores_the_good_rows_and_names_the_others(session: Session, bring: Import) -> None:
    run = bring("experts", [expert(1), expert(2, mail="x"), expert(3)], partial=True)
    assert outcome(run) == ("done", 2, 0, 0, 1)
    assert session.execute(select(Expert.external_id).order_by(Expert.external_id)).scalars().all() == ["E1", "E3"]


def test_partial_does_not_open_a_file_that_cannot_be_read(session: Session, bring: Import) -> None:
    assert bring("experts", gzip.compress(b"{}" * 100)[:-4], partial=True).status == "refused"


def test_one_import_is_two_entries_of_a_journal_that_holds(session: Session, bring: Import) -> None:
    run = bring("experts", [expert(1)])
    entries = session.execute(select(JournalEntry).order_by(JournalEntry.id)).scalars().all()
    assert [(e.action, e.actor, e.subject) for e in entries] == [
        ("import_run.queued", "operator", run.public_id), ("import_run.done", "operator", run.public_id)]  # fmt: skip
    assert json.loads(entries[1].data)["created"] == 1
    assert journal.verify(session).first_bad is None


def test_only_coordinators_import_and_dossiers_need_a_call(session: Session, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        imports.begin(session, kind="experts", name="f", sha256="0" * 64, actor=NOBODY, now=now)
    with pytest.raises(NotFound):
        imports.begin(session, kind="dossiers", name="f", sha256="0" * 64, actor=OPERATOR, now=now)


def test_an_uploaded_file_is_read_in_by_a_worker_once(database: Database, config: Config, now: datetime, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(json.dumps(expert(1)).encode())
    with path.open("rb") as stream:
        stored = Files(config.files_dir).put(stream, limit=1 << 20)
    with database.write() as session:
        run = imports.order(session, kind="experts", name="a.jsonl", sha256=stored.sha256, actor=OPERATOR, now=now)
        promise, own = run.promise_id, run.public_id
    assert promise is not None
    assert tasks.carry_out(config, database, promise) is True
    assert tasks.carry_out(config, database, promise) is False
    with database.read() as session:
        run = session.execute(select(ImportRun).where(ImportRun.public_id == own)).scalar_one()
        assert outcome(run) == ("done", 1, 0, 0, 0)


def test_a_pool_of_full_size_is_stored(session: Session, bring: Import) -> None:
    run = bring("experts", [expert(n) for n in range(3000)])
    assert outcome(run) == ("done", 3000, 0, 0, 0)
