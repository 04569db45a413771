"""The texts of a dossier: a summary and one narrative for each criterion, in the dossier's language."""

from __future__ import annotations

from random import Random
from typing import Any

from app.demo.institutions import Organisation, bodies_of
from app.demo.vocabulary_file import Product, phrases
from app.demo.words import En, Ko
from app.demo.works import terms

PARTS = {"C1": "novelty", "C2": "impact", "C3": "procurement", "C4": "market"}
UNITS = {
    "license": ("식", "licence"),
    "set": ("세트", "set"),
    "ea": ("개", "piece"),
    "m": ("미터", "metre"),
    "m2": ("제곱미터", "square metre"),
    "L": ("리터", "litre"),
    "kg": ("킬로그램", "kilogram"),
    "roll": ("롤", "roll"),
    "box": ("상자", "box"),
}
_COUNTRIES = (
    ("베트남", "Vietnam"),
    ("인도네시아", "Indonesia"),
    ("아랍에미리트", "the United Arab Emirates"),
    ("독일", "Germany"),
    ("칠레", "Chile"),
    ("필리핀", "the Philippines"),
    ("폴란드", "Poland"),
)


def texts(product: Product, region: str, lab: Organisation, language: str, rng: Random) -> dict[str, str]:
    """`summary` and the four narratives, by name."""
    words = _words(product, region, lab, language, rng)
    pool = phrases("dossiers")[language]
    made = {}
    for part in ("summary", *PARTS.values()):
        words |= terms(product.topic, language, rng)  # other methods and gains come to the fore in each part
        sentences = [rng.choice(variants).format(**words) for variants in pool[part]]
        made[part] = " ".join(s[:1].upper() + s[1:] for s in sentences)
    return made


def _words(product: Product, region: str, lab: Organisation, language: str, rng: Random) -> dict[str, Any]:
    kind = Ko if language == "ko" else En
    body, body2 = rng.choice(bodies_of(product.buyers[0])), rng.choice(bodies_of(product.buyers[-1]))
    while body2 == body:
        body2 = rng.choice(bodies_of(product.buyers[-1]))
    country1, country2 = rng.sample(_COUNTRIES, 2)
    side = 0 if language == "ko" else 1
    eok = {
        "saving": rng.randint(3, 60),
        "mkt": rng.choice((120, 180, 240, 350, 480, 620)),
        "sales": rng.randint(25, 140),
    }
    return {
        "name": product.name.of(language),
        "what": product.what.of(language),
        "new": product.new.of(language),
        "use": product.use.of(language),
        "b": body.name.of(language),
        "b2": body2.name.of(language),
        "lab": lab.name.of(language),
        "c": rng.choice(phrases("dossiers")[language]["closest"]),
        "price": f"{product.price_krw:,}",
        "unit": kind(UNITS[product.unit][side]),
        "units": f"{rng.choice((60, 80, 120, 200, 300, 450)):,}",
        "k": rng.choice((3, 4, 6, 8, 12, 15)),
        "jobs": rng.randint(5, 28),
        "region": region,
        "pct": rng.randint(11, 38),
        "country1": kind(country1[side]),
        "country2": kind(country2[side]),
        **eok,
        **{f"{name}_bn": f"{amount / 10:g}" for name, amount in eok.items()},  # 억 is a hundred million
    }
