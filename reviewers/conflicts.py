"""Who must not judge whom: the grounds in force, what each weighs, and the findings with the evidence they rest on."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from reviewers import grounds
from reviewers.conflict_case import Case, Rule
from reviewers.records import EVERY, Conflict, Dossier, Expert, Fact

# hard: bars; narrow_field: bars, and two persons may waive it where a field is narrow; waivable: bars until it is waived;
# shown: bars nobody. A finding whose identity is not sure is a question for people, whatever its ground weighs.
NATURES = ("hard", "narrow_field", "waivable", "shown")
MORE_MOST = 9  # further pieces of evidence kept for one ground

RULES: tuple[Rule, ...] = (
    Rule("same_organisation", None, grounds.same_organisation),
    Rule("declared", None, grounds.by_facts("declared")),
    Rule("participant", None, grounds.participant),
    Rule("kin", None, grounds.by_facts("kin")),
    Rule("employment", 3, grounds.by_facts("employment")),
    Rule("holding", 3, grounds.by_facts("holding")),
    Rule("paid_work", 3, grounds.by_facts("paid_work")),
    Rule("litigation", 3, grounds.by_facts("litigation")),
    Rule("same_unit", None, grounds.same_unit),
    Rule("rival", None, grounds.rival),
    Rule("sanction", 3, grounds.sanction),
    Rule("adviser", None, grounds.by_facts("adviser"), "narrow_field"),
    Rule("co_work", 3, grounds.co_work, "narrow_field"),
    Rule("same_institution", None, grounds.same_institution, "waivable"),
    Rule("judged_before", 3, grounds.by_facts("judged_before"), "shown"),
)
NATURE: Mapping[str, str] = {rule.ground: rule.nature for rule in RULES}


def rules_of(*, conflict_years: int, sanction_years: int, off: Iterable[str] = ()) -> tuple[Rule, ...]:
    """The grounds of a call with its years; those it does not apply are left out.

    >>> [rule.years for rule in rules_of(conflict_years=5, sanction_years=2) if rule.ground in ("paid_work", "sanction", "kin")]
    [None, 5, 2]
    """
    without = frozenset(off)
    return tuple(
        rule if rule.years is None else replace(rule, years=sanction_years if rule.ground == "sanction" else conflict_years)
        for rule in RULES
        if rule.ground not in without
    )


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
    return judge(Case(dossiers, experts, facts, closing_on, aliases), rules)


def judge(case: Case, rules: Sequence[Rule] | None = None) -> list[Conflict]:
    """The same for a case that is already indexed."""
    pieces: dict[tuple[str, str, str], list[tuple[bool, Mapping[str, Any]]]] = defaultdict(list)
    nature = {}
    for rule in RULES if rules is None else rules:
        nature[rule.ground] = rule.nature
        for expert_id, dossier_id, sure, evidence in rule.check(case, rule):
            pieces[dossier_id, expert_id, rule.ground].append((sure, evidence))
    return [
        _conflict(expert, dossier, ground, nature[ground], found) for (dossier, expert, ground), found in sorted(pieces.items())
    ]


def barred(conflicts: Iterable[Conflict]) -> frozenset[tuple[str, str]]:
    """The pairs (expert id, dossier id) that a hard conflict bars; EVERY in place of a dossier for the whole call."""
    return frozenset((conflict.expert_id, conflict.dossier_id) for conflict in conflicts if conflict.hard)


def out_of_call(conflicts: Iterable[Conflict]) -> frozenset[str]:
    """The experts whom a hard conflict bars from every dossier of the call."""
    return frozenset(conflict.expert_id for conflict in conflicts if conflict.hard and conflict.dossier_id == EVERY)


def digest_of(conflict: Conflict) -> str:
    """SHA-256 of the evidence: equal for equal evidence, whatever its pieces are called or in which order they came."""
    pieces = [conflict.evidence, *conflict.evidence.get("more", ())]
    plain = sorted(json.dumps({k: v for k, v in p.items() if k not in ("more", "work")}, sort_keys=True) for p in pieces)
    return hashlib.sha256(json.dumps([conflict.nature, plain]).encode()).hexdigest()


def _conflict(expert: str, dossier: str, ground: str, nature: str, found: list[tuple[bool, Mapping[str, Any]]]) -> Conflict:
    """The strongest piece of evidence first, the others after it in an order that does not depend on the input's."""
    unlike = {json.dumps(dict(evidence), sort_keys=True, ensure_ascii=False): (sure, evidence) for sure, evidence in found}
    ordered = [unlike[text] for text in sorted(unlike, key=lambda text: (not unlike[text][0], text))]
    sure, evidence = ordered[0]
    if more := [dict(piece) for _sure, piece in ordered[1 : MORE_MOST + 1]]:
        evidence = {**evidence, "more": more}
    return Conflict(expert, dossier, ground, sure and nature != "shown", evidence, nature)
