"""Two windows on one section: what differs by field is joined, what differs in a field is shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.documents.merging import Clash, merge

VALUES = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["", "1", "2", "3"]), min_size=4, max_size=4)


def test_fields_that_only_one_changed_are_joined() -> None:
    merged = merge({"a": "0", "b": "0"}, {"a": "1", "b": "0"}, {"a": "0", "b": "2"})
    assert (merged.values, merged.clashes) == ({"a": "1"}, {})


def test_a_field_that_both_changed_is_nobodys_to_overwrite() -> None:
    merged = merge({"a": "0"}, {"a": "1"}, {"a": "2"})
    assert (merged.values, merged.clashes) == ({}, {"a": Clash("1", "2")})


def test_the_same_change_twice_is_no_clash() -> None:
    assert merge({"a": "0"}, {"a": "1"}, {"a": "1"}).clashes == {}


def test_an_empty_box_and_no_entry_are_one() -> None:
    merged = merge({}, {"a": "", "b": [], "c": False}, {"a": "2", "b": ["x"], "c": True})
    assert (merged.values, merged.clashes) == ({}, {})


@given(VALUES, VALUES, VALUES)
def test_no_change_of_anybody_is_ever_lost_unseen(seen: dict[str, str], mine: dict[str, str], theirs: dict[str, str]) -> None:
    merged = merge(seen, mine, theirs)
    after = theirs | dict(merged.values)
    for name in seen:
        if name in merged.clashes:
            assert after[name] == theirs[name] and mine[name] != seen[name]
        elif mine[name] != seen[name]:
            assert after[name] == mine[name]
        else:
            assert after[name] == theirs[name]
