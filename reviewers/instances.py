"""An assignment problem as a file of arrays, and its rules as JSON: for measuring, and for anybody without the platform."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reviewers.errors import BadInput
from reviewers.problem import Bools, Ints, Problem, Profile, Slot
from reviewers.records import Expert, PanelSpec

ARRAYS = {"affinity": 2, "conflict": 2, "load": 1, "demand": 1, "institution": 1, "sector": 1}
FAIRNESS = {True: "floor", False: "none", "none": "none", "floor": "floor"}


@dataclass(frozen=True)
class Rules:
    """`institution_cap`: most of one institution. `sector_min`, `sector_max`: seats by value of the instance's sector.

    `once_in` above 1 draws the seats, no pair with a higher chance than one in so many.
    """

    institution_cap: int | None = None
    sector_min: Mapping[int, int] | None = None
    sector_max: Mapping[int, int] | None = None
    fairness: str = "none"
    once_in: int = 1
    seed: int = 1


def read_rules(path: Path) -> Rules:
    """Raises BadInput for a file that is missing, is no JSON object, or holds a rule that is unknown or makes no sense."""
    try:
        given = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadInput(file=str(path), reason=error.strerror or "unreadable") from None
    except ValueError as error:
        raise BadInput(file=str(path), reason=f"not JSON: {error}") from None
    if not isinstance(given, dict):
        raise BadInput(file=str(path), reason="a JSON object is wanted")
    if unknown := sorted(set(given) - set(Rules.__dataclass_fields__)):
        known = ", ".join(Rules.__dataclass_fields__)
        raise BadInput(file=str(path), reason=f"unknown rule {unknown[0]!r}; known: {known}")
    fairness = given.get("fairness", False)
    if not isinstance(fairness, bool | str) or fairness not in FAIRNESS:
        raise BadInput(file=str(path), reason=f"fairness is true, false or one of {', '.join(sorted(set(FAIRNESS.values())))}")
    return Rules(
        institution_cap=_whole(path, given, "institution_cap", 1),
        sector_min=_by_sector(path, given, "sector_min"),
        sector_max=_by_sector(path, given, "sector_max"),
        fairness=FAIRNESS[fairness],
        once_in=_whole(path, given, "once_in", 1) or 1,
        seed=1 if given.get("seed") is None else _whole(path, given, "seed", 0) or 0,
    )


def _whole(path: Path, given: Mapping[str, Any], name: str, least: int) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise BadInput(file=str(path), reason=f"{name} must be a whole number of at least {least}")
    return value


def _by_sector(path: Path, given: Mapping[str, Any], name: str) -> dict[int, int]:
    value = given.get(name) or {}
    if not isinstance(value, dict):
        raise BadInput(file=str(path), reason=f"{name} maps a sector to a number of seats")
    found = {}
    for sector, seats in value.items():
        if not str(sector).lstrip("-").isdigit() or not isinstance(seats, int) or isinstance(seats, bool) or seats < 0:
            raise BadInput(file=str(path), reason=f"{name}: sector and seats are whole numbers, not {sector!r}: {seats!r}")
        found[int(sector)] = seats
    return found


def read(path: Path, rules: Rules) -> Problem:
    """The problem in an .npz file (affinity, conflict, load, demand, institution, sector). Raises BadInput."""
    arrays = _arrays(path)
    n_panels, n_experts = arrays["affinity"].shape
    for name, shape in (
        ("conflict", (n_panels, n_experts)),
        ("load", (n_experts,)),
        ("demand", (n_panels,)),
        ("institution", (n_experts,)),
        ("sector", (n_experts,)),
    ):
        if arrays[name].shape != shape:
            raise BadInput(file=str(path), reason=f"{name} has shape {arrays[name].shape}; affinity asks for {shape}")
    score = arrays["affinity"].astype(np.float32, copy=False)
    if not np.isfinite(score).all() or score.min(initial=0) < 0 or score.max(initial=0) > 1:
        raise BadInput(file=str(path), reason="affinity must lie between 0 and 1")
    seats, load = arrays["demand"].astype(np.int64), arrays["load"].astype(np.int64)
    if not n_panels or not n_experts:
        raise BadInput(file=str(path), reason="no application or no expert")
    if seats.min() < 1 or load.min() < 0:
        raise BadInput(file=str(path), reason="demand must be at least 1 and load at least 0")
    _, institution = np.unique(arrays["institution"], return_inverse=True)
    kinds, profile = np.unique(seats, return_inverse=True)
    cap = seats if rules.institution_cap is None else np.minimum(seats, rules.institution_cap)
    return Problem(
        specs=tuple(PanelSpec(str(p), (str(p),), int(seats[p])) for p in range(n_panels)),
        experts=tuple(Expert(str(e)) for e in range(n_experts)),
        score=score,
        allowed=~arrays["conflict"].astype(bool, copy=False),
        load=load,
        institution=institution.astype(np.int64),
        seats=seats,
        cap=cap,
        profile=profile.astype(np.int64),
        profiles=tuple(_profile(path, rules, arrays["sector"], int(kind)) for kind in kinds),
        own_cap=np.zeros(n_experts, dtype=bool),
    )


def _arrays(path: Path) -> dict[str, Any]:
    try:
        with np.load(path, allow_pickle=False) as stored:
            missing = [name for name in ARRAYS if name not in stored]
            if missing:
                raise BadInput(file=str(path), reason=f"no array {missing[0]!r}")
            arrays = {name: stored[name] for name in ARRAYS}
    except OSError as error:
        raise BadInput(file=str(path), reason=error.strerror or "not an .npz file") from None
    except (ValueError, EOFError, AttributeError) as error:
        raise BadInput(file=str(path), reason=f"not an .npz file of plain arrays: {error}") from None
    for name, axes in ARRAYS.items():
        if arrays[name].ndim != axes or arrays[name].dtype.kind not in "biuf":
            raise BadInput(
                file=str(path), reason=f"{name} must be numbers with {axes} axes, not {arrays[name].dtype} {arrays[name].shape}"
            )
    return arrays


def _profile(path: Path, rules: Rules, sector: Ints, seats: int) -> Profile:
    least, most = rules.sector_min or {}, rules.sector_max or {}
    named = sorted({*least, *most})
    slots = []
    for value in named:
        low, high = least.get(value, 0), min(most.get(value, seats), seats)
        if low > high:
            raise BadInput(file=str(path), reason=f"sector {value}: at least {low} of at most {high} seats cannot be")
        slots.append(Slot("sector", str(value), low, high, sector == value))
    if sum(slot.least for slot in slots) > seats:
        raise BadInput(file=str(path), reason=f"sector_min asks for more than the {seats} seats of an application")
    rest: Bools = ~np.isin(sector, named)
    return Profile((*slots, Slot("sector" if named else None, None, 0, seats, rest)), ())
