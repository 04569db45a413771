"""The past panels of the demonstration know both of its languages."""

from __future__ import annotations

from app.demo.glossary import GlossaryEncoder
from app.demo.vocabulary_file import sub_fields


def test_a_korean_text_is_nearest_to_the_english_one_of_its_own_topic() -> None:
    topics = [field.topics[0] for field in sub_fields()]
    korean = GlossaryEncoder().encode([f"{t.subject.ko} 연구: {t.methods[0].ko}" for t in topics])
    english = GlossaryEncoder().encode([f"A study of {t.subject.en} by {t.methods[0].en}" for t in topics])
    nearest = (korean @ english.T).argmax(axis=1)
    assert nearest.tolist() == list(range(len(topics)))
