"""What each part of the affinity is worth: the same two measures with a part left out or changed.

`python -m reviewers.evaluation ablation FOLDER` runs it, where FOLDER holds `goldstandard/dev`, `sbir` and, if
wanted, `korean/topics.json`; `--svg FILE` draws it (frontier.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reviewers.likeness import Recipe

RECIPES: Mapping[str, Recipe] = {
    "default": Recipe(),
    "meaning alone, as it is": Recipe(words=0.0, together=0.0, hub_power=0.0),
    "meaning alone": Recipe(words=0.0, together=0.0),
    "words alone, their own level": Recipe(meaning=0.0, own_level=False),
    "words alone": Recipe(meaning=0.0),
    "all, their own level": Recipe(own_level=False),
    "words of single works alone": Recipe(together=0.0),
    "words of all works alone": Recipe(words=0.0),
    "weights 1, 1, 1": Recipe(words=1.0, together=1.0),
    "weights 1, 1, 2": Recipe(words=1.0),
    "weights 1, 2, 1": Recipe(together=1.0),
    "weights 1, 2, 4": Recipe(together=4.0),
    "weights 1, 4, 4": Recipe(words=4.0, together=4.0),
    "no correction for hubness": Recipe(hub_power=0.0),
    "full correction for hubness": Recipe(hub_power=1.0),
    "no fading": Recipe(fade=0.0),
    "fading by a fifth": Recipe(fade=0.2),
}
SHOWN = ("loss", "easy_error", "hard_error", "mrr", "recall_at_20", "across_top_1", "between_top_1")


def table(
    measures: Callable[[Recipe], Mapping[str, float]], tell: Callable[[int, int], None] | None = None
) -> dict[str, dict[str, float]]:
    """One row of figures for each recipe; `measures` gives all figures of one."""
    rows = {}
    for n, (name, recipe) in enumerate(RECIPES.items(), 1):
        found = measures(recipe)
        rows[name] = {figure: round(found[figure], 4) for figure in SHOWN if figure in found}
        if tell is not None:
            tell(n, len(RECIPES))
    return rows
