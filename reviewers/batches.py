"""A panel of several dossiers: whom a conflict bars from it, who steps out of one dossier only, and who knows each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from reviewers.records import EVERY, Conflict, PanelSpec

DOSSIER = "dossier"  # the attribute of a quota on those who know a dossier of the panel
OUT_OF = "out_of"  # the same for those who step out of it


class Bars:
    """Hard conflicts by dossier: the experts concerned, with their grounds."""

    def __init__(self, conflicts: Iterable[Conflict]) -> None:
        self.by_dossier: dict[str, dict[str, set[str]]] = {}
        for conflict in conflicts:
            if conflict.hard:
                self.by_dossier.setdefault(conflict.dossier_id, {}).setdefault(conflict.expert_id, set()).add(conflict.ground)

    def of(self, dossier_id: str) -> Mapping[str, set[str]]:
        return self.by_dossier.get(dossier_id, {})

    def steps_out(self, spec: PanelSpec, expert_id: str) -> tuple[str, ...] | None:
        """The dossiers that this expert would not judge in the panel; None where a conflict bars from the panel.

        >>> bars = Bars([Conflict("a", "d1", "co_work", True), Conflict("b", "d1", "kin", True)])
        >>> spec = PanelSpec("p", ("d1", "d2"), 2, may_step_out=frozenset({"co_work"}), step_out_most=1)
        >>> [bars.steps_out(spec, expert_id) for expert_id in "abc"]
        [('d1',), None, ()]
        """
        found = {own: grounds for own in spec.dossier_ids if (grounds := self.of(own).get(expert_id))}
        mild = spec.step_out_most > 0 and all(grounds <= spec.may_step_out for grounds in found.values())
        if expert_id in self.of(EVERY) or (found and (not mild or len(found) == len(spec.dossier_ids))):
            return None
        return tuple(found)


@dataclass(frozen=True)
class Standing:
    """How experts stand to one panel of D dossiers: score and allowed (E,); out and knows (D, E)."""

    score: npt.NDArray[np.float32] = field(repr=False)
    allowed: npt.NDArray[np.bool_] = field(repr=False)
    out: npt.NDArray[np.bool_] = field(repr=False)
    knows: npt.NDArray[np.bool_] = field(repr=False)


def standing(spec: PanelSpec, affinity: npt.NDArray[np.float32], bars: Bars, column: Mapping[str, int]) -> Standing:
    """`affinity` (D, E) of the panel's dossiers, `column` where each expert stands in it; conflicts with the whole call aside.

    Whoever steps out of a dossier is worth nothing to it, and less to the panel.

    >>> bars = Bars([Conflict("a", "d1", "co_work", True)])
    >>> spec = PanelSpec("p", ("d1", "d2"), 2, may_step_out=frozenset({"co_work"}), step_out_most=1)
    >>> found = standing(spec, np.float32([[0.8, 0.5], [0.5, 0.5]]), bars, {"a": 0, "b": 1})
    >>> found.allowed.tolist(), found.out.tolist(), found.score.tolist()
    ([True, True], [[True, False], [False, False]], [0.25, 0.5])
    """
    allowed = np.ones(affinity.shape[1], dtype=bool)
    out = np.zeros(affinity.shape, dtype=bool)
    for expert_id in {who for own in spec.dossier_ids for who in bars.of(own)}:
        if (place := column.get(expert_id)) is None:
            continue
        dossiers = bars.steps_out(spec, expert_id)
        allowed[place] = dossiers is not None
        for dossier_id in dossiers or ():
            out[spec.dossier_ids.index(dossier_id), place] = True
    score = np.where(out, np.float32(0), affinity).mean(axis=0)
    return Standing(score, allowed, out, (affinity >= spec.known_from) & ~out)
