"""Panels, experts, affinities and conflicts as arrays: what every assignment method works on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np
import numpy.typing as npt

from reviewers.conflicts import barred
from reviewers.errors import DuplicateId, ImpossibleSpec, UnknownId
from reviewers.organisations import organisation_key
from reviewers.records import EVERY, AffinityTable, Conflict, Expert, PanelSpec, Quota, Target
from reviewers.seat_types import FREE

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Slot:
    """A part of a panel's seats: at least `least`, at most `most` of them, for the experts in `open_to`.

    `value` is the quota's value, None for the seats that no quota names. `open_to` is bool of shape (n_experts,).
    """

    attribute: str | None
    value: str | None
    least: int
    most: int
    open_to: Bools = field(repr=False)


@dataclass(frozen=True)
class Profile:
    """The quotas that a group of panels shares: one layer of slots that part the seats, and quotas beside it."""

    slots: tuple[Slot, ...]
    beside: tuple[Slot, ...]


@dataclass(frozen=True)
class Aim:
    """A target: `least` seats of every panel and `wanted` of all seats, at `price` for each that is lacking."""

    attribute: str
    value: str
    least: int
    wanted: int
    price: float
    open_to: Bools = field(repr=False)


@dataclass(frozen=True)
class Problem:
    """The arrays, with their ids. P panels, E experts.

    score (P, E) float32: mean affinity over a panel's dossiers. allowed (P, E): no hard conflict with any of them.
    load (E,): panels an expert may still take. institution (E,): equal numbers mean one organisation. seats (P,).
    cap (P,): most experts of one institution. profile (P,): index into `profiles`. own_cap (E,): the load is the expert's own
    cap, not the round's.
    """

    specs: tuple[PanelSpec, ...]
    experts: tuple[Expert, ...]
    score: Floats = field(repr=False)
    allowed: Bools = field(repr=False)
    load: Ints = field(repr=False)
    institution: Ints = field(repr=False)
    seats: Ints = field(repr=False)
    cap: Ints = field(repr=False)
    profile: Ints = field(repr=False)
    profiles: tuple[Profile, ...] = field(repr=False)
    own_cap: Bools = field(repr=False)
    aims: tuple[Aim, ...] = ()

    @property
    def one_layer(self) -> bool:
        """Whether every panel's quotas speak of one attribute, so that a network flow can hold them."""
        return not any(profile.beside for profile in self.profiles)


def build(
    specs: Sequence[PanelSpec],
    experts: Sequence[Expert],
    affinity: AffinityTable,
    conflicts: Iterable[Conflict] = (),
    *,
    load_cap: int,
    taken: Mapping[str, int] | None = None,
    targets: Sequence[Target] = (),
) -> Problem:
    """The problem of seating these experts in these panels.

    `load_cap` holds for experts without a cap of their own; `taken` says how many panels an expert sits on already.
    Raises DuplicateId, UnknownId for a dossier or expert that the affinities lack, ImpossibleSpec.
    """
    _check_ids(specs, experts, affinity)
    dossier_row = {dossier_id: i for i, dossier_id in enumerate(affinity.dossier_ids)}
    column = {expert.id: i for i, expert in enumerate(experts)}
    table_column = {expert_id: i for i, expert_id in enumerate(affinity.expert_ids)}
    by_expert = affinity.value[:, [table_column[expert.id] for expert in experts]]
    panels_of: dict[str, list[int]] = {}
    score = np.empty((len(specs), len(experts)), dtype=np.float32)
    for p, spec in enumerate(specs):
        score[p] = by_expert[[dossier_row[dossier_id] for dossier_id in spec.dossier_ids]].mean(axis=0)
        for dossier_id in spec.dossier_ids:
            panels_of.setdefault(dossier_id, []).append(p)
    allowed = np.ones(score.shape, dtype=bool)
    for expert_id, dossier_id in barred(conflicts):
        if expert_id in column:
            allowed[panels_of.get(dossier_id, []) if dossier_id != EVERY else slice(None), column[expert_id]] = False
    profiles, profile = _profiles(specs, experts)
    used = taken or {}
    caps = [load_cap if expert.load_cap is None else expert.load_cap for expert in experts]
    return Problem(
        tuple(specs),
        tuple(experts),
        score,
        allowed,
        np.array([max(0, cap - used.get(e.id, 0)) for cap, e in zip(caps, experts, strict=True)], dtype=np.int64),
        _institutions(experts),
        np.array([spec.seats for spec in specs], dtype=np.int64),
        np.array([spec.seats if spec.institution_cap is None else spec.institution_cap for spec in specs], np.int64),
        profile,
        profiles,
        np.array([expert.load_cap is not None for expert in experts], dtype=bool),
        aims=tuple(_aim(target, specs, experts) for target in targets),
    )


def _check_ids(specs: Sequence[PanelSpec], experts: Sequence[Expert], affinity: AffinityTable) -> None:
    for kind, ids in (("panel", [spec.id for spec in specs]), ("expert", [expert.id for expert in experts])):
        seen: set[str] = set()
        for own in ids:
            if own in seen:
                raise DuplicateId(kind=kind, id=own)
            seen.add(own)
    wanted = {"dossier": {d for spec in specs for d in spec.dossier_ids}, "expert": {expert.id for expert in experts}}
    for kind, known in (("dossier", affinity.dossier_ids), ("expert", affinity.expert_ids)):
        if missing := wanted[kind].difference(known):
            raise UnknownId(kind=kind, id=min(missing))
    for spec in specs:
        if not spec.dossier_ids or spec.seats < 1:
            raise ImpossibleSpec(panel=spec.id, reason="no_dossier" if spec.seats >= 1 else "no_seat")


def _institutions(experts: Sequence[Expert]) -> Ints:
    """One number per organisation; an expert whose organisation is unknown stands alone."""
    number: dict[str, int] = {}
    keys = (organisation_key(expert.organisation) or f"\0{expert.id}" for expert in experts)
    return np.array([number.setdefault(key, len(number)) for key in keys], dtype=np.int64)


def _profiles(specs: Sequence[PanelSpec], experts: Sequence[Expert]) -> tuple[tuple[Profile, ...], Ints]:
    known: dict[tuple[int, tuple[Quota, ...]], int] = {}
    profiles: list[Profile] = []
    index = []
    for spec in specs:
        key = (spec.seats, spec.quotas)
        if key not in known:
            known[key] = len(profiles)
            profiles.append(_profile(spec, experts))
        index.append(known[key])
    return tuple(profiles), np.array(index, dtype=np.int64)


def _profile(spec: PanelSpec, experts: Sequence[Expert]) -> Profile:
    """Seat types part the seats where they have quotas, otherwise the attribute that is named first."""
    attributes = list(dict.fromkeys(quota.attribute for quota in spec.quotas))
    if not attributes:
        return Profile((Slot(None, None, 0, spec.seats, np.ones(len(experts), dtype=bool)),), ())
    first = "seat_type" if "seat_type" in attributes else attributes[0]
    own = [quota for quota in spec.quotas if quota.attribute == first]
    slots = _seat_type_slots(own, spec, experts) if first == "seat_type" else _value_slots(own, spec, experts)
    if sum(slot.least for slot in slots) > spec.seats:
        raise ImpossibleSpec(panel=spec.id, reason="least_above_seats")
    others = [quota for quota in spec.quotas if quota.attribute != first]
    return Profile(tuple(slots), tuple(_slot(quota, spec, experts) for quota in others))


def _seat_type_slots(quotas: Sequence[Quota], spec: PanelSpec, experts: Sequence[Expert]) -> list[Slot]:
    """Each named type gets its least; what is left is free for anybody, unless a quota says how much of it is."""
    slots = [_slot(quota, spec, experts) for quota in quotas]
    if not any(slot.value == FREE.code for slot in slots):
        slots = [
            Slot(s.attribute, s.value, s.least, s.least if q.most is None else s.most, s.open_to)
            for s, q in zip(slots, quotas, strict=True)
        ]
        slots.append(Slot("seat_type", FREE.code, 0, spec.seats, np.ones(len(experts), dtype=bool)))
    return slots


def _value_slots(quotas: Sequence[Quota], spec: PanelSpec, experts: Sequence[Expert]) -> list[Slot]:
    slots = [_slot(quota, spec, experts) for quota in quotas]
    rest = ~np.logical_or.reduce([slot.open_to for slot in slots])
    return [*slots, Slot(quotas[0].attribute, None, 0, spec.seats, rest)]


def _aim(target: Target, specs: Sequence[PanelSpec], experts: Sequence[Expert]) -> Aim:
    wanted = ceil(target.share * sum(spec.seats for spec in specs) - 1e-9)
    members = [expert.value_of(target.attribute) == target.value for expert in experts]
    return Aim(target.attribute, target.value, target.least, wanted, target.price, np.array(members, dtype=bool))


def _slot(quota: Quota, spec: PanelSpec, experts: Sequence[Expert]) -> Slot:
    most = spec.seats if quota.most is None else min(quota.most, spec.seats)
    if quota.least < 0 or quota.least > most:
        raise ImpossibleSpec(panel=spec.id, reason="least_above_most")
    if quota.attribute == "seat_type":
        fits = [quota.value == FREE.code or not e.seat_types or quota.value in e.seat_types for e in experts]
    else:
        fits = [expert.value_of(quota.attribute) == quota.value for expert in experts]
    return Slot(quota.attribute, quota.value, quota.least, most, np.array(fits, dtype=bool))
