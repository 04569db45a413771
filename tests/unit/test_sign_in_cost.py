"""Signing in costs the same for a name that exists and one that does not."""

from __future__ import annotations

from app.stages import people


def test_the_hash_for_nobody_costs_what_a_new_hash_costs() -> None:
    assert not people._hasher.check_needs_rehash(people._NO_ACCOUNT)
