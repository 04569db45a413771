"""A lottery that anybody can replay: a frozen list, a committed seed, tickets ordered by their hash.

Before the draw the list's digest and the commitments of the officials are published; afterwards their secrets. The order
needs SHA-256 and nothing else, so a stranger repeats it in any language, without this program.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from reviewers import verify_draw
from reviewers.errors import ImpossibleSpec, SeedMismatch

Strata = Mapping[str, Mapping[str, int]]  # stratum (a seat type) → expert id → number of tickets
_NO_DATE = (1980, 1, 1, 0, 0, 0)  # the first a ZIP can hold


def commitment(secret: str) -> str:
    """What an official publishes before the draw: SHA-256 of the secret. Use at least 128 random bits.

    >>> commitment("open sesame")[:16]
    '41ef4bb0b23661e6'
    """
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def reveal(secrets: Sequence[str], commitments: Sequence[str]) -> str:
    """The seed, made of all secrets once each fits its commitment; none of the officials alone decides it.

    The seed is SHA-256 over the secrets' own hashes, joined by line feeds in the order of the commitments.
    Raises SeedMismatch for the first secret that was exchanged.
    """
    if len(secrets) != len(commitments):
        raise SeedMismatch(expected=len(commitments), found=len(secrets))
    for secret, expected in zip(secrets, commitments, strict=True):
        if (found := commitment(secret)) != expected:
            raise SeedMismatch(expected=expected, found=found)
    parts = (hashlib.sha256(b"seed\n" + secret.encode("utf-8")).hexdigest() for secret in secrets)
    return hashlib.sha256("\n".join(parts).encode("ascii")).hexdigest()


def frozen(strata: Strata) -> bytes:
    """The list as canonical JSON (keys sorted, no blanks, UTF-8)."""
    plain = {stratum: dict(tickets) for stratum, tickets in strata.items()}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def list_digest(strata: Strata) -> str:
    """SHA-256 of the frozen list: what is published with the rules."""
    return hashlib.sha256(frozen(strata)).hexdigest()


def draw(strata: Strata, seed: str) -> dict[str, tuple[str, ...]]:
    """All experts of each stratum in drawn order: the first are invited, the others follow as substitutes.

    Ticket n of an expert is SHA-256 of "seed, stratum, list digest, expert, n", joined by line feeds; an expert stands where
    the smallest own ticket stands, so two tickets are twice the chance to be first. The order of the input does not
    matter. Raises ImpossibleSpec for an expert without a ticket.

    >>> draw({"market": {"a": 1, "b": 1, "c": 5}}, seed="2026")["market"][0]
    'c'
    """
    digest = list_digest(strata)
    drawn = {}
    for stratum, tickets in strata.items():
        if empty := sorted(expert for expert, count in tickets.items() if count < 1):
            raise ImpossibleSpec(panel=stratum, reason="no_ticket", expert=empty[0])
        first = {expert: min(_ticket(seed, stratum, digest, expert, n) for n in range(count)) for expert, count in tickets.items()}
        drawn[stratum] = tuple(sorted(first, key=lambda expert: (first[expert], expert)))
    return drawn


def _ticket(seed: str, stratum: str, digest: str, expert: str, n: int) -> str:
    return hashlib.sha256("\n".join((seed, stratum, digest, expert, str(n))).encode("utf-8")).hexdigest()


def packed(strata: Strata, secrets: Sequence[str], commitments: Sequence[str], contacts: Sequence[Mapping[str, str]] = ()) -> bytes:
    """The draw as a ZIP that anybody repeats: the list, what was published, the order, and a program that needs only Python.

    `contacts` in the order people were asked, with `stratum`, `expert`, `answer`, and a `reason` where somebody was picked by
    hand. Equal input gives equal bytes. Raises SeedMismatch.
    """
    drawn = draw(strata, reveal(secrets, commitments))
    told = {
        "list_sha256": list_digest(strata),
        "commitments": list(commitments),
        "secrets": list(secrets),
        "order": {stratum: list(order) for stratum, order in drawn.items()},
        "contacts": [dict(contact) for contact in contacts],
    }
    members = {
        "list.json": frozen(strata),
        "draw.json": json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8"),
        "verify_draw.py": Path(verify_draw.__file__).read_bytes(),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(zipfile.ZipInfo(name, _NO_DATE), content)
    return out.getvalue()


def tickets(affinity: float, recent_load: int) -> int:
    """How many tickets an expert gets: one to ten by match, divided by the panels sat on lately.

    >>> tickets(.9, 0), tickets(.9, 2), tickets(.1, 5)
    (9, 3, 1)
    """
    return max(1, round(10 * affinity / (1 + recent_load)))
