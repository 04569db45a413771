"""The examples in the docstrings of the library run and say what they print."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import scoring

MODULES = [f"scoring.{module.name}" for module in pkgutil.iter_modules(scoring.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0 and result.failed == 0


def test_the_example_of_the_readme_decides_ten_applications(capsys: pytest.CaptureFixture[str]) -> None:
    text = Path(scoring.__file__).with_name("README.md").read_text(encoding="utf-8")
    exec(text.split("```python\n")[1].split("```")[0], {})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10
    assert {line.split()[2] for line in lines} == {"recommended", "not_recommended"}
