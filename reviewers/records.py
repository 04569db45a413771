"""The records that cross the library's border: frozen, made of plain values, joined by opaque string ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from reviewers.errors import ShapeMismatch

EVERY = "*"  # instead of a dossier: all of the call


@dataclass(frozen=True, slots=True)
class Work:
    """One thing an expert made. `kind` is "paper", "patent", "project" or "product"; `people` names who took part."""

    id: str
    title: str
    abstract: str = ""
    year: int | None = None
    kind: str = "paper"
    url: str | None = None
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldLevel:
    """A declared sub-field (`code` of fields.toml) at level 1 (knows it) to 3 (works in it)."""

    code: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Expert:
    """A person of the pool.

    `fields` starts with the main sub-field. `seat_types` are those the expert may take (seat_types.py); empty means
    any. `load_cap` is the most panels this expert sits on in one round; None leaves it to the round.
    `organisation_number` is the registration number of the employer, where known; `unit` the department there. `names` are
    the forms of the person's name, `identifiers` those of identity.py. `attributes` holds any further attribute that a quota
    may name, such as {"first_timer": "yes"}.
    """

    id: str
    organisation: str = ""
    works: tuple[Work, ...] = ()
    fields: tuple[FieldLevel, ...] = ()
    sector: str | None = None
    seat_types: frozenset[str] = frozenset()
    region: str | None = None
    load_cap: int | None = None
    keywords: tuple[str, ...] = ()
    organisation_number: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    names: tuple[str, ...] = ()
    identifiers: frozenset[str] = frozenset()

    def value_of(self, attribute: str) -> str | None:
        """This expert's value of an attribute that quotas speak of; None where nothing is known.

        >>> Expert(id="e1", sector="industry").value_of("sector")
        'industry'
        """
        if attribute in ("sector", "region", "organisation"):
            value: str | None = getattr(self, attribute)
            return value
        return self.attributes.get(attribute)


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of what a document of a dossier says: `page` counts from 1; `slot` and `document` name where it was filed."""

    text: str
    slot: str = ""
    document: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody a dossier names, with what it says about them; `identifiers` are those of identity.py."""

    name: str
    organisation: str = ""
    unit: str = ""
    role: str = ""
    identifiers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Dossier:
    """One application as a text to be judged.

    `people` are names or ids of its listed researchers, `listed` the same people with what is known about them; `projects`
    are the numbers of the public research behind the product. `passages` were typed into the form; `documents` are what its
    documents say, in the order filed.
    """

    id: str
    organisation: str
    title: str
    summary: str = ""
    fields: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    organisation_number: str | None = None
    documents: tuple[Passage, ...] = ()
    listed: tuple[Listed, ...] = ()
    projects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quota:
    """At least `least` and at most `most` seats of a panel go to experts whose `attribute` is `value`.

    For the attribute "seat_type" it counts the type a seat is taken under (one per seat), for "dossier" whoever knows the dossier
    of that id (`PanelSpec.known_from`), otherwise the expert's own value: "sector", "region" or any key of `Expert.attributes`.
    `most` None means no upper end.
    """

    attribute: str
    value: str
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Wanted, not required: `least` seats of every panel, and `share` of all seats, for experts whose `attribute` is `value`.

    `price` is the affinity that one more such seat may cost.
    """

    attribute: str
    value: str
    least: int = 0
    share: float = 0.0
    price: float = 0.05


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """What a panel must look like: it judges `dossier_ids` together with `seats` experts.

    `institution_cap` is the most experts of one organisation; None means no cap. `known_from` is the affinity from which an
    expert knows a dossier. A hard conflict with one dossier bars from the panel, unless its ground is in `may_step_out` and the
    panel judges several: then at most `step_out_most` members are out of each dossier, and judge the others.
    """

    id: str
    dossier_ids: tuple[str, ...]
    seats: int
    quotas: tuple[Quota, ...] = ()
    institution_cap: int | None = None
    known_from: float = 0.0
    may_step_out: frozenset[str] = frozenset()
    step_out_most: int = 0


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known about an expert that may bar a seat.

    `kind` names it ("declared", "employment", "co_work", …; conflicts.py says which rule reads which). It points to a
    dossier, to a project, to a person (name or identifier; then `organisation` is where that person works), or to an
    organisation. `on` is its last day, None means that it still holds.
    """

    kind: str
    expert_id: str
    dossier_id: str | None = None
    organisation: str | None = None
    person: str | None = None
    on: date | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    organisation_number: str | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A reason why an expert should not judge a dossier, or any of the call (`dossier_id` is EVERY).

    A hard conflict bars the seat; any other is a question for people, or only shown (`nature`, see conflicts.py).
    `evidence` holds plain JSON values: the strongest piece, the others under "more".
    """

    expert_id: str
    dossier_id: str
    ground: str
    hard: bool
    evidence: Mapping[str, Any] = field(default_factory=dict)
    nature: str = "hard"


@dataclass(frozen=True, eq=False)
class AffinityTable:
    """Affinities with the ids of their axes: `value` is float32, (len(dossier_ids), len(expert_ids)), in [0, 1]."""

    dossier_ids: tuple[str, ...]
    expert_ids: tuple[str, ...]
    value: npt.NDArray[np.float32] = field(repr=False)

    def __post_init__(self) -> None:
        expected = (len(self.dossier_ids), len(self.expert_ids))
        if self.value.shape != expected:
            raise ShapeMismatch(expected=expected, found=self.value.shape)


@dataclass(frozen=True, slots=True)
class WorkShare:
    """How much one work contributes to an affinity: `share` in [0, 1], all shares of a pair sum to 1.

    `similarity` is the work's own likeness in meaning to the dossier, 0 to 1; `gain` what it adds to the score; `fading`
    what its age left of that.
    """

    work_id: str
    title: str
    share: float
    similarity: float
    gain: float = 0.0
    kind: str = ""
    year: int | None = None
    fading: float = 1.0


def mean_shares(by_dossier: Sequence[Sequence[WorkShare]]) -> tuple[WorkShare, ...]:
    """The works behind one expert in a panel of several dossiers, each with its mean share; of one dossier as they are."""
    if len(by_dossier) == 1:
        return tuple(by_dossier[0])
    parts: dict[str, list[WorkShare]] = {}
    for work in (work for works in by_dossier for work in works):
        parts.setdefault(work.work_id, []).append(work)
    merged = [
        replace(own[0], share=sum(work.share for work in own) / len(by_dossier), similarity=max(work.similarity for work in own))
        for own in parts.values()
    ]
    return tuple(sorted(merged, key=lambda work: (-work.share, work.work_id)))


@dataclass(frozen=True, slots=True)
class Meeting:
    """A passage of a dossier and a work that meet in an affinity: `share` in [0, 1], over all meetings of a pair they sum to 1.

    `by` says what met: "meaning", "words" or "both". `passage` is quoted word for word, cut to its nearest sentences; of typed
    text its `document` is empty.
    """

    passage: Passage
    work: WorkShare
    share: float
    by: str


@dataclass(frozen=True, slots=True)
class Seat:
    """An expert in a panel, under a seat type (None where the panel has none), with the works that speak for it.

    `reasons` are codes: "text" (seated for the works shown), "topic_only" (no works: declared fields only),
    "low_evidence" (one work only), "quota:ATTRIBUTE:VALUE" (counts for that quota's least).
    """

    expert_id: str
    seat_type: str | None = None
    affinity: float = 0.0
    works: tuple[WorkShare, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """The result for one PanelSpec: who sits, which seats stayed empty, and who is next, best first.

    `empty` names the seat type of each empty seat (None for a seat without one). `substitutes` are seats nobody has
    taken yet: grouped by seat type, ranked within it.
    """

    spec_id: str
    seats: tuple[Seat, ...]
    empty: tuple[str | None, ...] = ()
    substitutes: tuple[Seat, ...] = ()
