"""Who the invented people work for: universities, institutes, companies, and the public bodies that might buy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

from app.demo.numbers import business_no
from app.demo.vocabulary_file import phrases
from app.demo.words import En, Ko, Pair

REGIONS = (
    "서울",
    "부산",
    "대구",
    "인천",
    "광주",
    "대전",
    "울산",
    "세종",
    "경기",
    "강원",
    "충북",
    "충남",
    "전북",
    "전남",
    "경북",
    "경남",
    "제주",
)

_WORDS = phrases("organisations")
_STEMS = tuple(Pair.read(text) for text in _WORDS["stems"])
_PLACES = tuple(Pair.read(text) for text in _WORDS["places"])
_TRADES = {code: Pair.read(text) for code, text in _WORDS["trades"].items()}
_BODIES = {kind: Pair.read(text) for kind, text in _WORDS["bodies"].items()}


@dataclass(frozen=True)
class Organisation:
    """`kind` is one of company, university, institute, public; `variants` are other ways its people write it."""

    name: Pair
    kind: str
    registration_no: str
    region: str
    variants: tuple[str, ...] = ()

    def written(self, rng: Random) -> str:
        """Its name as somebody may have typed it: mostly the official one."""
        return rng.choice(self.variants) if self.variants and rng.random() < 0.15 else str(self.name.ko)


def _organisation(ko: str, en: str, kind: str, variants: tuple[str, ...] = ()) -> Organisation:
    rng = Random(f"organisation {ko}")  # an own stream each: the number does not depend on who else exists
    return Organisation(Pair(Ko(ko), En(en)), kind, business_no(rng), rng.choice(REGIONS), variants)


@cache
def universities() -> tuple[Organisation, ...]:
    made = []
    for i, stem in enumerate(_STEMS):
        ko, en = ("과학기술원", "Institute of Science and Technology") if i % 6 == 5 else ("대학교", "University")
        made.append(
            _organisation(f"{stem.ko}{ko}", f"{stem.en} {en}", "university", (f"{stem.ko}{ko} 산학협력단", f"{stem.en} {en}"))
        )
    return tuple(made)


def department(code: str) -> Pair:
    trade = _TRADES[code]
    return Pair(Ko(f"{trade.ko}공학과"), En(f"Department of {trade.en}"))


@cache
def institutes(code: str) -> tuple[Organisation, ...]:
    """Four research institutes of one sub-field."""
    trade, start = _TRADES[code], 7 * int(code[1:])
    stems = [_STEMS[(start + 8 * i) % len(_STEMS)] for i in range(4)]
    return tuple(
        _organisation(
            f"{s.ko}{trade.ko}연구원",
            f"{s.en} {trade.en} Research Institute",
            "institute",
            (f"(재){s.ko}{trade.ko}연구원",),
        )
        for s in stems
    )


@cache
def companies(code: str) -> tuple[Organisation, ...]:
    """Twelve companies of one sub-field; the first five are those that apply."""
    trade, start = _TRADES[code], 5 * int(code[1:])
    made = []
    for i in range(12):
        stem = _STEMS[(start + 7 * i) % len(_STEMS)]
        ko, en = f"{stem.ko}{trade.ko}", f"{stem.en} {trade.en}"
        made.append(_organisation(f"(주){ko}", f"{en} Co., Ltd.", "company", (f"주식회사 {ko}", f"㈜{ko}", f"{en} Co., Ltd.")))
    return tuple(made)


@cache
def public_bodies() -> tuple[tuple[str, Organisation], ...]:
    """(kind, public body) for every invented place: those who could buy and try a product."""
    return tuple(
        (
            kind,
            _organisation(_body_name(place, body, kind), f"{place.en} {body.en}".replace("City City", "City"), "public"),
        )
        for place in _PLACES
        for kind, body in _BODIES.items()
    )


def _body_name(place: Pair, body: Pair, kind: str) -> str:
    return str(place.ko) + "청" if kind == "city" else f"{place.ko} {body.ko}"


def bodies_of(kind: str) -> tuple[Organisation, ...]:
    return tuple(body for k, body in public_bodies() if k == kind)
