"""Similarities of different kinds on one scale: a value stands where its quantile stands in the kind that leads."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Pair = tuple[str, str]  # languages of dossier and work
Floats = npt.NDArray[np.float32]

# Panels are made of the most similar works, so the upper tail is drawn finer than the rest.
LEVELS = np.unique(np.concatenate([np.linspace(0, 0.98, 50), 1 - np.logspace(np.log10(0.02), -5, 60), [1.0]]))
_LEADERS: tuple[Pair, ...] = (("en", "en"), ("ko", "ko"), ("ko", "en"), ("en", "ko"))


@dataclass(frozen=True)
class Scale:
    """Quantiles by pair of languages, float32 of shape (len(LEVELS),), and the pair whose own values are the scale."""

    leader: Pair
    quantiles: Mapping[Pair, Floats]

    def apply(self, pair: Pair, raw: Floats) -> Floats:
        """Raw similarities on the common scale, clipped to [0, 1].

        The leader, and a pair that was never fitted, keep their values.

        >>> scale = fit_scale({("en", "en"): np.float32([0, .5, 1]), ("ko", "en"): np.float32([0, .1, .2])})
        >>> scale.apply(("ko", "en"), np.float32([.1])).round(3)
        array([0.5], dtype=float32)
        """
        if pair == self.leader or pair not in self.quantiles:
            return np.clip(raw, 0, 1)
        mapped = np.interp(raw, *_steps(self.quantiles[pair], self.quantiles[self.leader]))
        return np.clip(mapped, 0, 1).astype(np.float32)

    @property
    def digest(self) -> str:
        """SHA-256 over leader and quantiles: two equal scales have equal digests."""
        total = hashlib.sha256("-".join(self.leader).encode())
        for pair in sorted(self.quantiles):
            total.update("-".join(pair).encode() + self.quantiles[pair].astype("<f4").tobytes())
        return total.hexdigest()


def _steps(own: Floats, leading: Floats) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Quantiles that are one value but for rounding become one step: otherwise noise of 1e-7 would move a value far."""
    values, place = np.unique(own.astype(np.float64).round(5), return_inverse=True)
    return values, np.bincount(place, leading.astype(np.float64)) / np.bincount(place)


def fit_scale(samples: Mapping[Pair, Floats]) -> Scale:
    """A scale from raw similarities by pair of languages.

    English against English leads where it occurs, so an English pool keeps its cosines; otherwise Korean leads.
    """
    leader = next((pair for pair in _LEADERS if pair in samples), _LEADERS[0])
    return Scale(leader, {pair: np.quantile(raw, LEVELS).astype(np.float32) for pair, raw in samples.items()})
