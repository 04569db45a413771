"""Particles follow the last sound of a word, as a reader expects."""

import pytest

from app.demo.words import En, Ko, Pair, with_particle


@pytest.mark.parametrize(
    ("word", "particle", "expected"),
    [
        ("전이학습", "을", "전이학습을"),
        ("음성 분리", "을", "음성 분리를"),
        ("정수장", "으로", "정수장으로"),
        ("하수열", "으로", "하수열로"),
        ("하수도", "으로", "하수도로"),
        ("AI", "을", "AI를"),
        ("XR", "으로", "XR로"),
        ("5G", "과", "5G와"),
        ("'밤지기'", "은", "'밤지기'는"),
        ("제품 3", "이", "제품 3이"),
        ("제품 2", "이", "제품 2가"),
        ("LLM", "을", "LLM을"),
    ],
)
def test_a_particle_follows_the_last_sound(word: str, particle: str, expected: str) -> None:
    assert with_particle(word, particle) == expected


def test_a_pair_reads_both_languages_and_formats_each() -> None:
    pair = Pair.read("음성 분리 | speech separation")
    assert f"{pair.ko:을}" == "음성 분리를"
    assert f"{pair.en:c}" == "Speech separation"
    assert isinstance(pair.of("ko"), Ko) and isinstance(pair.of("en"), En)
