"""The packaged models themselves: that they load, and that Korean and English meet."""

import json
from pathlib import Path

import numpy as np
import pytest

from reviewers import evaluation, field_measures
from reviewers.affinity import measure
from reviewers.evaluation import DEFAULT_CACHE, Bench, korean
from reviewers.models import PackagedEncoders
from reviewers.records import Dossier, Expert, Work
from reviewers.vector_cache import VectorCache

pytestmark = pytest.mark.model

TOPICS = [
    [
        "batteries",
        "Solid electrolytes for lithium batteries",
        "리튬 전지용 고체 전해질",
        "불이 나지 않는 이차전지 소재",
    ],
    ["robots", "Path planning for mobile robots", "이동 로봇의 경로 계획", "스스로 움직이는 로봇이 장애물을 피해 길을 찾는 방법"],
    ["vaccines", "Vaccines against influenza", "인플루엔자 백신", "독감을 예방하는 접종 약물의 개발"],
    ["bridges", "Detecting cracks in concrete bridges", "콘크리트 교량의 균열 탐지", "다리 구조물의 손상을 사진으로 찾아내는 기술"],
    ["water", "Treatment of waste water with membranes", "분리막을 이용한 하수 처리", "오염된 물을 걸러 깨끗하게 만드는 막 기술"],
    [
        "crops",
        "Predicting crop yield from satellite images",
        "위성 영상을 이용한 작물 수확량 예측",
        "우주 사진으로 농사를 내다보기",
    ],
]


@pytest.fixture(scope="module")
def encoders():
    return PackagedEncoders(DEFAULT_CACHE / "models")


def test_minilm_gives_unit_vectors_that_know_meaning(encoders):
    near, also, far = encoders.english.encode(["a fast car", "a quick automobile", "the taste of soup"])
    assert near.shape == (384,) and np.linalg.norm(near) == pytest.approx(1, abs=1e-5)
    assert near @ also > near @ far + 0.3


def test_korean_and_english_twins_find_each_other(encoders, tmp_path):
    (tmp_path / "topics.json").write_text(json.dumps(TOPICS), encoding="utf-8")
    result = korean(tmp_path / "topics.json", Bench(encoders, VectorCache(tmp_path)))
    assert result["cross_top_1"] == 1.0 and result["mixed_top_1"] >= 5 / 6


def test_each_dossier_finds_its_expert_in_a_pool_of_both_languages(encoders, tmp_path):
    experts = [
        Expert(f"{key}-{language}", works=(Work(f"{key}-{language}", title),))
        for key, english, own, _ in TOPICS
        for language, title in (("en", english), ("ko", own))
    ]
    dossiers = [Dossier(key, "", other) for key, _, _, other in TOPICS]
    affinity = measure(dossiers, experts, encoders, VectorCache(tmp_path))
    best = [{experts[i].id.split("-")[0] for i in np.argsort(-row)[:2]} for row in affinity.value]
    found = sum(dossier.id in names for dossier, names in zip(dossiers, best, strict=True))
    assert found == len(dossiers)


def test_the_module_prints_one_json_object_and_its_progress_elsewhere(encoders, tmp_path, monkeypatch, capsys):
    (tmp_path / "topics.json").write_text(json.dumps(TOPICS[:2]), encoding="utf-8")
    monkeypatch.setattr(evaluation, "PackagedEncoders", lambda *_, **__: encoders)  # loaded already: 470 MB once is enough
    assert evaluation.main(["korean", str(tmp_path / "topics.json"), "--cache", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert set(json.loads(printed.out)) == {"cross_top_1", "paraphrase_top_1", "mixed_top_1"}
    assert "2/2" in printed.err


@pytest.mark.parametrize(("name", "each"), [("fields_held_out", 48), ("fields_other_hand", 96)])
def test_the_sub_field_of_a_short_description_is_suggested_first(encoders, name, each):
    """Descriptions that fields.toml does not hold. Vectors are kept: the first run on a machine takes 40 seconds more."""
    texts = Path(__file__).with_name(f"{name}.jsonl")
    found = field_measures.fields(texts, encoders, VectorCache(DEFAULT_CACHE / "vectors"))
    assert found["n"] == 2 * each and found["top_1"] >= 0.94 and found["top_3"] >= 0.98
    korean_texts, english_texts = found["languages"]["ko"], found["languages"]["en"]
    assert korean_texts["n"] == english_texts["n"] == each
    assert abs(korean_texts["top_1"] - english_texts["top_1"]) <= 0.05
    assert abs(korean_texts["first_score"] - english_texts["first_score"]) <= 0.05  # a score means the same in both
