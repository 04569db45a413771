"""The lottery: replayed to the same order by anybody, and no official can steer it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scoring.errors import LotteryIncomplete
from scoring.lottery import Record, Secret, commitment, draw, faults

IDS = ("A-1", "A-2", "A-3", "A-4", "A-5")


def record(first: str = "a river in spring", second: str = "the third drawer") -> Record:
    said = (("one", first), ("two", second))
    return Record("L1", IDS, tuple(Secret(who, words, commitment("L1", who, words)) for who, words in said))


def test_the_same_record_gives_the_same_order_however_it_was_entered() -> None:
    drawn = draw(record())
    assert sorted(drawn.order) == list(IDS)
    assert draw(replace(record(), applications=IDS[::-1])).order == drawn.order
    assert draw(replace(record(), secrets=record().secrets[::-1])).order == drawn.order
    assert faults(drawn) == ()


def test_every_change_is_found() -> None:
    drawn = draw(record())
    other = Secret("one", "another sentence", drawn.secrets[0].digest)
    assert faults(replace(drawn, secrets=(other, drawn.secrets[1]))) == ("commitment one", "seed", "order")
    assert faults(replace(drawn, order=drawn.order[::-1])) == ("order",)
    assert "seed" in faults(replace(drawn, applications=(*IDS, "A-6")))
    assert "commitment twice" in faults(replace(drawn, secrets=(drawn.secrets[0], drawn.secrets[0])))


def test_nothing_is_drawn_from_one_secret() -> None:
    with pytest.raises(LotteryIncomplete):
        draw(replace(record(), secrets=record().secrets[:1]))
    assert faults(replace(record(), secrets=())) == ("seed",)


def test_each_is_first_about_equally_often() -> None:
    firsts = [draw(record(f"sentence number {n}")).order[0] for n in range(1000)]
    assert all(160 < firsts.count(one) < 240 for one in IDS)  # 200 expected, sd 12.6
