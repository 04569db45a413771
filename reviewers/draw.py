"""A lottery that anybody can replay: a frozen list, a committed seed, tickets ordered by their hash.

Before the draw the list's digest and the commitments of the officials are published; afterwards their secrets. The order
needs SHA-256 and nothing else, so a stranger repeats it in any language, without this program.

Where a list also says how its order is seated (`Seating`), seats, substitutes and everybody passed over follow from it as well,
together with what came up since it was frozen (`Since`); and each replacement from the log of those who were asked.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from reviewers import verify_draw
from reviewers.errors import ImpossibleSpec, SeedMismatch

Strata = Mapping[str, Mapping[str, int]]  # stratum (a seat type) → expert id → number of tickets
# What fills the seats, as plain JSON; the strata are named "panel:seat type":
#   kinds: panel number → [[seat type, seats], …] in the order in which they are filled; least: seat type → seats that must keep it
#   institution_cap: most of one house in a panel, or None; multiple: so many times the seats are drawn, substitutes included
#   rooms: expert → panels they may still take; houses: expert → a name that only says who shares an organisation
Seating = Mapping[str, Any]
# What came up between freezing and drawing: absent: [expert]; conflict: panel number → [expert]; rooms: expert → panels
Since = Mapping[str, Any]
NOTHING_SINCE: Since = {"absent": [], "conflict": {}, "rooms": {}}
Places = Mapping[str, Sequence[Mapping[str, str]]]  # stratum → [{expert, became}] as far down the order as was needed
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


def canonical(content: Any) -> bytes:
    """JSON in one spelling: keys sorted, no blanks, UTF-8."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def digest_of(content: Any) -> str:
    return hashlib.sha256(canonical(content)).hexdigest()


def frozen(strata: Strata, seating: Seating | None = None) -> bytes:
    """The list as canonical JSON: the strata alone, or with how they are seated."""
    plain = {stratum: dict(tickets) for stratum, tickets in strata.items()}
    return canonical({"strata": plain, "seating": seating} if seating else plain)


def list_digest(strata: Strata, seating: Seating | None = None) -> str:
    """SHA-256 of the frozen list: what is published with the rules."""
    return hashlib.sha256(frozen(strata, seating)).hexdigest()


def draw(strata: Strata, seed: str, seating: Seating | None = None) -> dict[str, tuple[str, ...]]:
    """All experts of each stratum in drawn order: the first are invited, the others follow as substitutes.

    Ticket n of an expert is SHA-256 of "seed, stratum, list digest, expert, n", joined by line feeds; an expert stands where
    the smallest own ticket stands, so two tickets are twice the chance to be first. The order of the input does not
    matter. Raises ImpossibleSpec for an expert without a ticket.

    >>> draw({"market": {"a": 1, "b": 1, "c": 5}}, seed="2026")["market"][0]
    'c'
    """
    digest = list_digest(strata, seating)
    drawn = {}
    for stratum, tickets in strata.items():
        if empty := sorted(expert for expert, count in tickets.items() if count < 1):
            raise ImpossibleSpec(panel=stratum, reason="no_ticket", expert=empty[0])
        first = {expert: min(_ticket(seed, stratum, digest, expert, n) for n in range(count)) for expert, count in tickets.items()}
        drawn[stratum] = tuple(sorted(first, key=lambda expert: (first[expert], expert)))
    return drawn


def walk(seating: Seating, order: Mapping[str, Sequence[str]], since: Since = NOTHING_SINCE) -> dict[str, list[dict[str, str]]]:
    """Panel by panel down the drawn order: first all seats, then substitutes, until `multiple` times the seats are drawn.

    Says of everybody in the order what they became: seat, substitute, or why neither: here (in this panel already), absent,
    conflict, and for a seat also load and institution; those of a substitute are looked at when one is called.

    >>> seating = {"kinds": {"1": [["market", 1]]}, "least": {}, "institution_cap": None, "multiple": 2,
    ...            "rooms": {"a": 0, "b": 1, "c": 1}, "houses": {}}
    >>> [entry["became"] for entry in walk(seating, {"1:market": ("a", "b", "c")})["1:market"]]
    ['load', 'seat', 'substitute']
    """
    rooms = Counter({**seating["rooms"], **since["rooms"]})
    places: dict[str, list[dict[str, str]]] = {}
    for panel in sorted(seating["kinds"], key=int):
        kinds, inside = seating["kinds"][panel], list[str]()
        closed = dict.fromkeys(since["conflict"].get(panel, ()), "conflict") | dict.fromkeys(since["absent"], "absent")
        lines = {kind: iter(order[f"{panel}:{kind}"]) for kind, _ in kinds}
        for what, times in (("seat", 1), ("substitute", seating["multiple"] - 1)):
            for kind, seats in kinds:
                line = places.setdefault(f"{panel}:{kind}", [])
                for _ in range(seats * times):
                    if (taken := _next(seating, lines[kind], line, closed, inside, rooms if what == "seat" else None)) is None:
                        break
                    line[-1]["became"] = what
                    inside.append(taken)
    return places


def _next(
    seating: Seating, order: Iterator[str], line: list[dict[str, str]], closed: Mapping[str, str], inside: Sequence[str],
    rooms: Counter[str] | None,
) -> str | None:  # fmt: skip
    """The next in order who may take a place; whoever is passed over is put down with the reason."""
    for expert in order:
        became = "here" if expert in inside else closed.get(expert, "")
        if not became and rooms is not None:
            became = "load" if rooms[expert] < 1 else "institution" if house_full(seating, expert, inside) else ""
            rooms[expert] -= not became
        line.append({"expert": expert, "became": became})
        if not became:
            return expert
    return None


def house_full(seating: Seating, expert: str, inside: Sequence[str]) -> bool:
    """Whether so many of this expert's house sit in the panel that nobody else of it may."""
    cap, houses = seating["institution_cap"], seating["houses"]
    own = houses.get(expert, expert)
    return cap is not None and sum(houses.get(other, other) == own for other in inside) >= cap


def chained(log: Sequence[Mapping[str, Any]], start: str) -> list[dict[str, Any]]:
    """The log of contacts, each entry with the SHA-256 of the digest before it, a line feed and itself; the first after `start`."""
    out, before = [], start
    for entry in log:
        before = hashlib.sha256(before.encode("ascii") + b"\n" + canonical(entry)).hexdigest()
        out.append({**entry, "sha256": before})
    return out


def _ticket(seed: str, stratum: str, digest: str, expert: str, n: int) -> str:
    return hashlib.sha256("\n".join((seed, stratum, digest, expert, str(n))).encode("utf-8")).hexdigest()


def packed(
    strata: Strata,
    secrets: Sequence[str],
    commitments: Sequence[str],
    *,
    seating: Seating | None = None,
    since: Since = NOTHING_SINCE,
    log: Sequence[Mapping[str, Any]] = (),
) -> bytes:
    """The draw as a ZIP that anybody repeats: the list, what was published, the order, and a program that needs only Python.

    `log`: what happened to the seats, in order; verify_draw.py says what it reads there. Equal input gives equal bytes.
    Raises SeedMismatch.
    """
    drawn = draw(strata, reveal(secrets, commitments), seating)
    told: dict[str, Any] = {
        "list_sha256": list_digest(strata, seating),
        "commitments": list(commitments),
        "secrets": list(secrets),
        "order": {stratum: list(order) for stratum, order in drawn.items()},
    }
    members = {"list.json": frozen(strata, seating)}
    if seating:
        told |= {"since": since, "places": walk(seating, drawn, since)}
        told["outcome_sha256"] = outcome_digest(since, told["places"])
        entries = chained(log, told["outcome_sha256"])
        told["log_sha256"] = entries[-1]["sha256"] if entries else told["outcome_sha256"]
        members["log.json"] = canonical(entries)
    members |= {"draw.json": canonical(told), "verify_draw.py": Path(verify_draw.__file__).read_bytes()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(zipfile.ZipInfo(name, _NO_DATE), content)
    return out.getvalue()


def outcome_digest(since: Since, places: Places) -> str:
    """SHA-256 of what came up since the list was frozen and of what everybody in the order became: published with the seed."""
    return digest_of({"since": since, "places": places})


def tickets(affinity: float, recent_load: int) -> int:
    """How many tickets an expert gets: one to ten by match, divided by the panels sat on lately.

    >>> tickets(.9, 0), tickets(.9, 2), tickets(.1, 5)
    (9, 3, 1)
    """
    return max(1, round(10 * affinity / (1 + recent_load)))
