"""What a panellist writes beside a mark: fitting the criterion, the step and the product's own terms."""

from __future__ import annotations

from random import Random

from app.demo.vocabulary_file import Topic, phrases
from app.demo.works import terms

_TONE = {1: "low", 2: "low", 3: "middle", 4: "high", 5: "high"}


def comment(criterion: str, step: int, language: str, topic: Topic, rng: Random) -> str:
    """One or two sentences for a mark of `step` (1..5) on criterion C1..C4 in `ko` or `en`."""
    pool = phrases("comments")
    said = str(rng.choice(pool[criterion][language][str(step)])).format(**terms(topic, language, rng))
    said = said[:1].upper() + said[1:]
    if step in (1, 2, 5) or rng.random() < 0.35:
        said += " " + rng.choice(pool["tail"][language][_TONE[step]])
    return said
