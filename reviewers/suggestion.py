"""Which sub-fields a text speaks of: scores in [0, 1] that mean the same in both languages, and what speaks for each.

A text is compared with the paragraph and the examples of each sub-field in the text's own language: by meaning (English
through MiniLM, Korean through e5, to every sentence and example, the nearer ones counting more) and by words (groups of
letters, so that Korean endings and English plurals do not part them). Part of what the mere mention of public users would
score is taken off: a sensor for fire stations is a sensor. A long text is read passage by passage.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from reviewers.embeddings import Encoder, Progress, Vectors, embed
from reviewers.fields import SubField, public_users
from reviewers.records import Work, WorkShare
from reviewers.sides import LANGUAGES, Encoders, language_means
from reviewers.text import language_of, normalise, work_text
from reviewers.vector_cache import VectorCache

Floats = npt.NDArray[np.float64]

VERSION = 3  # part of the digest: a higher one when the method changes
# How they were chosen: README.md, "Sub-fields".
WORDS_WEIGHT = {"en": 0.3, "ko": 0.4}
USERS_WEIGHT = 0.4  # of a sub-field's mean score over the sentences that name public users
NEARNESS = 15.0  # how much more the nearest sentences and examples count: 0 is their mean, without end the nearest alone
GRAMS = {"en": (3, 5), "ko": (2, 3)}  # shortest and longest group of letters
SHARPNESS = 1.8  # where a first score of .67 is right for two in three of 720 texts by other hands, in either language
PASSAGE_LETTERS = {"en": 1000, "ko": 330}  # about 256 tokens, where the encoders stop reading
REASONS, REASON_WORDS = 2, 5
SENTENCES = 24  # of a text in which reasons are looked for: a dossier says at its beginning what it is about
COVERED, TOO_COMMON = (
    0.75,
    6,
)  # a word is used by a description that holds this share of its groups; by more than six it tells nothing

_SENTENCE = re.compile(r"(?<=[.!?。])\s+")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence of the text, the sentence of the description it is nearest to (both as written), and the cosine of the two.

    `words` are words of that sentence that the description or its examples use too, those that tell most first.
    """

    passage: str
    part: str
    similarity: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggested:
    """One sub-field of a text, or of an expert's works, with its score in [0, 1]; all scores of one owner sum to 1.

    A text gives `reasons`, works give the `works` that speak for the sub-field: `share` is a work's part in the score,
    `similarity` the sub-field's score by that work alone.
    """

    code: str
    score: float
    reasons: tuple[Reason, ...] = ()
    works: tuple[WorkShare, ...] = ()


@dataclass(frozen=True)
class Reader:
    """Reads texts against the descriptions of sub-fields; holds the descriptions' vectors once it has read a language.

    Raises UnknownField nowhere: it knows the `fields` it was given. Errors of the encoders (ModelMissing, ModelAltered,
    BadLayout) pass through. Source of the mixture: late fusion of lexical and dense scores, each standardised within
    the text (Lee 1997, doi:10.1145/258525.258587, for the sum of normalised scores).

    Examples
    --------
    >>> from reviewers.fields import all_fields
    >>> from reviewers.lexical import LexicalEncoder
    >>> class Words:  # the packaged models understand more: reviewers.models.PackagedEncoders
    ...     english = multilingual = LexicalEncoder()
    >>> reader = Reader(tuple(all_fields().values()), Words())
    >>> scores = reader.scores([["A lithium-ion battery pack with thermal management"], ["양식장의 어류에 사료를 주는 급이 장치"]])
    >>> scores.shape, [reader.fields[i].code for i in scores.argmax(axis=1)]
    ((2, 24), ['F15', 'F24'])
    >>> best = reader.suggest([["A lithium-ion battery pack with thermal management"]])[0][0]
    >>> best.code, best.reasons[0].words[:2]
    ('F15', ('battery', 'lithium'))
    """

    fields: tuple[SubField, ...]
    encoders: Encoders = field(repr=False)
    cache: VectorCache | None = field(default=None, repr=False)

    def scores(self, owners: Sequence[Sequence[str]], progress: Progress | None = None) -> npt.NDArray[np.float32]:
        """For each owner of texts (a dossier, a work) the share of each sub-field: float32 of shape (owners, fields).

        A row sums to 1; it is 0 for an owner without letters. An owner's passages count by their length.
        """
        pieces = [(n, piece) for n, texts in enumerate(owners) for text in texts for piece in _pieces(text)]
        total, weight = np.zeros((len(owners), len(self.fields))), np.zeros((len(owners), 1))
        done = 0
        for language in LANGUAGES:
            mine = [(n, piece) for n, piece in pieces if language_of(piece) == language]
            if not mine:
                continue
            shares = self._side(language).shares([piece for _, piece in mine])
            for (n, piece), row in zip(mine, shares, strict=True):
                total[n] += row * len(piece)
                weight[n] += len(piece)
            done += len(mine)
            if progress is not None:
                progress(done, len(pieces))
        return np.asarray(np.divide(total, weight, out=total, where=weight > 0), dtype=np.float32)

    def suggest(self, owners: Sequence[Sequence[str]], most: int = 3) -> list[tuple[Suggested, ...]]:
        """For each owner its `most` best sub-fields with reasons, best first; () for an owner without letters."""
        scores = self.scores(owners)
        out = []
        for texts, row in zip(owners, scores, strict=True):
            best = [int(i) for i in np.argsort(-row, kind="stable")[:most]] if row.any() else []
            why = self._reasons(texts, best)
            out.append(tuple(Suggested(self.fields[i].code, float(row[i]), why[n]) for n, i in enumerate(best)))
        return out

    def suggest_from_works(
        self, experts: Sequence[Sequence[Work]], most: int = 3, progress: Progress | None = None
    ) -> list[tuple[Suggested, ...]]:
        """For each expert's works the `most` best sub-fields, best first: the mean over the works, each counting once.

        Works without letters do not count; () for an expert who has no other.
        """
        made = [(n, work) for n, works in enumerate(experts) for work in works]
        by_work = self.scores([[work_text(work)] for _, work in made], progress)
        out = []
        for n in range(len(experts)):
            own = [place for place, (whose, _) in enumerate(made) if whose == n and by_work[place].any()]
            mean = by_work[own].mean(axis=0) if own else np.zeros(len(self.fields))
            best = [int(i) for i in np.argsort(-mean, kind="stable")[:most]] if own else []
            out.append(tuple(Suggested(self.fields[i].code, float(mean[i]), works=_shares(made, own, by_work[:, i])) for i in best))
        return out

    @property
    def digest(self) -> str:
        """SHA-256 over method, descriptions and models: equal digests give equal scores for equal texts."""
        parts = [str(VERSION), self.encoders.english.digest, self.encoders.multilingual.digest]
        parts += [text for f in self.fields for text in (f.code, f.ko, f.en, f.description_ko, f.description_en)]
        parts += [text for f in self.fields for pair in f.examples for text in pair]
        parts += [text for language in LANGUAGES for text in public_users(language)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _side(self, language: str) -> Described:
        return self._sides.setdefault(language, Described(language, self.fields, self.encoders, self.cache))

    @cached_property
    def _sides(self) -> dict[str, Described]:
        return {}

    def _reasons(self, texts: Sequence[str], fields: Sequence[int]) -> list[tuple[Reason, ...]]:
        """By field, the pairs of sentences that lie nearest, each sentence of the text once."""
        found: list[list[Reason]] = [[] for _ in fields]
        for language in LANGUAGES:
            sentences = [s for text in texts for s in _sentences(normalise(text)) if language_of(s) == language]
            sentences = sentences[:SENTENCES]
            if not sentences or not fields:
                continue
            side = self._side(language)
            near = side.embedded(sentences) @ side.vectors.T
            for n, i in enumerate(fields):
                own = side.sentences_of[i]
                part = near[:, own].argmax(axis=1)
                for s in np.argsort(-near[:, own].max(axis=1), kind="stable")[:REASONS]:
                    at = own[part[s]]
                    words = side.words.shared(sentences[s], i)
                    found[n].append(Reason(sentences[s], side.sentences[at], round(float(near[s, at]), 4), words))
        return [tuple(sorted(why, key=lambda reason: -reason.similarity)[:REASONS]) for why in found]


class Described:
    """What is said of the sub-fields in one language: sentences and examples with their sub-field, vectors, and words."""

    def __init__(self, language: str, fields: Sequence[SubField], encoders: Encoders, cache: VectorCache | None) -> None:
        self.language, self.cache = language, cache
        self.encoder: Encoder = encoders.english if language == "en" else encoders.multilingual
        self.mean = None if language == "en" else language_means(self.encoder, cache)[language]
        said = [(getattr(f, language), *_sentences(f.described(language)), *f.examples_in(language)) for f in fields]
        held = [(i, s) for i, own in enumerate(said) for s in own]
        owner = np.array([i for i, _ in held], dtype=np.intp)
        self.sentences = tuple(s for _, s in held)
        self.vectors = self.embedded(self.sentences)
        self.places = [np.flatnonzero(owner == i) for i in range(len(fields))]
        self.sentences_of = [own[: len(own) - len(f.examples)] for f, own in zip(fields, self.places, strict=True)]
        self.words = Words([" ".join(own) for own in said], GRAMS[language])

    def embedded(self, texts: Sequence[str]) -> Vectors:
        vectors = embed(texts, self.encoder, self.cache)
        return vectors if self.mean is None else _unit(vectors - self.mean)

    def shares(self, texts: Sequence[str]) -> Floats:
        """Shares of the sub-fields by text, float64 of shape (len(texts), fields), rows summing to 1."""
        return _softmax(SHARPNESS * self.mixed(texts))

    def mixed(self, texts: Sequence[str], words: float | None = None, users: float = USERS_WEIGHT) -> Floats:
        """How far each sub-field stands above the others for each text, beyond what naming public users gives it.

        In standard deviations of the text's own row.
        """
        words = WORDS_WEIGHT[self.language] if words is None else words
        meaning, wording = self.standings(texts)
        by_users, by_their_words = self._by_users
        return np.asarray((1 - words) * (meaning - users * by_users) + words * (wording - users * by_their_words))

    def standings(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """By meaning and by words, each row in its own standard deviations."""
        return standard(self.meaning(self.embedded(texts))), standard(self.words.similarities(texts))

    @cached_property
    def _by_users(self) -> tuple[Floats, Floats]:
        meaning, wording = self.standings(public_users(self.language))
        return meaning.mean(axis=0), wording.mean(axis=0)

    def meaning(self, vectors: Vectors, nearness: float = NEARNESS) -> Floats:
        """Nearness to each sub-field: the mean over its sentences and examples of exp(nearness · cosine), in logarithms."""
        near = np.exp(nearness * (vectors @ self.vectors.T).astype(np.float64))
        return np.asarray(np.log(np.stack([near[:, own].mean(axis=1) for own in self.places], axis=1)))


class Words:
    """Sublinear TF-IDF over groups of letters within words, one document for each sub-field."""

    def __init__(self, documents: Sequence[str], grams: tuple[int, int]) -> None:
        self.grams = grams
        counts = [self._counts(document) for document in documents]
        self.place = {gram: n for n, gram in enumerate(dict.fromkeys(gram for count in counts for gram in count))}
        held = np.zeros((len(documents), len(self.place)))
        for row, count in zip(held, counts, strict=True):
            for gram, n in count.items():
                row[self.place[gram]] = 1 + math.log(n)
        self.idf = np.log((1 + len(documents)) / (1 + (held > 0).sum(axis=0))) + 1
        self.weights = _unit(held * self.idf)

    def similarities(self, texts: Sequence[str]) -> Floats:
        """Cosines of texts and documents, shape (len(texts), len(documents))."""
        return np.stack([self._similarity(self._counts(text)) for text in texts])

    def shared(self, text: str, document: int) -> tuple[str, ...]:
        """The words of a text that speak for one document rather than for the others, the strongest first."""
        told = {}
        for word in dict.fromkeys(_WORD.findall(text.casefold())):
            if len(word) < (2 if word[0] >= "가" else 3):
                continue
            covered = self._covered(word)
            if covered[document] >= COVERED and (covered >= COVERED).sum() <= TOO_COMMON:
                told[word] = float(self._similarity(self._counts(word))[document])
        return tuple(sorted(told, key=lambda word: -told[word])[:REASON_WORDS])

    def _covered(self, word: str) -> Floats:
        """By document, the share of a word's groups of letters that it holds: 1 where it uses the word."""
        grams = self._counts(word)
        known = [self.place[gram] for gram in grams if gram in self.place]
        return np.asarray((self.weights[:, known] > 0).sum(axis=1) / max(len(grams), 1), dtype=np.float64)

    def _similarity(self, counts: Mapping[str, int]) -> Floats:
        known = [(self.place[gram], n) for gram, n in counts.items() if gram in self.place]
        if not known:
            return np.zeros(len(self.weights))
        places = np.array([place for place, _ in known])
        values = (1 + np.log([n for _, n in known])) * self.idf[places]
        return np.asarray(self.weights[:, places] @ values / np.linalg.norm(values))

    def _counts(self, text: str) -> Counter[str]:
        least, most = self.grams
        padded = (f" {word} " for word in _WORD.findall(text.casefold()))
        return Counter(
            word[at : at + n] for word in padded for n in range(least, most + 1) for at in range(max(len(word) - n + 1, 0))
        )


def _shares(made: Sequence[tuple[int, Work]], own: Sequence[int], scores: npt.NDArray[np.float32]) -> tuple[WorkShare, ...]:
    """The works of one expert that speak most for one sub-field."""
    total = float(scores[own].sum()) or 1.0
    best = sorted(own, key=lambda place: -float(scores[place]))[:REASONS]
    return tuple(
        WorkShare(made[place][1].id, made[place][1].title, float(scores[place]) / total, float(scores[place])) for place in best
    )


def _sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE.split(text) if any(letter.isalpha() for letter in part)]


def _pieces(text: str) -> list[str]:
    """A text cut between sentences so that an encoder reads all of each piece."""
    text = normalise(text)
    most = PASSAGE_LETTERS[language_of(text)]
    pieces: list[str] = []
    for sentence in _sentences(text):
        if pieces and len(pieces[-1]) + 1 + len(sentence) <= most:
            pieces[-1] += " " + sentence
        else:
            pieces.append(sentence)
    return pieces


def _unit(rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
    lengths: npt.NDArray[Any] = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return np.asarray(rows / lengths)


def standard(rows: Floats) -> Floats:
    """Each row less its mean, in its own standard deviations."""
    return np.asarray((rows - rows.mean(axis=1, keepdims=True)) / np.maximum(rows.std(axis=1, keepdims=True), 1e-9))


def _softmax(rows: Floats) -> Floats:
    powers = np.exp(rows - rows.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
