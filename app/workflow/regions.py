"""The seventeen provinces and cities, under the short name that experts, quotas and targets share."""

from __future__ import annotations

from functools import cache

REGIONS: dict[str, dict[str, str]] = {
    ko: {"ko": ko, "en": en}
    for ko, en in (
        ("서울", "Seoul"), ("인천", "Incheon"), ("경기", "Gyeonggi"), ("부산", "Busan"), ("대구", "Daegu"), ("광주", "Gwangju"),
        ("대전", "Daejeon"), ("울산", "Ulsan"), ("세종", "Sejong"), ("강원", "Gangwon"), ("충북", "Chungbuk"), ("충남", "Chungnam"),
        ("전북", "Jeonbuk"), ("전남", "Jeonnam"), ("경북", "Gyeongbuk"), ("경남", "Gyeongnam"), ("제주", "Jeju"),
    )
}  # fmt: skip
CAPITAL = ("서울", "인천", "경기")
_LONG = {"충청북": "충북", "충청남": "충남", "전라북": "전북", "전라남": "전남", "경상북": "경북", "경상남": "경남"}


@cache
def short(text: str) -> str:
    """The region that a text names first, in Korean or English; any other text as it is.

    >>> short("서울특별시 강남구"), short("전라북도"), short("Busan"), short("Tokyo")
    ('서울', '전북', '부산', 'Tokyo')
    """
    said = text.strip()
    for long, own in _LONG.items():
        if said.startswith(long):
            return own
    for own, names in REGIONS.items():
        if said.startswith(own) or said.casefold().startswith(names["en"].casefold()):
            return own
    return said
