"""An affinity taken apart into passages and works, from what a run left in the cache, without a model."""

import pytest

from reviewers.affinity import measure
from reviewers.errors import VectorMissing
from reviewers.evidence import evidence, excerpt
from reviewers.records import Dossier, Expert, Passage, Work
from reviewers.terms import number
from reviewers.vector_cache import VectorCache
from tests.unit.reviewers.encoders import TwoEncoders

SMOKE = "The perovskite foil bends a thousand times and still gives light."
PLAN = (Passage("We rent an office near the station.", "D02", "plan.pdf", 1), Passage(SMOKE, "D02", "plan.pdf", 7))
DOSSIER = Dossier("d", "", "robot", "It walks.", passages=("vaccine",), documents=PLAN)
FOIL, HELP, KOREAN = Work("1", "robot of perovskite foil", year=2020), Work("2", "vaccine"), Work("3", "백신")
OTHERS = ("bridge", "battery", "harbour cranes", "steel casting", "salmon farms", "night trains", "tax law", "opera history")
EXPERTS = [Expert("a", works=(FOIL, HELP, KOREAN)), *(Expert(f"o{i}", works=(Work(f"o{i}", t),)) for i, t in enumerate(OTHERS))]


@pytest.fixture
def run(tmp_path):
    """A run as it leaves its cache and fit behind."""
    cache, encoders = VectorCache(tmp_path), TwoEncoders()
    whole = measure([DOSSIER, Dossier("e", "", "bridge")], EXPERTS, encoders, cache)
    return whole, cache, {"english": encoders.english.digest, "multilingual": encoders.other.digest}


def test_passages_and_works_of_a_pair_carry_the_same_shares_as_the_works_alone(run):
    whole, cache, digests = run
    met = evidence(DOSSIER, EXPERTS[0], digests, cache, whole.fit)
    assert sum(m.share for m in met) == pytest.approx(1) and [m.share for m in met] == sorted((m.share for m in met), reverse=True)
    works = {work.work_id: work.share for work in whole.explain("d", "a")}
    for work_id, share in works.items():
        assert sum(m.share for m in met if m.work.work_id == work_id) == pytest.approx(share, abs=1e-5)
    assert {m.work.work_id for m in met} == set(works)


def test_words_point_to_the_page_they_stand_on_and_meaning_to_the_nearest_text(run):
    whole, cache, digests = run
    met = evidence(DOSSIER, EXPERTS[0], digests, cache, whole.fit)
    foil = {m.passage.page: m for m in met if m.work.work_id == "1" and m.passage.document == "plan.pdf"}
    assert set(foil) == {7} and foil[7].passage.text == SMOKE and foil[7].by == "words"
    other = [m for m in met if m.work.work_id in ("2", "3")]
    assert other and all(m.passage.text == "vaccine" and not m.passage.document for m in other)
    assert {m.by for m in other if m.work.work_id == "3"} <= {"meaning"}  # no word is common to two languages


def test_no_model_is_opened_and_a_work_that_no_run_has_seen_is_refused(run):
    whole, cache, digests = run
    new = Expert("a", works=(Work("9", "robot arm of tomorrow"),))
    with pytest.raises(VectorMissing):
        evidence(DOSSIER, new, digests, cache, whole.fit)
    with pytest.raises(VectorMissing):
        evidence(DOSSIER, EXPERTS[0], {}, cache, whole.fit)
    assert evidence(DOSSIER, Expert("bare"), digests, cache, whole.fit) == ()


def test_an_excerpt_is_quoted_from_where_the_words_stand():
    filler = "Nothing here says much about it at all, whatever one looks for. " * 12
    text = f"{filler}Radar finds people in smoke. {filler}"
    shown = excerpt(text, {number("radar"): 1.0})
    assert shown.startswith("… Radar finds people in smoke.") and shown.endswith(" …")
    assert shown.strip("… ") in text and len(shown) < 340
    assert excerpt(text, {number("radar"): 1.0}, whole=True) != excerpt(text, {number("radar"): 1.0}, whole=False)
