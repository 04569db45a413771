"""Names of invented people, in Hangul and in Latin letters; mails end in `.example`."""

from __future__ import annotations

from random import Random

from app.demo.vocabulary_file import phrases
from app.demo.words import En, Ko, Pair

_PARTS = phrases("names")


def korean_name(rng: Random) -> Pair:
    """김서연 / Seoyeon Kim."""
    rows = [row.split() for row in _PARTS["family"]]
    family = rng.choices(rows, weights=[int(r[2]) for r in rows])[0]
    first, second = rng.choice(_PARTS["first"]).split(), rng.choice(_PARTS["second"]).split()
    while first[0] == second[0]:
        second = rng.choice(_PARTS["second"]).split()
    return Pair(Ko(family[0] + first[0] + second[0]), En(f"{first[1]}{second[1]} {family[1]}"))


def foreign_name(rng: Random) -> Pair:
    name = f"{rng.choice(_PARTS['abroad_first'])} {rng.choice(_PARTS['abroad_last'])}"
    return Pair(Ko(name), En(name))
