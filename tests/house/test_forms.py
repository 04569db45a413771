"""Choices of a field are made in one place: WTForms 3.4 takes no tuples, and warns only of those that a class names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


def given(tree: ast.AST) -> Iterator[ast.expr]:
    """What is passed, assigned or stored as `choices`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "choices":
            yield node.value
        if isinstance(node, ast.Assign):
            for target in node.targets:
                named = target.attr if isinstance(target, ast.Attribute) else ast.unparse(getattr(target, "slice", target))
                if named in ("choices", "'choices'"):
                    yield node.value


def test_no_field_is_given_choices_as_tuples() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{value.lineno}": ast.unparse(value)
        for path in sorted((ROOT / "app" / "web").rglob("*.py"))
        for value in given(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert len(found) >= 6
    assert {place: value for place, value in found.items() if not value.startswith("choices(")} == {}
