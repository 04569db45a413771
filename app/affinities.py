"""The affinity of every pair of a run, kept beside the database: rows are dossiers, columns experts; mapped, not read whole.

Beside it lie the fits (reviewers/fit.py) that runs were measured under, each named by its digest, and for each fit what the last
run measured under it, so that the next one measures only what is new (reviewers/carrying.py).
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from reviewers.carrying import Earlier


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


def keep(folder: Path, run_id: str, value: npt.NDArray[np.float32], applications: Sequence[int], experts: Sequence[int]) -> None:
    """Store the table of a run, whole or not at all; the same run again puts the same in its place."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    axes = json.dumps({"applications": list(applications), "experts": list(experts)}).encode()
    for name, write in ((f"{run_id}.npy", lambda out: np.save(out, value)), (f"{run_id}.json", lambda out: out.write(axes))):
        _place(folder, name, write)


def keep_fit(folder: Path, fit: bytes) -> str:
    """Store a fit under the digest that comes back."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256(fit).hexdigest()
    _place(folder, f"fit-{digest}.npz", lambda out: out.write(fit))
    return digest


def find_fit(folder: Path, digest: str) -> bytes | None:
    """The fit of that digest; None where it is not kept, or is not what its name says."""
    try:
        found = (folder / f"fit-{digest}.npz").read_bytes()
    except FileNotFoundError:
        return None
    return found if hashlib.sha256(found).hexdigest() == digest else None


def keep_earlier(folder: Path, fit: str, encoders: Mapping[str, str], earlier: Earlier) -> None:
    """Store what the next run under this fit and these encoders may take over; it replaces what an earlier run left."""
    axes = {"encoders": dict(encoders), "dossiers": dict(earlier.dossiers), "experts": dict(earlier.experts)}
    head = np.frombuffer(json.dumps(axes).encode(), dtype=np.uint8)
    _place(
        folder,
        f"last-{fit}.npz",
        lambda out: np.savez(out, head=head, value=earlier.value, standing=earlier.standing),
    )


def find_earlier(folder: Path, fit: str, encoders: Callable[[str], str]) -> Earlier | None:
    """What the last run under this fit left; None where nothing is kept or an encoder (`encoders` of its kind) is another now."""
    try:
        with np.load(folder / f"last-{fit}.npz", allow_pickle=False) as kept:
            head, value, standing = (kept[name] for name in ("head", "value", "standing"))
    except FileNotFoundError:
        return None
    axes = json.loads(head.tobytes())
    if any(encoders(kind) != digest for kind, digest in axes["encoders"].items()):
        return None
    return Earlier(axes["dossiers"], axes["experts"], value, standing)


def _place(folder: Path, name: str, write: Callable[[BinaryIO], object]) -> None:
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
