"""A rubric is data: complete in both languages, adding up to 100, and refused by the name of the wrong field."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from importlib.resources import files

import pytest

from scoring.errors import PolicyInvalid, RubricInvalid, RubricNotFound
from scoring.policy import CutLine, Policy
from scoring.rubric import available, from_toml, load

TEXT = files("scoring").joinpath("rubrics/ppir-default.toml").read_text(encoding="utf-8")


def test_the_default_rubric_is_the_one_of_the_programme() -> None:
    rubric = load("ppir-default@1")
    points = {c.code: (c.weight, [item.points for item in c.items]) for c in rubric.criteria}
    assert points == {
        "C1": (30, [10, 10, 10]),
        "C2": (25, [10, 10, 5]),
        "C3": (25, [10, 10, 5]),
        "C4": (20, [10, 5, 5]),
    }
    assert [c.cut_line_pct for c in rubric.criteria] == [60, 60, 60, None]
    assert [(step.value, step.ko) for step in rubric.scale] == [
        (5, "매우 우수"), (4, "우수"), (3, "보통"), (2, "미흡"), (1, "매우 미흡"),
    ]  # fmt: skip
    assert rubric.gate_codes == ("G1", "G2", "G3", "G4")
    assert rubric.comment_required_at == {1, 2, 5}
    assert (rubric.pass_mark, rubric.decimals, rubric.quorum) == (Decimal(70), 2, 5)


def test_the_ai_track_gives_five_items_of_six_points_to_novelty_and_keeps_the_rest() -> None:
    rubric, default = load("ppir-ai@1"), load("ppir-default@1")
    assert [(item.code, item.points) for item in rubric.criterion("C1").items] == [
        ("C1.1", 6), ("C1.2", 6), ("C1.3", 6), ("C1.4", 6), ("C1.5", 6),
    ]  # fmt: skip
    assert rubric.criteria[1:] == default.criteria[1:]
    assert rubric.item("C1.1").anchors == default.item("C1.1").anchors
    assert rubric.digest != default.digest


@pytest.mark.parametrize("key", available())
def test_every_text_of_every_rubric_exists_in_both_languages(key: str) -> None:
    rubric = load(key)
    labels = [rubric.title, *rubric.scale, *rubric.criteria, *rubric.items, *rubric.gates]
    labels += [criterion.index for criterion in rubric.criteria] + [gate.question for gate in rubric.gates]
    labels += [text for item in rubric.items for text in (item.description, *item.anchors)]
    assert all("가" <= max(label.ko) <= "힣" for label in labels)
    assert all(label.en.isascii() and label.en.strip() for label in labels)


def test_points_of_a_mark_are_maximum_times_step_over_five() -> None:
    assert load("ppir-default@1").points("C1.1", 3) == 6
    assert load("ppir-ai@1").points("C1.1", 3) == Fraction(18, 5)


def test_the_digest_follows_the_content_and_not_the_layout() -> None:
    rubric = load("ppir-default@1")
    assert from_toml("# another comment\n" + TEXT).digest == rubric.digest
    assert from_toml(TEXT.replace("pass_mark = 70.00", "pass_mark = 70")).digest == rubric.digest
    assert from_toml(TEXT.replace("pass_mark = 70.00", "pass_mark = 71")).digest != rubric.digest


def test_an_unknown_rubric_is_refused_with_the_list_of_those_that_exist() -> None:
    with pytest.raises(RubricNotFound) as caught:
        load("ppir-default@99")
    assert caught.value.data["available"] == available()


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("weight = 30", "weight = 31", "criteria[C1].weight"),
        ("weight = 30", 'weight = "30"', "criteria[C1].weight"),
        ('en = "Novelty"', 'en = " "', "criteria[C1].items[C1.1].en"),
        ('code = "C1.2"', 'code = "C1.1"', "criteria"),
        ('code = "G2"', 'code = "G1"', "gates"),
        ("cut_line_pct = 60", "cut_line_pct = 160", "criteria[C1].cut_line_pct"),
        ("cut_line_pct = 60", "cutline_pct = 60", "criteria[C1].cutline_pct"),
        ("comment_required_at = [1, 2, 5]", "comment_required_at = [6]", "comment_required_at"),
        ("comment_required_at = [1, 2, 5]", "comment_required_at = [true]", "comment_required_at"),
        ("value = 5", "value = 7", "scale"),
        ("quorum = 5", "quorum = 0", "quorum"),
        ("quorum = 5", "", "quorum"),
        ('{ ko = "혁신성", en = "Innovativeness" }', '{ en = "Innovativeness" }', "criteria[C1].index.ko"),
        ("{ step = 5, ko", "{ step = 4, ko", "criteria[C1].items[C1.1].anchors"),
        ('id = "ppir-default"', 'id = "x"\nextends = "none@1"', "extends"),
        ("pass_mark = 70.00", "pass_mark = nan", "pass_mark"),
    ],
)
def test_a_fault_in_the_file_is_named_by_its_field(old: str, new: str, field: str) -> None:
    assert old in TEXT
    with pytest.raises(RubricInvalid) as caught:
        from_toml(TEXT.replace(old, new, 1), source="mine.toml")
    assert (caught.value.data["source"], caught.value.data["field"]) == ("mine.toml", field)


def test_weights_that_do_not_sum_to_100_are_refused() -> None:
    lowered = TEXT.replace("weight = 20", "weight = 15").replace(
        'en = "Marketability"\npoints = 10', 'en = "M"\npoints = 5'
    )
    with pytest.raises(RubricInvalid, match="must sum to 100"):
        from_toml(lowered)


def test_what_is_no_toml_at_all_is_refused_as_a_rubric() -> None:
    with pytest.raises(RubricInvalid):
        from_toml("weights = [")


def test_a_policy_survives_its_stored_form_and_keeps_its_digest() -> None:
    rubric = load("ppir-default@1")
    publicness = CutLine("publicness", ("C2", "C3"), Decimal("62.5"))
    policy = Policy.for_rubric(rubric, aggregate="median", cut_lines=(publicness,), borderline=None)
    again = Policy.from_data(policy.as_data())
    assert again == policy and again.digest == policy.digest
    assert policy.digest != Policy.for_rubric(rubric).digest
    assert Policy.for_rubric(rubric, pass_mark=Decimal("70")).digest == Policy.for_rubric(rubric).digest


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"aggregate": "best"}, "aggregate"),
        ({"quorum": 0}, "quorum"),
        ({"pass_mark": Decimal(101)}, "pass_mark"),
        ({"gates": ("G9",)}, "gates"),
        ({"gates": ("G1", "G1")}, "gates"),
        ({"tie_break": ("C9",)}, "tie_break"),
        ({"borderline": (Decimal("0.8"), Decimal("0.2"))}, "borderline"),
        ({"cut_lines": (CutLine("C9", ("C9",), Decimal(60)),)}, "cut_lines[C9]"),
        ({"cut_lines": (CutLine("C1", (), Decimal(60)),)}, "cut_lines[C1]"),
    ],
)
def test_an_impossible_policy_is_refused_by_its_field(changes: dict[str, object], field: str) -> None:
    with pytest.raises(PolicyInvalid) as caught:
        Policy.for_rubric(load("ppir-default@1"), **changes)
    assert caught.value.data["field"] == field


@pytest.mark.parametrize("broken", [{"pass_mark": "high"}, {"colour": "red"}, {"cut_lines": [{"code": "C1"}]}])
def test_a_stored_policy_that_was_damaged_is_refused(broken: dict[str, object]) -> None:
    data = Policy.for_rubric(load("ppir-default@1")).as_data()
    with pytest.raises(PolicyInvalid):
        Policy.from_data(data | broken)
