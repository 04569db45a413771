"""The measures measure what they say, on data small enough to work out by hand."""

import gzip
import json
from xml.etree import ElementTree

import numpy as np
import pytest

from reviewers import frontier
from reviewers.evaluation import Bench, across, goldstandard, korean, korean_ablation, misordered, own_work, rank_of
from reviewers.vector_cache import VectorCache
from tests.unit.reviewers.encoders import TwoEncoders


@pytest.fixture
def bench(tmp_path):
    return Bench(TwoEncoders(), VectorCache(tmp_path / "cache"))


def rows(path, records):
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(record) + "\n" for record in records)


def work(title):
    return {"title": title, "abstract": "", "year": 2020}


def test_own_work_ranks_the_applicants_own_expert(tmp_path, bench):
    experts = [("e1", "robot"), ("e2", "battery"), ("e3", "robot battery")]
    rows(tmp_path / "experts.jsonl.gz", [{"expert_id": e, "organisation": e, "works": [work(t)]} for e, t in experts])
    titles = [("a1", "robot"), ("a2", "battery")]
    rows(
        tmp_path / "applications.jsonl.gz",
        [{"application_id": a, "organisation": a, "title": t, "summary": ""} for a, t in titles],
    )
    (tmp_path / "own_expert.json").write_text(json.dumps({"a1": "e1", "a2": "e3"}))
    assert own_work(tmp_path, bench) == {"recall_at_1": 0.5, "recall_at_5": 1.0, "recall_at_20": 1.0, "mrr": 0.75}


def test_a_tie_is_ranked_in_the_middle():
    assert rank_of(np.zeros((1, 5), dtype=np.float32), np.array([3])).tolist() == [3.0]


def test_the_loss_weighs_a_wrong_pair_by_its_gap_and_a_tie_by_half():
    rated = {"a": 5.0, "b": 4.0, "c": 1.0}
    assert misordered(rated, {"a": 3, "b": 2, "c": 1}) == (0, 8, 0, 2, 0, 1)
    assert misordered(rated, {"a": 2, "b": 3, "c": 1}) == (1, 8, 0, 2, 1, 1)
    assert misordered(rated, {"a": 1, "b": 1, "c": 1}) == (4, 8, 2, 2, 1, 1)


def test_goldstandard_averages_over_the_variants(tmp_path, bench):
    (tmp_path / "archives").mkdir()
    lines = [json.dumps({"id": name, "content": work(name)}) for name in ("robot", "vaccine")]
    (tmp_path / "archives" / "~r.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "variants.json").write_text(json.dumps({"right": {"r": ["robot"]}, "wrong": {"r": ["vaccine"]}}))
    papers = {name: {"id": name, "content": work(name)} for name in ("robot", "vaccine", "robot bridge")}
    (tmp_path / "submissions.json").write_text(json.dumps(papers))
    head = ["ParticipantID", *(f"Paper{i}" for i in range(1, 11)), *(f"Expertise{i}" for i in range(1, 11))]
    row = ["r", "robot", "vaccine", "robot bridge", *[""] * 7, "5", "1", "4", *[""] * 7]
    (tmp_path / "evaluations.csv").write_text("\t".join(head) + "\n" + "\t".join(row) + "\n")
    result = goldstandard(tmp_path, bench)
    wrong = (4 + 3 + 0.5 * 0) / 8  # the profile on vaccines puts "vaccine" above both others; the others' order decides the rest
    assert wrong / 2 - 1e-9 <= result["loss"] <= (wrong + 1 / 8) / 2 + 1e-9
    assert result["easy_error"] == 0.5


def test_korean_finds_twins_across_languages(tmp_path, bench):
    pairs = [("battery", "배터리"), ("robot", "로봇"), ("vaccine", "백신"), ("bridge", "교량")]
    (tmp_path / "topics.json").write_text(json.dumps([[e, e, k, f"{k} {k}"] for e, k in pairs]), encoding="utf-8")
    assert korean(tmp_path / "topics.json", bench) == {"cross_top_1": 1.0, "paraphrase_top_1": 1.0, "mixed_top_1": 1.0}


def test_what_makes_the_languages_meet_is_told_by_leaving_it_out(tmp_path, bench):
    pairs = [("battery", "배터리"), ("robot", "로봇"), ("vaccine", "백신"), ("bridge", "교량")]
    (tmp_path / "topics.json").write_text(json.dumps([[e, e, k, f"{k} {k}"] for e, k in pairs]), encoding="utf-8")
    rows = korean_ablation(tmp_path / "topics.json", bench)
    assert rows["multilingual, less language means"]["mixed_top_1"] == 1.0 > rows["multilingual, as it is"]["mixed_top_1"]
    assert across(tmp_path / "topics.json", bench) == {"across_top_1": 1.0, "between_top_1": 1.0}


def test_the_frontier_is_drawn_with_a_name_for_each_point():
    table = {"default": {"loss": 0.2, "mrr": 0.5}, "words & all": {"loss": 0.3, "mrr": 0.6}, "worse": {"loss": 0.3, "mrr": 0.4}}
    assert frontier.undominated(table) == ("default", "words & all")
    picture = ElementTree.fromstring(frontier.svg(table))
    assert set(table) <= {text.text for text in picture.findall("{*}text")}
    points = {circle.get("class"): (float(circle.get("cx")), float(circle.get("cy"))) for circle in picture.findall("{*}circle")}
    assert points["default"][0] > points["point"][0] and points["on"][1] < points["default"][1] < points["point"][1]
