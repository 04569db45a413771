"""Which passage of a dossier meets which work: an affinity taken apart, for any pair and at any time, without a model.

The vectors of a run are in the cache; here they are read back under the fit of that run, for one dossier and one expert, so
that a page can ask while somebody waits. What is shown is how the score at hand is made, not what it would be without a passage.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from reviewers.affinity import Traced, measure
from reviewers.embeddings import Encoder, Vectors
from reviewers.errors import VectorMissing
from reviewers.fit import Fit
from reviewers.records import Dossier, Expert, Meeting, Passage, WorkShare, mean_shares
from reviewers.terms import Bags, count, number, terms
from reviewers.text import dossier_texts, normalise
from reviewers.vector_cache import VectorCache

EXCERPT = 320  # characters of a passage that are shown: two or three sentences
_WINDOW = 1_000  # characters of a text that its vector knows: what the encoders take (docs/models.md)
_SENTENCE = re.compile(r"(?<=[.!?。])\s+")
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Remembered:
    """The encoders of a run as far as the cache remembers them; `digests` names them: "english", "multilingual"."""

    digests: Mapping[str, str]

    @property
    def english(self) -> Encoder:
        return _Absent("english", self.digests.get("english", ""))

    @property
    def multilingual(self) -> Encoder:
        return _Absent("multilingual", self.digests.get("multilingual", ""))


@dataclass(frozen=True)
class _Absent:
    name: str
    digest: str
    dim: int = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        raise VectorMissing(encoder=self.name)


def evidence(dossier: Dossier, expert: Expert, encoders: Mapping[str, str], cache: VectorCache, fit: Fit) -> tuple[Meeting, ...]:
    """The passages and works behind one affinity, the strongest first; empty without works.

    A work's part by meaning belongs to the nearest typed text, its part by words to the passages that hold the words met, by
    how often. Shares of one work sum to its share in `Affinity.explain`. `encoders` are the digests of those that measured.
    Raises VectorMissing where text or works changed since.
    """
    measured = measure((dossier,), (expert,), Remembered(encoders), cache, fit=fit)
    passages = [*(Passage(text) for text in dossier_texts(dossier)), *dossier.documents]
    bags = count([normalise(passage.text) for passage in passages], cache)
    found = []
    for traced in measured.traced(dossier.id, expert.id):
        meaning, words = _parts(traced, bags)
        total = meaning + words
        total *= traced.work.share / max(float(total.sum()), 1e-12)
        weight = dict(zip(traced.terms.tolist(), traced.part.tolist(), strict=True))
        for place in np.flatnonzero(total > 0).tolist():
            by = "both" if meaning[place] > 0 and words[place] > 0 else "meaning" if meaning[place] > 0 else "words"
            shown = replace(passages[place], text=excerpt(passages[place].text, weight, whole=by == "words"))
            found.append(Meeting(shown, traced.work, float(total[place]), by))
    return tuple(sorted(found, key=lambda met: -met.share))


def works_behind(
    dossiers: Sequence[Dossier], expert: Expert, encoders: Mapping[str, str], cache: VectorCache, fit: Fit
) -> tuple[WorkShare, ...]:
    """The works behind an expert's affinity to a panel's dossiers, seated or not. Raises VectorMissing as `evidence` does."""
    measured = measure(dossiers, (expert,), Remembered(encoders), cache, fit=fit)
    return mean_shares([measured.explain(dossier.id, expert.id) for dossier in dossiers])


def _parts(traced: Traced, bags: Bags) -> tuple[Floats, Floats]:
    """What one work adds, by passage: meaning at the nearest text, words where they stand."""
    meaning, words = np.zeros(len(bags), dtype=np.float32), np.zeros(len(bags), dtype=np.float32)
    meaning[traced.nearest] = traced.meaning if traced.meaning + traced.words > 0 else 1.0  # an average work, shown all the same
    if traced.words > 0:
        place = np.minimum(np.searchsorted(traced.terms, bags.term), len(traced.terms) - 1)
        met = traced.terms[place] == bags.term
        held = np.bincount(place[met], bags.count[met], minlength=len(traced.terms))
        own = bags.count[met] / held[place[met]] * traced.part[place[met]]
        spread = np.bincount(bags.row[met], own, minlength=len(bags))
        words = np.asarray(spread * (traced.words / max(spread.sum(), 1e-12)), dtype=np.float32)
    return meaning, words


def excerpt(text: str, weight: Mapping[int, float], *, whole: bool = True) -> str:
    """The sentences around the one with most of the weight, as they stand there; `whole` False looks only where a vector does.

    >>> excerpt("It is new. It finds people in smoke by radar. It is cheap.", {number("radar"): 1.0}, whole=True)
    'It is new. It finds people in smoke by radar. It is cheap.'
    """
    text = normalise(text)
    if len(text) <= EXCERPT:
        return text
    pieces = _SENTENCE.split(text if whole else text[:_WINDOW])
    score = [sum(weight.get(number(term), 0.0) for term in set(terms(piece))) for piece in pieces]
    at = int(np.argmax(score))
    shown, end = pieces[at], at + 1
    while end < len(pieces) and len(shown) + len(pieces[end]) < EXCERPT:
        shown, end = f"{shown} {pieces[end]}", end + 1
    if len(shown) > EXCERPT:
        shown, end = shown[: shown.rfind(" ", EXCERPT // 2, EXCERPT)].rstrip(), 0
    return f"{'… ' if at else ''}{shown}{'' if end == len(pieces) and whole else ' …'}"
