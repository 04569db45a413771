"""The examples of docs/import.md can be imported as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.stages.imports.profiles import read_all
from app.stages.imports.row_files import read

DOCUMENT = (Path(__file__).parents[3] / "docs" / "import.md").read_text(encoding="utf-8")
EXAMPLES = [block for block in re.findall(r"```(?:json)?\n(.*?)```", DOCUMENT, re.S) if "_id" in block]


def test_there_is_an_example_of_each_form() -> None:
    assert [example.split(",")[0] for example in EXAMPLES] == [
        '{"expert_id": "E0001"',
        '{"expert_id": "E0002"',
        "expert_id",
        '{"application_id": "A0001"',
    ]


IDS = ["experts as JSON", "what is on record of an expert", "experts as CSV", "dossiers as JSON"]


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_an_example_is_read_without_a_problem(example: str, tmp_path: Path) -> None:
    path = tmp_path / "example"
    path.write_text(example, encoding="utf-8")
    reading = read_all(read(path, "example"), "experts" if "expert_id" in example else "dossiers")
    assert (reading.problems, reading.ignored, len(reading.profiles)) == ([], set(), 1)
