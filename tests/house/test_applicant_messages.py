"""Every message an applicant can get says in both languages what to do about it, not only what is the matter."""

from __future__ import annotations

import ast
import re

import pytest

from app.workflow.guards import GUARDS
from app.workflow.transitions import MOVES
from tests.house.test_catalogues import APP, translated

# Where what an applicant writes and sends is judged.
JUDGES = (
    *sorted((APP / "documents").glob("*.py")),
    APP / "files.py",
    *sorted((APP / "stages" / "submission").glob("*.py")),
    APP / "stages" / "team.py",
    APP / "workflow" / "dossiers.py",
)
ALWAYS = (
    "not_found", "not_allowed", "stale", "duplicate", "csrf", "incident", "database_away", "door.no_such_move", "people.mail_form",
)  # fmt: skip
CODE = re.compile(r"(dossier|id|file|team|supplement|guard)\.(?!json)[a-z_]+")  # dossier.json is a file
# How a sentence begins that asks somebody to do something; a new verb is added here when it is one.
ASKS = frozenset(
    "add ask change check choose compare correct describe enter fill follow give keep leave let look make open read remove repeat "
    "save shorten sign split start take tell try unpack wait write".split()
)
BEGINS = re.compile(r"(?:^|[.;:,!?] )(?:please )?(?:then |and |or )?([a-z]+)", re.IGNORECASE)
ENDS = re.compile(r"(세요|십시오|면 됩니다|도 됩니다)(?=[.()]|$)")


def codes_in(tree: ast.AST) -> set[str]:
    texts = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return {text for text in texts if CODE.fullmatch(text)}


def of_guards() -> set[str]:
    """The refusals of the guards on the moves an applicant makes."""
    names = {name for move in MOVES if "applicant" in move.roles for name in move.guards}
    assert names <= set(GUARDS)
    tree = ast.parse((APP / "workflow" / "guards.py").read_text(encoding="utf-8"))
    guards = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in names)
    return {code for guard in guards for code in codes_in(guard)}


def of_judges() -> set[str]:
    return {code for path in JUDGES for code in codes_in(ast.parse(path.read_text(encoding="utf-8")))}


MESSAGES = sorted({*ALWAYS, *of_guards(), *of_judges()})


def asks(text: str) -> bool:
    return any(found[1].lower() in ASKS for found in BEGINS.finditer(text))


def test_the_list_is_the_whole_list() -> None:
    assert {"dossier.too_long", "id.check_digit", "file.macro", "guard.call_closed", "team.known"} <= set(MESSAGES)
    assert len(MESSAGES) > 50


@pytest.mark.parametrize("code", MESSAGES)
def test_a_message_names_a_remedy_in_both_languages(code: str) -> None:
    for language, asked in (("en", asks), ("ko", ENDS.search)):
        text = translated(language).get(code, "")
        assert text, f"{code} has no words in {language}"
        assert asked(text), f"{code} states a fact and names no remedy ({language}): {text}"


@pytest.mark.parametrize("text", ["The file is broken.", "At most 5 entries.", "The end cannot be before the start."])
def test_a_mere_statement_would_be_found_out(text: str) -> None:
    assert not asks(text)


@pytest.mark.parametrize("text", ["날짜 형식이 아닙니다.", "최대 5개입니다.", "종료일은 시작일보다 빠를 수 없습니다."])
def test_a_mere_statement_in_korean_too(text: str) -> None:
    assert not ENDS.search(text)
