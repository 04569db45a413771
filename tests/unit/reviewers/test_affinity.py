"""Affinity follows the works, in either language, and tells what it rests on."""

import numpy as np
import pytest

from reviewers.affinity import measure
from reviewers.errors import DuplicateId
from reviewers.records import Dossier, Expert, FieldLevel, Work
from reviewers.scale import fit_scale
from reviewers.vector_cache import VectorCache
from tests.unit.reviewers.encoders import TwoEncoders


def expert(name, *titles, **more):
    return Expert(name, works=tuple(Work(f"{name}/{i}", title) for i, title in enumerate(titles)), **more)


def dossier(name, title, **more):
    return Dossier(name, "", title, **more)


def test_the_expert_whose_works_speak_of_the_dossier_is_nearest():
    affinity = measure([dossier("d", "robot")], [expert("a", "robot"), expert("b", "vaccine")], TwoEncoders())
    assert affinity.of("d", "a") > 0.99 and affinity.of("d", "b") < 0.01
    assert affinity.table.value.dtype == np.float32 and affinity.table.value.shape == (1, 2)


def test_the_score_is_the_mean_of_the_three_nearest_works():
    experts = [expert("a", "robot", "robot", "vaccine", "robot bridge", "bridge"), expert("b", "robot", "vaccine")]
    affinity = measure([dossier("d", "robot")], experts, TwoEncoders())
    assert affinity.of("d", "a") == pytest.approx((1 + 1 + 0.5**0.5) / 3, abs=0.01)
    assert affinity.of("d", "b") == pytest.approx(0.5, abs=0.01)


def test_shares_sum_to_one_and_name_the_nearest_work_first():
    affinity = measure([dossier("d", "robot")], [expert("a", "vaccine", "robot bridge", "robot")], TwoEncoders())
    works = affinity.explain("d", "a")
    assert [work.title for work in works][:2] == ["robot", "robot bridge"]
    assert sum(work.share for work in works) == pytest.approx(1)
    assert np.mean([work.similarity for work in works]) == pytest.approx(affinity.of("d", "a"), abs=1e-5)


def test_english_alone_never_opens_the_multilingual_model():
    encoders = TwoEncoders()
    measure([dossier("d", "robot")], [expert("a", "robot")], encoders)
    assert not encoders.opened


def test_the_english_model_never_sees_korean_and_only_what_it_needs():
    encoders = TwoEncoders()
    measure([dossier("d", "로봇")], [expert("a", "robot", "로봇")], encoders)
    assert encoders.english.seen == []
    encoders = TwoEncoders()
    measure([dossier("d", "robot"), dossier("k", "로봇")], [expert("a", "bridge", "교량")], encoders)
    assert sorted(encoders.english.seen) == ["bridge", "robot"]


def test_a_korean_dossier_finds_english_works_despite_the_lean_of_its_language():
    experts = [expert("same", "battery"), expert("other", "vaccine"), expert("korean", "교량")]
    affinity = measure([dossier("d", "배터리")], experts, TwoEncoders())
    assert max(experts, key=lambda e: affinity.of("d", e.id)).id == "same"


def test_the_language_of_the_works_gives_no_advantage():
    words = [("battery", "배터리"), ("robot", "로봇"), ("vaccine", "백신"), ("bridge", "교량")]
    experts = [expert(f"{english}-{i}", word) for english, korean in words for i, word in enumerate((english, korean))]
    dossiers = [dossier(korean, korean) for _, korean in words] + [dossier(english, english) for english, _ in words]
    affinity = measure(dossiers, experts, TwoEncoders())
    by_language = affinity.value.reshape(len(dossiers), 4, 2).mean(axis=(0, 1))
    assert by_language[0] == pytest.approx(by_language[1], abs=0.02)
    assert (affinity.value >= 0).all() and (affinity.value <= 1).all()


def test_a_dossier_of_several_passages_counts_by_its_nearest():
    whole = dossier("d", "robot", passages=("vaccine",))
    affinity = measure([whole, dossier("e", "robot")], [expert("a", "vaccine")], TwoEncoders())
    assert affinity.of("d", "a") > 0.99 > 0.1 > affinity.of("e", "a")


def test_experts_without_works_are_ranked_by_declared_fields_below_those_who_prove_it():
    experts = [
        expert("proved", "robot"),
        expert("declared", fields=(FieldLevel("F09", 3),)),
        expert("less", fields=(FieldLevel("F09", 1),)),
        expert("none"),
    ]
    affinity = measure([dossier("d", "robot", fields=("F09",))], experts, TwoEncoders())
    value = [affinity.of("d", e.id) for e in experts]
    assert value[0] >= value[1] > value[2] > value[3] == 0
    assert affinity.flags("declared") == ("topic_only",) and affinity.flags("proved") == ("low_evidence",)
    assert affinity.explain("d", "declared") == ()


def test_a_pinned_scale_measures_a_new_dossier_as_before():
    experts = [expert("a", "robot", "교량"), expert("b", "vaccine", "배터리")]
    dossiers = [dossier("d", "robot"), dossier("k", "백신")]
    before = measure(dossiers, experts, TwoEncoders())
    alone = measure(dossiers[:1], experts, TwoEncoders(), scale=before.scale)
    assert np.allclose(alone.value[0], before.value[0])


def test_equal_input_gives_an_equal_scale_digest():
    sample = {("en", "en"): np.linspace(0, 1, 50, dtype=np.float32)}
    assert fit_scale(sample).digest == fit_scale(sample).digest
    assert fit_scale({("ko", "ko"): sample["en", "en"]}).digest != fit_scale(sample).digest


def test_progress_counts_all_texts_over_both_models(tmp_path):
    reports = []
    measure(
        [dossier("d", "robot"), dossier("k", "로봇")],
        [expert("a", "robot", "교량"), expert("b", "robot")],
        TwoEncoders(),
        VectorCache(tmp_path),
        progress=lambda done, total: reports.append((done, total)),
    )
    assert reports == sorted(reports) and reports[-1] == (8, 8)


def test_an_id_that_appears_twice_is_refused():
    with pytest.raises(DuplicateId):
        measure([dossier("d", "robot")], [expert("a"), expert("a")], TwoEncoders())


@pytest.mark.parametrize(("dossiers", "experts"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_empty_sides_give_empty_or_zero_affinities(dossiers, experts):
    affinity = measure([dossier("d", "")] * dossiers, [expert("a")] * experts, TwoEncoders())
    assert affinity.value.shape == (dossiers, experts) and not affinity.value.any()


def test_many_dossiers_are_measured_in_pieces_like_one_by_one():
    rng = np.random.default_rng(0)
    words = ["robot", "battery", "vaccine", "bridge", "로봇"]
    experts = [expert(f"e{i}", *(" ".join(rng.choice(words, 2)) for _ in range(rng.integers(1, 6)))) for i in range(30)]
    dossiers = [dossier(f"d{i}", " ".join(rng.choice(words, 3)), passages=("bridge",) * (i % 2)) for i in range(150)]
    whole = measure(dossiers, experts, TwoEncoders())
    for i in (0, 63, 64, 149):
        alone = measure([dossiers[i]], experts, TwoEncoders(), scale=whole.scale)
        assert np.allclose(alone.value[0], whole.value[i], atol=1e-6)
