"""Meaning and words of dossiers against works, on one scale, pooled per expert: the arithmetic below affinity.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reviewers.fit import MEASURES, Fit
from reviewers.scale import Pair
from reviewers.sides import LANGUAGES, Side
from reviewers.terms import Bags
from reviewers.words import Matcher, queries, saturated

TOP: Mapping[str, int] = {"meaning": 3, "words": 2}  # the nearest works that count; README has what others measured
FEW_WORKS = 200  # a pool of so many works can tell half of what is rare: words have half their weight
_FADE_YEARS = 20
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Recipe:
    """What an ablation may leave out or change; the defaults are the product's only configuration."""

    meaning: float = 1.0
    words: float = 2.0  # across experts rare words tell more; between 1 and 4 both figures are flat
    together: float = 2.0  # words of all works of an expert; of this weight the share of further works counts (fit.py)
    hub_power: float = 0.5
    fade: float = 0.1  # how much less than a new one a work of twenty years counts
    own_level: bool = True  # a dossier's row stands where meaning puts it; False: where both measures do


def fade(year: int | None, latest: int | None, recipe: Recipe) -> float:
    """What remains of a work's excess over the average: 1 for this year's, 0.9 from twenty years on; unknown is the middle."""
    if year is None or latest is None:
        return 1 - recipe.fade / 2
    return 1 - recipe.fade * min(max(latest - year, 0), _FADE_YEARS) / _FADE_YEARS


@dataclass(frozen=True)
class Given:
    """What is compared: dossiers and works as vectors and as bags of terms, the years of the works, the experts' ids."""

    left: Side
    right: Side
    looked_for: Bags
    present: Bags
    years: Sequence[int | None]
    ids: tuple[str, ...]


class Likeness:
    """Both measures of some dossiers against all works under a fit."""

    def __init__(self, given: Given, fit: Fit, recipe: Recipe) -> None:
        self.left, self.right, self.fit, self.recipe = given.left, given.right, fit, recipe
        self.fading = np.array([fade(year, fit.year, recipe) for year in given.years], dtype=np.float32)
        known = fit.rare.works / (fit.rare.works + FEW_WORKS)
        between = recipe.together * known * fit.further
        self.weights = {"meaning": recipe.meaning, "words": recipe.words * known, "together": between}
        self.n_experts = len(given.ids)
        self.begin = np.searchsorted(self.right.owner, np.arange(self.n_experts + 1))
        self.has_works = np.diff(self.begin) > 0
        self.matcher = Matcher(queries(given.looked_for, fit.rare), saturated(given.present, fit.rare))
        languages = [own for own in LANGUAGES if (self.right.language == own).any()]
        self.between = {own: self._between(own) for own in languages}
        self.hubs = {name: np.maximum(fit.hubs(name, given.ids), 1e-3) ** recipe.hub_power for name in MEASURES}
        self.text_begin = np.searchsorted(self.left.owner, np.arange(len(given.looked_for) + 1))
        self.language = np.array([*self.left.language, "en"], dtype="U2")[self.text_begin[:-1]]

    def _between(self, language: str) -> Matcher:
        """What each expert's works in one language have between them."""
        kept = self.fading * (self.right.language == language)
        return self.matcher.together(self.right.owner, self.n_experts, np.asarray(kept, dtype=np.float32))

    def has(self, row: int) -> bool:
        """Whether the dossier has any text."""
        return bool(self.text_begin[row] < self.text_begin[row + 1])

    def similarities(self, rows: range) -> dict[str, Floats]:
        """Both measures on their scales, (dossiers with text, works)."""
        first, last = self.text_begin[rows.start], self.text_begin[rows.stop]
        by_text = meanings(self.left, np.arange(first, last), self.right, slice(None), self.fit)
        which = np.array([row for row in rows if self.has(row)], dtype=np.intp)
        starts = self.text_begin[which] - first
        meaning = np.maximum.reduceat(by_text, starts, axis=0) if len(starts) < len(by_text) else by_text
        words = self.matcher.rows(which)
        return {"meaning": meaning, "words": self._one_scale(words, meaning, self.language[which], self.right.language)}

    def _one_scale(self, words: Floats, meaning: Floats, left: npt.NDArray[np.str_], right: npt.NDArray[np.str_]) -> Floats:
        """Words within Korean stand where their quantile stands in English; across languages meaning speaks for them."""
        said, meant = self.fit.levels["words"], self.fit.levels["meaning"]
        for pair in pairs(left, right):
            if pair == self.fit.word_scale.leader:
                continue
            place = np.ix_(left == pair[0], right == pair[1])
            if pair[0] == pair[1]:
                words[place] = self.fit.word_scale.apply(pair, words[place])
            else:
                words[place] = said.mean + (meaning[place] - meant.mean) * (said.width / max(meant.width, 1e-9))
        return words

    def gains(self, similarity: Mapping[str, Floats], works: slice | None = None) -> dict[str, Floats]:
        """What each work is above the average, less what its age takes; in place of the similarities."""
        fading = self.fading[works] if works else self.fading
        return {
            name: np.maximum(value - np.float32(self.fit.levels[name].mean), 0) * fading[None, :]
            for name, value in similarity.items()
        }

    def pooled(self, rows: range) -> dict[str, Floats]:
        """Each measure per expert before any correction, (dossiers with text, experts)."""
        gains, out = self.gains(self.similarities(rows)), {}
        for name, gain in gains.items():
            mean = top_sums(gain, self.begin, TOP[name]) / TOP[name]
            out[name] = np.asarray(mean + self.fit.levels[name].mean, dtype=np.float32)
        which = np.array([row for row in rows if self.has(row)], dtype=np.intp)
        return {**out, "together": self._together(which, gains["meaning"])}

    def _together(self, which: npt.NDArray[np.intp], meaning: Floats) -> Floats:
        """Words of the works in the dossier's language; works in another stand in by meaning, where that is more."""
        spoken = self.language[which]
        out = np.zeros((len(which), self.n_experts), dtype=np.float32)
        for own in np.unique(spoken).tolist():
            at = spoken == own
            if own in self.between:
                out[at] = self._said(own, self.between[own].rows(which[at]))
            if len(self.between) > 1 or own not in self.between:
                foreign = (self.right.language != own).astype(np.float32)
                out[at] = np.maximum(out[at], self._stand_in(top_sums(meaning[at] * foreign, self.begin, TOP["meaning"])))
        return out

    def _said(self, language: str, raw: Floats) -> Floats:
        """On the common scale; who has none of the words stays at 0."""
        mapped = self.fit.together_scale.apply((language, language), raw)
        return np.asarray(np.where(raw > 0, mapped, 0), dtype=np.float32)

    def _stand_in(self, excess: Floats) -> Floats:
        """Where nearness in meaning stands among experts, so far stands what their works would have in words."""
        said, meant = self.fit.levels["together"], self.fit.levels["pooled"]
        far = (excess / TOP["meaning"] - meant.mean) * (said.width / max(meant.width, 1e-9))
        return np.asarray(np.where(excess > 0, said.mean + far, 0), dtype=np.float32)

    def totals(self, rows: range) -> tuple[Floats, Floats]:
        """The sum of all measures, and meaning alone as it is, (dossiers with text, experts)."""
        pooled = self.pooled(rows)
        total = np.zeros_like(pooled["meaning"])
        for name, value in pooled.items():
            total += value * (self.weights[name] / self.fit.spread[name] / self.hubs[name]).astype(np.float32)
        if self.recipe.own_level:
            return total, pooled["meaning"]
        return total, np.asarray(total / 100, dtype=np.float32)  # in the same order, inside [0, 1]

    def pair(self, row: int, column: int) -> tuple[Floats, Floats]:
        """What each work of one expert adds to the sum by meaning and by words (2, works), and its likeness in meaning, 0 to 1."""
        works = slice(int(self.begin[column]), int(self.begin[column + 1]))
        texts = np.arange(self.text_begin[row], self.text_begin[row + 1])
        meaning = meanings(self.left, texts, self.right, works, self.fit).max(axis=0, keepdims=True)
        words = self.matcher.pair(row, works)[None, :]
        words = self._one_scale(words, meaning, self.language[row : row + 1], self.right.language[works])
        out = np.zeros((2, meaning.shape[1]), dtype=np.float32)
        gains = self.gains({"meaning": meaning, "words": words}, works)
        for place, (name, gain) in enumerate(gains.items()):
            best = np.argsort(-gain[0], kind="stable")[: TOP[name]]
            weight = self.weights[name] / (self.hubs[name][column] * self.fit.spread[name] * TOP[name])
            out[place, best] = gain[0, best] * weight
        weight = self.weights["together"] / (self.hubs["together"][column] * self.fit.spread["together"])
        out[1] += self._parts(row, works, gains["meaning"][0]) * np.float32(weight)
        return out, meaning[0]

    def _parts(self, row: int, works: slice, meaning: Floats) -> Floats:
        """What works have together, by work: each has the terms of which it has most."""
        own = str(self.language[row])
        spoken = self.right.language[works] == own
        added = self.matcher.best(row, works, self.fading[works] * spoken)
        said = self._said(own, added.sum(keepdims=True))[0]
        foreign = np.where(spoken, 0, meaning).astype(np.float32)
        foreign[np.argsort(-foreign, kind="stable")[TOP["meaning"] :]] = 0
        instead = self._stand_in(foreign.sum(keepdims=True))[0]
        parts = added if said >= instead else foreign
        return np.asarray(parts * (float(max(said, instead)) / max(float(parts.sum()), 1e-12)), dtype=np.float32)

    def nearest(self, row: int, column: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
        """For each work of one expert: which text of the dossier is nearest in meaning, and whether words can speak of it."""
        works = slice(int(self.begin[column]), int(self.begin[column + 1]))
        texts = np.arange(self.text_begin[row], self.text_begin[row + 1])
        spoken = np.asarray(self.right.language[works] == self.language[row], dtype=np.bool_)
        return meanings(self.left, texts, self.right, works, self.fit).argmax(axis=0), spoken


def meanings(left: Side, rows: npt.NDArray[np.intp], right: Side, columns: slice, fit: Fit) -> Floats:
    """Likeness in meaning on the common scale, (rows, columns)."""
    row_language, column_language = left.language[rows], right.language[columns]
    out = np.zeros((len(rows), len(column_language)), dtype=np.float32)
    for pair in pairs(row_language, column_language):
        a, b = row_language == pair[0], column_language == pair[1]
        model = model_of(pair)
        raw = left.vectors[model][rows[a]] @ right.vectors[model][columns].T
        if b.all():
            out[a] = fit.scale.apply(pair, raw)
        else:
            out[np.ix_(a, b)] = fit.scale.apply(pair, raw[:, b])
    return out


def pairs(left: npt.NDArray[np.str_], right: npt.NDArray[np.str_]) -> Iterator[Pair]:
    """The pairs of languages that occur."""
    for a in LANGUAGES:
        for b in LANGUAGES:
            if (left == a).any() and (right == b).any():
                yield a, b


def model_of(pair: Pair) -> str:
    """Which encoder compares two languages."""
    return "english" if pair == ("en", "en") else "multilingual"


def top_sums(gain: Floats, begin: npt.NDArray[np.intp], top: int) -> Floats:
    """Sum of the `top` highest of each expert's works, (rows, experts); `begin` says where each expert's works begin.

    Works are met one after the other and the highest so far kept: no sorting, and memory of the result's size.
    """
    out = np.zeros((gain.shape[0], len(begin) - 1), dtype=np.float32)
    count = np.diff(begin)
    for n in np.unique(count[count > 0]).tolist():
        who = np.flatnonzero(count == n)
        first = begin[who]
        highest = [gain[:, first]]
        for i in range(1, n):
            value = gain[:, first + i]
            for place, kept in enumerate(highest):
                highest[place], value = np.maximum(kept, value), np.minimum(kept, value)
            if len(highest) < top:
                highest.append(value)
        out[:, who] = sum(highest[1:], start=highest[0])
    return out
