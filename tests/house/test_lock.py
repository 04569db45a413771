"""The lock is the same for everybody: no address of one machine, no torch, a hash for every file."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_the_lock_names_no_index_and_no_file() -> None:
    assert re.findall(r"(?m)^.*(?:--index-url|--extra-index-url|--find-links|file:).*$", LOCK) == []


def test_the_lock_leaves_torch_to_the_set_up() -> None:
    assert re.findall(r"(?m)^(?:torch|triton|nvidia|cuda)\S*", LOCK) == []


def test_every_pin_has_its_hashes() -> None:
    blocks = re.split(r"(?m)^(?=[a-z0-9])", LOCK)[1:]
    assert len(blocks) > 50
    assert [block.split("\n")[0] for block in blocks if not re.match(r"\S+==\S+", block)] == []
    assert [block.split("\n")[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_every_dependency_of_the_project_is_in_the_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [need for extra in project["optional-dependencies"].values() for need in extra]
    locked = set(re.findall(r"(?m)^([a-z0-9-]+)==", LOCK))
    assert {re.split(r"[\[><=]", need)[0] for need in [*project["dependencies"], *extras]} - locked == set()
