"""Who must not judge whom: one rule per ground, each hard or waivable, each finding with the evidence it rests on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from reviewers.errors import UnknownId
from reviewers.organisations import is_foundation, organisation_key
from reviewers.records import Conflict, Dossier, Expert, Fact

Finding = tuple[str, str, bool, Mapping[str, Any]]  # expert id, dossier id, hard, evidence
Aliases = Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """All that the rules look at, indexed once, so that no rule compares every expert with every dossier."""

    dossiers: Mapping[str, Dossier]
    experts: Mapping[str, Expert]
    facts: Mapping[str, Sequence[Fact]]
    closing_on: date | None
    aliases: Aliases
    by_organisation: Mapping[str, Sequence[Dossier]]
    by_number: Mapping[str, Sequence[Dossier]]
    by_person: Mapping[str, Sequence[Dossier]]

    def key(self, organisation: str) -> str:
        """The key of a name, after its alias."""
        own = organisation_key(organisation)
        return self.aliases.get(own, own)


@dataclass(frozen=True)
class Rule:
    """A ground: which facts and records it reads, how many years it looks back (None: ever)."""

    ground: str
    look_back_years: int | None
    check: Callable[[Case, Rule], Iterator[Finding]]

    def reaches(self, on: date | None, closing_on: date | None) -> bool:
        """Whether something that ended `on` still counts on the closing day; the anniversary itself does."""
        if on is None or closing_on is None or self.look_back_years is None:
            return True
        return on >= _years_before(closing_on, self.look_back_years)


def find(
    dossiers: Iterable[Dossier],
    experts: Iterable[Expert],
    facts: Iterable[Fact] = (),
    *,
    closing_on: date | None = None,
    rules: Sequence[Rule] | None = None,
    aliases: Mapping[str, str] | None = None,
) -> list[Conflict]:
    """Every conflict between the experts and the dossiers, sorted by dossier, expert and ground; one per ground.

    Look-backs run from `closing_on`; without it nothing is too old. `aliases` maps other names of an organisation, such
    as its translation, to the name that the records use. Raises UnknownId for a fact about an unknown expert.

    >>> dossiers = [Dossier("d1", "㈜가나다", "t")]
    >>> [(c.expert_id, c.ground) for c in find(dossiers, [Expert("e1", "가나다 주식회사"), Expert("e2", "라마바")])]
    [('e1', 'same_organisation')]
    """
    case = _case(dossiers, experts, facts, closing_on, aliases or {})
    kept: dict[tuple[str, str, str], Conflict] = {}
    for rule in RULES if rules is None else rules:
        for expert_id, dossier_id, hard, evidence in rule.check(case, rule):
            place = (dossier_id, expert_id, rule.ground)
            if place not in kept or (hard and not kept[place].hard):
                kept[place] = Conflict(expert_id, dossier_id, rule.ground, hard, evidence)
    return [kept[place] for place in sorted(kept)]


def barred(conflicts: Iterable[Conflict]) -> frozenset[tuple[str, str]]:
    """The pairs (expert id, dossier id) that a hard conflict bars."""
    return frozenset((conflict.expert_id, conflict.dossier_id) for conflict in conflicts if conflict.hard)


def _case(
    dossiers: Iterable[Dossier],
    experts: Iterable[Expert],
    facts: Iterable[Fact],
    closing_on: date | None,
    aliases: Mapping[str, str],
) -> Case:
    known = {expert.id: expert for expert in experts}
    by_kind: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.expert_id not in known:
            raise UnknownId(kind="expert", id=fact.expert_id)
        by_kind[fact.kind].append(fact)
    keys = {organisation_key(other): organisation_key(name) for other, name in aliases.items()}
    by_id = {dossier.id: dossier for dossier in dossiers}
    by_organisation: dict[str, list[Dossier]] = defaultdict(list)
    by_number: dict[str, list[Dossier]] = defaultdict(list)
    by_person: dict[str, list[Dossier]] = defaultdict(list)
    for dossier in by_id.values():
        own = organisation_key(dossier.organisation)
        by_organisation[keys.get(own, own)].append(dossier)
        if dossier.organisation_number:
            by_number[_digits(dossier.organisation_number)].append(dossier)
        for person in dossier.people:
            by_person[person].append(dossier)
    by_organisation.pop("", None)
    by_number.pop("", None)
    return Case(by_id, known, by_kind, closing_on, keys, by_organisation, by_number, by_person)


def same_organisation(case: Case, rule: Rule) -> Iterator[Finding]:
    """The expert works for the applicant: equal registration number, or the same name in any spelling.

    Equal names under two different numbers ask for a look by people; a university's foundation is the university.
    """
    for expert in case.experts.values():
        number = _digits(expert.organisation_number or "")
        for dossier in case.by_number.get(number, ()):
            yield expert.id, dossier.id, True, _names(expert, dossier) | {"registration_number": number}
        for dossier in case.by_organisation.get(case.key(expert.organisation), ()):
            other = _digits(dossier.organisation_number or "")
            one_university = is_foundation(expert.organisation) or is_foundation(dossier.organisation)
            sure = not number or not other or number == other or one_university
            yield expert.id, dossier.id, sure, _names(expert, dossier) | {"identity_sure": sure}


def participant(case: Case, rule: Rule) -> Iterator[Finding]:
    """The expert is listed among the people of the dossier, by id, or by a fact that found out who the name is.

    A fact whose evidence says `identity_sure` false does not bar: an equal name alone asks for a look by people.
    """
    for fact in case.facts.get("participant", ()):
        evidence = {"fact": fact.kind, "identity_sure": True, **fact.evidence}
        for dossier in _touched(case, fact):
            yield fact.expert_id, dossier.id, bool(evidence["identity_sure"]), evidence
    for person, dossiers in case.by_person.items():
        if person in case.experts:
            for dossier in dossiers:
                yield person, dossier.id, True, {"person": person}


def co_work(case: Case, rule: Rule) -> Iterator[Finding]:
    """The expert made something together with a person of the dossier, or is known to have worked with the applicant.

    A work dated by its year counts as of that year's last day. An equal name alone asks for identity and does not bar;
    an identifier (it contains a digit) does.
    """
    yield from _by_facts("co_work")(case, rule)
    for expert in case.experts.values():
        for work in expert.works:
            if not work.people or not rule.reaches(date(work.year, 12, 31) if work.year else None, case.closing_on):
                continue
            for person in work.people:
                evidence = {
                    "work": work.id,
                    "title": work.title,
                    "kind": work.kind,
                    "year": work.year,
                    "person": person,
                }
                sure = any(letter.isdigit() for letter in person)
                for dossier in case.by_person.get(person, ()):
                    yield expert.id, dossier.id, sure, evidence | {"identity_sure": sure}


def _by_facts(kind: str) -> Callable[[Case, Rule], Iterator[Finding]]:
    """A rule that reads recorded facts of one kind about a dossier, an organisation or a person."""

    def check(case: Case, rule: Rule) -> Iterator[Finding]:
        for fact in case.facts.get(kind, ()):
            if not rule.reaches(fact.on, case.closing_on):
                continue
            evidence = {"fact": kind, "on": fact.on.isoformat() if fact.on else None, **fact.evidence}
            for dossier in _touched(case, fact):
                yield fact.expert_id, dossier.id, True, evidence

    return check


def _touched(case: Case, fact: Fact) -> Iterator[Dossier]:
    if fact.dossier_id is not None and fact.dossier_id in case.dossiers:
        yield case.dossiers[fact.dossier_id]
    if fact.organisation:
        yield from case.by_organisation.get(case.key(fact.organisation), ())
    if fact.person:
        yield from case.by_person.get(fact.person, ())


# Grounds with their look-back in years; to waive a hard conflict is a decision of people, not of this file.
RULES: tuple[Rule, ...] = (
    Rule("same_organisation", None, same_organisation),
    Rule("declared", None, _by_facts("declared")),
    Rule("participant", None, participant),
    Rule("co_work", 3, co_work),
    Rule("employment", 3, _by_facts("employment")),
    Rule("kin", None, _by_facts("kin")),
    Rule("paid_work", 3, _by_facts("paid_work")),
    Rule("adviser", None, _by_facts("adviser")),
)


def _names(expert: Expert, dossier: Dossier) -> dict[str, Any]:
    return {"expert_organisation": expert.organisation, "applicant": dossier.organisation}


def _digits(number: str) -> str:
    return "".join(letter for letter in number if letter.isalnum()).casefold()


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
