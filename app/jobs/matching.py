"""Computes a matching run: texts become vectors, affinities, conflicts, panels; read first, written at the end, in between no
transaction. Vectors are kept as they come, so that a run that was killed goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

from app import affinities, clock
from app.jobs.job import Job
from app.stages import matching
from app.stages.matching import guarding, mending, results
from app.stages.matching import inputs as frozen
from app.workflow.actors import SYSTEM
from config import Config
from reviewers import affinity, conflicts, relaxation
from reviewers.assignment import panels
from reviewers.carrying import Earlier
from reviewers.conflict_case import Case
from reviewers.embeddings import Encoder
from reviewers.fit import Fit, from_bytes
from reviewers.models import PackagedEncoders
from reviewers.sides import Encoders
from reviewers.vector_cache import VectorCache

Tell = Callable[[int, int, str], None]


def match(job: Job) -> None:
    run_id = job.args["run"]
    with job.database.write() as session:
        wanted = matching.start(session, run_id, actor=SYSTEM, now=clock.now(session))
    if not wanted:
        with job.effect():
            return  # given up, or stored by another: the promise is settled
    with job.database.read() as session:
        given = frozen.read(session, run_id)
        watched = guarding.read(session, given)

    folder, models = job.config.affinities_dir, encoders(job.config)

    def keep(measured: affinity.Affinity, used: Mapping[str, str]) -> None:
        table = measured.table
        rows = [given.filed.row_ids[own] for own in table.dossier_ids]
        affinities.keep(folder, run_id, table.value, rows, [given.pool.row_ids[own] for own in table.expert_ids])
        affinities.keep_earlier(folder, affinities.keep_fit(folder, measured.fit.to_bytes()), used, measured.earlier)

    stored = affinities.find_fit(folder, given.fit) if given.fit else None
    fit = from_bytes(stored) if stored else None
    earlier = affinities.find_earlier(folder, given.fit, lambda kind: str(getattr(models, kind).digest)) if fit else None
    found = compute(given, models, job.config.vectors_dir, job.progress, keep, fit, earlier)
    seen = guarding.look(given, watched, found.measures["vectors"], VectorCache(job.config.vectors_dir))
    found = replace(found, measures={**found.measures, **seen})
    with job.effect() as session:
        results.record_run(session, run_id, given, found, actor=SYSTEM, now=clock.now(session))


@cache
def encoders(config: Config) -> Encoders:
    """The models of the packages, loaded once in each process; PPIR_ENCODER names a folder that stands in for the English one."""
    english = Path(config.encoder) if config.encoder else None
    return PackagedEncoders(config.data_dir / "models", english_folder=english)


def compute(
    given: frozen.Inputs,
    models: Encoders,
    vectors: Path,
    tell: Tell,
    keep: Callable[[affinity.Affinity, Mapping[str, str]], None] | None = None,
    fit: Fit | None = None,
    earlier: Earlier | None = None,
) -> results.Found:
    """All of a run's mathematics; equal inputs, fit and seed give equal panels. `keep` stores affinities and fit.

    Without a fit one is learnt from the dossiers and the pool; with `earlier`, what a run measured under this fit, only what is
    new since is measured.
    """
    watch = Watch()
    opened = Opened(models)
    measured = affinity.measure(
        given.dossiers,
        given.experts,
        opened,
        VectorCache(vectors),
        progress=lambda done, total: tell(done, total, "match_texts"),
        fit=fit,
        earlier=earlier,
    )
    if keep is not None:
        keep(measured, opened.digests)
    watch.lap("affinity")
    tell(0, 1, "match_conflicts")
    case = Case(given.dossiers, given.experts, given.facts, given.closing_on, given.aliases, given.others.dossiers)
    ruled = conflicts.judge(case, given.grounds)
    bars = [c for c in ruled if given.judged.counts(c) and c.nature != "shown"]
    watch.lap("conflicts")
    tell(0, 1, "match_panels")
    closed = [replace(conflict, hard=True) for conflict in (*bars, *given.judged.standing)]  # an open question bars as well
    solved = panels.assign(
        given.specs,
        given.experts,
        measured.table,
        closed,
        load_cap=given.load_max,
        taken=given.taken,
        targets=given.targets,
        once_in=given.once_in,
        linking=given.linking,
        fair=given.fair,
        rising=given.rising,
        seed=number_of(given.seed),
        explain=measured.explain,
        flags=measured.flags,
    )
    watch.lap("panels")
    advice: list[dict[str, Any]] = []
    if solved.shortfalls:
        tell(0, 1, "match_advice")
        advice = mending.stored(
            relaxation.advise(
                given.specs, given.experts, measured.table, closed, load_cap=given.load_max, taken=given.taken, seed=solved.seed
            ),
            given.specs,
            given.filed.fields,
        )
        watch.lap("advice")
    advice += mending.to_link(given.linking, solved)
    measures = {
        "total": solved.total,
        "expected": solved.expected,
        "bound": solved.bound,
        "gap": solved.gap,
        "lowest_bound": solved.lowest_panel_bound,
        "floor": solved.floor,
        "raised_to": solved.raised_to,
        "certain": solved.certain,
        "given": solved.given,
        "method": solved.method,
        "advice": advice,
        "links": {"changed": solved.relinked} | dict(zip(("before", "after"), map(asdict, solved.links or ()), strict=False)),
        "fit": measured.fit.digest,
        "measured": measured.measured,
        "vectors": opened.digests,
        "affinity": hashlib.sha256(measured.value.astype("<f4").tobytes()).hexdigest(),
        **watch.measures(),
    }
    unknown = sum(found.state == "not_computable" for _dossier, found in case.found())
    return results.Found(solved.panels, ruled, measures, _notes(solved.shortfalls), opened.named, unknown)


def number_of(seed: str) -> int:
    """The library's seed is a number; a run's seed is whatever was entered."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big")


def _notes(shortfalls: Sequence[panels.Shortfall]) -> Mapping[str, list[dict[str, Any]]]:
    notes: dict[str, list[dict[str, Any]]] = {}
    for short in shortfalls:
        notes.setdefault(short.panel_id, []).append(
            {
                "code": f"short_{short.rule}",
                "attribute": short.attribute,
                "value": short.value,
                "needed": short.needed,
                "got": short.got,
            }
        )
    return notes


class Opened:
    """Passes the encoders on and remembers which were used, for the run's record."""

    def __init__(self, models: Encoders) -> None:
        self.models = models
        self.named: dict[str, str] = {}
        self.digests: dict[str, str] = {}  # by what each was opened as: the vectors of the run are found again by them

    @property
    def english(self) -> Encoder:
        return self._note("english", self.models.english)

    @property
    def multilingual(self) -> Encoder:
        return self._note("multilingual", self.models.multilingual)

    def _note(self, kind: str, encoder: Encoder) -> Encoder:
        self.named[encoder.name] = self.digests[kind] = encoder.digest
        return encoder


class Watch:
    """Wall time by step, processor time and the highest memory of this process."""

    def __init__(self) -> None:
        self.began, self.cpu = time.monotonic(), time.process_time()
        self.last, self.laps = self.began, dict[str, float]()

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self.laps[name], self.last = round(now - self.last, 3), now

    def measures(self) -> dict[str, Any]:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return {
            "seconds": round(time.monotonic() - self.began, 3),
            "cpu_seconds": round(time.process_time() - self.cpu, 3),
            "peak_mb": round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1),
            "laps": self.laps,
        }
