"""Generated people and dossiers are accepted by the platform's own form and import, without a single complaint."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile

from app.demo.content import form_content, import_row
from app.demo.papers import MARK, paper, slots
from app.documents import dossier as form
from app.stages.imports.profiles import read_all
from app.stages.imports.row_files import Row

Rows = list[dict[str, Any]]


def test_every_dossier_fills_the_form_and_could_be_submitted(filed: Rows) -> None:
    for row in filed:
        assert form.left(form_content(row), slots(row), ("D02", "D03", "D04", "D07", "D14")) == [], row["application_id"]
        assert form.check(form_content(row)) == [], row["application_id"]  # not even a warning


def test_the_import_takes_every_expert_and_every_dossier(pool: Rows, filed: Rows) -> None:
    for rows, kind in ((pool, "experts"), ([import_row(row) for row in filed], "dossiers")):
        reading = read_all([Row(n, values) for n, values in enumerate(rows, 1)], kind)
        assert reading.problems == []
        assert len(reading.profiles) == len(rows)
        assert reading.ignored <= {"unit"}


def test_a_file_is_the_same_every_time_says_what_it_is_and_that_it_is_invented(filed: Rows) -> None:
    row = filed[0]
    for slot in slots(row):
        name, data = paper(slot, row)
        assert (name, data) == paper(slot, row)
        text = ZipFile(BytesIO(data)).read("word/document.xml").decode()
        assert row["title"].replace("&", "&amp;") in text and str(MARK.of(row["language"])) in text


def test_the_missing_annex_is_missing_as_a_file_too(filed: Rows) -> None:
    lacking = [row["trouble"] for row in filed if row["product"]["is_ai"] and "D16" not in slots(row)]
    assert lacking == ["ai_annex_missing"]


def test_some_experts_share_a_work_and_some_declare_an_interest(pool: Rows) -> None:
    assert 300 < sum(len(work["people"]) > 1 for expert in pool for work in expert["works"]) < 1500
    assert 60 < sum(bool(expert["declared"]) for expert in pool) < 200
