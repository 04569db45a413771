"""The affinity of every pair of a run, kept beside the database: rows are dossiers, columns experts; mapped, not read whole."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Kept:
    """`value` is float32 (applications, experts) with the row ids of both axes."""

    applications: Mapping[int, int]
    experts: Sequence[int]
    value: npt.NDArray[np.float32] = field(repr=False)

    def of(self, applications: Collection[int]) -> dict[int, float]:
        """Mean affinity of every expert over these dossiers; {} when one of them was not part of the run."""
        if not applications or not all(own in self.applications for own in applications):
            return {}
        mean = self.value[[self.applications[own] for own in applications]].mean(axis=0, dtype=np.float64)
        return dict(zip(self.experts, mean.round(6).tolist(), strict=True))


def keep(
    folder: Path, run_id: str, value: npt.NDArray[np.float32], applications: Sequence[int], experts: Sequence[int]
) -> None:
    """Store the table of a run, whole or not at all; the same run again puts the same in its place."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    axes = json.dumps({"applications": list(applications), "experts": list(experts)}).encode()
    for name, write in ((f"{run_id}.npy", lambda out: np.save(out, value)), (f"{run_id}.json", lambda out: out.write(axes))):
        draft = folder / f".{secrets.token_hex(8)}.part"
        with draft.open("xb") as out:
            write(out)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(folder / name)


def find(folder: Path, run_id: str) -> Kept | None:
    """The table of a run, or None where none was kept."""
    try:
        axes = json.loads((folder / f"{run_id}.json").read_bytes())
        value = np.load(folder / f"{run_id}.npy", mmap_mode="r")
    except FileNotFoundError:
        return None
    return Kept({own: row for row, own in enumerate(axes["applications"])}, axes["experts"], value)
