"""Affinity follows the works, in either language, and tells what it rests on."""

import io
import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from reviewers.affinity import counted_works, measure
from reviewers.errors import DuplicateId
from reviewers.fit import from_bytes
from reviewers.likeness import top_sums
from reviewers.records import Dossier, Expert, FieldLevel, Passage, Work
from reviewers.scale import fit_scale
from reviewers.terms import count
from reviewers.vector_cache import VectorCache
from reviewers.words import Matcher, queries, rarity, saturated
from tests.unit.reviewers.encoders import TwoEncoders


def expert(name, *titles, **more):
    return Expert(name, works=tuple(Work(f"{name}/{i}", title) for i, title in enumerate(titles)), **more)


def dossier(name, title, **more):
    return Dossier(name, "", title, **more)


def test_the_expert_whose_works_speak_of_the_dossier_is_nearest():
    affinity = measure([dossier("d", "robot")], [expert("a", "robot"), expert("b", "vaccine")], TwoEncoders())
    assert affinity.of("d", "a") > affinity.of("d", "b") + 0.1
    assert affinity.table.value.dtype == np.float32 and affinity.table.value.shape == (1, 2)


def test_the_nearest_works_count_and_missing_ones_count_like_an_average_work():
    works = ("robot", "robot", "robot", "robot", "vaccine", "bridge")
    experts = [expert("many", *works), expert("three", *works[:3]), expert("two", *works[:2]), expert("other", "vaccine")]
    affinity = measure([dossier("d", "robot")], experts, TwoEncoders())
    value = {e.id: affinity.of("d", e.id) for e in experts}
    assert value["many"] == pytest.approx(value["three"]) and value["three"] > value["two"] > value["other"]


def test_shares_sum_to_one_and_name_the_nearest_work_first():
    near, far = Work("1", "robot", year=2020, kind="patent"), Work("2", "robot bridge", year=2000)
    affinity = measure([dossier("d", "robot")], [Expert("a", works=(far, near)), expert("b", "vaccine")], TwoEncoders())
    works = affinity.explain("d", "a")
    assert [work.title for work in works] == ["robot", "robot bridge"]
    assert sum(work.share for work in works) == pytest.approx(1)
    assert (works[0].kind, works[0].year, works[0].fading) == ("patent", 2020, 1.0)
    assert works[1].fading == pytest.approx(0.9)


WORDS = st.lists(st.sampled_from("robot battery vaccine bridge 로봇 교량".split()), min_size=1, max_size=3).map(" ".join)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(WORDS, min_size=1, max_size=5), min_size=3, max_size=6), WORDS)
def test_taking_away_a_work_that_has_a_share_lowers_the_score(profiles, wanted):
    experts = [expert(f"e{i}", *titles) for i, titles in enumerate(profiles)]
    whole = measure([dossier("d", wanted)], experts, TwoEncoders())
    ranked = whole.score("d", "e0")
    for work in whole.explain("d", "e0"):
        less = Expert("e0", works=tuple(w for w in experts[0].works if w.id != work.work_id))
        rest = measure([dossier("d", wanted)], [less, *experts[1:]], TwoEncoders(), fit=whole.fit)
        assert rest.score("d", "e0") <= ranked + 1e-6
        if work.gain > 1e-4 and len(profiles[0]) <= 2:  # of more, an equal one may step in
            assert rest.score("d", "e0") < ranked and rest.of("d", "e0") <= whole.of("d", "e0") + 1e-5


def test_works_that_have_more_of_the_dossier_between_them_count_for_more_and_share_it_by_their_terms():
    wanted = dossier("d", "robot", summary="sealed valves and porous membranes")
    parts = [expert("both", "robot sealed valves", "robot porous membranes"), expert("one", *["robot sealed valves"] * 2)]
    affinity = measure([wanted], [*parts, expert("other", "vaccine")], TwoEncoders())
    assert affinity.score("d", "both") > affinity.score("d", "one") + 0.1
    assert [round(work.share, 1) for work in affinity.explain("d", "both")] == [0.5, 0.5]


def test_what_the_works_add_one_by_one_is_the_whole_score():
    rng = np.random.default_rng(3)
    words = ["robot", "battery", "vaccine", "bridge", "valves", "foil", "로봇", "교량"]
    experts = [expert(f"e{i}", *(" ".join(rng.choice(words, 3)) for _ in range(rng.integers(1, 6)))) for i in range(12)]
    dossiers = [dossier(f"d{i}", " ".join(rng.choice(words, 4))) for i in range(10)]
    affinity = measure(dossiers, experts, TwoEncoders())
    floors = {  # what an expert would have whose works are all average
        name: affinity.fit.levels[name].mean / affinity.fit.spread[name] * affinity._likeness.weights[name]
        for name in ("meaning", "words")
    }
    for row, own in enumerate(affinity.dossier_ids):
        for column, who in enumerate(affinity.expert_ids):
            gains, _ = affinity._likeness.pair(row, column)
            least = sum(floor / affinity._likeness.hubs[name][column] for name, floor in floors.items())
            assert gains.sum() + least == pytest.approx(affinity.score(own, who), rel=1e-4, abs=1e-4)


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
    affinity = measure([whole, dossier("e", "robot")], [expert("a", "vaccine"), expert("b", "bridge")], TwoEncoders())
    assert affinity.of("d", "a") > affinity.of("d", "b") + 0.1 and affinity.of("e", "a") < affinity.of("d", "a")


def test_what_the_documents_say_is_looked_for_word_by_word():
    documents = (Passage("Perovskite tandem cells on flexible foil", "D02", "plan.pdf", 7),)
    experts = [expert("a", "robot on foil"), expert("b", "robot of perovskite")]
    bare, full = dossier("d", "robot"), dossier("e", "robot", documents=documents)
    affinity = measure([bare, full], experts, TwoEncoders())
    assert affinity.score("e", "b") > affinity.score("d", "b") * 0.5
    assert affinity.of("e", "b") >= affinity.of("e", "a")


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


def test_under_a_pinned_fit_new_dossiers_and_works_score_as_if_they_had_been_there_and_nobody_else_moves():
    experts = [expert("a", "robot", "교량"), expert("b", "vaccine", "배터리"), expert("c", "bridge")]
    dossiers = [dossier("d", "robot"), dossier("k", "백신")]
    whole = measure(dossiers, experts, TwoEncoders())
    pinned = from_bytes(whole.fit.to_bytes())
    assert pinned.digest == whole.fit.digest
    alone = measure(dossiers[:1], experts, TwoEncoders(), fit=pinned)
    assert np.allclose(alone.value[0], whole.value[0], atol=1e-6)
    grown = [expert("a", "robot", "교량", "robot"), *experts[1:]]
    after = measure(dossiers, grown, TwoEncoders(), fit=pinned)
    for own in ("b", "c"):
        assert after.score("d", own) == pytest.approx(whole.score("d", own), abs=1e-6)
    assert after.score("d", "a") > whole.score("d", "a")


def test_a_fit_of_fewer_measures_is_learnt_anew_and_not_read():
    fit = measure([dossier("d", "robot")], [expert("a", "robot")], TwoEncoders()).fit
    with np.load(io.BytesIO(fit.to_bytes())) as archive:
        arrays = {name: archive[name] for name in archive.files}
    head = json.loads(arrays["head"].tobytes())
    del head["together_leader"]
    out = io.BytesIO()
    np.savez(out, **{**arrays, "head": np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)})
    assert from_bytes(out.getvalue()) is None


def test_a_new_work_or_dossier_is_measured_alone_and_moves_nobody_else():
    experts = [expert("a", "robot valves", "교량"), expert("b", "vaccine foil", "배터리"), expert("c", "bridge"), expert("none")]
    dossiers = [dossier(name, name, fields=("F09",)) for name in ("robot", "백신", "bridge foil")]
    whole = measure(dossiers, experts, TwoEncoders())
    same = measure(dossiers, experts, TwoEncoders(), fit=whole.fit, earlier=whole.earlier)
    assert whole.measured == 12 and same.measured == 0 and np.array_equal(same.value, whole.value)
    declared = expert("none", fields=(FieldLevel("F09", 3),))
    grown = [experts[0], expert("b", "vaccine foil", "배터리", "robot"), experts[2], declared, expert("new", "robot valves")]
    after = measure([*dossiers, dossier("late", "valves")], grown, TwoEncoders(), fit=whole.fit, earlier=whole.earlier)
    assert after.measured == 3 * 3 + 5  # three columns of the old rows, and one new row
    assert np.array_equal(after.value[:3, [0, 2]], whole.value[:, [0, 2]])
    assert after.of("robot", "b") > whole.of("robot", "b") and (after.value[:3, 3] > 0).all()
    assert after.of("robot", "new") > after.of("robot", "c") and after.explain("late", "new")
    alone = measure([dossier("late", "valves")], grown, TwoEncoders(), fit=whole.fit)
    assert np.allclose(after.value[3], alone.value[0], atol=1e-6)
    moved = [expert("b", "vaccine foil", "배터리", "robot"), *grown[2:], experts[0]]  # in another order
    again = measure(dossiers[::-1], moved, TwoEncoders(), fit=whole.fit, earlier=after.earlier)
    assert again.measured == 0 and again.of("robot", "b") == after.of("robot", "b")


def test_of_many_works_the_latest_fifty_count():
    works = tuple(Work(str(i), "robot" if i < 10 else "vaccine", year=1990 + i) for i in range(60))
    assert [work.id for work in counted_works(Expert("a", works=works))] == [str(i) for i in range(10, 60)]


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


def test_the_fast_sums_and_products_are_the_plain_ones():
    rng = np.random.default_rng(5)
    begin = np.array([0, 0, 1, 3, 9, 20])
    gain = rng.random((4, 20), dtype=np.float32)
    plain = [np.sort(gain[:, a:b], axis=1)[:, ::-1][:, :3].sum(axis=1) for a, b in pairwise(begin)]
    assert np.allclose(top_sums(gain, begin, 3), np.array(plain).T, atol=1e-6)
    texts = [" ".join(rng.choice([f"word{n}" for n in range(300)], 60)) + " everywhere" for _ in range(80)]
    dossiers, works = count(texts[:20]), count(texts[20:])
    rare = rarity(works)
    looked_for, said = queries(dossiers, rare), saturated(works, rare)
    matcher = Matcher(looked_for, said)
    assert 0 < len(matcher.common) < len(matcher.column)  # some terms by dense products, some by sparse ones
    present = sparse.csr_array((said.count, said.term, said.start), shape=(60, 1 << 24))
    assert np.allclose(matcher.rows(np.arange(20)), (looked_for @ present.T).toarray(), atol=1e-6)
    owner = np.repeat(np.arange(6), 10)
    most = np.stack([present[owner == own].max(axis=0).toarray().ravel() for own in range(6)])
    between = matcher.together(owner, 6, np.ones(60, dtype=np.float32)).rows(np.arange(20))
    assert np.allclose(between, looked_for @ most.T, atol=1e-6)
    added = matcher.best(3, slice(10, 20), np.ones(10, dtype=np.float32))
    assert added.sum() == pytest.approx(between[3, 1], abs=1e-6)


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
        alone = measure([dossiers[i]], experts, TwoEncoders(), fit=whole.fit)
        assert np.allclose(alone.value[0], whole.value[i], atol=1e-6)
