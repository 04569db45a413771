"""A name alone is nobody: people are told apart by name and organisation, and what cannot be told is said."""

from __future__ import annotations

import pytest

from reviewers.identity import Known, Register
from reviewers.records import Listed

POOL = (
    Known("e1", ("김연구", "Kim Yeon-gu"), "가상대학교"),
    Known("e2", ("김연구",), "다른대학교"),
    Known("e3", ("박전문", ""), ""),
)
ALIASES = {"Gasang University": "가상대학교"}


@pytest.mark.parametrize(
    ("name", "organisation", "state", "experts"),
    [
        ("김연구", "가상대학교", "same", ("e1",)),
        ("김 연구", "가상대학교 산학협력단", "same", ("e1",)),
        ("kim yeongu", "Gasang University", "same", ("e1",)),
        ("김연구", "", "open", ("e1", "e2")),
        ("김연구", "제삼대학교", "open", ("e1", "e2")),
        ("박전문", "가상대학교", "open", ("e3",)),
        ("최무명", "가상대학교", "nobody", ()),
        ("최무명", "", "not_computable", ()),
    ],
)
def test_a_named_person_is_found_by_name_and_organisation(
    name: str, organisation: str, state: str, experts: tuple[str, ...]
) -> None:
    found = Register(POOL, ALIASES).find(Listed(name, organisation))
    assert (found.state, found.ids) == (state, experts)
