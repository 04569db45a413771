"""Panels, experts, affinities and conflicts as arrays: what every assignment method works on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

import numpy as np
import numpy.typing as npt

from reviewers.batches import DOSSIER, OUT_OF, Bars, Standing, standing
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


@dataclass(frozen=True, eq=False)
class Profile:
    """The quotas that a group of panels shares: one layer of slots that part the seats, and quotas beside it. Each is its own."""

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

    score (P, E) float32: mean affinity over a panel's dossiers, none for those a member steps out of. allowed (P, E): no conflict
    that bars from the panel. steps_out: panel and expert ids → the dossiers that expert would not judge there.
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
    steps_out: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict, repr=False)

    @property
    def one_layer(self) -> bool:
        """Whether every panel's quotas speak of one attribute, so that a network flow can hold them."""
        return not any(profile.beside for profile in self.profiles)

    @property
    def drawable(self) -> bool:
        """Whether quotas beside the slots speak of a panel's own dossiers alone, which a draw mends panel by panel."""
        return all(quota.attribute in (DOSSIER, OUT_OF) for profile in self.profiles for quota in profile.beside)


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

    `load_cap` holds for experts without a cap of their own, `taken` says what an expert has already: all three count dossiers.
    Who has not enough left for a panel is barred from it; of the others they may sit in as many as fit, whichever these are.
    Raises DuplicateId, UnknownId for a dossier or expert that the affinities lack, ImpossibleSpec.
    """
    _check_ids(specs, experts, affinity)
    dossier_row = {dossier_id: i for i, dossier_id in enumerate(affinity.dossier_ids)}
    column = {expert.id: i for i, expert in enumerate(experts)}
    table_column = {expert_id: i for i, expert_id in enumerate(affinity.expert_ids)}
    by_expert = affinity.value[:, [table_column[expert.id] for expert in experts]]
    bars = Bars(conflicts)
    score = np.empty((len(specs), len(experts)), dtype=np.float32)
    allowed = np.empty(score.shape, dtype=bool)
    steps_out: dict[tuple[str, str], tuple[str, ...]] = {}
    own = []
    for p, spec in enumerate(specs):
        stand = standing(spec, by_expert[[dossier_row[dossier_id] for dossier_id in spec.dossier_ids]], bars, column)
        score[p], allowed[p] = stand.score, stand.allowed
        for e in np.flatnonzero(stand.out.any(axis=0)).tolist():
            steps_out[spec.id, experts[e].id] = tuple(spec.dossier_ids[d] for d in np.flatnonzero(stand.out[:, e]))
        own.append(_own_quotas(spec, stand))
    allowed[:, [column[expert_id] for expert_id in bars.of(EVERY) if expert_id in column]] = False
    profiles, profile = _profiles(specs, experts, own)
    used = taken or {}
    caps = [load_cap if expert.load_cap is None else expert.load_cap for expert in experts]
    left = np.array([max(0, cap - used.get(e.id, 0)) for cap, e in zip(caps, experts, strict=True)], dtype=np.int64)
    load = _panels_left(left, allowed, np.array([len(spec.dossier_ids) for spec in specs], dtype=np.int64))
    return Problem(
        tuple(specs),
        tuple(experts),
        score,
        allowed,
        load,
        _institutions(experts),
        np.array([spec.seats for spec in specs], dtype=np.int64),
        np.array([spec.seats if spec.institution_cap is None else spec.institution_cap for spec in specs], np.int64),
        profile,
        profiles,
        np.array([expert.load_cap is not None for expert in experts], dtype=bool),
        aims=tuple(_aim(target, specs, experts) for target in targets),
        steps_out=steps_out,
    )


def _panels_left(left: Ints, allowed: Bools, size: Ints) -> Ints:
    """In how many panels each expert may sit, (E,), with so many dossiers `left`; bars them from those too large."""
    fits = size[:, None] <= left
    allowed &= fits
    largest = np.where(fits, size[:, None], 0).max(axis=0, initial=0)
    panels: Ints = np.where(largest > 0, left // np.maximum(largest, 1), 0)
    return panels


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
        if any(quota.attribute == DOSSIER and quota.value not in spec.dossier_ids for quota in spec.quotas):
            raise ImpossibleSpec(panel=spec.id, reason="foreign_dossier")


def _institutions(experts: Sequence[Expert]) -> Ints:
    """One number per organisation; an expert whose organisation is unknown stands alone."""
    number: dict[str, int] = {}
    keys = (organisation_key(expert.organisation) or f"\0{expert.id}" for expert in experts)
    return np.array([number.setdefault(key, len(number)) for key in keys], dtype=np.int64)


def _profiles(
    specs: Sequence[PanelSpec], experts: Sequence[Expert], beside: Sequence[tuple[Slot, ...]]
) -> tuple[tuple[Profile, ...], Ints]:
    known: dict[tuple[int, tuple[Quota, ...]], Profile] = {}
    place: dict[tuple[int, tuple[Quota, ...], str], int] = {}
    profiles: list[Profile] = []
    index = []
    for spec, own in zip(specs, beside, strict=True):
        shared = tuple(quota for quota in spec.quotas if quota.attribute != DOSSIER)
        if (spec.seats, shared) not in known:
            known[spec.seats, shared] = _profile(replace(spec, quotas=shared), experts)
        key = spec.seats, shared, spec.id if own else ""
        if key not in place:
            place[key] = len(profiles)
            of_all = known[spec.seats, shared]
            profiles.append(replace(of_all, beside=(*of_all.beside, *own)) if own else of_all)
        index.append(place[key])
    return tuple(profiles), np.array(index, dtype=np.int64)


def _own_quotas(spec: PanelSpec, stand: Standing) -> tuple[Slot, ...]:
    """Who knows each dossier, wherever a quota asks; and of those with a conflict, how many may be out of each."""
    wanted = [quota for quota in spec.quotas if quota.attribute == DOSSIER]
    known = [
        Slot(DOSSIER, quota.value, min(quota.least, spec.seats), spec.seats, stand.knows[spec.dossier_ids.index(quota.value)])
        for quota in wanted
    ]
    out = [
        Slot(OUT_OF, dossier_id, 0, min(spec.step_out_most, spec.seats), out)
        for dossier_id, out in zip(spec.dossier_ids, stand.out, strict=True)
        if out.any()
    ]
    return (*known, *out)


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
