"""All that the grounds of conflict look at, indexed once, so that no ground compares every expert with every dossier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from reviewers.alike import Namesakes
from reviewers.errors import UnknownId
from reviewers.identity import Found, Known, Register, identifier, name_keys
from reviewers.organisations import digits_of, is_foundation, organisation_key
from reviewers.records import Dossier, Expert, Fact, Listed

Finding = tuple[str, str, bool, Mapping[str, Any]]  # expert id, dossier id, sure, evidence


@dataclass(frozen=True)
class Rule:
    """A ground: what it says of a case, how many years it looks back (None: ever), and how much it weighs (conflicts.NATURES)."""

    ground: str
    years: int | None
    check: Callable[[Case, Rule], Iterator[Finding]]
    nature: str = "hard"

    def reaches(self, on: date | None, closing_on: date | None) -> bool:
        """Whether something that ended `on` still counts on the closing day; the anniversary itself does."""
        if on is None or closing_on is None or self.years is None:
            return True
        return on >= years_before(closing_on, self.years)


@dataclass(frozen=True)
class Met:
    """A dossier that an organisation or a person leads to; `sure` is false where people must say whether it is the same."""

    dossier: Dossier
    sure: bool
    how: Mapping[str, Any]


class Case:
    """The dossiers looked at, the experts, and what is known about them; `others` are further applicants of the same call."""

    def __init__(
        self,
        dossiers: Iterable[Dossier],
        experts: Iterable[Expert],
        facts: Iterable[Fact] = (),
        closing_on: date | None = None,
        aliases: Mapping[str, str] | None = None,
        others: Iterable[Dossier] = (),
    ) -> None:
        self.others = tuple(others)
        self.dossiers = {dossier.id: dossier for dossier in dossiers}
        self.experts = {expert.id: expert for expert in experts}
        self.closing_on = closing_on
        self.facts: dict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            if fact.expert_id not in self.experts:
                raise UnknownId(kind="expert", id=fact.expert_id)
            self.facts[fact.kind].append(fact)
        self._names = tuple(aliases or ())
        self._aliases = {organisation_key(other): organisation_key(name) for other, name in (aliases or {}).items()}
        people = (Known(e.id, e.names, e.organisation, e.identifiers) for e in self.experts.values())
        self.register = Register(people, aliases or {})
        self._index()

    def _index(self) -> None:
        self.by_organisation: dict[str, list[Dossier]] = defaultdict(list)
        self.by_number: dict[str, list[Dossier]] = defaultdict(list)
        self.by_project: dict[str, list[Dossier]] = defaultdict(list)
        self.by_person: dict[str, list[tuple[Dossier, Listed]]] = defaultdict(list)
        for dossier in self.dossiers.values():
            self.by_organisation[self.key(dossier.organisation)].append(dossier)
            self.by_number[digits_of(dossier.organisation_number)].append(dossier)
            for project in dossier.projects:
                self.by_project[digits_of(project)].append(dossier)
            for listed in people_of(dossier):
                for key in (*name_keys(listed.name), *listed.identifiers):
                    self.by_person[key].append((dossier, listed))
        for index in (self.by_organisation, self.by_number, self.by_project):
            index.pop("", None)
        other_names = (name for name in self._names if self.key(name) in self.by_organisation)
        self._namesakes = Namesakes((*(dossier.organisation for dossier in self.dossiers.values()), *other_names))

    def whole_call(self) -> Case:
        """The same with the dossiers of the other applicants among those looked at."""
        if not self.others:
            return self
        both = (*self.others, *self.dossiers.values())  # of one that is among both, the one looked at tells more
        return Case(both, self.experts.values(), self.facts["participant"], self.closing_on, self._aliases)

    def key(self, organisation: str) -> str:
        """The key of a name, after its alias."""
        own = organisation_key(organisation)
        return self._aliases.get(own, own)

    def applicants(self, organisation: str, number: str | None = None) -> Iterator[Met]:
        """The dossiers of the organisation of this name and number: by number, in any spelling, or perhaps by a like name."""
        digits = digits_of(number)
        for dossier in self.by_number.get(digits, ()):
            yield Met(dossier, True, {"registration_number": digits})
        for dossier in self.by_organisation.get(self.key(organisation), ()):
            other = digits_of(dossier.organisation_number)
            one_university = is_foundation(organisation) or is_foundation(dossier.organisation)
            yield Met(dossier, not digits or not other or digits == other or one_university, {})
        alike = {self.key(name): how for name, how in self._namesakes.of(organisation).items()}
        for key, how in alike.items():
            for dossier in self.by_organisation.get(key, ()) if key != self.key(organisation) else ():
                if not (digits and digits_of(dossier.organisation_number)):  # two numbers tell two firms of like names apart
                    yield Met(dossier, False, {"like": how})

    def listed(self, person: str, organisation: str = "") -> Iterator[tuple[Met, Listed]]:
        """The dossiers that list this person: surely by identifier or name and organisation, perhaps by a name alone."""
        own = identifier(person)
        for key in (own,) if own else sorted(name_keys(person)):
            for dossier, listed in self.by_person.get(key, ()):
                placed = bool(organisation and listed.organisation) and self.key(organisation) == self.key(listed.organisation)
                yield Met(dossier, bool(own) or placed or own_number(person), {"person": listed.name}), listed

    def found(self) -> Iterator[tuple[Dossier, Found]]:
        """Everybody a dossier lists, with the experts they are or may be."""
        for dossier in self.dossiers.values():
            for listed in dossier.listed:
                yield dossier, self.register.find(listed)


def people_of(dossier: Dossier) -> Sequence[Listed]:
    """Everybody a dossier names; of those in `people` only the name or the identifier is known."""
    known = {listed.name for listed in dossier.listed}
    bare = (person for person in dossier.people if person not in known)
    return (*dossier.listed, *(Listed(p, identifiers=frozenset({identifier(p)} - {""})) for p in bare))


def own_number(person: str) -> bool:
    """An identifier of the caller's own kind: it contains a digit, as no name does."""
    return any(letter.isdigit() for letter in person)


def years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
