"""What people write in the demonstration fits its place, exists in both languages and leaves no placeholder open."""

from random import Random

import pytest

from app.demo.cases import case, variants
from app.demo.comments import comment
from app.demo.troubles import TROUBLES
from app.demo.vocabulary_file import phrases, sub_fields
from app.demo.words import En, Ko, Pair
from app.workflow.declarations import DECLINE_REASONS

KINDS = [(area, name) for area, names in phrases("cases").items() for name in names]
NAMES = {
    "product": Pair(Ko("야간 공원 순찰로봇 '밤지기'"), En("Bamjigi night patrol robot")),
    "company": Pair(Ko("(주)윤슬로봇"), En("Yunseul Robotics")),
    "institution": Pair(Ko("가온시 소방본부"), En("Gaon City Fire Headquarters")),
}


def korean(text: str) -> bool:
    return any("가" <= letter <= "힣" for letter in text)


@pytest.mark.parametrize(("area", "name"), KINDS)
def test_every_case_text_is_a_pair_without_open_placeholders(area: str, name: str) -> None:
    for i in range(len(variants(area, name))):
        text = case(area, name, Random(i), **NAMES)
        assert korean(text.ko) and not korean(text.en)
        assert not set("{}|") & set(text.ko + text.en)


def test_a_case_without_a_random_source_is_always_the_first() -> None:
    assert case("decline", "time") == variants("decline", "time")[0]


def test_every_ground_of_ineligibility_among_the_troubles_has_its_words() -> None:
    grounds = set(phrases("cases")["refusal"])
    assert grounds <= set(TROUBLES.values())
    assert {"rnd_ended_early", "tax_arrears", "too_many_partners", "ai_annex_missing"} == grounds


def test_every_reason_for_declining_has_its_words() -> None:
    assert set(phrases("cases")["decline"]) == set(DECLINE_REASONS)


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("criterion", ["C1", "C2", "C3", "C4"])
def test_comments_differ_by_step_and_stay_in_their_language(criterion: str, language: str) -> None:
    topic = sub_fields()[8].topics[0]
    said = {step: {comment(criterion, step, language, topic, Random(i)) for i in range(40)} for step in range(1, 6)}
    assert all(len(texts) >= 6 for texts in said.values())
    for step, texts in said.items():
        assert all(korean(text) == (language == "ko") and not set("{}") & set(text) for text in texts)
        others = set().union(*(said[other] for other in said if other != step))
        assert not texts & others


def test_the_same_seed_writes_the_same_comment() -> None:
    topic = sub_fields()[0].topics[0]
    assert comment("C1", 5, "ko", topic, Random(7)) == comment("C1", 5, "ko", topic, Random(7))
