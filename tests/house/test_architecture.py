"""The tree is what the README draws, imports run one way, and nothing is called utils."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.jobs.tasks import KINDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def drawn() -> set[str]:
    """Paths of the map: lines of names, two spaces or more, what they are for; one level of folders by indentation."""
    for block in re.findall(r"(?s)```(?:text)?\n(.*?)```", README):
        if re.search(r"(?m)^app/ ", block):
            break
    else:
        pytest.fail("README.md draws no map of the tree (a fenced block with a line 'app/  …')")
    paths: set[str] = set()
    folder = ""
    for line in block.splitlines():
        names = re.split(r"  +", line.strip())[0].split(" ")
        if not all(re.fullmatch(r"[\w.-]+(/|\.\w+|file)", name) for name in names):
            continue  # a description that runs on
        if not line.startswith(" "):
            folder = names[0] if names[0].endswith("/") else ""
        paths.update((folder if line.startswith(" ") else "") + name for name in names)
    return paths


def tracked() -> set[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(listed.stdout.splitlines())


def test_everything_the_map_names_exists() -> None:
    assert {path for path in drawn() if not (ROOT / path).exists()} == set()


def test_the_map_names_every_folder_of_the_tree_and_of_app() -> None:
    parts = [path.split("/") for path in tracked() if not path.startswith(".")]
    expected = {f"{first}/" for first, *rest in parts if rest}
    expected |= {f"app/{rest[0]}/" for first, *rest in parts if first == "app" and len(rest) > 1}
    assert expected - drawn() == set()


def test_the_map_names_every_file_of_the_top_and_of_app() -> None:
    tops = {path for path in tracked() if "/" not in path and not path.startswith(".")} - {"README.md"}
    ours = {path for path in tracked() if path.startswith("app/") and path.count("/") == 1} - {"app/__init__.py"}
    assert (tops | ours) - drawn() == set()


def test_imports_run_one_way() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run([str(program), "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-3000:]


def test_nothing_is_called_utils() -> None:
    """When a name wants *utils*, *helper* or *common*, the noun is missing."""
    names = re.compile(r"(^|/|_)(utils?|helpers?|commons?|misc)(_|\.py$|/)")
    assert [path for path in tracked() if path.endswith(".py") and names.search(path)] == []


def test_the_environment_is_no_part_of_the_tree() -> None:
    assert [path for path in tracked() if path.split("/")[0] in {".venv", "data"}] == []


def promised_kinds() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or len(node.args) < 2:
                continue
            called = ast.unparse(node.func)
            if called == "outbox.promise" and isinstance(node.args[1], ast.Constant):
                found[str(node.args[1].value)] = f"{path.relative_to(ROOT)}:{node.lineno}"
    return found


def test_every_promised_kind_has_a_task_that_keeps_it() -> None:
    promised = promised_kinds()
    assert promised
    assert {kind: where for kind, where in promised.items() if kind not in KINDS} == {}
