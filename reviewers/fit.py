"""Everything that is learnt from a pool, in one named record: new works and dossiers are scored under it, nobody else moves.

A fit holds the scale of similarities, how rare words are, what an average work scores, how wide each measure spreads, and
how near each expert is to texts in general (hubness). Refitting is an explicit act; a run names the fit it used.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from reviewers.scale import Scale
from reviewers.words import Rarity

Floats = npt.NDArray[np.float32]
MEASURES = ("meaning", "words", "together")


@dataclass(frozen=True)
class Level:
    """Mean and standard deviation of one measure over pairs of a text and a work."""

    mean: float
    width: float


@dataclass(frozen=True)
class Fit:
    """`spread` is the width of each measure over pairs of a dossier and an expert, after the correction for hubness. `levels`
    are of pairs with a work, for "together" and "pooled" (meaning of an expert) of pairs with an expert. `further` is the share
    of works that are not the only or the first one of their expert: without such, works together say nothing of their own.
    """

    scale: Scale
    rare: Rarity = field(repr=False)
    word_scale: Scale = field(repr=False)
    together_scale: Scale = field(repr=False)
    levels: Mapping[str, Level]
    spread: Mapping[str, float]
    hubness: Mapping[str, Mapping[str, float]] = field(repr=False)
    year: int | None = None
    further: float = 0.0

    def hubs(self, measure: str, expert_ids: Sequence[str]) -> Floats:
        """How near these experts are to texts in general; one who came after the fit counts like the middle one."""
        known = self.hubness[measure]
        middle = float(np.median(list(known.values()))) if known else 1.0
        return np.array([known.get(own, middle) for own in expert_ids], dtype=np.float32)

    @property
    def digest(self) -> str:
        """SHA-256 over all that is in the fit."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def to_bytes(self) -> bytes:
        """The fit as a NumPy archive of plain numbers; equal fits give equal bytes."""
        head = {
            "leader": self.scale.leader,
            "word_leader": self.word_scale.leader,
            "together_leader": self.together_scale.leader,
            "levels": {name: [level.mean, level.width] for name, level in self.levels.items()},
            "spread": dict(self.spread),
            "works": self.rare.works,
            "length": self.rare.length,
            "year": self.year,
            "further": self.further,
            "experts": list(next(iter(self.hubness.values()), {})),
        }
        arrays = {
            "head": np.frombuffer(json.dumps(head, ensure_ascii=False, sort_keys=True).encode(), dtype=np.uint8),
            "term": self.rare.term.astype("<u4"),
            "holders": self.rare.holders.astype("<u4"),
        }
        for name in MEASURES:
            arrays[f"hub_{name}"] = np.array(list(self.hubness[name].values()), dtype="<f8")
        for kind, scale in (("scale", self.scale), ("words", self.word_scale), ("together", self.together_scale)):
            for pair in sorted(scale.quantiles):
                arrays[f"{kind}_{'-'.join(pair)}"] = scale.quantiles[pair].astype("<f4")
        out = io.BytesIO()
        np.savez_compressed(out, **arrays)  # type: ignore[arg-type]  # the stub takes the names for options
        return out.getvalue()


def from_bytes(stored: bytes) -> Fit | None:
    """The fit that `to_bytes` wrote; None for one that was learnt with fewer measures. No pickles are read."""
    with np.load(io.BytesIO(stored), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    head = json.loads(arrays["head"].tobytes())
    if "together_leader" not in head:
        return None

    def scale(kind: str, leader: Sequence[str]) -> Scale:
        found = {
            (name.split("_")[1].split("-")[0], name.split("-")[1]): values.astype(np.float32)
            for name, values in arrays.items()
            if name.startswith(f"{kind}_")
        }
        return Scale((leader[0], leader[1]), found)

    return Fit(
        scale("scale", head["leader"]),
        Rarity(head["works"], head["length"], arrays["term"].astype(np.int64), arrays["holders"].astype(np.int64)),
        scale("words", head["word_leader"]),
        scale("together", head["together_leader"]),
        {name: Level(*values) for name, values in head["levels"].items()},
        head["spread"],
        {name: dict(zip(head["experts"], arrays[f"hub_{name}"].tolist(), strict=True)) for name in MEASURES},
        head["year"],
        head["further"],
    )
