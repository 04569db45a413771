"""The pool of experts of the demonstration, in the format of the import; fictitious people from a fixed seed."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from app.demo.institutions import REGIONS, Organisation, bodies_of, companies, department, institutes, universities
from app.demo.names import foreign_name, korean_name
from app.demo.vocabulary_file import SubField, Topic, sub_fields
from app.demo.works import work

SEED = 20260316
THIN_FIELD = "F16"  # too few experts on purpose: the demonstration shows how that is noticed
CROWDED_FIELD, CROWD = "F09", 9  # so many experts of one applicant: the demonstration shows their exclusion
_THIN_SHARE = 12 / 3000


def quota_by_field(n: int) -> dict[str, int]:
    """How many of `n` experts have each sub-field as their main one; the thin one keeps its small share."""
    codes = [field.code for field in sub_fields()]
    thin = max(1, round(n * _THIN_SHARE))
    rest, extra = divmod(n - thin, len(codes) - 1)
    others = [code for code in codes if code != THIN_FIELD]
    quota = {code: rest + (i < extra) for i, code in enumerate(others)}
    return {code: thin if code == THIN_FIELD else quota[code] for code in codes}


def experts(seed: int = SEED, n: int = 3000) -> Iterator[dict[str, Any]]:
    """Yield `n` experts, E-0001 upwards, their sub-fields shuffled; the same seed yields the same bytes."""
    rng = Random(f"experts {seed}")
    by_code = {field.code: field for field in sub_fields()}
    order = [code for code, count in quota_by_field(n).items() for _ in range(count)]
    rng.shuffle(order)
    seen_titles: set[str] = set()
    met: dict[str, int] = {}
    last: dict[str, str] = {}  # the expert of the same sub-field invented before: now and then a co-author
    for number, code in enumerate(order, 1):
        met[code] = met.get(code, 0) + 1
        made = _expert(number, met[code], by_code[code], by_code, rng, seen_titles)
        for work_ in made["works"]:
            work_["people"] = [made["name"], *([last[code]] if code in last and rng.random() < 0.08 else [])]
        last[code] = made["name"]
        yield made


def _sector(rng: Random, ordinal: int, code: str) -> str:
    if code == THIN_FIELD and ordinal <= 3:  # even a thin sub-field has one of each
        return ("public", "industry", "academia")[ordinal - 1]
    if code == CROWDED_FIELD and ordinal <= CROWD:
        return "industry"
    return rng.choices(("academia", "industry", "public"), weights=(0.52, 0.28, 0.2))[0]


def _seat_types(sector: str, rng: Random) -> list[str]:
    types = {
        "academia": (
            ["technology"],
            ["technology"],
            ["technology"],
            ["technology", "market"],
            ["technology", "procurement"],
        ),
        "industry": (["technology"], ["technology", "market"], ["market"], ["technology", "market"]),
        "public": (["procurement"], ["technology", "procurement"], ["technology"], ["procurement", "market"]),
    }[sector]
    return list(rng.choice(types))


def _employer(sector: str, field: SubField, ordinal: int, rng: Random) -> Organisation:
    if sector == "academia":
        return rng.choice(universities())
    if sector == "industry":
        crowd = field.code == CROWDED_FIELD and ordinal <= CROWD
        return companies(field.code)[0] if crowd else rng.choice(companies(field.code))
    kinds = sorted({kind for product in field.products for kind in product.buyers})
    return rng.choice(institutes(field.code)) if rng.random() < 0.5 else rng.choice(bodies_of(rng.choice(kinds)))


def _topics(field: SubField, further: list[SubField], ordinal: int, rng: Random) -> list[Topic]:
    """The topics of three works: mostly one line of research, now and then a neighbouring sub-field."""
    if field.code == CROWDED_FIELD and ordinal <= CROWD:
        return [field.topics[0]] * 3
    first, second = rng.sample(field.topics, 2)
    third = rng.choice((first, second, first))
    if further and rng.random() < 0.22:
        third = rng.choice(further[0].topics)
    return [first, rng.choice((first, second)), third]


def _declared(field: SubField, rng: Random) -> list[dict[str, str]]:
    """One in twenty-five has advised a company of the field or been paid by one."""
    if rng.random() >= 0.04:
        return []
    firm = rng.choice(companies(field.code))
    return [{"organisation": str(firm.name.ko), "ground": rng.choice(("adviser", "paid_work")), "until": "2027-12-31"}]


def _expert(
    number: int, ordinal: int, field: SubField, by_code: dict[str, SubField], rng: Random, seen: set[str]
) -> dict[str, Any]:
    sector = _sector(rng, ordinal, field.code)
    employer = _employer(sector, field, ordinal, rng)
    abroad = sector == "academia" and rng.random() < 0.06
    name = foreign_name(rng) if abroad else korean_name(rng)
    ko_share = 0.0 if abroad else rng.choices((0.95, 0.4, 0.0), weights=(0.53, 0.3, 0.17))[0]
    reach = rng.choices((0, 1, 2, 3), weights=(0.3, 0.4, 0.2, 0.1))[0]
    further = [by_code[code] for code in rng.sample(field.related, min(reach, len(field.related)))]
    topics = _topics(field, further, ordinal, rng)
    works = [work(topic, "ko" if rng.random() < ko_share else "en", rng, seen) for topic in topics]
    language = "en" if abroad or (ko_share == 0.0 and rng.random() < 0.3) else "ko"
    keywords = [str(topic.subject.of(language)) for topic in dict.fromkeys(topics)]
    keywords += [str(method.of(language)) for method in rng.sample(topics[0].methods, 2)]
    return {
        "expert_id": f"E-{number:04d}",
        "name": str(name.ko),
        "name_en": str(name.en),
        "organisation": employer.written(rng),
        "organisation_no": employer.registration_no,
        "unit": str(department(field.code).of(language)) if sector == "academia" else "",
        "sector": sector,
        "seat_types": _seat_types(sector, rng),
        "region": employer.region if rng.random() < 0.8 else rng.choice(REGIONS),
        "fields": [{"code": field.code, "level": rng.choice((2, 3, 3)), "main": True}]
        + [{"code": other.code, "level": rng.choice((1, 1, 2)), "main": False} for other in further],
        "keywords": keywords[:5],
        "mail": f"e{number:04d}@experts.example",
        "language": language,
        "declared": _declared(field, rng),
        "works": works,
    }
