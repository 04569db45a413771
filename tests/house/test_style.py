"""What `make lint` says, said with the tests too: nobody lands what the linter or the type checker refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("command", [["ruff", "check", "."], ["mypy"]], ids=["ruff", "mypy"])
def test_the_checkers_have_nothing_to_say(command: list[str]) -> None:
    program = Path(sys.executable).parent / command[0]
    result = subprocess.run([str(program), *command[1:]], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr
