#!/usr/bin/env python3
"""Repeats a draw from its published file alone: python3 verify_draw.py DRAW.zip [SHA-256 OF THE LIST AS PUBLISHED BEFORE]

Needs nothing but Python. It refuses a list that was changed after its digest was published, a secret that does not fit its
commitment, an order that the seed does not give, and invitations out of order.
"""

import hashlib
import json
import sys
import zipfile
from typing import Any


def sha256(text: Any) -> str:
    return hashlib.sha256(text if isinstance(text, bytes) else text.encode("utf-8")).hexdigest()


def problems(file: Any, published: Any = None) -> list[str]:
    """Everything that does not hold, in words; empty when the draw repeats."""
    try:
        with zipfile.ZipFile(file) as opened:
            listed, told = opened.read("list.json"), json.loads(opened.read("draw.json"))
        strata = json.loads(listed) if sha256(listed) == told["list_sha256"] else {}
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        return ["not the file of a draw: " + str(error)]
    digest = sha256(listed)
    if digest != told["list_sha256"] or published not in (None, digest):
        return ["the list is not the one that was frozen: its SHA-256 is " + digest]
    found = []
    if list(map(sha256, told["secrets"])) != told["commitments"]:
        found.append("a secret does not fit the commitment published before the draw")
    seed = sha256("\n".join(sha256("seed\n" + secret) for secret in told["secrets"]))
    if set(told["order"]) != set(strata):
        found.append("the order and the list name different seat types")
    for stratum, tickets in strata.items():
        place = {
            expert: min(sha256("\n".join((seed, stratum, digest, expert, str(n)))) for n in range(count))
            for expert, count in tickets.items()
        }
        if told["order"].get(stratum) != sorted(place, key=lambda expert: (place[expert], expert)):
            found.append("the seed gives another order for " + stratum)
        asked = [entry["expert"] for entry in told.get("contacts", ()) if entry["stratum"] == stratum and not entry.get("reason")]
        if asked != [expert for expert in told["order"].get(stratum, ()) if expert in asked]:
            found.append("people were asked out of order for " + stratum)
    return found


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    wrong = problems(*sys.argv[1:])
    print("\n".join(wrong) or "The draw repeats: list, seed and order are as published.")
    sys.exit(1 if wrong else 0)
