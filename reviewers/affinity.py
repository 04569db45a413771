"""How near each expert's works are to each dossier: one number per pair in [0, 1], and the works that explain it.

English against English is compared by the English encoder. As soon as one side is Korean, both texts are compared by
the multilingual encoder, each less the mean vector of its language. Similarities of different kinds are then put on
one scale by the quantiles of the pool, so that no expert gains by the language of a work. An expert's affinity is the
mean over the `TOP` most similar works: Korean and English works count side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from reviewers.embeddings import Progress
from reviewers.errors import DuplicateId
from reviewers.records import AffinityTable, Dossier, Expert, WorkShare
from reviewers.scale import Pair, Scale, fit_scale
from reviewers.sides import LANGUAGES, Encoders, Side, embed_sides
from reviewers.text import dossier_texts, work_text
from reviewers.vector_cache import VectorCache

TOP = 3  # mean of the three nearest: best of mean, softmax and maximum on the gold-standard data (docs/models.md)
_DOSSIERS_AT_ONCE = 64  # 64 x 10,000 works x 4 bytes: 2.6 MB, which stays in a processor's cache
_TOPIC_QUANTILE = 0.75  # a declared field at the highest level counts like an expert at a dossier's upper quartile


@dataclass(frozen=True)
class Affinity:
    """Affinities of all pairs: `value` is float32 of shape (len(dossier_ids), len(expert_ids)), each in [0, 1].

    `scale` maps raw similarities of every kind to this scale and may be given to a later call, so that new works and
    dossiers are measured by the same rod.
    """

    dossier_ids: tuple[str, ...]
    expert_ids: tuple[str, ...]
    value: npt.NDArray[np.float32] = field(repr=False)
    scale: Scale = field(repr=False)
    experts: tuple[Expert, ...] = field(repr=False)
    _dossier_side: Side = field(repr=False)
    _work_side: Side = field(repr=False)
    _place: Mapping[str, int] = field(repr=False)

    def of(self, dossier_id: str, expert_id: str) -> float:
        """The affinity of one pair; KeyError for an unknown id."""
        return float(self.value[self._place["d:" + dossier_id], self._place["e:" + expert_id]])

    @property
    def table(self) -> AffinityTable:
        """The bare numbers with their ids, as assignment.py wants them and as a run stores them."""
        return AffinityTable(self.dossier_ids, self.expert_ids, self.value)

    def explain(self, dossier_id: str, expert_id: str) -> tuple[WorkShare, ...]:
        """The works behind one affinity, the strongest first; their shares sum to 1. Empty without works."""
        row, column = self._place["d:" + dossier_id], self._place["e:" + expert_id]
        texts = np.flatnonzero(self._dossier_side.owner == row)
        first, last = np.searchsorted(self._work_side.owner, [column, column + 1])
        works = [work for work in self.experts[column].works if work_text(work)]
        if first == last or not len(texts):
            return ()
        similarity = _similarities(self._dossier_side, texts, self._work_side, slice(first, last), self.scale).max(axis=0)
        best = np.argsort(-similarity, kind="stable")[:TOP]
        total = float(similarity[best].sum())
        shares = similarity[best] / total if total > 0 else np.full(len(best), 1 / len(best))
        return tuple(
            WorkShare(works[i].id, works[i].title, float(share), float(similarity[i]))
            for i, share in zip(best, shares, strict=True)
        )

    def flags(self, expert_id: str) -> tuple[str, ...]:
        """What to know about an expert's evidence: ("topic_only",), ("low_evidence",) for a single work, or ()."""
        count = sum(bool(work_text(work)) for work in self.experts[self._place["e:" + expert_id]].works)
        return ("topic_only",) if count == 0 else ("low_evidence",) if count == 1 else ()


def measure(
    dossiers: Sequence[Dossier],
    experts: Sequence[Expert],
    encoders: Encoders,
    cache: VectorCache | None = None,
    *,
    progress: Progress | None = None,
    scale: Scale | None = None,
) -> Affinity:
    """The affinity of every dossier to every expert.

    A dossier of several passages counts, for each work, by its nearest text. Experts without works get at most the
    upper quartile of the dossier's affinities, by their declared sub-fields alone, and carry the flag "topic_only".
    `progress(done, total)` counts texts over both encoders. `scale` pins the scale of an earlier call.

    Memory: 4 bytes x dossiers x experts plus 1.5 kB per text. Raises DuplicateId when an id appears twice.
    """
    place = _places(dossiers, experts)
    dossier_texts_owned = [(i, text) for i, dossier in enumerate(dossiers) for text in dossier_texts(dossier)]
    works_owned = [(i, text) for i, expert in enumerate(experts) for work in expert.works if (text := work_text(work))]
    left, right = embed_sides(dossier_texts_owned, works_owned, encoders, cache, progress)
    fitted = scale or fit_scale(_samples(left, right))
    value = np.zeros((len(dossiers), len(experts)), dtype=np.float32)
    for start in range(0, len(dossiers), _DOSSIERS_AT_ONCE):
        stop = min(start + _DOSSIERS_AT_ONCE, len(dossiers))
        value[start:stop] = _top_means(left, range(start, stop), right, len(experts), fitted)
    _fill_by_topic(value, dossiers, experts, right)
    return Affinity(
        tuple(dossier.id for dossier in dossiers),
        tuple(expert.id for expert in experts),
        value,
        fitted,
        tuple(experts),
        left,
        right,
        place,
    )


def _places(dossiers: Sequence[Dossier], experts: Sequence[Expert]) -> dict[str, int]:
    place: dict[str, int] = {}
    for kind, ids in (("dossier", [dossier.id for dossier in dossiers]), ("expert", [expert.id for expert in experts])):
        for i, own in enumerate(ids):
            if place.setdefault(f"{kind[0]}:{own}", i) != i:
                raise DuplicateId(kind=kind, id=own)
    return place


def _blocks(left: npt.NDArray[np.str_], right: npt.NDArray[np.str_]) -> Iterator[tuple[Pair, str]]:
    for a in LANGUAGES:
        for b in LANGUAGES:
            if (left == a).any() and (right == b).any():
                yield (a, b), "english" if (a, b) == ("en", "en") else "multilingual"


def _similarities(left: Side, rows: npt.NDArray[np.intp], right: Side, columns: slice, scale: Scale) -> npt.NDArray[np.float32]:
    """Similarities on the common scale, shape (len(rows), columns)."""
    row_language, column_language = left.language[rows], right.language[columns]
    out = np.zeros((len(rows), len(column_language)), dtype=np.float32)
    for pair, model in _blocks(row_language, column_language):
        a, b = row_language == pair[0], column_language == pair[1]
        raw = left.vectors[model][rows[a]] @ right.vectors[model][columns].T
        if b.all():
            out[a] = scale.apply(pair, raw)
        else:
            out[np.ix_(a, b)] = scale.apply(pair, raw[:, b])
    return out


def _samples(left: Side, right: Side, most: int = 1500) -> dict[Pair, npt.NDArray[np.float32]]:
    """Raw similarities of evenly spaced texts, by pair of languages: at most `most` squared of them each."""
    found = {}
    for pair, model in _blocks(left.language, right.language):
        rows, columns = (np.flatnonzero(side.language == language) for side, language in zip((left, right), pair, strict=True))
        rows, columns = rows[:: len(rows) // most + 1], columns[:: len(columns) // most + 1]
        found[pair] = (left.vectors[model][rows] @ right.vectors[model][columns].T).ravel()
    return found


def _top_means(left: Side, owners: range, right: Side, n_experts: int, scale: Scale) -> npt.NDArray[np.float32]:
    """Mean of the TOP most similar works of each expert for some dossiers, shape (len(owners), n_experts)."""
    out = np.zeros((len(owners), n_experts), dtype=np.float32)
    first, last = np.searchsorted(left.owner, [owners.start, owners.stop])
    if first == last or not len(right.owner):
        return out
    by_text = _similarities(left, np.arange(first, last), right, slice(None), scale)
    starts = np.flatnonzero(np.diff(left.owner[first:last], prepend=-1))
    by_dossier = np.maximum.reduceat(by_text, starts, axis=0) if len(starts) < len(by_text) else by_text
    present = left.owner[first:last][starts] - owners.start
    begin = np.searchsorted(right.owner, np.arange(n_experts + 1))
    count = np.diff(begin)
    for n in np.unique(count[count > 0]):
        who = np.flatnonzero(count == n)
        works = by_dossier[:, begin[who][:, None] + np.arange(n)]  # (dossiers, experts, works)
        top = works if n <= TOP else np.partition(works, n - TOP, axis=2)[:, :, n - TOP :]
        out[np.ix_(present, who)] = top.mean(axis=2)
    return np.clip(out, 0, 1)


def _fill_by_topic(value: npt.NDArray[np.float32], dossiers: Sequence[Dossier], experts: Sequence[Expert], works: Side) -> None:
    """Give experts without works an affinity by declared sub-fields: level/3 of the dossier's upper quartile."""
    with_works = np.zeros(len(experts), dtype=bool)
    with_works[works.owner] = True
    if with_works.all() or not len(dossiers):
        return
    top = np.quantile(value[:, with_works], _TOPIC_QUANTILE, axis=1) if with_works.any() else np.ones(len(dossiers))
    for column in np.flatnonzero(~with_works).tolist():
        level = {entry.code: entry.level / 3 for entry in experts[column].fields}
        shared = np.array([max((level.get(code, 0.0) for code in d.fields), default=0.0) for d in dossiers])
        value[:, column] = np.clip(shared, 0, 1) * np.clip(top, 0, 1)
