"""How near each expert's works are to each dossier: one number per pair in [0, 1], and the works that explain it.

Three measures are added. *Meaning*: English against English by the English encoder; as soon as one side is Korean, both by the
multilingual encoder, each less the mean vector of its language, and all on one scale by the quantiles of the pool. *Words*:
BM25 (words.py). In these an expert has the mean of the nearest works; one that is missing, or is worse, counts like an average
work of the pool. *Together*: how much of the dossier's words all works of an expert have between them, each word by the work
that has most of it. Where dossier and work differ in language words cannot speak, so meaning speaks for them. An expert whose
works are near to everything is divided by the root of that nearness. Who stands before whom in a dossier is told by all three;
how high the dossier's row stands by meaning alone (README, "The frontier").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from reviewers.carrying import STANDING, Earlier, of_dossier, of_expert, rows_and_columns
from reviewers.embeddings import Progress
from reviewers.errors import DuplicateId
from reviewers.fit import Fit
from reviewers.fitting import learn
from reviewers.likeness import TOP, Given, Likeness, Recipe
from reviewers.records import AffinityTable, Dossier, Expert, Work, WorkShare
from reviewers.sides import Encoders, embed_sides
from reviewers.terms import count, merge
from reviewers.text import dossier_texts, normalise, work_text
from reviewers.vector_cache import VectorCache

WORKS_MOST = 50  # the latest; more than thirty add nothing on the gold-standard data, and this keeps the pool in memory
_DOSSIERS_AT_ONCE = 64  # 64 x 10,000 works x 4 bytes: 2.6 MB, which stays in a processor's cache
_TOPIC_QUANTILE = 0.75  # a declared field at the highest level counts like an expert at a dossier's upper quartile
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Traced:
    """One work behind one affinity: what `meaning` and `words` add to the score, the place of the dossier's nearest text, and
    the terms met with what each adds.
    """

    work: WorkShare
    meaning: float
    words: float
    nearest: int
    terms: npt.NDArray[np.int64]
    part: Floats


@dataclass(frozen=True)
class Affinity:
    """Affinities of all pairs: `value` is float32 of shape (len(dossier_ids), len(expert_ids)), each in [0, 1].

    `fit` holds all that was learnt from the pool and may be given to a later call, so that new works and dossiers are
    measured by the same rod.
    """

    dossier_ids: tuple[str, ...]
    expert_ids: tuple[str, ...]
    value: Floats = field(repr=False)
    fit: Fit = field(repr=False)
    experts: tuple[Expert, ...] = field(repr=False)
    standing: Floats = field(repr=False)
    digests: tuple[tuple[str, ...], tuple[str, ...]] = field(repr=False)
    measured: int  # pairs that were measured now and not known from before
    _likeness: Likeness = field(repr=False)
    _place: Mapping[str, int] = field(repr=False)

    @property
    def earlier(self) -> Earlier:
        """What a later call may take over under the same fit and encoders (carrying.py)."""
        rows, columns = ({own: i for i, own in enumerate(side)} for side in self.digests)
        return Earlier(rows, columns, self.value, self.standing)

    def of(self, dossier_id: str, expert_id: str) -> float:
        """The affinity of one pair; KeyError for an unknown id."""
        return float(self.value[self._place["d:" + dossier_id], self._place["e:" + expert_id]])

    @property
    def table(self) -> AffinityTable:
        """The bare numbers with their ids, as assignment.py wants them and as a run stores them."""
        return AffinityTable(self.dossier_ids, self.expert_ids, self.value)

    def score(self, dossier_id: str, expert_id: str) -> float:
        """The sum of the measures that orders a dossier's experts, before it is put on the dossier's scale."""
        row, column = self._place["d:" + dossier_id], self._place["e:" + expert_id]
        if not self._likeness.has_works[column] or not self._likeness.has(row):
            return 0.0
        return float(self._likeness.totals(range(row, row + 1))[0][0, column])

    def explain(self, dossier_id: str, expert_id: str) -> tuple[WorkShare, ...]:
        """The works behind one affinity, the strongest first; their shares sum to 1. Empty without works.

        A work has a share where taking it away would lower the affinity; where none is above the pool's average, the
        nearest works share equally.
        """
        row, column = self._place["d:" + dossier_id], self._place["e:" + expert_id]
        works = counted_works(self.experts[column])
        if not works or not self._likeness.has(row):
            return ()
        gain, similarity = self._likeness.pair(row, column)
        given = gain.sum(axis=0)
        best = [i for i in np.argsort(-given, kind="stable").tolist() if given[i] > 0]
        if not best:
            best = np.argsort(-similarity, kind="stable")[: TOP["meaning"]].tolist()
            given = np.ones(len(works))
        total = float(given[best].sum())
        return tuple(
            WorkShare(
                works[i].id,
                works[i].title,
                float(given[i]) / total,
                float(similarity[i]),
                float(gain[:, i].sum()),
                works[i].kind,
                works[i].year,
                float(self._likeness.fading[self._likeness.begin[column] + i]),
            )
            for i in best
        )

    def traced(self, dossier_id: str, expert_id: str) -> Iterator[Traced]:
        """Each work that has a share, with what it adds by each measure, its nearest text, and the terms that both have."""
        row, column = self._place["d:" + dossier_id], self._place["e:" + expert_id]
        works = {work.work_id: work for work in self.explain(dossier_id, expert_id)}
        if not works:
            return
        gain, _ = self._likeness.pair(row, column)
        nearest, spoken = self._likeness.nearest(row, column)
        for i, counted in enumerate(counted_works(self.experts[column])):
            if counted.id in works:
                terms, part = self._likeness.matcher.met(row, int(self._likeness.begin[column]) + i)
                meaning, words = float(gain[0, i]), float(gain[1, i])
                if not spoken[i] or not len(terms):
                    meaning, words = meaning + words, 0.0  # across languages meaning speaks for the words
                yield Traced(works[counted.id], meaning, words, int(nearest[i]), terms, part)

    def flags(self, expert_id: str) -> tuple[str, ...]:
        """What to know about an expert's evidence: ("topic_only",), ("low_evidence",) for a single work, or ()."""
        n = len(counted_works(self.experts[self._place["e:" + expert_id]]))
        return ("topic_only",) if n == 0 else ("low_evidence",) if n == 1 else ()


def counted_works(expert: Expert) -> list[Work]:
    """The works that count: those with words, of many the WORKS_MOST latest, in the order given."""
    return [work for work, _ in _with_texts(expert)]


def _with_texts(expert: Expert) -> list[tuple[Work, str]]:
    works = [(work, text) for work in expert.works if (text := work_text(work))]
    if len(works) <= WORKS_MOST:
        return works
    latest = sorted(range(len(works)), key=lambda i: (-(works[i][0].year or 0), i))[:WORKS_MOST]
    return [works[i] for i in sorted(latest)]


def measure(
    dossiers: Sequence[Dossier],
    experts: Sequence[Expert],
    encoders: Encoders,
    cache: VectorCache | None = None,
    *,
    progress: Progress | None = None,
    fit: Fit | None = None,
    recipe: Recipe | None = None,
    earlier: Earlier | None = None,
) -> Affinity:
    """The affinity of every dossier to every expert.

    A dossier of several passages counts, for each work, by its nearest text; what its documents say is looked for word by
    word. Experts without works get at most the upper quartile of the dossier's affinities, by their declared sub-fields
    alone, and carry the flag "topic_only". `progress(done, total)` counts texts over both encoders. `fit` pins what an
    earlier call learnt, `earlier` what it measured under that fit with these encoders: only dossiers and experts that are new
    or changed are measured then. `recipe` leaves parts out, for ablations.

    Memory: 4 bytes x dossiers x experts plus 3 kB per text. Raises DuplicateId when an id appears twice.
    """
    place = _places(dossiers, experts)
    texts = [(i, text) for i, dossier in enumerate(dossiers) for text in dossier_texts(dossier)]
    counted = [_with_texts(expert) for expert in experts]
    works = [(i, work, text) for i, own in enumerate(counted) for work, text in own]
    own_works = [(i, text) for i, _, text in works]
    left, right = embed_sides(texts, own_works, encoders, cache, progress)
    spoken = texts + [(i, normalise(passage.text)) for i, dossier in enumerate(dossiers) for passage in dossier.documents]
    looked_for = merge(count([text for _, text in spoken], cache), [i for i, _ in spoken], len(dossiers))
    present = count([text for _, text in own_works], cache)
    chosen = recipe or Recipe()
    years = [work.year for _, work, _ in works]
    given = Given(left, right, looked_for, present, years, tuple(expert.id for expert in experts))
    fitted = fit or learn(given, chosen)
    likeness = Likeness(given, fitted, chosen)
    digests = tuple(map(of_dossier, dossiers)), tuple(map(of_expert, experts, counted))
    value, standing = np.zeros((len(dossiers), len(experts)), np.float32), np.zeros((len(dossiers), STANDING), np.float32)
    known = earlier if earlier and fit else Earlier({}, {}, value, standing)
    rows, columns = (
        np.array([own.get(digest, -1) for digest in side], dtype=np.intp)
        for own, side in zip((known.dossiers, known.experts), digests, strict=True)
    )
    old, new = np.flatnonzero(rows >= 0), np.flatnonzero(rows < 0)
    same, changed = np.flatnonzero(columns >= 0), np.flatnonzero(columns < 0)
    value[np.ix_(old, same)] = known.value[np.ix_(rows[old], columns[same])]
    standing[old] = known.standing[rows[old]]
    if len(new):
        every = np.arange(len(experts))
        part = likeness if not len(old) else Likeness(rows_and_columns(given, new, every), fitted, chosen)
        value[new], standing[new] = _whole_rows(part)
    if len(old) and len(changed):
        part = Likeness(rows_and_columns(given, old, changed), fitted, chosen)
        value[np.ix_(old, changed)] = _columns(part, standing[old])
    _fill_by_topic(value, standing[:, -1], dossiers, experts, ~likeness.has_works)
    ids = tuple(dossier.id for dossier in dossiers), tuple(expert.id for expert in experts)
    n = value.size - len(old) * len(same)
    return Affinity(*ids, value, fitted, tuple(experts), standing, digests, n, likeness, place)


def _blocks(n: int) -> Iterator[range]:
    yield from (range(start, min(start + _DOSSIERS_AT_ONCE, n)) for start in range(0, n, _DOSSIERS_AT_ONCE))


def _whole_rows(likeness: Likeness) -> tuple[Floats, Floats]:
    """All measures order the experts of a dossier; mean and width of its row are those of meaning, without correction.

    Returns affinities and where each row stands.
    """
    n, who = len(likeness.language), likeness.has_works
    value, standing = np.zeros((n, likeness.n_experts), dtype=np.float32), np.zeros((n, STANDING), dtype=np.float32)
    for rows in _blocks(n):
        present = np.array([row for row in rows if likeness.has(row)], dtype=np.intp)
        if not len(present) or not who.any():
            continue
        total, meaning = (side[:, who] for side in likeness.totals(rows))
        standing[present, :4] = np.stack([f(axis=1) for f in (total.mean, total.std, meaning.mean, meaning.std)], axis=1)
        found = _scaled(total, standing[present])
        value[np.ix_(present, who)] = found
        standing[present, 4] = np.quantile(found, _TOPIC_QUANTILE, axis=1)
    if not who.any():
        standing[:, 4] = 1
    return value, standing


def _columns(likeness: Likeness, standing: Floats) -> Floats:
    """Further experts for dossiers whose rows stand already."""
    value = np.zeros((len(standing), likeness.n_experts), dtype=np.float32)
    who = likeness.has_works
    for rows in _blocks(len(standing)):
        present = np.array([row for row in rows if likeness.has(row)], dtype=np.intp)
        if len(present) and who.any():
            value[np.ix_(present, who)] = _scaled(likeness.totals(rows)[0][:, who], standing[present])
    return value


def _scaled(total: Floats, standing: Floats) -> Floats:
    centre, width, level, wide = (standing[:, i : i + 1] for i in range(4))
    return np.asarray(np.clip(level + (total - centre) * wide / np.maximum(width, 1e-9), 0, 1), dtype=np.float32)


def _places(dossiers: Sequence[Dossier], experts: Sequence[Expert]) -> dict[str, int]:
    place: dict[str, int] = {}
    for kind, ids in (("dossier", [dossier.id for dossier in dossiers]), ("expert", [expert.id for expert in experts])):
        for i, own in enumerate(ids):
            if place.setdefault(f"{kind[0]}:{own}", i) != i:
                raise DuplicateId(kind=kind, id=own)
    return place


def _fill_by_topic(
    value: Floats, top: Floats, dossiers: Sequence[Dossier], experts: Sequence[Expert], without_works: npt.NDArray[np.bool_]
) -> None:
    """Give experts without works an affinity by declared sub-fields: level/3 of the dossier's upper quartile."""
    for column in np.flatnonzero(without_works).tolist():
        level = {entry.code: entry.level / 3 for entry in experts[column].fields}
        shared = np.array([max((level.get(code, 0.0) for code in d.fields), default=0.0) for d in dossiers])
        value[:, column] = np.clip(shared, 0, 1) * np.clip(top, 0, 1)
