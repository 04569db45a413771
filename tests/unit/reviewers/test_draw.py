"""A draw repeats from its published parts alone, and nobody can bend it afterwards."""

import hashlib
import io
import itertools
import json
import random
import subprocess
import sys
import zipfile
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewers import verify_draw
from reviewers.draw import NOTHING_SINCE, canonical, commitment, draw, list_digest, packed, reveal, walk
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


def test_an_order_or_a_secret_that_was_changed_is_refused():
    def turned(told):
        told["order"]["technology"].reverse()

    def other_secret(told):
        told["secrets"][0] = "three"

    for change in (turned, other_secret):

        def rewrite(content, change=change):
            told = json.loads(content)
            change(told)
            return canonical(told)

        assert verify_draw.problems(altered(pack(STRATA), "draw.json", rewrite)) != []


LOSSES = {"invited": ("declined", "no_answer", "excluded"), "accepted": ("no_answer", "recused", "declined")}


def whole(seed):
    """A random draw: panels, loads, houses, what came up since, and a log of who was asked and left, by rules of its own."""
    rng = random.Random(seed)
    people = [f"e{n:02d}" for n in range(rng.randint(6, 16))]
    kinds = {str(p): [["market", rng.randint(1, 2)], ["free", rng.randint(1, 2)]] for p in range(1, rng.randint(2, 4))}
    strata = {
        f"{p}:{kind}": {e: rng.randint(1, 3) for e in rng.sample(people, rng.randint(2, len(people)))}
        for p, own in kinds.items() for kind, _ in own
    }  # fmt: skip
    seating = {
        "kinds": kinds, "least": {"market": 1}, "institution_cap": rng.choice([None, 1, 2]), "multiple": rng.randint(2, 3),
        "rooms": {e: rng.randint(0, 2) for e in people}, "houses": {e: f"h{rng.randint(0, 5)}" for e in people},
    }  # fmt: skip
    since = {
        "absent": rng.sample(people, 1), "conflict": {"1": rng.sample(people, 1)}, "rooms": {people[0]: rng.randint(0, 2)}
    }  # fmt: skip
    order = draw(strata, reveal(["one", "two"], [commitment("one"), commitment("two")]), seating)
    return strata, seating, since, _log_of(rng, seating, walk(seating, order, since), {**seating["rooms"], **since["rooms"]})


def _log_of(rng, seating, places, rooms):
    seated, waiting, kind_of, log = {}, {}, {}, []
    for p, own in seating["kinds"].items():
        became = [(kind, e) for kind, _ in own for e in places[f"{p}:{kind}"]]
        kind_of |= {(p, e["expert"]): kind for kind, e in became if e["became"] in ("seat", "substitute")}
        seated[p] = [e["expert"] for _, e in became if e["became"] == "seat"]
        spare = [[e["expert"] for k, e in became if k == kind and e["became"] == "substitute"] for kind, _ in own]
        waiting[p] = [e for rank in itertools.zip_longest(*spare) for e in rank if e]

    def say(p, who, event, **more):
        log.append({"at": f"2026-01-01T00:00:{len(log):02d}", "panel": p, "expert": who, "event": event, **more})

    def leave(p, who, event):
        say(p, who, event)
        seated[p].remove(who)
        own, houses = kind_of[p, who], seating["houses"]
        spare = sum(kind_of[p, e] == own for e in seated[p]) >= seating["least"].get(own, 0)
        passed, by = [], None
        for e in sorted(waiting[p], key=lambda e: kind_of[p, e] != own):
            if kind_of[p, e] != own and not spare:
                continue
            cap = seating["institution_cap"]
            full = cap is not None and sum(houses[o] == houses[e] for o in seated[p]) >= cap
            load = sum(e in inside for inside in seated.values()) >= rooms[e]
            why = rng.choice(["absent", "conflict"]) if rng.random() < 0.15 else "institution" if full else "load" if load else ""
            if not why:
                by = e
                break
            passed.append([e, why])
        say(p, who, "replaced" if by else "not_replaced", passed_over=passed, changed=[], **({"by": by} if by else {}))
        if by:
            waiting[p].remove(by)
            seated[p].append(by)
            ask(p, by)

    def ask(p, who):
        say(p, who, "invited")
        if rng.random() < 0.5:
            return leave(p, who, rng.choice(LOSSES["invited"]))
        say(p, who, "accepted")
        if rng.random() < 0.2:
            leave(p, who, rng.choice(LOSSES["accepted"]))

    for p in list(seated):
        for who in list(seated[p]):
            ask(p, who)
    return log


def packed_whole(seed):
    strata, seating, since, log = whole(seed)
    content = packed(strata, ["one", "two"], [commitment("one"), commitment("two")], seating=seating, since=since, log=log)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return content, {name: file.read(name) for name in ("list.json", "draw.json", "log.json")}


def test_the_verifier_follows_seats_reasons_and_every_replacement_of_random_draws():
    became, events = Counter(), Counter()
    for seed in range(150):
        content, members = packed_whole(seed)
        told, log = json.loads(members["draw.json"]), json.loads(members["log.json"])
        digests = (told["list_sha256"], told["outcome_sha256"], told["log_sha256"])
        assert verify_draw.problems(io.BytesIO(content), *digests) == [], seed
        assert verify_draw.problems(io.BytesIO(content), *digests[:2], "0" * 64), "a log that was cut short"
        became.update(entry["became"] for line in told["places"].values() for entry in line)
        events.update([e["event"] for e in log] + [why for e in log for _, why in e.get("passed_over", ())])
    assert set(became) == {"seat", "substitute", "here", "absent", "conflict", "load", "institution"}
    assert {"replaced", "not_replaced", "declined", "no_answer", "institution", "load", "conflict"} <= set(events)


def test_one_changed_byte_of_list_draw_or_log_is_refused():
    rng = random.Random(1)
    for seed in range(40):
        content, members = packed_whole(seed)
        for name, body in members.items():
            for _ in range(6):
                place, by = rng.randrange(len(body)), rng.randint(1, 255)
                changed = body[:place] + bytes([body[place] ^ by]) + body[place + 1 :]
                assert verify_draw.problems(altered(content, name, lambda _b, new=changed: new)) != [], (seed, name, place, by)


def test_a_reason_or_a_replacement_that_was_rewritten_with_all_its_digests_is_refused():
    """Whoever writes the whole file anew still cannot pass anybody over."""
    met = Counter()
    for seed in range(60):
        strata, seating, since, log = whole(seed)
        for n, entry in enumerate(log):
            if entry["event"] != "replaced":
                continue
            forged = [*log[:n], {k: v for k, v in entry.items() if k != "by"} | {"event": "not_replaced"}]
            met["nobody"] += 1
            assert _problems(strata, seating, since, forged), "somebody could have been asked"
            for place, (who, why) in enumerate(entry["passed_over"]):
                if why in ("institution", "load"):
                    met[why] += 1
                    other = {"institution": "load", "load": "institution"}[why]
                    passed = [*entry["passed_over"][:place], [who, other], *entry["passed_over"][place + 1 :]]
                    assert _problems(strata, seating, since, [*log[:n], entry | {"passed_over": passed}, *log[n + 1 :]])
        if len(log) > 1 and log[1]["event"] in ("accepted", "declined", "no_answer"):
            assert _problems(strata, seating, since, log[1:]), "an invitation that was left out"
    assert min(met.values()) > 3, met


def _problems(strata, seating, since, log):
    secrets = ["one", "two"]
    content = packed(strata, secrets, list(map(commitment, secrets)), seating=seating, since=since, log=log)
    return verify_draw.problems(io.BytesIO(content))


def test_whoever_changed_organisation_since_is_taken_at_the_word_of_the_log():
    seating = {"kinds": {"1": [["free", 1]]}, "least": {}, "institution_cap": 1, "multiple": 3,
               "rooms": dict.fromkeys("abc", 1), "houses": {e: e for e in "abc"}}  # fmt: skip
    strata = {"1:free": dict.fromkeys("abc", 1)}
    seed = reveal(["one", "two"], [commitment("one"), commitment("two")])
    first, second, third = draw(strata, seed, seating)["1:free"]

    def said(who, event, **more):
        return {"at": "", "panel": "1", "expert": who, "event": event, **more}

    log = [said(first, "invited"), said(first, "declined")]
    left = said(first, "replaced", by=third, passed_over=[[second, "load"]])
    assert _problems(strata, seating, NOTHING_SINCE, [*log, left | {"changed": [second]}]) == []
    assert _problems(strata, seating, NOTHING_SINCE, [*log, left | {"changed": []}])
    over = said(first, "not_replaced", passed_over=[], changed=[], why="review_over")
    assert _problems(strata, seating, NOTHING_SINCE, [*log, over]) == []
    assert _problems(strata, seating, NOTHING_SINCE, log), "a place that nobody was asked for"


def test_the_program_in_the_file_runs_alone(tmp_path):
    (tmp_path / "draw.zip").write_bytes(pack(STRATA))
    with zipfile.ZipFile(tmp_path / "draw.zip") as file:
        file.extract("verify_draw.py", tmp_path)
    command = [sys.executable, "-I", "-S", str(tmp_path / "verify_draw.py"), str(tmp_path / "draw.zip")]
    assert subprocess.run(command, capture_output=True, text=True).returncode == 0
    assert subprocess.run([*command, "0" * 64], capture_output=True, text=True).returncode == 1
