"""A fit learnt from dossiers and pool: scales, rarity, levels, hubness, spread. The same input gives the same fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from reviewers.carrying import bags_of, texts_of
from reviewers.fit import MEASURES, Fit, Level
from reviewers.likeness import TOP, Given, Likeness, Recipe, model_of, pairs, top_sums
from reviewers.scale import Pair, Scale, fit_scale
from reviewers.sides import Side
from reviewers.words import rarity

HUB_TEXTS, HUB_NEAREST = 256, 10  # hubness of an expert: the ten nearest of so many texts of others
_ENOUGH = 40  # with fewer texts than this nothing is said about hubness
_SAMPLE = 1500  # texts a side from which a scale of similarities is drawn
_ROWS = 64  # dossiers from which levels and spreads are drawn
Floats = npt.NDArray[np.float32]


def learn(given: Given, recipe: Recipe) -> Fit:
    """All that a pool teaches. Each step is measured under what the steps before it found."""
    scale = fit_scale({pair: _sample(given.left, given.right, pair) for pair in pairs(given.left.language, given.right.language)})
    plain = dict.fromkeys((*MEASURES, "pooled"), Level(0.0, 1.0))
    owners = given.right.owner
    further = 1 - len(np.unique(owners)) / max(len(owners), 1)
    latest = max((year for year in given.years if year), default=None)
    nothing: dict[str, dict[str, float]] = {name: {} for name in MEASURES}
    blank = fit_scale({})
    fit = Fit(scale, rarity(given.present), blank, blank, plain, dict.fromkeys(MEASURES, 1.0), nothing, latest, further)
    rows = _evenly(len(given.looked_for), _ROWS)
    if not len(rows) or not len(given.left.owner) or not len(given.right.owner):
        return fit
    some = replace(given, left=texts_of(given.left, rows), looked_for=bags_of(given.looked_for, rows))
    likeness = Likeness(some, fit, recipe)
    fit = replace(fit, word_scale=_word_scale(likeness, len(rows)))
    fit = replace(fit, levels=plain | _levels(Likeness(some, fit, recipe), len(rows)))
    likeness = Likeness(some, fit, recipe)
    fit = replace(fit, together_scale=fit_scale({pair: said.ravel() for pair, said in _said_together(likeness, len(rows))}))
    fit = replace(fit, levels={**fit.levels, **_levels_of_experts(Likeness(some, fit, recipe), len(rows))})
    fit = replace(fit, hubness=_hubness(given, fit, recipe))
    likeness = Likeness(some, fit, recipe)
    pooled = likeness.pooled(range(len(rows)))
    who = likeness.has_works
    spread = {name: max(float((value / likeness.hubs[name])[:, who].std()), 1e-6) for name, value in pooled.items()}
    return replace(fit, spread=spread)


def _evenly(n: int, most: int) -> npt.NDArray[np.intp]:
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.intp)) if n else np.zeros(0, dtype=np.intp)


def _sample(left: Side, right: Side, pair: Pair) -> Floats:
    """Raw similarities of evenly spaced texts of two languages."""
    model = model_of(pair)
    rows, columns = (np.flatnonzero(side.language == language) for side, language in zip((left, right), pair, strict=True))
    rows, columns = rows[:: len(rows) // _SAMPLE + 1], columns[:: len(columns) // _SAMPLE + 1]
    return np.asarray((left.vectors[model][rows] @ right.vectors[model][columns].T).ravel(), dtype=np.float32)


def _word_scale(likeness: Likeness, n: int) -> Scale:
    rows = np.array([row for row in range(n) if likeness.has(row)], dtype=np.intp)
    said, left, right = likeness.matcher.rows(rows), likeness.language[rows], likeness.right.language
    same = [pair for pair in pairs(left, right) if pair[0] == pair[1]]
    return fit_scale({pair: said[np.ix_(left == pair[0], right == pair[1])].ravel() for pair in same})


def _levels(likeness: Likeness, n: int) -> dict[str, Level]:
    """Mean and width over pairs of a dossier and a work; of words only where both have one language."""
    rows = [row for row in range(n) if likeness.has(row)]
    similarity = likeness.similarities(range(n))
    same = likeness.language[rows][:, None] == likeness.right.language[None, :]
    words = similarity["words"][same] if same.any() else np.zeros(1, dtype=np.float32)
    meaning = similarity["meaning"]
    return {
        "meaning": Level(float(meaning.mean()), float(meaning.std())),
        "words": Level(float(words.mean()), float(words.std())),
    }


def _said_together(likeness: Likeness, n: int) -> Iterator[tuple[Pair, Floats]]:
    """What works have together, before any scale: by language, for the experts with works in it."""
    for own, matcher in likeness.between.items():
        rows = np.array([row for row in range(n) if likeness.has(row) and likeness.language[row] == own], dtype=np.intp)
        if len(rows):
            who = np.unique(likeness.right.owner[likeness.right.language == own])
            yield (own, own), matcher.rows(rows)[:, who]


def _levels_of_experts(likeness: Likeness, n: int) -> dict[str, Level]:
    """Mean and width over pairs of a dossier and an expert: of what works say together, and of how near they mean."""
    scale = likeness.fit.together_scale
    said = [scale.apply(pair, value).ravel() for pair, value in _said_together(likeness, n)]
    meaning = likeness.gains({"meaning": likeness.similarities(range(n))["meaning"]})["meaning"]
    near = (top_sums(meaning, likeness.begin, TOP["meaning"]) / TOP["meaning"])[:, likeness.has_works]
    every = np.concatenate([*said]) if said else np.zeros(1, dtype=np.float32)
    return {
        "together": Level(float(every.mean()), float(every.std())),
        "pooled": Level(float(near.mean()), float(near.std())),
    }


def _hubness(given: Given, fit: Fit, recipe: Recipe) -> dict[str, dict[str, float]]:
    """How near each expert is to the nearest of many texts of others, by measure; {} where there are too few texts.

    The texts are works of the pool. English works meet Korean ones only in a model that an English call never opens: then the
    dossiers stand in for them.
    """
    spoken = set(given.left.language.tolist())
    usable = spoken if len(spoken) == 2 or spoken == {"ko"} or "ko" not in given.right.language else set[str]()
    works = np.flatnonzero(np.isin(given.right.language, sorted(usable)))
    if len(works) >= _ENOUGH:
        chosen = works[_evenly(len(works), HUB_TEXTS)]
        side, owner = given.right, given.right.owner[chosen]
        bags = bags_of(given.present, chosen)
        texts = Side(np.arange(len(chosen)), side.language[chosen], {name: rows[chosen] for name, rows in side.vectors.items()})
    elif len(given.looked_for) >= _ENOUGH:
        chosen = _evenly(len(given.looked_for), HUB_TEXTS)
        texts, bags, owner = texts_of(given.left, chosen), bags_of(given.looked_for, chosen), None
    else:
        return {name: {} for name in MEASURES}
    likeness = Likeness(replace(given, left=texts, looked_for=bags), fit, recipe)
    parts = [likeness.pooled(range(start, min(start + _ROWS, len(chosen)))) for start in range(0, len(chosen), _ROWS)]
    out = {}
    for name in MEASURES:
        near = np.concatenate([part[name] for part in parts])
        if owner is not None:
            near[np.arange(len(owner)), owner] = 0  # an expert's own work says nothing
        nearest = np.partition(near, -HUB_NEAREST, axis=0)[-HUB_NEAREST:].mean(axis=0, dtype=np.float64)
        out[name] = {own: float(value) for own, value, has in zip(given.ids, nearest, likeness.has_works, strict=True) if has}
    return out
