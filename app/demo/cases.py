"""What officials, companies and institutions write along the way: requests, reasons, minutes, reports; both languages."""

from __future__ import annotations

from random import Random

from app.demo.vocabulary_file import phrases
from app.demo.words import En, Ko, Pair


def variants(area: str, name: str) -> tuple[Pair, ...]:
    """All texts of one kind, as written in phrases/cases.toml; placeholders still open."""
    return tuple(Pair.read(text) for text in phrases("cases")[area][name])


def case(area: str, name: str, rng: Random | None = None, **names: Pair) -> Pair:
    """One text, filled: `case("consensus", "recommended", rng, product=product.name)`; without `rng` the first."""
    pool = variants(area, name)
    chosen = rng.choice(pool) if rng else pool[0]
    ko = chosen.ko.format(**{key: pair.ko for key, pair in names.items()})
    en = chosen.en.format(**{key: pair.en for key, pair in names.items()})
    return Pair(Ko(ko), En(en[:1].upper() + en[1:]))
