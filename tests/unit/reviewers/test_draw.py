"""A draw repeats from its published parts alone, and nobody can bend it afterwards."""

import hashlib
import json

import numpy as np
import pytest

from reviewers.draw import commitment, draw, list_digest, reveal
from reviewers.errors import ImpossibleSpec, SeedMismatch

STRATA = {"technology": {f"e{i}": 1 for i in range(20)}, "market": {"m1": 1, "m2": 3}}


def test_a_stranger_repeats_the_draw_with_sha256_alone():
    digest = hashlib.sha256(json.dumps(STRATA, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    def place(stratum, expert):
        return min(
            hashlib.sha256(f"seed\n{stratum}\n{digest}\n{expert}\n{n}".encode()).hexdigest() for n in range(STRATA[stratum][expert])
        )

    drawn = draw(STRATA, "seed")
    assert digest == list_digest(STRATA)
    assert all(list(order) == sorted(STRATA[s], key=lambda e: place(s, e)) for s, order in drawn.items())


def test_the_order_of_the_list_does_not_matter_but_its_content_does():
    turned = {name: dict(reversed(tickets.items())) for name, tickets in reversed(STRATA.items())}
    assert draw(turned, "s") == draw(STRATA, "s")
    assert draw(STRATA | {"market": {"m1": 1, "m2": 2}}, "s")["technology"] != draw(STRATA, "s")["technology"]


def test_a_secret_exchanged_after_its_commitment_is_refused():
    published = [commitment("first"), commitment("second")]
    assert len(reveal(["first", "second"], published)) == 64
    assert reveal(["first", "second"], published) != reveal(["second", "first"], published[::-1])
    for secrets in (["first", "other"], ["first"]):
        with pytest.raises(SeedMismatch):
            reveal(secrets, published)


def test_three_tickets_of_four_come_first_three_times_in_four():
    first = [draw({"m": {"a": 1, "b": 3}}, str(seed))["m"][0] == "b" for seed in range(2000)]
    assert abs(np.mean(first) - 0.75) < 4 * np.sqrt(0.75 * 0.25 / 2000)


def test_an_expert_without_a_ticket_is_refused():
    with pytest.raises(ImpossibleSpec):
        draw({"m": {"a": 0}}, "s")
