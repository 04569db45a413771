"""The demonstration's pool: 3,000 invented experts, the same bytes for the same seed, meaningful in both languages."""

import json
from collections import Counter
from hashlib import sha256
from statistics import mean
from typing import Any

from app.demo.experts import THIN_FIELD, experts, quota_by_field

Pool = list[dict[str, Any]]


def _digest(rows: Pool) -> str:
    return sha256(json.dumps(rows, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _korean(text: str) -> bool:
    return any("가" <= letter <= "힣" for letter in text)


def _works(pool: Pool) -> list[dict[str, Any]]:
    return [work for expert in pool for work in expert["works"]]


def _business_no_valid(number: str) -> bool:
    digits = [int(d) for d in number]
    total = sum(d * w for d, w in zip(digits, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=False)) + 5 * digits[8] // 10
    return len(digits) == 10 and len(set(digits)) > 1 and (total + digits[9]) % 10 == 0


def test_the_same_seed_makes_the_same_bytes_and_another_seed_others() -> None:
    assert _digest(list(experts(n=600))) == _digest(list(experts(n=600)))
    assert _digest(list(experts(seed=1, n=60))) != _digest(list(experts(seed=2, n=60)))


def test_every_sub_field_has_about_125_experts_and_one_is_thin(pool: Pool) -> None:
    count = Counter(expert["fields"][0]["code"] for expert in pool)
    assert len(pool) == 3000 and len(count) == 24
    assert count.pop(THIN_FIELD) == 12
    assert all(120 <= n <= 135 for n in count.values())


def test_a_small_pool_still_reaches_every_sub_field() -> None:
    assert sum(quota_by_field(60).values()) == 60
    assert min(quota_by_field(60).values()) == 1


def test_an_expert_has_one_main_sub_field_and_at_most_three_further_ones(pool: Pool) -> None:
    for expert in pool:
        codes = [field["code"] for field in expert["fields"]]
        assert [field["main"] for field in expert["fields"]].count(True) == 1
        assert len(codes) == len(set(codes)) <= 4
        assert all(1 <= field["level"] <= 3 for field in expert["fields"])


def test_ids_and_mails_are_unique_and_plainly_fictitious(pool: Pool) -> None:
    assert len({expert["expert_id"] for expert in pool}) == len({expert["mail"] for expert in pool}) == 3000
    assert all(expert["mail"].endswith("@experts.example") for expert in pool)
    assert all(work["url"].startswith("https://works.example/") for work in _works(pool))


def test_every_organisation_number_has_its_check_digit_and_one_organisation(pool: Pool) -> None:
    assert all(_business_no_valid(expert["organisation_no"]) for expert in pool)
    official = {(e["organisation_no"], e["organisation"]) for e in pool}
    assert len(official) - len({number for number, _ in official}) >= 10  # some people write the name another way


def test_three_works_of_about_forty_words_most_of_them_korean(pool: Pool) -> None:
    works = _works(pool)
    assert all(len(expert["works"]) == 3 for expert in pool)
    assert 34 <= mean(len(work["abstract"].split()) for work in works) <= 46
    assert min(len(work["abstract"].split()) for work in works) >= 20
    assert 0.52 <= mean(_korean(work["abstract"]) for work in works) <= 0.68


def test_titles_hardly_repeat_and_no_pattern_dominates_the_first_words(pool: Pool) -> None:
    works = _works(pool)
    assert len({work["title"] for work in works}) >= 0.98 * len(works)
    assert len({work["abstract"] for work in works}) >= 0.99 * len(works)
    opening = Counter(" ".join(work["abstract"].split()[:3]) for work in works)
    assert max(opening.values()) / len(works) < 0.06


def test_no_sentence_keeps_an_open_placeholder(pool: Pool) -> None:
    for work in _works(pool):
        assert not set("{}|") & set(work["title"] + work["abstract"]), work


def test_every_seat_type_can_be_filled_even_in_the_thin_sub_field(pool: Pool) -> None:
    for code in quota_by_field(3000):
        held = {kind for e in pool if e["fields"][0]["code"] == code for kind in e["seat_types"]}
        assert held == {"technology", "market", "procurement"}, code
