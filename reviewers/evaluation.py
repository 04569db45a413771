"""How good a matching is, measured on data whose answer is known: `python -m reviewers.evaluation MEASURE PATH`.

Prints one JSON object of plain numbers on stdout; progress goes to stderr. Measures: own-work (does an applicant's own
expert rank high among the pool?), goldstandard (are papers ordered as researchers rate their own expertise?), korean
(are a Korean text and its English twin found together?), fields (is a description's sub-field suggested first?),
fields-ablation (the same by each part of the method), ablation (the first three with parts of the affinity left out; `--svg`
draws the frontier), korean-ablation (what makes the languages meet), retold (are translations and rewordings told from
strangers?) and speed (processor seconds).
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reviewers import ablation, field_measures, frontier, retold
from reviewers.affinity import measure
from reviewers.embeddings import Encoder, Progress, embed
from reviewers.evidence import evidence
from reviewers.likeness import Recipe
from reviewers.models import PackagedEncoders
from reviewers.records import Dossier, Expert, Work
from reviewers.retold import Retold
from reviewers.sides import Encoders, language_means
from reviewers.text import dossier_texts
from reviewers.vector_cache import VectorCache

DEFAULT_CACHE = Path.home() / ".cache" / "ppir"
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Bench:
    """What every measure works with."""

    encoders: Encoders
    cache: VectorCache
    progress: Progress | None = None
    recipe: Recipe | None = None


def own_work(folder: Path, bench: Bench) -> dict[str, float]:
    """Rank of the applicant's own expert among all experts, conflicts off.

    `folder` holds experts.jsonl.gz, applications.jsonl.gz and own_expert.json (application id → expert id). Returns
    recall_at_1, recall_at_5, recall_at_20 and mrr (mean reciprocal rank), each 0 to 1; ties count half.
    """
    experts, dossiers = _own_work_of(folder)
    own: Mapping[str, str] = json.loads((folder / "own_expert.json").read_text(encoding="utf-8"))
    affinity = measure(dossiers, experts, bench.encoders, bench.cache, progress=bench.progress, recipe=bench.recipe)
    column = {expert_id: i for i, expert_id in enumerate(affinity.expert_ids)}
    rows = [i for i, dossier_id in enumerate(affinity.dossier_ids) if dossier_id in own]
    ranks = rank_of(affinity.value[rows], np.array([column[own[affinity.dossier_ids[i]]] for i in rows]))
    return {f"recall_at_{k}": float((ranks <= k).mean()) for k in (1, 5, 20)} | {"mrr": float((1 / ranks).mean())}


def rank_of(value: Floats, column: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """Rank of one column in each row, 1 is best; among equals the middle rank.

    >>> rank_of(np.float32([[.9, .5, .5]]), np.array([1]))
    array([2.5])
    """
    own = np.take_along_axis(value, column[:, None], axis=1)
    return np.asarray(1 + (value > own).sum(axis=1) + ((value == own).sum(axis=1) - 1) / 2, dtype=np.float64)


def goldstandard(folder: Path, bench: Bench) -> dict[str, float]:
    """Self-rated expertise against predicted affinity, averaged over the variants of the researchers' profiles.

    Returns loss (0 perfect, 0.5 chance), easy_error and hard_error as Stelmakh et al. (arXiv:2303.16750) define them.
    """
    ratings = _ratings(folder / "evaluations.csv")
    papers = json.loads((folder / "submissions.json").read_text(encoding="utf-8"))
    variants: Mapping[str, Mapping[str, Sequence[str]]] = json.loads((folder / "variants.json").read_text("utf-8"))
    archives = {who: _archive(folder / "archives" / f"~{who}.jsonl") for who in ratings}
    dossiers = [_dossier(paper) for paper in papers.values()]
    parts = []
    for n, profiles in enumerate(variants.values()):
        experts = [_expert(who, "", [archives[who][work] for work in profiles[who]]) for who in ratings]
        affinity = measure(dossiers, experts, bench.encoders, bench.cache, recipe=bench.recipe)
        rows = [misordered(rated, {paper: affinity.of(paper, who) for paper in rated}) for who, rated in ratings.items()]
        sums = np.sum(rows, axis=0)
        parts.append(sums[0::2] / sums[1::2])
        if bench.progress:
            bench.progress(n + 1, len(variants))
    return dict(zip(("loss", "easy_error", "hard_error"), map(float, np.mean(parts, axis=0)), strict=True))


def misordered(rated: Mapping[str, float], predicted: Mapping[str, float]) -> tuple[float, ...]:
    """Of one researcher's pairs: lost weight, weight, wrong easy pairs, easy pairs, wrong hard pairs, hard pairs.

    Easy: rated at least 4 against at most 2. Hard: both at least 4, not equal. A tied prediction loses half the weight
    and counts as wrong.

    >>> misordered({"a": 5, "b": 2}, {"a": .3, "b": .7})
    (3.0, 3.0, 1.0, 1.0, 0.0, 0.0)
    """
    counts = np.zeros(6)
    for a, b in combinations(rated, 2):
        gap = rated[a] - rated[b]
        if gap == 0:
            continue
        order = (predicted[a] - predicted[b]) * gap
        counts[:2] += abs(gap) * (1.0 if order < 0 else 0.5 if order == 0 else 0.0), abs(gap)
        high, low = max(rated[a], rated[b]), min(rated[a], rated[b])
        if high >= 4 and low <= 2:
            counts[2:4] += order <= 0, 1
        if low >= 4:
            counts[4:6] += order <= 0, 1
    return tuple(counts.tolist())


def korean(topics: Path, bench: Bench) -> dict[str, float]:
    """Whether texts on one topic find each other across languages; `topics` holds [key, English, Korean, other words].

    Returns cross_top_1 (Korean → English), paraphrase_top_1 (paraphrase → Korean) and mixed_top_1 (the English twin of
    a Korean text is first among all English and all other Korean texts).
    """
    return _meet(topics, bench.encoders.multilingual, bench)


def _meet(topics: Path, encoder: Encoder, bench: Bench, *, centred: bool = True) -> dict[str, float]:
    rows = json.loads(topics.read_text(encoding="utf-8"))
    mean = language_means(encoder, bench.cache)
    english, own, other = (
        _unit(embed([row[i] for row in rows], encoder, bench.cache, bench.progress) - centred * mean["en" if i == 1 else "ko"])
        for i in (1, 2, 3)
    )
    n = np.arange(len(rows))
    mixed = own @ np.concatenate([english, own]).T
    mixed[n, len(rows) + n] = -1
    return {
        "cross_top_1": float(((own @ english.T).argmax(axis=1) == n).mean()),
        "paraphrase_top_1": float(((other @ own.T).argmax(axis=1) == n).mean()),
        "mixed_top_1": float((mixed.argmax(axis=1) == n).mean()),
    }


def korean_ablation(topics: Path, bench: Bench) -> dict[str, dict[str, float]]:
    """What makes a Korean text and its English twin meet: the model, and each language's mean taken off."""
    both = bench.encoders.multilingual
    return {
        "multilingual, less language means": _meet(topics, both, bench),
        "multilingual, as it is": _meet(topics, both, bench, centred=False),
        "English model, less language means": _meet(topics, bench.encoders.english, bench),
        "English model, as it is": _meet(topics, bench.encoders.english, bench, centred=False),
    }


def across(topics: Path, bench: Bench) -> dict[str, float]:
    """The same question put to whole affinities: each topic's English text is the one work of an expert, the Korean a dossier.

    Returns across_top_1 (its own expert is first) and between_top_1 (first among all of these and the experts of the other
    topics' Korean texts).
    """
    rows = json.loads(topics.read_text(encoding="utf-8"))
    dossiers = [Dossier(row[0], "", row[2]) for row in rows]
    english = [Expert(f"en/{row[0]}", works=(Work(f"en/{row[0]}", row[1]),)) for row in rows]
    korean = [Expert(f"ko/{row[0]}", works=(Work(f"ko/{row[0]}", row[2]),)) for row in rows]
    n = np.arange(len(rows))
    alone = measure(dossiers, english, bench.encoders, bench.cache, recipe=bench.recipe).value
    mixed = measure(dossiers, [*english, *korean], bench.encoders, bench.cache, recipe=bench.recipe).value.copy()
    mixed[n, len(rows) + n] = -1
    return {
        "across_top_1": float((alone.argmax(axis=1) == n).mean()),
        "between_top_1": float((mixed.argmax(axis=1) == n).mean()),
    }


def retellings(path: Path, bench: Bench) -> dict[str, float]:
    """Rewordings and translations that are found, and pairs of strangers that are taken for such.

    `path` is a file of topics (twins across languages, rewordings within Korean; whatever else is near is a false alarm), or a
    folder with applications.jsonl.gz, where everything that is found is a false alarm.
    """
    if path.is_dir():
        dossiers = [
            Dossier(row["application_id"], "", row["title"], row["summary"]) for row in _rows(path / "applications.jsonl.gz")
        ]
        found = _retold(dossiers, bench, ("english",))
        return {"pairs": len(dossiers) * (len(dossiers) - 1) / 2, "false_alarms": len(found)}
    rows = json.loads(path.read_text(encoding="utf-8"))
    out: dict[str, float] = {}
    for name, sides in (("across", (1, 2)), ("reworded", (2, 3))):
        dossiers = [Dossier(f"{side}/{n}", "", row[side]) for side in sides for n, row in enumerate(rows)]
        found = _retold(dossiers, bench, ("multilingual",))
        twins = sum(pair.first.split("/")[1] == pair.second.split("/")[1] for pair in found)
        pairs = len(dossiers) * (len(dossiers) - 1) / 2 - len(rows)
        out |= {f"{name}_found": twins / len(rows), f"{name}_false_alarms": len(found) - twins, f"{name}_pairs": pairs}
    return out


def _retold(dossiers: Sequence[Dossier], bench: Bench, models: Sequence[str]) -> Sequence[Retold]:
    """Through the cache, as a run leaves it."""
    texts = [text for dossier in dossiers for text in dossier_texts(dossier)]
    encoders: dict[str, Encoder] = {model: getattr(bench.encoders, model) for model in models}
    for encoder in encoders.values():
        embed(texts, encoder, bench.cache, bench.progress)
    if "multilingual" in encoders:
        language_means(encoders["multilingual"], bench.cache)
    told = retold.read(dossiers, {model: encoder.digest for model, encoder in encoders.items()}, bench.cache)
    return retold.retold(told, len(told.ids))


def speed(folder: Path, bench: Bench) -> dict[str, float]:
    """Time with every vector in the cache and a fit at hand: all dossiers, one with its evidence, a pool of 60,000 works."""
    experts, dossiers = _own_work_of(folder)
    fit = measure(dossiers, experts, bench.encoders, bench.cache, progress=bench.progress).fit
    out = {"works": float(sum(len(expert.works) for expert in experts))}

    def lap(name: str, some: Sequence[Dossier], pool: Sequence[Expert], shown: int) -> None:
        began, cpu = time.monotonic(), time.process_time()
        found = measure(some, pool, bench.encoders, bench.cache, fit=fit)
        for i in np.argsort(-found.value[0])[:shown].tolist():
            digests = {"english": bench.encoders.english.digest}
            evidence(some[0], pool[i], digests, bench.cache, fit)
        out[f"{name}_cpu_seconds"] = round(time.process_time() - cpu, 2)
        out[f"{name}_seconds"] = round(time.monotonic() - began, 2)

    lap("all", dossiers, experts, 0)
    lap("one_with_evidence_of_20", dossiers[:1], experts, 20)
    step = len(experts) // 6
    lent = [[work for n in range(6) for work in experts[(i + n * step) % len(experts)].works] for i in range(len(experts))]
    wide = [
        replace(expert, works=tuple(replace(work, id=f"{n}") for n, work in enumerate(works[:20])))
        for expert, works in zip(experts, lent, strict=True)
    ]
    out["many_works"] = float(sum(len(expert.works) for expert in wide))
    lap("many", dossiers, wide, 0)
    return out


def _own_work_of(folder: Path) -> tuple[list[Expert], list[Dossier]]:
    experts = [_expert(row["expert_id"], row["organisation"], row["works"]) for row in _rows(folder / "experts.jsonl.gz")]
    rows = _rows(folder / "applications.jsonl.gz")
    return experts, [Dossier(row["application_id"], row["organisation"], row["title"], row["summary"]) for row in rows]


MEASURES: Mapping[str, Callable[[Path, Bench], Mapping[str, Any]]] = {
    "own-work": own_work,
    "goldstandard": goldstandard,
    "korean": korean,
    "fields": lambda path, bench: field_measures.fields(path, bench.encoders, bench.cache),
    "fields-ablation": lambda path, bench: field_measures.ablation(path, bench.encoders, bench.cache),
    "ablation": lambda path, bench: ablation.table(
        lambda recipe: _every(path, replace(bench, recipe=recipe, progress=None)), bench.progress
    ),
    "korean-ablation": korean_ablation,
    "retold": retellings,
    "speed": speed,
}


def _every(data: Path, bench: Bench) -> dict[str, float]:
    rated, own = goldstandard(data / "goldstandard" / "dev", bench), own_work(data / "sbir", bench)
    topics = data / "korean" / "topics.json"
    return rated | own | (across(topics, bench) if topics.exists() else {})


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def _rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _archive(path: Path) -> dict[str, dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return {row["id"]: row["content"] for row in map(json.loads, lines)}


def _ratings(path: Path) -> dict[str, dict[str, float]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return {
            row["ParticipantID"]: {row[f"Paper{i}"]: float(row[f"Expertise{i}"]) for i in range(1, 11) if row[f"Paper{i}"]}
            for row in csv.DictReader(lines, delimiter="\t")
        }


def _expert(expert_id: str, organisation: str, works: Sequence[Mapping[str, Any]]) -> Expert:
    made = (Work(f"{expert_id}/{n}", work["title"] or "", work["abstract"] or "", work.get("year")) for n, work in enumerate(works))
    return Expert(expert_id, organisation, tuple(made))


def _dossier(paper: Mapping[str, Any]) -> Dossier:
    return Dossier(paper["id"], "", paper["content"]["title"] or "", paper["content"]["abstract"] or "")


def _meter() -> Progress:
    """A progress line on stderr, at most twice a second."""
    last = 0.0

    def show(done: int, total: int) -> None:
        nonlocal last
        if done == total or time.monotonic() - last > 0.5:
            last = time.monotonic()
            print(f"\r{done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)

    return show


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one measure and print its JSON object."""
    parser = argparse.ArgumentParser(prog="python -m reviewers.evaluation", description=__doc__)
    parser.add_argument("measure", choices=MEASURES)
    parser.add_argument("path", type=Path, help="the folder of the data, or the file of topics")
    parser.add_argument("--encoder", type=Path, help="a sentence-transformers folder in place of the packaged model")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="where vectors and the unpacked model are kept")
    parser.add_argument("--svg", type=Path, help="where ablation draws its frontier")
    chosen = parser.parse_args(arguments)
    replaced = {"multilingual_folder" if chosen.measure.startswith("korean") else "english_folder": chosen.encoder}
    bench = Bench(PackagedEncoders(chosen.cache / "models", **replaced), VectorCache(chosen.cache / "vectors"), _meter())
    found = MEASURES[chosen.measure](chosen.path, bench)
    print(json.dumps(found))
    if chosen.svg and chosen.measure == "ablation":
        chosen.svg.write_text(frontier.svg(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
