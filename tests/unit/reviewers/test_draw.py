"""A draw repeats from its published parts alone, and nobody can bend it afterwards."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewers import verify_draw
from reviewers.draw import commitment, draw, list_digest, packed, reveal
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


LISTS = st.dictionaries(
    st.sampled_from(["technology", "market", "procurement"]),
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=6),
        st.integers(1, 4),
        min_size=1,
        max_size=8,
    ),
    min_size=1,
)


def pack(strata, secrets=("one", "two")):
    return packed(strata, secrets, [commitment(secret) for secret in secrets])


def altered(content, name, change):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w") as after:
        for member in before.namelist():
            after.writestr(member, change(before.read(member)) if member == name else before.read(member))
    return io.BytesIO(out.getvalue())


@settings(max_examples=60, deadline=None)
@given(LISTS, st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=3))
def test_the_verifier_repeats_every_draw(strata, secrets):
    assert verify_draw.problems(io.BytesIO(pack(strata, secrets)), list_digest(strata)) == []
    assert pack(strata, secrets) == pack(strata, secrets)


@settings(max_examples=60, deadline=None)
@given(LISTS, st.data())
def test_the_verifier_refuses_a_list_changed_by_one_byte(strata, data):
    content = pack(strata)

    def change(listed):
        place = data.draw(st.integers(0, len(listed) - 1))
        return listed[:place] + bytes([listed[place] ^ data.draw(st.integers(1, 255))]) + listed[place + 1 :]

    assert verify_draw.problems(altered(content, "list.json", change)) != []


def test_a_list_exchanged_together_with_its_digest_is_refused_by_the_digest_published_before():
    forged = pack(STRATA | {"market": {"m1": 3, "m2": 1}})
    assert verify_draw.problems(io.BytesIO(forged)) == []
    assert "not the one that was frozen" in verify_draw.problems(io.BytesIO(forged), list_digest(STRATA))[0]


def test_an_order_or_a_secret_that_was_changed_and_people_asked_out_of_order_are_refused():
    def turned(told):
        told["order"]["technology"].reverse()

    def other_secret(told):
        told["secrets"][0] = "three"

    def jumped(told):
        first, second = told["order"]["technology"][:2]
        told["contacts"] = [{"stratum": "technology", "expert": who, "answer": "accepted"} for who in (second, first)]

    for change in (turned, other_secret, jumped):

        def rewrite(content, change=change):
            told = json.loads(content)
            change(told)
            return json.dumps(told).encode()

        assert verify_draw.problems(altered(pack(STRATA), "draw.json", rewrite)) != []


def test_the_program_in_the_file_runs_alone(tmp_path):
    (tmp_path / "draw.zip").write_bytes(pack(STRATA))
    with zipfile.ZipFile(tmp_path / "draw.zip") as file:
        file.extract("verify_draw.py", tmp_path)
    command = [sys.executable, "-I", "-S", str(tmp_path / "verify_draw.py"), str(tmp_path / "draw.zip")]
    assert subprocess.run(command, capture_output=True, text=True).returncode == 0
    assert subprocess.run([*command, "0" * 64], capture_output=True, text=True).returncode == 1
