"""An assignment problem as a file of arrays, and its rules as JSON: for measuring, and for anybody without the platform."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from reviewers.errors import BadInput
from reviewers.problem import Aim, Bools, Ints, Problem, Profile, Slot
from reviewers.records import Expert, PanelSpec

ARRAYS = {"affinity": 2, "conflict": 2, "load": 1, "demand": 1, "institution": 1, "sector": 1}
FURTHER = ("region", "first_timer")  # arrays by expert that rules may name and a file need not hold
ATTRIBUTES = ("sector", *FURTHER)
FAIRNESS = {True: "floor", False: "none", "none": "none", "floor": "floor", "leximin": "leximin"}


@dataclass(frozen=True)
class Soft:
    """Wanted at `price`: `least` seats of every application, or `share` of all seats, for experts with this value."""

    attribute: str
    value: int
    least: int = 0
    share: float = 0.0
    price: float = 0.05


@dataclass(frozen=True)
class Rules:
    """`institution_cap`: most of one institution. `sector_min`, `sector_max`: seats by value of its sector; `region_…` the same.

    `fairness`: none, floor, or leximin, which raises the lowest `leximin_share` of the applications in turn.
    `once_in` above 1 draws the seats, no pair with a higher chance than one in so many. `soft`: targets, none of them a rule.
    """

    institution_cap: int | None = None
    sector_min: Mapping[int, int] | None = None
    sector_max: Mapping[int, int] | None = None
    region_min: Mapping[int, int] | None = None
    region_max: Mapping[int, int] | None = None
    soft: tuple[Soft, ...] = ()
    fairness: str = "none"
    leximin_share: float = 0.1
    once_in: int = 1
    seed: int = 1

    @property
    def rising(self) -> float:
        """The share of the applications that rise in turn."""
        return self.leximin_share if self.fairness == "leximin" else 0.0


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
        **{name: _by_value(path, given, name) for name in ("sector_min", "sector_max", "region_min", "region_max")},
        soft=_soft(path, given.get("soft")),
        fairness=FAIRNESS[fairness],
        leximin_share=_share(path, given),
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


def _share(path: Path, given: Mapping[str, Any]) -> float:
    share = given.get("leximin_share", Rules.leximin_share)
    if not _is_number(share) or not 0 < share <= 1:
        raise BadInput(file=str(path), reason=f"leximin_share is a number above 0 and at most 1, not {share!r}")
    return float(share)


def _by_value(path: Path, given: Mapping[str, Any], name: str) -> dict[int, int]:
    value, attribute = given.get(name) or {}, name.rsplit("_", 1)[0]
    if not isinstance(value, dict):
        raise BadInput(file=str(path), reason=f"{name} maps a {attribute} to a number of seats")
    found = {}
    for own, seats in value.items():
        if not _is_whole(own) or not isinstance(seats, int) or isinstance(seats, bool) or seats < 0:
            raise BadInput(file=str(path), reason=f"{name}: {attribute} and seats are whole numbers, not {own!r}: {seats!r}")
        found[int(own)] = seats
    return found


def _is_whole(text: object) -> bool:
    return str(text).lstrip("-").isdigit()


def _soft(path: Path, given: object) -> tuple[Soft, ...]:
    """`{"region_min": {"3": 1}, "first_timer_share": {"1": 0.3}, "price": 0.05}`."""
    if not given:
        return ()
    known = {f"{attribute}_{end}" for attribute in ATTRIBUTES for end in ("min", "share")} | {"price"}
    if not isinstance(given, dict) or set(given) - known:
        raise BadInput(file=str(path), reason=f"soft is an object of {', '.join(sorted(known))}")
    price = given.get("price", Soft.price)
    if not _is_number(price) or price <= 0:
        raise BadInput(file=str(path), reason=f"soft: price is a number above 0, not {price!r}")
    found = []
    for name in sorted(set(given) - {"price"}):
        attribute, end = name.rsplit("_", 1)
        if end == "min":
            found += [Soft(attribute, own, least, price=price) for own, least in _by_value(path, given, name).items()]
            continue
        if not isinstance(given[name], dict):
            raise BadInput(file=str(path), reason=f"soft: {name} maps a {attribute} to a share of all seats")
        for own, share in given[name].items():
            if not _is_whole(own) or not _is_number(share) or not 0 <= share <= 1:
                raise BadInput(file=str(path), reason=f"soft: {name}: a share lies between 0 and 1, not {own!r}: {share!r}")
            found.append(Soft(attribute, int(own), share=share, price=price))
    return tuple(found)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def read(path: Path, rules: Rules) -> Problem:
    """The problem in an .npz file (affinity, conflict, load, demand, institution, sector; region, first_timer). Raises BadInput."""
    arrays = _arrays(path)
    values = {name: arrays[name] for name in ATTRIBUTES if name in arrays}
    named = {"region" for given in (rules.region_min, rules.region_max) if given} | {soft.attribute for soft in rules.soft}
    if missing := sorted(named - set(values)):
        raise BadInput(file=str(path), reason=f"no array {missing[0]!r}, which a rule names")
    n_panels, n_experts = arrays["affinity"].shape
    for name, shape in (
        ("conflict", (n_panels, n_experts)),
        ("load", (n_experts,)),
        ("demand", (n_panels,)),
        ("institution", (n_experts,)),
        *((attribute, (n_experts,)) for attribute in values),
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
        profiles=tuple(_profile(path, rules, values, int(kind)) for kind in kinds),
        own_cap=np.zeros(n_experts, dtype=bool),
        aims=tuple(
            Aim(
                soft.attribute,
                str(soft.value),
                soft.least,
                ceil(soft.share * int(seats.sum()) - 1e-9),
                soft.price,
                values[soft.attribute] == soft.value,
            )
            for soft in rules.soft
        ),
    )


def _arrays(path: Path) -> dict[str, Any]:
    try:
        with np.load(path, allow_pickle=False) as stored:
            missing = [name for name in ARRAYS if name not in stored]
            if missing:
                raise BadInput(file=str(path), reason=f"no array {missing[0]!r}")
            arrays = {name: stored[name] for name in (*ARRAYS, *FURTHER) if name in stored}
    except OSError as error:
        raise BadInput(file=str(path), reason=error.strerror or "not an .npz file") from None
    except (ValueError, EOFError, AttributeError) as error:
        raise BadInput(file=str(path), reason=f"not an .npz file of plain arrays: {error}") from None
    for name, array in arrays.items():
        axes = ARRAYS.get(name, 1)
        if array.ndim != axes or array.dtype.kind not in "biuf":
            raise BadInput(file=str(path), reason=f"{name} must be numbers with {axes} axes, not {array.dtype} {array.shape}")
    return arrays


def _profile(path: Path, rules: Rules, values: Mapping[str, Ints], seats: int) -> Profile:
    """Quotas on sectors part the seats, or those on regions where sectors have none; on both they go beside each other."""
    sectors = _slots(path, "sector", (rules.sector_min or {}, rules.sector_max or {}), values, seats)
    regions = _slots(path, "region", (rules.region_min or {}, rules.region_max or {}), values, seats)
    slots, beside = (sectors, regions) if sectors else (regions, [])
    rest: Bools = np.logical_and.reduce([~slot.open_to for slot in slots]) if slots else np.ones(len(values["sector"]), dtype=bool)
    return Profile((*slots, Slot(slots[0].attribute if slots else None, None, 0, seats, rest)), tuple(beside))


def _slots(
    path: Path, attribute: str, ends: tuple[Mapping[int, int], Mapping[int, int]], values: Mapping[str, Ints], seats: int
) -> list[Slot]:
    least, most = ends
    slots = []
    for value in sorted({*least, *most}):
        low, high = least.get(value, 0), min(most.get(value, seats), seats)
        if low > high:
            raise BadInput(file=str(path), reason=f"{attribute} {value}: at least {low} of at most {high} seats cannot be")
        slots.append(Slot(attribute, str(value), low, high, values[attribute] == value))
    if sum(slot.least for slot in slots) > seats:
        raise BadInput(file=str(path), reason=f"{attribute}_min asks for more than the {seats} seats of an application")
    return slots
