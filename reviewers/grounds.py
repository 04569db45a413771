"""The grounds of conflict, one function each: every finding is an expert, a dossier, whether it is sure, and its evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from reviewers.conflict_case import Case, Finding, Met, Rule, own_number
from reviewers.identity import identifier, name_keys
from reviewers.organisations import campus_of, digits_of, unit_of
from reviewers.records import EVERY, Dossier, Expert, Fact, Listed


def same_organisation(case: Case, rule: Rule) -> Iterator[Finding]:
    """The expert works for the applicant: equal registration number, or the same name in any spelling.

    Equal names under two numbers, and names that are only alike, ask for a look by people.
    """
    for expert in case.experts.values():
        for met in case.applicants(expert.organisation, expert.organisation_number):
            names = {"expert_organisation": expert.organisation, "applicant": met.dossier.organisation}
            yield expert.id, met.dossier.id, met.sure, names | dict(met.how) | {"identity_sure": met.sure}


def participant(case: Case, rule: Rule) -> Iterator[Finding]:
    """The expert is listed among the people of the dossier, by identifier or by name and organisation, or wrote it.

    An equal name alone asks for a look by people.
    """
    for fact in case.facts.get("participant", ()):
        evidence = {"fact": fact.kind, "identity_sure": True, **fact.evidence}
        for met in _touched(case, fact):
            yield fact.expert_id, met.dossier.id, bool(evidence["identity_sure"]), evidence
    for dossier in case.dossiers.values():
        for person in dossier.people:
            if person in case.experts:
                yield person, dossier.id, True, {"person": person}
    for dossier, found in case.found():
        evidence = {"person": found.person.name, "organisation": found.person.organisation, "role": found.person.role}
        for expert_id in found.ids:
            yield expert_id, dossier.id, found.state == "same", evidence | {"identity_sure": found.state == "same"}


def same_unit(case: Case, rule: Rule) -> Iterator[Finding]:
    """The expert works in the lowest unit (department) of a listed person, on the same campus."""
    for expert, dossier, listed, unit in _colleagues(case):
        if unit == "same":
            yield expert.id, dossier.id, True, _colleague(expert, listed)


def same_institution(case: Case, rule: Rule) -> Iterator[Finding]:
    """The expert works in the institution of a listed person, in another unit or in one that is not known."""
    for expert, dossier, listed, unit in _colleagues(case):
        if unit != "same":
            yield expert.id, dossier.id, True, _colleague(expert, listed) | {"unit_known": unit == "other"}


def rival(case: Case, rule: Rule) -> Iterator[Finding]:
    """Whoever works for one applicant, or is listed by one, judges no other applicant of the same call: none at all."""
    call = case.whole_call()
    if len({call.key(dossier.organisation) or dossier.id for dossier in call.dossiers.values()}) < 2:
        return
    for ground in (same_organisation, participant):
        for expert_id, dossier_id, sure, _evidence in ground(call, rule):
            if sure:
                yield expert_id, EVERY, True, {"applicant": call.dossiers[dossier_id].organisation, "as": ground.__name__}


def co_work(case: Case, rule: Rule) -> Iterator[Finding]:
    """The expert made something together with a person of the dossier, or is known to have worked with the applicant.

    A work dated by its year counts as of that year's last day. An equal name alone asks for identity and does not bar;
    an identifier does. The expert's own name among the authors says nothing.
    """
    yield from by_facts("co_work")(case, rule)
    for expert in case.experts.values():
        own = {key for name in expert.names for key in name_keys(name)} | expert.identifiers
        for work in expert.works:
            if not work.people or not rule.reaches(date(work.year, 12, 31) if work.year else None, case.closing_on):
                continue
            evidence = {"work": work.id, "title": work.title, "kind": work.kind, "year": work.year}
            for person in work.people:
                if own & ({identifier(person)} | name_keys(person)):
                    continue
                for met, _listed in case.listed(person):
                    sure = bool(identifier(person)) or own_number(person)
                    yield expert.id, met.dossier.id, sure, evidence | {"person": person, "identity_sure": sure}


def sanction(case: Case, rule: Rule) -> Iterator[Finding]:
    """A sanction for a breach of evaluation law bars from the whole call, counted from the day it was imposed."""
    for fact in case.facts.get("sanction", ()):
        if rule.reaches(fact.on, case.closing_on):
            yield fact.expert_id, EVERY, True, _of(fact)


def by_facts(kind: str) -> Callable[[Case, Rule], Iterator[Finding]]:
    """A ground that reads recorded facts of one kind about a dossier, a project, a person or an organisation."""

    def check(case: Case, rule: Rule) -> Iterator[Finding]:
        for fact in case.facts.get(kind, ()):
            if rule.reaches(fact.on, case.closing_on):
                for met in _touched(case, fact):
                    yield fact.expert_id, met.dossier.id, met.sure, _of(fact) | dict(met.how) | {"identity_sure": met.sure}

    check.__name__ = kind
    return check


def _of(fact: Fact) -> dict[str, Any]:
    return {"fact": fact.kind, "on": fact.on.isoformat() if fact.on else None, **fact.evidence}


def _touched(case: Case, fact: Fact) -> Iterator[Met]:
    if fact.dossier_id is not None and fact.dossier_id in case.dossiers:
        yield Met(case.dossiers[fact.dossier_id], True, {})
    if fact.project:
        for dossier in case.by_project.get(digits_of(fact.project), ()):
            yield Met(dossier, True, {"project": fact.project})
    if fact.person:
        yield from (met for met, _listed in case.listed(fact.person, fact.organisation or ""))
    elif fact.organisation or fact.organisation_number:
        yield from case.applicants(fact.organisation or "", fact.organisation_number)


def _colleagues(case: Case) -> Iterator[tuple[Expert, Dossier, Listed, str]]:
    """Experts who share the institution of a listed person, and whether the unit is the same, another, or not known.

    Whoever the applicant itself employs stands under `same_organisation`, and nobody is a colleague of themselves.
    """
    at: dict[str, list[Expert]] = {}
    for expert in case.experts.values():
        if key := case.key(expert.organisation):
            at.setdefault(key, []).append(expert)
    for dossier, found in case.found():
        key = case.key(found.person.organisation)
        if not key or key == case.key(dossier.organisation):
            continue
        for expert in at.get(key, ()):
            if not (found.state == "same" and expert.id in found.ids):
                yield expert, dossier, found.person, _unit(expert, found.person)


def _unit(expert: Expert, listed: Listed) -> str:
    one, other = expert.unit or unit_of(expert.organisation), listed.unit or unit_of(listed.organisation)
    if not one or not other:
        return "unknown"
    campuses = {campus_of(expert.organisation), campus_of(listed.organisation)} - {""}
    return "same" if name_keys(one) & name_keys(other) and len(campuses) < 2 else "other"


def _colleague(expert: Expert, listed: Listed) -> dict[str, Any]:
    return {
        "person": listed.name,
        "organisation": listed.organisation,
        "unit": listed.unit or unit_of(listed.organisation),
        "expert_unit": expert.unit or unit_of(expert.organisation),
    }
