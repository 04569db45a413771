"""One work of an expert: a title and about forty words, made of a topic's terms by varied sentence patterns."""

from __future__ import annotations

from random import Random
from typing import Any

from app.demo.vocabulary_file import Gain, Topic, phrases
from app.demo.words import En, Ko

KINDS = ("paper", "patent", "project")
_KIND_WEIGHTS = (0.62, 0.2, 0.18)
_LONGER = ("시간", "기간", "거리", "수명", "면적", "용량", "선행일", "가능일", "처리량", "생산량", "흡수량", "수율")


def gain_clause(gain: Gain, language: str, rng: Random, *, connect: bool = False) -> Ko | En:
    """'재현율이 21 % 높아졌다' / 'recall rose by 21 %', or its connecting form."""
    pct = rng.randint(8, 46)
    if language == "en":
        verb = rng.choice(("rose by", "improved by", "increased by") if gain.up else ("fell by", "dropped by", "went down by"))
        return En(f"{gain.name.en} {verb} {pct} %")
    if gain.up:
        stem = "늘었" if gain.name.ko.endswith(_LONGER) else rng.choice(("높아졌", "향상되었", "개선되었"))
    else:
        stem = rng.choice(("줄었", "감소하였"))
    return Ko(f"{gain.name.ko:이} {pct} % {stem}{'고' if connect else '다'}")


def terms(topic: Topic, language: str, rng: Random) -> dict[str, Any]:
    """The words one text draws on: two methods, one object of study, two gains, one place of use."""
    m, m2 = rng.sample(topic.methods, 2)
    g, g2 = rng.sample(topic.gains, 2)
    return {
        "s": topic.subject.of(language),
        "p": topic.problem.of(language),
        "m": m.of(language),
        "m2": m2.of(language),
        "o": rng.choice(topic.objects).of(language),
        "u": rng.choice(topic.uses).of(language),
        "gn": g.name.of(language),
        "g": gain_clause(g, language, rng),
        "gc": gain_clause(g, language, rng, connect=True),
        "g2": gain_clause(g2, language, rng),
        "n": rng.choice((48, 96, 120, 214, 350, 480, 620, 900)),
        "t": rng.choice((4, 6, 8, 9, 12, 18, 24)),
    }


def _abstract(kind: str, words: dict[str, Any], language: str, rng: Random) -> str:
    pool = phrases("works")[language]
    aim, result, close = (rng.choice(pool[name]) for name in (f"aim_{kind}", "result", "close"))
    more = rng.choice(pool["result"])
    while more == result:
        more = rng.choice(pool["result"])
    problem = "{p}"
    shapes = {
        "paper": (
            [problem, aim, result, close],
            [problem, aim, result, more],
            [problem, aim, result],
            [aim, result, more, close],
        ),
        "patent": ([aim, result, close], [problem, aim, close], [aim, more, result, close], [problem, aim, result]),
        "project": ([problem, aim, result, close], [problem, aim, result], [aim, result, more, close]),
    }[kind]
    sentences = [sentence.format(**words) for sentence in rng.choice(shapes)]
    if len(" ".join(sentences).split()) < 32:
        sentences.append(close.format(**words) if close.format(**words) not in sentences else more.format(**words))
    return " ".join(s[:1].upper() + s[1:] for s in sentences)


def work(topic: Topic, language: str, rng: Random, seen: set[str]) -> dict[str, Any]:
    """A work on the topic, with a title not in `seen` where the patterns still allow one."""
    kind = rng.choices(KINDS, weights=_KIND_WEIGHTS)[0]
    for _ in range(8):
        words = terms(topic, language, rng)
        title = rng.choice(phrases("works")[language][f"title_{kind}"]).format(**words)
        if title not in seen:
            break
    seen.add(title)
    number = rng.randrange(10**7)
    return {
        "title": title,
        "abstract": _abstract(kind, words, language, rng),
        "year": rng.randint(2014, 2025),
        "kind": kind,
        "url": f"https://works.example/{kind}/{number:07d}",
    }
