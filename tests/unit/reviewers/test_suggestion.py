"""Sub-fields suggested for a text: scores that add up, reasons that are there to read, and words where no model is at hand."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reviewers import field_measures
from reviewers.errors import UnknownField
from reviewers.fields import all_fields, public_users
from reviewers.lexical import LexicalEncoder
from reviewers.records import Work
from reviewers.suggestion import PASSAGE_LETTERS, USERS_WEIGHT, Described, Reader
from reviewers.text import enough

HELD_OUT = {"fields_held_out": 4, "fields_other_hand": 8}  # descriptions of each sub-field
BATTERY = "A lithium-ion battery pack with a battery management system. It notices thermal runaway before the cells burn."
FISH = "양식장의 어류에 사료를 주는 급이 장치이다. 수산물의 폐사를 줄이고 어가의 수확량을 늘린다."


class Lexical:
    def __init__(self):
        self.english = self.multilingual = LexicalEncoder()


@pytest.fixture(scope="module")
def reader():
    return Reader(tuple(all_fields().values()), Lexical())


def test_the_shares_of_a_text_sum_to_one_and_a_text_without_letters_has_none(reader):
    scores = reader.scores([[BATTERY], [FISH], [""], ["123 / 456"], []])
    assert scores.dtype == np.float32 and scores.shape == (5, 24) and (scores >= 0).all()
    assert scores.sum(axis=1) == pytest.approx([1, 1, 0, 0, 0], abs=1e-5)
    assert reader.suggest([[""], []]) == [(), ()]


def test_each_language_is_read_against_its_own_descriptions(reader):
    (battery, *_), (fish, *_) = reader.suggest([[BATTERY], [FISH]])
    assert (battery.code, fish.code) == ("F15", "F24")
    described = all_fields()
    for found, text in ((battery, BATTERY), (fish, FISH)):
        entry = described[found.code]
        whole = " ".join((entry.ko, entry.en, entry.description_ko, entry.description_en))
        assert found.reasons and all(reason.passage in text and reason.part in whole for reason in found.reasons)
        assert any(reason.words for reason in found.reasons)
        assert all(word in reason.passage.casefold() for reason in found.reasons for word in reason.words)


def test_a_dossier_in_two_languages_counts_each_passage_by_its_length(reader):
    both, battery, fish = reader.scores([[BATTERY, FISH], [BATTERY], [FISH]])
    weights = np.array([len(BATTERY), len(FISH)]) / (len(BATTERY) + len(FISH))
    assert both == pytest.approx(weights @ np.stack([battery, fish]), abs=1e-5)


def test_a_long_text_is_read_to_its_end(reader):
    filler = "The company was founded some years ago and has its seat in the south of the country. " * 20
    assert len(filler) > PASSAGE_LETTERS["en"]
    alone, after = reader.scores([[filler], [filler + BATTERY * 5]])
    place = list(all_fields()).index("F15")
    assert after[place] > alone[place] * 2


def test_works_speak_for_an_expert_each_counting_once(reader):
    works = [Work("w1", "Battery pack", BATTERY), Work("w2", "급이 장치", FISH), Work("w3", "", "")]
    (found, none) = reader.suggest_from_works([works, []])
    assert none == () and [s.code for s in found[:2]] in (["F15", "F24"], ["F24", "F15"])
    alone = reader.scores([["Battery pack. " + BATTERY]])[0].max()
    battery = next(s for s in found if s.code == "F15")
    assert battery.works[0].work_id == "w1" and battery.works[0].similarity == pytest.approx(alone, abs=1e-6)
    assert battery.score == pytest.approx(alone / 2, abs=0.02) and battery.works[0].share > 0.9


def test_words_that_every_description_uses_are_no_reason(reader):
    words = {w for found in reader.suggest([[BATTERY]])[0] for reason in found.reasons for w in reason.words}
    assert not words & {"the", "with", "and", "of", "a", "it"}


def test_who_uses_a_product_says_less_than_what_it_is(reader):
    """Taken off whole, sentences that name nothing but users favour no sub-field; the method takes off a part."""
    for language in ("en", "ko"):
        side = Described(language, reader.fields, Lexical(), None)
        kept, none, part = (side.mixed(public_users(language), users=users).mean(axis=0) for users in (0.0, 1.0, USERS_WEIGHT))
        assert kept.max() > 0.5 and none == pytest.approx(np.zeros(24), abs=1e-9)
        assert part == pytest.approx((1 - USERS_WEIGHT) * kept, abs=1e-9)


def test_a_sub_field_without_examples_is_read_by_its_paragraph(reader):
    bare = tuple(replace(entry, examples=()) for entry in reader.fields)
    (found, *_) = Reader(bare, Lexical()).suggest([[BATTERY]])[0]
    assert found.code == "F15"


def test_the_digest_names_method_descriptions_and_models(reader):
    fields = reader.fields
    assert Reader((replace(fields[0], examples=()), *fields[1:]), Lexical()).digest != reader.digest
    assert Reader(fields, Lexical()).digest == reader.digest != Reader(fields[:-1], Lexical()).digest
    other = Lexical()
    other.english = LexicalEncoder(256)
    assert Reader(fields, other).digest != reader.digest


def test_a_title_is_too_little_and_two_sentences_are_enough():
    assert not enough(["AI-300X", "12.5 kg"]) and not enough([]) and enough([FISH]) and enough([BATTERY])


def test_the_measure_counts_by_language_and_refuses_a_sub_field_nobody_knows(tmp_path):
    path = tmp_path / "texts.jsonl"
    rows = [{"text": BATTERY, "field": "F15"}, {"text": FISH, "field": "F24"}, {"text": FISH, "field": "F01"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = field_measures.fields(path, Lexical())
    assert (found["n"], found["top_1"]) == (3, 0.6667)
    assert found["languages"]["en"]["top_1"] == 1.0 and found["languages"]["ko"]["n"] == 2
    assert set(field_measures.ablation(path, Lexical())["words"]) == {"en", "ko"}
    path.write_text(json.dumps({"text": FISH, "field": "F77"}), encoding="utf-8")
    with pytest.raises(UnknownField):
        field_measures.fields(path, Lexical())


@pytest.mark.parametrize(("name", "each"), HELD_OUT.items())
def test_the_held_out_descriptions_stand_apart_from_the_paragraphs(name, each):
    lines = Path(__file__).with_name(f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    described = {f.code: " ".join((f.description_ko, f.description_en, *sum(f.examples, ()))) for f in all_fields().values()}
    assert len(rows) == 24 * each and all(sum(row["field"] == code for row in rows) == each for code in described)
    longer = 42  # than any term of the trade: "trenchless rehabilitation of sewer pipes" came to both
    own = ((row["text"], described[row["field"]]) for row in rows)
    assert not any(text[at : at + longer] in told for text, told in own for at in range(len(text) - longer))
