"""The check that stands alone: a list of names against the dossiers of a call, before anybody is contacted.

Nothing is stored but the entry in the journal that the check was made, with a digest of the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal, records
from app.clock import today_kst
from app.errors import NotFound
from app.models.applications import Application
from app.models.calls import Call
from app.models.experts import Expert as ExpertRow
from app.models.people import Account, Organisation, Person
from app.workflow import door, grounds, permissions
from app.workflow import rules as call_rules
from app.workflow.actors import Actor
from app.workflow.conflicts import facts, ledger, names
from reviewers.conflict_case import Case
from reviewers.conflicts import judge
from reviewers.identity import Found, Known, Register
from reviewers.records import EVERY, Conflict, Expert, Listed


@dataclass(frozen=True)
class Finding:
    """`dossier` is empty where the whole call is meant. `question`: people must say whether it is so."""

    dossier: str
    ground: str
    nature: str
    bars: bool
    question: bool
    evidence: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        words = grounds.label(self.ground)
        return {
            "dossier": self.dossier, "ground": self.ground, "ground_ko": words["ko"], "ground_en": words["en"],
            "nature": self.nature, "bars": self.bars, "question": self.question, "evidence": dict(self.evidence),
        }  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What is known about one line. `state`: barred, question, shown, clear, or not_computable (a name and nothing else)."""

    asked: names.Asked
    expert: str  # as imported, where the person is an expert of the pool; "" otherwise
    namesakes: tuple[str, ...]  # experts of an equal name who may be the person
    state: str
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "line": self.asked.line, "name": self.asked.name, "organisation": self.asked.organisation, "state": self.state,
            "expert": self.expert, "namesakes": list(self.namesakes), "findings": [f.as_json() for f in self.findings],
        }  # fmt: skip


def check(session: Session, call_id: str, text: str, *, dossier: str = "", actor: Actor, now: datetime) -> list[Answer]:
    """Every line against the dossier named (`D-0001`), or against all of the call; in the order of the list."""
    role = permissions.require(actor, "conflict.check")
    call = session.execute(select(Call).where(Call.public_id == call_id)).scalar_one_or_none()
    if call is None:
        raise NotFound("not_found")
    asked = names.read(text)
    filed = records.filed(session, _applications(session, call, dossier))
    register, experts = _register(session)
    known = {each.line: register.find(Listed(each.name, each.organisation, identifiers=each.identifiers)) for each in asked}
    pool = records.pool(session, only={experts[own] for found in known.values() if found.state == "same" for own in found.ids})
    found = _found(session, call, filed, pool, asked)
    door.record(session, call, "conflicts.checked", actor=actor, role=role, now=now,
                data={"names": len(asked), "names_sha256": journal.sha256(text), "dossiers": len(filed.dossiers)})  # fmt: skip
    return [_answer(each, known[each.line], found) for each in asked]


def _applications(session: Session, call: Call, dossier: str) -> Sequence[Application]:
    rows = select(Application).where(Application.call_id == call.id, Application.status.not_in(facts.NOT_FILED))
    filed = session.execute(rows.order_by(Application.number)).scalars().all()
    chosen = [application for application in filed if dossier in ("", application.filed_number, application.label)]
    if not chosen:
        raise NotFound("conflict_check.no_dossier")
    return chosen


def _register(session: Session) -> tuple[Register, dict[str, int]]:
    """Everybody in the pool by what tells them apart, without their works."""
    rows = session.execute(
        select(ExpertRow.id, ExpertRow.source, ExpertRow.external_id, ExpertRow.mail, Person, Organisation.name, Account.mail)
        .join(Person, Person.id == ExpertRow.person_id)
        .outerjoin(Organisation, Organisation.id == ExpertRow.organisation_id)
        .outerjoin(Account, (Account.person_id == Person.id) & (Account.status == "active"))
        .where(ExpertRow.active)
        .order_by(ExpertRow.id)
    )
    people, ids = [], {}
    for own, source, external, mail, person, organisation, signs_in in rows:
        named = f"{source}:{external}"
        ids[named] = own
        told = records.identifiers(person.orcid, person.researcher_no, mail, signs_in or "")
        people.append(Known(named, tuple(filter(None, (person.name, person.name_en))), organisation or "", told))
    return Register(people, facts.aliases(session)), ids


def _found(
    session: Session, call: Call, filed: records.Filed, pool: records.Pool, asked: Sequence[names.Asked]
) -> Mapping[str, list[Conflict]]:
    """By expert or line. What people dismissed or waived about an expert of the pool does not come back, what they raised does."""
    lines = [Expert(f"line:{a.line}", a.organisation, names=(a.name,), identifiers=a.identifiers) for a in asked]
    others = facts.rivals(session, call.id, filed)
    case = Case(
        filed.dossiers,
        (*pool.experts, *lines),
        facts.known(session, pool, {**others.writers, **filed.writers}, call.id),
        today_kst(call.closes_at),
        facts.aliases(session),
        others.dossiers,
    )
    judged = ledger.judged(session, ledger.Scope(pool.row_ids, filed.row_ids, call.id))
    found: dict[str, list[Conflict]] = {}
    rules = facts.grounds_of(call_rules.from_json(call.rules))
    for conflict in (*(c for c in judge(case, rules) if judged.counts(c)), *judged.standing):
        found.setdefault(conflict.expert_id, []).append(conflict)
    return found


def _answer(asked: names.Asked, who: Found, found: Mapping[str, Sequence[Conflict]]) -> Answer:
    same = who.ids if who.state == "same" else ()
    conflicts = {(c.dossier_id, c.ground): c for own in (f"line:{asked.line}", *same) for c in found.get(own, ())}
    findings = tuple(_finding(conflict) for _place, conflict in sorted(conflicts.items()))
    if any(finding.bars for finding in findings):
        state = "barred"
    elif any(finding.question for finding in findings):
        state = "question"
    elif not same and not asked.organisation and not asked.identifiers:
        state = "not_computable"
    else:
        state = "shown" if findings else "clear"
    plain = tuple(own.split(":", 1)[1] for own in who.ids)
    return Answer(asked, plain[0] if same else "", plain if who.state == "open" else (), state, findings)


def _finding(conflict: Conflict) -> Finding:
    dossier = "" if conflict.dossier_id == EVERY else conflict.dossier_id
    question = not conflict.hard and conflict.nature != "shown"
    return Finding(dossier, conflict.ground, conflict.nature, conflict.hard, question, conflict.evidence)
